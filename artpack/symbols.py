"""A font of our own for the few signs people write between words that no text face of the pack has: "I ♥ NY"."""

from __future__ import annotations

from math import cos, pi, sin
from typing import TYPE_CHECKING

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.svgLib.path import parse_path

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

UNITS = 1000
_TIPS = [((400, 153)[at % 2], pi * (0.5 + at / 5)) for at in range(10)]
_STAR = "L".join(f"{500 + reach * cos(turn):.0f} {340 + reach * sin(turn):.0f}" for reach, turn in _TIPS)
# Characters -> outline, as SVG path data with y upwards and the baseline at 0, in a square of 1000 units.
OUTLINES = {
    "\N{BLACK HEART SUIT}\N{HEAVY BLACK HEART}": "M500 0C160 250 20 400 20 540C20 650 105 730 215 730"
    "C350 730 460 640 500 560C540 640 650 730 785 730C895 730 980 650 980 540C980 400 840 250 500 0Z",
    "\N{BLACK STAR}\N{WHITE MEDIUM STAR}": f"M{_STAR}Z",
    "\N{RIGHTWARDS ARROW}": "M40 295V405H580V570L960 350L580 130V295Z",
    "\N{LEFTWARDS ARROW}": "M960 295V405H420V570L40 350L420 130V295Z",
    "\N{EIGHTH NOTE}": "M470 730H560C580 610 760 560 720 330C690 430 630 470 560 490V160"
    "C560 60 470 0 380 0C300 0 240 50 240 110C240 190 320 250 410 250C432 250 452 246 470 239Z",
    "\N{CHECK MARK}\N{HEAVY CHECK MARK}": "M60 330L190 450L380 250L810 720L940 600L390 0Z",
}


def symbols() -> TTFont:
    """Build the font: one glyph for each outline, for all its characters."""
    names = [".notdef", *(f"sign{at}" for at in range(len(OUTLINES)))]
    builder = FontBuilder(UNITS, isTTF=True)
    builder.setupGlyphOrder(names)
    characters = zip(names[1:], OUTLINES, strict=True)
    builder.setupCharacterMap({ord(one): name for name, together in characters for one in together})
    builder.setupGlyf({name: _glyph(path) for name, path in zip(names, ["", *OUTLINES.values()], strict=True)})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (UNITS, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Limner Signs", "styleName": "Regular", "psName": "LimnerSigns"})
    builder.setupOS2()
    builder.setupPost()
    font: TTFont = builder.font
    return font


def _glyph(path: str) -> object:
    """Turn path data into the quadratic curves of TrueType."""
    pen = TTGlyphPen(None)
    parse_path(path, Cu2QuPen(pen, max_err=1.0))
    return pen.glyph()
