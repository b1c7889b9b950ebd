"""Lettering: words set large and legible over a picture, on paper or on a sign.

The letters are shaped and drawn by resvg, as SVG text: it kerns, joins Arabic, stacks Devanagari and orders what is
written from right to left (Unicode's bidirectional algorithm), with nothing but the fonts of the pack.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING
from unicodedata import category, combining

import cv2
import numpy as np
import resvg

from limner.engines.illustrator.pixels import Array, array, blur, mix, rgb
from limner.engines.illustrator.printing.finish import quantised
from limner.engines.illustrator.printing.typefaces import LOOKS, PLAIN, SIGNS, Fonts, advance, choose, data, drawable

if TYPE_CHECKING:
    from limner.engines.illustrator.printing.finish import Pixels
    from limner.engines.illustrator.printing.typefaces import Look
    from limner.engines.illustrator.scene import Medium

Rect = tuple[int, int, int, int]

MEASURE = 40
LINES = 4
LEADING = 1.12
PAD = 0.34
"""How much of a plate is seen around the letters on it, in em."""
SPACING = frozenset("\u0903\u093e\u093f\u0940\u0949\u094a\u094b\u094c")
"""Signs of Devanagari that take room beside their consonant: visarga and the vowels AA, I, II, O and AU."""
GRID = 160
"""Squares along the shorter side of a picture of squares, as `media/pixel.py` has them."""
FINEST = 18
"""How many squares a line of type is high at least, or it could not be read."""
_threads = threading.local()


@dataclass(frozen=True, slots=True)
class Setting:
    """A text set into a rectangle: its lines, the families, the size in pixels, the extra room between letters (em)."""

    lines: tuple[str, ...]
    families: tuple[str, ...]
    size: float
    tracking: float


@dataclass(frozen=True, slots=True)
class Ink:
    """How far a line reaches from the middle of its baseline, in em: left, up, right, down."""

    left: float
    up: float
    right: float
    down: float


def _options(pack: Fonts, families: tuple[str, ...]) -> tuple[resvg.usvg.Options, str]:
    """Give the rasteriser's options with these fonts loaded, and their names; they belong to one thread."""
    made = _threads.__dict__.setdefault("made", {})
    key = pack, families
    if key not in made:
        options = resvg.usvg.Options.default()
        names: list[str] = []
        for family in families:
            options.load_font_data(data(pack, family))
            names += [name for name in options.list_fonts() if name not in names]
        if len(made) >= 16:
            made.clear()
        made[key] = options, ", ".join(f"'{name}'" for name in names)
    found: tuple[resvg.usvg.Options, str] = made[key]
    return found


def _drawn(pack: Fonts, families: tuple[str, ...], body: str, size: tuple[int, int]) -> Array:
    """Rasterise a piece of SVG with these fonts: what is red in it, and all of it, as masks 0..1 (height, width, 2)."""
    options, names = _options(pack, families)
    document = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}">'
        f'<g font-family="{names}" text-anchor="middle" stroke-linejoin="round">{body}</g></svg>'
    )
    png = resvg.render(resvg.usvg.Tree.from_str(document, options), (1, 0, 0, 0, 1, 0))
    pixels = np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED), np.uint8)
    red, alpha = cv2.extractChannel(pixels, 2), cv2.extractChannel(pixels, 3)
    whole = array(alpha) * np.float32(1 / 255)
    return array(cv2.merge([cv2.multiply(red, whole, scale=1 / 255, dtype=cv2.CV_32F), whole]))


def _line(pack: Fonts, setting: Setting, text: str, place: tuple[float, float], paint: str) -> str:
    """Write one line as SVG text, the middle of its baseline at `place`."""
    (x, y), size, spacing = place, setting.size, setting.tracking * setting.size
    more = f' letter-spacing="{spacing:.2f}"' if spacing else ""
    if not SPACING.isdisjoint(text):
        moves = _nudges(pack, setting.families[0], text)
        more += f' dx="{" ".join(f"{move * size:.2f}" for move in moves)}"'
    return f'<text x="{x + spacing / 2:.2f}" y="{y:.2f}" font-size="{size:.2f}" {paint}{more}>{escape(text)}</text>'


def _nudges(pack: Fonts, family: str, text: str) -> list[float]:
    """Tell how far to move each letter on, in em.

    A vowel sign of Devanagari that stands beside its consonant makes one cluster with it, and resvg 0.2 takes the
    wider of the two for the width of both; so whatever follows them is moved by the narrower.
    """
    moves = [0.0] * (len(text) + 1)
    owed, base = 0.0, 0.0
    for at, character in enumerate(text):
        if character in SPACING:
            owed += min(base, advance(pack, family, character))
        elif not combining(character) and category(character) != "Mn":
            moves[at], owed = owed, 0.0
            base = advance(pack, family, character)
    return moves[:-1]


