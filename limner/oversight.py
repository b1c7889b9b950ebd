"""What an admin looks at: questions over all accounts, answered from the tables and changing nothing.

Lists go by identifiers, newest first, a page at a time. Identifiers tell when their row was made (`ids.earliest_id`),
so a range of time needs no index of its own.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import and_, bindparam, case, func, literal_column, or_, select

from limner.db.schema import accounts, attempts, credentials, deliveries, ledger, tasks, users
from limner.errors import NotFound
from limner.ids import earliest_id

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from limner.db import Row, Transaction

COUNTED = 50_000
"""How many of the newest tasks the figures of models are made from, at most."""

TIMED = 2_000
"""And their median times."""


class Figures(msgspec.Struct, kw_only=True):
    """What was done with a model or by an account in a time: pictures, micro-credits, and the usual time, seconds."""

    pictures: int = 0
    cost: int = 0
    seconds: float | None = None


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks are looked for; what is None does not matter. Times are microseconds."""

    status: str | None = None
    model: str | None = None
    account: str | None = None
    created_from: int | None = None
    created_before: int | None = None
    after: str | None = None


_PEOPLE = select(
    accounts.c.id.label("account_id"),
    accounts.c.name.label("account"),
    accounts.c.balance,
    accounts.c.created_at,
    accounts.c.disabled_at.label("account_disabled_at"),
    users.c.id.label("user_id"),
    users.c.email,
    users.c.name,
    users.c.role,
    users.c.disabled_at,
    users.c.signed_in_at,
).select_from(accounts.outerjoin(users, users.c.account_id == accounts.c.id))
_COMPLETED = tasks.c.status == literal_column("'completed'")
_MADE = case((_COMPLETED, tasks.c.images), else_=0)
_BY_ACCOUNT = (
    select(tasks.c.account_id, func.sum(_MADE).label("pictures"), func.sum(tasks.c.cost).label("cost"))
    .where(tasks.c.account_id.in_(bindparam("ids", expanding=True)), tasks.c.created_at >= bindparam("since"))
    .group_by(tasks.c.account_id)
)
_SPENT = select(func.sum(ledger.c.amount).label("amount")).where(
    ledger.c.account_id == bindparam("account_id"), ledger.c.kind != literal_column("'grant'")
)
_MOVEMENTS = (
    select(ledger)
    .where(ledger.c.account_id == bindparam("account_id"))
    .order_by(ledger.c.id.desc())
    .limit(bindparam("most"))
)
_CREDENTIALS = (
    select(credentials, accounts.c.name.label("account"))
    .join(accounts, accounts.c.id == credentials.c.account_id)
    .where(credentials.c.account_id == bindparam("account_id"))
    .order_by(credentials.c.id.desc())
)
_TASKS = select(tasks, accounts.c.name.label("account")).join(accounts, accounts.c.id == tasks.c.account_id)
_TASK = _TASKS.where(tasks.c.id == bindparam("which"))
_OF_ACCOUNT = (
    _TASKS.where(tasks.c.account_id == bindparam("account_id")).order_by(tasks.c.id.desc()).limit(bindparam("most"))
)
_NEWEST = (
    select(tasks.c.model, tasks.c.cost, _MADE.label("made"))
    .where(tasks.c.id >= bindparam("since"))
    .order_by(tasks.c.id.desc())
    .limit(bindparam("most"))
    .subquery()
)
_BY_MODEL = select(
    _NEWEST.c.model,
    func.sum(_NEWEST.c.made).label("pictures"),
    func.sum(_NEWEST.c.cost).label("cost"),
).group_by(_NEWEST.c.model)
_TIMES = (
    select(tasks.c.model, (tasks.c.finished_at - tasks.c.started_at).label("took"))
    .where(tasks.c.id >= bindparam("since"), _COMPLETED)
    .order_by(tasks.c.id.desc())
    .limit(bindparam("most"))
)
_LINES = (
    select(
        tasks.c.engine,
        tasks.c.model,
        func.count().label("waiting"),
        func.min(tasks.c.created_at).label("oldest"),
    )
    .where(tasks.c.status == literal_column("'queued'"))
    .group_by(tasks.c.engine, tasks.c.model)
    .order_by(tasks.c.engine, tasks.c.model)
)
_IN_HAND = (
    select(tasks.c.node, func.count().label("tasks"))
    .where(tasks.c.status == literal_column("'in_progress'"))
    .group_by(tasks.c.node)
)
_TROUBLED = (
    select(deliveries, accounts.c.name.label("account"))
    .join(accounts, accounts.c.id == deliveries.c.account_id)
    .where(
        or_(
            deliveries.c.status.in_([literal_column("'failed'"), literal_column("'stopped'")]),
            and_(deliveries.c.status == literal_column("'pending'"), deliveries.c.attempts > 0),
        )
    )
)
_LAST_TRIES = (
    select(attempts)
    .where(attempts.c.delivery_id.in_(bindparam("ids", expanding=True)))
    .order_by(attempts.c.delivery_id, attempts.c.number)
)
_WHOSE_KEY = select(credentials.c.account_id).where(credentials.c.id == bindparam("which"))
_WHOSE = select(deliveries.c.account_id).where(deliveries.c.id == bindparam("which"))


