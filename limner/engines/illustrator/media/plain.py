"""Plain grounds: what flat media make of a place that shows nothing but soft light."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.pixels import SHIFT, Array, array, fixed

if TYPE_CHECKING:
    from limner.engines.illustrator.media.base import Proof
    from limner.engines.illustrator.printing.finish import Pixels

SMALL = 160
CALM = 40.0
"""How much neighbouring pixels of a calm place differ at most, of 255, in all but the hundredth that differs most."""
FLOOR = 0.60, 0.985
"""Between which shares of the height a figure's foot is when it stands on the floor."""

SHADE = np.float32(0.85)


def plain_ground(proof: Proof) -> Pixels | None:
    """Give a calm place (H, W, 3) as one colour with a paler disc and round shadows; None where there is more to see.

    Soft gradients told in few colours turn to blotches, which mean nothing; designers put one even shape behind a
    mark instead (Mueller-Brockmann, "The graphic artist and his design problems", 1961). A place that has but one
    colour already, as around a cut-out, is left as it is.
    """
    side = min(SMALL, proof.unit)
    small = proof.at(side, side)
    near = cv2.dilate(small.figures.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    if near.mean() > 0.9:
        return None
    slope = cv2.morphologyEx(small.pixels, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).max(axis=2)[~near]
    most, nearly_all = np.percentile(slope, (90, 99))
    if most == 0 or nearly_all > CALM * SMALL / side:
        return None
    return _drawn(proof, array(np.median(small.pixels[~near], axis=0)))


def _drawn(proof: Proof, tone: Array) -> Pixels:
    """Lay out the ground: a disc behind all figures, an ellipse under each that stands."""
    height, width = proof.owner.shape
    ground = np.empty((height, width, 3), np.uint8)
    ground[:] = np.round(tone)
    paler = (0.45 - 0.25 * float(np.ptp(tone)) / 255) * float(tone.max()) / 255
    radius = 0.46 * proof.unit
    _ellipse(ground, (width / 2, height / 2), (radius, radius), tone + (255 - tone) * np.float32(paler))
    for number in np.unique(proof.owner[proof.figures]):
        x, y, wide, high = cv2.boundingRect((proof.owner == number).astype(np.uint8))
        if FLOOR[0] < (y + high) / height < FLOOR[1]:
            _ellipse(ground, (x + wide / 2, y + high), (0.40 * wide, 0.036 * wide + 0.008 * height), tone * SHADE)
    return ground


def _ellipse(ground: Pixels, at: tuple[float, float], radii: tuple[float, float], tone: Array) -> None:
    """Fill an ellipse, in place."""
    turn = np.linspace(0, 2 * np.pi, 181)[:-1]
    points = np.stack([at[0] + radii[0] * np.cos(turn), at[1] + radii[1] * np.sin(turn)], 1)
    cv2.fillPoly(ground, [fixed(points)], [float(v) for v in np.round(tone)], cv2.LINE_AA, SHIFT)
