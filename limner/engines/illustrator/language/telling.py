"""Saying in a sentence or two of English what a scene shows: the `revised_prompt` of a picture."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from limner.engines.illustrator.language.places import around, article, series, where
from limner.engines.illustrator.language.words import rows
from limner.engines.illustrator.pack import tone_of, untoned

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Pattern, Place, Relation, Scene, Subject

NUMBERS = ("no", "a", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
PLACES: dict[Place, str] = {
    "left": "to the left of", "right": "to the right of", "on": "on", "under": "under", "above": "above", "in": "in",
    "in_front": "in front of", "behind": "behind", "next_to": "next to", "held": "held by", "worn": "worn by",
}  # fmt: skip
RIDDEN = frozenset(
    {
        "horse", "unicorn", "donkey", "camel", "two-hump camel", "elephant", "zebra", "bicycle", "motorcycle",
        "scooter", "kick scooter", "skateboard", "dragon", "whale", "dolphin", "llama", "giraffe", "bison", "turtle",
        "broom", "carousel horse", "cow", "ram", "deer", "bear", "lion", "tiger", "T-rex", "dinosaur", "ostrich",
        "surfboard", "snowboard", "sled", "polar bear", "triceratops", "stegosaurus", "buffalo", "ox", "pig", "wolf",
    }
)  # fmt: skip
SMALLEST_RIDER = 0.9
# What riders are made of.
ALIVE = ("fur", "skin", "cloth")
# How things are spoken of that GenEval has a name of its own for.
SPOKEN = {"sports ball": "ball"}
HIM = frozenset(
    {"man", "boy", "old man", "king", "prince", "wizard", "knight", "Santa Claus", "pirate", "cowboy", "samurai",
     "viking", "pharaoh", "groom"}
)  # fmt: skip
HER = frozenset({"woman", "girl", "old woman", "princess", "witch", "mermaid", "ballet dancer", "bride"})
# Who is neither him nor her.
PEOPLE = frozenset(
    {"person", "child", "cook", "teacher", "doctor", "scientist", "farmer", "artist", "singer", "student", "judge",
     "firefighter", "police officer", "pilot", "astronaut", "office worker", "construction worker", "mechanic",
     "detective", "guard", "ninja", "superhero", "skier", "cyclist", "older person", "factory worker"}
)  # fmt: skip
READ = frozenset({"open-book", "newspaper", "rolled-up-newspaper", "scroll", "envelope", "world-map"})
PLAYED = frozenset(
    {"violin", "guitar", "trumpet", "saxophone", "accordion", "harp", "banjo", "flute", "trombone", "drum", "maracas",
     "cello", "tuba", "long-drum", "postal-horn", "piano", "drum-kit", "musical-keyboard"}
)  # fmt: skip
# From which part of its true height on a thing is told as small or large.
SIZES = ((0.25, "tiny"), (0.8, "small"), (1.35, ""), (3.2, "large"), (1000.0, "giant"))
MATERIALS = {"stone": "stone", "paper": "paper", "fur": "furry", "cloth": "cloth", "gloss": "shiny", "plain": "wooden"}
PATTERNED: dict[Pattern, str] = {"stripes": "striped", "dots": "dotted", "halves": ""}
COMPLEXIONS = {
    "light": "light-skinned", "medium-light": "light-skinned", "medium": "olive-skinned",
    "medium-dark": "brown-skinned", "dark": "dark-skinned",
}  # fmt: skip
# The colours that an autumn has without anybody saying so.
AUTUMN = ("red", "gold", "brown")
CUT_OUT = "on a transparent background"
MEDIA = {
    "photo": "in the manner of a photograph", "watercolour": "painted in watercolour", "oil": "painted in oil",
    "ink": "drawn in ink", "pencil": "drawn in pencil", "pixel": "as pixel art", "flat": "as a flat illustration",
    "poster": "as a printed poster", "paper": "cut from paper", "glass": "as a stained-glass window",
    "blueprint": "as a blueprint", "book": "in the manner of a picture book",
    "anime": "in the manner of an animated film",
}  # fmt: skip


def tell(scene: Scene, *, cut_out: bool = False) -> str:
    """Say what the scene shows: who (how many, of what colour), what they do, where, when, and in what manner.

    It tells of the scene and not of the prompt: what was asked for and is not drawn is not in it. With `cut_out` the
    picture has a transparent background, so that nothing of the place is seen behind its subjects.
    """
    place = [CUT_OUT] if cut_out and scene.subjects else [where(scene), *around(scene)]
    if cut_out and not scene.subjects:
        place.append(CUT_OUT)
    opening = " ".join(part for part in (_who(scene), *place) if part)
    sentence = ", ".join(part for part in (opening, MEDIA.get(scene.medium, ""), _lettered(scene)) if part)
    return f"{sentence[0].upper()}{sentence[1:]}.{_feeling(scene)}"


def _lettered(scene: Scene) -> str:
    """Say what is lettered, as it is written."""
    quoted = [f"\u201c{text}\u201d" for text in scene.text]
    return f"with the lettering {series(quoted)}" if quoted else ""


def _feeling(scene: Scene) -> str:
    """Say in a second sentence what mood and colours were asked for."""
    mood = f"The mood is {scene.mood}" if scene.mood else ""
    seasonal = "autumn" in scene.details and scene.palette == AUTUMN
    several = "colours are" if len(scene.palette) > 1 else "colour is"
    colours = f"{several} {series(list(scene.palette))}" if scene.palette and not seasonal else ""
    told = ", the ".join(part for part in (mood, colours) if part)
    return f" {'' if mood else 'The '}{told}." if told else ""


def _who(scene: Scene) -> str:
    """Name everybody in the order of mention, each with what is at it."""
    told: set[int] = set()
    return series([_clause(scene, index, told) for index in _order(scene) if index not in told])


def _order(scene: Scene) -> list[int]:
    """Put those who hold or wear something before what they hold or wear, and before what they are at."""
    borne = {relation.first for relation in scene.relations if relation.place in ("held", "worn")}
    acting = {relation.second for relation in scene.relations if relation.first in borne} - borne
    passive = {relation.second for relation in scene.relations if relation.first in acting} - acting
    return sorted(range(len(scene.subjects)), key=lambda index: (index in borne, index in passive))


def _peers(scene: Scene, index: int, told: set[int]) -> list[int]:
    """Find those who are at the same place of the same thing, to name them together: "a cat and a dog on a couch"."""
    bonds = [
        {(relation.place, relation.second) for relation in scene.relations if relation.first == one}
        for one in range(len(scene.subjects))
    ]
    alone = len(bonds[index]) == 1 and all(relation.second != index for relation in scene.relations)
    return [one for one in range(index + 1, len(bonds)) if alone and one not in told and bonds[one] == bonds[index]]


def _clause(scene: Scene, index: int, told: set[int]) -> str:
    """Tell of one subject, what it does and where it is: "a man wearing a hat and holding a book next to a car"."""
    together = [index, *_peers(scene, index, told)]
    told.update(together)
    doing = _doings(scene, index, told)
    places = []
    for relation in scene.relations:
        if relation.first == index != relation.second:
            places.append(f"{_way(scene, relation)} {_other(scene, relation.second, told)}")
        elif relation.second == index != relation.first and relation.first not in told:
            places.append(_loaded(scene, relation, told))
    parts = (series([_noun_phrase(scene.subjects[one]) for one in together]), series(doing), " and ".join(places))
    return " ".join(part for part in parts if part)


def _doings(scene: Scene, index: int, told: set[int]) -> list[str]:
    """Say what somebody wears, and what they hold, read or play: "wearing glasses and a scarf", "reading a book"."""
    borne: dict[str, list[str]] = {}
    for relation in sorted(scene.relations, key=lambda relation: relation.place != "worn"):
        if relation.second == index != relation.first and relation.place in ("held", "worn"):
            thing = scene.subjects[relation.first]
            verb = "wearing" if relation.place == "worn" else _doing(thing)
            borne.setdefault(verb, []).append(_other(scene, relation.first, told))
    return [f"{verb} {series(things)}" for verb, things in borne.items()]


def _doing(held: Subject) -> str:
    """Say what somebody does with what they hold."""
    return "reading" if held.art in READ else "playing" if held.art in PLAYED else "holding"


def _way(scene: Scene, relation: Relation) -> str:
    """Say how the first is to the second; people and robots ride what can be ridden."""
    rider, mount = scene.subjects[relation.first], scene.subjects[relation.second]
    riding = (
        relation.place == "on"
        and mount.name in RIDDEN
        and rider.stance == "stands"
        and (rider.material in ALIVE or "robot" in rider.art)
        and rider.height > SMALLEST_RIDER
    )
    return "riding" if riding else PLACES[relation.place]


def _loaded(scene: Scene, relation: Relation, told: set[int]) -> str:
    """Say what all is at one place of somebody: "with a carrot and a tomato in it"."""
    same = [
        other.first
        for other in scene.relations
        if (other.place, other.second) == (relation.place, relation.second) and other.first not in told
    ]
    if len(same) == 1 or relation.place == "next_to":
        return _beside(scene, relation, told)
    things = series([_other(scene, first, told) for first in same])
    return f"with {things} {PLACES[relation.place]} {_it(scene.subjects[relation.second])}"


def _it(subject: Subject) -> str:
    """Give the pronoun for somebody."""
    if subject.name in HIM | HER and subject.count == 1:
        return "him" if subject.name in HIM else "her"
    person = subject.material in ("cloth", "skin") and subject.name in PEOPLE
    return "them" if subject.count > 1 or person else "it"


def _beside(scene: Scene, relation: Relation, told: set[int]) -> str:
    """Say what is at somebody who was named before: "next to a dog", "with a cat on it"."""
    bearer, other = scene.subjects[relation.second], _other(scene, relation.first, told)
    if relation.place == "next_to":
        return f"next to {other}"
    return f"with {other} {PLACES[relation.place]} {_it(bearer)}"


def _other(scene: Scene, index: int, told: set[int]) -> str:
    """Name whom a relation is with: anew, or as "the" known one."""
    subject = scene.subjects[index]
    if index in told:
        return f"the {_bare(subject)}"
    told.add(index)
    phrase = " ".join([_noun_phrase(subject), *_doings(scene, index, told)])
    load = [
        relation
        for relation in scene.relations
        if relation.second == index and relation.place in ("in", "on") and relation.first not in told
    ]
    if load:
        return f"{phrase} {_beside(scene, load[0], told)}"
    further = [
        relation
        for relation in scene.relations
        if relation.first == index and relation.second not in told and relation.place not in ("held", "worn")
    ]
    return f"{phrase} {_way(scene, further[0])} {_other(scene, further[0].second, told)}" if further else phrase


def _noun_phrase(subject: Subject) -> str:
    """Say "a giant yellow car", "three apples", "a pair of scissors"."""
    if subject.count > 1:
        number = NUMBERS[subject.count] if subject.count < len(NUMBERS) else str(subject.count)
        return f"{number} {_bare(subject)}"
    single, _many = _counted().get(subject.name, ("", ""))
    if single:
        return _described(single, subject)
    bare = _bare(subject)
    return f"{article(bare)} {bare}"


def _bare(subject: Subject) -> str:
    """Give the noun with its size, colour and material, in the number there is of it."""
    name = SPOKEN.get(subject.name, subject.name)
    noun = plural(name) if subject.count > 1 else name
    return " ".join(part for part in (_size(subject), *_adjectives(subject), noun) if part)


def _size(subject: Subject) -> str:
    """Say how large something is for its kind, where that is worth saying."""
    usual, _material = _usual().get(untoned(subject.art), (subject.height, ""))
    return next(word for most, word in SIZES if subject.height / usual < most)


def _adjectives(subject: Subject) -> list[str]:
    """Say what colour something is, and what it is made of that it otherwise is not."""
    _height, material = _usual().get(untoned(subject.art), (0.0, subject.material))
    made = MATERIALS.get(subject.material, "") if subject.material != material else ""
    return [word for word in (COMPLEXIONS.get(tone_of(subject.art), ""), _coloured(subject), made) if word]


def _coloured(subject: Subject) -> str:
    """Say the colour of something, or both: "red and white striped"."""
    both = " and ".join(name for name in (subject.colour, subject.second) if name)
    return " ".join(part for part in (both, PATTERNED[subject.pattern] if subject.second else "") if part)


def _described(phrase: str, subject: Subject) -> str:
    """Put adjectives into a fixed phrase: the size before all of it, the others before its noun.

    "A giant pair of red scissors".
    """
    size, adjectives = _size(subject), _adjectives(subject)
    if phrase.startswith("the ") and phrase[4].isupper() and adjectives:
        return " ".join(["the", *([size] if size else []), *adjectives, phrase[4:]])
    head, _space, noun = phrase.rpartition(" ")
    first, _space, rest = head.partition(" ")
    described = " ".join([part for part in (size, rest) if part] + [*adjectives, noun])
    if first in ("a", "an") or (first == "the" and (size or adjectives)):
        return f"{article(described)} {described}"
    return f"{first} {described}".strip()


@cache
def _counted() -> dict[str, tuple[str, str]]:
    """Read how things are spoken of that the rule does not fit."""
    return {row[0]: (row[1], row[2]) for row in rows("counted")}


@cache
def _usual() -> dict[str, tuple[float, str]]:
    """Read the height and material that a drawing has when nobody says otherwise."""
    return {row[0]: (float(row[2]), row[4]) for row in reversed(list(rows("things")))}


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
