"""What can be drawn: its true size, its stance, what it is made of, where it is at home, and whether it lives."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal, NamedTuple

from limner.engines.illustrator.language.words import rows
from limner.engines.illustrator.scene import Subject

Stance = Literal["stands", "floats", "flies", "swims"]
Material = Literal["fur", "skin", "gloss", "stone", "plant", "cloth", "paper", "plain"]
Faces = Literal["left", "right", "front"]
Nature = tuple[float, Stance, Material, Faces, str]

ANYTHING: Nature = (0.5, "stands", "gloss", "front", "studio")
Sort = Literal["person", "being", "instrument", "prop", "other"]
BEINGS = ("animal", "monkey-face", "cat-face")
PEOPLE = ("person", "family")
# Instruments that CLDR files under something else, or does not know.
INSTRUMENTS = frozenset({"piano", "drum-kit", "cello", "tuba", "harp", "postal-horn"})
# What nobody holds, however small it is drawn, and the largest thing that is held, in metres.
UNHELD = ("transport", "place", "sky", "plant-other")
LARGEST_HELD = 1.3
FURNITURE = 0.5
HELD_ANYWAY = frozenset(
    {
        "broom",
        "staff",
        "ladder",
        "guitar",
        "skis",
        "surfboard",
        "snowboard",
        "fishing-pole",
        "kick-scooter",
        "umbrella",
        "closed-umbrella",
    }
)


class Thing(NamedTuple):
    """Something that can be drawn; the fields are those of `scene.Subject`.

    `home` is the setting where it belongs, `sort` whether it is a being, a person even, or what one may hold or play.
    """

    art: str
    name: str
    height: float
    stance: Stance
    material: Material
    faces: Faces
    home: str
    sort: Sort = "other"

    def subject(self, **changes: Any) -> Subject:
        """Make a `Subject` of it; `changes` are fields of `Subject` that the prompt decides."""
        own = {name: value for name, value in self._asdict().items() if name not in ("home", "sort")}
        return Subject(**(own | changes))


def nature(row: tuple[str, ...]) -> Nature:
    """Read what a row of `kinds.txt` says of a kind of drawing."""
    metres, stance, material, faces, home = row
    return float(metres), stance, material, faces, home  # type: ignore[return-value]  # the table is reviewed


def things(names: frozenset[str], kinds: dict[str, str]) -> list[tuple[str, Thing]]:
    """Read the reviewed things that the pack has drawings of; the first row of a drawing counts."""
    found: dict[str, Thing] = {}
    for art, name, metres, stance, material, faces, home, _words in rows("things"):
        if art in names:
            thing = Thing(art, name, float(metres), stance, material, faces, home)  # type: ignore[arg-type]
            found.setdefault(art, thing._replace(sort=sort_of(thing, kinds.get(art, ""))))
    return list(found.items())


@cache
def _beings() -> dict[str, Sort]:
    return {row[0]: row[1] for row in rows("beings")}  # type: ignore[misc]  # the table is reviewed


def sort_of(thing: Thing, kind: str) -> Sort:
    """Tell beings, and what they may hold, from the rest of the world: by kind, and by size."""
    if thing.art in _beings():
        return _beings()[thing.art]
    if kind.startswith(BEINGS + PEOPLE):
        return "person" if kind.startswith(PEOPLE) else "being"
    if kind == "musical-instrument" or thing.art in INSTRUMENTS:
        return "instrument"
    if thing.art in HELD_ANYWAY:
        return "prop"
    if thing.height > LARGEST_HELD or kind.startswith(UNHELD) or (thing.home == "room" and thing.height > FURNITURE):
        return "other"
    return "prop"
