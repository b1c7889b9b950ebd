"""Reading a prompt: from what somebody typed to the scene that shall be painted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from limner.engines.illustrator.language.feelings import felt
from limner.engines.illustrator.language.grammar import Parser
from limner.engines.illustrator.language.lettering import lettering
from limner.engines.illustrator.language.mentions import LIVING
from limner.engines.illustrator.language.pieces import pieces
from limner.engines.illustrator.language.spelling import spelt
from limner.engines.illustrator.language.tokens import Token, clean, cut
from limner.engines.illustrator.language.tongues import HEAD_FIRST, language_of
from limner.engines.illustrator.language.vocabulary import ENGLISH, Concept, Vocabulary, vocabulary
from limner.engines.illustrator.scene import Detail, Medium, Relation, Scene, Setting, Subject, Time, Weather

if TYPE_CHECKING:
    from limner.engines.illustrator.language.mentions import Mention, Said
    from limner.engines.illustrator.pack import ArtPack

MOST_OF_A_KIND = 12
# How many things a plural without a number is.
SOME = 3
# What is larger than this does not fit a room.
LARGE = 2.0
# How much smaller and larger than usual things are drawn at most, however often somebody says so.
SCALES = (0.12, 8.0)
# Drawings that name a colour themselves, which then need no repainting.
COLOURED = {
    ("red-apple", "green"): "green-apple", ("cat", "black"): "black-cat", ("bird", "black"): "black-bird",
    ("mushroom", "brown"): "brown-mushroom", ("red-heart", "black"): "black-heart",
    ("red-heart", "white"): "white-heart",
}  # fmt: skip
# The other way round, for languages and emoji that name the coloured one in a word.
BY_COLOUR = {"black-cat": ("cat", "black"), "green-apple": ("apple", "green")}
# What a colour says of a person of no trade: "a black woman" wears whatever she likes.
COMPLEXIONS = {"black": "dark", "brown": "medium-dark", "white": "light"}
ANYBODY = frozenset({"man", "woman", "person", "boy", "girl", "child", "baby", "old man", "old woman"})
# What has these two colours in a pattern of its own.
PIED = {
    "zebra": {"black", "white"}, "panda": {"black", "white"}, "panda-sitting": {"black", "white"},
    "penguin": {"black", "white"}, "badger": {"black", "white"}, "skunk": {"black", "white"},
    "orca": {"black", "white"}, "puffin": {"black", "white"}, "cow": {"black", "white"},
    "soccer-ball": {"black", "white"}, "piano": {"black", "white"}, "lighthouse": {"red", "white"},
    "candy-cane": {"red", "white"}, "tiger": {"orange", "black"}, "honeybee": {"yellow", "black"},
}  # fmt: skip
# Words that name several at once.
ENSEMBLES = {
    "family": ("man", "woman", "girl", "boy"), "couple": ("man", "woman"), "newlyweds": ("bride", "groom"),
    "vegetables": ("carrot", "tomato", "broccoli"),
}  # fmt: skip
# Drawings of whole animals of which the others show only the head.
WHOLE = {
    "bear": "bear-standing", "polar-bear": "polar-bear-standing", "lion": "lion-standing", "fox": "fox-standing",
    "wolf": "wolf-standing", "panda": "panda-sitting", "koala": "koala-sitting",
}  # fmt: skip
# What belongs to the backdrop when somebody else is in the picture, and the time of day that it tells.
SCENERY = {
    "moon": "night",
    "crescent moon": "night",
    "star": "night",
    "sun": "",
    "cloud": "",
    "mountain": "",
    "wave": "",
    "cherry blossom": "",
}
COMPANY = {
    "mouse": ("computer mouse", frozenset({"computer keyboard", "laptop", "computer"})),
    "bat": ("baseball bat", frozenset({"baseball", "baseball glove", "sports ball"})),
}
# What a wooded place has by itself.
GROVES, WOODED = frozenset({"tree", "fallen leaf"}), ("forest", "garden", "hills", "mountains", "farm")
# What is seen from open country only.
HEAVENLY = ("moon", "crescent moon", "star")
# Where people go with what is at home there.
OPEN_AIR = ("forest", "meadow", "garden", "farm", "beach", "snow", "hills", "mountains", "desert", "river", "moon")
# Places that another place named beside them is a part of.
WIDE = ("city", "sky")
COASTS = ("village", "beach", "sea")
# What is lower floats on a river, and what is higher on the open water.
SMALL_CRAFT = 0.5
# Landscapes in which a village is a part of them, and not one by the sea.
INLAND = ("mountains", "hills", "forest", "desert", "snow")
# Scenery that has a backdrop of its own.
HEIGHTS = frozenset({"mountain", "snow-capped mountain"})
# Where it is when nothing but such a detail was named.
DETAIL_HOMES = {
    "futuristic": "skyline", "old": "street", "autumn": "forest", "blossom": "garden", "festive": "street",
    "boat": "sea", "aurora": "snow", "waterfall": "river", "ruins": "hills",
}  # fmt: skip
# Where those are seen in such a season who are else in the house or in town.
SEASONS = {"autumn": "meadow", "blossom": "garden"}
# Where the rocks are on which somebody sits who is at home there.
ROCKS = {"sea": "beach", "underwater": "beach", "beach": "beach", "snow": "snow", "desert": "desert", "river": "river"}
PLACES_OF_REST = ("couch", "bed", "bathtub", "television")
# Signs that already say what the picture shows, so that no landscape need be found for its mood.
PLACED = frozenset({"setting", "time", "weather", "detail"})
# Works whose title says what is on their poster or cover.
TITLED = frozenset({"film", "movie", "book", "novel", "album", "game", "story", "play", "musical", "magazine"})
NO_IDEA = Concept("", "", "", "", (), ())


def read(prompt: str, pack: ArtPack) -> Scene:
    """Read any prompt at all: always a scene, never an error, the same scene for the same prompt.

    What is not understood is passed over; a prompt without anything that can be drawn becomes a landscape in its mood.
    """
    words = vocabulary(pack)
    said, texts, tokens = hear(prompt, words)
    titled = any(token.text in TITLED for token in tokens)
    if titled and texts and not said.mentions and not said.signs.keys() & PLACED and not said.concepts:
        _by_title(said, texts, words)
    return _scene(prompt, said, texts, tokens, words)


def hear(prompt: str, words: Vocabulary) -> tuple[Said, tuple[str, ...], list[Token]]:
    """Give what a prompt says by itself, before anything is made of it: what was understood, its texts, its words."""
    texts, rest = lettering(clean(prompt))
    if rest.strip().isdecimal() and not texts:
        texts, rest = (rest.strip(),), ""
    tokens = cut(spelt(rest))
    language = language_of(tokens, words)
    dense = sum(token.shape == "char" for token in tokens) * 2 > len(tokens)
    said = Parser(pieces(tokens, words, language), dense=dense, head_first=language in HEAD_FIRST).parse()
    return said, texts, tokens


def _by_title(said: Said, texts: tuple[str, ...], words: Vocabulary) -> None:
    """Let a title say what is seen where nothing else does: a poster of "The Last Whale" shows one."""
    titled = Parser(pieces(cut(" . ".join(texts)), words, ENGLISH)).parse()
    said.mentions, said.relations = titled.mentions, titled.relations
    said.signs.update({kind: signs for kind, signs in titled.signs.items() if kind in PLACED})


def _scene(prompt: str, said: Said, texts: tuple[str, ...], tokens: list[Token], words: Vocabulary) -> Scene:
    """Put together what was said, what it implies, and what goes without saying."""
    _in_company(said, words)
    groups = [[] if is_scenery(mention, said) else subjects_of(mention, words) for mention in said.mentions]
    subjects = tuple(subject for group in groups for subject in group)
    relations = relations_of(said, groups)
    idea = _idea(said, subjects, texts, tokens)
    symbols = () if subjects or texts else _symbols(idea.symbols or _inland(said), words)
    shown = at_ease(subjects or symbols, relations, words)
    setting = setting_of(said, subjects, relations, idea, words)
    return Scene(
        prompt=prompt,
        subjects=shown,
        relations=relations,
        setting=cast("Setting", setting),
        time=cast("Time", said.first("time") or _hour(said) or idea.time or "day"),
        weather=cast("Weather", said.first("weather") or _snowed_in(said, setting) or idea.weather or "clear"),
        medium=cast("Medium", said.first("medium") or said.first("loose") or "render"),
        text=texts,
        mood=said.first("mood") or idea.mood or None,
        palette=palette_of(said, idea, setting),
        details=cast("tuple[Detail, ...]", details_of(said, setting)),
    )


def at_ease(subjects: tuple[Subject, ...], relations: tuple[Relation, ...], words: Vocabulary) -> tuple[Subject, ...]:
    """Draw animals whole who neither hold nor wear nor sit on anything; the others get a body that can."""
    busy = {relation.second for relation in relations if relation.place in ("held", "worn")}
    busy |= {relation.first for relation in relations if relation.place in ("on", "in")}
    whole = [WHOLE.get(subject.art, "") if at not in busy else "" for at, subject in enumerate(subjects)]
    return tuple(
        replace(subject, art=art, faces="left" if art.endswith("standing") else "front")
        if art in words.names
        else subject
        for subject, art in zip(subjects, whole, strict=True)
    )


def relations_of(said: Said, groups: list[list[Subject]]) -> tuple[Relation, ...]:
    """Turn relations between mentions into relations between the subjects that were made of them."""
    starts = [sum(map(len, groups[:at])) for at in range(len(groups))]
    spans = [range(start, start + len(group)) for start, group in zip(starts, groups, strict=True)]
    return tuple(
        Relation(first, place, second)
        for one, place, other in said.relations
        for first in spans[one]
        for second in spans[other]
    )


def _in_company(said: Said, words: Vocabulary) -> None:
    """Let words of two meanings mean what suits the others: a mouse beside a keyboard is no animal."""
    names = {mention.thing.name for mention in said.mentions}
    for mention in said.mentions:
        other, company = COMPANY.get(mention.thing.name, ("", frozenset()))
        thing = words.named(other) if company & names else None
        mention.thing = thing or mention.thing


def is_scenery(mention: Mention, said: Said) -> bool:
    """Whether a moon or a mountain only furnishes the backdrop, since somebody else or a place was asked for."""
    if mention.thing.name.endswith(" face"):
        return len(said.mentions) > 1
    if mention.thing.name in GROVES and mention.plural and mention.count is None and not mention.colours:
        wooded = any(setting in WOODED for setting in said.signs.get("setting", ()))
        return wooded and any(other.thing.sort in LIVING for other in said.mentions)
    if mention.thing.name in HEIGHTS and mention.count is None and not mention.colours:
        return not said.emblem
    if mention.thing.name not in SCENERY or mention.count is not None or mention.colours:
        return False
    others = any(other.thing.name not in SCENERY for other in said.mentions)
    return others or bool(said.signs.get("setting"))


def subjects_of(mention: Mention, words: Vocabulary) -> list[Subject]:
    """Turn a mention into subjects: one, or one for each colour of "red and green apples"."""
    if mention.thing.name in ENSEMBLES:
        return _ensemble(ENSEMBLES[mention.thing.name], words)
    count = _count(mention)
    colours: list[str | None] = list(dict.fromkeys(mention.colours)) or [None]
    if mention.pattern or mention.second or count == 1:
        return [_two_toned(_subject(mention, words, colours[0], count), mention, colours[1:2])]
    shared = colours[: min(count, 3)] if len(colours) > 1 and count > 1 else colours[:1]
    sizes = [count // len(shared) + (at < count % len(shared)) for at in range(len(shared))]
    return [_subject(mention, words, colour, size) for colour, size in zip(shared, sizes, strict=True)]


def _ensemble(names: tuple[str, ...], words: Vocabulary) -> list[Subject]:
    """Draw those whom one word names together."""
    return [thing.subject() for name in names if (thing := words.named(name))]


def _subject(mention: Mention, words: Vocabulary, colour: str | None, count: int) -> Subject:
    thing = mention.thing
    if colour is None and thing.art in BY_COLOUR:
        name, colour = BY_COLOUR[thing.art]
        return thing.subject(name=name, count=count, colour=colour)
    tone = mention.tone
    if thing.name in ANYBODY and colour in COMPLEXIONS:
        tone, colour = tone or COMPLEXIONS[colour], None
    art = COLOURED.get((thing.art, colour or ""), thing.art)
    art = art if art in words.names else thing.art
    art = words.toned(art, tone) if tone else art
    material = mention.material or thing.material
    height = thing.height * min(max(mention.scale, SCALES[0]), SCALES[1])
    stance = "flies" if mention.aloft and thing.stance != "swims" else thing.stance
    return thing.subject(art=art, count=count, colour=colour, material=material, height=height, stance=stance)


def _two_toned(subject: Subject, mention: Mention, others: list[str | None]) -> Subject:
    """Give a subject its second colour; what has a colour and a pattern has white with it, or black with white."""
    if subject.colour is None:
        return subject
    second = mention.second or next(iter(others), None)
    if second is None and mention.pattern:
        second = "black" if subject.colour == "white" else "white"
    if {subject.colour, second} == PIED.get(subject.art):
        return replace(subject, colour=None)
    if second in (None, subject.colour):
        return subject
    return replace(subject, second=second, pattern=mention.pattern or "halves")


def _count(mention: Mention) -> int:
    """How many there are: as said, or a few for a plural, or one."""
    if mention.count is not None:
        return min(max(mention.count, 1), MOST_OF_A_KIND)
    return SOME if mention.plural else 1


def _idea(said: Said, subjects: tuple[Subject, ...], texts: tuple[str, ...], tokens: list[Token]) -> Concept:
    """Give the idea that was named, or a mood for a prompt of which nothing was understood."""
    if subjects and said.concepts:
        # Beside somebody an idea only colours the picture.
        return said.concepts[0]._replace(time="", weather="")
    if said.concepts or (said.hunches and not subjects):
        return (said.concepts or said.hunches)[0]
    placed = said.signs.keys() & PLACED
    if subjects or texts or placed or said.mentions:
        return NO_IDEA
    mood = felt([token.text for token in tokens])
    return mood._replace(mood=said.first("mood") or mood.mood)


def _inland(said: Said) -> tuple[str, ...]:
    """Name the houses of a village that is not the one by the sea."""
    named = said.signs.get("setting", ())
    inland = any(setting in INLAND for setting in (*named, said.first("weather")))
    return ("houses",) if "village" in named and inland else ()


def _symbols(names: tuple[str, ...], words: Vocabulary) -> tuple[Subject, ...]:
    """Draw what stands for an idea."""
    things = (words.named(name) for name in names)
    return tuple(thing.subject() for thing in things if thing)


def _hour(said: Said) -> str:
    """Give the time of day that a moon or stars in the backdrop tell."""
    return next((SCENERY[mention.thing.name] for mention in said.mentions if mention.thing.name in SCENERY), "")


def setting_of(
    said: Said, subjects: tuple[Subject, ...], relations: tuple[Relation, ...], idea: Concept, words: Vocabulary
) -> str:
    """Decide where it is: as said, else as the idea has it where nobody is named, else where they are at home."""
    asked = _asked(said)
    if asked == "lake":
        asked = _shore(subjects)
    if asked == "cliff":
        asked = "beach" if any(words.home(subject) in COASTS for subject in subjects) else "mountains"
    if (
        asked in ("", "sea", "sky", "meadow")
        and not said.emblem
        and any(mention.thing.name in HEIGHTS for mention in said.mentions)
    ):
        asked = "mountains"
    if subjects and said.emblem:
        return asked or "studio"
    if subjects:
        return asked or _in_season(_home(said, subjects, relations, words), said)
    if asked == "city":
        # With nobody in its streets a city is seen from afar.
        return "skyline"
    detail = DETAIL_HOMES.get(said.first("detail") or "", "")
    return asked or idea.setting or detail or _home(said, subjects, relations, words)


def _in_season(home: str, said: Said) -> str:
    """Take those out of the house who are seen in autumn or in blossom."""
    season = next((detail for detail in said.signs.get("detail", ()) if detail in SEASONS), "")
    return SEASONS[season] if season and home in ("room", "city") else home


def _snowed_in(said: Said, setting: str) -> str:
    """Let it snow where a place was named beside "in the snow"."""
    return "snow" if setting != "snow" and "snow" in said.signs.get("setting", ()) else ""


def _shore(subjects: tuple[Subject, ...]) -> str:
    """Say which backdrop a lake has: open water for boats, a river's for ducks, mountains for those on its shore."""
    afloat = [subject.height for subject in subjects if subject.stance in ("floats", "swims")]
    if not afloat:
        return "mountains"
    return "sea" if max(afloat) > SMALL_CRAFT else "river"


