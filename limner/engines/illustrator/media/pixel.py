"""Pixel art: a small grid of squares in few colours, dithered, with an outline around every figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.media.areas import limited, palette_of
from limner.engines.illustrator.media.contours import CROSS
from limner.engines.illustrator.media.plain import plain_ground
from limner.engines.illustrator.pixels import array

if TYPE_CHECKING:
    from limner.engines.illustrator.media.base import Proof
    from limner.engines.illustrator.printing.finish import Pixels

GRID, FINER = 160, 175
DITHER = 10.0
# The threshold matrix of Bayer, "An optimum method for two-level rendition of continuous-tone pictures", 1973.
BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32)


def pixel(proof: Proof, _rng: np.random.Generator) -> Pixels:
    """Squares of one size, whole at the left and the top: few colours, ordered dithering, outlined figures.

    Source: the craft rules of Gerstner et al., "Pixelated image abstraction", NPAR 2012: a palette of the picture's
    own, found by clustering, and dark outlines of each figure's own hue.
    """
    cell = _cell(proof)
    small = _grid(proof, cell)
    edge = 0.7 + 1.9 * max(0.0, proof.detail - 0.6)
    crisp = cv2.addWeighted(small.pixels, 1 + edge, cv2.GaussianBlur(small.pixels, (0, 0), 1.0), -edge, 0)
    colours = np.concatenate([palette_of(small.pixels, 24), palette_of(small.pixels, 14, small.figures)])
    squares = limited(_dithered(np.asarray(crisp, np.uint8), small), array(colours))
    ground = plain_ground(small)
    if ground is not None:
        cv2.copyTo(ground, (~small.figures).astype(np.uint8), squares)
    return _enlarged(_outlined(squares, small), cell, proof)


def squared(cover: Pixels, proof: Proof) -> Pixels:
    """Give the cover of a cut-out (H, W) in the same squares, in five steps from clear to opaque."""
    cell = _cell(proof)
    height, width = proof.owner.shape
    small = cv2.resize(cover, (-(-width // cell), -(-height // cell)), interpolation=cv2.INTER_AREA)
    return _enlarged(np.round(np.round(small / 255 * 4) * (255 / 4)).astype(np.uint8), cell, proof)


def _cell(proof: Proof) -> int:
    """Tell how many pixels a square is wide."""
    return max(2, round(proof.unit / (GRID + FINER * (proof.detail - 0.6))))


def _grid(proof: Proof, cell: int) -> Proof:
    """Give a proof of one pixel for every square."""
    height, width = proof.owner.shape
    return proof.at(-(-width // cell), -(-height // cell))


def _enlarged(squares: Pixels, cell: int, proof: Proof) -> Pixels:
    """Draw every pixel as a square, and cut off what sticks out on the right and below."""
    height, width = proof.owner.shape
    whole = cv2.resize(squares, None, fx=cell, fy=cell, interpolation=cv2.INTER_NEAREST)
    return np.ascontiguousarray(np.asarray(whole, np.uint8)[:height, :width])


def _dithered(pixels: Pixels, proof: Proof) -> Pixels:
    """Push every pixel up or down by the matrix, so that two inks in turn stand for those between; figures less."""
    height, width = proof.owner.shape
    pattern = np.tile((BAYER - 7.5) / 8, (-(-height // 4), -(-width // 4)))[:height, :width]
    amount = np.where(proof.figures, np.float32(0.35 * DITHER), np.float32(DITHER)) * pattern
    return np.asarray(np.clip(pixels + amount[..., None], 0, 255), np.uint8)


def _outlined(pixels: Pixels, proof: Proof) -> Pixels:
    """Darken the outermost pixel of every figure towards an ink of its own hue."""
    inside = cv2.erode(proof.owner, CROSS, borderType=cv2.BORDER_REPLICATE)
    rim = (inside != proof.owner) & proof.figures
    shaded = pixels[rim].astype(np.float32) * (0.34, 0.30, 0.40)
    pixels[rim] = np.round(shaded + np.array((6, 4, 14))).astype(np.uint8)
    return pixels
