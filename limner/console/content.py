"""What the pages say, gathered from the services and put into the templates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from limner import __version__
from limner.console import html, plates, reference, samples
from limner.console.html import CREDIT
from limner.console.wording import FAILURE
from limner.engines.sandbox import DIRECTIVES
from limner.errors import CATALOGUE

if TYPE_CHECKING:
    from limner.bootstrap import Services
    from limner.catalog import Model


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


def landing(services: Services, _: dict[str, Any]) -> str:
    """Write the page that says what limner is and how to begin."""
    pictures = [plates.shown("style")[0], *plates.shown("exact")]
    return html.render(
        "landing.html",
        **said(services),
        samples=samples.begin(_base(services)),
        pictures=pictures,
        registration=services.settings.registration,
        free_credits=services.settings.free_credits,
    )


def docs(services: Services, openapi: dict[str, Any]) -> str:
    """Write the reference, from the OpenAPI document."""
    read = _document(services, openapi)
    return html.render(
        "docs.html",
        **said(services),
        samples=samples.begin(_base(services)),
        groups=read.groups(),
        envelope=list(read.fields("ErrorEnvelope")),
        failure=json.dumps(FAILURE, indent=2),
        errors=list(CATALOGUE.values()),
        directives=DIRECTIVES,
        settings=services.settings,
    )


def parameters(services: Services, openapi: dict[str, Any], path: str) -> list[reference.Parameter]:
    """List the parameters of an operation, those in the body and the headers."""
    groups = _document(services, openapi).groups()
    return next((one.parameters for group in groups for one in group.operations if one.path == path), [])


def _document(services: Services, openapi: dict[str, Any]) -> reference.Document:
    default = services.catalogue.models[services.catalogue.default]
    return reference.Document(openapi, services.public_url, {"ModelObject": _example(default)}, _defaults(default))


def said(services: Services) -> dict[str, Any]:
    """Gather what every page may say: the address, the models, the version."""
    rows = [_row(model, services.catalogue.default) for model in services.catalogue.models.values()]
    return {"base": _base(services), "version": __version__, "models": rows, "in_console": False}


def _base(services: Services) -> str:
    return f"{services.public_url}/v1"


def _row(model: Model, default: str) -> Row:
    can = model.capabilities
    width, _, height = can.default_size.partition("x")
    price = model.price("standard", int(width), int(height)) / CREDIT
    return Row(
        id=model.id,
        engine=model.engine,
        size=can.default_size.replace("x", " \u00d7 "),
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