def _asked(said: Said) -> str:
    """Give the place that was named: of "a city street under a blue sky" the street."""
    named = said.signs.get("setting", [])
    exact = (setting for setting in named if setting not in WIDE and (named[0], setting) != ("city", "snow"))
    narrower = next(exact, "") if named[:1] and named[0] in WIDE else ""
    if named[:1] == ["village"]:
        narrower = next((setting for setting in (*named, said.first("weather")) if setting in INLAND), "") or ""
    return narrower or next(iter([*named, *said.hints]), "")


def details_of(said: Said, setting: str) -> tuple[str, ...]:
    """Name what the place shows besides; a travel poster of a coast has a boat on its sea."""
    named = list(said.signs.get("detail", ()))
    if said.first("medium") == "poster" and "rays" in named and setting in COASTS:
        named.append("boat")
    return tuple(dict.fromkeys(named))


def _home(said: Said, subjects: tuple[Subject, ...], relations: tuple[Relation, ...], words: Vocabulary) -> str:
    """Where the subjects are at home: the largest decides, and small things lie on a table."""
    if not subjects:
        return "snow" if said.first("weather") == "snow" else "meadow"
    borne = {relation.first for relation in relations if relation.place in ("on", "in", "held", "worn")}
    bearers = [subject for at, subject in enumerate(subjects) if at not in borne] or list(subjects)
    bearers = [subject for subject in bearers if subject.stance != "flies"] or bearers
    homes = [words.home(subject) for subject in bearers]
    heavenly = any(mention.thing.name in HEAVENLY for mention in said.mentions)
    resting = any(subject.art in PLACES_OF_REST for subject in subjects)
    if resting and max(subject.height for subject in subjects) <= LARGE:
        return "room"
    open_air = [at for at, home in enumerate(homes) if home in OPEN_AIR]
    largest = max(range(len(bearers)), key=lambda at: (bearers[at].height, -at))
    if homes[largest] == "city" and open_air:
        # People are at home anywhere: round a campfire they are in the forest.
        largest = max(open_air, key=lambda at: (bearers[at].height, -at))
    if homes[largest] == "meadow" and said.first("weather") == "snow":
        return "snow"
    if homes[largest] == "forest" and heavenly:
        # A wolf that howls at the moon has to see it.
        return "hills"
    if homes[largest] == "meadow" and bearers[largest].material == "stone":
        # A mermaid on a rock is by the sea, a penguin on one in the snow.
        return next((ROCKS[home] for subject in subjects if (home := words.home(subject)) in ROCKS), "meadow")
    return homes[largest]


def palette_of(said: Said, idea: Concept, setting: str) -> tuple[str, ...]:
    """Name the colours asked for: a named palette, "in blue and gold tones", or the idea's own; all, for shapes."""
    named = (said.first("palette") or "").split()
    tones = [*said.signs.get("tones", ()), *(said.signs.get("stray", ()) if setting == "abstract" else ())]
    return tuple(dict.fromkeys(named or tones)) or idea.palette
