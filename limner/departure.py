"""Departure: a user leaves, and what they wrote and made goes with them. Joins every noun that knows of people.

What has to stay stays without words: the ledger with its sums, and tasks as rows that cost something. Everything that
is erased stands here on one screen, whichever noun's table it is in, so that one can see that nothing is forgotten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import ColumnElement, Executable, Table, bindparam, case, delete, or_, select, update

from limner import audit, sessions, users
from limner.catalog import Request
from limner.db.schema import (
    account_tokens,
    accounts,
    assets,
    attempts,
    credentials,
    deliveries,
    events,
    inboxes,
    messages,
    one_time_tokens,
    tasks,
)
from limner.errors import ApiError, Conflict
from limner.ids import now

if TYPE_CHECKING:
    from limner.db import Transaction
    from limner.users import User

ERASED = "erased"
BLANK = Request(
    model=ERASED,
    prompt="",
    n=1,
    size="0x0",
    quality=ERASED,
    style="vivid",
    response_format="url",
    output_format="png",
    output_compression=100,
    background="opaque",
    seed=0,
)
"""What is left of a request: something that can still be read as one."""

_BLANK = msgspec.json.encode(BLANK).decode()
_ERROR = msgspec.json.encode({"code": ApiError.code, "message": "Erased with its account.", "status": 500}).decode()


def _of_account(table: Table) -> ColumnElement[bool]:
    return table.c.account_id == bindparam("owner")


def _sooner(table: Table, column: str) -> ColumnElement[int]:
    """Now, or what the column says if that is earlier."""
    return case((table.c[column] < bindparam("at"), table.c[column]), else_=bindparam("at"))


_INBOXES = select(inboxes.c.id).where(_of_account(inboxes))
_TASKS = select(tasks.c.id).where(_of_account(tasks))
_DELIVERIES = select(deliveries.c.id).where(_of_account(deliveries))
_ACCOUNT: tuple[Executable, ...] = (
    # first: whoever would begin a task meanwhile waits for this row, and then finds the account switched off
    update(accounts).where(accounts.c.id == bindparam("owner")).values(disabled_at=bindparam("at")),
    delete(messages).where(messages.c.inbox_id.in_(_INBOXES)),
    delete(inboxes).where(_of_account(inboxes)),
    delete(account_tokens).where(_of_account(account_tokens)),
    update(credentials)
    .where(_of_account(credentials))
    .values(name=ERASED, revoked_at=_sooner(credentials, "revoked_at")),
    # the next sweep deletes the bytes
    update(assets)
    .where(_of_account(assets))
    .values(revised_prompt=None, scene=None, plan=None, expires_at=_sooner(assets, "expires_at")),
    update(tasks)
    .where(_of_account(tasks))
    .values(
        request=_BLANK,
        trace_id=tasks.c.id,
        idempotency_key=None,
        fingerprint=None,
        error=case((tasks.c.error.is_not(None), _ERROR)),
    ),
    update(events).where(events.c.task_id.in_(_TASKS)).values(detail=None),
    update(attempts).where(attempts.c.delivery_id.in_(_DELIVERIES)).values(response=None, problem=None),
    update(deliveries)
    .where(_of_account(deliveries))
    .values(
        url="about:blank",
        origin="about:blank",
        status=case((deliveries.c.status == "pending", "stopped"), else_=deliveries.c.status),
        next_at=None,
        node=None,
        finished_at=case((deliveries.c.status == "pending", bindparam("at")), else_=deliveries.c.finished_at),
    ),
)
_RENAMED = update(accounts).where(accounts.c.id == bindparam("owner")).values(name=bindparam("alias"))
_TOKENS = delete(one_time_tokens).where(
    or_(one_time_tokens.c.user_id == bindparam("which"), one_time_tokens.c.email == bindparam("address"))
)
_MADE = update(one_time_tokens).where(one_time_tokens.c.made_by == bindparam("address")).values(made_by=ERASED)
_UNFINISHED = (
    select(tasks.c.id)
    .where(_of_account(tasks), tasks.c.status.in_(["queued", "in_progress"]))
    .order_by(tasks.c.id)
    .limit(500)
)


def prepare(tx: Transaction, user_id: str) -> list[str]:
    """Give the ids of tasks to be cancelled before a user can `leave`, some of them: ask again until there are none.

    Raises `Conflict` for an admin without whom the other users would have none.
    """
    user = users.find(tx, user_id)
    _refuse_last_admin(tx, user)
    return _unfinished(tx, user.account_id) if _is_alone(tx, user) else []


def _refuse_last_admin(tx: Transaction, user: User) -> None:
    users.lock_admins(tx)  # of two who leave at the same time, one stays
    if user.role == "admin" and users.admins_left(tx) == 1 and users.count(tx) > 1:
        raise Conflict("You are the only admin here and there are other users: make one of them an admin first.")


def _is_alone(tx: Transaction, user: User) -> bool:
    """Whether the account goes with its user."""
    return [other.id for other in users.of_account(tx, user.account_id)] == [user.id]


def _unfinished(tx: Transaction, account_id: str) -> list[str]:
    return [row["id"] for row in tx.all(_UNFINISHED, owner=account_id)]


def leave(tx: Transaction, user_id: str) -> str:
    """Remove a user, and erase their account unless others use it too; give the name they are remembered by.

    Raises `NotFound`, or `Conflict` for the last admin and while tasks are in the making (see `prepare`).
    """
    user = users.find(tx, user_id)
    _refuse_last_admin(tx, user)
    alias = f"deleted-{user.id}"
    if _is_alone(tx, user):
        _erase_account(tx, user.account_id)
    tx.run(_RENAMED, owner=user.account_id, alias=alias)
    sessions.end_others(tx, user.id)
    tx.run(_TOKENS, which=user.id, address=user.email)
    tx.run(_MADE, address=user.email)
    users.remove(tx, user.id)
    audit.rename(tx, user.email, alias)
    if user.role == "admin":
        audit.record(tx, alias, "leave", alias)
    return alias


def _erase_account(tx: Transaction, account_id: str) -> None:
    at = now()
    for statement in _ACCOUNT:
        tx.run(statement, owner=account_id, at=at)
    if _unfinished(tx, account_id):
        raise Conflict("Some of your tasks are still in the making: wait for them or cancel them first.")
