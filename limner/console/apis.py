"""The page of the API: what it does and costs, *Acquire*, and the playground, on `/apis/images-generations`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
from starlette.responses import RedirectResponse

from limner import accounts, credentials, quotas
from limner.catalog import QUALITIES
from limner.console.acquiring import acquire_for
from limner.console.frame import page
from limner.ids import now

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from limner.accounts import Application
    from limner.catalog import Catalogue, Model
    from limner.console.frame import Visit
    from limner.credentials import Credential
    from limner.db import Transaction

PATH = "/apis/images-generations"
SHOWN_SIZES = (
    *("1024x1024", "1792x1024", "1024x1792", "1536x1024", "1024x1536", "1216x832", "832x1216"),
    *("512x512", "256x256"),
)
"""The sizes that the form offers where a model takes any; more are typed."""


class Example(msgspec.Struct, frozen=True):
    """A picture that limner made, with the parameters that make it again; `file` is one of the console's own."""

    file: str
    alt: str
    given: dict[str, str]

    @property
    def query(self) -> str:
        """Give the parameters as the playground reads them from its address."""
        return urlencode(self.given)


def _example(file: str, alt: str, prompt: str, **more: str) -> Example:
    return Example(file, alt, {"prompt": prompt, **more})


EXAMPLES = (
    _example(
        "fox.webp",
        "A fox with a red scarf reads a book in an autumn forest.",
        "a fox with a red scarf reading a book in an autumn forest",
        quality="hd",
        seed="11",
    ),
    _example(
        "castle.webp",
        "Three striped hot-air balloons above a castle in golden evening light.",
        "a castle on a hill above a lake at sunset, hot air balloons in the sky",
        quality="hd",
        seed="2",
    ),
    _example(
        "lighthouse.webp",
        "A lighthouse with lit windows in a thunderstorm at night.",
        "a lighthouse on a rocky coast in a storm at night",
        quality="hd",
        seed="4",
    ),
    _example(
        "breakfast.webp",
        "A watercolour of a cup of coffee between two croissants on a wooden table.",
        "a watercolor of a cup of coffee and two croissants on a wooden table",
        quality="hd",
        style="natural",
        seed="3",
    ),
    _example(
        "robot.webp",
        "A small robot among three sunflowers in a garden.",
        "a small robot watering three sunflowers in a garden in the morning",
        quality="hd",
        seed="8",
    ),
    _example(
        "bakery.webp",
        "A bakery with a red and white awning in the snow.",
        "an isometric bakery with a red awning in the snow",
        quality="hd",
        seed="7",
    ),
)


class Standing(msgspec.Struct, frozen=True):
    """What a signed-in visitor has here: an application or none, the credentials that can draw, and a balance."""

    application: Application | None
    credentials: list[Credential]
    balance: int


async def show_api(visit: Visit) -> Response:
    """Show what the API does, and the playground with the visitor's own credentials."""
    from limner.console.samples import LANGUAGES  # noqa: PLC0415 - loads the template engine, which a start does not need

    services, standing = visit.services, None
    if visit.session is not None:
        standing = await services.database.read(_standing, visit.session.account_id)
    catalogue = services.catalogue
    default = catalogue.models[catalogue.default]
    return visit.render(
        "api.html",
        page="api",
        wide=True,
        path=PATH,
        base=f"{services.public_url}/v1",
        origin=services.public_url,
        standing=standing,
        settings=services.settings,
        models=list(catalogue.models.values()),
        tariffs=_tariffs(catalogue),
        default=default,
        free=_buys(default, services.settings.free_credits),
        buys=_buys(default, standing.balance) if standing else 0,
        offered=json.dumps(_offered(catalogue), separators=(",", ":")),
        examples=EXAMPLES,
        languages=[(name, language.title) for name, language in LANGUAGES.items()],
        parameters=await visit.request.scope["state"]["pages"].parameters("/v1/images/generations"),
    )


def _standing(tx: Transaction, account_id: str) -> Standing:
    at = now()
    found = [one for one in credentials.of_account(tx, account_id) if one.state(at) in {"active", "until rotated out"}]
    drawing = [one for one in found if "images.generate" in one.scopes.split()]
    return Standing(accounts.application(tx, account_id), drawing, quotas.balance(tx, account_id))


async def acquire(visit: Visit) -> Response:
    """Admit the user to the API with a credential that is shown once; who has been admitted sees the application."""
    made = await acquire_for(visit.services, visit.user.account_id)
    if not made:
        return visit.redirect(
            "/console/credentials", notice="You have acquired this API already. This is what you have."
        )
    back = visit.form.get("next", "")
    return visit.redirect(back if back.startswith(PATH + "?") else PATH, **made)


async def apis(request: Request) -> Response:
    """Send on to the one API that there is."""
    request.scope["context"].route = "/apis"
    return RedirectResponse(PATH, 307)


def _buys(model: Model, credits_left: int) -> int:
    """Say how many pictures of the default size and quality so many micro-credits buy; 0 where they are free."""
    price = _default_price(model)
    return credits_left // price if price else 0


def _default_price(model: Model) -> int:
    return model.price("auto", *map(int, model.capabilities.default_size.split("x")))


class Tariff(msgspec.Struct, frozen=True):
    """Models that cost the same, with their prices in micro-credits a picture: by quality, for each band of pixels."""

    models: list[str]
    engine: str
    prices: dict[str, list[tuple[int, int]]]


def _tariffs(catalogue: Catalogue) -> list[Tariff]:
    found: list[Tariff] = []
    for model in catalogue.models.values():
        offered = {model.engine_quality(quality) for quality in (*model.capabilities.qualities, "auto")}
        prices: dict[str, list[tuple[int, int]]] = {
            name: list(bands) for name, bands in model.prices.items() if name in offered
        }
        same = next((one for one in found if (one.engine, one.prices) == (model.engine, prices)), None)
        if same is None:
            found.append(Tariff([model.id], model.engine, prices))
        else:
            same.models.append(model.id)
    return found


def _offered(catalogue: Catalogue) -> dict[str, Any]:
    """Give the playground's script what it draws its form from: each model's capabilities and prices, as data."""
    models = {
        model.id: {
            "capabilities": msgspec.to_builtins(model.capabilities),
            "prices": msgspec.to_builtins(model.prices),
            "sizes": list(model.capabilities.sizes) or [size for size in SHOWN_SIZES if _fits(model, size)],
        }
        for model in catalogue.models.values()
    }
    return {"default": catalogue.default, "qualities": QUALITIES, "models": models}


def _fits(model: Model, size: str) -> bool:
    can = model.capabilities
    sides = [int(side) for side in size.split("x")]
    ratio = can.max_ratio is None or max(sides) <= can.max_ratio * min(sides)
    return (
        min(sides) >= can.min_side
        and max(sides) <= can.max_side
        and ratio
        and not any(side % can.multiple_of for side in sides)
    )


show_api_page = page(PATH, show_api)
acquire_page = page(f"{PATH}/acquire", acquire, needs="user")
