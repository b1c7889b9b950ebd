"""Retouching in pixels: tones, colours, light and weather on a finished picture, and how it lies on its sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.base import View
from limner.engines.illustrator.backdrops.weather import RAIN, SNOW, rain, snowflakes
from limner.engines.illustrator.colours import named_lab
from limner.engines.illustrator.editing.pictures import scaled
from limner.engines.illustrator.pixels import Array, array, fbm, over, rgb, smoothstep
from limner.engines.illustrator.printing.finish import Pixels, crisp, quantised, screened, spill

if TYPE_CHECKING:
    from limner.engines.illustrator.editing.retouch import Retouch
    from limner.engines.illustrator.scene import Time, Weather

PAPERS = ("#f4efe2", "#f7f4ec", "#efe6d2")
MOUNT, RULE = 0.075, 0.004
"""How wide the paper around a mounted picture is, and the rule around it, as shares of the shorter side."""
INK: Any = (96, 88, 78)
RIM, ALIKE = 0.8, 0.02
"""What is left of each side, or taken by it, where a picture of the same shape is cut or extended."""
LIGHT, WARMTH, CHROMA, CONTRAST = 0.16, 0.10, 0.35, 0.22
"""What a step of each does."""
Rect = tuple[int, int, int, int]
FLAKES, NEAR_FLAKES, DROPS = 520, 60, 620
GREYS = frozenset({"grey", "black", "white", "silver"})
MOOD_OF_COLOURS = 0.72
"""How far a named palette takes the place of a picture's own colours; black and white takes it wholly."""


def toned(pixels: Pixels, wanted: Retouch) -> Pixels:
    """Give a print, RGB or RGBA, lighter, warmer, fuller, more contrasting or sharper, and turned, as is wanted."""
    colours, cover = pixels[..., :3], pixels[..., 3:]
    if wanted.light or wanted.contrast:
        curve = _curve(wanted.light * LIGHT, wanted.contrast * CONTRAST)
        colours = np.asarray(cv2.LUT(np.ascontiguousarray(colours), curve), np.uint8)
    if wanted.chroma or wanted.warmth:
        colours = _tinted(colours, 1 + CHROMA * wanted.chroma, WARMTH * wanted.warmth)
    if wanted.tint:
        colours = recoloured(np.ascontiguousarray(colours), wanted.tint)
    if wanted.focus > 0:
        colours = crisp(np.ascontiguousarray(colours), 0.9)
    elif wanted.focus < 0:
        soft = cv2.GaussianBlur(np.ascontiguousarray(colours), (0, 0), max(1.0, min(colours.shape[:2]) / 110))
        colours = np.asarray(soft, np.uint8)
    whole = np.dstack([colours, cover]) if cover.shape[2] else np.asarray(colours)
    whole = whole[:, ::-1] if wanted.mirrored else whole
    whole = whole[::-1] if wanted.flipped else whole
    return np.ascontiguousarray(np.rot90(whole, -wanted.turned), np.uint8)


def _curve(light: float, contrast: float) -> Pixels:
    """Make a table of 256 tones: a power for the light, an S for the contrast."""
    x = np.linspace(0, 1, 256) ** (2 ** (-3 * light))
    y = x + (x * x * (3 - 2 * x) - x) * (2 * contrast)
    return np.round(255 * np.clip(y, 0, 1)).astype(np.uint8)


def _tinted(pixels: Pixels, chroma: float, warmth: float) -> Pixels:
    """Stretch colours from their grey, and lean them to warm (above 0) or cold."""
    grey = np.tile(array((0.30, 0.59, 0.11)), (3, 1)) * (1 - chroma)
    gains = array([1 + warmth, 1, 1 - 1.2 * warmth])
    matrix = array((grey + np.eye(3) * chroma) * gains[:, None])
    return np.asarray(cv2.transform(pixels, matrix), np.uint8)


