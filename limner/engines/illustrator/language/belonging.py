"""What belongs to whom, and to the place: a king has his crown, a room its window, and a field its flowers.

It is drawn already, or comes with the place; the other way round some places are things to be seen, as the bridge that
somebody crosses.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from limner.engines.illustrator.language.mentions import LIVING
from limner.engines.illustrator.language.placing import Placing
from limner.engines.illustrator.language.words import phrases, rows

if TYPE_CHECKING:
    from limner.engines.illustrator.language.pieces import Piece
    from limner.engines.illustrator.language.things import Thing
    from limner.engines.illustrator.language.vocabulary import Noun

# Parts of things, and of rooms.
PARTS = frozenset({"door", "window", "wheel"})
# Beside these one is in the street, and not in the shop.
SHOPS = frozenset(
    {"bakery", "cafe", "caf\u00e9", "restaurant", "bar", "coffee shop", "bookshop", "bookstore", "museum", "theatre",
     "theater", "pub", "tavern", "diner", "library", "gym", "apartment", "workshop"}
)  # fmt: skip
# Being near something.
BESIDE = ("next_to", "in_front", "behind")
# What goes across, or floats, and is seen whole when somebody is on it.
CROSSED = frozenset({"bridge", "stone bridge", "old bridge", "arched bridge", "iceberg"})
# What plants grow in, and where those are at home that one sows.
FIELDS = frozenset({"field", "fields", "meadow", "garden", "patch", "patches"})
GROWING = ("garden", "meadow", "farm", "forest", "table")
TALLEST_CROP = 2.0
# Words after which somebody is in a place and not before it.
INDOOR_WORDS = frozenset({"in", "at", "inside", "of", "interior", "from"})
# What every room has.
FIXTURES = frozenset({"window", "curtains"})


@cache
def _owned() -> dict[str, frozenset[str]]:
    return {row[0]: frozenset(phrases(row[1])) for row in rows("owned")}


def owns(owner: Thing, thing: Thing) -> bool:
    """Whether the drawing of somebody has a thing already, as a king has his crown."""
    return thing.name in _owned().get(owner.name, ())


class Belonging(Placing):
    """Tells what names nothing new to draw, and which places are drawn as things."""

    def _is_part(self, noun: Noun) -> bool:
        """Whether this is a part of what it comes with, which the drawing has already: a house with a blue door."""
        whole = self.last is not None and self.said.mentions[self.last].thing.sort == "other"
        return whole and noun.thing.name in PARTS and any(piece.value == "with" for piece in self.since_comma())

    def _is_table(self, noun: Noun, piece: Piece) -> bool:
        """Whether "on a table" is where it happens rather than one more thing."""
        waiting = self.bonds.waiting
        bare = not noun.plural and not self.phrase.colours and "dining" not in piece.text
        return noun.thing.name == "dining table" and waiting is not None and waiting.place == "on" and bare

    def _is_grown(self, noun: Noun) -> bool:
        """Whether a plant only says of what a field is, which then shows some: "a girl in a sunflower field"."""
        plant = noun.thing.home in GROWING and noun.thing.sort not in LIVING and noun.thing.height < TALLEST_CROP
        before, after = self.before(), self.found[self.at + 1 : self.at + 2]
        told = before is not None and before.text.removesuffix(" of") in FIELDS
        return plant and (told or (bool(after) and after[0].text in FIELDS))

    def _is_its_own(self, noun: Noun) -> bool:
        """Whether the drawing of whom this is said of has it already: the crown of a king, the candles of a cake."""
        others = self.bonds.waiting.others if self.bonds.waiting is not None else []
        before = self.since_comma()
        owner = others[-1] if others else self.last if any(piece.value == "with" for piece in before) else None
        return owner is not None and owns(self.said.mentions[owner].thing, noun.thing)

    def _is_fixture(self, noun: Noun) -> bool:
        """Whether this is the window that every room has, with somebody at it."""
        waiting = self.bonds.waiting
        beside = waiting is not None and waiting.place in BESIDE
        return beside and noun.thing.name in FIXTURES and not noun.plural and not self.phrase.colours

    def _is_seen_whole(self, piece: Piece) -> bool:
        """Whether a place is one more thing in the picture: what somebody crosses, the shop they stand before."""
        waiting = self.bonds.waiting
        if waiting is None:
            return piece.text in SHOPS and self._is_what_is_shown()
        if not waiting.others or waiting.reverse:
            return False
        return piece.text in (CROSSED if waiting.place == "on" else SHOPS if waiting.place in BESIDE else ())

    def _is_what_is_shown(self) -> bool:
        """Whether a prompt opens with this: "a bakery in the morning", but not "at a bakery" nor its interior."""
        before = self.found[: self.at]
        named = any(piece.kind in ("det", "count") for piece in before)
        return named and not self.said.mentions and not any(piece.text in INDOOR_WORDS for piece in before)
