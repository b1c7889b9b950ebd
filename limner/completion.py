"""Completion: the second transaction of a task. Its pictures' rows, its end, the money, and the callback that is due.

It joins tasks, assets, quotas and callbacks; everything here is a unit of work. An attempt that was overtaken gets None
and changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from limner import assets, audit, callbacks, quotas, tasks
from limner.capabilities import Warned  # noqa: TC001 - the shape is read at run time, as is the next
from limner.engines.base import Tokens  # noqa: TC001
from limner.errors import CATALOGUE, ApiError, Conflict, LimnerError, ModerationBlocked
from limner.tasks import CRASHES, Enqueue, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from limner.assets import Asset
    from limner.db import Transaction
    from limner.engines.base import Called

CANCELLED = "The task was cancelled. Nothing was charged."


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A task that came to its end: its pictures, or what went wrong.

    `data` holds the bytes while they are at hand, `occupied` the room that they take.
    """

    task: Task
    assets: list[Asset]
    data: list[bytes] | None = None
    occupied: list[Any] = []
    error: LimnerError | None = None
    balance: int | None = None


class _Callback(msgspec.Struct):
    callback_url: str | None = None


_callback = msgspec.json.Decoder(_Callback)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be told of a task's pictures besides them: what upstreams counted, what was otherwise than asked."""

    usage: Tokens | None = None
    warnings: list[Warned] = []


_reports = msgspec.json.Decoder(Report)


def report(task: Task) -> Report:
    """Give what is to be told of a finished task besides its pictures."""
    return _reports.decode(task.report) if task.report else Report()


def completed(
    tx: Transaction,
    task: Task,
    rows: list[Asset],
    cost: int,
    *,
    report: str | None = None,
    calls: Sequence[Called] = (),
    refusals: Sequence[ModerationBlocked] = (),
) -> tuple[Task, int] | None:
    """Finish a task that made pictures, and settle its hold for what they cost; the task and the balance after it.

    `report` is a `Report` as JSON; `calls` to upstreams go into the task's story, `refusals` of its other pictures into
    the audit log.
    """
    finished = tasks.finish(tx, task, "completed", cost=cost, report=report)
    if finished is None:
        return None
    _tell(tx, task, calls)
    for refusal in refusals:
        _keep(tx, task, refusal)
    for row in rows:
        assets.insert(tx, row)
    balance = quotas.settle(tx, task.account_id, task.id, held=task.hold, cost=cost, images=task.images)
    _call_back(tx, finished)
    return finished, balance


def _tell(tx: Transaction, task: Task, calls: Sequence[Called]) -> None:
    for call in calls:
        tasks.record(tx, task.id, "called", msgspec.to_builtins(call))


def _keep(tx: Transaction, task: Task, refusal: ModerationBlocked) -> None:
    """Write into the audit log which policy refused a task or a picture of it."""
    audit.record(tx, f"policy {refusal.policy}", "refuse", task.id, model=task.model, account=task.account_id)


def failed(
    tx: Transaction,
    task: Task,
    error: LimnerError,
    *,
    calls: Sequence[Called] = (),
    refusals: Sequence[ModerationBlocked] = (),
) -> tuple[Task, int] | None:
    """Finish a task that made nothing; nothing is charged. What was refused by a policy is kept in the audit log."""
    what = {"code": error.code, "message": error.message, "param": error.param, "status": error.status}
    if "x-should-retry" in error.headers:
        what["retry"] = error.headers["x-should-retry"]
    finished = tasks.finish(tx, task, "failed", cost=0, error=what)
    if finished is None:
        return None
    _tell(tx, task, calls)
    for refusal in refusals:
        _keep(tx, task, refusal)
    balance = quotas.release(tx, task.account_id, task.id, held=task.hold, images=task.images)
    _call_back(tx, finished)
    return finished, balance


