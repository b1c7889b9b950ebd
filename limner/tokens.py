"""Account tokens: with them programs manage an account, its applications and credentials; they make no pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, select, update

from limner.db.schema import account_tokens, accounts
from limner.errors import Disabled, InvalidToken, TokenExpired
from limner.ids import SECOND, new_id, now
from limner.keys import ACCOUNT_TOKEN, digest, mint, parse

if TYPE_CHECKING:
    from limner.db import Row, Transaction

PREFIX = ACCOUNT_TOKEN.prefix
TOUCH_EVERY = 60 * SECOND
"""How exactly it is noted when a token was last used, microseconds."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """One account token as people see it in a list: never the key, only its last four characters as `hint`."""

    id: str
    account_id: str
    name: str
    hint: str
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    last_used_at: int | None

    def state(self, at: int) -> str:
        """Say in a word whether it works at that time."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= at else "active"

    def is_stale(self, at: int) -> bool:
        """Whether its use at that time is to be written down."""
        return self.last_used_at is None or at - self.last_used_at >= TOUCH_EVERY


_VERIFY = (
    select(account_tokens, accounts.c.disabled_at.label("account_disabled_at"))
    .join(accounts, accounts.c.id == account_tokens.c.account_id)
    .where(account_tokens.c.hash == bindparam("hash"))
)
_OF_ACCOUNT = (
    select(account_tokens).where(account_tokens.c.account_id == bindparam("account_id")).order_by(account_tokens.c.id)
)
_REVOKE = (
    update(account_tokens)
    .where(
        account_tokens.c.id == bindparam("which"),
        account_tokens.c.account_id == bindparam("owner"),
        account_tokens.c.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("at"))
)
_TOUCH = update(account_tokens).where(account_tokens.c.id == bindparam("which")).values(last_used_at=bindparam("at"))


def create(tx: Transaction, account_id: str, name: str, *, expires_at: int | None = None) -> tuple[str, str]:
    """Make a token of an account; give its id and the key, which cannot be had again."""
    key, token_id = mint(ACCOUNT_TOKEN), new_id()
    tx.insert(
        account_tokens,
        id=token_id,
        account_id=account_id,
        name=name,
        hash=digest(key),
        hint=key[-4:],
        created_at=now(),
        expires_at=expires_at,
        revoked_at=None,
        last_used_at=None,
    )
    return token_id, key


def verify(tx: Transaction, key: str) -> Token:
    """Turn a presented key into its token, whose `account_id` says what it manages.

    Raises `InvalidToken`, `TokenExpired`, `Disabled`, or `TokenMismatched` for a credential.
    """
    row = tx.one(_VERIFY, hash=parse(key, ACCOUNT_TOKEN))
    if row is None:
        raise InvalidToken("The specified token is invalid or wrong: this server does not know it.")
    if row["revoked_at"] is not None:
        raise InvalidToken("The specified token is invalid or wrong: it was revoked.")
    if row["expires_at"] is not None and row["expires_at"] <= now():
        raise TokenExpired("The account token has expired. Create another in the console.")
    if row["account_disabled_at"] is not None:
        raise Disabled("The account of this token is switched off.")
    return _token(row)


def touch(tx: Transaction, token_id: str) -> None:
    """Note that a token was just used."""
    tx.run(_TOUCH, which=token_id, at=now())


def of_account(tx: Transaction, account_id: str) -> list[Token]:
    """List an account's tokens, oldest first, those that have ended too."""
    return [_token(row) for row in tx.all(_OF_ACCOUNT, account_id=account_id)]


def revoke(tx: Transaction, account_id: str, token_id: str) -> bool:
    """End one of an account's tokens at once; False when there is none such that works."""
    return tx.run(_REVOKE, which=token_id, owner=account_id, at=now()) == 1


def _token(row: Row) -> Token:
    return Token(**{field: row[field] for field in Token.__struct_fields__})
