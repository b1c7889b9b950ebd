"""The use case: submit, run, wait, resume. The file that joins tasks, quotas, credentials, assets and engines.

A generation is a task with two short transactions around slow work in which none is open. Whoever waits for it may go
away; it runs to its end all the same, and after a crash it is begun again from its row.
"""

from __future__ import annotations

import asyncio
import hashlib
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from limner import assets, credentials, quotas, tasks
from limner.assets import Asset, Assets
from limner.catalog import Catalogue, Model, Request
from limner.db import Database, Duplicate, Transaction
from limner.engines.base import Engine, Job, Picture, Step
from limner.errors import CATALOGUE, ApiError, Conflict, LimnerError, NotFound, Timeout
from limner.ids import SECOND, new_id, now
from limner.tasks import ATTEMPTS, Task

if TYPE_CHECKING:
    from limner.credentials import Caller
    from limner.dispatch.local import Lane, LocalDispatcher
    from limner.quotas import Hold, Limits
    from limner.telemetry import Telemetry

KIND = "images_generations"
SWEPT_AT_ONCE = 200


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A task that came to its end: its pictures, or what went wrong. `data` holds the bytes while they are at hand."""

    task: Task
    assets: list[Asset]
    data: list[bytes] | None = None
    error: LimnerError | None = None
    balance: int | None = None


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A task that was accepted, or (`hold` is None) the earlier one its Idempotency-Key stands for."""

    task: Task
    hold: Hold | None
    work: asyncio.Task[Outcome] | None


