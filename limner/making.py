"""Making: all the slow work of a generation, from its request to the bytes of its pictures.

The prompt is judged and shaped, the engine paints, the pictures are judged and marked. No transaction is open, nothing
is stored: what comes of it is for `generations` to write down.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from limner import assets
from limner.dispatch.feed import LocalFeed, Progressed
from limner.engines.base import Called, Given, Picture, Several, Step, Tokens
from limner.errors import ApiError, LimnerError, ModerationBlocked, Timeout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from limner.capabilities import Input
    from limner.catalog import Model, Request
    from limner.conduct import Conduct
    from limner.db import Database
    from limner.dispatch.base import Dispatcher
    from limner.dispatch.lanes import Lane
    from limner.engines.base import Engine
    from limner.inputs import Inputs
    from limner.tasks import Task
    from limner.telemetry import Telemetry

Result = Picture | LimnerError


class Made(msgspec.Struct, kw_only=True):
    """What came of a request: at each place the picture or why there is none, and the calls to upstreams for it."""

    results: list[Result]
    calls: list[Called]

    @property
    def pictures(self) -> list[tuple[int, Picture]]:
        """The pictures with their places."""
        return [(place, result) for place, result in enumerate(self.results) if isinstance(result, Picture)]

    @property
    def error(self) -> LimnerError:
        """Why there is no picture at all."""
        return next(result for result in self.results if isinstance(result, LimnerError))

    @property
    def refusals(self) -> list[ModerationBlocked]:
        """What policies refused, once for each policy."""
        refused = [result for result in self.results if isinstance(result, ModerationBlocked)]
        return list({result.policy: result for result in refused}.values())

    @property
    def usage(self) -> Tokens | None:
        """What the upstreams counted for all pictures; None where nobody counted."""
        counted = [picture.usage for _, picture in self.pictures if picture.usage is not None]
        kinds = Tokens.__struct_fields__
        return Tokens(**{kind: sum(getattr(one, kind) for one in counted) for kind in kinds}) if counted else None


class _Order(msgspec.Struct):
    """One task under way: its inputs, loaded, the prompt that somebody wrote anew, and the calls made for it so far."""

    task: Task
    model: Model
    request: Request
    images: tuple[Given, ...] = ()
    mask: bytes | None = None
    shaped: str | None = None
    calls: list[Called] = msgspec.field(default_factory=list)


class Maker:
    """Makes the pictures of requests; built once in `bootstrap`."""

    def __init__(
        self,
        database: Database,
        engines: Mapping[str, Engine],
        dispatcher: Dispatcher,
        *,
        feed: LocalFeed,
        inputs: Inputs,
        conduct: Conduct,
        telemetry: Telemetry,
        engine_timeout: float,
    ) -> None:
        """`engine_timeout` is the longest time for one picture, seconds."""
        self._database, self._engines, self._dispatcher, self._feed = database, engines, dispatcher, feed
        self._shaper, self._moderation, self._provenance = conduct.shaper, conduct.moderation, conduct.provenance
        self._inputs, self._telemetry, self._engine_timeout = inputs, telemetry, engine_timeout

    async def make(self, task: Task, model: Model, request: Request) -> Made:
        """Make all pictures of a task that holds a slot of its lane, and give the slot back.

        What goes wrong is told in the result, at the place of the picture that is missing.
        """
        order, lane = _Order(task, model, request), self._dispatcher.lane(model.id)
        assert lane is not None  # noqa: S101 - it holds a slot of it
        try:
            await self._prepare(order)
        except BaseException as error:
            lane.give_back()
            if not isinstance(error, Exception):
                raise
            return Made(results=[self._told(order, error)], calls=[])
        return Made(results=await self._paint(order, lane), calls=order.calls)

    async def _prepare(self, order: _Order) -> None:
        """Judge the prompt, have it written anew, and load the inputs."""
        model, request = order.model, order.request
        if request.operation != "vary":
            await self._moderation.judge_prompt(model.moderation, request.prompt)
            order.shaped = await self._shaper.shape(request.prompt, model.shaping, model.capabilities.prompt_limit)
            if order.shaped is not None:
                await self._moderation.judge_prompt(model.moderation, order.shaped)
        if request.images:
            order.images = tuple([await self._given(one) for one in request.images])
        if request.mask is not None:
            order.mask = await self._inputs.load(request.mask)

    async def _given(self, one: Input) -> Given:
        data = await self._inputs.load(one.name)
        plan = await self._database.read(assets.plan, one.asset) if one.asset else None
        return Given(data=data, content_type=one.content_type, width=one.width, height=one.height, plan=plan)

    async def _paint(self, order: _Order, lane: Lane) -> list[Result]:
        """Make all pictures, in as few calls as the engine can.

        The first call has its slot already and gives it back when it is done, for the others may wait for that one.
        """
        first, *others = self._portions(order)

        async def begun() -> list[Result]:
            try:
                return await self._pictures(order, first)
            finally:
                lane.give_back()

        if not others:
            return await begun()
        made = await asyncio.gather(begun(), *(self._another(lane, order, places) for places in others))
        return [result for portion in made for result in portion]

    def _portions(self, order: _Order) -> list[range]:
        """Share the places out: as many to a call as the model's table says and the engine can."""
        n, engine = order.request.n, self._engines[order.model.engine]
        most = order.model.batch if isinstance(engine, Several) else 1
        return [range(start, min(start + most, n)) for start in range(0, n, most)]

    async def _another(self, lane: Lane, order: _Order, places: range) -> list[Result]:
        async with lane.slot():
            return await self._pictures(order, places)

    async def _pictures(self, order: _Order, places: range) -> list[Result]:
        """Make the pictures of some places; one that the engine did not give is an error of its own place."""
        try:
            async with asyncio.timeout(self._engine_timeout):
                made = await self._generated(order, places)
        except Exception as error:  # noqa: BLE001 - told, in the words of the catalogue
            return [self._told(order, error)] * len(places)
        found: list[Result] = [await self._finished(order, picture) for picture in made[: len(places)]]
        return found + [ApiError("The engine gave fewer pictures than asked for.")] * (len(places) - len(found))

    async def _generated(self, order: _Order, places: range) -> list[Picture]:
        engine, tell = self._engines[order.model.engine], partial(self._tell, order, places[0])
        job = order.model.job(order.request, places[0], n=len(places), images=order.images, mask=order.mask)
        if self._moderation.sees(order.model.moderation):  # nobody may see a picture before it is judged
            job = msgspec.structs.replace(job, partial_images=0)
        if order.shaped is not None:
            job = msgspec.structs.replace(job, prompt=order.shaped)
        if len(places) == 1:
            return [await engine.generate(job, tell)]
        assert isinstance(engine, Several)  # noqa: S101 - only then there are several places
        return await engine.generate_several(job, tell)

    async def _finished(self, order: _Order, picture: Picture) -> Result:
        """Judge a picture and write into it where it comes from, before anybody can see it."""
        try:
            await self._moderation.judge_picture(order.model.moderation, picture.data, picture.content_type)
            data = picture.data
            if picture.origin is not None:
                maker = picture.version or order.model.id
                data = await self._provenance.mark(data, picture.content_type, picture.origin, maker)
        except Exception as error:  # noqa: BLE001 - told, in the words of the catalogue
            return self._told(order, error)
        revised = order.shaped or (
            picture.revised_prompt if self._shaper.manner(order.model.shaping) != "off" else None
        )
        return msgspec.structs.replace(picture, data=data, revised_prompt=revised)

    def _told(self, order: _Order, error: Exception) -> LimnerError:
        """Put what went wrong in the words of the catalogue."""
        if isinstance(error, LimnerError):
            return error
        if isinstance(error, TimeoutError):
            return Timeout(f"The picture took longer than {self._engine_timeout:g} s. The call was not charged.")
        self._telemetry.log.error("engine_failed", engine=order.model.engine, exc_info=error)
        return ApiError()

    def _tell(self, order: _Order, position: int, step: Step) -> None:
        """Tell how far a picture has come; its end is told by the task's."""
        if step.call is not None:
            order.calls.append(step.call)
        if step.fraction < 1:
            self._feed.publish(
                Progressed(
                    task_id=order.task.id,
                    position=position,
                    stage=step.stage,
                    fraction=step.fraction,
                    preview=step.preview,
                )
            )
