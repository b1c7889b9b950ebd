"""What a prompt mentions, and the bonds between what it mentions: who stands where, seen from whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limner.engines.illustrator.language.things import Thing
    from limner.engines.illustrator.language.vocabulary import Concept, Noun
    from limner.engines.illustrator.scene import Pattern, Place

MOST_MENTIONS = 12
LIVING = ("person", "being")
OPPOSITE: dict[Place, Place] = {
    "left": "right",
    "right": "left",
    "above": "under",
    "under": "above",
    "in_front": "behind",
    "behind": "in_front",
}


@dataclass(slots=True)
class Phrase:
    """What was said of a noun before it came."""

    count: int | None = None
    colours: list[str] = field(default_factory=list)
    scale: float = 1.0
    material: str | None = None
    tone: str | None = None
    pattern: Pattern | None = None
    definite: bool = False
    paired: bool = False
    aloft: bool = False


@dataclass(slots=True)
class Mention:
    """A thing as the prompt speaks of it; `count` is None until somebody says how many, `definite` is "the" thing."""

    thing: Thing
    count: int | None = None
    colours: list[str] = field(default_factory=list)
    plural: bool = False
    scale: float = 1.0
    material: str | None = None
    tone: str | None = None
    side: Place | None = None
    aloft: bool = False
    pattern: Pattern | None = None
    second: str | None = None
    definite: bool = False


@dataclass(slots=True)
class Said:
    """All that was understood: mentions, relations between them by index, and signs of the whole picture.

    An `emblem` is an icon, a logo or a sticker: what it shows stands alone.
    """

    mentions: list[Mention] = field(default_factory=list)
    relations: list[tuple[int, Place, int]] = field(default_factory=list)
    signs: dict[str, list[str]] = field(default_factory=dict)
    hints: list[str] = field(default_factory=list)
    concepts: list[Concept] = field(default_factory=list)
    hunches: list[Concept] = field(default_factory=list)
    emblem: bool = False

    def first(self, kind: str) -> str | None:
        """Give the first sign of a kind."""
        return next(iter(self.signs.get(kind, ())), None)

    def same(self, noun: Noun) -> int | None:
        """Find the mention of the same thing, for "the cat" after "a cat"."""
        meant = (noun.thing.name, noun.thing.height)
        named = (at for at, mention in enumerate(self.mentions) if (mention.thing.name, mention.thing.height) == meant)
        return next(named, None)

    def relate(self, firsts: list[int], place: Place, seconds: list[int]) -> None:
        """Put all of `firsts` at `place` of all of `seconds`, by index; nobody to itself, nothing twice."""
        pairs = ((first, place, second) for first in firsts for second in seconds if first != second)
        self.relations += [pair for pair in dict.fromkeys(pairs) if pair not in self.relations]

    def rebind(self, first: int, place: Place, second: int) -> None:
        """Put `first` at `place` of `second`, whatever was thought of these two before."""
        self.relations = [pair for pair in self.relations if (pair[0], pair[2]) != (first, second)]
        self.relations.append((first, place, second))


@dataclass(slots=True)
class Waiting:
    """A relation that waits for its other end. `reverse`: who is named next is at those before, not they at it.

    `stays`: those before remain the ones that further relations are said of. `played`: what comes is played, which
    people hold when it is an instrument. `passed_on`: where those before were said to be is where who is named next is.
    """

    place: Place
    others: list[int]
    reverse: bool = False
    stays: bool = False
    played: bool = False
    passed_on: list[tuple[Place, int]] = field(default_factory=list)


class Bonds:
    """Who is spoken of together, and which relation is under way.

    `group` are the mentions that the next place word is said of, and `related` whether they are a relation's object;
    `waiting` is the relation that waits for a noun; `between` those whom "between" was said of until both ends are
    named; `side` the side named before who is there.
    """

    def __init__(self, said: Said) -> None:
        self.said = said
        self.group: list[int] = []
        self.waiting: Waiting | None = None
        self.between: list[int] | None = None
        self.side: Place | None = None
        self.related = False
        self.shared: Waiting | None = None
        self.acted = False

    def speaking(self) -> list[int]:
        """Give those that the next place word is said of; a relation whose end was no thing we know has let them go."""
        return self.group or (self.waiting.others if self.waiting else [])

    def share(self, place: Place) -> None:
        """Let what follows "and" be worn or held as well: "wearing glasses and a scarf"."""
        if self.shared is not None and self.shared.place == place and self.waiting is None:
            self.waiting = self.shared

    def pass_on(self) -> None:
        """Let what comes be worn or held where the first thing worn or held was nothing that we know."""
        if self.waiting is not None and self.waiting.stays:
            self.shared = self.waiting

    def attach(self, index: int) -> None:
        """Give a mention its place: into the relation that waits for it, or beside those it is joined with."""
        fulfilled = self.waiting is not None and not self.waiting.stays and bool(self.waiting.others)
        if self.between is not None and index not in self.between:
            self._flank(self.between, index)
        elif self.waiting is not None and index not in self.waiting.others:
            self._fulfil(self.waiting, index)
        elif self.related or (self.acted and self.said.mentions[index].thing.sort in LIVING):
            # "A frog on a rock and a toad under a tree": the rock is not under it. "A fox reading a book and a bear
            # drinking tea": the fox has no tea.
            self.group = [index]
        elif index not in self.group:
            self.group.append(index)
        self.related = fulfilled
        self.acted = self.shared is not None

    def _fulfil(self, waiting: Waiting, index: int) -> None:
        """Relate a mention with those who waited for it."""
        if not waiting.others:
            # "On the sofa sits a cat": what it is on comes first, who is there later.
            self.waiting = Waiting(waiting.place, [index], reverse=not waiting.reverse)
            self.group = []
            return
        firsts, seconds = ([index], waiting.others) if waiting.reverse else (waiting.others, [index])
        self.said.relate(firsts, waiting.place, seconds)
        for place, second in waiting.passed_on:
            self.said.relate([index], place, [second])
        self.shared = waiting if waiting.stays else None
        self.waiting = None
        self.group = waiting.others if waiting.stays else [index]

    def _flank(self, middle: list[int], index: int) -> None:
        """Take the two that "between" speaks of: the middle is right of the first, left of the second."""
        first = self.waiting is not None
        self.said.relate(middle, "right" if first else "left", [index])
        self.between = middle if first else None
        self.waiting = None
        self.group = [index]

    def relation(self, place: Place, *, reverse: bool = False, stays: bool = False, opens: bool = False) -> None:
        """Begin a relation with the group; `opens` where the place word opens a clause, so that nobody is meant yet."""
        unfilled = self.waiting is not None and not self.waiting.others
        self.waiting = Waiting(place, [] if unfilled or opens else self.speaking(), reverse, stays)
        self.group, self.related, self.shared = [], False, None

    def middle(self) -> None:
        """Begin "between" with the group; without a group nothing is between."""
        if self.group:
            self.between = list(self.group)
            self.waiting = Waiting("right", list(self.group))
            self.group = []

    def afterwards(self, place: Place, *, named_later: bool) -> None:
        """Take a place word that follows what it is said of, as in Japanese: "the sofa's top at, a cat"."""
        if len(self.group) > 1 and not named_later:
            *firsts, second = self.group
            self.said.relate(firsts, place, [second])
        elif self.group:
            self.waiting = Waiting(place, [self.group.pop()], reverse=True)

    def taken(self, place: Place, *, named_later: bool) -> None:
        """Take a verb that follows what is held or worn; whose it is comes next, or came before it."""
        if len(self.group) > 1 and not named_later:
            *holders, object_ = self.group
            self.said.relate([object_], place, holders[-1:])
        elif named_later:
            # "Under a tree a book reading fox": it is the fox that is under the tree.
            object_ = self.group.pop()
            places = [(there, second) for first, there, second in self.said.relations if first == object_]
            self.said.relations = [pair for pair in self.said.relations if pair[0] != object_]
            self.waiting = Waiting(place, [object_], passed_on=places)

    def drop(self) -> None:
        """Forget the relation under way; those it was said of are spoken of again."""
        if self.waiting is not None:
            self.group = self.waiting.others or self.group
            self.waiting, self.related = None, True

    def end(self) -> None:
        """End the sentence: nobody is spoken of, nothing waits."""
        self.group, self.waiting, self.between, self.shared = [], None, None, None

    def settle_sides(self) -> None:
        """Relate those that stand "on the left" to those "on the right", or to everybody else."""
        mentions = self.said.mentions
        for first, mention in enumerate(mentions):
            if mention.side is None:
                continue
            mirrored = OPPOSITE.get(mention.side)
            opposite = [at for at, other in enumerate(mentions) if other.side == mirrored]
            if not any(at < first for at in opposite):
                others = opposite or [at for at, other in enumerate(mentions) if other.side is None]
                self.said.relate([first], mention.side, others)
