"""Tasks: the durable record of every generation, the transitions it may make, its place in the line, and its story.

`queued -> in_progress -> completed | failed | cancelled`, and back from in_progress to queued when whoever worked on it
died or stopped. Every beginning is an attempt with its number, and only the newest can bring the task to its end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from sqlalchemy import ColumnElement, bindparam, exists, func, literal_column, or_, select, update

from limner.db.schema import events, nodes, tasks
from limner.errors import NotFound
from limner.ids import SECOND, new_id, now

if TYPE_CHECKING:
    from limner.db import Row, Transaction

Status = Literal["queued", "in_progress", "completed", "failed", "cancelled"]
CRASHES = 3
"""A task that was in hand this often when its process died is given up: it may be what kills it."""

PRIORITIES = range(-3, 4)
"""What an operator may give an account: whose tasks go first where tasks wait."""

MOST_WORDS = 8
"""How many words of a search are looked for."""

_ESCAPE = "~"

KEY_LIFE = 86_400 * SECOND
"""How long an Idempotency-Key stands for its first request."""

Enqueue = Callable[["Transaction", str, str, int], None]
"""Lets the queue know of a waiting task, in the task's own transaction: transaction, task id, model, turn."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One row; times are microseconds, money is micro-credits, `request`, `error` and `report` are JSON."""

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
    turn: int = 0
    crashes: int = 0
    node: str | None = None
    report: str | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which of an account's tasks are asked for; what is None does not matter. Times are microseconds.

    `kind` is a kind, or "images" for every kind of picture; `after` is the task (newest first) to go on behind,
    `before` the one to end in front of. `words` are all in the prompt, in any case.
    """

    ids: list[str] | None = None
    trace_ids: list[str] | None = None
    application_id: str | None = None
    status: str | None = None
    model: str | None = None
    kind: str | None = None
    created_at_min: int | None = None
    created_at_max: int | None = None
    after: str | None = None
    before: str | None = None
    words: str | None = None


_FIELDS = Task.__struct_fields__
_BY_ID = select(tasks).where(tasks.c.id == bindparam("id"), tasks.c.account_id == bindparam("account_id"))
_BY_IDS = select(tasks).where(tasks.c.id.in_(bindparam("ids", expanding=True)))
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
_QUEUED = tasks.c.status == literal_column("'queued'")
_OF_ENGINE = (tasks.c.engine == bindparam("engine")) & _QUEUED
_OF_CLASS = _OF_ENGINE & (tasks.c.turn >= bindparam("first")) & (tasks.c.turn < bindparam("end"))
_FRONT = select(func.min(tasks.c.turn).label("turn")).where(_OF_CLASS)
_LAST_OF_ACCOUNT = (
    select((tasks.c.turn + tasks.c.images).label("turn"))
    .where(_OF_CLASS, tasks.c.account_id == bindparam("account_id"))
    .order_by(tasks.c.turn.desc())
    .limit(1)
)
_NEXT = (
    select(tasks)
    .where(_OF_ENGINE, tasks.c.model.in_(bindparam("models", expanding=True)))
    .order_by(tasks.c.turn, tasks.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)  # what another node is beginning is not waited for
)
_BEFORE = select(func.count().label("before")).where(
    _OF_ENGINE,
    (tasks.c.turn < bindparam("turn")) | ((tasks.c.turn == bindparam("turn")) & (tasks.c.id < bindparam("which"))),
)
_CLAIM = (
    update(tasks)
    .where(tasks.c.id == bindparam("which"), _QUEUED, tasks.c.attempt == bindparam("seen"))
    .values(status="in_progress", attempt=bindparam("next_attempt"), started_at=bindparam("at"), node=bindparam("by"))
)
_IN_PROGRESS = tasks.c.status == literal_column("'in_progress'")
_IN_HAND = select(tasks).where(_IN_PROGRESS, tasks.c.node == bindparam("node"))
_ORPHANED = select(tasks).where(
    _IN_PROGRESS,
    ~exists().where(nodes.c.id == tasks.c.node, nodes.c.id.not_in(bindparam("dead", expanding=True))),
)
_PUT_BACK = (
    update(tasks)
    .where(tasks.c.id == bindparam("which"), tasks.c.attempt == bindparam("seen"), _IN_PROGRESS)
    .values(status="queued", started_at=None, node=None, crashes=bindparam("died"), turn=bindparam("place"))
)
_WAITING_MODELS = select(tasks.c.model).where(tasks.c.finished_at.is_(None), _QUEUED).distinct()
_WAITING = select(tasks).where(tasks.c.finished_at.is_(None), _QUEUED).order_by(tasks.c.id)
_MOVE = (
    update(tasks)
    .where(_QUEUED, tasks.c.model == bindparam("which"), tasks.c.engine != bindparam("by"))
    .values(engine=bindparam("to"))
)
_ELSEWHERE = (
    select(tasks.c.id)
    .where(_QUEUED, tasks.c.model == bindparam("model"), tasks.c.engine != bindparam("engine"))
    .limit(1)
)
_OF_MODEL = select(tasks).where(tasks.c.finished_at.is_(None), _QUEUED, tasks.c.model == bindparam("model")).limit(500)
_FINISH = (
    update(tasks)
    .where(tasks.c.id == bindparam("which"), tasks.c.attempt == bindparam("seen"), tasks.c.finished_at.is_(None))
    .values(
        status=bindparam("outcome"),
        cost=bindparam("paid"),
        error=bindparam("problem"),
        finished_at=bindparam("at"),
        report=bindparam("told"),
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


def several(tx: Transaction, task_ids: list[str]) -> list[Task]:
    """Find tasks of any account."""
    return [_task(row) for row in tx.all(_BY_IDS, ids=task_ids)] if task_ids else []


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


def line_up(tx: Transaction, engine: str, account_id: str, urgency: int) -> int:
    """Give a new task its turn in the line before an engine: the smallest goes first.

    Start-time fair queueing (Goyal, Vin and Cheng, 1996): a task starts where the line stands now or behind the last of
    its own account, and every picture takes the account one step on. So accounts take turns, however much one of them
    sent at once. `urgency` (`urgency_of`) puts classes of tasks before each other.
    """
    first = _class(urgency)
    where: dict[str, Any] = {"engine": engine, "first": first, "end": first + _CLASS}
    front = tx.one(_FRONT, **where)
    last = tx.one(_LAST_OF_ACCOUNT, account_id=account_id, **where)
    places = [row["turn"] for row in (front, last) if row is not None and row["turn"] is not None]
    return min(max([first, *map(int, places)]), first + _CLASS - 1)


def urgency_of(priority: int, *, awaited: bool) -> int:
    """Weigh an account's priority and whether somebody waits at the other end of an open connection."""
    return 2 * min(max(priority, PRIORITIES[0]), PRIORITIES[-1]) + awaited


