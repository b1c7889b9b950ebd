"""Retouching in pixels: tones, colours, light and weather on a finished picture, and how it lies on its sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from limner.engines.illustrator.backdrops.base import View
from limner.engines.illustrator.backdrops.weather import RAIN, SNOW, rain, snowflakes
from limner.engines.illustrator.colours import named_lab
from limner.engines.illustrator.editing.pictures import covering, scaled
from limner.engines.illustrator.pixels import Array, array, blur, fbm, over, rgb, smoothstep
from limner.engines.illustrator.printing.finish import Pixels, crisp, quantised, screened, spill

if TYPE_CHECKING:
    from limner.engines.illustrator.editing.retouch import Retouch
    from limner.engines.illustrator.scene import Time, Weather

PAPERS = ("#f4efe2", "#f7f4ec", "#efe6d2")
MOUNT, RULE = 0.075, 0.004
"""How wide the paper around a mounted picture is, and the rule around it, as shares of the shorter side."""
LIGHT, WARMTH, CHROMA, CONTRAST = 0.16, 0.10, 0.35, 0.22
"""What a step of each does."""
FLAKES, NEAR_FLAKES, DROPS = 520, 60, 620
GREYS = frozenset({"grey", "black", "white", "silver"})
MOOD_OF_COLOURS = 0.72
"""How far a named palette takes the place of a picture's own colours; black and white takes it wholly."""


def toned(pixels: Pixels, wanted: Retouch) -> Pixels:
    """Give a print, RGB or RGBA, lighter, warmer, fuller, more contrasting or sharper, and turned, as is wanted."""
    colours, cover = pixels[..., :3], pixels[..., 3:]
    if wanted.light or wanted.contrast:
        colours = cv2.LUT(np.ascontiguousarray(colours), _curve(wanted.light * LIGHT, wanted.contrast * CONTRAST))
    if wanted.chroma or wanted.warmth:
        colours = _tinted(np.asarray(colours, np.uint8), 1 + CHROMA * wanted.chroma, WARMTH * wanted.warmth)
    if wanted.focus > 0:
        colours = crisp(np.ascontiguousarray(colours), 0.9)
    elif wanted.focus < 0:
        colours = cv2.GaussianBlur(colours, (0, 0), max(1.0, min(colours.shape[:2]) / 110))
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
    lab = cv2.cvtColor(array(pixels) * np.float32(1 / 255), cv2.COLOR_RGB2Lab)
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


def laid(pixels: Pixels, width: int, height: int, wanted: Retouch, rng: np.random.Generator) -> Pixels:
    """Give a picture at its size: cut to fill it, or whole on paper."""
    if wanted.laid == "cropped":
        return covering(pixels, width, height)
    unit = min(width, height)
    edge = round(MOUNT * unit) if wanted.laid == "mounted" else 0
    h, w = pixels.shape[:2]
    scale = min((width - 2 * edge) / w, (height - 2 * edge) / h)
    wide, high = max(1, round(w * scale)), max(1, round(h * scale))
    sheet = _paper(width, height, PAPERS[int(rng.integers(len(PAPERS)))], rng)
    x, y = (width - wide) // 2, (height - high) // 2
    part = scaled(pixels, wide, high)
    alpha = part[..., 3:].astype(np.float32) / 255 if part.shape[2] == 4 else np.float32(1)
    place = sheet[y : y + high, x : x + wide]
    place[:] = np.round(place + (part[..., :3].astype(np.float32) - place) * alpha)
    if edge:
        line, gap = max(1, round(RULE * unit)), round(0.014 * unit)
        corners = (x - gap, y - gap), (x + wide - 1 + gap, y + high - 1 + gap)
        tone: Any = (96, 88, 78)
        cv2.rectangle(sheet, *corners, tone, line, cv2.LINE_AA)
    return sheet


def _paper(width: int, height: int, colour: str, rng: np.random.Generator) -> Pixels:
    """Make a sheet of paper with a little tooth."""
    tooth = fbm(height, width, max(2.0, min(width, height) / 90), 4, rng) - 0.5
    sheet = rgb(colour)[None, None] * (1 + np.float32(0.05) * tooth[..., None])
    return quantised(array(np.clip(sheet, 0, 1)))


def silhouettes(pixels: Pixels) -> Array:
    """Tell roughly what stands out of a picture: 0..1 (H, W), for media that draw figures other than their place."""
    small = blur(array(pixels) * np.float32(1 / 255), min(pixels.shape[:2]) / 30)
    around = small.reshape(-1, 3).mean(axis=0)
    away = np.abs(small - around).sum(axis=2)
    return smoothstep(0.15, 0.5, away)
