"""The pieces of a prompt as a tape, and what can be seen from one place on it, a few pieces ahead or back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner.engines.illustrator.language.vocabulary import flagged

if TYPE_CHECKING:
    from limner.engines.illustrator.language.pieces import Piece

DESCRIBES = frozenset({"count", "colour", "size", "material", "tone", "pattern", "det"})
BREAKS = frozenset({"dot", "comma", "join"})
# What may stand between a describing word and its noun.
WITHIN = frozenset({"colour", "size", "material", "tone", "pattern", "other", "mood", "stop"})
# The longest stretch that is looked back on.
CLAUSE = 12
LINKS = frozenset({"of", "to", "at", "from", "through", "across", "along", "like", "who", "that", "which"})
PRONOUNS = frozenset({"to", "it", "they", "we", "you", "i", "he", "she", "can", "will", "who", "that"})


class Tape:
    """All pieces, with the place `at` that is being read."""

    def __init__(self, found: list[Piece]) -> None:
        self.found = found
        self.at = 0
        self._verbish, self._always = flagged("verbish"), flagged("always")

    def before(self) -> Piece | None:
        """Give the piece before this one."""
        return self.found[self.at - 1] if self.at else None

    def kind_after(self) -> str:
        """Give the kind of the piece after this one; the end is a full stop."""
        return self.found[self.at + 1].kind if self.at + 1 < len(self.found) else "dot"

    def noun_ahead(self, *, after_noun: bool) -> bool:
        """Whether the describing words from here on lead to a noun; `after_noun`: a noun stands before them already."""
        joined = False
        for index in range(self.at + 1, min(self.at + 8, len(self.found))):
            piece = self.found[index]
            if piece.kind == "noun":
                return not after_noun or not self.is_verb(index)
            if piece.kind in ("join", "comma") and self._colour_at(index + 1):
                joined = True
                continue
            if piece.text in ("orange", "oranges") and not joined:
                return True
            if piece.kind == "count" and piece.text.endswith(" of"):
                continue
            if piece.kind not in WITHIN or piece.text in LINKS:
                return False
        return False

    def _colour_at(self, index: int) -> bool:
        return index < len(self.found) and self.found[index].kind == "colour"

    def tones_ahead(self) -> bool:
        """Whether the colours from here on end in "tones" or the like."""
        after = self.found[self.at + 1 : self.at + 6]
        kinds = [piece.kind for piece in after if piece.kind not in ("colour", "join", "comma")]
        return kinds[:1] == ["tones"]

    def is_verb(self, index: int) -> bool:
        """Whether a word that may be a verb is one here: right after a noun, or bare where it is rarely a noun."""
        piece, before = self.found[index], self.found[index - 1] if index else None
        if piece.text in self._always and not (before and before.kind in DESCRIBES):
            return True
        return piece.text in self._verbish and before is not None and (before.kind == "noun" or before.text in PRONOUNS)

    def place_ahead(self) -> bool:
        """Whether the colour is that of a sky or of water, not of somebody."""
        after = (piece.kind for piece in self.found[self.at + 1 : self.at + 5] if piece.kind not in WITHIN)
        return next(after, "") in ("setting", "time", "weather")

    def is_fruit(self) -> bool:
        """Whether "orange" without a noun after it is the fruit: not in "is orange", not in "is red and orange"."""
        before = [piece.kind for piece in self.found[max(0, self.at - 2) : self.at]]
        if self.kind_after() == "other":
            return False
        return before[-1:] != ["be"] and before != ["colour", "join"]

    def opens_clause(self) -> bool:
        """Whether a place word opens a sentence that goes on to name who is there ("On the sofa, a cat")."""
        before = self.before()
        if before is None or before.kind != "dot":
            return False
        clause = self.found[self.at + 1 : self.at + 12]
        end = next((at for at, piece in enumerate(clause) if piece.kind == "dot"), len(clause))
        return sum(piece.kind == "noun" for piece in clause[:end]) > 1

    def clause(self) -> list[Piece]:
        """Give the few pieces that follow, up to where the clause ends."""
        ahead = self.found[self.at + 1 : self.at + 7]
        end = next((at for at, piece in enumerate(ahead) if piece.kind in BREAKS), len(ahead))
        return ahead[:end]

    def is_named(self) -> bool:
        """Whether somebody was named before in the same clause."""
        return any(piece.kind == "noun" for piece in self.since_comma())

    def since_comma(self) -> list[Piece]:
        """Give the pieces of this clause before this one."""
        before = self.found[max(0, self.at - CLAUSE) : self.at]
        last = max((at for at, piece in enumerate(before) if piece.kind in ("dot", "comma")), default=-1)
        return before[last + 1 :]