def _class(urgency: int) -> int:
    return (2 * PRIORITIES[-1] + 1 - urgency) * _CLASS


# how many turns a class has: fourteen classes fit in the 31 bits that the fleet's queue has for a priority
_CLASS = 1 << 27


def position(tx: Transaction, task: Task) -> int | None:
    """Count the tasks that go before this one; None when it does not wait."""
    if task.status != "queued":
        return None
    row = tx.one(_BEFORE, engine=task.engine, turn=task.turn, which=task.id)
    return int(row["before"]) if row else 0


def claim_next(tx: Transaction, engine: str, models: list[str], most: int, node: str) -> list[Task]:
    """Begin up to `most` of the tasks that wait for an engine with one of these models, in the order of the line.

    Each gets its next attempt, which fences every earlier one out.
    """
    rows = tx.all(_NEXT, engine=engine, models=models, most=most)
    begun = [_begin(tx, _task(row), node) for row in rows]
    return [task for task in begun if task is not None]


def _begin(tx: Transaction, task: Task, node: str) -> Task | None:
    at = now()
    if not tx.run(_CLAIM, which=task.id, seen=task.attempt, next_attempt=task.attempt + 1, at=at, by=node):
        return None
    return msgspec.structs.replace(task, status="in_progress", attempt=task.attempt + 1, started_at=at, node=node)


def in_hand(tx: Transaction, node: str) -> list[Task]:
    """List what a node has in progress."""
    return [_task(row) for row in tx.all(_IN_HAND, node=node)]


def orphaned(tx: Transaction, dead: list[str]) -> list[Task]:
    """List what is in progress at nodes that are not there, or are known to be dead."""
    return [_task(row) for row in tx.all(_ORPHANED, dead=dead)]


def put_back(tx: Transaction, task: Task, *, crashed: bool) -> Task | None:
    """Put a task whose process died (`crashed`) or stopped back into the line, at the front of its class.

    None when that attempt is not in progress any more.
    """
    crashes, place = task.crashes + crashed, task.turn // _CLASS * _CLASS
    if not tx.run(_PUT_BACK, which=task.id, seen=task.attempt, died=crashes, place=place):
        return None
    record(tx, task.id, "interrupted" if crashed else "handed_back", {"attempt": task.attempt})
    return msgspec.structs.replace(task, status="queued", started_at=None, node=None, crashes=crashes, turn=place)


def waiting(tx: Transaction) -> list[Task]:
    """List all tasks that wait, oldest first."""
    return [_task(row) for row in tx.all(_WAITING)]


def waiting_for_none_of(tx: Transaction, models: set[str]) -> list[Task]:
    """List tasks that wait for a model other than these, for what is no longer on offer will never begin."""
    strange = [row["model"] for row in tx.all(_WAITING_MODELS) if row["model"] not in models]
    return [_task(row) for model in strange for row in tx.all(_OF_MODEL, model=model)]