@lru_cache(maxsize=256)
def _ink(pack: Fonts, families: tuple[str, ...], text: str, tracking: float) -> Ink:
    """Measure a line by drawing it small: what counts is where there is ink, not what the font's tables say."""
    half = round((1.4 + tracking) * MEASURE * (len(text) + 2) / 2)
    body = _line(pack, Setting((text,), families, MEASURE, tracking), text, (half, 2 * MEASURE), 'fill="#fff"')
    mask = _drawn(pack, families, body, (2 * half, 4 * MEASURE))[..., 1] > 0.2
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return Ink(0.1, 0.7, 0.1, 0.0)
    return Ink(
        (half - columns[0]) / MEASURE,
        (2 * MEASURE - rows[0]) / MEASURE,
        (columns[-1] + 1 - half) / MEASURE,
        (rows[-1] + 1 - 2 * MEASURE) / MEASURE,
    )


def _pieces(text: str) -> tuple[list[str], str]:
    """Cut a text where a line may end, and what joins the pieces: at spaces, or anywhere in scripts without them."""
    words = text.split() or [text]
    if len(words) == 1 and len(text) > 1 and all(letter >= "\u3000" for letter in text):
        return list(text), ""
    return words, " "


def _broken(text: str, count: int) -> tuple[str, ...]:
    """Give the words in `count` lines of about the same length; a text of one word stays one line."""
    words, joint = _pieces(text)
    total, lines, at = sum(map(len, words)), [[]], 0  # type: tuple[int, list[list[str]], int]
    for word in words:
        if lines[-1] and at + len(word) / 2 >= total * len(lines) / count and len(lines) < count:
            lines.append([])
        lines[-1].append(word)
        at += len(word)
    return tuple(joint.join(line) for line in lines)


def fit(pack: Fonts, medium: Medium, text: str, width: int, height: int, *, mood: str | None = None) -> Setting:
    """Set a text as large as it goes into width x height pixels, in one line or a few."""
    families, look = choose(pack, medium, text, mood), LOOKS[medium]
    spaced = families[0] not in PLAIN and (text.isascii() or SIGNS in families)
    tracking = (look.tracking if text.isupper() else min(look.tracking, 0.06)) if spaced else 0.0
    margin = 2 * look.edge + look.drop + (2 * PAD if look.plate else 0.0)
    best = Setting((text,), families, 1.0, tracking)
    for count in range(1, LINES + 1):
        lines = _broken(text, count)
        inks = [_ink(pack, families, line, tracking) for line in lines]
        wide = max(ink.left + ink.right for ink in inks) + margin
        high = _stacked(inks) + margin
        size = min(0.985 * width / wide, 0.94 * height / high)
        if size > best.size * 1.15:
            best = Setting(lines, families, size, tracking)
    return best


def _stacked(inks: list[Ink]) -> float:
    """Measure how high lines are together, in em, from the top of the first to what hangs below the last."""
    return inks[0].up + LEADING * (len(inks) - 1) + max(0.0, inks[-1].down)


def mask_of(pack: Fonts, setting: Setting, width: int, height: int, edge: float = 0.0) -> Array:
    """Give the letters and the letters with their outline as masks 0..1 (height, width, 2), in the middle.

    `edge` is the outline's width in em.
    """
    inks = [_ink(pack, setting.families, line, setting.tracking) for line in setting.lines]
    high = _stacked(inks)
    fill, rim = 'fill="#f00"', f'fill="#00f" stroke="#00f" stroke-width="{2 * edge * setting.size:.2f}"'
    body = ""
    for paint in (rim, fill) if edge else (fill,):
        baseline = height / 2 + (inks[0].up - high / 2) * setting.size
        for line, ink in zip(setting.lines, inks, strict=True):
            middle = width / 2 + (ink.left - ink.right) / 2 * setting.size
            body += _line(pack, setting, line, (middle, baseline), paint)
            baseline += LEADING * setting.size
    return _drawn(pack, setting.families, body, (max(1, width), max(1, height)))


def letter(
    pixels: Pixels,
    text: str,
    area: Rect,
    pack: Fonts,
    *,
    medium: Medium,
    ink: str | None = None,
    mood: str | None = None,
) -> None:
    """Set a text into the area (x0, y0, x1, y1) of a picture, uint8 (H, W, 3 or 4), in place.

    With `ink` the letters are just of that colour. Without, they are light or dark, whichever stands out more, with
    what the medium's look puts around them. Nothing is set where no font has any of the letters.
    """
    text = drawable(pack, text)
    if not text:
        return
    look = LOOKS[medium]
    x0, y0, x1, y1 = area
    setting = fit(pack, medium, text, x1 - x0, y1 - y0, mood=mood)
    if look.plate and not ink:
        _lay_plate(pixels, area, extent(pack, setting), look)
        ink = look.dark
    masks = mask_of(pack, setting, x1 - x0, y1 - y0, 0.0 if ink else look.edge)
    # What surrounds the letters reaches beyond the area, as far as there is picture.
    reach = round(max(3.6, setting.size * 0.21))
    around = y0, pixels.shape[0] - y1, x0, pixels.shape[1] - x1
    above, below, left, right = (min(reach, space) for space in around)
    masks = np.pad(masks, ((above, below), (left, right), (0, 0)))
    part = pixels[y0 - above : y1 + below, x0 - left : x1 + right]
    if look.square:
        masks = _squared(masks, min(pixels.shape[:2]) / GRID, setting.size)
    _print(part, masks, look, setting.size, ink)


