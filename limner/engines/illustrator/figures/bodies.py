"""Bodies for creatures of which the art set draws only the head: beasts and people that stand, sit and act.

A head lying on the grass is the commonest blemish of pictures made from emoji. A body is built around a skeleton
(`skeleton`) in a pose (`poses`), in the head's own colours (`palettes`); the `Wardrobe` gives such drawings by name:
"fox" as it is when it does nothing, "fox@sit+read" in a pose, "fox@sit+read+hands" only what grips the book.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from limner.engines.illustrator.figures.beasts import beast
from limner.engines.illustrator.figures.garments import IN_USE
from limner.engines.illustrator.figures.palettes import COATS, OUTFITS, changed, coat, outfit
from limner.engines.illustrator.figures.people import person
from limner.engines.illustrator.figures.poses import ARMS, LEGS, Legs, parsed, sibling
from limner.engines.illustrator.figures.skeleton import BEAST, BUST, PERSON, Proportions, lowest
from limner.engines.illustrator.pack import untoned

if TYPE_CHECKING:
    from limner.engines.illustrator.figures.art import Drawings

_OPENING = re.compile(r"<svg\b[^>]*>", re.DOTALL)
_WAND = re.compile(r'<path [^>]*/><path fill="#B18466".*?<path fill="#B08467"[^>]*/>', re.DOTALL)
"""What the busts of mages have before their chest; with a body they have hands to hold one, or something else."""
ROLES = frozenset(
    {
        "artist", "astronaut", "construction-worker", "cook", "detective", "elf", "factory-worker", "farmer",
        "firefighter", "guard", "health-worker", "judge", "mage", "mechanic", "office-worker", "pilot",
        "police-officer", "scientist", "singer", "student", "teacher", "vampire", "zombie", "in-tuxedo",
        "wearing-turban", "with-veil", "with-headscarf", "bald", "beard", "blond-hair", "curly-hair", "red-hair",
        "white-hair",
    }
)  # fmt: skip
"""Busts of people there are of everybody, of men and of women: "cook", "man-cook", "woman-cook"."""
FACES = frozenset({"person", "man", "woman", "ninja", "man-beard", "woman-beard"}) | {
    name for name in OUTFITS if name not in ROLES
}
ACTORS: dict[str, str] = {
    "cat": "cat-face",
    "black-cat": "cat-face",
    "dog": "dog-face",
    "guide-dog": "dog-face",
    "mouse": "mouse-face",
    "rat": "mouse-face",
    "rabbit": "rabbit-face",
    "pig": "pig-face",
    "tiger": "tiger-face",
    "monkey": "monkey-face",
    "cow": "cow-face",
    "horse": "horse-face",
    "person-standing": "person",
    "man-standing": "man",
    "woman-standing": "woman",
    "wizard": "mage",
    "witch": "woman-mage",
}
"""Whole drawings that cannot lift a hand, and the heads of the same creature that can, once they have a body."""


def is_person(art: str) -> bool:
    """Whether a drawing is the head or bust of a person, whatever the skin tone."""
    plain = untoned(art)
    role = plain.removeprefix("woman-").removeprefix("man-").removeprefix("person-")
    return plain in FACES or role in ROLES


def has_rig(art: str) -> bool:
    """Whether a drawing is a head or bust that gets a drawn body."""
    return art in COATS or is_person(art)


def proportions(pack: Drawings, art: str) -> Proportions:
    """Give the measures of the body that belongs to a head or bust."""
    if not is_person(art):
        return BEAST
    return BUST if outfit(pack, art).bust else PERSON


def usual(art: str) -> Legs:
    """Tell how a creature rests when nothing is told: beasts sit, people stand."""
    return "stand" if is_person(art) or art == "robot" else "sit"


def embodied(pack: Drawings, name: str, legs: Legs) -> str:
    """Make the SVG document of a head with a body in a pose, or of its gripping hands alone."""
    art, _, arms, hands = parsed(name)
    body = proportions(pack, art)
    painted = (
        person(body, changed(outfit(pack, art), sibling(name)), legs, arms)
        if is_person(art)
        else beast(body, coat(pack, art), legs, arms)
    )
    bottom = lowest(body, legs) + 8
    top = body.chin - body.head - 6
    opening = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="-20 {top:.1f} 240 {bottom - top:.1f}">'
    )
    if hands:
        return f"{opening}{painted.hands}</svg>"
    return f"{opening}{painted.back}{_head(pack.svg(art), body)}{painted.front}</svg>"


def _head(drawing: str, body: Proportions) -> str:
    """Put a head's drawing where the body wants it, as a document in the document."""
    opening = _OPENING.search(drawing)
    inner = _WAND.sub("", drawing[opening.end() : drawing.rindex("</svg>")]) if opening else ""
    place = f'x="{100 - body.head / 2}" y="{body.chin - body.head}" width="{body.head}" height="{body.head}"'
    return f'<svg {place} viewBox="0 0 128 128">{inner}</svg>'


HORN = (
    '<path d="M8 27L-3 -2L16 20Z" fill="#f3c33c"/><path d="M5 18L11 15M2 10L7 8" stroke="#c48a1c" stroke-width="1.6"/>'
)
COAT_OF_UNICORN = (
    ('fill="#865b52"', 'fill="#e8609c"'),
    ("#865b52", "#b9b2c2"),
    ("#feaf5f", "#f6f3f7"),
    ("#dd985b", "#dcd6e0"),
    ("#e09a5c", "#e2dce6"),
    ("#b3875d", "#cdc6d4"),
    ("#916656", "#aaa2b4"),
)


def unicorn(horse: str) -> str:
    """Make a horse a unicorn: a white coat, a pink mane and a horn."""
    for old, new in COAT_OF_UNICORN:
        horse = horse.replace(old, new)
    opening = _OPENING.search(horse)
    body = horse[opening.end() : horse.rindex("</svg>")] if opening else ""
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-6 -6 140 134">{body}{HORN}</svg>'


KEPT = 256
"""How many drawings with bodies are remembered, a few kilobytes each."""


class Wardrobe:
    """An art pack whose heads have bodies. Like the pack it hashes by identity; see `wardrobe`."""

    def __init__(self, pack: Drawings) -> None:
        self._pack = pack
        self._kept = lru_cache(maxsize=KEPT)(self._drawing)

    @property
    def heads(self) -> Drawings:
        """The pack itself, whose heads have no bodies."""
        return self._pack

    def svg(self, name: str) -> str:
        """Give a drawing, in a pose where its name tells one, with a body where the pack has only a head.

        Raises KeyError where there is none at all, and for a pose that is none.
        """
        return self._kept(name)

    def _drawing(self, name: str) -> str:
        art, legs, arms, _ = parsed(name)
        if art == "unicorn" and not legs:
            return unicorn(self._pack.svg("horse"))
        if name in IN_USE:
            return IN_USE[name]
        if not has_rig(art):
            return self._pack.svg(art)
        if (legs and legs not in LEGS) or arms not in ARMS:
            raise KeyError(name)
        return embodied(self._pack, name, legs or usual(art))


@lru_cache(maxsize=4)
def wardrobe(pack: Drawings) -> Wardrobe:
    """Give the wardrobe of a pack, always the same one, so that caches keyed by it hold."""
    return Wardrobe(pack)
