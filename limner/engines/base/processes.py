"""Worker processes and who gets them: pictures are painted outside the serving process, one order at a time per worker.

The serving process stays free of numpy and never computes; a worker that crashes, is killed or runs
out of memory takes one order with it at most, and that order is tried once more. The worker's side is `child.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from asyncio.subprocess import PIPE, Process
from functools import partial
from typing import TYPE_CHECKING, cast

import msgspec

from limner.engines.base import Picture, frames
from limner.engines.base.frames import At, Done, Failed, Ready
from limner.errors import CATALOGUE, ApiError, BadRequest, LimnerError, RequestTooLarge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from limner.engines.base import Job, Progress, Step

GRACE = 2.0
PATIENCE = 1.5
ATTEMPTS = 2

Result = Picture | LimnerError

log = logging.getLogger(__name__)


class WorkerLostError(Exception):
    """The worker died, or never came up; the message is for the operator."""


class Worker:
    """One worker process, from before it is started until after it has ended."""

    def __init__(self, command: Sequence[str], grace: float = GRACE, patience: float = PATIENCE) -> None:
        """Make one that will be started as `command`.

        It has `grace` seconds for leaving when its input is closed, `patience` for leaving a job nobody wants.
        """
        self.ready: Ready | None = None
        self.problem: str | None = None
        self.busy = False
        self._command, self._grace, self._patience = command, grace, patience
        self._process: Process | None = None
        self._length: int | None = None
        self._starting: asyncio.Task[None] | None = None
        self._leaving: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process's id, none before it is started."""
        return self._process.pid if self._process else None

    @property
    def usable(self) -> bool:
        """Whether a job may be given to it: neither broken nor dead nor in the middle of something that is wanted."""
        return not (self.problem or self.ended or (self.busy and self._leaving is None))

    @property
    def ended(self) -> bool:
        """Whether the process ran and is over."""
        return self._process is not None and self._process.returncode is not None

    def start(self) -> asyncio.Task[None]:
        """Start the process in the background, once; the task ends when it is warm or has a `problem`."""
        if self._starting is None:
            self._starting = asyncio.create_task(self._start())
        return self._starting

    async def _start(self) -> None:
        try:
            self._process = await asyncio.create_subprocess_exec(
                # Its own session: Ctrl-C in a terminal is for the server, which then ends its workers.
                *self._command,
                stdin=PIPE,
                stdout=PIPE,
                limit=frames.LARGEST,
                start_new_session=True,
            )
            first = await self._read(self._process)
        except (OSError, WorkerLostError) as lost:
            self.problem = str(lost)
            return
        if isinstance(first, Ready):
            self.ready = first
        else:
            self.problem = first.message if isinstance(first, Failed) else "said something odd"

    async def run(self, frame: bytes, progress: Sequence[Progress]) -> list[Result]:
        """Have an order's frame worked off: at each place the picture, or the error of that job.

        `progress` has one for each job. Raises `WorkerLostError` when the worker dies. When this is cancelled, the
        worker is asked to leave the order at its next step (see `free`); when it is lost, it stays `busy` and must be
        ended.
        """
        await asyncio.wait([self.start()])  # which leaves the start alone when this is cancelled
        if self.ready is None or self._process is None:
            raise WorkerLostError(self.problem)
        self.busy = True
        results: dict[int, Result] = {}
        _input(self._process).write(frame)
        try:
            while len(results) < len(progress):
                answer = await self._read(self._process)
                if isinstance(answer, At):
                    progress[answer.place](answer.step)
                elif not isinstance(answer, Ready):
                    results[answer.place] = _result(answer)
        except asyncio.CancelledError:
            self._leaving = asyncio.create_task(self._leave(self._process, len(progress) - len(results)))
            raise
        self.busy = False
        return [results[place] for place in range(len(progress))]

    async def _leave(self, process: Process, due: int) -> None:
        """Ask the worker to leave its order, and wait for the last words `due`; without them it stays `busy`."""
        _input(process).write(frames.CANCEL)
        with contextlib.suppress(TimeoutError, WorkerLostError):
            async with asyncio.timeout(self._patience):
                while due:
                    due -= isinstance(await self._read(process), Done | Failed)
                self.busy = False

    async def free(self) -> bool:
        """Wait until the worker has left a cancelled job, if there was one; whether it can take another."""
        if self._leaving is not None:
            await asyncio.wait([self._leaving])
            self._leaving = None
        return self.usable

    async def _read(self, process: Process) -> frames.Message:
        """Read the next message; cancelled between length and body, the next call goes on with the body."""
        output = cast("asyncio.StreamReader", process.stdout)
        try:
            if self._length is None:
                self._length = int.from_bytes(await output.readexactly(frames.LENGTH), "big")
            body = await output.readexactly(self._length)
            self._length = None
            return frames.message(body)
        except (asyncio.IncompleteReadError, ConnectionError, msgspec.DecodeError) as problem:
            raise WorkerLostError(f"broke off: {type(problem).__name__}") from problem

    async def end(self) -> None:
        """End the process: at once if it is busy or starting, else by closing its input. Never raises."""
        if self._starting is not None and not self._starting.done():
            self._starting.cancel()
            await asyncio.wait([self._starting])
        if self._process is None:
            return
        if self.busy or not (self.ready or self.problem):
            _kill(self._process)
        _input(self._process).close()
        try:
            await asyncio.wait_for(self._process.wait(), self._grace)
        except TimeoutError:
            _kill(self._process)
            await self._process.wait()