def extent(pack: Fonts, setting: Setting) -> tuple[float, float, float]:
    """Give the width and height of a set text's ink, and the size of its type, in pixels."""
    inks = [_ink(pack, setting.families, line, setting.tracking) for line in setting.lines]
    return max(ink.left + ink.right for ink in inks) * setting.size, _stacked(inks) * setting.size, setting.size


def _lay_plate(pixels: Pixels, area: Rect, extent: tuple[float, float, float], look: Look) -> None:
    """Lay a plate under the letters, in the middle of the area, with a rule around it in the letters' colour."""
    (x0, y0, x1, y1), (width, height, size) = area, extent
    square = max(1, round(min(pixels.shape[:2]) / GRID)) if look.square else 1
    opaque = (255,) * (pixels.shape[2] - 3)
    left, right = (square * round((x0 + x1 + side * (width + 2 * PAD * size)) / 2 / square) for side in (-1, 1))
    top, bottom = (square * round((y0 + y1 + side * (height + 2 * PAD * size)) / 2 / square) for side in (-1, 1))
    for colour, inset in ((look.plate, 0.0), (look.dark, 0.1), (look.plate, 0.045)):
        inner = max(square, round(inset * size)) if inset else 0
        left, top, right, bottom = left + inner, top + inner, right - inner, bottom - inner
        pixels[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = (*_bytes(colour), *opaque)


def _bytes(colour: str) -> tuple[int, ...]:
    """Red, green and blue of a colour, 0..255."""
    return tuple(bytes.fromhex(colour[1:]))


def _squared(masks: Array, square: float, size: float) -> Array:
    """Build letters and an outline one square wide, in the picture's squares or in what can still be read."""
    cell = max(1, round(min(square, size / FINEST)))
    height, width = masks.shape[:2]
    small = cv2.resize(masks[..., 0], (-(-width // cell), -(-height // cell)), interpolation=cv2.INTER_AREA)
    fill = np.asarray(small > 0.45, np.float32)
    both = np.dstack([fill, cv2.dilate(fill, np.ones((3, 3), np.uint8))])
    whole = cv2.resize(both, None, fx=cell, fy=cell, interpolation=cv2.INTER_NEAREST)
    return np.ascontiguousarray(array(whole)[:height, :width])


def _print(part: Pixels, masks: Array, look: Look, size: float, ink: str | None) -> None:
    """Lay the letters, and what surrounds them, over a part of the picture."""
    fill, cover = (np.ascontiguousarray(masks[..., at]) for at in (0, 1))
    ground = array(part[..., :3]) / np.float32(255)
    if ink is None:
        ink, other = _contrasting(ground, fill, look)
        ground, cover = _surrounded(ground, cover, look, size, other)
    part[..., :3] = quantised(mix(ground, rgb(ink), fill[..., None]))
    if part.shape[2] == 4:
        part[..., 3] = np.maximum(part[..., 3], quantised(cover))


def _surrounded(ground: Array, whole: Array, look: Look, size: float, other: str) -> tuple[Array, Array]:
    """Lay a halo, a cast shadow and an outline where the letters will stand; give that, and how much it covers."""
    cover = whole
    if look.halo:
        swollen = blur(array(cv2.dilate(whole, np.ones((3, 3), np.uint8))), max(1.2, 0.07 * size))
        halo = array(np.clip(swollen * 1.5, 0, 1) * np.float32(look.halo))
        ground = mix(ground, rgb(other), halo[..., None])
        cover = array(np.maximum(cover, halo))
    if look.drop:
        fall = look.drop * size
        shift = np.array([[1, 0, 0.6 * fall], [0, 1, fall]], np.float32)
        shadow = blur(array(cv2.warpAffine(whole, shift, whole.shape[::-1])), 0.3 * fall) * np.float32(0.55)
        ground = mix(ground, rgb(look.shade), shadow[..., None])
        cover = array(np.maximum(cover, shadow))
    if look.edge:
        ground = mix(ground, rgb(other), whole[..., None])
    return ground, cover


def _contrasting(ground: Array, mask: Array, look: Look) -> tuple[str, str]:
    """Choose light letters in a dark surround, or dark ones in a light one, by what lies under them."""
    covered = mask > 0.5
    tone = float(ground[covered].mean()) if covered.any() else 0.5
    return (look.light, look.shade) if tone < 0.62 else (look.dark, look.glow)
