"""Saying in one English sentence what a scene shows: the `revised_prompt` of a picture."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from limner.engines.illustrator.language.words import rows

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Place, Relation, Scene, Subject

NUMBERS = ("no", "a", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
VOWEL_SOUNDS = ("a", "e", "i", "o", "u", "SUV", "hour")
CONSONANT_SOUNDS = ("uni", "euro", "one", "ufo", "use", "uku")
PLACES: dict[Place, str] = {
    "left": "to the left of", "right": "to the right of", "on": "on", "under": "under", "above": "above", "in": "in",
    "in_front": "in front of", "behind": "behind", "next_to": "next to",
    "held": "held by", "worn": "worn by",
}  # fmt: skip
RIDDEN = frozenset(
    [
        "horse",
        "unicorn",
        "donkey",
        "camel",
        "two-hump camel",
        "elephant",
        "zebra",
        "bicycle",
        "motorcycle",
        "scooter",
        "kick scooter",
        "skateboard",
        "dragon",
        "whale",
        "dolphin",
        "llama",
        "giraffe",
        "bison",
        "turtle",
        "broom",
        "carousel horse",
        "cow",
        "ram",
        "deer",
        "bear",
        "lion",
        "tiger",
        "T-rex",
        "dinosaur",
    ]
)
HIM = frozenset({"man", "boy", "old man", "king", "prince", "wizard", "knight", "Santa Claus"})
HER = frozenset({"woman", "girl", "old woman", "princess", "witch", "mermaid", "ballet dancer"})
SMALLEST_RIDER = 0.9
SETTINGS = {
    "underwater": "under water", "river": "by a river", "garden": "in a garden", "farm": "on a farm",
    "hills": "among green hills", "mountains": "in the mountains", "street": "in a street",
    "skyline": "before a city skyline", "village": "in a village by the sea", "moon": "on the moon",
    "kitchen": "in a kitchen", "library": "in a library",
    "sea": "on the water", "beach": "on a beach", "meadow": "in a meadow", "city": "in a city", "forest": "in a forest",
    "table": "on a wooden table", "room": "in a room", "snow": "in the snow", "sky": "in the sky", "space": "in space",
    "desert": "in a desert", "studio": "before a plain backdrop",
}  # fmt: skip
SNOWED = ("city", "forest", "meadow", "beach")
# How those are at a place who do not stand in it.
BY_STANCE = {
    ("sea", "stands"): "by the water", ("sea", "swims"): "in the water", ("sea", "flies"): "over the water",
    ("beach", "flies"): "over a beach", ("meadow", "flies"): "over a meadow", ("city", "flies"): "over a city",
    ("desert", "flies"): "over a desert", ("snow", "flies"): "over the snow",
}  # fmt: skip
# The same places when nobody is in them.
LANDSCAPES = {
    "underwater": "the world under water", "river": "a river with a bridge", "garden": "a garden", "farm": "a farm",
    "hills": "rolling hills", "mountains": "a mountain landscape", "street": "a street", "skyline": "a city skyline",
    "village": "a village by the sea", "moon": "the surface of the moon", "kitchen": "a kitchen",
    "library": "a library",
    "sea": "the open sea", "beach": "a beach", "meadow": "a meadow", "city": "a city", "forest": "a forest",
    "table": "a wooden table", "room": "a room", "snow": "a snowy landscape", "sky": "a wide sky",
    "space": "outer space",
    "desert": "a desert", "studio": "a plain backdrop",
}  # fmt: skip
CUT_OUT = "on a transparent background"
WEATHERS = {"fog": "in fog", "rain": "in the rain", "snow": "while snow falls", "storm": "under a stormy sky"}
TIMES = {"golden": "in golden evening light", "night": "at night"}
MEDIA = {
    "oil": "painted in oil", "pencil": "drawn in pencil", "pixel": "as pixel art", "paper": "cut from paper",
    "glass": "as a stained-glass window", "blueprint": "as a blueprint", "book": "as in a children's book",
    "anime": "in the manner of an animated film",
    "photo": "in the manner of a photograph", "watercolour": "painted in watercolour", "poster": "as a printed poster",
    "ink": "drawn in ink", "flat": "as a flat illustration",
}  # fmt: skip


def tell(scene: Scene, *, cut_out: bool = False) -> str:
    """Say what the scene shows: who (how many, of what colour), how they stand, where, when, and in what manner.

    It tells of the scene and not of the prompt: what was asked for and is not drawn is not in it. With `cut_out` the
    picture has a transparent background, so that nothing of the place is seen behind its subjects.
    """
    around = [CUT_OUT] if cut_out and scene.subjects else [_where(scene), _weather(scene), _time(scene)]
    if cut_out and not scene.subjects:
        around.append(CUT_OUT)
    opening = " ".join(part for part in (_who(scene), *around) if part)
    sentence = ", ".join(part for part in (opening, MEDIA.get(scene.medium, ""), _lettered(scene)) if part)
    return sentence[0].upper() + sentence[1:] + "."


def _where(scene: Scene) -> str:
    """Say where everybody is, or what the place is like when nobody is in it; a snowy one where snow falls on it."""
    stances = {subject.stance for subject in scene.subjects}
    stance = stances.pop() if len(stances) == 1 else ""
    inhabited = BY_STANCE.get((scene.setting, stance), SETTINGS[scene.setting])
    place = f" {inhabited if scene.subjects else LANDSCAPES[scene.setting]}"
    snowed = scene.weather == "snow" and scene.setting in SNOWED
    return (place.replace(" a ", " a snowy ", 1) if snowed else place).strip()


def _weather(scene: Scene) -> str:
    """Say what falls or hangs in the air, where the place has not said it."""
    told = scene.weather == "snow" and scene.setting in (*SNOWED, "snow")
    return "" if told else WEATHERS.get(scene.weather, "")


def _time(scene: Scene) -> str:
    """Say what time it is, where there is one: not in space."""
    return "" if scene.setting == "space" else TIMES.get(scene.time, "")


def _lettered(scene: Scene) -> str:
    """Say what is lettered, as it is written."""
    quoted = [f"\u201c{text}\u201d" for text in scene.text]
    return f"with the lettering {_series(quoted)}" if quoted else ""


def _who(scene: Scene) -> str:
    """Name everybody in the order of mention, each with what is at it."""
    told: set[int] = set()
    return _series([_clause(scene, index, told) for index in range(len(scene.subjects)) if index not in told])


def _peers(scene: Scene, index: int, told: set[int]) -> list[int]:
    """Find those who are at the same place of the same thing, to name them together: "a cat and a dog on a couch"."""
    bonds = [
        {(relation.place, relation.second) for relation in scene.relations if relation.first == one}
        for one in range(len(scene.subjects))
    ]
    alone = len(bonds[index]) == 1 and all(relation.second != index for relation in scene.relations)
    return [one for one in range(index + 1, len(bonds)) if alone and one not in told and bonds[one] == bonds[index]]


def _clause(scene: Scene, index: int, told: set[int]) -> str:
    """Tell of one subject, of what it is at, and of what is at it: "a man wearing a hat, to the left of a car"."""
    together = [index, *_peers(scene, index, told)]
    told.update(together)
    parts = [_series([_noun_phrase(scene.subjects[one]) for one in together])]
    for relation in scene.relations:
        if relation.first == index != relation.second:
            parts.append(f"{_way(scene, relation)} {_other(scene, relation.second, told)}")
        elif relation.second == index != relation.first and relation.first not in told:
            parts.append(_carried(scene, relation, told))
    return f"{parts[0]} {' and '.join(parts[1:])}" if parts[1:] else parts[0]


def _way(scene: Scene, relation: Relation) -> str:
    """Say how the first is to the second; people and robots ride what can be ridden."""
    rider, mount = scene.subjects[relation.first], scene.subjects[relation.second]
    riding = (
        relation.place == "on" and mount.name in RIDDEN and rider.stance == "stands" and rider.height > SMALLEST_RIDER
    )
    return "riding" if riding else PLACES[relation.place]


def _carried(scene: Scene, relation: Relation, told: set[int]) -> str:
    """Say what is at somebody who was named before: "wearing a hat", "with a cat on it"."""
    bearer, carried = scene.subjects[relation.second], _other(scene, relation.first, told)
    if relation.place == "worn":
        return f"wearing {carried}"
    if relation.place == "held":
        return f"{_doing(scene.subjects[relation.first])} {carried}"
    it = "them" if bearer.count > 1 else "him" if bearer.name in HIM else "her" if bearer.name in HER else "it"
    return f"with {carried} {PLACES[relation.place]} {it}"


def _doing(held: Subject) -> str:
    """Say what somebody does with what they hold."""
    return "reading" if held.art == "open-book" else "holding"


def _other(scene: Scene, index: int, told: set[int]) -> str:
    """Name whom a relation is with: anew, or as "the" known one."""
    subject = scene.subjects[index]
    if index in told:
        return f"the {_bare(subject)}"
    told.add(index)
    further = [relation for relation in scene.relations if relation.first == index and relation.second not in told]
    phrase = _noun_phrase(subject)
    return f"{phrase} {_way(scene, further[0])} {_other(scene, further[0].second, told)}" if further else phrase


def _noun_phrase(subject: Subject) -> str:
    """Say "a yellow car", "three apples", "a pair of scissors"."""
    if subject.count > 1:
        number = NUMBERS[subject.count] if subject.count < len(NUMBERS) else str(subject.count)
        return f"{number} {_bare(subject)}"
    single, _many = _counted().get(subject.name, ("", ""))
    if single:
        return _coloured(single, subject.colour)
    bare = _bare(subject)
    return f"{_article(bare)} {bare}"


def _bare(subject: Subject) -> str:
    """Give the noun with its colour, in the number there is of it."""
    noun = plural(subject.name) if subject.count > 1 else subject.name
    return f"{subject.colour} {noun}" if subject.colour else noun


def _coloured(phrase: str, colour: str | None) -> str:
    """Put a colour into a fixed phrase: before its last noun, "a pair of green skis"."""
    if not colour:
        return phrase
    head, space, noun = phrase.rpartition(" ")
    if head in ("a", "the"):
        return f"{_article(colour)} {colour} {noun}"
    return f"{head}{space}{colour} {noun}"


@cache
def _counted() -> dict[str, tuple[str, str]]:
    return {row[0]: (row[1], row[2]) for row in rows("counted")}


def plural(name: str) -> str:
    """Give the plural of a subject's name: the table's own, or the rule's."""
    _single, many = _counted().get(name, ("", ""))
    if many:
        return many
    if name.endswith(("s", "x", "ch", "sh")):
        return name + "es"
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return name[:-1] + "ies"
    return name + "s"


def _article(phrase: str) -> str:
    vowel = phrase.startswith(VOWEL_SOUNDS) and not phrase.startswith(CONSONANT_SOUNDS)
    return "an" if vowel else "a"


def _series(parts: list[str]) -> str:
    """Join with commas and a last "and"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
