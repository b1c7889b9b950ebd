"""From pieces of meaning to mentions: which things a prompt names, how many, of what colour, and who stands where.

A small shift-and-attach grammar over a flat list. It looks only a few pieces ahead, never goes back and never fails:
what it does not understand it passes over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner.engines.illustrator.language.belonging import BESIDE, SHOPS, Belonging
from limner.engines.illustrator.language.describing import FAMILY, ORANGE
from limner.engines.illustrator.language.feelings import FAINT
from limner.engines.illustrator.language.holding import borne, grip, is_clothing
from limner.engines.illustrator.language.mentions import LIVING, MOST_MENTIONS, Mention, Said, Waiting
from limner.engines.illustrator.language.placing import OPEN
from limner.engines.illustrator.language.tape import DESCRIBES, LINKS

if TYPE_CHECKING:
    from collections.abc import Callable

    from limner.engines.illustrator.language.pieces import Piece
    from limner.engines.illustrator.language.vocabulary import Noun

VESSELS = frozenset(
    {"bowl", "basket", "plate", "jar", "box", "bucket", "vase", "cup", "shopping trolley", "wheelbarrow"}
)
LOOKED_AT = 3
# Kinds of words for what somebody does.
DONE = frozenset({"place", "holds", "wears", "plays", "reads"})
# A family of owls are some owls.
FOUR = 4
TWO_TONES = frozenset({"black and white", "black-and-white", "black white"})
# After these words comes what a thing is made of or looks like.
MADE = frozenset(
    {"made of", "made from", "made out of", "in the shape of", "shaped like", "looks like", "looking like",
     "resembling", "reminiscent of"}
)  # fmt: skip
# What drinks come in: a cup of tea is a tea.
DRINKING = frozenset({"glass", "cup", "mug", "teacup"})
# What is always two, so that a pair of it is one thing.
PAIRED = frozenset(
    {"scissors", "skis", "crossed skis", "glasses", "sunglasses", "jeans", "gloves", "socks", "headphones", "goggles",
     "chopsticks", "curtains", "couple"}
)  # fmt: skip
# Pictures of one thing by itself.
EMBLEMS = frozenset(
    {"logo", "sticker", "app icon", "icon", "icons", "emblem", "logo design", "sticker design", "stickers", "clipart",
     "mascot logo", "favicon", "pictogram", "clip art", "pictograms", "icon set"}
)  # fmt: skip
# What is gathered into one drawing: "a bouquet of tulips".
GATHERED = frozenset({"bouquet", "stew"})
HELD_MEDIA = {"book": OPEN, "ink": OPEN, "anime": OPEN}


class Parser(Belonging):
    """Walks over the pieces once, keeping the noun phrase under way and whether it is denied.

    `dense` is for languages written without spaces, where two nouns in a row are two things, `head_first` for those
    in which the first of two is the thing and the second its sort.
    """

    def __init__(self, found: list[Piece], *, dense: bool = False, head_first: bool = False) -> None:
        super().__init__(found, dense=dense, head_first=head_first)
        self._handlers: dict[str, Callable[[Piece], None]] = {
            "det": self._on_det, "count": self._on_count, "size": self._on_size, "material": self._on_material,
            "colour": self._on_colour, "noun": self._on_noun, "place": self._on_place, "reverse": self._on_reverse,
            "tone": self._on_tone, "pattern": self._on_pattern, "aloft": self._on_aloft, "carried": self._on_carried,
            "wears": self._on_holds, "reads": self._on_holds, "plays": self._on_holds,
            "holds": self._on_holds, "takes": self._on_takes, "studies": self._on_studies,
            "post": self._on_post, "between": self._on_between,
            "side": self._on_side, "join": self._on_join, "comma": self._on_comma, "dot": self._on_dot,
            "but": self._on_but, "not": self._on_not, "be": self._on_be, "hue": self._on_hue,
            "setting": self._on_setting, "time": self._on_sign, "weather": self._on_sign, "medium": self._on_medium,
            "loose": self._on_medium,
            "mood": self._on_sign, "palette": self._on_palette, "stop": self._on_stop, "or": self._on_break,
            "maker": self._on_maker, "tones": self._on_break, "unit": self._on_other, "other": self._on_other,
        }  # fmt: skip

    def parse(self) -> Said:
        """Read everything and give what was understood."""
        for at, piece in enumerate(self.found):
            self.at = at
            self.hues = self.hues and piece.kind in ("hue", "colour", "join", "comma")
            self._handlers[piece.kind](piece)
            if piece.concept and not self.denied:
                (self.said.hunches if piece.text in FAINT else self.said.concepts).append(piece.concept)
            for detail in piece.details:
                self._note("detail", detail)
                self.passed = self.passed or self.denied
        self.bonds.settle_sides()
        return self.said

    # nouns

    def _on_noun(self, piece: Piece) -> None:
        noun = OPEN if self._is_read(piece) else piece.noun
        if noun is None or self.is_verb(self.at) or self._is_sort(noun, piece) or self._is_shape():
            return
        if self.denied:
            self._close()
            self.passed = True
        elif self.made and self.last is not None:
            if self.made == "known":
                self.said.mentions[self.last].material = noun.thing.material
            self._close()
        elif self._is_grown(noun):
            self.bonds.drop()
            self.bonds.group = []
            self._mention(noun._replace(plural=True), piece.text)
            self._close()
        elif not self._is_set_aside(noun, piece):
            self._accompany(noun)
            grip(self.bonds, noun.thing)
            self.bonds.attach(self._mention(noun, piece.text))

    def _is_set_aside(self, noun: Noun, piece: Piece) -> bool:
        """Note what a noun says that names nothing new to draw, forget what was to be at it; False for all others."""
        if self._is_table(noun, piece):
            self._note("setting", "table")
        elif self._is_fixture(noun):
            self.said.hints.append("room")
        elif self._is_its_own(noun):
            self.bonds.pass_on()
        elif not (is_clothing(self.bonds, noun.thing) or self._is_part(noun)):
            return False
        self.bonds.drop()
        self._close()
        self.along = False
        return True

    def _is_read(self, piece: Piece) -> bool:
        """Whether this is a book that somebody reads, which is open then."""
        said = [before.kind for before in self.found[max(0, self.at - 4) : self.at]]
        return piece.noun is not None and piece.noun.thing.name == OPEN.thing.name and "reads" in said

    def _is_shape(self) -> bool:
        """Whether a noun only says what shape something has: "a heart-shaped box"."""
        return self.at + 1 < len(self.found) and self.found[self.at + 1].text == "shaped"

    def _accompany(self, noun: Noun) -> None:
        """Settle what "with" means here: wearing, holding, or only that further places are said of who comes next."""
        if self.along and self.last is not None:
            self.bearer, self.bonds.shared = self.last, None
            place = "in" if self._fills(noun) else borne(noun, self.said.mentions[self.last])
            if place and self.bonds.waiting is None:
                self.bonds.waiting = Waiting(place, [self.last], reverse=True, stays=True)
            elif self.bonds.waiting is None:
                self.bonds.group = []
        self.along = False

    def _fills(self, noun: Noun) -> bool:
        """Whether a vessel is "with" what lies or stands in it: a vase with roses, a basket with apples."""
        vessel = self.last is not None and self.said.mentions[self.last].thing.name in VESSELS
        return vessel and noun.thing.sort == "prop" and noun.thing.home != "studio"

    def _mention(self, noun: Noun, text: str) -> int:
        """Make a mention, or find the one that is meant again; give its index."""
        mentions = self.said.mentions
        if self._is_repeated(noun, text) and self.last is not None:
            mentions[self.last].count = (mentions[self.last].count or 1) + 1
            return self.last
        poured = self.head is not None and mentions[self.head].thing.name in DRINKING and noun.thing.home == "table"
        if poured and self.head is not None:
            mentions[self.head].thing = noun.thing
            return self.head
        if self.head is not None and not self.dense and text[:1].isalnum() and not mentions[self.head].plural:
            # Two nouns in a row: the last one is what it is, the first only says of what sort, and the other way round
            # in languages that put the adjective after the noun.
            if noun.thing.name == FAMILY:
                mentions[self.head].count = FOUR
            elif noun.thing.art == ORANGE.art and self.head_first:
                mentions[self.head].colours.append("orange")
            elif not self.head_first:
                mentions[self.head].thing, mentions[self.head].plural = noun.thing, noun.plural
            return self.head
        again = self.said.same(noun) if self.phrase.definite and self.phrase.count is None else None
        index = self._new(noun) if again is None else again
        if again is not None:
            mentions[again].colours += self.phrase.colours
        self._close()
        self.head = self.last = index
        return index

    def _new(self, noun: Noun) -> int:
        """Make a new mention of the phrase so far; there are never more than `MOST_MENTIONS`."""
        phrase = self.phrase
        one = phrase.paired and noun.thing.name in PAIRED
        count = 1 if one else phrase.count
        mention = Mention(
            noun.thing,
            count,
            phrase.colours,
            noun.plural,
            phrase.scale,
            phrase.material,
            phrase.tone,
            self.bonds.side,
            phrase.aloft,
            phrase.pattern,
            definite=phrase.definite,
        )
        self.bonds.side = None
        if len(self.said.mentions) < MOST_MENTIONS:
            self.said.mentions.append(mention)
        return len(self.said.mentions) - 1

    # what joins and ends

    def _on_join(self, piece: Piece) -> None:
        self.along = piece.value == "with"
        before = self.before()
        if self.phrase.colours and self.head is None and before and before.kind == "colour":
            return
        if self.denied and self.passed:
            # "Without people and cars" still speaks of what is not there.
            self.denied = self.kind_after() in ("noun", "not")
        self._close()
        if self.bonds.waiting is not None and self.bonds.waiting.others and before and before.kind != "place":
            # What it was on or at is nothing that we know.
            self.bonds.pass_on()
            self.bonds.drop()

    def _on_comma(self, piece: Piece) -> None:
        del piece
        self._close()
        self.made = ""
        if self.passed:
            self.denied = self.passed = False
        if self.bonds.waiting is not None and self.bonds.waiting.others:
            self.bonds.waiting = None

    def _on_dot(self, piece: Piece) -> None:
        del piece
        self._close()
        self.made = ""
        self.denied = self.passed = False
        self.bonds.end()

    def _on_but(self, piece: Piece) -> None:
        """Begin a clause of its own; "while standing on a stump" is still said of whoever lives."""
        del piece
        self._close()
        self.denied = self.passed = False
        self.made = ""
        living = [at for at, mention in enumerate(self.said.mentions) if mention.thing.sort in LIVING]
        self.bonds.group = living[-1:] if self.kind_after() in DONE else []

    def _on_not(self, piece: Piece) -> None:
        del piece
        self._close()
        self.denied, self.passed = True, False

    def _on_maker(self, piece: Piece) -> None:
        """Take what follows "made of" and "in the shape of" for what the last thing is like, not for one more thing."""
        before = self.before()
        known = "unknown" if before is not None and before.kind == "other" else "known"
        self.made = known if piece.text in MADE and self.last is not None else ""
        self._close()

    def _on_be(self, piece: Piece) -> None:
        del piece
        self.last = self.head if self.head is not None else self.last
        self._close()

    def _on_stop(self, piece: Piece) -> None:
        if self.head is None or piece.text not in LINKS:
            return
        if piece.text == "of" and self.said.mentions[self.head].thing.name in DRINKING:
            return
        if piece.text == "of" and self.said.mentions[self.head].thing.name in GATHERED:
            self._close()
            self.made = "unknown"
            return
        vessel = piece.text == "of" and self.said.mentions[self.head].thing.name in VESSELS
        if vessel:
            self.bonds.group = [self.head]
            self._relation(piece._replace(sign=piece.sign and piece.sign._replace(value="in")), reverse=True)
        self._close()

    def _on_break(self, piece: Piece) -> None:
        del piece
        self._close()

    def _on_other(self, piece: Piece) -> None:
        """Words that say nothing end a noun phrase only when it has its noun."""
        if self.head is not None and not piece.text.endswith("'s"):
            self._close()

    def _is_said_of_noun(self) -> bool:
        """Whether a place word is said of a thing, and not of a bridge "over a valley"."""
        kinds = [piece.kind for piece in self.since_comma() if piece.kind in ("noun", "setting")]
        return kinds[-1:] == ["noun"]

    # signs of the whole picture

    def _on_setting(self, piece: Piece) -> None:
        if self.kind_after() == "noun" and not self.dense:
            # A "city bus" is at home in the city, but nobody said that the picture is.
            self.said.hints.append(piece.value)
            return
        waiting = self.bonds.waiting
        if piece.spare is not None and self._is_seen_whole(piece):
            self._on_noun(piece._replace(sign=None, noun=piece.spare))
            return
        if waiting is not None and waiting.place == "above" and not self.denied and self._is_said_of_noun():
            # A dragon above a village has nobody under it, and flies.
            for at in waiting.others:
                self.said.mentions[at].aloft = self.said.mentions[at].thing.sort == "being"
        if waiting is not None and waiting.place in BESIDE and piece.text in SHOPS:
            self.said.hints.append("street")
        else:
            self._note("setting", piece.value)
        self.passed = self.passed or self.denied
        if not self.denied:
            self.bonds.drop()
        self._close()

    def _on_palette(self, piece: Piece) -> None:
        """Note the picture's colours; a black and white cat is not a picture in black and white."""
        if piece.text in TWO_TONES and self.noun_ahead(after_noun=False):
            self._describe().colours += ["black", "white"]
        else:
            self._on_sign(piece)

    def _on_medium(self, piece: Piece) -> None:
        """Note how it is made, unless it is a book or a picture that somebody holds."""
        self.said.emblem = self.said.emblem or piece.text in EMBLEMS
        waiting, before = self.bonds.waiting, self.before()
        object_ = HELD_MEDIA.get(piece.value)
        if object_ and waiting is not None and waiting.place == "held" and before and before.kind == "det":
            self._on_noun(piece._replace(sign=None, noun=object_))
        elif piece.spare and self._is_looked_at():
            self._on_noun(piece._replace(sign=None, noun=piece.spare))
        else:
            self._on_sign(piece)

    def _is_looked_at(self) -> bool:
        """Whether "a painting" is a thing in the picture and not what the picture is: somebody stands before it."""
        before, ahead = self.before(), self.found[self.at + 1 : self.at + 2]
        named = before is not None and before.kind in (*DESCRIBES, "count")
        alone = not self.said.mentions and not ahead and self.at < LOOKED_AT
        return (
            named
            and (alone or (self.bonds.waiting is not None or self.is_named()))
            and not (ahead and ahead[0].text == "of")
        )

    def _on_sign(self, piece: Piece) -> None:
        """Note something of the whole picture; "at night" leaves no place waiting, but "by a rainy window" does."""
        self._note(piece.kind, piece.value)
        self.passed = self.passed or self.denied
        before = self.before()
        described = before is not None and before.kind == "det" and self.kind_after() == "noun"
        if before is not None and before.kind in ("place", "det") and not described:
            self.bonds.drop()
