"""From words to mentions: which things a prompt names, how many, of what colour, and who stands where.

A small shift-and-attach grammar over a flat list of meanings. It never backtracks and never fails: what it does not
understand it passes over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, cast

from limner.engines.illustrator.scene import Place
from limner.engines.illustrator.tokens import Token
from limner.engines.illustrator.vocabulary import ENGLISH, Concept, Noun, Sign, Thing, Vocabulary, flagged

MOST_MENTIONS = 12
MOST_OF_A_KIND = 12
# How many things a plural without a number is.
SOME = 3
# Things drawn as a pair already: "a pair of scissors" is one drawing.
PAIRS = frozenset({"scissors", "skis", "glasses", "sunglasses", "jeans", "gloves", "socks", "headphones", "chopsticks"})
DESCRIBES = frozenset({"count", "colour", "size", "material", "det"})
MIRROR: dict[Place, Place] = {"left": "right", "right": "left", "above": "under", "under": "above", "in_front": "behind", "behind": "in_front"}


class Piece(NamedTuple):
    """One meaning found in the prompt: a noun, a sign, or neither (a word that says nothing to us)."""

    text: str
    noun: Noun | None = None
    sign: Sign | None = None
    concept: Concept | None = None

    @property
    def kind(self) -> str:
        """The sign's kind, or `noun`, or `other`."""
        if self.sign:
            return self.sign.kind
        return "noun" if self.noun else "other"

    @property
    def value(self) -> str:
        """What the sign says; empty for everything else."""
        return self.sign.value if self.sign else ""


@dataclass(slots=True)
class Mention:
    """A thing as the prompt speaks of it; `count` is None until somebody says how many."""

    thing: Thing
    count: int | None = None
    colours: list[str] = field(default_factory=list)
    plural: bool = False
    scale: float = 1.0
    material: str | None = None
    side: Place | None = None


@dataclass(slots=True)
class Said:
    """All that was understood: mentions, relations between them by index, and signs of the whole picture."""

    mentions: list[Mention] = field(default_factory=list)
    relations: list[tuple[int, Place, int]] = field(default_factory=list)
    signs: dict[str, list[str]] = field(default_factory=dict)
    hints: list[str] = field(default_factory=list)
    concepts: list[Concept] = field(default_factory=list)

    def first(self, kind: str) -> str | None:
        """Give the first sign of a kind."""
        return next(iter(self.signs.get(kind, ())), None)


def pieces(tokens: list[Token], words: Vocabulary, language: str) -> list[Piece]:
    """Turn tokens into pieces of meaning, longest phrases first."""
    found: list[Piece] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.shape in ("dot", "comma"):
            found.append(Piece(token.text, sign=Sign(token.shape, "")))
            at += 1
            continue
        meaning, length = words.find(tokens, at, language)
        concept = words.concept(tokens, at) if language == ENGLISH else None
        text = " ".join(part.text for part in tokens[at : at + length])
        found.append(_piece(text, meaning, concept))
        at += length
    return found


def _piece(text: str, meaning: Noun | Sign | None, concept: Concept | None) -> Piece:
    if isinstance(meaning, Noun):
        return Piece(text, noun=meaning, concept=concept)
    if meaning is None and text.isdigit():
        meaning = Sign("count", str(MOST_OF_A_KIND)) if int(text[:4]) else None
    return Piece(text, sign=meaning, concept=concept)


