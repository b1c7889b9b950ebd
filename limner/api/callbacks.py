"""Callbacks as their receivers' owners see them: the secret that signs, what was delivered, and once more, please."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import msgspec

from limner import accounts, callbacks
from limner.api import wire
from limner.api.auth import authenticate
from limner.api.body import given_parameters
from limner.api.context import context_of, services_of
from limner.api.query import choice, integer, moment, plain, text
from limner.callbacks import Chosen, Status
from limner.errors import BadRequest
from limner.ids import SECOND

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from limner.bootstrap import Services
    from limner.credentials import Caller

MOST = 100
LONGEST_OVERLAP = 30 * 86_400
DAY = 86_400


class Rotation(msgspec.Struct, frozen=True, kw_only=True):
    """How long the old secret signs too, seconds."""

    overlap: int | None = None


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """Where a test callback is to go."""

    callback_url: str | None = None


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """Which deliveries are to be made again; times are Unix seconds."""

    status: str | None = None
    created_at_min: float | None = None
    created_at_max: float | None = None


async def get_secret(request: Request) -> Response:
    """Give the secret that signs this application's callbacks."""
    caller, services = await _entered(request, "/v1/callbacks/secret")
    serial, until = await services.database.read(accounts.callback_key, caller.application_id)
    return _secret(services, caller, serial, until)


async def rotate_secret(request: Request) -> Response:
    """Go on to a new secret; both sign during the overlap, a day unless asked otherwise."""
    caller, services = await _entered(request, "/v1/callbacks/secret/rotate")
    overlap = (await given_parameters(request, services.settings.max_body, Rotation))[0].overlap
    overlap = DAY if overlap is None else overlap
    if not 0 <= overlap <= LONGEST_OVERLAP:
        raise BadRequest(f"overlap must be from 0 to {LONGEST_OVERLAP} seconds.", param="overlap")
    serial, until = await services.database.write(accounts.rotate_callback_key, caller.application_id, overlap * SECOND)
    return _secret(services, caller, serial, until)


def _secret(services: Services, caller: Caller, serial: int, until: int | None) -> Response:
    signing = callbacks.secrets_of(services.secret, caller.application_id, serial, until)
    body = {
        "application_id": caller.application_id,
        "secret": signing[0],
        "rotations": serial,
        "previous_until": until / SECOND if until is not None and len(signing) > 1 else None,
    }
    return wire.json_response(body, headers={"cache-control": "no-store"})


async def try_callback(request: Request) -> Response:
    """Send a signed test callback now, and give the delivery with what the receiver answered."""
    caller, services = await _entered(request, "/v1/callbacks/test")
    url = (await given_parameters(request, services.settings.max_body, Trial))[0].callback_url
    if url is None:
        raise BadRequest("Say where the test is to go.", param="callback_url")
    services.outbound.check(url, param="callback_url")
    delivery_id = await services.courier.test(
        account_id=caller.account_id, application_id=caller.application_id, url=url
    )
    return await _told(services, caller, delivery_id)


async def list_deliveries(request: Request) -> Response:
    """Give the account's deliveries, newest first, a page at a time."""
    caller, services = await _entered(request, "/v1/deliveries")
    query = request.query_params
    chosen = Chosen(
        status=choice(request, "status", get_args(Status)),
        task_id=text(request, "task_id"),
        created_at_min=moment(query.get("created_at_min"), "created_at_min"),
        created_at_max=moment(query.get("created_at_max"), "created_at_max"),
        after=text(request, "after"),
    )
    limit = integer(request, "limit", 20, least=1, most=MOST)
    found = await services.database.read(callbacks.listed, caller.account_id, chosen, limit=limit + 1)
    page = wire.page([wire.delivery(one) for one in found[:limit]], has_more=len(found) > limit)
    return wire.json_response(page, headers={"cache-control": "no-store"})


async def get_delivery(request: Request) -> Response:
    """Give one delivery with all its attempts."""
    caller, services = await _entered(request, "/v1/deliveries/{id}")
    return await _told(services, caller, plain(request.path_params["id"]))


async def redeliver_one(request: Request) -> Response:
    """Make one delivery again, with the same id."""
    caller, services = await _entered(request, "/v1/deliveries/{id}/redeliver")
    delivery_id = plain(request.path_params["id"])
    await services.database.write(callbacks.redeliver, caller.account_id, delivery_id)
    services.courier.wake()
    return await _told(services, caller, delivery_id)


async def redeliver_range(request: Request) -> Response:
    """Make all deliveries of a range of time again, those that failed unless another status is named."""
    caller, services = await _entered(request, "/v1/deliveries/redeliver")
    given, _ = await given_parameters(request, services.settings.max_body, Range)
    if given.created_at_min is None:
        raise BadRequest("Say from when on: created_at_min in Unix seconds.", param="created_at_min")
    if given.status is not None and given.status not in get_args(Status):
        raise BadRequest(f"status must be one of {', '.join(get_args(Status))}.", param="status")
    chosen = Chosen(
        status=given.status or "failed",
        created_at_min=moment(given.created_at_min, "created_at_min"),
        created_at_max=moment(given.created_at_max, "created_at_max"),
    )
    count = await services.database.write(callbacks.redeliver_range, caller.account_id, chosen)
    services.courier.wake()
    return wire.json_response({"redelivered": count})


async def _entered(request: Request, route: str) -> tuple[Caller, Services]:
    context_of(request.scope).route = route
    return await authenticate(request.scope, "callbacks.manage"), services_of(request.scope)


async def _told(services: Services, caller: Caller, delivery_id: str) -> Response:
    delivery, attempts = await services.database.read(callbacks.find, caller.account_id, delivery_id)
    body = wire.delivery(delivery) | {"attempts": [wire.attempt(one) for one in attempts]}
    return wire.json_response(body, headers={"cache-control": "no-store"})
