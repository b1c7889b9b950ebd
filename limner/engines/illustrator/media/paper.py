"""Paper cut: the picture as sheets of coloured card laid over each other, each with its shadow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.media.areas import (
    cleared,
    evened,
    limited,
    lit_up,
    nearest_of,
    palette_of,
    tidied,
    told_in,
)
from limner.engines.illustrator.media.contours import edges, grey, shifted
from limner.engines.illustrator.media.grounds import fibres
from limner.engines.illustrator.pixels import Array, array, blur, fbm, resize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.media.base import Proof
    from limner.engines.illustrator.printing.finish import Pixels

SHEETS = 9
CUTS = 10
STEP = 8
DARK, BRIGHTER = 66, 44
FALL = 0.62, 1.0
"""Which way shadows fall: right and down."""


def paper(proof: Proof, rng: np.random.Generator) -> Pixels:
    """Cut the place into a few sheets and the figures into finer ones on top; dark card lies before light card.

    That far things are paler is the aerial perspective of Leonardo; the relief of the sheets is shaded by its horizon
    towards the light (Max, "Horizon mapping", 1988).
    """
    half = lit_up(proof.half())
    colours, heights = _sheets(half, rng)
    height, width = proof.owner.shape
    card = np.asarray(cv2.resize(colours, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
    light = resize(_shadows(heights, half.unit) + _bevels(heights, half.unit), width, height)
    light *= 1 + np.float32(0.022) * fibres(height, width, rng)
    factor = np.asarray(cv2.convertScaleAbs(light, alpha=170), np.uint8)
    return np.asarray(cv2.multiply(card, cv2.merge([factor, factor, factor]), scale=1 / 170), np.uint8)


def _sheets(proof: Proof, rng: np.random.Generator) -> tuple[Pixels, Pixels]:
    """Give every piece of card its colour (H, W, 3) and its height above the board (H, W), uint8."""
    height, width = proof.owner.shape
    unit = proof.unit
    # Lit windows and glints are put on last, for they would fray the houses they are in.
    lights = _lights(proof)
    soft = evened(np.asarray(cv2.medianBlur(proof.pixels, max(3, round(unit / 100) | 1)), np.uint8), 3, 60)
    # Even skies would be cut straight across; a hand cuts them in waves, and keeps to what has borders of its own.
    even = 1 - blur(edges(grey(soft)), unit / 30) * np.float32(3)
    swing = np.float32(min(52.0, 0.9 * float(grey(soft).std()) * 255))
    waves = (fbm(height, width, unit / 4, 2, rng) - 0.5) * swing * np.clip(even, 0, 1)
    waved = np.clip(soft + waves[..., None], 0, 255).astype(np.uint8)
    place = palette_of(waved, SHEETS, ~proof.figures)
    labels = tidied(nearest_of(waved, place), round(unit / 150))
    labels = tidied(cleared(labels, (unit / 40) ** 2), round(unit / 110))
    colours, heights = told_in(labels, place), (SHEETS - 1 - labels) * np.uint8(STEP)
    if lights.any():
        shown = proof.pixels[lights][None]
        colours[lights] = limited(shown, palette_of(proof.pixels, 6, lights))[0]
    if proof.figures.any():
        own = evened(proof.pixels, 3, 40)
        inks = palette_of(own, CUTS, proof.figures)
        pieces = tidied(nearest_of(own, inks), round(unit / 170))
        mask = proof.figures.astype(np.uint8)
        cv2.copyTo(told_in(pieces, inks), mask, colours)
        order = np.minimum(proof.owner, 9).astype(np.uint8) * np.uint8(6)
        cv2.copyTo((CUTS - 1 - pieces) * np.uint8(3) + order + np.uint8(STEP * SHEETS + 10), mask, heights)
    return colours, np.asarray(heights, np.uint8)


def _lights(proof: Proof) -> NDArray[np.bool_]:
    """Find the small bright things in the dark that get a piece of their own: lit windows (top-hat: Meyer, 1979)."""
    luma = np.asarray(cv2.cvtColor(proof.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    reach = max(7, round(proof.unit / 40)) | 1
    small = cv2.morphologyEx(luma, cv2.MORPH_TOPHAT, np.ones((reach, reach), np.uint8))
    return np.asarray((small > BRIGHTER) & (luma - small < DARK) & ~proof.figures, np.bool_)


def _shadows(heights: Pixels, unit: int) -> Array:
    """How much light reaches the card, 0..1: less beside what stands higher towards the light."""
    dark = np.zeros_like(heights)
    for k in (1, 2, 3, 4, 5):
        reach = k * unit / 210
        moved = shifted(heights, FALL[0] * reach, FALL[1] * reach)
        higher = cv2.subtract(moved, cv2.add(heights, (3 * k, 0, 0, 0)))  # type: ignore[call-overload]
        dark = np.asarray(cv2.max(dark, cv2.min(higher, 14)), np.uint8)  # type: ignore[call-overload]
    soft = cv2.GaussianBlur(dark, (0, 0), max(0.6, unit / 300))
    wide = cv2.GaussianBlur(dark, (0, 0), max(0.6, unit / 90))
    return array(1 - array(soft) * np.float32(0.024) - array(wide) * np.float32(0.018))


def _bevels(heights: Pixels, unit: int) -> Array:
    """Give the light that cut edges catch on the side of the light, 0..1."""
    behind = shifted(heights, 1.0, 1.4)
    edge = array(cv2.min(cv2.subtract(heights, behind), 8))  # type: ignore[call-overload]
    return array(cv2.GaussianBlur(edge, (0, 0), max(0.5, unit / 900)) * np.float32(0.042))
