"""What words mean: things that can be drawn, and signs, which say how many, of what colour, where, when, how."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from limner.engines.illustrator.language.things import ANYTHING, Thing, nature, sort_of, things
from limner.engines.illustrator.language.tokens import Token, joined, normal
from limner.engines.illustrator.language.words import phrases, rows
from limner.engines.illustrator.pack import untoned

if TYPE_CHECKING:
    from limner.engines.illustrator.pack import ArtPack
    from limner.engines.illustrator.scene import Subject

ENGLISH = "en"
LANGUAGES = (
    "de", "fr", "es", "it", "pt", "nl", "sv", "pl", "ru", "uk",
    "ja", "ko", "zh", "hi", "th", "da", "nb", "fi", "hu", "vi",
)  # fmt: skip
LONGEST = 12
LONGEST_DETAIL = 4
SHORTEST_GUESS = 3
# What the object of a verb begins with.
OBJECTS = frozenset({"a", "an", "the", "his", "her", "their", "its", "two", "three", "with"})
SHORTEST_STEM = 3
# Kinds of signs that other languages bend as they bend nouns.
BENT = frozenset({"setting", "colour", "time", "weather", "medium"})


class Noun(NamedTuple):
    """A word or phrase that names a thing; `plural` when it names more than one."""

    thing: Thing
    plural: bool = False


class Sign(NamedTuple):
    """A word or phrase that is no thing: a `kind` ("colour", "place", "stop" ...) and what it says."""

    kind: str
    value: str


class Concept(NamedTuple):
    """What to draw for an idea; `symbols` are names of things, of which the first is the main one."""

    setting: str
    time: str
    weather: str
    mood: str
    palette: tuple[str, ...]
    symbols: tuple[str, ...]


Meaning = Noun | Sign


class Vocabulary:
    """All tables of one art pack, compiled for looking up. Build it with `vocabulary(pack)`, which remembers it."""

    def __init__(self, pack: ArtPack) -> None:
        self._pack = pack
        self.names = pack.names
        self._kinds: dict[str, str] = pack.words("kinds")
        self._natures = {row[0]: nature(row[1:]) for row in rows("kinds")}
        self._aliases = {row[0]: row[1] for row in rows("aliases")}
        self._endings = {row[0]: ("", *phrases(row[1])) for row in rows("endings")}
        self._beginnings = {row[0]: sorted(phrases(row[1]), key=len, reverse=True) for row in rows("beginnings")}
        self.things = dict(things(pack.names, self._kinds))
        self.nouns = _nouns(self.things, pack.names)
        self.signs = _signs()
        self.details = _signs("detail")
        self.concepts = {normal(word): _concept(row[1:]) for row in rows("concepts") for word in phrases(row[0])}
        self._own = _own_words(self.signs, self.nouns)
        self._stems: dict[str, dict[str, Meaning]] = {}
        self._tail = {normal(key): art for key, art in pack.words("english").items()}
        self._emoji = {key: art for full, art in pack.words("emoji").items() if _pictorial(key := normal(full))}
        self._reach = _reach(self.nouns, self._tail, self.signs[ENGLISH], self.concepts, _irregular())
        self._foreign: dict[str, dict[str, str]] = {}

    def find(self, tokens: list[Token], start: int, language: str) -> tuple[Meaning | None, int]:
        """Find the longest phrase from `start` that means something; give it and how many tokens it takes."""
        open_end = tokens[start].shape == "char" or language != ENGLISH
        most = LONGEST if open_end else self._reach.get(tokens[start].text, 1)
        longest = min(most, len(tokens) - start)
        for length in range(longest, 0, -1):
            stretch = tokens[start : start + length]
            if any(token.shape in ("dot", "comma") for token in stretch):
                continue
            meaning = self._meaning(joined(stretch), language)
            if meaning is not None and not _does(tokens, start, length, meaning):
                return meaning, length
        return None, 1

    def concept(self, tokens: list[Token], start: int) -> tuple[Concept | None, int]:
        """Find an idea named at `start`, longest phrase first; give it and how many tokens name it."""
        for length in range(min(4, len(tokens) - start), 0, -1):
            found = self.concepts.get(joined(tokens[start : start + length]))
            if found:
                return found, length
        return None, 0

    def detail(self, tokens: list[Token], start: int, language: str) -> str | None:
        """Find what a phrase at `start` adds to the place besides what it means itself, longest phrase first."""
        table = self.details.get(language, {})
        for length in range(min(LONGEST_DETAIL, len(tokens) - start) if table else 0, 0, -1):
            found = table.get(joined(tokens[start : start + length]))
            if found:
                return found.value
        return None

    def spare(self, phrase: str) -> Noun | None:
        """Give the thing that a describing word names where it describes nothing: "a baby", "a glass", "a painting"."""
        return self.nouns.get(phrase)

    def named(self, name: str) -> Thing | None:
        """Give the thing that a word of the tables names, for symbols of ideas."""
        noun = self.nouns.get(normal(name))
        return noun.thing if noun else None

    def toned(self, art: str, tone: str) -> str:
        """Give the drawing in a tone of skin, or the same where it has but one."""
        return self._pack.toned(art, tone)

    def home(self, subject: Subject) -> str:
        """Say in which setting a subject is at home."""
        return self._thing(subject.art).home

    def _meaning(self, phrase: str, language: str) -> Meaning | None:
        """Look one phrase up: the language's own tables first, then English, then emoji."""
        if phrase in self._emoji:
            return Noun(self._thing(self._emoji[phrase]))
        if language == ENGLISH:
            return self._english(phrase)
        own = self._own.get(language, {}).get(phrase)
        if own is not None:
            return own
        art = self._abroad(phrase, language)
        if art:
            return Noun(self._thing(art))
        return self._inflected(phrase, language) or self._english(phrase)

    def _english(self, phrase: str) -> Meaning | None:
        """Reviewed words, then reviewed signs, then plurals of the reviewed words, then the long tail."""
        exact = self.signs[ENGLISH].get(phrase) or self.nouns.get(phrase)
        if exact is not None:
            return exact
        head, space, last = phrase.rpartition(" ")
        whole = [_irregular()[phrase]] if phrase in _irregular() else []
        for single in (*whole, *(head + space + one for one in _singulars(last))):
            noun = self.nouns.get(single)
            if noun is not None:
                return Noun(noun.thing, plural=True)
        if last.endswith("'s"):
            whose = self._english(head + space + last[:-2])
            return whose if isinstance(whose, Noun) else None
        return self._long_tail(phrase, head + space, last)

    def _long_tail(self, phrase: str, head: str, last: str) -> Noun | None:
        """Words that nobody reviewed, from CLDR's labels; whatever ends in -ing there is something being done."""
        first = self.signs[ENGLISH].get(phrase.partition(" ")[0])
        if first and first.kind == "colour":
            return None
        for word, plural in ((phrase, False), *((head + single, True) for single in _singulars(last))):
            art = self._tail.get(word)
            known = len(word) >= SHORTEST_GUESS and not (word.endswith("ing") and " " not in word)
            if art and known and word not in self.signs[ENGLISH] and self._kinds.get(art) in self._natures:
                return Noun(self._thing(art), plural)
        return None

    def _abroad(self, phrase: str, language: str) -> str | None:
        """Look a phrase up in another language's CLDR words."""
        if len(phrase) < SHORTEST_GUESS and phrase.isalpha() and phrase < "\u0e00":
            return None
        first = self.signs.get(language, {}).get(phrase.partition(" ")[0]) if " " in phrase else None
        if first and first.kind == "colour":
            return None
        art = self._table(language).get(phrase)
        return art if art and self._kinds.get(art) in self._natures else None

    def _table(self, language: str) -> dict[str, str]:
        """Give a language's CLDR words; nothing for the languages that the pack has none of."""
        if language not in self._foreign:
            table = self._pack.words(f"foreign-{language}") if language in LANGUAGES else _labels(language)
            self._foreign[language] = {normal(key): art for key, art in table.items()}
        return self._foreign[language]

    def _inflected(self, phrase: str, language: str) -> Meaning | None:
        """Look a word up by its stem, since most languages bend their words: what is left without any known ending."""
        if " " in phrase or len(phrase) < SHORTEST_GUESS - (language == "ko"):
            return None
        if language in self._beginnings:
            return self._joined(phrase, language)
        if language not in self._endings:
            return None
        if language not in self._stems:
            self._stems[language] = self._stemmed(language)
        found = (self._stems[language].get(stem) for stem in _bare(phrase, self._endings[language]))
        return next((meaning for meaning in found if meaning is not None), None)

    def _joined(self, phrase: str, language: str) -> Meaning | None:
        """Look a word up without the article or preposition that is written onto it."""
        own, table = self._own.get(language, {}), self._table(language)
        for beginning in self._beginnings[language]:
            rest = phrase.removeprefix(beginning)
            if rest != phrase and (rest in own or rest in table):
                return own.get(rest) or Noun(self._thing(table[rest]))
        return None

    def _stemmed(self, language: str) -> dict[str, Meaning]:
        """Make a language's table of stems: its own words first, then CLDR's."""
        stems: dict[str, Meaning] = {}
        endings = self._endings[language]
        own = self._own.get(language, {})
        bending = {word: meaning for word, meaning in own.items() if isinstance(meaning, Noun) or meaning.kind in BENT}
        drawn = {word: art for word, art in self._table(language).items() if self._kinds.get(art) in self._natures}
        for word, meaning in (*bending.items(), *((word, Noun(self._thing(art))) for word, art in drawn.items())):
            for stem in _bare(word, endings) if " " not in word else ():
                stems.setdefault(stem, meaning)
        return stems

    def _thing(self, art: str) -> Thing:
        """Give what is known of a drawing: reviewed, or else by its kind."""
        base = untoned(art)
        if base in self.things:
            return self.things[base]._replace(art=art)
        person = self.things.get(base.removeprefix("wo").removeprefix("man-"))
        if person:
            return person._replace(art=art)
        whole = self.nouns.get(normal(self._aliases.get(base) or base.removesuffix("-face")))
        if whole:
            return whole.thing
        nature = self._natures.get(self._kinds.get(base, ""), ANYTHING)
        thing = Thing(art, base.replace("-", " "), *nature)
        return thing._replace(sort=sort_of(thing, self._kinds.get(base, "")))