def recoloured(pixels: Pixels, palette: tuple[str, ...]) -> Pixels:
    """Lead a picture's colours to a palette: to each lightness belongs the colour that the palette has there.

    Source: gradient maps, as in the duotones of printing; in CIE L*a*b*, so that lightness stays.
    """
    lab = array(cv2.cvtColor(array(pixels) * np.float32(1 / 255), cv2.COLOR_RGB2Lab))
    stops = sorted((named_lab(name) for name in palette), key=lambda colour: float(colour[0]))
    share = 1.0 if set(palette) <= GREYS or palette == ("brown", "white") else MOOD_OF_COLOURS
    lightness = [float(stop[0]) for stop in stops]
    for channel in (1, 2):
        values = [float(stop[channel]) for stop in stops]
        if palette == ("brown", "white"):
            # Sepia is brown where it is neither black nor white.
            at, values = [0.0, 50.0, 100.0], [0.3 * values[0], 0.8 * values[0], 0.15 * values[0]]
        else:
            at = lightness
        aim = np.interp(lab[..., 0], at, values) * (0 if set(palette) <= GREYS else 1)
        lab[..., channel] += (aim.astype(np.float32) - lab[..., channel]) * np.float32(share)
    return quantised(array(cv2.cvtColor(lab, cv2.COLOR_Lab2RGB)))


def relit(pixels: Pixels, time: Time | None, weather: Weather | None, rng: np.random.Generator) -> Pixels:
    """Grade a picture, uint8 RGB, for another hour, and lay weather over it. It cannot know where the sky is."""
    image = array(pixels) * np.float32(1 / 255)
    if time == "night":
        image = _night(image)
    elif time == "golden":
        image = _golden(image)
    elif time == "day":
        image = array(np.power(np.clip(image, 0, 1), 0.82) * array([1.0, 1.0, 1.01]))
    if weather not in (None, "clear"):
        _weathered(image, time or "day", weather, rng)
    return quantised(array(np.clip(image, 0, 1)))


def _night(image: Array) -> Array:
    """Day for night: less light and less colour, what is left is blue, and bright things still glow.

    Source: Thompson, Shirley and Ferwerda, "A spatial post-processing algorithm for images of night scenes", 2002.
    """
    grey = image @ array([0.30, 0.59, 0.11])
    dim = 0.55 * image + 0.45 * grey[..., None]
    dark = np.power(np.clip(dim, 0, 1), 1.35) * array([0.30, 0.40, 0.66]) + array([0.010, 0.018, 0.045])
    lamps = smoothstep(0.86, 1.0, grey)[..., None] * array([0.55, 0.45, 0.26])
    return array(dark + lamps * 0.8)


def _golden(image: Array) -> Array:
    """Low sun from one side: amber light, violet shadows."""
    height, width = image.shape[:2]
    grey = (image @ array([0.30, 0.59, 0.11]))[..., None]
    warm = image * array([1.12, 0.94, 0.66]) + array([0.05, 0.012, 0.0])
    shade = image * array([0.98, 0.80, 0.86]) + array([0.03, 0.0, 0.03])
    lit = shade + (warm - shade) * smoothstep(0.08, 0.62, grey)
    x, y = np.linspace(0, 1, width, dtype=np.float32)[None], np.linspace(0, 1, height, dtype=np.float32)[:, None]
    sun = np.exp(-(((x - 0.86) / 0.75) ** 2 + ((y - 0.18) / 0.75) ** 2)).astype(np.float32)[..., None]
    return array(1 - (1 - np.clip(lit, 0, 1)) * (1 - sun * array([0.34, 0.20, 0.05])))


def _weathered(image: Array, time: Time, weather: Weather, rng: np.random.Generator) -> None:
    """Lay fog, rain, snow or a storm over a picture, in place."""
    height, width = image.shape[:2]
    view = View(width, height, time, weather, 1.0, rng, (), frozenset(), ())
    dim = 0.5 if time == "night" else 1.0
    if weather == "fog":
        drift = fbm(height, width, 0.35 * min(height, width), 4, rng, aspect=2.2)
        rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
        veil = array(np.clip(0.82 - 0.40 * rows + 0.5 * (drift - 0.5), 0.1, 0.92))
        over(image, rgb("#dfe3e6") * np.float32(dim), veil)
    elif weather == "snow":
        over(image, rgb("#dfe6f2") * np.float32(dim), array(np.full((height, width), 0.22)))
        over(image, SNOW * np.float32(0.5 + 0.5 * dim), snowflakes(view, FLAKES, near=False, rng=rng))
        over(image, SNOW * np.float32(0.5 + 0.5 * dim), snowflakes(view, NEAR_FLAKES, near=True, rng=rng))
    else:
        dark = 0.62 if weather == "storm" else 0.80
        grey = (image @ array([0.30, 0.59, 0.11]))[..., None]
        image += (grey - image) * np.float32(0.45)
        image *= array([0.92, 0.97, 1.04]) * np.float32(dark)
        over(image, RAIN, rain(view, DROPS, rng))


