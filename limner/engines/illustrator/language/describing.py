"""What is said of a noun before it comes: how many, how large, of what colour and stuff."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, cast

from limner.engines.illustrator.language.mentions import Phrase, Said
from limner.engines.illustrator.language.pieces import VERY_MANY, Piece
from limner.engines.illustrator.language.tape import Tape
from limner.engines.illustrator.language.things import Thing
from limner.engines.illustrator.language.vocabulary import Noun

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Pattern

# Numbers that are pronouns when they come after what they count.
NOT_AFTER = frozenset(
    {"one", "1", "both", "few", "some", "many", "several", "multiple", "single", "alone", "solitary", "lone"}
)
# How two of a thing are counted that may be one.
PAIRS = frozenset({"a pair of", "pair of"})
ORANGE = Thing("tangerine", "orange", 0.08, "stands", "gloss", "front", "table", "prop")

FAMILY = "family"
# Parts that no drawing is given a colour of its own for: "a cat with blue eyes" is no blue cat.
BODY = frozenset(
    {"hair", "eyes", "eye", "skin", "ears", "ear", "markings", "beak", "feet", "paws", "wings", "beard", "nose", "tail",
     "horns", "legs", "face", "hands", "dark skin", "mane", "stripes", "spots", "lips", "cheeks"}
)  # fmt: skip


BACKDROPS = frozenset({"background", "backdrop", "studio background", "studio backdrop", "seamless background"})


class Describing(Tape):
    """Collects describing words into the noun phrase under way.

    `head` is the mention that the phrase has got its noun with, `last` the one spoken of last, `denied` whether what is
    said now is said not to be there, `hues` whether colours are the whole picture's.
    """

    def __init__(self, found: list[Piece], *, dense: bool = False, head_first: bool = False) -> None:
        super().__init__(found)
        self.dense, self.head_first = dense, head_first
        self.said = Said()
        self.phrase = Phrase()
        self.head: int | None = None
        self.last: int | None = None
        self.denied = self.hues = False

    @abstractmethod
    def _on_noun(self, piece: Piece) -> None:
        """Take a noun, which ends the phrase."""

    def _note(self, kind: str, value: str) -> None:
        if not self.denied:
            self.said.signs.setdefault(kind, []).append(value)

    def _close(self) -> None:
        """End the noun phrase under way."""
        self.head = None
        self.phrase = Phrase()

    def _describe(self) -> Phrase:
        """Give the phrase that a describing word belongs to: a new one where the last has its noun already."""
        if self.head is not None:
            self._close()
        return self.phrase

    def _on_det(self, piece: Piece) -> None:
        before = self.before()
        if before is not None and before.kind == "material" and before.text.endswith(" of"):
            # "A statue of a horse" is a horse of stone.
            return
        self._close()
        self.phrase.definite = piece.value == "the"

    def _on_count(self, piece: Piece) -> None:
        mention = self.said.mentions[self.last] if self.last is not None and not self.denied else None
        if mention and not self.noun_ahead(after_noun=self.head is not None):
            # "Apples, three of them", and the usual order of Japanese and Korean.
            if mention.count is None and piece.sign != VERY_MANY and piece.text not in NOT_AFTER:
                mention.count = int(piece.value)
            return
        if self.phrase.count is not None and piece.text.endswith(" of"):
            # "Three pairs of skis" are three, and "two bunches of" are two.
            return
        if self.phrase.count is not None or self.head is not None:
            self._close()
        self.phrase.paired = piece.text in PAIRS
        self.phrase.count = int(piece.value)

    def _is_itself(self, piece: Piece) -> bool:
        """Whether a describing word is the thing spoken of, as the glass is in "a glass on a table"."""
        return piece.spare is not None and not self.noun_ahead(after_noun=self.head is not None)

    def _on_size(self, piece: Piece) -> None:
        if self._is_itself(piece):
            self._on_noun(piece._replace(sign=None, noun=piece.spare))
            return
        self._describe().scale *= float(piece.value)

    def _on_material(self, piece: Piece) -> None:
        if self._is_itself(piece):
            self._on_noun(piece._replace(sign=None, noun=piece.spare))
            return
        self._describe().material = piece.value

    def _on_hue(self, piece: Piece) -> None:
        """Take the colours that follow "in shades of" for the picture's own."""
        del piece
        self._close()
        self.hues = True

    def _on_colour(self, piece: Piece) -> None:
        if self._is_of_pattern() and self.last is not None:
            self.said.mentions[self.last].second = piece.value
            return
        if self._is_of_part():
            return
        if self._is_of_backdrop():
            self._note("tones", piece.value)
            self._note("setting", "studio")
            return
        if self.tones_ahead() or (self.hues and not self.noun_ahead(after_noun=self.head is not None)):
            self._note("tones", piece.value)
        elif self.noun_ahead(after_noun=self.head is not None):
            self._describe().colours.append(piece.value)
        elif piece.text in ("orange", "oranges") and self.is_fruit() and not self._is_shared():
            self._on_noun(Piece(piece.text, noun=Noun(ORANGE)))
        elif self.last is not None and not self.denied and not self.place_ahead() and not self._is_of_unknown():
            self.said.mentions[self.last].colours.append(piece.value)
        elif self.last is None:
            self._note("stray", piece.value)

    def _on_tone(self, piece: Piece) -> None:
        """Take a tone of skin: "a dark-skinned man", "a man with dark skin"."""
        if self.noun_ahead(after_noun=self.head is not None):
            self._describe().tone = piece.value
        elif self.last is not None and not self.denied:
            self.said.mentions[self.last].tone = piece.value

    def _on_pattern(self, piece: Piece) -> None:
        """Take a pattern: "a striped umbrella", "a mug with dots"."""
        pattern = cast("Pattern", piece.value)
        if self.noun_ahead(after_noun=self.head is not None):
            self._describe().pattern = pattern
        elif self.last is not None and not self.denied:
            self.said.mentions[self.last].pattern = pattern

    def _is_of_part(self) -> bool:
        """Whether a colour is that of somebody's eyes or hair, or of nothing that was named ("swirls of blue")."""
        after = (
            piece for piece in self.found[self.at + 1 : self.at + 5] if piece.kind not in ("colour", "join", "size")
        )
        following, before = next(after, None), self.before()
        parts = following is not None and following.text in BODY
        return parts or (before is not None and before.text == "of" and not self.noun_ahead(after_noun=True))

    def _is_of_pattern(self) -> bool:
        """Whether a colour is that of the stripes or dots that something comes with."""
        return self.kind_after() == "pattern" and any(piece.value == "with" for piece in self.since_comma())

    def _is_of_backdrop(self) -> bool:
        """Whether a colour is that of the paper behind all: "an apple on a blue background"."""
        after = next((piece for piece in self.found[self.at + 1 : self.at + 3] if piece.kind != "colour"), None)
        return after is not None and after.text in BACKDROPS

    def _is_shared(self) -> bool:
        """Whether colours are being dealt out: "three cats, one black, one white and one orange"."""
        before = self.before()
        coloured = self.last is not None and bool(self.said.mentions[self.last].colours)
        return coloured and before is not None and before.kind == "count"

    def _is_of_unknown(self) -> bool:
        """Whether a colour is that of a word nobody knows: a dog in a "black turtleneck" is no black dog."""
        before = self.before()
        return self.kind_after() == "other" and before is not None and before.kind in ("det", "join", "place", "wears")

    def _is_sort(self, noun: Noun, piece: Piece) -> bool:
        """Whether a noun only says of what sort the next is ("a wizard hat"), or whose ("a dog's bone")."""
        if piece.text.endswith("'s"):
            return self.noun_ahead(after_noun=False)
        after = next((later for later in self.found[self.at + 1 : self.at + 3] if not later.text.endswith("'s")), None)
        if self.dense or self.head_first or noun.plural or after is None or after.noun is None:
            return False
        compound = after.kind == "noun" and after.noun.thing.name != FAMILY and not self.is_verb(self.at + 1)
        return compound and piece.text[:1].isalnum() and after.text[:1].isalnum()

    def _is_repeated(self, noun: Noun, text: str) -> bool:
        """Whether this is one more emoji of a row: three elephants in a row are three of one thing."""
        before = self.before()
        same = self.last is not None and self.said.mentions[self.last].thing.art == noun.thing.art
        return same and before is not None and before.text == text and not text[:1].isalnum()
