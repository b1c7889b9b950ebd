"""The catalogue of models on offer: who answers for each, what it can do, as data, and what it costs.

One table a model drives everything: it validates requests, sets the price, and is what `/v1/models` shows. The tables
are `models.toml` with the operator's file laid over it, and over both what an admin decided while the server runs.
"""

from __future__ import annotations

import math
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from limner.capabilities import (
    MAX_SEED,
    QUALITIES,
    SIZE,
    Capabilities,
    Fields,
    Operation,
    OutputFormat,
    Quality,
    Request,
    Style,
    Warned,
    listed,
    quoted,
)
from limner.checking import checked
from limner.engines.base import Given, Job, Tokens
from limner.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

__all__ = [
    "MAX_SEED",
    "QUALITIES",
    "Capabilities",
    "Catalogue",
    "CatalogueError",
    "Fields",
    "Model",
    "OutputFormat",
    "Quality",
    "Request",
    "Style",
    "Warned",
]


class CatalogueError(ValueError):
    """The catalogue cannot be used; the message names the table and what is wrong with it."""


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One model: its public id, the engine that really answers, what it can do and what it costs.

    `slots` is how many of its pictures a node works on at once; 0 means that it shares the engine's. `batch` is how
    many pictures of a request one call of the engine makes, where it can. `tokens` are micro-credits for a million
    tokens by kind (the fields of `Tokens`), for models whose upstream says what it counted. `moderation` names the
    policies that hold for it, `shaping` who writes its prompts anew (`engine`, `chat` or `off`; None: as the settings
    say).
    """

    id: str
    engine: str
    capabilities: Capabilities
    prices: dict[Quality, tuple[tuple[int, int], ...]]
    options: dict[str, Any] = {}
    slots: int = 0
    batch: int = 1
    tokens: dict[str, int] = {}
    moderation: tuple[str, ...] = ()
    shaping: Literal["off", "engine", "chat"] | None = None
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

    def cost(self, usage: Tokens) -> int:
        """Give the price of what an upstream counted, in micro-credits, rounded up; 0 for a model without such prices.

        That is a model's own price list; `price` is what is held for a picture before it is known.
        """
        counted: dict[str, int] = msgspec.structs.asdict(usage)
        return -(-sum(counted[kind] * price for kind, price in self.tokens.items()) // 1_000_000)

    def job(
        self,
        request: Request,
        position: int = 0,
        *,
        n: int = 1,
        images: tuple[Given, ...] = (),
        mask: bytes | None = None,
    ) -> Job:
        """Make the engine's order for the picture at this place, or for `n` from it on, of the inputs where it has any.

        Each picture of a request has its own seed.
        """
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
            model=self.id,
            options=self.options,
            operation=request.operation,
            images=images,
            mask=mask,
            input_fidelity=request.input_fidelity,
            asked_quality=request.quality,
            moderation=request.moderation,
            user=request.user,
            n=n,
        )

    def request(
        self, fields: Fields, warnings: list[Warned], *, operation: Operation = "generate", lenient: bool = False
    ) -> Request:
        """Check what a client gave against the capabilities and fill in what it left out (`checking.checked`)."""
        return checked(self.id, self.capabilities, fields, warnings, operation=operation, lenient=lenient)


class Catalogue:
    """The models on offer, in the order of the file.

    `models` are those on offer now; `known` are also those that an admin switched off, whose accepted tasks are still
    to be finished. Both are replaced, never changed, and `version` counts how often, for whoever keeps what they say.
    """

    def __init__(self, models: list[Model], default: str, tables: dict[str, Any] | None = None) -> None:
        """`default` is the model of requests that name none; it must be among `models`, which `tables` describe."""
        self.known = self.models = {model.id: model for model in models}
        if default not in self.models:
            raise CatalogueError(f"default = {default!r} is no model of the catalogue")
        self.default, self.version = default, 0
        self.own_engines = {model.id: model.engine for model in models}
        self.misfits: dict[str, str] = {}
        self._tables = tables or {}

    @classmethod
    def load(cls, operator_file: Path | None = None) -> Catalogue:
        """Read the shipped catalogue with the operator's laid over it; raises `CatalogueError`."""
        tables = tomllib.loads(files("limner").joinpath("models.toml").read_text("utf-8"))
        if operator_file is not None:
            tables = _laid_over(tables, _operator(operator_file))
        models = [_model(tables, name, table) for name, table in tables["models"].items() if table.get("enabled", True)]
        return cls(models, tables["default"], tables)

    def tables(self, name: str) -> dict[str, Any]:
        """Give the tables below a name that are not models: `upstreams`, `moderation`; empty where there are none."""
        return dict(self._tables.get(name, {}))

    @property
    def engines(self) -> tuple[str, ...]:
        """The engines whose abilities the tables tell of."""
        return tuple(self._tables["engines"])

    def resolve(self, name: str | None) -> Model:
        """Find a model on offer by its id, the default for None; raises `NotFound` naming what there is."""
        model = self.models.get(self.default if name is None else name)
        if model is None:
            there_are = f"there are {listed(tuple(self.models))}"
            if name in self.known:
                raise NotFound(f"The model {name!r} is switched off here; {there_are}.", param="model")
            raise NotFound(f"There is no model {quoted(name or '')}; {there_are}.", param="model")
        return model

    def overruled(self, name: str, table: Mapping[str, Any]) -> Model:
        """Make a known model as it would be with this table laid over the files'; raises `CatalogueError`."""
        if name == self.default and table.get("enabled") is False:
            raise CatalogueError(f"{name} is the model of requests that name none, so it cannot be switched off")
        return _model(self._tables, name, _laid_over(self._tables["models"][name], dict(table)))

    def overrule(self, tables: Mapping[str, Mapping[str, Any]], *, engines: Collection[str] | None = None) -> None:
        """Lay over the files what an admin decided: by model `enabled`, `prices` and, at a start, `engine`.

        `engines` are those that a start can build; without them the engines stay as they are, for their slots were
        made at the start. A table that does not fit (any more) changes nothing and is told of in `misfits`.
        """
        known, misfits, off = dict(self.known), {}, set()
        for name in known:
            table = dict(tables.get(name, {}))
            engine = table.pop("engine", None)
            try:
                if engines is not None and engine is not None:
                    self._seat(name, engine, table, engines)
                known[name] = self.overruled(name, table)
                off |= set() if table.get("enabled", True) else {name}
            except CatalogueError as error:
                misfits[name], known[name] = str(error), self.overruled(name, {})
        self.known, self.misfits = known, misfits
        self.models = {name: model for name, model in known.items() if name not in off}
        self.version += 1

    def _seat(self, name: str, engine: str, table: dict[str, Any], engines: Collection[str]) -> None:
        """Give a model another engine for as long as this process runs, if it fits with all else that was decided."""
        if engine not in engines:
            raise CatalogueError(f"[models.{name}]: there is no engine {engine!r} here")
        self.overruled(name, {**table, "engine": engine})
        self._tables = _laid_over(self._tables, {"models": {name: {"engine": engine}}})


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
    strange = [size for size in (*can.sizes, *can.auto_sizes, can.default_size) if not SIZE.fullmatch(size)]
    if strange:
        raise CatalogueError(f"[models.{model.id}]: {strange[0]!r} is no size: write WIDTHxHEIGHT")
    largest = max((math.prod(map(int, size.split("x"))) for size in can.sizes), default=can.max_pixels)
    for quality in {model.engine_quality(quality) for quality in (*can.qualities, can.default_quality)}:
        bands = model.prices.get(quality, ())
        if not bands or max(pixels for pixels, _ in bands) < largest:
            raise CatalogueError(f"[models.{model.id}]: prices.{quality} must reach {largest} pixels")
    if set(model.tokens) - set(Tokens.__struct_fields__) or any(price < 0 for price in model.tokens.values()):
        raise CatalogueError(f"[models.{model.id}.tokens]: the kinds are {', '.join(Tokens.__struct_fields__)}")
    for quality, bands in model.prices.items():
        if any(price < 0 for _, price in bands) or list(bands) != sorted(bands):
            raise CatalogueError(f"[models.{model.id}]: prices.{quality} must rise by pixels and be nothing below zero")
