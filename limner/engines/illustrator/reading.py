"""Reading a prompt: from what somebody typed to the scene that shall be painted."""

from __future__ import annotations

from typing import cast

from limner.engines.illustrator.grammar import MOST_OF_A_KIND, SOME, Mention, Parser, Said, pieces
from limner.engines.illustrator.language import language_of
from limner.engines.illustrator.lettering import lettering
from limner.engines.illustrator.pack import ArtPack
from limner.engines.illustrator.scene import Medium, Relation, Scene, Setting, Subject, Time, Weather
from limner.engines.illustrator.tokens import clean, cut
from limner.engines.illustrator.vocabulary import Concept, Vocabulary, vocabulary

SMALL = 0.6
LARGE = 2.0
# Drawings that name a colour themselves, which then need no repainting.
COLOURED = {
    ("red-apple", "green"): "green-apple", ("cat", "black"): "black-cat", ("bird", "black"): "black-bird",
    ("mushroom", "brown"): "brown-mushroom", ("red-heart", "black"): "black-heart", ("red-heart", "white"): "white-heart",
}  # fmt: skip
# What belongs to the backdrop when somebody else is in the picture, and the time of day that it tells.
SCENERY = {"moon": "night", "crescent moon": "night", "star": "night", "sun": "", "cloud": "", "mountain": "", "wave": ""}
COMPANY = {
    "mouse": ("computer mouse", frozenset({"computer keyboard", "laptop", "computer"})),
    "bat": ("baseball bat", frozenset({"baseball", "baseball glove", "sports ball"})),
}
PLACES_OF_REST = ("couch", "bed", "bathtub", "television")
# What the picture becomes when nothing in the prompt can be drawn: one of these, chosen by the words themselves.
MOODS: tuple[tuple[Setting, Time, Weather, str], ...] = (
    ("meadow", "golden", "clear", "serene"),
    ("sea", "golden", "clear", "serene"),
    ("forest", "golden", "fog", "mysterious"),
    ("sky", "golden", "clear", "dreamy"),
    ("desert", "golden", "clear", "dramatic"),
    ("sea", "night", "clear", "dreamy"),
    ("snow", "golden", "clear", "serene"),
)


def read(prompt: str, pack: ArtPack) -> Scene:
    """Read any prompt at all: always a scene, never an error, the same scene for the same prompt.

    What is not understood is passed over; a prompt without anything that can be drawn becomes a landscape in its mood.
    """
    words = vocabulary(pack)
    texts, rest = lettering(clean(prompt))
    tokens = cut(rest)
    language = language_of(tokens, words)
    dense = sum(token.shape == "char" for token in tokens) * 2 > len(tokens)
    said = Parser(pieces(tokens, words, language), dense=dense).parse()
    return _scene(prompt, said, texts, words)


def _scene(prompt: str, said: Said, texts: tuple[str, ...], words: Vocabulary) -> Scene:
    """Put together what was said, what it implies, and what goes without saying."""
    concept = said.concepts[0] if said.concepts else None
    _in_company(said, words)
    groups = [[] if _is_scenery(mention, said) else _subjects(mention, words) for mention in said.mentions]
    starts = [sum(len(group) for group in groups[:at]) for at in range(len(groups))]
    subjects = tuple(subject for group in groups for subject in group)
    relations = tuple(
        Relation(first, place, second)
        for one, place, other in said.relations
        for first in range(starts[one], starts[one] + len(groups[one]))
        for second in range(starts[other], starts[other] + len(groups[other]))
    )
    if concept and not subjects and not texts:
        subjects = _symbols(concept, words)
    setting, time, weather, mood = _surroundings(said, subjects, concept, bool(texts), prompt, words)
    return Scene(
        prompt=prompt,
        subjects=subjects,
        relations=relations,
        setting=setting,
        time=time,
        weather=weather,
        medium=cast("Medium", said.first("medium") or "render"),
        text=texts,
        mood=mood,
        palette=_palette(said, concept),
    )


