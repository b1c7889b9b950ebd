"""Typefaces: which one suits a medium, a mood and a text, and which can draw the text at all."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from PIL import ImageFont

if TYPE_CHECKING:
    from collections.abc import Iterator

    from limner.engines.illustrator.scene import Medium

FALLBACKS = (
    "noto-sans",
    "noto-sans-arabic",
    "noto-sans-hebrew",
    "noto-sans-devanagari",
    "noto-sans-thai",
    "noto-sans-jp",
    "noto-sans-kr",
    "noto-sans-sc",
)
SIGNS = "signs"
"""The family of hearts, stars, arrows and notes, which stand between letters of any face."""
MISSING = "\U0010fffd"
TITLE = range(4, 17)
"""How many letters a text in capitals has that is set in a display face."""


class Fonts(Protocol):
    """What lettering needs of an art pack. It is hashable (by identity)."""

    @property
    def fonts(self) -> tuple[str, ...]:
        """The families there are."""
        ...

    def font(self, family: str) -> bytes:
        """Give a font as a TrueType file."""
        ...

    def __hash__(self) -> int:
        """Hash by identity."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """How a medium letters: its faces, first choice first, and how the letters keep clear of the picture.

    `light` letters stand on dark ground with `shade` around them, `dark` ones on light ground with `glow`. `edge` is
    the width of a hard outline, `drop` how far a shadow falls, `tracking` the extra room between letters, all in
    heights of the type (em); `halo` is how strong the soft surround is, 0..1. `square` letters are made of squares.
    Where a picture is too busy for letters of any kind, they stand in `dark` on a `plate` of that colour.
    """

    faces: tuple[str, ...]
    tracking: float = 0.03
    edge: float = 0.0
    halo: float = 0.6
    drop: float = 0.0
    light: str = "#ffffff"
    dark: str = "#17181f"
    shade: str = "#10121c"
    glow: str = "#ffffff"
    square: bool = False
    plate: str = ""


LOOKS: dict[Medium, Look] = {
    "render": Look(("righteous", "nunito"), edge=0.025, halo=0.45, drop=0.05),
    "photo": Look(("josefin-sans", "nunito"), tracking=0.06),
    "watercolour": Look(
        ("playfair-display",), halo=0.75, light="#fffaf0", dark="#2b2a3a", shade="#2a3148", glow="#fffaf0"
    ),
    "oil": Look(("playfair-display",), edge=0.02, light="#fff1cf", dark="#2a1a10", shade="#22140c", glow="#fff1cf"),
    "ink": Look(("abril-fatface", "playfair-display"), tracking=0.05, dark="#15130f", plate="#f8f3e6"),
    "pencil": Look(("caveat",), tracking=0.0, edge=0.05, halo=0.5, dark="#33343a", glow="#f6f3ec"),
    "pixel": Look(("noto-sans",), square=True, dark="#fff6dc", plate="#241a3a"),
    "flat": Look(("josefin-sans", "nunito"), edge=0.06, halo=0.0, light="#fff8ea", dark="#26304a", shade="#26304a"),
    "poster": Look(("bebas-neue", "abril-fatface", "righteous"), tracking=0.05),
    "paper": Look(("nunito",), halo=0.35, drop=0.07, light="#fffaf0", dark="#2d3142", shade="#2a2438"),
    "glass": Look(("abril-fatface",), tracking=0.05, dark="#4a1420", plate="#f4dfa4"),
    "blueprint": Look(("share-tech-mono",), tracking=0.05, halo=0.75, light="#eef6ff", shade="#0d2f6b"),
    "book": Look(("nunito",), edge=0.065, halo=0.3, drop=0.05, light="#fff4d8", dark="#4a2b1b", shade="#4a2b1b"),
    "anime": Look(("bangers", "nunito"), edge=0.08, halo=0.2, drop=0.04, shade="#1b1f3b", dark="#1b1f3b"),
}
# Moods that write in their own hand, where the medium has no stronger will.
HANDS: dict[str, tuple[str, ...]] = {
    "joyful": ("pacifico",),
    "dreamy": ("pacifico",),
    "cosy": ("pacifico",),
    "dramatic": ("abril-fatface",),
}
SWAYED = frozenset({"render", "photo", "watercolour", "book"})
PLAIN = frozenset({"caveat", "pacifico", *FALLBACKS[1:]})
"""Faces whose letters join or keep the distance they have: they are never spaced."""


@lru_cache(maxsize=12)
def data(pack: Fonts, family: str) -> bytes:
    """Give a font's file, remembered."""
    return pack.font(family)


@lru_cache(maxsize=16)
def _probe(pack: Fonts, family: str) -> tuple[ImageFont.FreeTypeFont, bytes]:
    font = ImageFont.truetype(io.BytesIO(data(pack, family)), 24, layout_engine=ImageFont.Layout.BASIC)
    return font, bytes(font.getmask(MISSING))


@lru_cache(maxsize=4096)
def has(pack: Fonts, family: str, letter: str) -> bool:
    """Whether a font has a glyph of its own for a letter."""
    font, missing = _probe(pack, family)
    return bytes(font.getmask(letter)) != missing


def advance(pack: Fonts, family: str, letter: str) -> float:
    """How far a letter moves the pen, in em."""
    font, _ = _probe(pack, family)
    return float(font.getlength(letter)) / font.size


def covers(pack: Fonts, family: str, text: str) -> bool:
    """Whether a font has a glyph of its own for every letter of the text."""
    return all(has(pack, family, letter) for letter in set(text) - {" "})


def drawable(pack: Fonts, text: str) -> str:
    """Drop what no font has a glyph for (emoji, controls), so that no empty boxes are set; tidy the spaces left."""
    return " ".join("".join(_known(pack, text)).split())


def _known(pack: Fonts, text: str) -> Iterator[str]:
    """Every letter that can be drawn; ASCII by any face."""
    families = [family for family in (*FALLBACKS, SIGNS) if family in pack.fonts]
    for letter in text:
        if letter.isprintable() and (letter.isascii() or any(has(pack, family, letter) for family in families)):
            yield letter


def choose(pack: Fonts, medium: Medium, text: str, mood: str | None = None) -> tuple[str, ...]:
    """Give the families to set a text in: the one that suits, and those for what that one lacks.

    The first is the medium's or the mood's first face that has all letters, else the first for the text's script.
    """
    signs = {letter for letter in text if not letter.isascii() and SIGNS in pack.fonts and has(pack, SIGNS, letter)}
    letters = "".join(letter for letter in text if letter not in signs)
    beside = (SIGNS,) if signs else ()
    faces = [family for family in (*_suited(medium, letters, mood), *FALLBACKS) if family in pack.fonts]
    first = next((family for family in faces if covers(pack, family, letters)), None)
    if first:  # some fonts of a single script have no space
        return (first, FALLBACKS[0], *beside) if first in FALLBACKS[1:] else (first, *beside)
    mixed = (family for family in FALLBACKS if any(has(pack, family, letter) for letter in set(letters) - {" "}))
    return (*mixed, *beside)


def _suited(medium: Medium, text: str, mood: str | None) -> tuple[str, ...]:
    """Name faces that suit, best first. Some are a joy in a short title in capitals and a riddle in anything else."""
    faces = LOOKS[medium].faces
    if medium == "poster":
        title = text.isupper() and len(text) in TITLE
        return ("limelight", *faces) if title else faces if text.isupper() else faces[1:]
    if medium == "render" and text.isupper():
        return ("bebas-neue", *faces)
    if mood in HANDS and medium in SWAYED and not text.isupper():
        return (*HANDS[mood], *faces)
    return faces
