"""Models: which are on offer, what they cost, and which engine answers."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from limner import oversight
from limner.console.admin.reading import ident, in_micro, month_ago
from limner.errors import BadRequest, LimnerError, NotFound
from limner.quotas import CREDIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from limner.bootstrap import Services
    from limner.catalog import Model
    from limner.console.frame import Visit
    from limner.engines.base import Health
    from limner.offers import Offer, Prices


class Shown(msgspec.Struct):
    """A model as an admin looks at it."""

    model: Model
    offer: Offer
    on: bool
    default: bool
    following: str
    own_engine: str
    misfit: str | None
    figures: oversight.Figures


async def show_all(visit: Visit) -> Response:
    """List the models of the catalogue."""
    figures = await visit.services.database.read(oversight.by_model, month_ago())
    rows = [_shown(visit, model, figures) for model in visit.services.catalogue.known.values()]
    return visit.render("admin/models.html", page="models", rows=rows, counted=oversight.COUNTED)


def _shown(visit: Visit, model: Model, figures: dict[str, oversight.Figures]) -> Shown:
    catalogue, offer = visit.services.catalogue, visit.services.offering.decided(model.id)
    own = catalogue.own_engines[model.id]
    return Shown(
        model=model,
        offer=offer,
        on=model.id in catalogue.models,
        default=model.id == catalogue.default,
        following=offer.engine or own,
        own_engine=own,
        misfit=catalogue.misfits.get(model.id),
        figures=figures.get(model.id, oversight.Figures()),
    )


async def show(visit: Visit) -> Response:
    """Show one model with what can be decided about it."""
    return await _one(visit, None)


async def _one(visit: Visit, error: LimnerError | None) -> Response:
    services = visit.services
    await services.offering.look()
    model = services.catalogue.known.get(ident(visit))
    if model is None:
        raise NotFound("There is no such model.")
    figures = await services.database.read(oversight.by_model, month_ago())
    return visit.render(
        "admin/model.html",
        error.status if error else 200,
        page="models",
        error=error,
        row=_shown(visit, model, figures),
        prices=[(quality, _inputs(quality, bands)) for quality, bands in model.prices.items()],
        engines=services.offering.engines,
        health=await _health(services, model),
        upstreams=_upstreams(model),
        form=visit.form,
    )


async def _health(services: Services, model: Model) -> Health | None:
    """Ask the engine that answers now how it is; None where this node has it not."""
    engine = services.engines.get(model.engine)
    return await engine.check() if engine is not None else None


def _upstreams(model: Model) -> list[str]:
    """Name the upstreams that a model's options choose."""
    return [str(one["upstream"]) for one in model.options.get("upstreams", [])]


def _inputs(quality: str, bands: Sequence[tuple[int, int]]) -> list[tuple[str, str, str]]:
    """Name the fields for a quality's prices: the name, the most megapixels, and the price now, to the last digit."""
    return [
        (f"{quality}-{place}", f"{pixels / 1e6:.3g}", f"{Decimal(price) / CREDIT:f}")
        for place, (pixels, price) in enumerate(bands)
    ]


async def switch(visit: Visit) -> Response:
    """Take a model off the offer, or put it back."""
    on = visit.form.get("to") != "off"
    act = "switch on model" if on else "switch off model"
    notice = "The model is on offer." if on else "The model is switched off; what was accepted is still finished."
    return await _decide(visit, act, {"enabled": None if on else False}, notice)


async def price(visit: Visit) -> Response:
    """Set the prices of a model, or go back to the catalogue's."""
    if visit.form.get("to") == "catalogue":
        return await _decide(visit, "reset prices", {"prices": None}, "The prices of the catalogue hold again.")
    try:
        prices = _prices(visit)
    except LimnerError as error:
        return await _one(visit, error)
    return await _decide(
        visit, "set prices", {"prices": prices}, "The prices are set; what was accepted keeps its own."
    )


def _prices(visit: Visit) -> Prices:
    """Read a price for each band that the model has now; raises `BadRequest` naming the field."""
    model = visit.services.catalogue.known.get(ident(visit))
    if model is None:
        raise NotFound("There is no such model.")
    found: Prices = {}
    for quality, bands in model.prices.items():
        found[quality] = []
        for place, (pixels, _) in enumerate(bands):
            name = f"{quality}-{place}"
            amount = in_micro(visit.form.get(name, ""), name)
            if amount < 0:
                raise BadRequest("A price is nothing below zero.", param=name)
            found[quality].append((pixels, amount))
    return found


async def choose_engine(visit: Visit) -> Response:
    """Choose the engine that answers from the next start on."""
    engine = visit.form.get("engine", "")
    own = visit.services.catalogue.own_engines.get(ident(visit))
    changes = {"engine": None if engine == own else engine}
    return await _decide(visit, "choose engine", changes, "The engine is chosen.")


async def _decide(visit: Visit, act: str, changes: dict[str, Any], notice: str) -> Response:
    model = ident(visit)
    try:
        await visit.services.offering.decide(visit.user.email, act, model, changes)
    except BadRequest as error:
        return await _one(visit, error)
    return visit.redirect(f"/admin/models/{model}", notice=notice)
