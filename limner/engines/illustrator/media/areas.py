"""Areas: a picture evened out, told in few colours, and cut into pieces of one colour each."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from limner.engines.illustrator.colours import lab
from limner.engines.illustrator.pixels import Array, array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.media.base import Proof
    from limner.engines.illustrator.printing.finish import Pixels

CUBE = 32
SAMPLES = 72
ROUNDS = 10
DARK, BRIGHT = 120.0, 200.0
"""Up to which median a place is dark, and how bright its bright parts are made, of 255."""


def softened(pixels: Pixels, rounds: int, tones: float) -> Pixels:
    """Even out areas and keep edges, at half the size (Tomasi and Manduchi, "Bilateral filtering", 1998)."""
    height, width = pixels.shape[:2]
    small = cv2.resize(pixels, (max(2, width // 2), max(2, height // 2)), interpolation=cv2.INTER_AREA)
    small = evened(np.asarray(small, np.uint8), rounds, tones)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def evened(pixels: Pixels, rounds: int, tones: float) -> Pixels:
    """Even out areas as `softened` does, at the size given."""
    for _ in range(rounds):
        pixels = np.asarray(cv2.bilateralFilter(pixels, 5, tones, 4), np.uint8)
    return pixels


def gathered(proof: Proof, reach: float) -> Pixels:
    """Gather a proof into areas with clear borders, as a broad brush sees it; what is narrower than `reach` goes."""
    half = proof.half()
    broad = cv2.medianBlur(half.pixels, max(3, round(reach / 2)) | 1)
    broad = evened(np.asarray(broad, np.uint8), 2, 40)
    height, width = proof.owner.shape
    return np.asarray(cv2.resize(broad, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def lit_up(proof: Proof) -> Proof:
    """Give a dark place more contrast, so that few colours still tell houses from the sky; figures stay as they are.

    Its tones are spread, all channels alike. A place of one colour, as around a cut-out, is left as it is. Source: the
    linear contrast stretch of Gonzalez and Woods, "Digital Image Processing", 1992.
    """
    side = min(2 * SAMPLES, proof.unit)
    small = proof.at(side, side)
    if small.figures.all():
        return proof
    tones = small.pixels.max(axis=2)[~small.figures]
    low, middle, high = (float(value) for value in np.percentile(tones, (3, 50, 97)))
    if middle > DARK or high > BRIGHT or high == middle:
        return proof
    # Behind a figure the place must not outshine it.
    gain = min(BRIGHT / max(high - 0.5 * low, 1.0), 1.3 if small.figures.any() else 1.9)
    less: Any = (0.5 * low,) * 4
    pixels = np.asarray(cv2.convertScaleAbs(cv2.subtract(proof.pixels, less), alpha=gain), np.uint8)
    cv2.copyTo(proof.pixels, proof.figures.astype(np.uint8), pixels)
    return replace(proof, pixels=pixels)


def hazed(pixels: Pixels, sigma: float) -> Pixels:
    """Blur bytes with a Gaussian of `sigma` pixels, on a reduced copy where that makes no difference."""
    height, width = pixels.shape[:2]
    reduction = max(1.0, sigma / 1.6)
    small = cv2.resize(
        pixels, (max(2, round(width / reduction)), max(2, round(height / reduction))), interpolation=cv2.INTER_AREA
    )
    small = cv2.GaussianBlur(small, (0, 0), max(0.3, sigma / reduction))
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def palette_of(pixels: Pixels, count: int, inside: NDArray[np.bool_] | None = None) -> Array:
    """Give the `count` colours a picture is best told in, sRGB 0..1 (count, 3), dark ones first.

    `inside` (H, W) tells which part of it counts. Source: k-means in L*a*b* (Lloyd, 1957) on a thumbnail, begun with
    colours as far apart as can be (Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985), so
    that small bright things keep an ink of their own.
    """
    small = cv2.resize(pixels, (SAMPLES, SAMPLES), interpolation=cv2.INTER_AREA).reshape(-1, 3)
    if inside is not None:
        part = cv2.resize(inside.astype(np.uint8), (SAMPLES, SAMPLES), interpolation=cv2.INTER_NEAREST).ravel() > 0
        small = small[part] if part.sum() > count else small
    samples = lab(array(small) / np.float32(255))
    centres = _starts(samples, count)
    for _ in range(ROUNDS):
        distance = (centres**2).sum(axis=1)[None] - 2 * samples @ centres.T
        nearest = distance.argmin(axis=1)
        sizes = np.bincount(nearest, minlength=count)
        for channel in range(3):
            sums = np.bincount(nearest, samples[:, channel], minlength=count)
            centres[:, channel] = np.where(sizes > 0, sums / np.maximum(sizes, 1), centres[:, channel])
    centres = centres[np.argsort(centres[:, 0], kind="stable")]
    return array(np.clip(cv2.cvtColor(array(centres)[None], cv2.COLOR_Lab2RGB)[0], 0, 1))


def _starts(samples: Array, count: int) -> Array:
    """Give half the colours spread evenly over the tones, and half each as far as can be from all before it."""
    tones = np.argsort(samples[:, 0], kind="stable")
    starts = list(samples[tones[np.linspace(0, len(samples) - 1, (count + 1) // 2).astype(int)]])
    away = ((samples[:, None] - np.stack(starts)[None]) ** 2).sum(axis=2).min(axis=1)
    while len(starts) < count:
        starts.append(samples[int(away.argmax())])
        away = np.minimum(away, ((samples - starts[-1]) ** 2).sum(axis=1))
    return array(np.stack(starts))


@lru_cache(maxsize=1)
def _cube() -> Array:
    """Give all colours of the table in L*a*b*, (32768, 3)."""
    axis = (np.arange(CUBE, dtype=np.float32) + 0.5) / CUBE
    return lab(array(np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)))


def nearest_of(pixels: Pixels, palette: Array) -> Pixels:
    """Find the nearest colour of a palette for every pixel (H, W) through a table of 32 x 32 x 32 colours."""
    inks = lab(palette)
    distance = (inks**2).sum(axis=1)[:, None] - 2 * inks @ _cube().T
    table = distance.argmin(axis=0).astype(np.uint8)
    fine = pixels >> 3
    index = (fine[..., 0].astype(np.uint16) << 10) | (fine[..., 1].astype(np.uint16) << 5) | fine[..., 2]
    return np.asarray(np.take(table, index), dtype=np.uint8)


def told_in(labels: Pixels, palette: Array) -> Pixels:
    """Give numbered areas their colours: uint8 (H, W, 3)."""
    colours = np.zeros((256, 1, 3), np.uint8)
    colours[: len(palette), 0] = np.round(palette * 255)
    return np.asarray(cv2.LUT(cv2.merge([labels, labels, labels]), colours), dtype=np.uint8)


def limited(pixels: Pixels, palette: Array) -> Pixels:
    """Every pixel as the nearest colour of a palette (L*a*b* distance)."""
    return told_in(nearest_of(pixels, palette), palette)


def tidied(labels: Pixels, reach: int) -> Pixels:
    """Clear numbered areas of specks and ragged edges narrower than about `reach` pixels.

    A median works since palettes are sorted from dark to light; several small ones are twenty times as fast as a wide
    one. Source: Tukey, "Exploratory Data Analysis", 1977.
    """
    for _ in range(max(1, round(reach / 4))):
        labels = np.asarray(cv2.medianBlur(labels, 5 if reach > 3 else 3), np.uint8)
    return labels


def cleared(labels: NDArray[Any], least: float) -> NDArray[Any]:
    """Give every area smaller than `least` pixels to the nearest larger one; the others keep their borders.

    Where a median rounds off what is narrow, arches and roofs among it, this leaves all but the specks as they are.
    Source: the area opening of Vincent, "Grayscale area openings and closings", 1993.
    """
    border = np.ones(labels.shape, np.uint8)
    border[:, 1:][labels[:, 1:] != labels[:, :-1]] = 0
    border[1:][labels[1:] != labels[:-1]] = 0
    _, parts, found, _ = cv2.connectedComponentsWithStats(border, connectivity=4, ltype=cv2.CV_32S)
    large = found[:, cv2.CC_STAT_AREA] >= least
    large[0] = False
    if not large.any():
        return labels
    away = np.where(large, np.uint8(0), np.uint8(1))[parts]
    _, nearest = cv2.distanceTransformWithLabels(away, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    kept = away == 0
    table = np.zeros(int(nearest.max()) + 1, labels.dtype)
    table[nearest[kept]] = labels[kept]
    return np.asarray(table[nearest])


def enlarged(labels: Pixels, width: int, height: int, rounds: int = 2) -> Pixels:
    """Bring numbered areas to a larger size with smooth borders: steps are rounded off by small medians."""
    whole = cv2.resize(labels, (width, height), interpolation=cv2.INTER_NEAREST)
    for _ in range(rounds):
        whole = cv2.medianBlur(whole, 5)
    return np.asarray(whole, np.uint8)
