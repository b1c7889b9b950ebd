"""Saying where and when a scene is: "in a foggy autumn forest at night"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Detail, Scene, Setting

VOWEL_SOUNDS = ("a", "e", "i", "o", "u", "SUV", "hour", "8-bit")
CONSONANT_SOUNDS = ("uni", "euro", "one", "ufo", "use", "uku", "UFO")


class Place(NamedTuple):
    """How a setting is spoken of: where those are who stand in it, and what it is called when nobody is in it."""

    preposition: str
    article: str
    noun: str
    alone: str


PLACES: dict[Setting, Place] = {
    "sea": Place("on", "the", "water", "the open sea"),
    "underwater": Place("under", "", "water", "the world under water"),
    "beach": Place("on", "a", "beach", "a beach"),
    "river": Place("by", "a", "river", "a river"),
    "meadow": Place("in", "a", "meadow", "a meadow"),
    "garden": Place("in", "a", "garden", "a garden"),
    "farm": Place("on", "a", "farm", "a farm"),
    "hills": Place("among", "", "rolling hills", "rolling hills"),
    "mountains": Place("in", "the", "mountains", "a mountain landscape"),
    "forest": Place("in", "a", "forest", "a forest"),
    "desert": Place("in", "a", "desert", "a desert"),
    "snow": Place("in", "the", "snow", "a snowy landscape"),
    "city": Place("in", "a", "city", "a city"),
    "street": Place("in", "a", "street", "a street"),
    "skyline": Place("before", "a", "city skyline", "a city skyline"),
    "village": Place("in", "a", "village by the sea", "a village by the sea"),
    "sky": Place("in", "the", "sky", "a wide sky"),
    "space": Place("in", "", "space", "outer space"),
    "moon": Place("on", "the", "moon", "the surface of the moon"),
    "room": Place("in", "a", "room", "a room"),
    "kitchen": Place("in", "a", "kitchen", "a kitchen"),
    "library": Place("in", "a", "library", "a library"),
    "table": Place("on", "a", "wooden table", "a wooden table"),
    "studio": Place("before", "a", "plain backdrop", "a plain backdrop"),
    "abstract": Place("before", "an", "abstract composition of shapes", "an abstract composition of shapes"),
}
# A river shows its bridge where no waterfall takes its place.
BRIDGED = Place("by", "a", "river", "a river with a stone bridge")
# How those are at a place who do not stand in it.
BY_STANCE = {("sea", "stands"): "by", ("sea", "swims"): "in", ("river", "floats"): "on", ("river", "swims"): "in"}
FLOWN_OVER = frozenset(
    {"sea", "beach", "river", "meadow", "farm", "hills", "mountains", "desert", "snow", "city", "street", "skyline",
     "village", "moon"}
)  # fmt: skip
INDOORS = frozenset({"room", "kitchen", "library", "table", "studio", "abstract"})
TIMELESS = frozenset({"space", "moon", "studio", "abstract"})
WEATHERLESS = frozenset({"space", "moon", "studio", "abstract", "underwater", "table", "kitchen", "library"})
ADJECTIVES = {"fog": "foggy", "rain": "rainy", "snow": "snowy", "storm": "stormy"}
# Where the weather is told beside the place: there is no snowy water and no foggy sky.
OUTSIDE = {"fog": "in fog", "rain": "in the rain", "snow": "while snow falls", "storm": "under a stormy sky"}
TIMES = {"golden": "in golden evening light", "night": "at night"}
# A rising sun has the same light as a setting one.
EARLY = re.compile(r"\b(?:sunrise|dawn|daybreak|rising sun|sun rising|first light)\b", re.IGNORECASE)
MORNING = "in golden morning light"
SHOWN: dict[Detail, frozenset[str]] = {
    "futuristic": frozenset({"city", "skyline", "street"}),
    "old": frozenset({"street"}),
    "festive": frozenset({"street"}),
    "autumn": frozenset({"forest", "meadow", "garden", "farm", "hills", "mountains", "river", "street"}),
    "blossom": frozenset({"forest", "meadow", "garden", "farm", "hills", "river", "street"}),
    "boat": frozenset({"sea", "beach", "river", "village", "mountains"}),
    "waterfall": frozenset({"forest", "mountains", "river"}),
    "ruins": frozenset({"forest", "meadow", "hills", "desert"}),
}
KINDS_OF_PLACE: dict[Detail, str] = {"futuristic": "futuristic", "old": "old", "autumn": "autumn", "festive": "festive"}
BESIDES: dict[Detail, str] = {
    "blossom": "in blossom", "boat": "with a boat in the distance", "waterfall": "with a waterfall",
    "ruins": "with old ruins", "rays": "with rays of sunlight", "aurora": "under the northern lights",
}  # fmt: skip


def where(scene: Scene) -> str:
    """Say where everybody is, or what the place is like when nobody is in it, with its weather and its season."""
    place = BRIDGED if scene.setting == "river" and "waterfall" not in scene.details else PLACES[scene.setting]
    adjectives = [*_weather_of_place(scene), *(KINDS_OF_PLACE[detail] for detail in _shown(scene, KINDS_OF_PLACE))]
    if not scene.subjects:
        return _landscape(place, adjectives)
    noun = " ".join([*adjectives, place.noun])
    parts = (_preposition(scene, place), article(noun) if place.article == "a" else place.article, noun)
    return " ".join(part for part in parts if part)


def _landscape(place: Place, adjectives: list[str]) -> str:
    """Name a place with nobody in it: "a snowy beach", "the open sea"."""
    head, _space, noun = place.alone.partition(" ")
    described = " ".join([*adjectives, noun])
    if not adjectives:
        return place.alone
    if head == "a":
        return f"{article(described)} {described}"
    return f"{head} {described}" if head == "the" else f"{' '.join(adjectives)} {place.alone}"


def _preposition(scene: Scene, place: Place) -> str:
    """Tell "by the water" from "in" and "over" it, by what the subjects do; different ones are simply there."""
    stances = {subject.stance for subject in scene.subjects}
    stance = stances.pop() if len(stances) == 1 else ""
    if stance == "flies" and scene.setting in FLOWN_OVER:
        return "over"
    return BY_STANCE.get((scene.setting, stance), place.preposition)


def _weather_of_place(scene: Scene) -> list[str]:
    """Give the adjective that the weather makes of a place, if it can make one."""
    place = PLACES[scene.setting]
    outdoors = scene.setting not in INDOORS | WEATHERLESS | {"sea", "sky", "snow"}
    described = outdoors and (place.article != "the" or scene.setting == "mountains")
    return [ADJECTIVES[scene.weather]] if described and scene.weather in ADJECTIVES else []


def _shown(scene: Scene, among: dict[Detail, str]) -> list[Detail]:
    """Give the details of one sort that the backdrop of the setting shows."""
    bare = scene.setting in INDOORS | TIMELESS | {"underwater"}
    everywhere: frozenset[str] = frozenset() if bare else frozenset({scene.setting})
    return [detail for detail in scene.details if detail in among and scene.setting in SHOWN.get(detail, everywhere)]


def around(scene: Scene) -> list[str]:
    """Say what else there is: what the place shows besides, the weather where no adjective told it, the hour."""
    afloat = any(subject.stance == "floats" for subject in scene.subjects)
    shown = [detail for detail in _shown(scene, BESIDES) if not (detail == "boat" and afloat)]
    flowers = [BESIDES["blossom"]] if "blossom" in shown else []
    besides = [BESIDES[detail] for detail in shown if detail != "blossom"]
    unsaid = not _weather_of_place(scene) and scene.setting not in WEATHERLESS
    told = scene.weather == "snow" and scene.setting == "snow"
    weather = OUTSIDE.get(scene.weather, "") if unsaid and not told else ""
    hour = "" if scene.setting in TIMELESS else TIMES.get(scene.time, "")
    if scene.time == "golden" and EARLY.search(scene.prompt):
        hour = MORNING
    return [part for part in (*flowers, weather, hour, *_gathered(besides)) if part]


def _gathered(parts: list[str]) -> list[str]:
    """Join what all begins with "with": "with rays of sunlight and a boat in the distance"."""
    own = [part.removeprefix("with ") for part in parts if part.startswith("with ")]
    others = [part for part in parts if not part.startswith("with ")]
    return [*(["with " + series(own)] if own else []), *others]


def series(parts: list[str]) -> str:
    """Join with commas and a last "and"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def article(phrase: str) -> str:
    """Give "a" or "an", by how the phrase sounds."""
    vowel = phrase.startswith(VOWEL_SOUNDS) and not phrase.startswith(CONSONANT_SOUNDS)
    return "an" if vowel else "a"
