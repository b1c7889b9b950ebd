"""Tasks: the durable record of every generation, the transitions it may make, and its story as events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
from sqlalchemy import bindparam, select, update

from limner.db.schema import events, tasks
from limner.errors import NotFound
from limner.ids import SECOND, new_id, now

if TYPE_CHECKING:
    from limner.db import Row, Transaction

Status = Literal["queued", "in_progress", "completed", "failed", "cancelled"]
ATTEMPTS = 3
"""A task that has been begun this often without coming to an end is given up."""

KEY_LIFE = 86_400 * SECOND
"""How long an Idempotency-Key stands for its first request."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One row; times are microseconds, money is micro-credits, `request` and `error` are JSON."""

    id: str
    account_id: str
    application_id: str
    credential_id: str
    trace_id: str
    kind: str
    model: str
    engine: str
    request: str
    images: int
    status: Status
    attempt: int
    hold: int
    cost: int | None
    error: str | None
    idempotency_key: str | None
    fingerprint: str | None
    created_at: int
    started_at: int | None
    finished_at: int | None


_FIELDS = Task.__struct_fields__
_BY_ID = select(tasks).where(tasks.c.id == bindparam("id"), tasks.c.account_id == bindparam("account_id"))
_BY_TRACE = (
    select(tasks)
    .where(tasks.c.trace_id == bindparam("trace_id"), tasks.c.account_id == bindparam("account_id"))
    .order_by(tasks.c.id.desc())
    .limit(1)
)
_BY_KEY = select(tasks).where(
    tasks.c.account_id == bindparam("account_id"), tasks.c.idempotency_key == bindparam("idempotency_key")
)
_FREE_KEY = update(tasks).where(tasks.c.id == bindparam("which")).values(idempotency_key=None)
_UNFINISHED = select(tasks).where(tasks.c.finished_at.is_(None)).order_by(tasks.c.created_at)
_CLAIM = (
    update(tasks)
    .where(tasks.c.id == bindparam("which"), tasks.c.finished_at.is_(None), tasks.c.attempt == bindparam("seen"))
    .values(status="in_progress", attempt=bindparam("next_attempt"), started_at=bindparam("at"))
)
_FINISH = (
    update(tasks)
    .where(tasks.c.id == bindparam("which"), tasks.c.attempt == bindparam("seen"), tasks.c.finished_at.is_(None))
    .values(
        status=bindparam("outcome"), cost=bindparam("paid"), error=bindparam("problem"), finished_at=bindparam("at")
    )
)
_STORY = select(events).where(events.c.task_id == bindparam("task_id")).order_by(events.c.id)


def insert(tx: Transaction, task: Task) -> None:
    """Write a new task."""
    tx.insert(tasks, **msgspec.structs.asdict(task))


def find(tx: Transaction, account_id: str, task_id: str) -> Task:
    """Find one of the account's tasks; raises `NotFound`."""
    row = tx.one(_BY_ID, id=task_id, account_id=account_id)
    if row is None:
        raise NotFound(f"There is no task {task_id!r} for this credential's account.", param="id")
    return _task(row)


def by_trace(tx: Transaction, account_id: str, trace_id: str) -> Task | None:
    """Find the account's newest task with a trace id."""
    row = tx.one(_BY_TRACE, trace_id=trace_id, account_id=account_id)
    return _task(row) if row else None


def by_idempotency_key(tx: Transaction, account_id: str, key: str, at: int) -> Task | None:
    """Find the account's task that an Idempotency-Key stands for; a key past its life is freed and stands for none."""
    row = tx.one(_BY_KEY, account_id=account_id, idempotency_key=key)
    if row is None:
        return None
    if row["created_at"] + KEY_LIFE < at and row["finished_at"] is not None:
        tx.run(_FREE_KEY, which=row["id"])
        return None
    return _task(row)


def unfinished(tx: Transaction) -> list[Task]:
    """List what has not come to an end, oldest first."""
    return [_task(row) for row in tx.all(_UNFINISHED)]


def claim(tx: Transaction, task: Task) -> Task | None:
    """Begin a queued or interrupted task: the next attempt, which fences every earlier one out.

    None when somebody else has claimed or finished it since `task` was read.
    """
    at = now()
    claimed = tx.run(_CLAIM, which=task.id, seen=task.attempt, next_attempt=task.attempt + 1, at=at)
    if not claimed:
        return None
    if task.attempt:
        record(tx, task.id, "begun_again", {"attempt": task.attempt + 1})
    return msgspec.structs.replace(task, status="in_progress", attempt=task.attempt + 1, started_at=at)


def finish(
    tx: Transaction, task: Task, status: Status, *, cost: int, error: dict[str, Any] | None = None
) -> Task | None:
    """Bring the attempt in `task` to its end; None when that attempt has been fenced out or the task is over."""
    at, problem = now(), msgspec.json.encode(error).decode() if error else None
    done = tx.run(_FINISH, which=task.id, seen=task.attempt, outcome=status, paid=cost, problem=problem, at=at)
    if not done:
        return None
    return msgspec.structs.replace(task, status=status, cost=cost, error=problem, finished_at=at)


def record(tx: Transaction, task_id: str, kind: str, detail: dict[str, Any] | None = None) -> None:
    """Add an event to a task's story."""
    text = msgspec.json.encode(detail).decode() if detail else None
    tx.insert(events, id=new_id(), task_id=task_id, at=now(), kind=kind, detail=text)


def story(tx: Transaction, task: Task) -> list[dict[str, Any]]:
    """Tell what happened to a task, in order: its own milestones and whatever else was recorded.

    The milestones every task has are times on its row and cost no rows of their own.
    """
    milestones = [("created", task.created_at, None), ("begun", task.started_at, {"attempt": task.attempt})]
    milestones.append((task.status, task.finished_at, msgspec.json.decode(task.error) if task.error else None))
    told = [_event(kind, at, detail) for kind, at, detail in milestones if at is not None]
    recorded = tx.all(_STORY, task_id=task.id)
    told += [_event(row["kind"], row["at"], row["detail"] and msgspec.json.decode(row["detail"])) for row in recorded]
    return sorted(told, key=lambda event: event["at"])


def _event(kind: str, at: int, detail: Any) -> dict[str, Any]:
    return {"kind": kind, "at": at / SECOND} | ({"detail": detail} if detail else {})


def _task(row: Row) -> Task:
    return Task(**{field: row[field] for field in _FIELDS})
