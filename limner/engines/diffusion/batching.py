"""Who gets the network next: jobs that wait, put together where they can be made in one go.

A GPU makes four pictures in little more time than one; a CPU gains nothing (measured), so there an order has one job.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from limner.engines.base import Job, Picture, Progress, Step
from limner.errors import LimnerError

if TYPE_CHECKING:
    from limner.engines.base.processes import Pool, Result

HEAVIEST = 16 * 1024 * 1024
"""How many bytes of given pictures an order of several jobs may have."""


class _Waiting:
    """A job that waits for its picture."""

    def __init__(self, job: Job, progress: Progress) -> None:
        self.job, self._progress = job, progress
        self.picture: asyncio.Future[Picture] = asyncio.get_running_loop().create_future()

    def tell(self, step: Step) -> None:
        """Pass progress on, unless nobody wants the picture any more."""
        if not self.picture.done():
            self._progress(step)

    def settle(self, result: Result | Exception) -> None:
        if self.picture.done():
            return
        if isinstance(result, Exception):
            self.picture.set_exception(result)
        else:
            self.picture.set_result(result)


class Batches:
    """The line in front of a model's process. First come, first served, but that equal jobs may go along."""

    def __init__(self, pool: Pool) -> None:
        """Have the orders done by `pool`, whose one worker says how many jobs an order may have."""
        self._pool = pool
        self._line: deque[_Waiting] = deque()
        self._turns: asyncio.Task[None] | None = None

    async def run(self, job: Job, progress: Progress) -> Picture:
        """Have one picture made; raises what `Pool.run` raises. When this is cancelled, so is the job."""
        waiting = _Waiting(job, progress)
        self._line.append(waiting)
        if self._turns is None:
            self._turns = asyncio.create_task(self._work())
        return await waiting.picture

    async def close(self) -> None:
        """Leave the order under way and let all that wait fail; the pool must have been closed."""
        if self._turns is not None:
            await asyncio.wait([self._turns])

    async def _work(self) -> None:
        try:
            while self._line:
                if order := self._next(await self._most()):
                    await self._order(order)
        finally:
            self._turns = None

    async def _most(self) -> int:
        """Say how many jobs an order may have, as soon as the worker knows; 1 while it does not come up."""
        (worker,) = self._pool.workers or (None,)
        if worker is None:
            return 1
        await asyncio.wait([worker.start()])
        return worker.ready.most if worker.ready else 1

    def _next(self, most: int) -> list[_Waiting]:
        """Take the first job that is still wanted out of the line, and those that can be made with it."""
        order: list[_Waiting] = []
        weight = 0
        for waiting in list(self._line):
            if waiting.picture.done():
                self._line.remove(waiting)
                continue
            weight += _weight(waiting.job)
            if not order or (_shape(waiting.job) == _shape(order[0].job) and weight <= HEAVIEST):
                self._line.remove(waiting)
                order.append(waiting)
            if len(order) == most:
                break
        return order

    async def _order(self, order: list[_Waiting]) -> None:
        """Have an order done; when nobody wants any of its pictures any more, it is left."""
        jobs, progress = tuple(one.job for one in order), [one.tell for one in order]
        doing = asyncio.create_task(self._pool.run_all(jobs, progress))

        def left(_: object) -> None:
            if all(one.picture.cancelled() for one in order):
                doing.cancel()

        for one in order:
            one.picture.add_done_callback(left)
        await asyncio.wait([doing])
        if doing.cancelled():
            return
        problem = doing.exception()
        results = [problem] * len(order) if problem else doing.result()
        for one, result in zip(order, results, strict=True):
            one.settle(result if isinstance(result, LimnerError | Picture) else RuntimeError(str(result)))


def _weight(job: Job) -> int:
    return sum(len(given.data) for given in job.images) + len(job.mask or b"")


def _shape(job: Job) -> tuple[Any, ...]:
    """Say what two jobs must have in common to be made in one go."""
    return job.operation, job.mask is None, job.width, job.height, job.quality