def cancelled(tx: Transaction, account_id: str, task_id: str, *, admin: str | None = None) -> Task | None:
    """End one of the account's tasks before it is done; None for one that is cancelled already.

    Where an `admin` does it, the audit log says so. Raises `NotFound`, or `Conflict` for a task that is over.
    """
    task = tasks.find(tx, account_id, task_id)
    if task.status == "cancelled":
        return None
    finished = tasks.finish(tx, task, "cancelled", cost=0)
    if finished is None:
        raise Conflict(f"The task is over already: it has {task.status}.", headers={"x-should-retry": "false"})
    quotas.release(tx, account_id, task.id, held=task.hold, images=task.images)
    _call_back(tx, finished)
    if admin is not None:
        audit.record(tx, admin, "cancel task", task.id)
    return finished


def interrupted(tx: Transaction, cut_off: list[Task], enqueue: Enqueue, *, crashed: bool) -> list[Task]:
    """Put tasks whose process died (`crashed`) or stopped back into the line, and give up those that died too often.

    Gives the tasks as they are now: queued, or failed.
    """
    after = [_interrupt(tx, task, enqueue, crashed=crashed) for task in cut_off]
    return [task for task in after if task is not None]


def _interrupt(tx: Transaction, task: Task, enqueue: Enqueue, *, crashed: bool) -> Task | None:
    if crashed and task.crashes + 1 >= CRASHES:
        ended = failed(tx, task, ApiError("The picture could not be made: the work was cut off too often."))
        return ended[0] if ended else None
    waiting = tasks.put_back(tx, task, crashed=crashed)
    if waiting is not None:
        enqueue(tx, waiting.id, waiting.model, waiting.turn)
    return waiting


def orphans_back(tx: Transaction, dead: list[str], enqueue: Enqueue) -> list[Task]:
    """Interrupt what is in progress at nodes that are not there or are known to be dead, and free their deliveries."""
    callbacks.give_back(tx, dead)
    return interrupted(tx, tasks.orphaned(tx, dead), enqueue, crashed=True)


def left_back(tx: Transaction, node: str, busy: frozenset[str], before: int, enqueue: Enqueue) -> list[Task]:
    """Put back what a living node has in progress since `before` (microseconds) but does not work on (`busy`)."""
    left = [task for task in tasks.in_hand(tx, node) if task.id not in busy and (task.started_at or 0) < before]
    return interrupted(tx, left, enqueue, crashed=False)


def outcome(tx: Transaction, task: Task) -> Outcome:
    """Put together how a finished task ended."""
    made, balance = assets.of_task(tx, task.id), quotas.balance(tx, task.account_id)
    return Outcome(task=task, assets=made, error=_stored_error(task), balance=balance)


def outcomes(tx: Transaction, found: list[Task]) -> list[tuple[Task, Outcome | None]]:
    """Put together how each of these tasks ended, None for those that have not."""
    over = [task for task in found if task.finished_at is not None]
    made = assets.of_tasks(tx, [task.id for task in over if task.status == "completed"])
    ends = {task.id: Outcome(task=task, assets=made.get(task.id, []), error=_stored_error(task)) for task in over}
    return [(task, ends.get(task.id)) for task in found]


def _stored_error(task: Task) -> LimnerError | None:
    if task.status == "cancelled":
        return Conflict(CANCELLED, headers={"x-should-retry": "false"})
    if task.error is None:
        return None
    what = msgspec.json.decode(task.error)
    headers = {"x-should-retry": what["retry"]} if "retry" in what else {}
    return CATALOGUE[what["code"]](what["message"], param=what.get("param"), status=what.get("status"), headers=headers)


def callback_url(task: Task) -> str | None:
    """Say where a task's request wants to be called back."""
    return _callback.decode(task.request).callback_url


def _call_back(tx: Transaction, task: Task) -> None:
    """Write the delivery of a task's callback, if its request names one."""
    url = callback_url(task)
    if url is not None:
        callbacks.enqueue(tx, account_id=task.account_id, application_id=task.application_id, task_id=task.id, url=url)