def move(tx: Transaction, engines: dict[str, str]) -> int:
    """Put tasks that wait for a model into the line of the engine which answers for it now; how many had to move."""
    return sum(tx.run(_MOVE, which=model, by=engine, to=engine) for model, engine in engines.items())


def wait_elsewhere(tx: Transaction, model: str, engine: str) -> bool:
    """Whether tasks wait for a model in the line of another engine than this."""
    return tx.one(_ELSEWHERE, model=model, engine=engine) is not None


def listed(tx: Transaction, account_id: str, wanted: Wanted, *, limit: int, offset: int = 0) -> list[Task]:
    """List an account's tasks, newest first: behind `after`, or those next in front of `before`."""
    newest, columns = wanted.before is None, (tasks.c.created_at, tasks.c.id)
    order = [column.desc() if newest else column.asc() for column in columns]
    statement = select(tasks).where(*_conditions(account_id, wanted)).order_by(*order).limit(limit).offset(offset)
    found = [_task(row) for row in tx.all(statement)]
    return found if newest else found[::-1]


def counted(tx: Transaction, account_id: str, wanted: Wanted) -> int:
    """Count an account's tasks."""
    row = tx.one(select(func.count().label("number")).where(*_conditions(account_id, wanted)))
    return int(row["number"]) if row else 0


def _conditions(account_id: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    kind = None if wanted.kind == "images" else wanted.kind
    equal = {"application_id": wanted.application_id, "status": wanted.status, "model": wanted.model, "kind": kind}
    found = [tasks.c.account_id == account_id]
    found += [tasks.c[name] == value for name, value in equal.items() if value is not None]
    if wanted.ids is not None:
        found.append(tasks.c.id.in_(wanted.ids))
    if wanted.trace_ids is not None:
        found.append(tasks.c.trace_id.in_(wanted.trace_ids))
    if wanted.created_at_min is not None:
        found.append(tasks.c.created_at >= wanted.created_at_min)
    if wanted.created_at_max is not None:
        found.append(tasks.c.created_at <= wanted.created_at_max)
    if wanted.after is not None:
        at = _created(account_id, wanted.after)
        found += [tasks.c.created_at <= at, (tasks.c.created_at < at) | (tasks.c.id < wanted.after)]
    if wanted.before is not None:
        at = _created(account_id, wanted.before)
        found += [tasks.c.created_at >= at, (tasks.c.created_at > at) | (tasks.c.id > wanted.before)]
    if wanted.words is not None:
        found += [_in_prompt(word) for word in wanted.words.split()[:MOST_WORDS]]
    return found


def _created(account_id: str, task_id: str) -> ColumnElement[int]:
    """Ask when a task was created: the list goes by the index on that."""
    of_task = select(tasks.c.created_at).where(tasks.c.id == task_id, tasks.c.account_id == account_id)
    return of_task.scalar_subquery()


def _in_prompt(word: str) -> ColumnElement[bool]:
    """Look for a word in the prompt.

    The request is JSON with model, prompt and n first (`catalog.Request`), where nothing in a text reads as the end of
    the prompt. A letter beyond ASCII has cases for Python but not for every database, so its word is sought in several.
    """
    cased = [word] if word.isascii() else [word, word.lower(), word.upper(), word.capitalize()]
    forms = dict.fromkeys(_escaped(form) for form in cased)
    return or_(*(tasks.c.request.ilike(f'%"prompt":"%{form}%","n":%', escape=_ESCAPE) for form in forms))


def _escaped(word: str) -> str:
    """Write a word as it stands in JSON, and as LIKE takes it to the letter."""
    written = msgspec.json.encode(word).decode()[1:-1]
    return "".join(_ESCAPE + letter if letter in {"%", "_", _ESCAPE} else letter for letter in written)


def finish(
    tx: Transaction, task: Task, status: Status, *, cost: int, error: Any = None, report: str | None = None
) -> Task | None:
    """Bring the attempt in `task` to its end; None when that attempt has been fenced out or the task is over."""
    at, problem = now(), msgspec.json.encode(error).decode() if error else None
    end = {"outcome": status, "paid": cost, "problem": problem, "at": at, "told": report}
    if not tx.run(_FINISH, which=task.id, seen=task.attempt, **end):
        return None
    return msgspec.structs.replace(task, status=status, cost=cost, error=problem, finished_at=at, report=report)


def record(tx: Transaction, task_id: str, kind: str, detail: dict[str, Any] | None = None) -> None:
    """Add an event to a task's story."""
    text = msgspec.json.encode(detail).decode() if detail else None
    tx.insert(events, id=new_id(), task_id=task_id, at=now(), kind=kind, detail=text)


def story(tx: Transaction, task: Task) -> list[dict[str, Any]]:
    """Tell what happened to a task, in order: its own milestones and whatever else was recorded.

    The milestones every task has are times on its row and cost no rows of their own; `begun` is the newest attempt.
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