def glowing(pixels: Pixels, strength: float = 0.25) -> Pixels:
    """Let bright light spill over, as every print of ours has it."""
    return screened(pixels, spill(pixels, strength))


@dataclass(frozen=True, slots=True)
class _Laying:
    """How a picture comes onto its sheet: which part of it is seen (x, y, width, height), and where it lies there."""

    part: tuple[int, int, int, int]
    place: tuple[int, int, int, int]


def _laying(had: tuple[int, int], size: tuple[int, int], wanted: Retouch) -> _Laying:
    """Find how a picture of one size lies on a sheet of another.

    Where the shape stays the same, cutting takes off a rim and extending adds one, or nothing would be seen of it.
    """
    (w, h), (width, height) = had, size
    alike = abs(w * height - h * width) <= ALIKE * w * height
    if wanted.laid == "cropped":
        scale = max(width / w, height / h) / (RIM if wanted.cropped and alike else 1.0)
        wide, high = min(w, max(1, round(width / scale))), min(h, max(1, round(height / scale)))
        return _Laying(((w - wide) // 2, (h - high) // 2, wide, high), (0, 0, width, height))
    unit = min(width, height)
    edge = round(MOUNT * unit) if wanted.laid == "mounted" else round((1 - RIM) / 2 * unit) if alike else 0
    scale = min((width - 2 * edge) / w, (height - 2 * edge) / h)
    wide, high = max(1, round(w * scale)), max(1, round(h * scale))
    return _Laying((0, 0, w, h), ((width - wide) // 2, (height - high) // 2, wide, high))


def laid(pixels: Pixels, width: int, height: int, wanted: Retouch, rng: np.random.Generator) -> Pixels:
    """Give a picture at its size: cut to fill it, or whole on paper."""
    laying = _laying((pixels.shape[1], pixels.shape[0]), (width, height), wanted)
    left, top, across, down = laying.part
    x, y, wide, high = laying.place
    part = scaled(pixels[top : top + down, left : left + across], wide, high)
    if wanted.laid == "cropped":
        return part
    sheet = _paper(width, height, PAPERS[int(rng.integers(len(PAPERS)))], rng)
    alpha = part[..., 3:].astype(np.float32) / 255 if part.shape[2] == 4 else np.float32(1)
    place = sheet[y : y + high, x : x + wide]
    place[:] = np.round(place + (part[..., :3].astype(np.float32) - place) * alpha)
    if wanted.laid == "mounted":
        unit = min(width, height)
        line, gap, tone = max(1, round(RULE * unit)), round(0.014 * unit), INK
        corners = (x - gap, y - gap), (x + wide - 1 + gap, y + high - 1 + gap)
        cv2.rectangle(sheet, *corners, tone, line, cv2.LINE_AA)
    return sheet


def moved(box: Rect, size: tuple[int, int], wanted: Retouch) -> Rect:
    """Give where a box (x0, y0, x1, y1) of a picture of this size is after the retouch, which keeps the size."""
    width, height = size
    x0, y0, x1, y1 = box
    if wanted.mirrored:
        x0, x1 = width - x1, width - x0
    if wanted.flipped:
        y0, y1 = height - y1, height - y0
    w, h = width, height
    for _ in range(wanted.turned):
        x0, y0, x1, y1 = h - y1, x0, h - y0, x1
        w, h = h, w
    laying = _laying((w, h), size, wanted)
    (left, top, across, down), (x, y, wide, high) = laying.part, laying.place
    columns = [x + (value - left) * wide / across for value in (x0, x1)]
    rows = [y + (value - top) * high / down for value in (y0, y1)]
    columns, rows = np.clip(columns, 0, width).tolist(), np.clip(rows, 0, height).tolist()
    return round(columns[0]), round(rows[0]), round(columns[1]), round(rows[1])


def _paper(width: int, height: int, colour: str, rng: np.random.Generator) -> Pixels:
    """Make a sheet of paper with a little tooth."""
    tooth = fbm(height, width, max(2.0, min(width, height) / 90), 4, rng) - 0.5
    sheet = rgb(colour)[None, None] * (1 + np.float32(0.05) * tooth[..., None])
    return quantised(array(np.clip(sheet, 0, 1)))