def _kill(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()


def _input(process: Process) -> asyncio.StreamWriter:
    return cast("asyncio.StreamWriter", process.stdin)  # there is one, as it was asked for


def _result(answer: Done | Failed) -> Result:
    if isinstance(answer, Done):
        return answer.picture
    return CATALOGUE.get(answer.code, ApiError)(answer.message, param=answer.param)


class Pool:
    """A fixed number of workers. Orders get one as they came; the rest wait."""

    def __init__(
        self,
        workers: int,
        command: Sequence[str],
        grace: float = GRACE,
        patience: float = PATIENCE,
        name: str = "illustrator",
    ) -> None:
        """Make a pool; nothing is started before `start` or the first order. `name` is for messages."""
        self._name = name
        self._worker = partial(Worker, command, grace, patience)
        self._turns = asyncio.Semaphore(workers)  # wakes those who wait first come, first served
        self._idle = [self._worker() for _ in range(workers)]
        self._all = set(self._idle)
        self._endings: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def workers(self) -> frozenset[Worker]:
        """All workers there are now, idle or not."""
        return frozenset(self._all)

    def start(self) -> None:
        """See to it, in the background, that all workers are up; those that have died are replaced."""
        self._idle = [worker if worker.usable else self._replace(worker) for worker in self._idle]
        for worker in self._idle:
            worker.start()

    async def run(self, job: Job, progress: Progress) -> Picture:
        """Have one picture made by the next free worker; progress never goes back.

        Raises the `LimnerError` the job fails with; `BadRequest` for a prompt that is no valid Unicode;
        `RequestTooLarge` for pictures that no frame holds; `ApiError` when two workers in a row are lost over it.
        """
        (result,) = await self.run_all((job,), [progress])
        if isinstance(result, LimnerError):
            raise result
        return result

    async def run_all(self, jobs: tuple[Job, ...], progress: Sequence[Progress]) -> list[Result]:
        """Have several jobs done as one order: at each place the picture, or the error of that job.

        Raises what `run` raises, but for the errors of single jobs.
        """
        frame, rising = _frame(jobs), [_rising(one) for one in progress]
        async with self._turns:
            for _ in range(ATTEMPTS):
                try:
                    return await self._attempt(frame, rising)
                except WorkerLostError as lost:
                    log.warning("a worker of the %s was lost: %s", self._name, lost)
        raise ApiError

    async def _attempt(self, frame: bytes, progress: Sequence[Progress]) -> list[Result]:
        if self._closed:
            raise ApiError(f"The {self._name} is shutting down. The call was not charged; it is safe to try again.")
        worker = self._take()
        try:
            if not await worker.free():
                worker = self._replace(worker)
            return await worker.run(frame, progress)
        finally:
            self._give_back(worker)

    def _take(self) -> Worker:
        """Take an idle worker: a warm one if there is any, and rather not one that is leaving a cancelled job."""
        worker = max(self._idle, key=lambda worker: (worker.usable, worker.ready is not None, not worker.busy))
        self._idle.remove(worker)
        return worker

    def _give_back(self, worker: Worker) -> None:
        if self._closed:
            return
        if worker.usable:
            self._idle.append(worker)
            return
        fresh = self._replace(worker)
        self._idle.append(fresh)
        if worker.ready is not None:  # one that never came up would only fail again: wait for a job to try
            fresh.start()

    def _replace(self, worker: Worker) -> Worker:
        self._all.discard(worker)
        ending = asyncio.create_task(worker.end())
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)
        fresh = self._worker()
        self._all.add(fresh)
        return fresh

    async def close(self) -> None:
        """End all workers; jobs still running fail. Takes `grace` seconds at most, and may be called again."""
        self._closed = True
        everyone, self._all = self._all, set()
        self._idle.clear()
        await asyncio.gather(*self._endings, *(worker.end() for worker in everyone))


def _frame(jobs: tuple[Job, ...]) -> bytes:
    try:
        return frames.frame(jobs)
    except UnicodeEncodeError:
        raise BadRequest("The prompt holds half a character (a lone surrogate).", param="prompt") from None
    except ValueError:
        raise RequestTooLarge("The pictures are larger, all together, than this engine takes.", param="image") from None


def _rising(progress: Progress) -> Progress:
    """Pass progress on, but never backwards: a second attempt starts again from nothing."""
    highest = 0.0

    def rise(step: Step) -> None:
        nonlocal highest
        highest = max(highest, min(step.fraction, 1.0))
        progress(msgspec.structs.replace(step, fraction=highest))

    return rise
