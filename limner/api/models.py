"""`GET /v1/models`: what is on offer, in OpenAI's shape with capabilities and prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner.api import wire
from limner.api.auth import authenticate
from limner.api.context import context_of, services_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def list_models(request: Request) -> Response:
    """List the models on offer."""
    context_of(request.scope).route = "/v1/models"
    await authenticate(request.scope)
    catalogue = services_of(request.scope).catalogue
    return wire.json_response(wire.ModelList([wire.model(model) for model in catalogue.models.values()]))


async def get_model(request: Request) -> Response:
    """Give one model."""
    context_of(request.scope).route = "/v1/models/{id}"
    await authenticate(request.scope)
    return wire.json_response(wire.model(services_of(request.scope).catalogue.resolve(request.path_params["id"])))
