"""Stained glass: pieces of coloured glass in lead, with what is too fine to cut painted on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from limner.engines.illustrator.media.areas import cleared, evened, lit_up, nearest_of, palette_of, tidied
from limner.engines.illustrator.media.contours import grey, shifted, traced
from limner.engines.illustrator.pixels import Array, array, blur, fbm, smoothstep
from limner.engines.illustrator.printing.finish import Pixels, quantised

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.media.base import Proof

COLOURS = 6
SMALL = 640
HAMMERED = 0.8
LEAD: Any = (13, 13, 17, 0)


def glass(proof: Proof, rng: np.random.Generator) -> Pixels:
    """Cut glass along the outlines and along cells between them, hold it in lead, and let light shine through.

    Source: Mould, "A stained glass image filter", EGRW 2003, with the strewn cells of Haeberli, "Paint by numbers",
    1990, in place of segmented regions; fine lines are painted on, as glaziers do with black enamel.
    """
    proof = lit_up(proof)
    half = proof.half() if proof.unit > SMALL else proof
    pieces = _pieces(half, rng)
    # Figures are leaded more finely than the place around them, the smaller ones in fewer colours.
    away = array(_away(pieces) * np.where(half.figures, np.float32(1.8), np.float32(1.0)))
    image = _glazed(half, pieces, rng)
    # Light glows at the heart of each piece and spills over the lead.
    image *= (np.float32(0.84) + np.float32(0.36) * (1 - np.exp(away * np.float32(-22 / half.unit))))[..., None]
    spilled = blur(image, half.unit / 60) * np.float32(0.16)
    panes = quantised(array(image + 0.6 * spilled))
    if proof.detail > HAMMERED:
        panes = _hammered(np.asarray(panes, np.uint8), proof, rng)
    return _leaded(panes, quantised(spilled), away, proof)


def _hammered(panes: Pixels, proof: Proof, rng: np.random.Generator) -> Pixels:
    """Give panes the dimples of cathedral glass, at the full size, and paint on what only that size shows."""
    height, width = proof.owner.shape
    panes = np.asarray(cv2.resize(panes, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
    dimples = fbm(height, width, proof.unit / 130, 2, rng)
    slope = cv2.subtract(dimples, shifted(dimples, 1.2, 1.6))
    light = np.asarray(cv2.convertScaleAbs(slope + np.float32(0.74), alpha=170), np.uint8)
    panes = np.asarray(cv2.multiply(panes, cv2.merge([light, light, light]), scale=1 / 126), np.uint8)
    # What lies between the picture and a blur of it, on either side of it, is what is too fine for the panes.
    soft = cv2.GaussianBlur(proof.pixels, (0, 0), max(1.0, proof.unit / 500))
    brighter = cv2.add(panes, cv2.subtract(proof.pixels, soft))
    return np.asarray(cv2.subtract(brighter, cv2.subtract(soft, proof.pixels)), np.uint8)


def _pieces(proof: Proof, rng: np.random.Generator) -> NDArray[np.int32]:
    """Find the pieces of glass (H, W) by number: where colour, figure and cell are the same."""
    unit = proof.unit
    soft = evened(proof.pixels, 4, 46)
    place = nearest_of(soft, palette_of(soft, COLOURS, ~proof.figures))
    place = tidied(cleared(tidied(place, round(unit / 60)), (unit / 22) ** 2), round(unit / 45))
    finest = unit / (7 + 10 * (proof.detail - 0.6))
    cells = _cells(proof.owner.shape, finest, rng)
    panes = int(cells.max()) + 1
    # A sliver of glass would be all lead: it goes to its neighbour.
    pieces = cleared(place.astype(np.int32) * panes + cells, (unit / 26) ** 2)
    if not proof.figures.any():
        return np.asarray(pieces, np.int32)
    # A figure is cut along its own colours alone, so that no lead runs across a face.
    breadth = float(np.sqrt(proof.figures.sum() / (len(np.unique(proof.owner)) - 1)))
    colours = COLOURS if breadth > unit / 4 else COLOURS - 2
    own = tidied(nearest_of(soft, palette_of(soft, colours, proof.figures)), round(unit / 60))
    own = tidied(cleared(own, (breadth / 9) ** 2), round(unit / 70))
    return np.where(proof.figures, proof.owner.astype(np.int32) * COLOURS + own + COLOURS * panes, pieces)


def _cells(shape: tuple[int, ...], pitch: float, rng: np.random.Generator) -> NDArray[np.int32]:
    """Find the cells around points strewn `pitch` pixels apart, by number: who is nearest (Voronoi, 1908)."""
    height, width = shape
    rows, columns = (min(64, max(1, round(side / pitch))) for side in shape)
    jitter = rng.random((2, 64, 64))[:, :rows, :columns]
    y = ((np.arange(rows)[:, None] + 0.12 + 0.76 * jitter[0]) * height / rows).astype(int)
    x = ((np.arange(columns)[None] + 0.12 + 0.76 * jitter[1]) * width / columns).astype(int)
    seeds = np.ones((height, width), np.uint8)
    seeds[np.minimum(y, height - 1), np.minimum(x, width - 1)] = 0
    _, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    return np.asarray(labels, np.int32)


def _glazed(proof: Proof, pieces: NDArray[np.int32], rng: np.random.Generator) -> Array:
    """Colour every piece with the mean of what it shows, streaked, bright in its middle, with fine lines painted on."""
    height, width = proof.owner.shape
    number = pieces.ravel()
    sizes = np.bincount(number)
    there = np.flatnonzero(sizes)
    sums = [np.bincount(number, proof.pixels[..., c].ravel(), len(sizes))[there] for c in range(3)]
    means = _rich(array(np.stack(sums, axis=1) / (255 * sizes[there, None])))
    colours = np.zeros((len(sizes), 3), np.float32)
    colours[there] = means * rng.uniform(0.86, 1.16, (len(there), 1))
    image = colours[pieces]
    streaks = fbm(height, width, proof.unit / 16, 4, rng, aspect=0.35) - 0.5
    kept = np.where(proof.figures, np.float32(0.85), np.float32(0.6))
    own = array(proof.pixels) * np.float32(1 / 255)
    modelling = blur(own, proof.unit / 260) - blur(image, proof.unit / 60)
    image = image * (1 + 0.5 * streaks)[..., None] + modelling * kept[..., None]
    enamel = np.where(proof.figures, np.float32(0.8), np.float32(0.45))
    paint = traced(grey(proof.pixels), max(0.8, proof.unit / 420), 9) * enamel
    return array(np.clip(image, 0, 1.2) * (1 - paint)[..., None])


def _rich(colours: Array) -> Array:
    """Deepen colours as glass does: pale ones away from their grey, full ones hardly."""
    middle = colours.mean(axis=1, keepdims=True)
    gain = 1.6 - 0.9 * np.ptp(colours, axis=1, keepdims=True)
    return array(np.clip(middle + (colours - middle) * gain, 0.02, 1) ** 1.05)


def _away(pieces: NDArray[np.int32]) -> Array:
    """Tell the distance of every pixel from the nearest border between pieces, in pixels."""
    border = np.ones(pieces.shape, np.uint8)
    border[:, 1:][pieces[:, 1:] != pieces[:, :-1]] = 0
    border[1:][pieces[1:] != pieces[:-1]] = 0
    return array(cv2.distanceTransform(border, cv2.DIST_L2, 5))


def _leaded(image: Pixels, spilled: Pixels, away: Array, proof: Proof) -> Pixels:
    """Lay round bars of lead over the borders between the pieces, at the full size."""
    height, width = proof.owner.shape
    # Borders run in steps of pixels; a little blur rounds them, and lifts what was 0 by about half a pixel.
    smooth = cv2.subtract(cv2.GaussianBlur(away, (0, 0), 0.9), 0.45)  # type: ignore[call-overload]
    near = np.asarray(cv2.multiply(smooth, 24, dtype=cv2.CV_8U), np.uint8)  # type: ignore[call-overload]
    near = np.asarray(cv2.resize(near, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
    distance, half = np.arange(256, dtype=np.float32) / 24, max(0.8, min(away.shape) / 280)
    bar = array(cv2.LUT(near, smoothstep(half + 0.5, half - 0.2, distance)))
    shine = np.asarray(cv2.LUT(near, np.clip(52 * (1 - distance / half) ** 2, 0, 52).astype(np.uint8)), np.uint8)
    lead = cv2.add(cv2.merge([shine, shine, shine]), LEAD)
    lead = cv2.add(lead, cv2.resize(spilled, (width, height), interpolation=cv2.INTER_LINEAR))
    panes = image if image.shape[:2] == (height, width) else cv2.resize(image, (width, height), interpolation=2)
    return np.asarray(cv2.blendLinear(lead, panes, bar, np.float32(1) - bar), np.uint8)
