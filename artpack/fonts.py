"""Fonts of the art pack: fontsource's web fonts, split by script there, joined, thinned and unpacked here."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

from fontTools import subset
from fontTools.merge import Merger, Options
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem

from artpack.symbols import symbols

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Family -> weight and the scripts to join. One weight each: lettering in a picture is display type.
FAMILIES: dict[str, tuple[int, tuple[str, ...]]] = {
    "limelight": (400, ("latin", "latin-ext")),
    "bebas-neue": (400, ("latin", "latin-ext")),
    "righteous": (400, ("latin", "latin-ext")),
    "abril-fatface": (400, ("latin", "latin-ext")),
    "bangers": (400, ("latin", "latin-ext", "vietnamese")),
    "share-tech-mono": (400, ("latin",)),
    "pacifico": (400, ("latin", "latin-ext", "cyrillic", "vietnamese")),
    "caveat": (700, ("latin", "latin-ext", "cyrillic")),
    "josefin-sans": (700, ("latin", "latin-ext", "vietnamese")),
    "nunito": (700, ("latin", "latin-ext", "cyrillic", "vietnamese")),
    "playfair-display": (700, ("latin", "latin-ext", "cyrillic", "vietnamese")),
    "noto-sans": (700, ("latin", "latin-ext", "greek", "cyrillic", "cyrillic-ext", "vietnamese")),
    "noto-sans-arabic": (700, ("arabic",)),
    "noto-sans-devanagari": (700, ("devanagari",)),
    "noto-sans-hebrew": (700, ("hebrew",)),
    "noto-sans-thai": (700, ("thai",)),
    "noto-sans-jp": (700, ("japanese",)),
    "noto-sans-kr": (700, ("korean",)),
    "noto-sans-sc": (700, ("chinese-simplified",)),
}
# Family -> what to keep of it: punctuation and whatever every schoolchild reads, by the frequency tables of the
# national standards. An encoding with the rows (first bytes) of the characters, and ranges of Unicode.
FREQUENT: dict[str, tuple[str, range, tuple[range, ...]]] = {
    "noto-sans-jp": ("euc_jp", range(0xB0, 0xD0), (range(0x3000, 0x3100), range(0xFF01, 0xFFA0))),  # JIS X 0208 level 1
    "noto-sans-kr": ("euc_kr", range(0xB0, 0xC9), (range(0x3000, 0x3020), range(0x3131, 0x3164))),  # KS X 1001
    "noto-sans-sc": ("gb2312", range(0xB0, 0xD8), (range(0x3000, 0x3020), range(0xFF01, 0xFF60))),  # GB 2312 level 1
}
# Units of the em square that frequent characters are rounded to: a hair's width at the size of a poster's title.
COARSE = 512
# 1 January 1980 in seconds since 1904, the calendar of font files.
EPOCH = 2_398_291_200
# Tables of vertical text, variations and hinting that our renderer does not read.
UNREAD = ["vhea", "vmtx", "STAT", "BASE"]


def collect(modules: Path) -> dict[str, bytes]:
    """Every family as one TrueType file, and our own signs."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    return {family: _family(modules, family, *plan) for family, plan in FAMILIES.items()} | {"signs": _saved(symbols())}


def _family(modules: Path, family: str, weight: int, scripts: tuple[str, ...]) -> bytes:
    """Join a family's scripts; fontTools keeps the first glyph where two files draw the same character."""
    folder = modules / "@fontsource" / family / "files"
    parts = [_unpacked(folder / f"{family}-{script}-{weight}-normal.woff") for script in scripts]
    if family in FREQUENT:
        return _frequent(TTFont(parts[0]), *FREQUENT[family])
    return _saved(Merger(Options(drop_tables=UNREAD)).merge(parts) if len(parts) > 1 else TTFont(parts[0]))


def _frequent(font: TTFont, encoding: str, rows: range, ranges: tuple[range, ...]) -> bytes:
    """Keep the frequent characters of a font, rounded, without the tables that only vertical or tabular text needs."""
    wanted = {ord(character) for character in _characters(encoding, rows)}.union(*ranges)
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True)
    options.drop_tables += [*UNREAD, "GPOS", "GSUB", "GDEF"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    scale_upem(font, COARSE)
    return _saved(font)


def _characters(encoding: str, rows: range) -> Iterator[str]:
    """Every character of a national standard's rows; each has 94 places, some of them empty."""
    for row in rows:
        for place in range(0xA1, 0xFF):
            yield from bytes([row, place]).decode(encoding, "ignore")


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
