"""The catalogue of models on offer: what each can do, as data, and what it costs.

One table a model drives everything: it validates requests, sets the price, and is what `/v1/models` shows. The tables
are `models.toml` with the operator's file laid over it.
"""

from __future__ import annotations

import math
import random
import re
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from limner.engines.base import Job
from limner.errors import ApiNotImplemented, BadRequest, NotFound
from limner.orientation import Orientation, orientation

if TYPE_CHECKING:
    from pathlib import Path

Quality = Literal["low", "standard", "hd"]
Style = Literal["vivid", "natural"]
Background = Literal["opaque", "transparent"]
OutputFormat = Literal["png", "jpeg", "webp"]
C = TypeVar("C", bound=str)
QUALITIES: dict[str, Quality] = {"low": "low", "standard": "standard", "medium": "standard", "high": "hd", "hd": "hd"}
"""What clients call a quality, in the words of the engines; `auto` is the model's default."""

MAX_SEED = 2**53 - 1
"""The largest seed: the largest integer that every JSON reader keeps exact (RFC 8259, section 6)."""

_SIZE = re.compile(r"([0-9]{1,6})[xX]([0-9]{1,6})", re.ASCII)


class CatalogueError(ValueError):
    """The catalogue cannot be used; the message names the table and what is wrong with it."""


