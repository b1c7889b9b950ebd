"""Accounts (who is billed and limited) and applications (an account's admission to an API, got by *Acquire*)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, select, update

from limner.db.schema import accounts, applications
from limner.errors import NotFound
from limner.ids import new_id, now

if TYPE_CHECKING:
    from limner.db import Row, Transaction

IMAGES = "images"
"""The one API there is to be admitted to."""


class OwnLimits(msgspec.Struct, frozen=True, kw_only=True):
    """An account's own limits: None for the server's, zero for none."""

    requests_per_minute: int | None = None
    images_per_minute: int | None = None
    concurrent_images: int | None = None


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One account; `balance` is micro-credits, times are microseconds, limits of None are those of the settings."""

    id: str
    name: str
    balance: int
    created_at: int
    disabled_at: int | None
    priority: int = 0
    requests_per_minute: int | None = None
    images_per_minute: int | None = None
    concurrent_images: int | None = None

    @property
    def limits(self) -> OwnLimits:
        """The limits that it has of its own."""
        return OwnLimits(**{name: getattr(self, name) for name in OwnLimits.__struct_fields__})


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """An account's admission to an API; times are microseconds."""

    id: str
    account_id: str
    api: str
    created_at: int
    disabled_at: int | None


_BY_ID = select(accounts).where(accounts.c.id == bindparam("which"))
_BY_NAME = select(accounts).where(accounts.c.name == bindparam("name"))
_ALL = select(accounts).order_by(accounts.c.name)
_DISABLE = update(accounts).where(accounts.c.name == bindparam("who")).values(disabled_at=bindparam("at"))
_PRIORITY = update(accounts).where(accounts.c.name == bindparam("who")).values(priority=bindparam("rank"))
_LIMIT = (
    update(accounts)
    .where(accounts.c.id == bindparam("which"))
    .values(
        requests_per_minute=bindparam("requests"),
        images_per_minute=bindparam("images"),
        concurrent_images=bindparam("at_once"),
        # what was spent of the old limits does not count against the new ones
        requests_tat=0,
        images_tat=0,
    )
)
_CALLBACKS = select(applications.c.callback_serial, applications.c.callback_overlap_until).where(
    applications.c.id == bindparam("which")
)
_ROTATE = (
    update(applications)
    .where(applications.c.id == bindparam("which"))
    .values(callback_serial=applications.c.callback_serial + 1, callback_overlap_until=bindparam("until"))
)
_APPLICATION = select(applications).where(
    applications.c.account_id == bindparam("account_id"), applications.c.api == bindparam("api")
)


def create(tx: Transaction, name: str) -> Account:
    """Make an account with an empty balance; the name must be free."""
    account = Account(id=new_id(), name=name, balance=0, created_at=now(), disabled_at=None, priority=0)
    values = msgspec.structs.asdict(account)
    tx.insert(accounts, **values, requests_tat=0, images_tat=0, running=0)
    return account


def find(tx: Transaction, account_id: str) -> Account:
    """Find an account by its id; raises `NotFound`."""
    row = tx.one(_BY_ID, which=account_id)
    if row is None:
        raise NotFound("There is no such account.")
    return _account(row)


def by_name(tx: Transaction, name: str) -> Account | None:
    """Find an account by its name."""
    row = tx.one(_BY_NAME, name=name)
    return _account(row) if row else None


def everyone(tx: Transaction) -> list[Account]:
    """List all accounts by name."""
    return [_account(row) for row in tx.all(_ALL)]


def disable(tx: Transaction, name: str, *, disabled: bool = True) -> bool:
    """Switch an account off, or on again; False when there is none of that name."""
    return tx.run(_DISABLE, who=name, at=now() if disabled else None) == 1


def prioritise(tx: Transaction, name: str, priority: int) -> bool:
    """Say whose tasks go first where tasks wait, -3 (last) to 3; False when there is no account of that name."""
    return tx.run(_PRIORITY, who=name, rank=priority) == 1


def limit(tx: Transaction, account_id: str, limits: OwnLimits) -> None:
    """Give an account limits of its own, or take them away."""
    tx.run(
        _LIMIT,
        which=account_id,
        requests=limits.requests_per_minute,
        images=limits.images_per_minute,
        at_once=limits.concurrent_images,
    )


def callback_key(tx: Transaction, application_id: str) -> tuple[int, int | None]:
    """Say how often an application's callback secret was rotated and until when the one before it signs too."""
    row = tx.one(_CALLBACKS, which=application_id)
    return (row["callback_serial"], row["callback_overlap_until"]) if row else (0, None)


def rotate_callback_key(tx: Transaction, application_id: str, overlap: int) -> tuple[int, int | None]:
    """Go on to the next callback secret; the old one signs too for `overlap` microseconds more."""
    tx.run(_ROTATE, which=application_id, until=now() + overlap)
    return callback_key(tx, application_id)


def application(tx: Transaction, account_id: str, api: str = IMAGES) -> Application | None:
    """Find the account's application for an API."""
    row = tx.one(_APPLICATION, account_id=account_id, api=api)
    return Application(**{field: row[field] for field in Application.__struct_fields__}) if row else None


def admit(tx: Transaction, account_id: str, api: str = IMAGES) -> tuple[str, bool]:
    """Give the account's application for an API, made if missing, and whether it was made just now."""
    found = application(tx, account_id, api)
    if found:
        return found.id, False
    application_id = new_id()
    tx.insert(applications, id=application_id, account_id=account_id, api=api, created_at=now(), disabled_at=None)
    return application_id, True


def _account(row: Row) -> Account:
    return Account(**{field: row[field] for field in Account.__struct_fields__})
