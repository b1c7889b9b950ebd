"""The use case: submit, run, wait, cancel. The file that joins what a generation needs.

A generation is a task with two short transactions (`admission`, `completion`) around slow work in which none is open.
Whoever waits for it may go away; it runs to its end all the same, here or on another node, and after a crash it is
begun again from its row.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from limner import completion, tasks
from limner.admission import Accepted, admit, new_task
from limner.assets import Asset, Assets, of_picture
from limner.catalog import Catalogue, Model, Request
from limner.completion import Outcome, Report
from limner.db import Database, Duplicate
from limner.dispatch.feed import Ended, LocalFeed, News, Progressed, Watch
from limner.errors import ApiError, Conflict, LimnerError
from limner.ids import SECOND, now

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from limner.credentials import Caller
    from limner.dispatch.base import Dispatcher
    from limner.engines.base import Picture
    from limner.making import Made, Maker
    from limner.quotas import Hold, Limits
    from limner.room import Room
    from limner.tasks import Task
    from limner.telemetry import Telemetry

LOOK_EVERY = 5.0
"""How often a waiting request looks at the row, seconds, should the news of its end have been lost."""


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A task that was accepted, or (`hold` is None) the earlier one its Idempotency-Key stands for.

    It is waited for by `work` where it was begun here at once, else by `watch`.
    """

    task: Task
    hold: Hold | None = None
    work: asyncio.Task[Outcome] | None = None
    watch: Watch | None = None


