"""Balance, ledger and limits: what an account may still do, decided and written in the transaction of the task itself.

Money is integers (micro-credits). The ledger is append-only: `grant` (+), `hold` (-), `settle` (what the hold kept too
much, +), `release` (the whole hold, +). The balance is its sum, kept beside it on the account's row; `audit` proves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, func, select, update

from limner.db.schema import accounts, ledger
from limner.errors import BadRequest, Disabled, TooManyRequests, UsedUp
from limner.ids import new_id, now
from limner.rates import Rate, rate_headers, spend

if TYPE_CHECKING:
    from limner.db import Row, Transaction

CREDIT = 1_000_000
"""Micro-credits in one credit."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What an account may do, zero meaning no limit: requests and pictures a minute, pictures in the making at once."""

    requests_per_minute: int = 0
    images_per_minute: int = 0
    concurrent_images: int = 0


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the ledger; `balance` is the account's after it."""

    id: str
    task_id: str | None
    kind: str
    amount: int
    balance: int
    at: int


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A hold that was granted: the balance after it, where the limits stand, and the account's priority."""

    balance: int
    priority: int
    requests: Rate
    images: Rate

    def headers(self) -> dict[str, str]:
        """Give the `x-ratelimit-*` headers."""
        return rate_headers("requests", self.requests) | rate_headers("images", self.images)


_ACCOUNT = select(accounts).where(accounts.c.id == bindparam("account_id")).with_for_update()
_TAKE = (
    update(accounts)
    .where(accounts.c.id == bindparam("account_id"))
    .values(
        balance=bindparam("left"),
        requests_tat=bindparam("requests"),
        images_tat=bindparam("images"),
        running=bindparam("busy"),
    )
)
_GIVE = (
    update(accounts)
    .where(accounts.c.id == bindparam("account_id"))
    .values(balance=accounts.c.balance + bindparam("amount"), running=accounts.c.running - bindparam("images"))
    .returning(accounts.c.balance)
)
_BALANCE = select(accounts.c.balance).where(accounts.c.id == bindparam("account_id"))
_USED = select(func.coalesce(-func.sum(ledger.c.amount), 0).label("used")).where(
    ledger.c.account_id == bindparam("account_id"), ledger.c.kind != "grant"
)
_TOTAL = select(func.coalesce(func.sum(accounts.c.balance), 0).label("total"))
_ENTRIES = select(ledger).where(ledger.c.account_id == bindparam("account_id")).order_by(ledger.c.id)
_BETWEEN = (
    select(ledger)
    .where(
        ledger.c.account_id == bindparam("account_id"),
        ledger.c.id > bindparam("after"),
        ledger.c.at >= bindparam("start"),
        ledger.c.at < bindparam("end"),
    )
    .order_by(ledger.c.id)
    .limit(bindparam("most"))
)
_AUDIT = (
    select(accounts.c.name, accounts.c.balance, func.coalesce(func.sum(ledger.c.amount), 0).label("booked"))
    .outerjoin(ledger, ledger.c.account_id == accounts.c.id)
    .group_by(accounts.c.id, accounts.c.name, accounts.c.balance)
    .having(accounts.c.balance != func.coalesce(func.sum(ledger.c.amount), 0))
)


def balance(tx: Transaction, account_id: str) -> int:
    """Read an account's balance in micro-credits."""
    row = tx.one(_BALANCE, account_id=account_id)
    return row["balance"] if row else 0


def total(tx: Transaction) -> int:
    """Add up the balances of all accounts, in micro-credits."""
    row = tx.one(_TOTAL)
    return int(row["total"]) if row else 0


def used(tx: Transaction, account_id: str) -> int:
    """Add up what an account's tasks have cost, with what is held for those on their way, in micro-credits."""
    row = tx.one(_USED, account_id=account_id)
    return int(row["used"]) if row else 0


def entries(tx: Transaction, account_id: str) -> list[Row]:
    """List an account's movements, oldest first."""
    return tx.all(_ENTRIES, account_id=account_id)


def movements(
    tx: Transaction, account_id: str, *, limit: int, after: str | None = None, before: str | None = None
) -> list[Movement]:
    """List an account's movements, newest first: behind the movement `after`, or those next in front of `before`."""
    rows = select(ledger).where(ledger.c.account_id == account_id).limit(limit)
    if before is not None:
        newer = tx.all(rows.where(ledger.c.id > before).order_by(ledger.c.id))
        return [_movement(row) for row in reversed(newer)]
    if after is not None:
        rows = rows.where(ledger.c.id < after)
    return [_movement(row) for row in tx.all(rows.order_by(ledger.c.id.desc()))]


