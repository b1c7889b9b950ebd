"""One job on its way through the upstreams of its model, call by call, until one gives its pictures.

Another is asked only while nothing can have been billed. Each way is tried once; one whose upstream is busy for a short
while is waited for and tried once more.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from limner.engines.base import Called, Step
from limner.engines.openai_images.failures import FREE, Failed, busy
from limner.engines.openai_images.routing import choose
from limner.errors import LimnerError, Timeout, TooManyRequests, UpstreamError

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

    from limner.engines.base import Job, Picture, Progress
    from limner.engines.openai_images.options import Route
    from limner.engines.openai_images.upstream import Upstream

PATIENCE = 20.0
"""How long an upstream that is busy is waited for, seconds; a longer wait is for the client to decide."""

LEAST = 0.05
"""What share of a job's time must be left for a call to begin; what is begun may be billed."""


class Telling:
    """Tells how far a job has come that is done in so many parts; fractions never fall."""

    def __init__(self, progress: Progress, parts: int = 1) -> None:
        """`progress` is told."""
        self._progress, self._parts, self._done, self._fraction = progress, parts, 0, 0.0

    def asking(self) -> None:
        """Tell that a call begins."""
        self._tell("asking", 0.02)

    def preview(self, data: bytes, fraction: float) -> None:
        """Pass a picture under way on."""
        self._tell("receiving", fraction, data)

    def called(self, call: Called) -> None:
        """Tell of a call that is over."""
        self._done += call.outcome == "ok"
        self._tell("received" if call.outcome == "ok" else "asking", self._done / self._parts, call=call)

    def _tell(self, stage: str, fraction: float, preview: bytes | None = None, call: Called | None = None) -> None:
        self._fraction = max(self._fraction, fraction)
        self._progress(Step(stage, self._fraction, preview, call))


class Attempts:
    """The calls for one job."""

    def __init__(
        self,
        job: Job,
        upstreams: Mapping[str, Upstream],
        telling: Telling,
        *,
        seconds: float,
        clock: Callable[[], float],
        chance: random.Random,
    ) -> None:
        """`seconds` is for all of them together."""
        self._job, self._upstreams, self._telling = job, upstreams, telling
        self._clock, self._until, self._chance = clock, clock() + seconds, chance
        self._least = seconds * LEAST
        self._errors: list[LimnerError] = []
        self._busy: list[Route] = []
        self._previews = 0

    async def through(self, routes: list[Route]) -> list[Picture]:
        """Go through the ways to a model until one gives pictures; raises what went wrong."""
        made = await self._first(routes)
        if made is None and self._busy:
            made = await self._first(self._busy)
        if made is None:
            raise self._none(routes)
        return made

    async def _first(self, routes: list[Route]) -> list[Picture] | None:
        """Try each way once, in the order of choice, until one gives pictures; None where none does."""
        left, self._busy = list(routes), []
        while (route := choose(left, self._upstreams, self._clock(), self._chance)) is not None:
            left.remove(route)
            try:
                return await self._try(route)
            except Failed as failed:
                if not failed.again:
                    raise failed.error from failed
                self._errors.append(failed.error)
                if failed.wait is not None:
                    self._busy.append(route)
        return None

    async def _try(self, route: Route) -> list[Picture]:
        """Wait for a turn and make the call; raises `Failed`."""
        upstream = self._upstreams[route.upstream]
        wait = upstream.pace.ready_in(self._clock())
        if wait > min(PATIENCE, self._left):
            raise Failed(busy(f"The upstream {upstream.name!r} is busy.", wait), again=True)
        upstream.pace.take(self._clock())
        if wait:
            await asyncio.sleep(wait)
        try:
            async with asyncio.timeout(self._left - self._least):
                await upstream.turn()
        except TimeoutError:
            raise Failed(Timeout(f"The upstream {upstream.name!r} had no time for the call. {FREE}")) from None
        try:
            return await self._watched(route, upstream)
        finally:
            upstream.done()

    @property
    def _left(self) -> float:
        return self._until - self._clock()

    async def _watched(self, route: Route, upstream: Upstream) -> list[Picture]:
        """Make the call, keep the breaker, and tell of it."""
        if not upstream.breaker.enter(self._clock()):
            raise Failed(UpstreamError(f"The upstream {upstream.name!r} is not well. {FREE}"), again=True)
        self._telling.asking()
        begun = self._clock()
        try:
            made = await upstream.call(route, self._job, self._preview, min(upstream.timeout, self._left))
        except Failed as failed:
            self._failed(upstream, failed, begun)
            raise
        except BaseException:
            upstream.breaker.left()
            raise
        upstream.breaker.succeeded()
        self._telling.called(self._told(upstream, begun, "ok", 200))
        return made

    def _failed(self, upstream: Upstream, failed: Failed, begun: float) -> None:
        """Note what a failure says of the upstream, and tell of it."""
        now = self._clock()
        if failed.blames:
            upstream.breaker.failed(now)
        elif failed.status is None:
            upstream.breaker.left()
        else:
            upstream.breaker.succeeded()
        if failed.wait is not None:
            upstream.pace.rest(now, failed.wait)
        self._telling.called(self._told(upstream, begun, failed.error.code, failed.status, failed.error.message))

    def _told(
        self, upstream: Upstream, begun: float, outcome: str, status: int | None, detail: str | None = None
    ) -> Called:
        milliseconds = round((self._clock() - begun) * 1000)
        return Called(upstream=upstream.name, outcome=outcome, milliseconds=milliseconds, status=status, detail=detail)

    def _preview(self, data: bytes) -> None:
        """Pass a picture under way on, no more of them than wanted."""
        if self._previews < self._job.partial_images:
            self._previews += 1
            self._telling.preview(data, self._previews / (self._job.partial_images + 1))

    def _none(self, routes: list[Route]) -> LimnerError:
        """Say why no way led to a picture: that it would go later, or what went wrong last."""
        if self._errors:
            later = [error for error in self._errors if isinstance(error, TooManyRequests)]
            return (later or self._errors)[-1]
        now = self._clock()
        wait = min(self._upstreams[route.upstream].breaker.opens_in(now) for route in routes)
        told = busy(f"No upstream of {self._job.model!r} is well.", max(wait, 1.0))
        return UpstreamError(told.message, headers=told.headers)
