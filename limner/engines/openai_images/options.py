"""What the operator wrote about upstreams and about the models that they make pictures for, read and checked.

Everything wrong here is a `ValueError` at the start that names the table. A key is named by the variable of the
environment that holds it, and what it holds is in no message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from limner.capabilities import Operation  # noqa: TC001 - the shapes are read at run time, as are the next
from limner.engines.openai_images.families import FAMILIES, Kind, Name, kind_of
from limner.variables import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from limner.engines.openai_images.families import Family

T = TypeVar("T")
Positive = Annotated[float, Meta(gt=0)]
Count = Annotated[int, Meta(ge=0)]


class UpstreamTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[upstreams.NAME]`: who may be asked, and how much.

    `concurrency` is calls at once and `requests_per_minute` how many may begin, of this node, 0 without a limit;
    `timeout` is seconds for a whole call. After `failures` in a row it is left alone for `rest` seconds, then longer.
    From `origins` pictures may be fetched like from the upstream itself, although they are private addresses.
    """

    url: str
    key: str | None = None
    dialect: Literal["openai", "azure"] = "openai"
    api_version: str | None = None
    family: Kind | None = None
    concurrency: Count = 0
    requests_per_minute: Count = 0
    timeout: Positive = 300.0
    headers: dict[str, str] = {}
    origins: tuple[str, ...] = ()
    failures: Annotated[int, Meta(ge=1)] = 5
    rest: Positive = 10.0


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a parameter is sent: under which name, and what its values become."""

    name: str | None = None
    values: dict[str, str | int | bool] = {}


Parameters = dict[Name, bool | str | Rule]
"""By our name of a parameter: whether it is sent, or under which name, or how."""


class RouteTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[models.NAME.options.upstreams]]`: one way to a model. `parameters` and `fixed` are laid over the model's."""

    upstream: str
    model: str | None = None
    deployment: str | None = None
    weight: Positive = 1.0
    priority: int = 0
    family: Kind | None = None
    operations: tuple[Operation, ...] | None = None
    streams: bool | None = None
    parameters: Parameters = {}
    fixed: dict[str, Any] = {}


class ModelTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[models.NAME.options]`: the ways to a model, how our parameters become theirs, and what is always sent."""

    upstreams: Annotated[tuple[RouteTable, ...], Meta(min_length=1)]
    parameters: Parameters = {}
    fixed: dict[str, Any] = {}


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One way to a model, complete: `rules` are of the parameters that are sent, `model` is the name over there."""

    upstream: str
    model: str
    deployment: str | None
    weight: float
    priority: int
    rules: dict[Name, Rule]
    fixed: dict[str, Any]
    operations: frozenset[Operation]
    inputs: int
    several: int
    streams: bool


def upstream_table(tables: Mapping[str, Mapping[str, Any]], name: str) -> UpstreamTable:
    """Read the table of an upstream; raises `ValueError` naming it."""
    if name not in tables:
        there_are = ", ".join(tables) or "none"
        raise ValueError(f"there is no [upstreams.{name}]; there are: {there_are}")
    table = _read(tables[name], UpstreamTable, f"upstreams.{name}")
    if (table.dialect == "azure") != (table.api_version is not None):
        raise ValueError(f'[upstreams.{name}]: api_version is for dialect = "azure", which needs it')
    if table.key is not None and not VARIABLE.fullmatch(table.key):
        raise ValueError(f'[upstreams.{name}]: key must be "env:" and the name of a variable of the environment')
    return table


def routes(options: Mapping[str, Any], model: str, tables: Mapping[str, Mapping[str, Any]]) -> list[Route]:
    """Read the ways to a model; raises `ValueError` naming the table at fault."""
    place = f"models.{model}.options"
    table = _read(options, ModelTable, place)
    return [
        _route(one, table, upstream_table(tables, one.upstream), f"{place}.upstreams[{number}]")
        for number, one in enumerate(table.upstreams)
    ]


def _route(one: RouteTable, table: ModelTable, upstream: UpstreamTable, place: str) -> Route:
    if (one.deployment is not None) != (upstream.dialect == "azure"):
        raise ValueError(f'[{place}]: deployment is for an upstream of dialect = "azure", which needs it')
    model = one.model or one.deployment
    if model is None:
        raise ValueError(f"[{place}]: model must name a model of the upstream")
    family = FAMILIES[one.family or upstream.family or kind_of(model)]
    return Route(
        upstream=one.upstream,
        model=model,
        deployment=one.deployment,
        weight=one.weight,
        priority=one.priority,
        rules=_rules(family, table.parameters | one.parameters),
        fixed=table.fixed | one.fixed,
        operations=family.operations if one.operations is None else frozenset(one.operations),
        inputs=family.inputs,
        several=family.several,
        streams=family.streams if one.streams is None else one.streams,
    )


def _rules(family: Family, parameters: Parameters) -> dict[Name, Rule]:
    """Lay the operator's parameters over those of the family."""
    rules: dict[Name, Rule] = {name: Rule(values=dict(family.values.get(name, {}))) for name in family.takes}
    for name, told in parameters.items():
        before = rules.pop(name, Rule())
        if isinstance(told, str):
            rules[name] = Rule(name=told, values=before.values)
        elif isinstance(told, Rule):
            rules[name] = Rule(name=told.name, values=before.values | told.values)
        elif told:
            rules[name] = before
    return rules


def _read(given: Mapping[str, Any], shape: type[T], place: str) -> T:
    try:
        return msgspec.convert(dict(given), shape)
    except msgspec.ValidationError as error:
        raise ValueError(f"[{place}]: {error}") from error