class Capabilities(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a model takes. An empty list means that it has no such parameter; empty `sizes`, any size in the bounds.

    `auto` as a size is the first of `auto_sizes` that lies as the prompt wants it, or the default.
    """

    min_side: int
    max_side: int
    max_pixels: int
    default_size: str
    qualities: tuple[str, ...]
    default_quality: str
    styles: tuple[Style, ...]
    default_style: Style
    response_formats: tuple[str, ...]
    default_response_format: str
    output_formats: tuple[OutputFormat, ...]
    default_output_format: OutputFormat
    output_compression: bool
    backgrounds: tuple[Background | Literal["auto"], ...]
    seed: bool
    max_images: int
    prompt_limit: int
    sizes: tuple[str, ...] = ()
    auto_sizes: tuple[str, ...] = ()
    multiple_of: int = 1
    max_ratio: float | None = None
    streaming: bool = False
    edits: bool = False
    variations: bool = False


class Fields(msgspec.Struct, frozen=True, kw_only=True, rename={"is_async": "async"}):
    """The parameters of a generation as a client gives them; None is "not given"."""

    prompt: str | None = None
    model: str | None = None
    n: int | None = None
    size: str | None = None
    quality: str | None = None
    style: str | None = None
    response_format: str | None = None
    output_format: str | None = None
    output_compression: int | None = None
    background: str | None = None
    moderation: str | None = None
    user: str | None = None
    seed: int | None = None
    stream: bool | None = None
    partial_images: int | None = None
    callback_url: str | None = None
    is_async: bool | None = None
    trace_id: str | None = None

    @property
    def later(self) -> bool:
        """Whether the client wants the answer later: it says so, or says where to send it."""
        return bool(self.is_async) or self.callback_url is not None


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What a client asks of a model, complete and valid: made by `Model.request` only. It is what a task keeps."""

    model: str
    prompt: str
    n: int
    size: str
    quality: str
    style: Style
    response_format: str
    output_format: OutputFormat
    output_compression: int
    background: Background
    seed: int
    user: str | None = None
    partial_images: int = 0
    callback_url: str | None = None

    @property
    def pixels(self) -> tuple[int, int]:
        """The size as (width, height)."""
        width, _, height = self.size.partition("x")
        return int(width), int(height)


class Warned(msgspec.Struct, frozen=True):
    """Something in a request that had no effect, and why."""

    param: str
    message: str


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One model: its public id, the engine that really answers, what it can do and what it costs.

    `slots` is how many of its pictures a node works on at once; 0 means that it shares the engine's.
    """

    id: str
    engine: str
    capabilities: Capabilities
    prices: dict[Quality, tuple[tuple[int, int], ...]]
    options: dict[str, Any] = {}
    slots: int = 0
    description: str = ""
    owned_by: str = "limner"
    created: int = 1_767_225_600

    def price(self, quality: str, width: int, height: int) -> int:
        """Give the price of one picture in micro-credits."""
        bands = self.prices[self.engine_quality(quality)]
        return next(price for pixels, price in bands if width * height <= pixels)

    def engine_quality(self, quality: str) -> Quality:
        """Put a quality in the words of the engines."""
        return QUALITIES[self.capabilities.default_quality if quality == "auto" else quality]

    def job(self, request: Request, position: int = 0) -> Job:
        """Make the engine's order for the picture at this place; each picture of a request has its own seed."""
        width, height = request.pixels
        return Job(
            prompt=request.prompt,
            width=width,
            height=height,
            seed=request.seed + position,
            quality=self.engine_quality(request.quality),
            style=request.style,
            background=request.background,
            output_format=request.output_format,
            output_compression=request.output_compression,
            partial_images=request.partial_images,
            options=self.options,
        )

    def request(self, fields: Fields, warnings: list[Warned]) -> Request:
        """Check what a client gave against the capabilities and fill in what it left out.

        What has no effect is added to `warnings`. Raises `BadRequest` or `ApiNotImplemented` naming the parameter.
        """
        can = self.capabilities
        _refuse_unoffered(self, fields)
        background = _choose(self, "background", fields.background, can.backgrounds, "auto")
        output_format = _choose(
            self, "output_format", fields.output_format, can.output_formats, can.default_output_format
        )
        if background == "transparent" and output_format == "jpeg":
            raise BadRequest("JPEG has no transparency: ask for output_format png or webp.", param="background")
        _warn(fields, output_format, warnings)
        return Request(
            model=self.id,
            prompt=_prompt(fields.prompt, can.prompt_limit),
            n=_between("n", fields.n, 1, can.max_images, 1),
            size=_size(fields, can),
            quality=_choose(self, "quality", fields.quality, can.qualities, can.default_quality),
            style=_choose(self, "style", fields.style, can.styles, can.default_style),
            response_format=_choose(
                self, "response_format", fields.response_format, can.response_formats, can.default_response_format
            ),
            output_format=output_format,
            output_compression=_between("output_compression", fields.output_compression, 0, 100, 100),
            background="transparent" if background == "transparent" else "opaque",
            seed=_between("seed", fields.seed, 0, MAX_SEED, random.getrandbits(31)),
            user=fields.user,
            partial_images=_between("partial_images", fields.partial_images, 0, 3, 0) if fields.later else 0,
            callback_url=fields.callback_url,
        )


def _refuse_unoffered(model: Model, fields: Fields) -> None:
    """Refuse whole parameters that the model does not have; silence would be a wrong picture."""
    can = model.capabilities
    missing = {
        "stream": bool(fields.stream) and not can.streaming,
        "seed": fields.seed is not None and not can.seed,
        "output_compression": fields.output_compression is not None and not can.output_compression,
    }
    for param, refused in missing.items():
        if refused:
            raise ApiNotImplemented(f"The model {model.id!r} does not offer {param!r}; leave it out.", param=param)


def _choose(model: Model, param: str, given: str | None, offered: tuple[C, ...], default: C) -> C:
    if given is None:
        return default
    if given in offered:
        return offered[offered.index(given)]
    if not offered:
        raise ApiNotImplemented(f"The model {model.id!r} does not offer {param!r}; leave it out.", param=param)
    raise BadRequest(f"{_quoted(given)} is no {param} of {model.id!r}; it takes {_listed(offered)}.", param=param)


def _between(param: str, given: int | None, least: int, most: int, default: int) -> int:
    if given is None:
        return default
    if not least <= given <= most:
        allowed = f"must be {least}" if least == most else f"must be between {least} and {most}"
        raise BadRequest(f"{param} {allowed}, not {given}.", param=param)
    return given


def _prompt(given: str | None, limit: int) -> str:
    if given is None:
        raise BadRequest("A prompt is required: say what to draw.", param="prompt")
    if len(given) > limit:
        raise BadRequest(f"The prompt has {len(given)} characters; this model takes at most {limit}.", param="prompt")
    if not given.strip():
        raise BadRequest("The prompt is empty: say what to draw.", param="prompt")
    return given


def _size(fields: Fields, can: Capabilities) -> str:
    """Check a size, or find one for `auto`. The answer is written without leading zeros, with a small x."""
    given = fields.size
    if given is None:
        return can.default_size
    if given == "auto":
        return _fitting(fields.prompt or "", can)
    found = _SIZE.fullmatch(given)
    if found is None:
        raise BadRequest(
            f"{_quoted(given)} is no size: write WIDTHxHEIGHT, for example {can.default_size}.", param="size"
        )
    width, height = int(found[1]), int(found[2])
    size = f"{width}x{height}"
    if can.sizes and size not in can.sizes:
        raise BadRequest(f"{size} is no size of this model; it takes {_listed((*can.sizes, 'auto'))}.", param="size")
    problem = None if can.sizes else _bounds(width, height, can)
    if problem:
        raise BadRequest(f"{size} is no size of this model: {problem}.", param="size")
    return size


def _fitting(prompt: str, can: Capabilities) -> str:
    """Give the size that `auto` means for a prompt."""
    wanted = orientation(prompt)
    return next((size for size in can.auto_sizes if _orientation_of(size) == wanted), can.default_size)


def _orientation_of(size: str) -> Orientation:
    width, height = map(int, size.split("x"))
    return "square" if width == height else "wide" if width > height else "tall"


def _bounds(width: int, height: int, can: Capabilities) -> str | None:
    """Say which bound a size breaks, if any."""
    if min(width, height) < can.min_side or max(width, height) > can.max_side:
        return f"each side must be {can.min_side} to {can.max_side} pixels"
    if width * height > can.max_pixels:
        return f"at most {can.max_pixels} pixels in all, not {width * height}"
    if width % can.multiple_of or height % can.multiple_of:
        return f"both sides must be multiples of {can.multiple_of}"
    if can.max_ratio and max(width, height) > can.max_ratio * min(width, height):
        return f"one side may be at most {can.max_ratio:g} times the other"
    return None


def _warn(fields: Fields, output_format: str, warnings: list[Warned]) -> None:
    """Name what was given and has no effect."""
    if fields.moderation is not None and fields.moderation not in {"auto", "low"}:
        raise BadRequest(f"{_quoted(fields.moderation)} is no moderation; it is auto or low.", param="moderation")
    if fields.moderation == "low":
        warnings.append(Warned("moderation", "This model has one policy; moderation has no effect."))
    if fields.partial_images is not None:
        _between("partial_images", fields.partial_images, 0, 3, 0)
        if fields.partial_images and not fields.later:
            told = "Partial pictures come with async or callback_url, in the task's events; this had no effect."
            warnings.append(Warned("partial_images", told))
    if output_format == "png" and fields.output_compression not in {None, 100}:
        warnings.append(Warned("output_compression", "PNG keeps every pixel; output_compression has no effect on it."))


def _quoted(given: str) -> str:
    return repr(given if len(given) <= 40 else given[:40] + "…")


def _listed(offered: tuple[str, ...]) -> str:
    return ", ".join(offered[:-1]) + " or " + offered[-1] if len(offered) > 1 else offered[0]


class Catalogue:
    """The models on offer, in the order of the file."""

    def __init__(self, models: list[Model], default: str) -> None:
        """`default` is the model of requests that name none; it must be among `models`."""
        self.models = {model.id: model for model in models}
        if default not in self.models:
            raise CatalogueError(f"default = {default!r} is no model of the catalogue")
        self.default = default

    @classmethod
    def load(cls, operator_file: Path | None = None) -> Catalogue:
        """Read the shipped catalogue with the operator's laid over it; raises `CatalogueError`."""
        tables = tomllib.loads(files("limner").joinpath("models.toml").read_text("utf-8"))
        if operator_file is not None:
            tables = _laid_over(tables, _operator(operator_file))
        models = [_model(tables, name, table) for name, table in tables["models"].items() if table.get("enabled", True)]
        return cls(models, tables["default"])

    def resolve(self, name: str | None) -> Model:
        """Find a model by its id, the default for None; raises `NotFound` naming what there is."""
        model = self.models.get(self.default if name is None else name)
        if model is None:
            raise NotFound(
                f"There is no model {_quoted(name or '')}; there are {_listed(tuple(self.models))}.", param="model"
            )
        return model


def _operator(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(f"cannot read the catalogue {file}: {error}") from error


def _laid_over(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Merge tables key by key; anything that is not a table replaces what was there."""
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = _laid_over(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _model(tables: dict[str, Any], name: str, table: dict[str, Any]) -> Model:
    engine = tables["engines"].get(table.get("engine"))
    if engine is None:
        raise CatalogueError(f"[models.{name}]: engine must be one of {', '.join(tables['engines'])}")
    limits = table.get("limits")
    if limits not in {None, "openai"} or (limits and name not in tables["openai"]):
        raise CatalogueError(f'[models.{name}]: limits may be "openai", for {", ".join(tables["openai"])}')
    narrow = tables["openai"][name] if limits else {}
    given = {key: value for key, value in table.items() if key not in {"limits", "enabled"}}
    whole = engine | given | {"id": name, "prices": engine["prices"] | table.get("prices", {})}
    whole["capabilities"] = engine["capabilities"] | table.get("capabilities", {}) | narrow
    try:
        model = msgspec.convert(whole, Model)
    except msgspec.ValidationError as error:
        raise CatalogueError(f"[models.{name}]: {error}") from error
    _check(model)
    return model


def _check(model: Model) -> None:
    """Refuse a table that would fail at the first request: unknown qualities, sizes that are none or have no price."""
    can = model.capabilities
    unknown = {*can.qualities, can.default_quality} - {*QUALITIES, "auto"}
    if unknown or can.default_quality == "auto":
        raise CatalogueError(f"[models.{model.id}]: unknown qualities {sorted(unknown or {'auto'})}")
    strange = [size for size in (*can.sizes, *can.auto_sizes, can.default_size) if not _SIZE.fullmatch(size)]
    if strange:
        raise CatalogueError(f"[models.{model.id}]: {strange[0]!r} is no size: write WIDTHxHEIGHT")
    largest = max((math.prod(map(int, size.split("x"))) for size in can.sizes), default=can.max_pixels)
    for quality in {model.engine_quality(quality) for quality in (*can.qualities, can.default_quality)}:
        bands = model.prices.get(quality, ())
        if not bands or max(pixels for pixels, _ in bands) < largest:
            raise CatalogueError(f"[models.{model.id}]: prices.{quality} must reach {largest} pixels")
