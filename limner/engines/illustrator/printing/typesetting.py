"""Lettering: words set large and legible, in a face that suits the medium and has the letters."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from limner.engines.illustrator.pixels import Array, array, blur, rgb

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Medium

Pixels = NDArray[np.uint8]
Rect = tuple[int, int, int, int]

FACES: dict[Medium, tuple[str, ...]] = {
    "poster": ("limelight", "bebas-neue", "righteous"),
    "render": ("righteous", "nunito", "josefin-sans"),
    "photo": ("josefin-sans", "nunito"),
    "watercolour": ("playfair-display", "nunito"),
    "ink": ("abril-fatface", "playfair-display"),
    "flat": ("nunito", "josefin-sans"),
}
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
SPACED = frozenset(
    {"limelight", "bebas-neue", "righteous", "josefin-sans", "nunito", "abril-fatface", "playfair-display"}
)
MEASURE = 100
MISSING = "\U0010fffd"
LINES = 4
LEADING = 1.12


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
class Setting:
    """A text set into a rectangle: its lines, the face, the size in pixels and the extra room between letters."""

    lines: tuple[str, ...]
    family: str
    size: int
    tracking: float


@lru_cache(maxsize=8)
def _data(pack: Fonts, family: str) -> bytes:
    return pack.font(family)


@lru_cache(maxsize=12)
def _font(pack: Fonts, family: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(io.BytesIO(_data(pack, family)), size)


def covers(pack: Fonts, family: str, text: str) -> bool:
    """Whether a font has a glyph of its own for every letter of the text."""
    font = _font(pack, family, 24)
    missing = bytes(font.getmask(MISSING))
    return all(bytes(font.getmask(letter)) != missing for letter in set(text) if letter.isprintable() and letter != " ")


def choose(pack: Fonts, medium: Medium, text: str) -> str:
    """Give the family to set a text in: the medium's first face that has all its letters, else one for its script."""
    faces = FACES[medium]
    if medium == "poster" and not (text.isupper() and 4 <= len(text) <= 16):
        # The display face is a joy in a title in capitals and a riddle in anything else.
        faces = ("bebas-neue",) if text.isupper() else ("abril-fatface",)
    wanted = [family for family in (*faces, *FALLBACKS) if family in pack.fonts]
    for family in wanted:
        if covers(pack, family, text):
            return family
    return wanted[-1] if wanted else pack.fonts[0]


def _width(font: ImageFont.FreeTypeFont, line: str, tracking: float) -> float:
    return float(font.getlength(line)) + tracking * font.size * max(0, len(line) - 1)


def _broken(text: str, count: int) -> tuple[str, ...]:
    """Give the words in `count` lines of about the same length; a text of one word stays one line."""
    words = text.split() or [text]
    total, lines, at = sum(map(len, words)), [[]], 0  # type: tuple[int, list[list[str]], int]
    for word in words:
        if lines[-1] and at >= total * len(lines) / count and len(lines) < count:
            lines.append([])
        lines[-1].append(word)
        at += len(word)
    return tuple(" ".join(line) for line in lines)


def _stacked(font: ImageFont.FreeTypeFont, lines: tuple[str, ...]) -> tuple[float, float]:
    """Measure how far the first line rises above its baseline, and how high all lines are together."""
    rise = -float(font.getbbox(lines[0], anchor="ls")[1])
    foot = max(0.0, float(font.getbbox(lines[-1], anchor="ls")[3]))
    return rise, rise + LEADING * font.size * (len(lines) - 1) + foot


def fit(pack: Fonts, medium: Medium, text: str, width: int, height: int) -> Setting:
    """Set a text as large as it goes into width x height pixels, in one line or a few."""
    family = choose(pack, medium, text)
    tracking = (0.10 if medium == "poster" else 0.03) if family in SPACED and text.isascii() else 0.0
    font = _font(pack, family, MEASURE)
    best = Setting((text,), family, 1, tracking)
    for count in range(1, LINES + 1):
        lines = _broken(text, count)
        widest = max(_width(font, line, tracking) for line in lines)
        _, total = _stacked(font, lines)
        size = MEASURE * min(width / max(1.0, widest), 0.92 * height / max(1.0, total))
        if size > best.size * 1.15:
            best = Setting(lines, family, max(6, int(size)), tracking)
    return best


def mask_of(pack: Fonts, setting: Setting, width: int, height: int) -> Array:
    """Give the letters as a mask 0..1 (height, width), centred."""
    font = _font(pack, setting.family, setting.size)
    image = Image.new("L", (max(1, width), max(1, height)))
    draw = ImageDraw.Draw(image)
    rise, total = _stacked(font, setting.lines)
    baseline = (height - total) / 2 + rise
    for line in setting.lines:
        left = (width - _width(font, line, setting.tracking)) / 2
        _draw_line(draw, font, line, setting.tracking, (left, baseline))
        baseline += LEADING * setting.size
    return array(np.asarray(image)) / np.float32(255)


def _draw_line(
    draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont, line: str, tracking: float, place: tuple[float, float]
) -> None:
    """One line from x on; letter by letter only where they are spaced, for scripts that join must be set whole."""
    x, baseline = place
    if not tracking:
        draw.text((x, baseline), line, fill=255, font=font, anchor="ls")
        return
    for letter in line:
        draw.text((x, baseline), letter, fill=255, font=font, anchor="ls")
        x += float(font.getlength(letter)) + tracking * font.size


def letter(pixels: Pixels, text: str, area: Rect, pack: Fonts, *, medium: Medium, ink: str | None = None) -> None:
    """Set a text into the area (x0, y0, x1, y1) of a picture, uint8 (H, W, 3 or 4), in place.

    Without `ink` the letters are white or near black, whichever stands out more, with a halo of the other.
    """
    x0, y0, x1, y1 = area
    setting = fit(pack, medium, text, x1 - x0, y1 - y0)
    mask = mask_of(pack, setting, x1 - x0, y1 - y0)
    # The halo reaches beyond the area, as far as there is picture.
    spread = max(1.2, setting.size * 0.07)
    spaces = y0, pixels.shape[0] - y1, x0, pixels.shape[1] - x1
    above, below, left, right = (min(round(3 * spread), space) for space in spaces)
    mask = np.pad(mask, ((above, below), (left, right)))
    part = pixels[y0 - above : y1 + below, x0 - left : x1 + right]
    ground = array(part[..., :3]) / np.float32(255)
    around = mask
    if ink is None:
        ink, halo = _contrasting(ground, mask)
        swollen = blur(array(cv2.dilate(mask, np.ones((3, 3), np.uint8))), spread)
        around = array(np.clip(swollen * 1.5, 0, 1) * np.float32(0.62))
        ground += (rgb(halo) - ground) * around[..., None]
    ground += (rgb(ink) - ground) * mask[..., None]
    part[..., :3] = np.round(np.clip(ground, 0, 1) * 255).astype(np.uint8)
    if pixels.shape[2] == 4:
        part[..., 3] = np.maximum(part[..., 3], np.round(np.maximum(mask, around) * 255).astype(np.uint8))


def _contrasting(ground: Array, mask: Array) -> tuple[str, str]:
    """Choose light letters with a dark halo, or dark ones with a light halo, by what lies under them."""
    covered = mask > 0.5
    tone = float(ground[covered].mean()) if covered.any() else 0.5
    return ("#ffffff", "#10121c") if tone < 0.62 else ("#17181f", "#ffffff")