class Generations:
    """Everything that happens to a generation; built once in `bootstrap`."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        engines: dict[str, Engine],
        dispatcher: LocalDispatcher,
        store: Assets,
        *,
        telemetry: Telemetry,
        limits: Limits,
        retention: int,
        engine_timeout: float,
    ) -> None:
        """`retention` and `engine_timeout` are seconds."""
        self._database, self._catalogue, self._engines = database, catalogue, engines
        self._dispatcher, self._store, self._telemetry = dispatcher, store, telemetry
        self._limits, self._retention, self._engine_timeout = limits, retention * SECOND, engine_timeout

    async def submit(
        self,
        caller: Caller,
        model: Model,
        request: Request,
        *,
        trace_id: str,
        idempotency_key: str | None = None,
        fingerprint: str | None = None,
    ) -> Submission:
        """Accept a generation: take its price and its place, write its row, and start it.

        It begins at once when the engine has a free slot, else it waits its turn. Raises what `quotas.hold` and
        `credentials.confirm` raise, and `Conflict` for an Idempotency-Key that stands for something else.
        """
        lane = self._dispatcher.lane(model.engine)
        begun = lane.try_take()
        task = _new_task(
            caller, model, request, begun=begun, trace_id=trace_id, key=idempotency_key, fingerprint=fingerprint
        )
        try:
            earlier, hold = await self._admit(caller, task)
        except BaseException:
            if begun:
                lane.give_back()
            raise
        if earlier is not None:
            if begun:
                lane.give_back()
            return Submission(task=earlier, hold=None, work=None)
        self._telemetry.begun()
        return Submission(
            task=task, hold=hold, work=self._dispatcher.start(self._run(task, model, request, begun=begun))
        )

    async def _admit(self, caller: Caller, task: Task) -> tuple[Task | None, Hold | None]:
        try:
            return await self._database.write(_admit, caller, task, self._limits)
        except Duplicate:
            # Another request with the same Idempotency-Key was written between our look and our insert.
            return await self._database.write(_admit, caller, task, self._limits)

    async def wait(self, submission: Submission, seconds: float) -> Outcome | None:
        """Wait for a submission's end; None when it takes longer than `seconds` and goes on without us."""
        if submission.work is None:
            return await self.outcome(submission.task)
        return submission.work.result() if await _ended(submission.work, seconds) else None

    async def outcome(self, task: Task) -> Outcome | None:
        """Look up how a task ended; None while it has not."""
        if task.finished_at is None:
            return None
        made, balance = await self._database.read(_result, task)
        return Outcome(task=task, assets=made, error=_stored_error(task), balance=balance)

    async def resume(self) -> int:
        """Begin again what a dead process left unfinished; how many tasks that is. Called once, at the start."""
        left = await self._database.read(tasks.unfinished)
        for task in left:
            self._telemetry.begun()
            self._dispatcher.start(self._resume(task))
        return len(left)

    async def _resume(self, task: Task) -> Outcome:
        if task.attempt >= ATTEMPTS:
            return await self._fail(task, ApiError("The picture could not be made: the work was cut off too often."))
        try:
            model = self._catalogue.resolve(task.model)
            self._dispatcher.lane(model.engine)
        except (NotFound, KeyError):
            return await self._fail(task, ApiError(f"The model {task.model!r} is no longer on offer here."))
        return await self._run(task, model, msgspec.json.decode(task.request, type=Request), begun=False)

    async def sweep(self) -> int:
        """Delete pictures that are past their time, a batch of them; how many."""
        gone = await self._database.read(assets.expired, SWEPT_AT_ONCE)
        if gone:
            await self._store.delete(gone)
            await self._database.write(assets.mark_deleted, gone)
        return len(gone)

    async def _run(self, task: Task, model: Model, request: Request, *, begun: bool) -> Outcome:
        """Carry a task to its end; `begun` means that it holds a slot of the engine already."""
        claimed = task if begun else await self._begin(task, self._dispatcher.lane(model.engine))
        if claimed is None:
            return self._overtaken(task)
        made = await self._paint(model, request)
        pictures = [picture for picture in made if isinstance(picture, Picture)]
        if not pictures:
            return await self._fail(claimed, next(error for error in made if isinstance(error, LimnerError)))
        try:
            return await self._complete(claimed, request, made)
        except Exception:
            self._telemetry.log.exception("storing_failed", task_id=task.id)
            return await self._fail(claimed, ApiError())

    async def _begin(self, task: Task, lane: Lane) -> Task | None:
        """Wait for a slot and claim the task; None (and no slot) when somebody else has it."""
        await lane.take()
        claimed = None
        try:
            claimed = await self._database.write(tasks.claim, task)
        finally:
            if claimed is None:
                lane.give_back()
        return claimed

    async def _paint(self, model: Model, request: Request) -> list[Picture | LimnerError]:
        """Make all pictures; each place holds the picture or why there is none.

        The first has its slot already and gives it back when it is done, for the others may wait for that very slot.
        """
        engine, lane = self._engines[model.engine], self._dispatcher.lane(model.engine)

        async def first() -> Picture | LimnerError:
            try:
                return await self._picture(engine, model.job(request))
            finally:
                lane.give_back()

        async def another(position: int) -> Picture | LimnerError:
            async with lane.slot():
                return await self._picture(engine, model.job(request, position))

        if request.n == 1:
            return [await first()]
        return list(await asyncio.gather(first(), *(another(position) for position in range(1, request.n))))

    async def _picture(self, engine: Engine, job: Job) -> Picture | LimnerError:
        try:
            async with asyncio.timeout(self._engine_timeout):
                return await engine.generate(job, _unheard)
        except LimnerError as error:
            return error
        except TimeoutError:
            return Timeout(f"The picture took longer than {self._engine_timeout:g} s. The call was not charged.")
        except Exception:
            self._telemetry.log.exception("engine_failed", engine=engine.name)
            return ApiError()

    async def _complete(self, task: Task, request: Request, made: list[Picture | LimnerError]) -> Outcome:
        """Store the pictures, then write their rows and settle the hold in one transaction."""
        pictures = [(place, picture) for place, picture in enumerate(made) if isinstance(picture, Picture)]
        rows = [_asset(task, request.seed + place, place, picture, self._retention) for place, picture in pictures]
        for row, (_, picture) in zip(rows, pictures, strict=True):
            await self._store.save(row.name, picture.data)
        cost = task.hold // task.images * len(rows)
        ended = await self._database.write(_completed, task, rows, cost)
        if ended is None:
            return self._overtaken(task)
        finished, balance = ended
        self._report(finished, cost=cost, pictures=len(rows))
        data = [picture.data for _, picture in pictures]
        return Outcome(task=finished, assets=rows, data=data, balance=balance)

    async def _fail(self, task: Task, error: LimnerError) -> Outcome:
        ended = await self._database.write(_failed, task, error)
        if ended is None:
            return self._overtaken(task)
        finished, balance = ended
        self._report(finished, cost=0, pictures=0, code=error.code)
        return Outcome(task=finished, assets=[], error=error, balance=balance)

    def _overtaken(self, task: Task) -> Outcome:
        """Say what an attempt is told when another has taken its place: its work counts for nothing."""
        self._telemetry.overtaken()
        return Outcome(task=task, assets=[], error=Conflict("Another attempt of this task has taken over."))

    def _report(self, task: Task, *, cost: int, pictures: int, **more: Any) -> None:
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