def people(tx: Transaction, search: str, *, most: int, after: tuple[str, str] | None = None) -> list[Row]:
    """List accounts with their users, newest account first; one without users (made by the command line) is a row too.

    `search` is to be found in a name or an address; `after` is the account and the user to go on behind.
    """
    statement = _PEOPLE.order_by(accounts.c.id.desc(), users.c.id).limit(most)
    if search:
        places = (accounts.c.name, users.c.email, users.c.name)
        statement = statement.where(or_(*(_holds(place, search) for place in places)))
    if after is not None:
        account, user = after
        same = and_(accounts.c.id == account, users.c.id > user)
        statement = statement.where(or_(accounts.c.id < account, same))
    return tx.all(statement)


def _holds(column: ColumnElement[Any], search: str) -> ColumnElement[bool]:
    return func.lower(column).contains(search.lower(), autoescape=True)


def by_account(tx: Transaction, ids: list[str], since: int) -> dict[str, Figures]:
    """Add up what accounts made and paid since a time (microseconds)."""
    rows = tx.all(_BY_ACCOUNT, ids=ids or [""], since=since)
    return {row["account_id"]: Figures(pictures=int(row["pictures"]), cost=int(row["cost"] or 0)) for row in rows}


def spent(tx: Transaction, account_id: str) -> int:
    """Add up what an account has ever paid, and has on hold, in micro-credits."""
    row = tx.one(_SPENT, account_id=account_id)
    return -int(row["amount"] or 0) if row else 0


def movements(tx: Transaction, account_id: str, most: int) -> list[Row]:
    """List the last movements of an account's ledger, newest first."""
    return tx.all(_MOVEMENTS, account_id=account_id, most=most)


def credentials_of(tx: Transaction, account_id: str) -> list[Row]:
    """List an account's credentials, newest first."""
    return tx.all(_CREDENTIALS, account_id=account_id)


def tasks_of(tx: Transaction, account_id: str, most: int) -> list[Row]:
    """List an account's last tasks, newest first, each with the account's name as `account`."""
    return tx.all(_OF_ACCOUNT, account_id=account_id, most=most)


def every_task(tx: Transaction, sought: Sought, most: int) -> list[Row]:
    """List tasks of all accounts, newest first, each with the name of its `account`."""
    found: list[ColumnElement[bool]] = []
    if sought.status is not None:
        found.append(tasks.c.status == sought.status)
    if sought.model is not None:
        found.append(tasks.c.model == sought.model)
    if sought.account is not None:
        found.append(_holds(accounts.c.name, sought.account))
    if sought.created_from is not None:
        found.append(tasks.c.id >= earliest_id(sought.created_from))
    if sought.created_before is not None:
        found.append(tasks.c.id < earliest_id(sought.created_before))
    if sought.after is not None:
        found.append(tasks.c.id < sought.after)
    return tx.all(_TASKS.where(*found).order_by(tasks.c.id.desc()).limit(most))


def task(tx: Transaction, task_id: str) -> Row:
    """Find a task of any account, with the name of its `account`; raises `NotFound`."""
    row = tx.one(_TASK, which=task_id)
    if row is None:
        raise NotFound("There is no such task.")
    return row


def by_model(tx: Transaction, since: int) -> dict[str, Figures]:
    """Add up what was made with each model since a time (microseconds), over the newest `COUNTED` tasks."""
    first = earliest_id(since)
    found = {
        row["model"]: Figures(pictures=int(row["pictures"]), cost=int(row["cost"] or 0))
        for row in tx.all(_BY_MODEL, since=first, most=COUNTED)
    }
    times: dict[str, list[int]] = {}
    for row in tx.all(_TIMES, since=first, most=TIMED):
        times.setdefault(row["model"], []).append(row["took"])
    for model, took in times.items():
        found[model].seconds = median(took) / 1e6
    return found


def lines(tx: Transaction) -> list[Row]:
    """Tell how many tasks wait before each engine, by model, and since when the oldest does."""
    return tx.all(_LINES)


def in_hand(tx: Transaction) -> dict[str, int]:
    """Count the tasks that each node has in progress."""
    return {row["node"]: row["tasks"] for row in tx.all(_IN_HAND)}


def troubled(tx: Transaction, *, most: int, after: str | None = None) -> list[tuple[Row, Row | None]]:
    """List deliveries that did not arrive at once, newest first: given up, or waiting for another attempt.

    Each comes with its last attempt.
    """
    statement = _TROUBLED.order_by(deliveries.c.id.desc()).limit(most)
    if after is not None:
        statement = statement.where(deliveries.c.id < after)
    found = tx.all(statement)
    tries = {row["delivery_id"]: row for row in tx.all(_LAST_TRIES, ids=[row["id"] for row in found] or [""])}
    return [(row, tries.get(row["id"])) for row in found]


def whose_credential(tx: Transaction, credential_id: str) -> str:
    """Say whose a credential is; raises `NotFound`."""
    row = tx.one(_WHOSE_KEY, which=credential_id)
    if row is None:
        raise NotFound("There is no such credential.")
    return str(row["account_id"])


def whose_delivery(tx: Transaction, delivery_id: str) -> str:
    """Say whose a delivery is; raises `NotFound`."""
    row = tx.one(_WHOSE, which=delivery_id)
    if row is None:
        raise NotFound("There is no such delivery.")
    return str(row["account_id"])
