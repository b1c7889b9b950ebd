"""API keys: minted once, stored hashed, verified to a `Caller`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import msgspec
from sqlalchemy import bindparam, or_, select, update

from limner.db.schema import accounts, applications, credentials
from limner.errors import Disabled, InvalidToken, NotFound, TokenExpired
from limner.ids import SECOND, new_id, now
from limner.keys import CREDENTIAL, digest, mint, parse
from limner.rates import Rate, spend

if TYPE_CHECKING:
    from collections.abc import Mapping

    from limner.db import Database, Row, Transaction

PREFIX = CREDENTIAL.prefix
DAY = 86_400 * SECOND
Scope = Literal["images.generate", "tasks.read", "callbacks.manage"]
SCOPES: tuple[str, ...] = get_args(Scope)


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who stands behind a request: account, application and credential, and what the credential may do."""

    account_id: str
    application_id: str
    credential_id: str
    scopes: frozenset[str]


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """One credential as people see it in a list: never the key, only its last four characters as `hint`."""

    id: str
    account_id: str
    account: str
    application_id: str
    name: str
    hint: str
    scopes: str
    images_per_minute: int | None
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    rotated_from: str | None
    last_used_at: int | None

    def state(self, at: int) -> str:
        """Say in a word whether it works at that time."""
        if self.revoked_at is not None and self.revoked_at <= at:
            return "revoked"
        if self.expires_at is not None and self.expires_at <= at:
            return "expired"
        return "active" if self.revoked_at is None else "until rotated out"


_WHOSE = (
    select(
        credentials,
        accounts.c.disabled_at.label("account_disabled_at"),
        applications.c.disabled_at.label("application_disabled_at"),
    )
    .join(accounts, accounts.c.id == credentials.c.account_id)
    .join(applications, applications.c.id == credentials.c.application_id)
)
_VERIFY = _WHOSE.where(credentials.c.hash == bindparam("hash"))
_OF_ACCOUNT = _WHOSE.where(credentials.c.id == bindparam("which"), credentials.c.account_id == bindparam("account_id"))
_LISTED = select(credentials, accounts.c.name.label("account")).join(
    accounts, accounts.c.id == credentials.c.account_id
)
_LIST = _LISTED.order_by(accounts.c.name, credentials.c.created_at)
_LIST_OF_ACCOUNT = _LISTED.where(credentials.c.account_id == bindparam("account_id")).order_by(credentials.c.id)
# locked, so that a rotation and a revocation at the same time do not undo each other
_FIND = (
    select(credentials)
    .where(or_(credentials.c.id == bindparam("which"), credentials.c.hash == bindparam("hash")))
    .with_for_update()
)
_WHICH = _LISTED.where(or_(credentials.c.id == bindparam("which"), credentials.c.hash == bindparam("hash")))
_ACCOUNT = "account_"
_CONFIRM = (
    select(
        credentials.c.revoked_at,
        credentials.c.expires_at,
        credentials.c.images_per_minute,
        credentials.c.images_tat,
        *(column.label(_ACCOUNT + column.name) for column in accounts.c),
    )
    .join(accounts, accounts.c.id == credentials.c.account_id)
    .where(credentials.c.id == bindparam("which"))
    .with_for_update()
)
_SPENT = update(credentials).where(credentials.c.id == bindparam("which")).values(images_tat=bindparam("arrival"))
_NAME = select(credentials.c.name).where(
    credentials.c.id == bindparam("which"), credentials.c.account_id == bindparam("account_id")
)
_REVOKE = update(credentials).where(credentials.c.id == bindparam("which")).values(revoked_at=bindparam("at"))
_RENAME = update(credentials).where(credentials.c.id == bindparam("which")).values(name=bindparam("given"))
_USED = (
    update(credentials)
    .where(
        credentials.c.id == bindparam("which"),
        or_(credentials.c.last_used_at.is_(None), credentials.c.last_used_at < bindparam("at")),
    )
    .values(last_used_at=bindparam("at"))
)


