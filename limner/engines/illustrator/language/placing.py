"""Who is where and who does what: place words, and verbs of holding, wearing, reading and flying."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from limner.engines.illustrator.language.describing import Describing
from limner.engines.illustrator.language.holding import WORN
from limner.engines.illustrator.language.mentions import LIVING, Bonds
from limner.engines.illustrator.language.tape import BREAKS, DESCRIBES
from limner.engines.illustrator.language.things import Thing
from limner.engines.illustrator.language.vocabulary import Noun

if TYPE_CHECKING:
    from limner.engines.illustrator.language.pieces import Piece
    from limner.engines.illustrator.scene import Place

THEM = frozenset({"it", "them", "him", "her", "itself"})
FLIGHT = ("flying", "hovering", "soaring", "floating", "high")
OPEN = Noun(Thing("open-book", "book", 0.2, "stands", "paper", "front", "table", "prop"))
# How verbs of reading begin that come after their object.
READING = ("\u8aad", "\u3092\u8aad", "\uc77d", "\u092a\u0922\u093c")


class Placing(Describing):
    """Turns words of place and verbs into bonds between what was mentioned.

    `bearer` is the mention that is "with" what comes, `along` whether "with" was said just now, `made` whether what
    comes only says what the last thing is made of, `passed` whether what was denied has been named.
    """

    def __init__(self, found: list[Piece], *, dense: bool = False, head_first: bool = False) -> None:
        super().__init__(found, dense=dense, head_first=head_first)
        self.bonds = Bonds(self.said)
        self.bearer: int | None = None
        self.passed = self.along = False
        self.made = ""

    def _on_place(self, piece: Piece) -> None:
        after = self.found[self.at + 1].text if self.at + 1 < len(self.found) else ""
        if after in THEM:
            self._on_pronoun(piece)
        else:
            self._relation(piece)

    def _on_pronoun(self, piece: Piece) -> None:
        """Take "on it" and "behind them" after what somebody is with: "a sign with a tree behind it"."""
        self._close()
        if not self.denied and self.bearer is not None and self.last is not None and self.bearer != self.last:
            self.said.rebind(self.last, cast("Place", piece.value), self.bearer)
            self.bonds.group = [self.bearer]

    def _on_reverse(self, piece: Piece) -> None:
        self._relation(piece, reverse=True)

    def _on_aloft(self, piece: Piece) -> None:
        """Note who is in the air: "a flying pig", "a witch soaring"."""
        del piece
        if self.noun_ahead(after_noun=self.head is not None):
            self._describe().aloft = True
        elif self.last is not None and not self.denied:
            self.said.mentions[self.last].aloft = True

    def _doer(self) -> None:
        """Let whoever lives do what is done, where something else was named after them: "a cat before a van wears"."""
        mentions = self.said.mentions
        if self.last is not None and self.bonds.group and self.bonds.related and self.bonds.waiting is None:
            living = [at for at, mention in enumerate(mentions) if mention.thing.sort in LIVING]
            if living and all(mentions[at].thing.sort not in LIVING for at in self.bonds.group):
                self.bonds.group = living[-1:]

    def _on_holds(self, piece: Piece) -> None:
        """Put what comes next at those before, who stay the ones spoken of: "a man holding a book on a bench"."""
        self._doer()
        if (self.bonds.speaking() or self.dense) and not self.denied:
            self._relation(piece, reverse=True, stays=True)
            if self.bonds.waiting is not None:
                self.bonds.waiting.played = piece.kind == "plays"
        else:
            self._close()

    def _on_studies(self, piece: Piece) -> None:
        """Take a verb that has its book with it, as "to read" has in Chinese."""
        self._on_holds(piece)
        self._on_noun(piece._replace(sign=None, noun=OPEN))

    def _on_carried(self, piece: Piece) -> None:
        """Take "in his hands" and "on its head" after what somebody is with: "a chef with a pizza in his hands"."""
        self._close()
        if self.denied or self.bearer is None or self.last is None or self.bearer == self.last:
            return
        thing = self.said.mentions[self.last].thing
        place = "on" if piece.value == "worn" and thing.name not in WORN else cast("Place", piece.value)
        self.said.rebind(self.last, place, self.bearer)
        self.bonds.group = [self.bearer]

    def _relation(self, piece: Piece, *, reverse: bool = False, stays: bool = False) -> None:
        self._close()
        self.denied = self.denied and not self.passed
        self.along, self.made = False, ""
        if piece.kind == "reverse" and piece.value in ("on", "in") and self.last is not None:
            # "A boy pushing a cart full of apples": it is the cart that is full.
            self.bonds.group = [self.last]
        if piece.value == "above" and piece.text.startswith(FLIGHT):
            self._on_aloft(piece)
        self.bonds.relation(cast("Place", piece.value), reverse=reverse, stays=stays, opens=self.opens_clause())

    def _on_post(self, piece: Piece) -> None:
        if not self.denied:
            later = any(after.kind == "noun" for after in self.found[self.at + 1 : self.at + 6])
            self.bonds.afterwards(cast("Place", piece.value), named_later=later)
        self._close()

    def _on_takes(self, piece: Piece) -> None:
        """Take a verb after its object, as in Japanese: "book reading fox", and "fox book reading"."""
        if not self.denied and self.bonds.group:
            self._open_book(piece)
            later = any(after.kind == "noun" for after in self.clause())
            self.bonds.taken(cast("Place", piece.value), named_later=later)
        self._close()

    def _open_book(self, piece: Piece) -> None:
        """Open the book that is read, where the verb comes after it."""
        book = self.said.mentions[self.bonds.group[-1]]
        if piece.text.replace(" ", "").startswith(READING) and book.thing.name == OPEN.thing.name:
            book.thing = OPEN.thing

    def _on_between(self, piece: Piece) -> None:
        del piece
        self._close()
        self.bonds.middle()

    def _on_side(self, piece: Piece) -> None:
        self._close()
        before = self.before()
        opens = before is None or before.kind in BREAKS
        if opens and self.kind_after() in (*DESCRIBES, "noun", "be", "stop"):
            self.bonds.side = cast("Place", piece.value)
        elif self.last is not None and not self.denied:
            row = piece.value in ("left", "right")
            for index in self.bonds.group if row and self.bonds.group else [self.last]:
                self.said.mentions[index].side = cast("Place", piece.value)
        self.bonds.group = []
