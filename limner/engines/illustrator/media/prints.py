"""Prints: the flat drawing and the old screen-printed poster, both told in few areas of one ink each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from limner.engines.illustrator.colours import lab
from limner.engines.illustrator.media.areas import (
    enlarged,
    evened,
    limited,
    lit_up,
    nearest_of,
    palette_of,
    softened,
    tidied,
    told_in,
)
from limner.engines.illustrator.media.contours import outlines
from limner.engines.illustrator.media.plain import plain_ground
from limner.engines.illustrator.pixels import Array, array, fbm, resize, rgb, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.media.base import Proof
    from limner.engines.illustrator.printing.finish import Pixels

CREAM = "#f4e6c6"
FINE = 0.8
NAVY = "#12283f"
MEETING = 26


def flat(proof: Proof, _rng: np.random.Generator) -> Pixels:
    """Clean areas of few colours without texture, as vector drawings are; figures and place have inks of their own.

    Source: the tone quantisation of DeCarlo and Santella, "Stylization and abstraction of photographs", 2002.
    """
    drawing = plain_ground(proof)
    proof = lit_up(proof)
    half, figures = proof.half(), proof.figures
    soft = evened(half.pixels, 4 if proof.detail < FINE else 2, 38)
    more = round(10 * (proof.detail - 0.6) / 0.4)
    if drawing is None:
        drawing = _areas(soft, palette_of(soft, 12 + more, ~half.figures), proof, proof.unit / 300)
    if figures.any():
        own = _areas(soft, palette_of(soft, 14 + more, half.figures), proof, proof.unit / 400)
        cv2.copyTo(own, figures.astype(np.uint8), drawing)
    return np.asarray(cv2.GaussianBlur(drawing, (0, 0), max(0.5, proof.unit / 1500)), np.uint8)


def _areas(pixels: Pixels, palette: Array, proof: Proof, reach: float) -> Pixels:
    height, width = proof.owner.shape
    labels = tidied(nearest_of(pixels, palette), round(reach))
    return told_in(enlarged(labels, width, height, 2 if proof.detail < FINE else 1), palette)


def poster(proof: Proof, rng: np.random.Generator) -> Pixels:
    """Make a screen print of the thirties: few inks on cream, airbrushed borders, plates a hair out of register, wear.

    Source: the stochastic screening of Ulichney, "Digital Halftoning", 1987, for the airbrush.
    """
    size = proof.unit
    soft = softened(proof.pixels, 2, 40)
    if proof.detail > FINE:
        soft = np.asarray(cv2.addWeighted(soft, 0.4, proof.pixels, 0.6, 0), np.uint8)
    figures, more = proof.figures, round(7 * proof.detail)
    sprayed = _sprayed(soft, max(2.0, size / 90), rng)
    printed = limited(sprayed, _aged(palette_of(soft, 9 + more, ~figures)))
    if figures.any():
        # With inks of their own, the shaded side of white fur does not turn to the green of the grass.
        own = limited(sprayed, _aged(palette_of(soft, 8 + more, figures)))
        cv2.copyTo(own, figures.astype(np.uint8), printed)
    printed = np.asarray(cv2.GaussianBlur(printed, (0, 0), max(0.4, size / 1700)), np.uint8)
    printed = _misregistered(printed, proof, max(1, round(size / 500)))
    return _worn(printed, size, rng)


def _aged(inks: Array) -> Array:
    """Lean the inks to what was on the shelf: lights to the cream of the paper, darks to navy, the rest warmer."""
    lightness = lab(inks)[:, :1] / 100
    warm = inks + (rgb(CREAM) - inks) * (0.75 * smoothstep(0.72, 1.0, lightness) + 0.06)
    return array(warm + (rgb(NAVY) - warm) * 0.62 * smoothstep(0.36, 0.06, lightness))


def _sprayed(pixels: Pixels, reach: float, rng: np.random.Generator) -> Pixels:
    """Break up the borders of tones as an airbrush does: every dot of paint falls a little off its tone."""
    height, width = pixels.shape[:2]
    tile = rng.integers(0, 2 * round(reach) + 1, (min(height, 512), min(width, 512)), dtype=np.uint8)
    spray = np.tile(tile, (-(-height // 512), -(-width // 512)))[:height, :width]
    level: Any = (round(reach), round(reach), round(reach), 0)
    return np.asarray(cv2.subtract(cv2.add(pixels, cv2.merge([spray, spray, spray])), level), np.uint8)


def _misregistered(pixels: Pixels, proof: Proof, shift: int) -> Pixels:
    """Print the key plate, which holds the dark inks, a hair off the others; light slivers show at outlines."""
    key = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    dark = np.asarray(cv2.threshold(key, 78, 255, cv2.THRESH_BINARY_INV)[1], np.uint8)
    here, there = (slice(shift, None),) * 2, (slice(None, -shift),) * 2
    moved = np.ascontiguousarray(pixels[there])
    kept = np.ascontiguousarray(pixels[here])
    cv2.copyTo(cv2.min(moved, kept), np.ascontiguousarray(dark[there]), kept)
    pixels[here] = kept
    # A figure may go on behind grass, or a shadow be its own: paper shows only where two inks meet.
    meet = cv2.morphologyEx(key, cv2.MORPH_GRADIENT, np.ones((2 * shift + 3,) * 2, np.uint8))
    sliver = np.asarray(outlines(proof.owner, shift) * 46, np.uint8)
    sliver[meet < MEETING] = 0
    return np.asarray(cv2.add(pixels, cv2.merge([sliver, sliver, sliver])), np.uint8)


def _worn(pixels: Pixels, size: int, rng: np.random.Generator) -> Pixels:
    """Let the paper show in blots where ink has flaked off, and in a fine mottle all over."""
    height, width = pixels.shape[:2]
    h, w = max(2, height // 2), max(2, width // 2)
    flakes = smoothstep(0.67, 0.72, fbm(h, w, size / 190, 2, rng)) * smoothstep(0.42, 0.60, fbm(h, w, size / 6, 3, rng))
    mottle = fbm(h, w, size / 220, 2, rng) - 0.5
    amount = resize(array(np.clip(flakes * 0.19 + mottle * 0.07, 0, 1)), width, height)
    paper = np.empty_like(pixels)
    paper[:] = np.round(rgb(CREAM) * 255).astype(np.uint8)
    return np.asarray(cv2.blendLinear(paper, pixels, amount, 1 - amount), np.uint8)