def create(
    tx: Transaction,
    *,
    account_id: str,
    application_id: str,
    name: str,
    scopes: tuple[str, ...] = SCOPES,
    images_per_minute: int | None = None,
    expires_at: int | None = None,
    rotated_from: str | None = None,
) -> tuple[str, str]:
    """Make a credential; give its id and the key, which cannot be had again."""
    key, credential_id = mint(CREDENTIAL), new_id()
    tx.insert(
        credentials,
        id=credential_id,
        application_id=application_id,
        account_id=account_id,
        name=name,
        hash=digest(key),
        hint=key[-4:],
        scopes=" ".join(scopes),
        images_per_minute=images_per_minute,
        images_tat=0,
        created_at=now(),
        expires_at=expires_at,
        revoked_at=None,
        rotated_from=rotated_from,
    )
    return credential_id, key


def verify(tx: Transaction, key_hash: str) -> Caller:
    """Turn the hash of a presented key into its caller.

    The lookup is by a unique index over hashes, so its timing tells nothing of the key. Raises `InvalidToken`,
    `TokenExpired` or `Disabled`.
    """
    row = tx.one(_VERIFY, hash=key_hash)
    if row is None:
        raise InvalidToken("The specified token is invalid or wrong: this server does not know it.")
    return _caller(row)


def caller_of(tx: Transaction, credential_id: str, account_id: str) -> Caller:
    """Give the caller that one of an account's credentials stands for; raises `NotFound`, or as `verify` does."""
    row = tx.one(_OF_ACCOUNT, which=credential_id, account_id=account_id)
    if row is None:
        raise NotFound("There is no such credential in your account: choose another.", param="x-limner-credential")
    return _caller(row)


def _caller(row: Row) -> Caller:
    _refuse_ended(row, now())
    if row["application_disabled_at"] is not None:
        raise Disabled("The application of this credential is switched off.")
    if row["account_disabled_at"] is not None:
        raise Disabled("The account of this credential is switched off.")
    return Caller(
        account_id=row["account_id"],
        application_id=row["application_id"],
        credential_id=row["id"],
        scopes=frozenset(row["scopes"].split()),
    )


def confirm(tx: Transaction, credential_id: str, images: int) -> tuple[Rate | None, Row]:
    """Look once more, in the task's own transaction, that a credential still works and its own rate limit has room.

    A `Caller` may come from a cache; what costs money may not. Gives what is to be `spent` once nothing else refuses,
    None for a credential without a limit, and its account's row, locked with its own. Raises `InvalidToken`,
    `TokenExpired`, `TooManyRequests`, or `BadRequest`
    naming `n` where the credential's limit could never admit so many.
    """
    row = tx.one(_CONFIRM, which=credential_id)
    if row is None:
        raise InvalidToken
    at = now()
    _refuse_ended(row, at)
    account = {name.removeprefix(_ACCOUNT): value for name, value in row.items() if name.startswith(_ACCOUNT)}
    if not row["images_per_minute"]:
        return None, account
    return spend(row["images_per_minute"], row["images_tat"], images, at, "images", param="n"), account


def spent(tx: Transaction, credential_id: str, rate: Rate | None) -> None:
    """Take from a credential's own rate limit what `confirm` found room for."""
    if rate is not None:
        tx.run(_SPENT, which=credential_id, arrival=rate.arrival)


def _refuse_ended(row: Row, at: int) -> None:
    """Raise `InvalidToken` or `TokenExpired` if the credential in this row had come to its end by that time."""
    if row["revoked_at"] is not None and row["revoked_at"] <= at:
        raise InvalidToken("The specified token is invalid or wrong: it was revoked.")
    if row["expires_at"] is not None and row["expires_at"] <= at:
        raise TokenExpired


def everything(tx: Transaction) -> list[Credential]:
    """List all credentials by account and age."""
    return [_credential(row) for row in tx.all(_LIST)]


def whose(tx: Transaction, which: str) -> Credential | None:
    """Find a credential of any account by its id or the key itself."""
    row = tx.one(_WHICH, which=which, hash=digest(which))
    return _credential(row) if row else None


def of_account(tx: Transaction, account_id: str) -> list[Credential]:
    """List an account's credentials, oldest first, those that have ended too."""
    return [_credential(row) for row in tx.all(_LIST_OF_ACCOUNT, account_id=account_id)]


