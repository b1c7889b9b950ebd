"""Admission: the first transaction of a task. Limits, the hold, its place in the line and its row, or a refusal.

It joins tasks, quotas and credentials; everything here is a unit of work or makes what one is given.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from limner import credentials, quotas, tasks
from limner.errors import Conflict
from limner.ids import new_id, now
from limner.tasks import Enqueue, Task

if TYPE_CHECKING:
    from limner.catalog import Model, Request
    from limner.credentials import Caller
    from limner.db import Transaction
    from limner.quotas import Hold, Limits

KINDS = {"generate": "images_generations", "edit": "images_edits", "vary": "images_variations"}
"""What a task is called by the operation that it records."""


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """A task that was accepted, or (`hold` is None) the earlier one that its Idempotency-Key stands for."""

    task: Task
    hold: Hold | None


def new_task(
    caller: Caller,
    model: Model,
    request: Request,
    *,
    trace_id: str,
    node: str | None = None,
    idempotency_key: str | None = None,
    fingerprint: str | None = None,
) -> Task:
    """Make the row of a new task: begun at once by `node`, else waiting."""
    at = now()
    return Task(
        id=new_id(),
        account_id=caller.account_id,
        application_id=caller.application_id,
        credential_id=caller.credential_id,
        trace_id=trace_id,
        kind=KINDS[request.operation],
        model=model.id,
        engine=model.engine,
        request=msgspec.json.encode(request).decode(),
        images=request.n,
        status="in_progress" if node else "queued",
        attempt=1 if node else 0,
        hold=model.price(request.quality, *request.pixels) * request.n,
        cost=None,
        error=None,
        idempotency_key=idempotency_key,
        fingerprint=fingerprint,
        created_at=at,
        started_at=at if node else None,
        finished_at=None,
        node=node,
    )


def fingerprint(fields: msgspec.Struct, *more: str) -> str:
    """Hash what a client asked for, so that an Idempotency-Key can be told to come with another body.

    `more` is what is not among the fields: the operation and the hashes of the pictures.
    """
    return hashlib.sha256(b"\n".join([msgspec.json.encode(fields), *(one.encode() for one in more)])).hexdigest()


def admit(tx: Transaction, caller: Caller, task: Task, limits: Limits, enqueue: Enqueue, *, awaited: bool) -> Accepted:
    """Take a task's price and its place and write its row; a task that waits gets its turn and goes into the queue.

    `awaited` says that somebody waits for it at the other end of an open connection. Raises what `credentials.confirm`
    and `quotas.hold` raise, and `Conflict` for an Idempotency-Key that stands for something else.
    """
    if task.idempotency_key is not None:
        earlier = tasks.by_idempotency_key(tx, task.account_id, task.idempotency_key, task.created_at)
        if earlier is not None:
            return Accepted(task=_same(earlier, task), hold=None)
    rate, account = credentials.confirm(tx, caller.credential_id, task.images)
    hold = quotas.hold(tx, account, task.id, cost=task.hold, images=task.images, limits=limits)
    credentials.spent(tx, caller.credential_id, rate)
    if task.status == "queued":
        urgency = tasks.urgency_of(hold.priority, awaited=awaited)
        task = msgspec.structs.replace(task, turn=tasks.line_up(tx, task.engine, task.account_id, urgency))
    tasks.insert(tx, task)
    if task.status == "queued":
        enqueue(tx, task.id, task.model, task.turn)
    return Accepted(task=task, hold=hold)


def _same(earlier: Task, task: Task) -> Task:
    """Refuse an Idempotency-Key that came with another body or whose first request is still running."""
    if earlier.fingerprint != task.fingerprint:
        raise Conflict(
            "This Idempotency-Key was used with another request; use a new key for a new request.",
            headers={"x-should-retry": "false"},
        )
    if earlier.finished_at is None:
        raise Conflict(
            "The first request with this Idempotency-Key is still running; try again in a moment.",
            headers={"retry-after": "1", "x-task-id": earlier.id},
        )
    return earlier