class Parser:
    """Walks over the pieces once, keeping the noun phrase under way and what still waits for a noun."""

    def __init__(self, found: list[Piece], *, dense: bool = False) -> None:
        self.found = found
        self.dense = dense
        self.said = Said()
        self._verbish, self._always = flagged("verbish"), flagged("always")
        self._at = 0
        self._fresh()
        self._group: list[int] = []
        self._place: tuple[Place, list[int], bool] | None = None
        self._between: list[int] | None = None
        self._negated = self._marginal = False
        self._keeps = self._hues = False
        self._ahead: Place | None = None
        self._last: int | None = None
        self._head: int | None = None

    def parse(self) -> Said:
        """Read everything and give what was understood."""
        for self._at, piece in enumerate(self.found):
            self._hues = self._hues and piece.kind in ("hue", "colour", "join", "comma")
            handler = getattr(self, f"_on_{piece.kind}", self._on_other)
            handler(piece)
            if piece.concept and not self._negated:
                self.said.concepts.append(piece.concept)
        self._settle_sides()
        return self.said

    # what describes the noun to come

    def _fresh(self) -> None:
        """Start a noun phrase with nothing said of it yet."""
        self._count: int | None = None
        self._colours: list[str] = []
        self._scale = 1.0
        self._material: str | None = None
        self._definite = False
        self._described = False

    def _close(self) -> None:
        """End the noun phrase under way."""
        self._head = None
        self._fresh()

    def _describe(self) -> None:
        """Begin a new noun phrase where the last one has its noun already."""
        if self._head is not None:
            self._close()
        self._described = True

    def _on_det(self, piece: Piece) -> None:
        self._close()
        self._described = True
        self._definite = piece.value == "the"

    def _on_count(self, piece: Piece) -> None:
        if self._count is not None or self._head is not None:
            self._close()
        self._described = True
        self._count = int(piece.value)

    def _on_size(self, piece: Piece) -> None:
        self._describe()
        self._scale *= float(piece.value)

    def _on_material(self, piece: Piece) -> None:
        self._describe()
        self._material = piece.value

    def _on_colour(self, piece: Piece) -> None:
        if self._tones_ahead() or (self._hues and not self._noun_ahead()):
            self.said.signs.setdefault("tones", []).append(piece.value)
        elif self._noun_ahead():
            self._describe()
            self._colours.append(piece.value)
        elif piece.text in ("orange", "oranges") and self._is_fruit():
            self._on_noun(Piece(piece.text, noun=Noun(ORANGE)))
        elif self._last is not None and not self._negated:
            self.said.mentions[self._last].colours.append(piece.value)

    def _is_fruit(self) -> bool:
        """Whether "orange" without a noun after it is the fruit: not in "is orange", not in "is red and orange"."""
        before = [piece.kind for piece in self.found[max(0, self._at - 2) : self._at]]
        return before[-1:] != ["be"] and before != ["colour", "join"]

    def _noun_ahead(self) -> bool:
        """Whether the describing words from here on lead to a noun."""
        for offset, piece in enumerate(self.found[self._at + 1 : self._at + 8]):
            if piece.kind == "noun":
                return not self._is_verb(piece, self._at + 1 + offset) or self._head is None
            if piece.kind in ("join", "comma") and self._colour_at(self._at + 2 + offset):
                continue
            if piece.kind == "colour" and piece.text == "orange":
                return True
            if piece.kind not in ("colour", "size", "material", "other", "mood", "stop") or piece.text in LINKS:
                return False
        return False

    def _colour_at(self, index: int) -> bool:
        return index < len(self.found) and self.found[index].kind == "colour"

    def _tones_ahead(self) -> bool:
        for piece in self.found[self._at + 1 : self._at + 5]:
            if piece.kind == "tones":
                return True
            if piece.kind not in ("colour", "join", "comma"):
                return False
        return False

    # nouns

    def _is_verb(self, piece: Piece, index: int) -> bool:
        """Whether a word that may be a verb is one here: right after a noun, or bare where it is rarely a noun."""
        before = self.found[index - 1] if index else None
        if piece.text in self._always and not (before and before.kind in DESCRIBES):
            return True
        return piece.text in self._verbish and before is not None and (before.kind == "noun" or before.text in PRONOUNS)

    def _on_noun(self, piece: Piece) -> None:
        noun = piece.noun
        if noun is None or self._is_verb(piece, self._at) or piece.text.endswith("'s"):
            return
        if self._negated:
            self._head = None
            self._fresh()
            self._marginal = True
            return
        if self._is_table(noun, piece):
            self._note("setting", "table")
            self._place = None
            self._close()
            return
        if self._is_clothing(noun):
            self._close()
            self._place = None
            return
        index = self._mention(noun)
        self._attach(index)

    def _is_clothing(self, noun: Noun) -> bool:
        """Whether a garment is what somebody has on, which no drawing shows, so that nothing is drawn for it."""
        place = self._place
        if place is None or not place[1] or noun.thing.name in WORN or noun.thing.home != "studio" or noun.thing.material != "cloth":
            return False
        wearer = self.said.mentions[place[1][0]].thing
        return place[0] in ("in", "on") and wearer.material in ("cloth", "skin", "fur")

    def _is_table(self, noun: Noun, piece: Piece) -> bool:
        """Whether "on a table" is where it happens rather than one more thing."""
        place = self._place
        return (
            noun.thing.name == "dining table"
            and place is not None
            and place[0] == "on"
            and not noun.plural
            and "dining" not in piece.text
            and not self._colours
        )

    def _mention(self, noun: Noun) -> int:
        """Make a mention, or find the one that is meant again; give its index."""
        mentions = self.said.mentions
        if self._head is not None and not self.dense and not mentions[self._head].plural:
            # Two nouns in a row: the last one is what it is, the first only says of what sort.
            mentions[self._head].thing = noun.thing
            mentions[self._head].plural = noun.plural
            return self._head
        again = self._again(noun)
        if again is not None:
            mentions[again].colours += self._colours
            self._close()
            self._head = self._last = again
            return again
        mention = Mention(noun.thing, self._count, self._colours, noun.plural, self._scale, self._material)
        mention.side, self._ahead = self._ahead, None
        if len(mentions) < MOST_MENTIONS:
            mentions.append(mention)
        self._fresh()
        self._head = self._last = len(mentions) - 1
        return self._last

    def _again(self, noun: Noun) -> int | None:
        """Find the mention that "the cat" speaks of when a cat was mentioned before."""
        if not self._definite or self._count is not None:
            return None
        same = (index for index, mention in enumerate(self.said.mentions) if mention.thing.name == noun.thing.name)
        return next(same, None)

    def _attach(self, index: int) -> None:
        """Give a mention its place: into the relation that waits for it, or beside those it is joined with."""
        if self._between is not None and index not in self._between:
            self._flank(index)
        elif self._place is not None and index not in self._place[1]:
            place, others, reverse = self._place
            if others:
                self._relate([index] if reverse else others, place, others if reverse else [index])
                self._place = None
                self._group = others if self._keeps else [index]
                self._keeps = False
            else:
                # "On the sofa sits a cat": what it is on comes first, who is there later.
                self._place = (place, [index], not reverse)
                self._group = []
        elif index not in self._group:
            self._group.append(index)

    def _relate(self, firsts: list[int], place: Place, seconds: list[int]) -> None:
        for first in firsts:
            for second in seconds:
                if first != second and (first, place, second) not in self.said.relations:
                    self.said.relations.append((first, place, second))

    def _flank(self, index: int) -> None:
        """Take the two that "between" speaks of: right of the first, left of the second."""
        firsts = self._between or []
        place: Place = "right" if self._place is not None else "left"
        self._relate(firsts, place, [index])
        if self._place is None:
            self._between = None
        self._place = None
        self._group = [index]

    # what relates

    def _on_place(self, piece: Piece) -> None:
        self._relation(cast("Place", piece.value), reverse=False)

    def _on_reverse(self, piece: Piece) -> None:
        self._relation(cast("Place", piece.value), reverse=True)

    def _on_wears(self, piece: Piece) -> None:
        self._on_holds(piece)

    def _on_holds(self, piece: Piece) -> None:
        """What comes next is at those before, who stay the ones spoken of: "a man holding a book on a bench"."""
        if self._at and self._group and not self._negated:
            self._relation(cast("Place", piece.value), reverse=True)
            self._keeps = True
        else:
            self._close()

    def _on_hue(self, piece: Piece) -> None:
        """ "In shades of": the colours that follow are the picture's."""
        del piece
        self._close()
        self._hues = True

    def _on_post(self, piece: Piece) -> None:
        """A place word that follows what it is said of, as in Japanese: "the sofa's top at, a cat"."""
        if self._group and not self._negated:
            self._place = (cast("Place", piece.value), [self._group.pop()], True)
        self._close()

    def _relation(self, place: Place, *, reverse: bool) -> None:
        self._close()
        self._keeps = self._negated = False
        group = [] if self._place is not None and not self._place[1] else self._group
        if self._at and self.found[self._at - 1].kind in ("dot", "comma") and self._noun_follows_twice():
            group = []
        self._place = (place, group, reverse)
        self._group = []

    def _noun_follows_twice(self) -> bool:
        """Whether a clause that opens with a place word goes on to name who is there ("On the sofa, a cat")."""
        clause = self.found[self._at + 1 : self._at + 12]
        end = next((at for at, piece in enumerate(clause) if piece.kind == "dot"), len(clause))
        return sum(piece.kind == "noun" for piece in clause[:end]) > 1 and self.found[self._at - 1].kind == "dot"

    def _on_between(self, piece: Piece) -> None:
        del piece
        self._close()
        if self._group:
            self._between = list(self._group)
            self._place = ("right", list(self._group), False)
            self._group = []

    def _on_side(self, piece: Piece) -> None:
        self._close()
        before = self.found[self._at - 1].kind if self._at else "dot"
        if before in ("dot", "comma", "join") and self._noun_follows():
            self._ahead = cast("Place", piece.value)
            self._group = []
        elif self._last is not None and not self._negated:
            for index in self._group or [self._last]:
                self.said.mentions[index].side = cast("Place", piece.value)
            self._group = []

    def _noun_follows(self) -> bool:
        """Whether a noun phrase begins right after this piece, perhaps after a "there is"."""
        return self._at + 1 < len(self.found) and self.found[self._at + 1].kind in (*DESCRIBES, "noun", "be", "stop")

    def _settle_sides(self) -> None:
        """Relate those that stand "on the left" to those "on the right", or to everybody else."""
        mentions = self.said.mentions
        for first, mention in enumerate(mentions):
            if mention.side is None:
                continue
            opposite = [at for at, other in enumerate(mentions) if other.side == MIRROR.get(mention.side, mention.side) and at != first]
            if any(at < first for at in opposite):
                continue
            others = opposite or [at for at, other in enumerate(mentions) if other.side is None]
            self._relate([first], mention.side, others)

    # what joins and ends

    def _on_join(self, piece: Piece) -> None:
        del piece
        if self._colours and self._head is None:
            return
        if self._negated and self._marginal:
            self._negated = self._bare_ahead()
        self._close()

    def _bare_ahead(self) -> bool:
        """Whether a bare noun comes next, so that "without people and cars" still speaks of what is not there."""
        return self._at + 1 < len(self.found) and self.found[self._at + 1].kind in ("noun", "not")

    def _on_or(self, piece: Piece) -> None:
        del piece
        self._close()

    def _on_comma(self, piece: Piece) -> None:
        del piece
        self._close()
        if self._marginal:
            self._negated = self._marginal = False
        if self._place is not None and self._place[1]:
            self._place = None

    def _on_dot(self, piece: Piece) -> None:
        del piece
        self._close()
        self._negated = self._marginal = False
        self._place = self._between = None
        self._group = []

    def _on_but(self, piece: Piece) -> None:
        del piece
        self._close()
        self._negated = self._marginal = False
        self._group = []

    def _on_not(self, piece: Piece) -> None:
        del piece
        self._close()
        self._negated, self._marginal = True, False

    def _on_be(self, piece: Piece) -> None:
        del piece
        head = self._last if self._head is not None else None
        self._close()
        if head is not None:
            self._last = head

    # signs of the whole picture

    def _note(self, kind: str, value: str) -> None:
        if not self._negated:
            self.said.signs.setdefault(kind, []).append(value)

    def _on_setting(self, piece: Piece) -> None:
        following = self.found[self._at + 1] if self._at + 1 < len(self.found) else None
        if following and following.kind == "noun" and not self.dense:
            self.said.hints.append(piece.value)
            return
        self._note("setting", piece.value)
        if self._negated:
            self._marginal = True
        elif self._place is not None:
            self._group = self._place[1] or self._group
            self._place = None
        self._close()

    def _on_time(self, piece: Piece) -> None:
        self._sign(piece)

    def _on_weather(self, piece: Piece) -> None:
        self._sign(piece)

    def _on_medium(self, piece: Piece) -> None:
        self._sign(piece)

    def _on_mood(self, piece: Piece) -> None:
        self._sign(piece)

    def _on_palette(self, piece: Piece) -> None:
        self._sign(piece)

    def _sign(self, piece: Piece) -> None:
        """Note something of the whole picture; "at night" leaves no place waiting."""
        self._note(piece.kind, piece.value)
        self._marginal = self._marginal or self._negated
        if self._place is not None and self._at and self.found[self._at - 1].kind in ("place", "det"):
            self._group = self._place[1] or self._group
            self._place = None

    def _on_unit(self, piece: Piece) -> None:
        """"A slice of": what comes next is the noun, and the number stays."""
        if self._head is not None:
            del piece
            self._close()

    def _on_stop(self, piece: Piece) -> None:
        if piece.text == "of" and self._head is not None and self.said.mentions[self._head].thing.name in VESSELS:
            self._group = [self._head]
            self._relation("in", reverse=True)
            return
        if piece.text in LINKS and self._head is not None:
            self._close()

    def _on_maker(self, piece: Piece) -> None:
        del piece
        self._close()

    def _on_tones(self, piece: Piece) -> None:
        del piece
        self._close()

    def _on_other(self, piece: Piece) -> None:
        del piece
        if self._head is not None:
            self._close()


VESSELS = frozenset({"bowl", "basket", "plate", "jar", "box", "bucket", "vase", "cup", "shopping trolley"})
LINKS = frozenset({"of", "to", "at", "from", "through", "across", "along", "like", "who", "that", "which"})
# What can be put on top of somebody; other garments would have to fit.
WORN = frozenset({"top hat", "cap", "graduation cap", "sun hat", "crown"})
PRONOUNS = frozenset({"to", "it", "they", "we", "you", "i", "he", "she", "can", "will", "who", "that"})
ORANGE = Thing("tangerine", "orange", 0.08, "stands", "gloss", "front", "table")
