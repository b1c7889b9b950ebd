"""The word index of the art pack: which drawing a word or an emoji means, compiled from emojibase (CLDR) data.

It is only the long tail: the reviewed tables in `limner/engines/illustrator/language/words/` come first. The tables:
`english` (phrase -> drawing), `foreign-de` and so on (the same for other languages), `emoji` (characters -> drawing),
and `kinds` (drawing -> CLDR subgroup), from which stance and material follow where no table says better.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Emoji = dict[str, Any]

LANGUAGES = (
    "de", "fr", "es", "it", "pt", "nl", "sv", "pl", "ru", "uk",
    "ja", "ko", "zh", "hi", "th", "da", "nb", "fi", "hu", "vi",
)  # fmt: skip
LONGEST_PHRASE = 24
SHORTCODES = ("cldr", "emojibase", "github", "iamcal")
# CLDR's groups: smileys and symbols only by their full name, and never before a thing that has the same name.
SMILEYS, PEOPLE, COMPONENTS, ANIMALS, FOOD, PLACES, ACTIVITIES, OBJECTS, SYMBOLS, FLAGS = range(10)
WEIGHT = {
    SMILEYS: 0.5,
    PEOPLE: 0.7,
    ANIMALS: 1.0,
    FOOD: 1.0,
    PLACES: 0.98,
    ACTIVITIES: 0.99,
    OBJECTS: 0.97,
    SYMBOLS: 0.3,
    FLAGS: 0.4,
}
THINGS = (ANIMALS, FOOD, PLACES, ACTIVITIES, OBJECTS)
LABEL, SHORTCODE, HEAD, TAG = 10.0, 8.5, 5.5, 3.2
NOT_HEADS = frozenset(
    ["face", "symbol", "button", "sign", "mark", "tone", "hands", "hand", "skin", "arrow", "arrows", "faces"]
)
VARIATION = "\N{VARIATION SELECTOR-16}"
LETTERS = re.compile(r"[^\W\d_]+(?:[\u2019'-][^\W\d_]+)*")


def collect(modules: Path, art: frozenset[str]) -> dict[str, object]:
    """Compile all tables; every drawing they name is one of `art`."""
    data = modules / "emojibase-data"
    drawing = _drawings(modules, art)
    groups = json.loads((data / "meta/groups.json").read_text("utf-8"))["subgroups"]
    emojis = [emoji for emoji in _load(data, "en") if emoji["hexcode"] in drawing]
    foreign = {f"foreign-{name}": _best(_foreign(data, name, drawing), drawing) for name in LANGUAGES}
    return foreign | {
        "english": _best(_english(data, emojis), drawing),
        "emoji": {_plain(emoji["emoji"]): drawing[emoji["hexcode"]] for emoji in _with_tones(data, drawing)},
        "kinds": {drawing[e["hexcode"]]: groups[str(e["subgroup"])] for e in emojis if "subgroup" in e},
    }


def _load(data: Path, language: str) -> list[Emoji]:
    """Read one language's emojis."""
    emojis: list[Emoji] = json.loads((data / language / "data.json").read_text("utf-8"))
    return emojis


def _drawings(modules: Path, art: frozenset[str]) -> dict[str, str]:
    """Map emojibase's code points to the drawing's name, where the pack has it."""
    characters: dict[str, str] = json.loads((modules / "@iconify-json/noto/chars.json").read_text("utf-8"))
    found = {code: name for code, name in characters.items() if name in art}
    full = [emoji["hexcode"] for emoji in _with_skins(_load(modules / "emojibase-data", "en"))]
    return {code: found[short] for code in full if (short := code.lower().replace("-fe0f", "")) in found}


def _with_skins(emojis: list[Emoji]) -> Iterator[Emoji]:
    """Every emoji, followed by its variants with skin tones."""
    for emoji in emojis:
        yield emoji
        yield from emoji.get("skins", ())


def _with_tones(data: Path, drawing: dict[str, str]) -> Iterator[Emoji]:
    """All emojis that have a drawing, skin tones included."""
    return (emoji for emoji in _with_skins(_load(data, "en")) if emoji["hexcode"] in drawing)


def _plain(characters: str) -> str:
    """Drop the variation selector, which people leave out as often as not."""
    return characters.replace(VARIATION, "")


def _english(data: Path, emojis: list[Emoji]) -> Iterator[tuple[str, float, Emoji]]:
    """Names of an emoji in English: its label, its shortcodes, and the head noun of a long label."""
    codes = [json.loads((data / f"en/shortcodes/{name}.json").read_text("utf-8")) for name in SHORTCODES]
    for emoji in emojis:
        label = emoji["label"].lower()
        yield label, LABEL, emoji
        for table in codes:
            names = table.get(emoji["hexcode"], [])
            for name in [names] if isinstance(names, str) else names:
                yield name.replace("_", " "), SHORTCODE, emoji
        words = LETTERS.findall(label)
        if len(words) > 1 and words[-1] not in NOT_HEADS:
            yield words[-1], HEAD, emoji


def _foreign(data: Path, language: str, drawing: dict[str, str]) -> Iterator[tuple[str, float, Emoji]]:
    """Names of people and things in another language: labels, and tags for things; long phrases nobody writes."""
    for emoji in _load(data, language):
        if emoji["hexcode"] not in drawing or emoji.get("group") not in (PEOPLE, *THINGS):
            continue
        names = [(emoji["label"], LABEL)]
        if emoji["group"] in THINGS:
            names += [(tag, TAG) for tag in emoji.get("tags", ())]
        yield from ((name.lower(), weight, emoji) for name, weight in names if len(name) <= LONGEST_PHRASE)


def _best(entries: Iterator[tuple[str, float, Emoji]], drawing: dict[str, str]) -> dict[str, str]:
    """Keep for every phrase the drawing that claims it most strongly; earlier emojis win ties."""
    best: dict[str, tuple[float, int, str]] = {}
    for phrase, weight, emoji in entries:
        score = weight * WEIGHT.get(emoji.get("group", COMPONENTS), 0.0)
        claim = (-score, emoji.get("order", 0), drawing[emoji["hexcode"]])
        key = " ".join(phrase.replace("-", " ").replace(":", " ").split())
        if score > 0 and (len(key) > 1 or not key.isascii()) and claim < best.get(key, (1.0, 0, "")):
            best[key] = claim
    return {phrase: claim[2] for phrase, claim in sorted(best.items())}
