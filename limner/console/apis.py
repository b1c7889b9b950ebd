"""The pages of the APIs: what each does and costs, *Acquire*, and the playground; and the page that lists them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

import msgspec

from limner import accounts, assets, credentials, quotas
from limner.catalog import QUALITIES
from limner.console.acquiring import acquire_for
from limner.console.frame import page
from limner.console.query import plain
from limner.ids import now

if TYPE_CHECKING:
    from starlette.responses import Response

    from limner.accounts import Application
    from limner.assets import Asset
    from limner.catalog import Catalogue, Model
    from limner.console.frame import Visit
    from limner.credentials import Credential
    from limner.db import Transaction

PATH = "/apis/images-generations"
EDITS = "/apis/images-edits"
SHOWN_SIZES = (
    *("1024x1024", "1792x1024", "1024x1792", "1536x1024", "1024x1536", "1216x832", "832x1216"),
    *("512x512", "256x256"),
)
"""The sizes that the form offers where a model takes any; more are typed."""


class Api(msgspec.Struct, frozen=True, kw_only=True):
    """A page with a playground: where it is, what it says first, and the calls that it makes, by their paths in `/v1`.

    `operation` is what its playground begins with; `ideas` are prompts to try, by a word for each.
    """

    path: str
    operation: Literal["generate", "edit"]
    title: str
    lead: str
    does: str
    calls: tuple[str, ...]
    ideas: dict[str, str]

    @property
    def acquire(self) -> str:
        """Where its form to acquire goes."""
        return f"{self.path}/acquire"


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


GENERATIONS = Api(
    path=PATH,
    operation="generate",
    title="Images Generations",
    lead="Pictures from words, by OpenAI's call: any client that knows the Images API works with the address of this "
    "server and one of its keys.",
    does="Say what to draw, get a picture: any size, several at once, previews as it comes.",
    calls=("/images/generations",),
    ideas={example.file.removesuffix(".webp"): example.given["prompt"] for example in EXAMPLES[1:4]},
)
EDITING = Api(
    path=EDITS,
    operation="edit",
    title="Images Edits and Variations",
    lead="Pictures from pictures. Give one and say what shall be different, with a mask if only a part may change; or "
    "have another of its kind.",
    does="Give a picture and say what shall be different, or have another of its kind.",
    calls=("/images/edits", "/images/variations"),
    ideas={
        "at night": "the same scene at night",
        "watercolour": "as a watercolour painting",
        "lettering": 'add the title "HELLO"',
    },
)
APIS = (GENERATIONS, EDITING)
"""In the order in which they are listed."""

MOST_GIVEN = 16
"""How many pictures an address may name to be edited."""


class Standing(msgspec.Struct, frozen=True):
    """What a signed-in visitor has here: an application or none, the credentials that can draw, and a balance."""

    application: Application | None
    credentials: list[Credential]
    balance: int


async def show_generations(visit: Visit) -> Response:
    """Show the API that makes pictures of words."""
    return await _show(visit, GENERATIONS)


async def show_edits(visit: Visit) -> Response:
    """Show the API that makes pictures of pictures; `file` in the address names own ones to begin with."""
    return await _show(visit, EDITING)


async def _show(visit: Visit, api: Api) -> Response:
    """Show what an API does, and the playground with the visitor's own credentials."""
    from limner.console.samples import LANGUAGES  # noqa: PLC0415 - loads the template engine, which a start does not need

    services, standing, given = visit.services, None, []
    names = [plain(name) for name in visit.query.getlist("file")[:MOST_GIVEN]] if api is EDITING else []
    if visit.session is not None:
        account_id = visit.session.account_id
        standing = await services.database.read(_standing, account_id)
        given = await services.database.read(_kept, account_id, names) if names else []
    catalogue = services.catalogue
    default = catalogue.models[catalogue.default]
    models = [one for one in catalogue.models.values() if api is GENERATIONS or _edits(one)]
    return visit.render(
        "api.html",
        page="api",
        wide=True,
        api=api,
        apis=APIS,
        edits=EDITS if any(map(_edits, catalogue.models.values())) else None,
        given=json.dumps([{"name": one.name, "link": services.assets.link(one)} for one in given]),
        missing=len(names) - len(given) if visit.session else 0,
        base=f"{services.public_url}/v1",
        origin=services.public_url,
        standing=standing,
        settings=services.settings,
        models=models,
        tariffs=_tariffs(models),
        default=default,
        free=_buys(default, services.settings.free_credits),
        buys=_buys(default, standing.balance) if standing else 0,
        offered=json.dumps(_offered(catalogue, models), separators=(",", ":")),
        examples=EXAMPLES,
        languages=[(name, language.title) for name, language in LANGUAGES.items()],
        parameters=await visit.request.scope["state"]["pages"].parameters(f"/v1{api.calls[0]}"),
    )


def _edits(model: Model) -> bool:
    return model.capabilities.edits or model.capabilities.variations


def _kept(tx: Transaction, account_id: str, names: list[str]) -> list[Asset]:
    """Find the account's pictures with these names that are still kept."""
    found = [assets.find(tx, account_id, assets.identity(name)) for name in names]
    at = now()
    return [one for one in found if one is not None and one.deleted_at is None and one.expires_at > at]


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
    back, own = visit.form.get("next", ""), visit.request.url.path.removesuffix("/acquire")
    return visit.redirect(back if back.startswith(own + "?") else own, **made)


async def list_apis(visit: Visit) -> Response:
    """List the APIs that there are."""
    return visit.render("apis.html", page="api", wide=True, apis=APIS)


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


def _tariffs(models: list[Model]) -> list[Tariff]:
    found: list[Tariff] = []
    for model in models:
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


def _offered(catalogue: Catalogue, offered: list[Model]) -> dict[str, Any]:
    """Give the playground's script what it draws its form from: each model's capabilities and prices, as data."""
    models = {
        model.id: {
            "capabilities": msgspec.to_builtins(model.capabilities),
            "prices": msgspec.to_builtins(model.prices),
            "sizes": list(model.capabilities.sizes) or [size for size in SHOWN_SIZES if _fits(model, size)],
        }
        for model in offered
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


list_page = page("/apis", list_apis)
show_generations_page = page(PATH, show_generations)
show_edits_page = page(EDITS, show_edits)
acquire_page = page(f"{PATH}/acquire", acquire, needs="user")
acquire_edits_page = page(f"{EDITS}/acquire", acquire, needs="user")
