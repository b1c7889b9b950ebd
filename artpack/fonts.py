"""Fonts of the art pack: fontsource's web fonts, split by script there, joined and unpacked to TrueType here."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

from fontTools.merge import Merger, Options
from fontTools.ttLib import TTFont

if TYPE_CHECKING:
    from pathlib import Path

# Family -> weight and the scripts to join. One weight each: lettering in a picture is display type.
FAMILIES: dict[str, tuple[int, tuple[str, ...]]] = {
    "limelight": (400, ("latin", "latin-ext")),
    "bebas-neue": (400, ("latin", "latin-ext")),
    "righteous": (400, ("latin", "latin-ext")),
    "abril-fatface": (400, ("latin", "latin-ext")),
    "pacifico": (400, ("latin", "latin-ext", "cyrillic", "vietnamese")),
    "caveat": (700, ("latin", "latin-ext", "cyrillic")),
    "josefin-sans": (700, ("latin", "latin-ext", "vietnamese")),
    "nunito": (700, ("latin", "latin-ext", "cyrillic", "vietnamese")),
    "playfair-display": (700, ("latin", "latin-ext", "cyrillic", "vietnamese")),
    "noto-sans": (700, ("latin", "latin-ext", "greek", "cyrillic", "cyrillic-ext", "vietnamese")),
    "noto-sans-arabic": (700, ("latin", "arabic")),
    "noto-sans-devanagari": (700, ("latin", "devanagari")),
    "noto-sans-hebrew": (700, ("latin", "hebrew")),
    "noto-sans-thai": (700, ("latin", "thai")),
    "noto-sans-jp": (700, ("latin", "japanese")),
    "noto-sans-kr": (700, ("latin", "korean")),
    "noto-sans-sc": (700, ("latin", "chinese-simplified")),
}
# 1 January 1980 in seconds since 1904, the calendar of font files.
EPOCH = 2_398_291_200
# Tables of vertical text, variations and hinting that our renderer does not read.
UNREAD = ["vhea", "vmtx", "STAT", "BASE"]


def collect(modules: Path) -> dict[str, bytes]:
    """Every family as one TrueType file."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    return {family: _family(modules, family, *plan) for family, plan in FAMILIES.items()}


def _family(modules: Path, family: str, weight: int, scripts: tuple[str, ...]) -> bytes:
    """Join a family's scripts; fontTools keeps the first glyph where two files draw the same character."""
    folder = modules / "@fontsource" / family / "files"
    parts = [_unpacked(folder / f"{family}-{script}-{weight}-normal.woff") for script in scripts]
    merged = Merger(Options(drop_tables=UNREAD)).merge(parts)
    return _saved(merged)


def _unpacked(path: Path) -> io.BytesIO:
    """Turn a woff file into TrueType in memory; woff2 would have every glyph packed anew, which takes far longer."""
    font = TTFont(path, recalcTimestamp=False)
    font.flavor = None
    return io.BytesIO(_saved(font))


def _saved(font: TTFont) -> bytes:
    """Serialise a font with a fixed date, so that two builds give the same bytes."""
    font.recalcTimestamp = False
    font["head"].created = font["head"].modified = EPOCH
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()