class Generations:
    """Everything that happens to a generation; built once in `bootstrap`."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        maker: Maker,
        dispatcher: Dispatcher,
        *,
        feed: LocalFeed,
        store: Assets,
        room: Room,
        telemetry: Telemetry,
        limits: Limits,
        node: str,
        retention: int,
    ) -> None:
        """`node` is this process's id, `retention` is in seconds."""
        self._database, self._catalogue, self._maker, self._room = database, catalogue, maker, room
        self._dispatcher, self._feed, self._store, self._telemetry = dispatcher, feed, store, telemetry
        self._limits, self._node, self._retention = limits, node, retention * SECOND
        self._running: dict[str, asyncio.Task[Any]] = {}
        self.on_delivery: Callable[[], None] = _nobody
        feed.on_end = self._heard

    async def submit(
        self,
        caller: Caller,
        model: Model,
        request: Request,
        *,
        trace_id: str,
        awaited: bool = False,
        followed: bool = False,
        idempotency_key: str | None = None,
        fingerprint: str | None = None,
    ) -> Submission:
        """Accept a generation: take its price and its place, write its row, and start it.

        It begins at once when this node has a free slot for it, else it waits its turn. Whoever says `awaited` must
        `wait`, or `follow` with `followed`. Raises what `admission.admit` raises.
        """
        lane = self._dispatcher.lane(model.id)
        begun = lane is not None and lane.try_take()
        task = new_task(
            caller,
            model,
            request,
            node=self._node if begun else None,
            trace_id=trace_id,
            idempotency_key=idempotency_key,
            fingerprint=fingerprint,
        )
        watch = self._feed.watch(task.id) if followed or (awaited and not begun) else None
        if watch is not None:
            watch.put_up()  # before the row is there, so that no news of it is missed
        accepted = None
        try:
            accepted = await self._admit(caller, task, awaited=awaited)
        finally:
            if lane is not None and begun and (accepted is None or accepted.hold is None):
                lane.give_back()
            if watch is not None and (accepted is None or accepted.hold is None):
                watch.take_down()
        if accepted.hold is None:
            return Submission(task=accepted.task)
        return self._begin(accepted, model, request, watch)

    def _begin(self, accepted: Accepted, model: Model, request: Request, watch: Watch | None) -> Submission:
        task, work = accepted.task, None
        if task.status == "in_progress":
            work = self._dispatcher.start(self._run(task, model, request))
        else:
            self._dispatcher.arrived(model.id)
        return Submission(task=task, hold=accepted.hold, work=work, watch=watch)

    async def _admit(self, caller: Caller, task: Task, *, awaited: bool) -> Accepted:
        enqueue = self._dispatcher.enqueue
        try:
            return await self._database.write(admit, caller, task, self._limits, enqueue, awaited=awaited)
        except Duplicate:
            # Another request with the same Idempotency-Key was written between our look and our insert.
            return await self._database.write(admit, caller, task, self._limits, enqueue, awaited=awaited)

    async def wait(self, submission: Submission, seconds: float) -> Outcome | None:
        """Wait for a submission's end; None when it takes longer than `seconds` and goes on without us."""
        if submission.watch is not None:
            with submission.watch as watch:
                return await self._watched(submission.task, watch, seconds)
        work = submission.work
        if work is None:
            return await self.outcome(submission.task)
        if not await _ended(work, seconds):
            return None
        return await self._seen(submission.task) if work.cancelled() else work.result()

    async def _watched(self, task: Task, watch: Watch, seconds: float) -> Outcome | None:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while (left := until - loop.time()) > 0:
            news = await watch.next(min(left, LOOK_EVERY))
            if watch.closed:
                break
            if not isinstance(news, Progressed):
                outcome = await self._seen(task)
                if outcome is not None:
                    return outcome
        return None

    async def follow(self, submission: Submission) -> AsyncGenerator[Progressed | Outcome, None]:
        """Yield what happens to a submission as it happens, and its outcome at its end.

        Ends without one when this process stops before the task does.
        """
        if submission.watch is None:
            outcome = await self.outcome(submission.task)
            if outcome is not None:
                yield outcome
            return
        with submission.watch as watch:
            while not watch.closed:
                news = await watch.next(LOOK_EVERY)
                if isinstance(news, Progressed):
                    yield news
                    continue
                outcome = await self._end(submission, news)
                if outcome is not None:
                    yield outcome
                    return

    async def _end(self, submission: Submission, news: News | None) -> Outcome | None:
        """Look how a submission stands; one that was made here and is said to be over has its bytes at hand."""
        work = submission.work
        if work is not None and isinstance(news, Ended):
            await asyncio.wait({work})
            if not work.cancelled():
                return work.result()
        return await self._seen(submission.task)

    async def _seen(self, task: Task) -> Outcome | None:
        return await self.outcome(await self._database.read(tasks.find, task.account_id, task.id))

    async def outcome(self, task: Task) -> Outcome | None:
        """Look up how a task ended; None while it has not."""
        return None if task.finished_at is None else await self._database.read(completion.outcome, task)

    async def cancel(self, account_id: str, task_id: str, *, admin: str | None = None) -> None:
        """End a task before it is done, wherever it runs; `admin` is who does so in the account's stead.

        Raises `NotFound`, or `Conflict` when it is over.
        """
        task = await self._database.write(completion.cancelled, account_id, task_id, admin=admin)
        if task is not None:
            self._report(task, cost=0, pictures=0)

    def _heard(self, news: Ended) -> None:
        """Stop working on what was cancelled, here or on another node."""
        work = self._running.get(news.task_id)
        if work is not None and news.status == "cancelled":
            work.cancel()

    @property
    def running(self) -> frozenset[str]:
        """The ids of the tasks that this process works on."""
        return frozenset(self._running)

    async def claim_next(self, engine: str, models: list[str], most: int) -> list[Task]:
        """Begin up to `most` of the tasks that wait for an engine with one of these models."""
        return await self._database.write(tasks.claim_next, engine, models, most, self._node)

    async def wait_elsewhere(self, model: str, engine: str) -> bool:
        """Whether tasks wait for a model in the line of another engine than this."""
        return await self._database.read(tasks.wait_elsewhere, model, engine)

    async def carry_out(self, task: Task) -> None:
        """Bring a task that was begun, and holds a slot of its lane, to its end."""
        model = self._catalogue.known[task.model]
        await self._run(task, model, msgspec.json.decode(task.request, type=Request))

    async def _run(self, task: Task, model: Model, request: Request) -> Outcome:
        """Carry a task that holds a slot of its lane to its end."""
        current = asyncio.current_task()
        assert current is not None  # noqa: S101 - a coroutine of ours always runs in a task
        self._running[task.id] = current
        self._telemetry.begun()
        try:
            return await self._make_and_store(task, model, request)
        finally:
            self._telemetry.ended()
            self._running.pop(task.id, None)

    async def _make_and_store(self, task: Task, model: Model, request: Request) -> Outcome:
        made = await self._maker.make(task, model, request)
        if not made.pictures:
            return await self._fail(task, made.error, made)
        try:
            return await self._complete(task, model, request, made)
        except Exception:
            self._telemetry.log.exception("storing_failed", task_id=task.id)
            return await self._fail(task, ApiError(), made)

    async def _complete(self, task: Task, model: Model, request: Request, made: Made) -> Outcome:
        """Store the pictures, then write their rows and settle the hold in one transaction."""
        rows = [self._asset(task, request, place, picture) for place, picture in made.pictures]
        for row, (_, picture) in zip(rows, made.pictures, strict=True):
            await self._store.save(row.name, picture.data)
        cost, report = self._cost(task, model, made), _report(made)
        ended = await self._database.write(completion.completed, task, rows, cost, report=report, calls=made.calls)
        if ended is None:
            return await self._overtaken(task)
        finished, balance = ended
        self._report(finished, cost=cost, pictures=len(rows))
        if any(picture.occupied for _, picture in made.pictures) and self._room.crowded:
            return Outcome(task=finished, assets=rows, balance=balance)
        data, occupied = [picture.data for _, picture in made.pictures], [one.occupied for _, one in made.pictures]
        return Outcome(task=finished, assets=rows, data=data, occupied=occupied, balance=balance)

    def _cost(self, task: Task, model: Model, made: Made) -> int:
        """Price what was made: by what the upstream counted, or else by the table; never more than was held for it."""
        price, pictures = task.hold // task.images, [picture for _, picture in made.pictures]
        if not model.tokens:
            return price * len(pictures)
        cost = sum(price if picture.usage is None else model.cost(picture.usage) for picture in pictures)
        if cost > task.hold:
            self._telemetry.log.warning("cost_over_hold", task_id=task.id, model=model.id, cost=cost, held=task.hold)
        return min(cost, task.hold)

    def _asset(self, task: Task, request: Request, position: int, picture: Picture) -> Asset:
        return of_picture(
            picture,
            task_id=task.id,
            account_id=task.account_id,
            position=position,
            seed=request.seed + position,
            retention=self._retention,
        )

    async def _fail(self, task: Task, error: LimnerError, made: Made | None = None) -> Outcome:
        ended = await self._database.write(completion.failed, task, error, calls=made.calls if made else ())
        if ended is None:
            return await self._overtaken(task)
        finished, balance = ended
        self._report(finished, cost=0, pictures=0, code=error.code)
        return Outcome(task=finished, assets=[], error=error, balance=balance)

    async def _overtaken(self, task: Task) -> Outcome:
        """Say what became of a task while this attempt of it worked in vain: it is over, or another has it in hand."""
        self._telemetry.log.info("overtaken", task_id=task.id, attempt=task.attempt)
        return await self._seen(task) or Outcome(
            task=task, assets=[], error=Conflict("Another attempt of this task has taken over.")
        )

    def _report(self, task: Task, *, cost: int, pictures: int, **more: Any) -> None:
        """Tell everybody that a task is over: who waits for it, the log, and who delivers its callback."""
        self._feed.publish(Ended(task_id=task.id, status=task.status))
        if completion.callback_url(task) is not None:
            self.on_delivery()
        seconds = ((task.finished_at or 0) - task.created_at) / SECOND
        self._telemetry.finished(
            task.model,
            task.status,
            seconds,
            pictures=pictures,
            cost=cost,
            task_id=task.id,
            trace_id=task.trace_id,
            **more,
        )

    async def take_back(self, dead: list[str]) -> int:
        """Let others go on with what nodes had in hand that are dead or not there; how many tasks that is."""
        return self._went_back(await self._database.write(completion.orphans_back, dead, self._dispatcher.enqueue))

    async def hand_back(self, patience: float = 0.0) -> int:
        """Put back what this node has had in progress for `patience` seconds without working on it; how many."""
        before = now() - round(patience * SECOND)
        enqueue = self._dispatcher.enqueue
        return self._went_back(
            await self._database.write(completion.left_back, self._node, self.running, before, enqueue)
        )

    def _went_back(self, after: list[Task]) -> int:
        for task in after:
            if task.status == "queued":
                self._dispatcher.arrived(task.model)
            else:
                self._report(task, cost=0, pictures=0, code=ApiError.code)
        return len(after)

    async def refuse_unoffered(self) -> int:
        """Fail the tasks that wait for a model which is no longer on offer; how many."""
        left = await self._database.read(tasks.waiting_for_none_of, set(self._catalogue.known))
        for task in left:
            await self._fail(task, ApiError(f"The model {task.model!r} is no longer on offer here."))
        return len(left)

    async def settle_lines(self) -> int:
        """Put what waits into the line of the engine that answers for its model since this start; how many moved."""
        engines = {model.id: model.engine for model in self._catalogue.known.values()}
        return await self._database.write(tasks.move, engines)


def _report(made: Made) -> str | None:
    """Write down what is to be told besides the pictures, if anything is."""
    warnings = list(dict.fromkeys(warned for _, picture in made.pictures for warned in picture.warnings))
    if made.usage is None and not warnings:
        return None
    return msgspec.json.encode(Report(usage=made.usage, warnings=warnings)).decode()


def _nobody() -> None:
    """There is no courier to tell."""


async def _ended(work: asyncio.Task[Any], seconds: float) -> bool:
    """Wait for the work or the end of the time; which it was. It is `asyncio.wait` at a quarter of its cost."""
    loop = asyncio.get_running_loop()
    either = loop.create_future()
    timer = loop.call_later(seconds, _wake, either)
    waker = partial(_wake, either)
    work.add_done_callback(waker)
    try:
        await either
    finally:
        timer.cancel()
        work.remove_done_callback(waker)
    return work.done()


def _wake(waiting: asyncio.Future[None], _: Any = None) -> None:
    if not waiting.done():
        waiting.set_result(None)
