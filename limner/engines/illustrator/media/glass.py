"""Stained glass: pieces of coloured glass in lead, with what is too fine to cut painted on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.media.areas import nearest_of, palette_of, softened, tidied
from limner.engines.illustrator.media.contours import grey, traced
from limner.engines.illustrator.pixels import Array, array, blur, fbm, resize, smoothstep
from limner.engines.illustrator.printing.finish import Pixels, quantised

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.media.base import Proof

LEAD = (0.10, 0.10, 0.115)


def glass(proof: Proof, rng: np.random.Generator) -> Pixels:
    """Cut glass along the outlines and along cells between them, hold it in lead, and let light shine through.

    Source: Mould, "A stained glass image filter", EGRW 2003, with the centroidal cells of Haeberli, "Paint by
    numbers", 1990, in place of segmented regions.
    """
    half = proof.half()
    pieces = _pieces(half, rng)
    image = _glazed(half, pieces, rng)
    height, width = proof.owner.shape
    lead = _came(pieces)
    image = resize(image, width, height, smooth=True)
    light = resize(lead, width, height, smooth=True)
    return quantised(_leaded(image, light, proof.unit))


def _pieces(proof: Proof, rng: np.random.Generator) -> NDArray[np.int32]:
    """Number the pieces of glass (H, W): where colour, figure and cell are the same."""
    unit = proof.unit
    soft = softened(softened(proof.pixels, 2, 50), 2, 40)
    place = tidied(nearest_of(soft, palette_of(soft, 6, ~proof.figures)), round(unit / 22)).astype(np.int32)
    cells = _cells(proof.owner.shape, unit / 9, rng)
    if proof.figures.any():
        inside = tidied(nearest_of(soft, palette_of(soft, 6, proof.figures)), round(unit / 40)).astype(np.int32)
        finer = _cells(proof.owner.shape, unit / 11, rng)
        owned = proof.figures
        place = np.where(owned, inside, place)
        cells = np.where(owned, finer, cells)
    return np.asarray((proof.owner.astype(np.int32) * 16 + place) * 4096 + cells, np.int32)


def _cells(shape: tuple[int, ...], pitch: float, rng: np.random.Generator) -> NDArray[np.int32]:
    """Number the cells around points strewn `pitch` pixels apart: who is nearest (Voronoi, 1908)."""
    height, width = shape
    rows, columns = max(1, round(height / pitch)), max(1, round(width / pitch))
    jitter = rng.random((2, 64, 64))[:, :rows, :columns]
    y = ((np.arange(rows)[:, None] + 0.12 + 0.76 * jitter[0]) * height / rows).astype(int)
    x = ((np.arange(columns)[None] + 0.12 + 0.76 * jitter[1]) * width / columns).astype(int)
    seeds = np.ones((height, width), np.uint8)
    seeds[np.minimum(y, height - 1), np.minimum(x, width - 1)] = 0
    _, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    return np.asarray(labels, np.int32)


def _glazed(proof: Proof, pieces: NDArray[np.int32], rng: np.random.Generator) -> Array:
    """Colour every piece with the mean of what it shows, streaked, bright in its middle, with fine lines painted on."""
    _, number = np.unique(pieces, return_inverse=True)
    number = number.reshape(pieces.shape)
    sizes = np.maximum(np.bincount(number.ravel()), 1)
    means = [np.bincount(number.ravel(), proof.pixels[..., c].ravel().astype(np.float64)) / sizes for c in range(3)]
    colours = array(np.stack(means, 1) / 255)
    colours = _rich(colours) * array(rng.uniform(0.86, 1.16, (65536, 1)))[np.arange(len(colours)) % 65536]
    image = colours[number]
    streaks = fbm(*proof.owner.shape, proof.unit / 16, 4, rng, aspect=0.35) - 0.5
    kept = np.where(proof.figures, np.float32(0.55), np.float32(0.28))
    own = array(proof.pixels) * np.float32(1 / 255)
    modelling = blur(own, proof.unit / 260) - blur(image, proof.unit / 60)
    image = image * (1 + 0.5 * streaks)[..., None] + modelling * kept[..., None]
    paint = traced(grey(proof.pixels), max(0.8, proof.unit / 420), 9) * proof.figures * np.float32(0.8)
    return array(np.clip(image, 0, 1.2) * (1 - paint)[..., None])


def _rich(colours: Array) -> Array:
    """Deepen colours as glass does: away from grey, and darker in what is weak."""
    middle = colours.mean(axis=1, keepdims=True)
    return array(np.clip(middle + (colours - middle) * 1.55, 0.02, 1) ** 1.05)


def _came(pieces: NDArray[np.int32]) -> Array:
    """Tell the distance of every pixel from the nearest border between pieces, in pixels."""
    border = np.ones(pieces.shape, np.uint8)
    border[:, 1:][pieces[:, 1:] != pieces[:, :-1]] = 0
    border[1:][pieces[1:] != pieces[:-1]] = 0
    return array(cv2.distanceTransform(border, cv2.DIST_L2, 5))


def _leaded(image: Array, away: Array, unit: int) -> Array:
    """Lay round bars of lead over the borders; light glows at the heart of each piece and spills over the lead."""
    half = unit / 620
    glow = np.float32(0.80) + np.float32(0.38) * (1 - np.exp(away * np.float32(-22 / unit)))
    image = image * glow[..., None]
    bar = smoothstep(half + 0.45, half - 0.25, away)
    shine = np.float32(0.16) * np.clip(1 - away / half, 0, 1) ** 2
    lead = cv2.merge([array(shine + value) for value in LEAD])
    spilled = blur(image, unit / 70) * np.float32(0.20)
    leaded = image + (lead + spilled - image) * bar[..., None]
    return array(leaded + spilled * (1 - bar)[..., None] * 0.5)