def _labels(language: str) -> dict[str, str]:
    """Read the names of drawings in a language that the pack has no index of."""
    return {name: art for tongue, art, name in rows("labels") if tongue == language}


def _bare(word: str, endings: tuple[str, ...]) -> list[str]:
    """Give a word without each ending that it may have, longest ending first, down to three letters (two in Korean)."""
    shortest = SHORTEST_STEM if word < "\u0e00" else 1
    found = sorted((ending for ending in endings if word.endswith(ending)), key=len, reverse=True)
    stems = (word.removesuffix(ending) for ending in found)
    return [stem for stem in stems if len(stem) >= shortest]


def _does(tokens: list[Token], start: int, length: int, meaning: Meaning) -> bool:
    """Whether a name like "woman walking" is a person and a verb here, since what she walks follows."""
    after = tokens[start + length].text if start + length < len(tokens) else ""
    verbal = length > 1 and tokens[start + length - 1].text.endswith("ing")
    return verbal and isinstance(meaning, Noun) and after in OBJECTS


@lru_cache(maxsize=4)
def vocabulary(pack: ArtPack) -> Vocabulary:
    """Compile a pack's vocabulary once."""
    return Vocabulary(pack)


def _pictorial(key: str) -> bool:
    """Whether a key of the emoji table is a picture still, and not a letter that compatibility forms made of it."""
    spelling = len(key) == 1 and "\U0001f1e6" <= key <= "\U0001f1ff"
    return bool(key) and not spelling and not any(character.isalnum() for character in key)


