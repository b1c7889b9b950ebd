"""The two pages: what limner is, and how it is called."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, cast

import msgspec

from limner import __version__
from limner.console import html, reference, samples
from limner.console.html import Page, respond
from limner.console.wording import FAILURE
from limner.engines.sandbox import DIRECTIVES
from limner.errors import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from limner.bootstrap import Services
    from limner.catalog import Model

CREDIT = 1_000_000
"""Micro-credits in one credit."""


class Row(msgspec.Struct, frozen=True):
    """A model as people look at it; `price` is what a standard picture of the default size costs, in credits."""

    id: str
    engine: str
    size: str
    price: str
    answers: str
    prompt_limit: int
    sizes: str
    max_images: int
    formats: str
    default: bool


class Pages:
    """The pages of one server, rendered when first asked for and kept: all they say is known at start."""

    def __init__(self, services: Services, openapi: dict[str, Any]) -> None:
        """`openapi` is the description of the API that the reference is made from."""
        self._services, self._openapi = services, openapi
        self._kept: dict[str, Page] = {}

    async def give(self, name: str, make: Callable[[Services, dict[str, Any]], Page]) -> Page:
        """Give a page; the first time it is made in a thread, as it takes longer than a request should wait."""
        found = self._kept.get(name)
        if found is None:
            found = self._kept[name] = await asyncio.to_thread(make, self._services, self._openapi)
        return found


async def landing(request: Request) -> Response:
    """Say what limner is and how to begin."""
    request.scope["context"].route = "/"
    return respond(request, await _pages(request).give("landing", _landing))


async def docs(request: Request) -> Response:
    """Give the reference of the API."""
    request.scope["context"].route = "/docs"
    return respond(request, await _pages(request).give("docs", _docs))


def _pages(request: Request) -> Pages:
    return cast("Pages", request.scope["state"]["pages"])


def _landing(services: Services, _: dict[str, Any]) -> Page:
    return html.render("landing.html", **_common(services), samples=samples.begin(_base(services)))


def _docs(services: Services, openapi: dict[str, Any]) -> Page:
    default = services.catalogue.models[services.catalogue.default]
    read = reference.Document(openapi, services.public_url, {"ModelObject": _example(default)}, _defaults(default))
    return html.render(
        "docs.html",
        **_common(services),
        samples=samples.begin(_base(services)),
        groups=read.groups(),
        envelope=list(read.fields("ErrorEnvelope")),
        failure=json.dumps(FAILURE, indent=2),
        errors=list(CATALOGUE.values()),
        directives=DIRECTIVES,
        settings=services.settings,
    )


def _common(services: Services) -> dict[str, Any]:
    rows = [_row(model, services.catalogue.default) for model in services.catalogue.models.values()]
    return {"base": _base(services), "version": __version__, "models": rows}


def _base(services: Services) -> str:
    return f"{services.public_url}/v1"


def _row(model: Model, default: str) -> Row:
    can = model.capabilities
    width, _, height = can.default_size.partition("x")
    price = model.price("standard", int(width), int(height)) / CREDIT
    return Row(
        id=model.id,
        engine=model.engine,
        size=can.default_size.replace("x", " × "),
        price=f"{price:.2f}" if price else "free",
        answers=can.default_response_format,
        prompt_limit=can.prompt_limit,
        sizes=", ".join(can.sizes) or f"{can.min_side} to {can.max_side} a side",
        max_images=can.max_images,
        formats=", ".join(can.output_formats) or can.default_output_format,
        default=model.id == default,
    )


def _defaults(model: Model) -> dict[str, str]:
    """Say what the default model takes a parameter to be when it is left out."""
    can = model.capabilities
    return {
        "model": model.id,
        "n": "1",
        "size": can.default_size,
        "quality": can.default_quality,
        "style": can.default_style,
        "response_format": can.default_response_format,
        "output_format": can.default_output_format,
        "output_compression": "100",
        "background": "auto",
        "moderation": "auto",
        "seed": "random",
        "stream": "false",
        "async": "false",
        "trace_id": "made for you",
    }


def _example(model: Model) -> dict[str, Any]:
    """Give a model as the API shows it."""
    plain: dict[str, Any] = msgspec.to_builtins(model)
    shown = ("id", "created", "owned_by", "engine", "description", "capabilities", "prices")
    return {name: plain[name] for name in shown} | {"object": "model"}