def _credential(row: Row) -> Credential:
    return Credential(**{field: row[field] for field in Credential.__struct_fields__})


def name_of(tx: Transaction, account_id: str, which: str) -> str | None:
    """Give the name of one of the account's credentials."""
    row = tx.one(_NAME, which=which, account_id=account_id)
    return str(row["name"]) if row else None


def revoke(tx: Transaction, which: str, *, at: int | None = None, account_id: str | None = None) -> bool:
    """End a credential, given by its id or the key itself, now or at a time to come; False when there is none.

    With `account_id` only that account's credentials are found. What ends earlier already stays as it is.
    """
    row = _find(tx, which, account_id)
    if row is None:
        return False
    _end(tx, row, now() if at is None else at)
    return True


def rotate(tx: Transaction, which: str, *, overlap: int, account_id: str | None = None) -> tuple[str, str] | None:
    """Make a successor with the same rights and let the old one work for `overlap` microseconds more.

    Gives the successor's id and key, or None when there is no such credential, or none such of `account_id` where that
    is given; raises `InvalidToken` or `TokenExpired` for one that has ended.
    """
    row = _find(tx, which, account_id)
    if row is None:
        return None
    _refuse_ended(row, now())
    _end(tx, row, now() + overlap)
    return create(
        tx,
        account_id=row["account_id"],
        application_id=row["application_id"],
        name=row["name"],
        scopes=tuple(row["scopes"].split()),
        images_per_minute=row["images_per_minute"],
        expires_at=row["expires_at"],
        rotated_from=row["id"],
    )


def rename(tx: Transaction, credential_id: str, name: str) -> None:
    """Change what a credential is called."""
    tx.run(_RENAME, which=credential_id, given=name)


def _find(tx: Transaction, which: str, account_id: str | None) -> Row | None:
    """Find a credential by its id or its key, and lock it; another account's than the one given is not there."""
    row = tx.one(_FIND, which=which, hash=digest(which))
    return row if row is not None and account_id in {None, row["account_id"]} else None


def _end(tx: Transaction, row: Row, at: int) -> None:
    """Let a credential work until a time, never longer than was said before."""
    if row["revoked_at"] is None or row["revoked_at"] > at:
        tx.run(_REVOKE, which=row["id"], at=at)


def note_used(tx: Transaction, used: Mapping[str, int]) -> None:
    """Write down when credentials were last used; what is known to be later stays."""
    # in one order at every node, so that no two wait for each other
    for credential_id in sorted(used):
        tx.run(_USED, which=credential_id, at=used[credential_id])


class Verifier:
    """Verifies presented keys, and remembers for a second whom they belong to.

    So a revocation is felt within a second where nothing is spent, and at once where something is (see `confirm`).
    It also remembers when each credential was last used, until upkeep has it written down.
    """

    LIFE = SECOND
    MOST = 10_000

    def __init__(self, database: Database) -> None:
        """Remember nothing yet."""
        self._database = database
        self._known: dict[str, tuple[int, Caller]] = {}
        self._used: dict[str, int] = {}

    async def verify(self, key: str) -> Caller:
        """Turn a key into its caller; raises `InvalidToken`, `TokenMismatched`, `TokenExpired` or `Disabled`."""
        key_hash, at = digest(key), now()
        until, caller = self._known.get(key_hash, (0, None))
        if caller is not None and until > at:
            self._used[caller.credential_id] = at
            return caller
        caller = await self._database.read(verify, parse(key, CREDENTIAL))
        if len(self._known) >= self.MOST:
            self._known.clear()
        self._known[key_hash] = (at + self.LIFE, caller)
        self._used[caller.credential_id] = at
        return caller

    def used(self, credential_id: str) -> None:
        """Remember that a credential was used just now, by other means than its key."""
        self._used[credential_id] = now()

    async def write_down(self) -> None:
        """Write down when credentials were last used; what cannot be written is kept for the next time."""
        used, self._used = self._used, {}
        if not used:
            return
        try:
            await self._database.write(note_used, used)
        except BaseException:
            self._used = used | self._used
            raise