def _in_company(said: Said, words: Vocabulary) -> None:
    """Let words of two meanings mean what suits the others: a mouse beside a keyboard is no animal."""
    names = {mention.thing.name for mention in said.mentions}
    for mention in said.mentions:
        other, company = COMPANY.get(mention.thing.name, ("", frozenset()))
        thing = words.named(other) if company & names else None
        mention.thing = thing or mention.thing


def _is_scenery(mention: Mention, said: Said) -> bool:
    """Whether a moon or a mountain only furnishes the backdrop, since somebody else or a place was asked for."""
    if mention.thing.name not in SCENERY or mention.count is not None or mention.colours:
        return False
    others = any(other.thing.name not in SCENERY for other in said.mentions)
    return others or bool(said.signs.get("setting"))


def _subjects(mention: Mention, words: Vocabulary) -> list[Subject]:
    """Turn a mention into subjects: one, or one for each colour of "red and green apples"."""
    count = _count(mention)
    colours: list[str | None] = list(dict.fromkeys(mention.colours)) or [None]
    shared = colours[: min(count, 3)] if len(colours) > 1 and count > 1 else colours[:1]
    sizes = [count // len(shared) + (at < count % len(shared)) for at in range(len(shared))]
    return [_subject(mention, words, colour, size) for colour, size in zip(shared, sizes, strict=True)]


def _subject(mention: Mention, words: Vocabulary, colour: str | None, count: int) -> Subject:
    thing = mention.thing
    art = COLOURED.get((thing.art, colour or ""), thing.art)
    art = art if art in words.names else thing.art
    material = mention.material or thing.material
    height = thing.height * min(max(mention.scale, 0.4), 3.0)
    return thing.subject(art=art, count=count, colour=colour, material=material, height=height)


def _count(mention: Mention) -> int:
    """How many there are: as said, or a few for a plural, or one."""
    if mention.count is not None:
        return min(max(mention.count, 1), MOST_OF_A_KIND)
    return SOME if mention.plural else 1


def _symbols(concept: Concept, words: Vocabulary) -> tuple[Subject, ...]:
    """Draw what stands for an idea."""
    things = (words.named(name) for name in concept.symbols)
    return tuple(thing.subject() for thing in things if thing)


def _surroundings(
    said: Said, subjects: tuple[Subject, ...], concept: Concept | None, lettered: bool, prompt: str, words: Vocabulary
) -> tuple[Setting, Time, Weather, str | None]:
    """Decide where and when it is: what was said counts first, then the idea, then what the subjects are used to."""
    nothing = not (subjects or concept or lettered or said.signs)
    setting, time, weather, mood = MOODS[sum(map(ord, prompt[:200])) % len(MOODS)] if nothing else (None, None, None, None)
    idea = concept or Concept("", "", "", "", (), ())
    asked = said.first("setting") or (said.hints[0] if said.hints else None)
    where = asked or (idea.setting if not said.mentions else "") or setting or _home(said, subjects, words)
    hint = next((SCENERY[mention.thing.name] for mention in said.mentions if mention.thing.name in SCENERY), "")
    when = said.first("time") or hint or idea.time or time or "day"
    sky = said.first("weather") or idea.weather or weather or "clear"
    return cast("Setting", where), cast("Time", when), cast("Weather", sky), said.first("mood") or idea.mood or mood


def _home(said: Said, subjects: tuple[Subject, ...], words: Vocabulary) -> str:
    """Where the subjects are at home: the largest decides, and small things lie on a table."""
    if not subjects:
        return "snow" if said.first("weather") == "snow" else "meadow"
    homes = [words.home(subject) for subject in subjects]
    resting = any(subject.art in PLACES_OF_REST for subject in subjects)
    if resting and max(subject.height for subject in subjects) <= LARGE:
        return "room"
    largest = max(range(len(subjects)), key=lambda at: (subjects[at].height, -at))
    if homes[largest] == "meadow" and said.first("weather") == "snow":
        return "snow"
    return homes[largest]


def _palette(said: Said, concept: Concept | None) -> tuple[str, ...]:
    """The names of the colours asked for: a named palette, "in blue and gold tones", or the idea's own."""
    named = said.first("palette")
    if named:
        return tuple(named.split())
    tones = dict.fromkeys(said.signs.get("tones", ()))
    return tuple(tones) or (concept.palette if concept else ())
