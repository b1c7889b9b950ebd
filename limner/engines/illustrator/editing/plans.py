"""Plans: all that is needed to paint a picture of ours again, or otherwise, as data of a few KB.

Nothing here computes with pixels, so that the serving process may look into a plan.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from limner.engines.illustrator.editing.retouch import NONE, Retouch
from limner.engines.illustrator.pack import untoned
from limner.engines.illustrator.scene import Scene  # noqa: TC001 - the shape is read at run time
from limner.engines.illustrator.staging.frames import Medium, Spot, Stage

if TYPE_CHECKING:
    from collections.abc import Collection

MOST_SIDE = 100_000
LONGEST_PROMPT = 600
"""What a plan keeps of prompts, in characters: its end, for instructions come last."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A `Spot` in few bytes."""

    subject: int
    x: float
    y: float
    width: float
    height: float
    tilt: float
    mirrored: bool
    medium: Medium
    foot: float
    resting: bool
    order: tuple[float, float]
    art: str
    one: int
    part: bool

    def spot(self) -> Spot:
        """Give the spot that it tells of."""
        return Spot(**msgspec.structs.asdict(self))


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a picture was painted from; pictures with a plan of another `format` are taken as foreign.

    `spots` are where everybody stands on `stage`, in pixels of it; `retouch` is what was done to the print.
    """

    format: Literal[1] = 1
    scene: Scene
    seed: int
    width: int
    height: int
    quality: Literal["low", "standard", "hd"]
    style: Literal["vivid", "natural"]
    background: Literal["opaque", "transparent"]
    stage: Stage
    spots: tuple[Place, ...]
    retouch: Retouch = NONE

    def data(self) -> dict[str, Any]:
        """Give it as data that any JSON can hold."""
        # Half characters, which no JSON holds, become question marks.
        prompt = self.scene.prompt[-LONGEST_PROMPT:].encode("utf-8", "replace").decode("utf-8")
        kept = replace(self.scene, prompt=prompt)
        data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(msgspec.structs.replace(self, scene=kept)))
        return data

    @property
    def places(self) -> tuple[Spot, ...]:
        """Where everybody stands, in the order to paint them."""
        return tuple(place.spot() for place in self.spots)


def places(spots: tuple[Spot, ...]) -> tuple[Place, ...]:
    """Write spots down."""
    return tuple(_place(spot) for spot in spots)


def _place(spot: Spot) -> Place:
    written = {field.name: getattr(spot, field.name) for field in fields(spot)}
    return Place(**written | {"tilt": float(spot.tilt), "mirrored": bool(spot.mirrored)})


def plan_of(data: dict[str, Any] | None, names: Collection[str]) -> Plan | None:
    """Read a plan; None where there is none that this version can paint with the drawings of these names."""
    if data is None:
        return None
    try:
        plan = msgspec.convert(data, Plan)
    except (msgspec.ValidationError, TypeError, ValueError, RecursionError):
        return None
    return plan if _is_whole(plan, names) else None


def _is_whole(plan: Plan, names: Collection[str]) -> bool:
    """Whether a plan's parts speak of each other, and of drawings that there are."""
    many = len(plan.scene.subjects)
    sides = (plan.width, plan.height, plan.stage.width, plan.stage.height)
    told = [one.subject for one in plan.spots]
    told += [at for relation in plan.scene.relations for at in (relation.first, relation.second)]
    return (
        all(0 < side <= MOST_SIDE for side in sides)
        and all(0 <= at < many for at in told)
        and plan.seed >= 0
        and all(untoned(subject.art) in names and subject.count >= 1 for subject in plan.scene.subjects)
    )
