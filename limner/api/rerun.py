"""`POST /v1/tasks/{id}/rerun`: the request of a task once more, as a new task with its own price and limits.

With the same seed, which is what it has unless told otherwise, an engine that is deterministic makes the same pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from starlette.requests import Request as Incoming

from limner import tasks
from limner.api.auth import authenticate
from limner.api.body import given_parameters
from limner.api.context import context_of, services_of
from limner.api.images import keep_trace_id, submit
from limner.api.query import plain
from limner.capabilities import MAX_SEED, Request
from limner.errors import ApiNotImplemented, BadRequest

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from limner.bootstrap import Services
    from limner.catalog import Model


class Again(msgspec.Struct, frozen=True, kw_only=True, rename={"is_async": "async"}):
    """What may be otherwise this time; None is "as it was", except that nobody is called back unless told so."""

    seed: int | None = None
    n: int | None = None
    response_format: str | None = None
    callback_url: str | None = None
    is_async: bool | None = None
    trace_id: str | None = None


class _Asked(msgspec.Struct, frozen=True):
    """What an Idempotency-Key stands for."""

    task: str
    again: Again


class Rerun:
    """The endpoint; an instance of a class, because its answer may be one that beats."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as a generation does."""
        context, services = context_of(scope), services_of(scope)
        context.route = "/v1/tasks/{id}/rerun"
        caller = await authenticate(scope, "images.generate")
        incoming = Incoming(scope, receive)
        task_id = plain(incoming.path_params["id"])
        again, warnings = await given_parameters(incoming, services.settings.max_body, Again)
        keep_trace_id(context, again.trace_id)
        if again.callback_url is not None:
            services.outbound.check(again.callback_url, param="callback_url")
        task = await services.database.read(tasks.find, caller.account_id, task_id)
        model = services.catalogue.resolve(task.model)
        before = msgspec.json.decode(task.request, type=Request)
        request = await _kept(services, caller.account_id, _changed(model, before, again))
        try:
            answer = await submit(
                scope,
                caller,
                model,
                request,
                asked=_Asked(task_id, msgspec.structs.replace(again, trace_id=None)),
                later=bool(again.is_async) or again.callback_url is not None,
                warnings=warnings,
            )
        except BaseException:
            await services.inputs.discard(_inputs(request))
            raise
        await answer(receive, send)


def _changed(model: Model, before: Request, again: Again) -> Request:
    """Give the request as it is this time; raises `BadRequest` or `ApiNotImplemented` for what the model has not."""
    can = model.capabilities
    if again.seed is not None and not can.seed:
        raise ApiNotImplemented(f"The model {model.id!r} does not offer 'seed'; leave it out.", param="seed")
    if again.response_format is not None and again.response_format not in can.response_formats:
        raise BadRequest(f"response_format must be one of {', '.join(can.response_formats)}.", param="response_format")
    request = msgspec.structs.replace(
        before,
        seed=_within("seed", before.seed if again.seed is None else again.seed, 0, MAX_SEED),
        n=_within("n", before.n if again.n is None else again.n, 1, can.max_images),
        response_format=again.response_format or before.response_format,
        callback_url=again.callback_url,
    )
    offered = {"edit": can.edits, "vary": can.variations}.get(request.operation, True)
    try:
        model.price(request.quality, *request.pixels)
    except (KeyError, StopIteration):
        offered = False
    if not offered:
        raise ApiNotImplemented(f"The model {model.id!r} no longer offers what this task asked for.", param="model")
    return request


def _within(name: str, given: int, least: int, most: int) -> int:
    if not least <= given <= most:
        raise BadRequest(f"{name} must be a whole number from {least} to {most}.", param=name)
    return given


async def _kept(services: Services, account_id: str, request: Request) -> Request:
    """Keep the pictures that came with a request for this time too; raises `NotFound` where they are gone."""
    images = tuple([await _copied(services, account_id, one.name) for one in request.images])
    mask = await _copied(services, account_id, request.mask) if request.mask is not None else None
    named = tuple(msgspec.structs.replace(one, name=name) for one, name in zip(request.images, images, strict=True))
    return msgspec.structs.replace(request, images=named, mask=mask)


async def _copied(services: Services, account_id: str, name: str) -> str:
    return await services.inputs.save(account_id, await services.inputs.load(name))


def _inputs(request: Request) -> list[str]:
    return [one.name for one in request.images] + ([request.mask] if request.mask is not None else [])
