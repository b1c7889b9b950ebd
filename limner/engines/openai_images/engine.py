"""The engine: it reads the tables, knows the upstreams, and sends each job on its way through them."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

import msgspec

from limner.engines.base import Health
from limner.engines.openai_images.asking import lacking
from limner.engines.openai_images.attempts import Attempts, Telling
from limner.engines.openai_images.options import routes, upstream_table
from limner.engines.openai_images.upstream import Upstream
from limner.errors import ApiError, ApiNotImplemented

if TYPE_CHECKING:
    from collections.abc import Callable

    from limner.engines.base import Job, Picture, Progress, Setup
    from limner.engines.openai_images.options import Route

MARGIN = 1.0
"""Seconds, or at most a tenth, by which calls end before the picture's time: only here is known what may be billed."""

SLOTS = 1000
"""How many calls at once an upstream without a limit of its own gets."""

PROBING = 1.0


class OpenAIImages:
    """Has pictures made by upstreams that speak OpenAI's Images dialect."""

    name: str = "openai_images"

    def __init__(
        self, setup: Setup, *, clock: Callable[[], float] = time.monotonic, chance: random.Random | None = None
    ) -> None:
        """Read the tables of the models and of the upstreams that they name; raises `ValueError` naming what is wrong.

        `clock` gives seconds, `chance` chooses among equals.
        """
        self._routes = {model: routes(options, model, setup.upstreams) for model, options in setup.models.items()}
        names = sorted({route.upstream for found in self._routes.values() for route in found})
        self._upstreams = {
            name: Upstream(name, upstream_table(setup.upstreams, name), outbound=setup.outbound, room=setup.room)
            for name in names
        }
        self._seconds = setup.seconds - min(MARGIN, setup.seconds / 10)
        self._clock, self._chance = clock, chance or random.Random()
        self.slots = sum(upstream.slots or SLOTS for upstream in self._upstreams.values()) or 1

    async def start(self) -> None:
        """Return: connections are made when they are needed."""

    async def generate(self, job: Job, progress: Progress) -> Picture:
        """Have one picture made.

        Raises what the upstreams' answers come to (`failures`), and `ApiNotImplemented` for what none of them offers.
        """
        return (await self._attempts(job, Telling(progress)).through(self._ways(job)))[0]

    async def generate_several(self, job: Job, progress: Progress) -> list[Picture]:
        """Have `job.n` pictures made, in as few calls as all ways to the model allow; raises what `generate` raises."""
        ways = self._ways(job)
        most = min(route.several for route in ways)
        parts = [
            msgspec.structs.replace(job, n=min(most, job.n - start), seed=job.seed + start)
            for start in range(0, job.n, most)
        ]
        telling = Telling(progress, len(parts))
        made = await asyncio.gather(
            *(self._attempts(part, telling).through(ways) for part in parts), return_exceptions=True
        )
        pictures = [picture for one in made if isinstance(one, list) for picture in one]
        if not pictures:
            raise next(one for one in made if isinstance(one, BaseException))
        return pictures

    def _attempts(self, job: Job, telling: Telling) -> Attempts:
        return Attempts(job, self._upstreams, telling, seconds=self._seconds, clock=self._clock, chance=self._chance)

    def _ways(self, job: Job) -> list[Route]:
        """Give the ways that offer all that a job wants; raises `ApiNotImplemented` naming what none of them does."""
        found = self._routes.get(job.model)
        if not found:
            raise ApiError(f"No upstream is known here for the model {job.model!r}.")
        lacks = [(route, lacking(route, job)) for route in found]
        fit = [route for route, lack in lacks if lack is None]
        if not fit:
            param, what = next(lack for _, lack in lacks if lack is not None)
            raise ApiNotImplemented(f"What stands behind {job.model!r} does not offer {what}.", param=param)
        return fit

    async def check(self) -> Health:
        """Say how each upstream is: by the calls of late, or, before there was one, by asking it for its models.

        Only a model none of whose upstreams has its key, or all upstreams failing, is bad health.
        """
        states = dict(
            zip(self._upstreams, await asyncio.gather(*map(self._state, self._upstreams.values())), strict=True)
        )
        keyless = {name for name, upstream in self._upstreams.items() if upstream.keyless is not None}
        helpless = any(all(route.upstream in keyless for route in ways) for ways in self._routes.values())
        ok = not helpless and (not states or any(state is None for state in states.values()))
        told = "; ".join(f"{name}: {state or 'well'}" for name, state in states.items())
        return Health(ok=ok, detail=told or "no model of this node has an upstream")

    async def _state(self, upstream: Upstream) -> str | None:
        """Say what is wrong with an upstream, in words; None where nothing is known to be."""
        if upstream.keyless is not None:
            return f"no key: {upstream.keyless.removeprefix('env:')} is not set"
        if upstream.asked:
            return upstream.breaker.state(self._clock())
        return await upstream.probe(PROBING)

    async def close(self) -> None:
        """Break off what is under way and let go of all connections."""
        for upstream in self._upstreams.values():
            await upstream.close()