def _nouns(things: dict[str, Thing], names: frozenset[str]) -> dict[str, Noun]:
    """Every reviewed word for a thing; the first row that claims a word keeps it."""
    nouns: dict[str, Noun] = {}
    for art, name, *_nature, words in rows("things"):
        if art in names:
            for word in (name, *phrases(words)):
                nouns.setdefault(normal(word), Noun(things[art]._replace(name=name)))
    return nouns


def _signs(only: str = "") -> dict[str, dict[str, Sign]]:
    """Every sign by language and phrase; in one language the first row that claims a phrase keeps it.

    Details stand beside whatever else a phrase says, so they have a table of their own: `only` names it.
    """
    signs: dict[str, dict[str, Sign]] = {ENGLISH: {}}
    table = [(ENGLISH, *row) for row in rows("signs")] + list(rows("foreign"))
    for language, kind, value, words in table:
        if kind in ("verbish", "always", "young") or (kind == "detail") != (only == "detail"):
            continue
        for word in phrases(words):
            signs.setdefault(language, {}).setdefault(normal(word), Sign(kind, value))
    return signs


@cache
def flagged(kind: str) -> frozenset[str]:
    """Give the words of a list in `signs.txt` that are no signs themselves: `verbish`, `always` or `young`."""
    return frozenset(normal(word) for row in rows("signs") if row[0] == kind for word in phrases(row[2]))


def _own_words(signs: dict[str, dict[str, Sign]], nouns: dict[str, Noun]) -> dict[str, dict[str, Meaning]]:
    """Signs of the other languages, with their `thing` rows turned into nouns."""
    own: dict[str, dict[str, Meaning]] = {}
    for language, table in signs.items():
        for phrase, sign in table.items():
            meaning: Meaning = nouns[normal(sign.value)] if sign.kind == "thing" else sign
            own.setdefault(language, {})[phrase] = meaning
    return own


def _concept(row: tuple[str, ...]) -> Concept:
    setting, time, weather, mood, palette, symbols = row
    return Concept(setting, time, weather, mood, tuple(palette.split()), tuple(phrases(symbols)))


def _reach(*tables: dict[str, Any]) -> dict[str, int]:
    """How many words the longest English phrase has that begins with a word; plural ends count as the phrase itself."""
    reach: dict[str, int] = {}
    for table in tables:
        for phrase in table:
            first, *rest = phrase.split(" ")
            reach[first] = max(reach.get(first, 1), 1 + len(rest))
    return reach


@cache
def _irregular() -> dict[str, str]:
    return {row[0]: row[1] for row in rows("plurals")}


def _singulars(word: str) -> list[str]:
    """Guess what a plural is the plural of, likeliest first; nothing for a word that cannot be one."""
    if word in _irregular():
        return [_irregular()[word]]
    if len(word) < SHORTEST_GUESS or not word.endswith("s") or word.endswith(("ss", "us")):
        return []
    guesses = [word[:-1]]
    if word.endswith("ies"):
        guesses.append(word[:-3] + "y")
    if word.endswith("es"):
        guesses.append(word[:-2])
    if word.endswith("ves"):
        guesses += [word[:-3] + "f", word[:-3] + "fe"]
    return guesses