def fingerprint(fields: msgspec.Struct) -> str:
    """Hash what a client asked for, so that an Idempotency-Key can be told to come with another body."""
    return hashlib.sha256(msgspec.json.encode(fields)).hexdigest()


def _admit(tx: Transaction, caller: Caller, task: Task, limits: Limits) -> tuple[Task | None, Hold | None]:
    """First transaction: the earlier task of the same Idempotency-Key, or the hold with the new task's row."""
    if task.idempotency_key is not None:
        earlier = tasks.by_idempotency_key(tx, task.account_id, task.idempotency_key, task.created_at)
        if earlier is not None:
            return _same(earlier, task), None
    rate = credentials.confirm(tx, caller.credential_id, task.images)
    hold = quotas.hold(tx, task.account_id, task.id, cost=task.hold, images=task.images, limits=limits)
    credentials.spent(tx, caller.credential_id, rate)
    tasks.insert(tx, task)
    return None, hold


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


def _completed(tx: Transaction, task: Task, rows: list[Asset], cost: int) -> tuple[Task, int] | None:
    """Second transaction: the pictures' rows, the end of the task, and the money."""
    finished = tasks.finish(tx, task, "completed", cost=cost)
    if finished is None:
        return None
    for row in rows:
        assets.insert(tx, row)
    balance = quotas.settle(tx, task.account_id, task.id, held=task.hold, cost=cost, images=task.images)
    return finished, balance


def _failed(tx: Transaction, task: Task, error: LimnerError) -> tuple[Task, int] | None:
    """Second transaction of a failure: nothing is charged."""
    what = {"code": error.code, "message": error.message, "param": error.param, "status": error.status}
    finished = tasks.finish(tx, task, "failed", cost=0, error=what)
    if finished is None:
        return None
    return finished, quotas.release(tx, task.account_id, task.id, held=task.hold, images=task.images)


def _result(tx: Transaction, task: Task) -> tuple[list[Asset], int]:
    return assets.of_task(tx, task.id), quotas.balance(tx, task.account_id)


def _stored_error(task: Task) -> LimnerError | None:
    if task.error is None:
        return None
    what = msgspec.json.decode(task.error)
    return CATALOGUE[what["code"]](what["message"], param=what.get("param"), status=what.get("status"))


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


def _unheard(_step: Step) -> None:
    """Nobody listens to the progress of a synchronous call."""


def _new_task(
    caller: Caller,
    model: Model,
    request: Request,
    *,
    begun: bool,
    trace_id: str,
    key: str | None,
    fingerprint: str | None,
) -> Task:
    at = now()
    return Task(
        id=new_id(),
        account_id=caller.account_id,
        application_id=caller.application_id,
        credential_id=caller.credential_id,
        trace_id=trace_id,
        kind=KIND,
        model=model.id,
        engine=model.engine,
        request=msgspec.json.encode(request).decode(),
        images=request.n,
        status="in_progress" if begun else "queued",
        attempt=1 if begun else 0,
        hold=model.price(request.quality, *request.pixels) * request.n,
        cost=None,
        error=None,
        idempotency_key=key,
        fingerprint=fingerprint,
        created_at=at,
        started_at=at if begun else None,
        finished_at=None,
    )


def _asset(task: Task, seed: int, position: int, picture: Picture, retention: int) -> Asset:
    at = now()
    return Asset(
        id=new_id(),
        task_id=task.id,
        account_id=task.account_id,
        position=position,
        content_type=picture.content_type,
        width=picture.width,
        height=picture.height,
        size=len(picture.data),
        sha256=hashlib.sha256(picture.data).hexdigest(),
        seed=seed,
        revised_prompt=picture.revised_prompt,
        scene=msgspec.json.encode(picture.scene).decode() if picture.scene else None,
        created_at=at,
        expires_at=at + retention,
    )