def between(tx: Transaction, account_id: str, start: int, end: int, *, limit: int, after: str = "") -> list[Movement]:
    """List an account's movements from `start` on and before `end`, oldest first, from behind the movement `after`."""
    found = tx.all(_BETWEEN, account_id=account_id, start=start, end=end, after=after, most=limit)
    return [_movement(row) for row in found]


def _movement(row: Row) -> Movement:
    return Movement(**{field: row[field] for field in Movement.__struct_fields__})


def grant(tx: Transaction, account_id: str, amount: int) -> int:
    """Give an account micro-credits; the balance after it."""
    return _book(tx, account_id, "grant", amount, images=0, task_id=None)


def lock(tx: Transaction, account_id: str) -> Row:
    """Read an account's row for a `hold`, so that nobody changes it meanwhile; raises `Disabled` when there is none."""
    row = tx.one(_ACCOUNT, account_id=account_id)
    if row is None:
        raise Disabled("There is no such account.")
    return row


def hold(tx: Transaction, row: Row, task_id: str, *, cost: int, images: int, limits: Limits) -> Hold:
    """Take the price of a task and its place in the limits, or refuse and take nothing; `row` is the account's, locked.

    Raises `Disabled`, `TooManyRequests`, `UsedUp`, or `BadRequest` for what the limits could never admit.
    """
    if row["disabled_at"] is not None:
        raise Disabled("The account of this credential is switched off.")
    account_id, at = row["id"], now()
    limits = _own(row, limits)
    granted = Hold(
        balance=row["balance"] - cost,
        priority=row["priority"],
        requests=spend(limits.requests_per_minute, row["requests_tat"], 1, at, "requests"),
        images=spend(limits.images_per_minute, row["images_tat"], images, at, "images", param="n"),
    )
    _refuse_crowding(row["running"], images, limits.concurrent_images)
    if granted.balance < 0 < cost:
        raise UsedUp(_shortage(cost, row["balance"]))
    tx.run(
        _TAKE,
        account_id=account_id,
        left=granted.balance,
        requests=granted.requests.arrival,
        images=granted.images.arrival,
        busy=row["running"] + images,
    )
    if cost:
        _enter(tx, account_id, "hold", -cost, after=granted.balance, task_id=task_id, at=at)
    return granted


def _own(row: Row, limits: Limits) -> Limits:
    """Put an account's own limits, where it has any, over those of all."""
    given = {name: row[name] for name in Limits.__struct_fields__ if row[name] is not None}
    return msgspec.structs.replace(limits, **given) if given else limits


def settle(tx: Transaction, account_id: str, task_id: str, *, held: int, cost: int, images: int) -> int:
    """Close a hold: keep `cost` of what was held and give the rest back; the balance after it."""
    return _book(tx, account_id, "settle", held - cost, images=images, task_id=task_id, silent=held == 0)


def release(tx: Transaction, account_id: str, task_id: str, *, held: int, images: int) -> int:
    """Undo a hold: give back all of it; the balance after it."""
    return _book(tx, account_id, "release", held, images=images, task_id=task_id, silent=held == 0)


def audit(tx: Transaction) -> list[Row]:
    """Find accounts whose balance is not the sum of their ledger: `name`, `balance`, `booked`. Empty if all is well."""
    return tx.all(_AUDIT)


def _book(
    tx: Transaction, account_id: str, kind: str, amount: int, *, images: int, task_id: str | None, silent: bool = False
) -> int:
    """Move the balance and write it down; `silent` is for tasks that cost nothing, whose ledger would be noise."""
    row = tx.one(_GIVE, account_id=account_id, amount=amount, images=images)
    if row is None:
        raise Disabled("There is no such account.")
    if not silent:
        _enter(tx, account_id, kind, amount, after=row["balance"], task_id=task_id, at=now())
    return int(row["balance"])


def _enter(
    tx: Transaction, account_id: str, kind: str, amount: int, *, after: int, task_id: str | None, at: int
) -> None:
    tx.insert(
        ledger, id=new_id(), account_id=account_id, task_id=task_id, kind=kind, amount=amount, balance=after, at=at
    )


def _refuse_crowding(running: int, images: int, limit: int) -> None:
    if limit == 0 or running + images <= limit:
        return
    if images > limit:
        raise BadRequest(f"At most {limit} images may be in the making at once here.", param="n")
    raise TooManyRequests(
        f"{running} images are in the making and at most {limit} may be. Try again when one is done.",
        headers={"retry-after": "1"},
    )


def _shortage(cost: int, left: int) -> str:
    return (
        f"The balance does not cover this call: it costs {cost} micro-credits and {left} are left. Nothing was charged."
    )
