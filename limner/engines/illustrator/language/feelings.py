"""What a prompt feels like of which nothing can be drawn: a landscape in its mood, found by valence and arousal.

Every feeling has a place in a plane, after J. A. Russell ("A circumplex model of affect", Journal of Personality and
Social Psychology, 1980): how pleasant it is, and how stirring. A small lexicon of word beginnings places the prompt's
words; the quarter of the plane they point to, on the whole, gives the picture its place, light and weather.
"""

from __future__ import annotations

from functools import cache

from limner.engines.illustrator.language.vocabulary import Concept
from limner.engines.illustrator.language.words import phrases, rows

SHORTEST_STEM = 3
LONGEST_STEM = 9
WORDS_FELT = 40
# What turns a word's feeling round, and the endings and beginnings of words that say that something is missing.
TURNED = frozenset({"no", "not", "without", "never", "anti", "non", "less"})
MISSING_BEFORE = ("dis", "mis", "anti")
MISSING_AFTER = ("less", "phobia", "cide")

# Ideas that are often meant by the way, and not felt where there is something else to draw.
FAINT = frozenset(
    {
        "art", "idea", "nature", "work", "life", "time", "play", "change", "power", "energy", "law", "care", "rest",
        "god", "sound", "science", "focus", "force", "music", "decision", "business", "technology", "history",
        "language", "alone", "performance", "star", "holiday", "travel", "question", "news", "message", "data",
    }
)  # fmt: skip

Quarter = tuple[int, int]
JOYFUL: Quarter = (1, 1)
SERENE: Quarter = (1, -1)
STORMY: Quarter = (-1, 1)
SORRY: Quarter = (-1, -1)
LANDSCAPES: dict[Quarter, tuple[Concept, ...]] = {
    JOYFUL: (
        Concept("hills", "golden", "clear", "joyful", ("yellow", "red", "turquoise"), ()),
        Concept("garden", "day", "clear", "joyful", ("pink", "yellow", "turquoise"), ()),
        Concept("meadow", "golden", "clear", "joyful", ("gold", "orange", "turquoise"), ()),
    ),
    SERENE: (
        Concept("sea", "golden", "clear", "serene", ("turquoise", "white", "gold"), ()),
        Concept("river", "golden", "fog", "serene", ("green", "white", "gold"), ()),
        Concept("mountains", "golden", "clear", "serene", ("blue", "white", "gold"), ()),
    ),
    STORMY: (
        Concept("sea", "night", "storm", "dramatic", ("teal", "grey", "gold"), ()),
        Concept("mountains", "golden", "storm", "dramatic", ("red", "black", "orange"), ()),
        Concept("desert", "golden", "storm", "dramatic", ("brown", "red", "black"), ()),
    ),
    SORRY: (
        Concept("sea", "night", "fog", "melancholy", ("blue", "grey", "silver"), ()),
        Concept("forest", "golden", "fog", "melancholy", ("brown", "grey", "white"), ()),
        Concept("hills", "golden", "rain", "melancholy", ("grey", "blue", "white"), ()),
    ),
}
# Where no word feels like anything: beautiful places that fit anything somewhat.
UNDECIDED = (
    Concept("mountains", "golden", "clear", "serene", (), ()),
    Concept("sea", "golden", "clear", "serene", (), ()),
    Concept("forest", "golden", "fog", "mysterious", (), ()),
    Concept("sky", "golden", "clear", "dreamy", (), ()),
    Concept("desert", "golden", "clear", "dramatic", (), ()),
    Concept("sea", "night", "clear", "dreamy", (), ()),
    Concept("hills", "golden", "fog", "dreamy", (), ()),
    Concept("snow", "golden", "clear", "serene", (), ()),
)


def felt(texts: list[str]) -> Concept:
    """Give a landscape in the mood of the words `texts`: always one, the same for the same words."""
    feelings = [feeling for at, text in enumerate(texts[:WORDS_FELT]) if (feeling := _feeling(texts, at, text))]
    choice = sum(map(ord, "".join(texts)[:200]))
    if not feelings:
        return UNDECIDED[choice % len(UNDECIDED)]
    valence, arousal = (sum(axis) for axis in zip(*feelings, strict=True))
    quarter = (1 if valence > 0 else -1, 1 if arousal > 0 else -1)
    fitting = LANDSCAPES[quarter]
    return fitting[choice % len(fitting)]


def _feeling(texts: list[str], at: int, text: str) -> Quarter | None:
    """Place one word in the plane; a word that is denied is as unpleasant as it is pleasant, and quieter."""
    stems = (text[:length] for length in range(min(len(text), LONGEST_STEM), SHORTEST_STEM - 1, -1))
    feeling = next((_lexicon()[stem] for stem in stems if stem in _lexicon()), None)
    if feeling is None:
        return SORRY if text.startswith(MISSING_BEFORE) or text.endswith(MISSING_AFTER) else None
    turned = text.endswith(MISSING_AFTER) or not TURNED.isdisjoint(texts[max(0, at - 2) : at])
    return (-feeling[0], -1) if turned else feeling


@cache
def _lexicon() -> dict[str, Quarter]:
    """Read the lexicon: word beginnings and where they lie in the plane."""
    lexicon: dict[str, Quarter] = {}
    for place, stems in rows("feelings"):
        valence, arousal = map(int, place.split())
        lexicon.update((stem, (valence, arousal)) for stem in phrases(stems))
    return lexicon
