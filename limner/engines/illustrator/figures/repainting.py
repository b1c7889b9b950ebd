"""Repainting: a drawing in a named colour, and all that makes it the thing it is left as it was drawn.

A red car keeps black tyres and clear windows, a red toadstool its white dots. So the paint goes on the drawing's main
colour, and on further colours only as far as more than half of the thing must have it, those first that are likest
to be paint.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.colours import by_colour, lab, named_lab
from limner.engines.illustrator.pixels import Array, array, smoothstep

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 10
CHROMATIC = 18
SAMPLES = 5000
# How much of a drawing a named colour must cover, how many colours may be taken in for it, and which are too rare.
MOSTLY, FAMILIES, RARE = 0.57, 9, 0.015
# How near (CIE76) the main colour is to the named one when the drawing is left as it is, but for a little that is
# surely paint where no more than a little is wanting.
ALIKE, LEAST, SURELY, NEARLY = 36.0, 0.15, 0.7, 0.4
# How much of the contrast between two colours stays when both are painted over, less where dark would be another
# colour, as dark yellow is; and how much of the contrast within one.
BETWEEN, BETWEEN_BRIGHT, WITHIN, WITHIN_EXTREMES = 0.5, 0.2, 0.8, 0.55
# How likely each kind of colour is to be paint.
GLASS, RUBBER, EYES, WHITE, CREAM, GREY = 0.12, 0.30, 0.10, 0.22, 0.6, 0.75


@dataclass(frozen=True, slots=True)
class Paint:
    """What is painted over: colours like `base`, and those close to the `others`; each (3,) in L*a*b*."""

    base: Array
    others: tuple[Array, ...] = ()

    def over(self, colours: Array) -> tuple[Array, Array]:
        """Tell for colours (N, 3) in L*a*b* how far each is painted, 0..1, and round which lightness it lies."""
        amount, centre = membership(colours, self.base), np.full(len(colours), self.base[0], np.float32)
        for other in self.others:
            near = _near(colours, other)
            centre = np.where(near > amount, other[0], centre)
            amount = np.maximum(amount, near)
        return amount, array(centre)


def recolour(drawing: NDArray[np.uint8], name: str) -> tuple[NDArray[np.uint8], Array]:
    """Repaint a drawing (uint8 RGBA) in a named colour; give its colours (H, W, 3) and where they changed (H, W).

    Shades keep their distance in lightness from their colour's own, so that the drawing's light and dark stay. Source:
    after Reinhard et al., "Color transfer between images", 2001, with a few colours in place of the whole picture.
    """
    target = named_lab(name)
    paint = _planned(_samples(drawing), target)

    def painted(colours: Array) -> Array:
        old = lab(colours)
        amount, centre = paint.over(old)
        new = _shades(old, centre, float(paint.base[0]), target)
        return np.column_stack([np.clip(cv2.cvtColor(new[None], cv2.COLOR_Lab2RGB)[0], 0, 1), amount])

    both = by_colour(drawing, painted)
    # Grown by a pixel and softened, so that no rim of the old colour stays and no steps show.
    weight = cv2.blur(cv2.dilate(cv2.extractChannel(both, 3), np.ones((3, 3), np.uint8)), (3, 3))
    share = array(weight) * np.float32(1 / 255)
    new, old = (cv2.cvtColor(image, cv2.COLOR_RGBA2RGB) for image in (both, drawing))
    return np.asarray(cv2.blendLinear(new, old, share, 1 - share), np.uint8), share


def _samples(drawing: NDArray[np.uint8]) -> Array:
    """Give some of the colours that a drawing covers with, (N, 3) in L*a*b*; grey where there is none."""
    step = max(1, int((drawing.shape[0] * drawing.shape[1] / SAMPLES) ** 0.5))
    few = drawing[::step, ::step]
    inside = few[few[..., 3] > 230][:, :3]
    return lab(array(inside) / np.float32(255)) if len(inside) else array([[60, 0, 0]])


def _planned(samples: Array, target: Array) -> Paint:
    """Choose what to paint over so that a drawing of these colours is seen in the wanted one."""
    base = dominant(samples)
    amount = membership(samples, base)
    as_drawn = float(np.linalg.norm(base - target)) < ALIKE and _main(samples, amount)
    least = SURELY if as_drawn else 0.0
    if as_drawn and float(amount.mean()) < NEARLY:
        return Paint(base)
    others: list[Array] = []
    done = np.zeros(len(samples), np.bool_)
    enough = MOSTLY + 0.05 * as_drawn
    while float(amount.mean()) < enough and len(others) < FAMILIES:
        rest = samples[(amount < 0.5) & ~done]
        centre, size = _likeliest(rest, least)
        if size < RARE * len(samples):
            break
        close = rest[np.linalg.norm(rest - centre, axis=1) < 0.7 * BINS]
        others.append(array(close.mean(axis=0)) if len(close) else centre)
        done |= np.abs(samples - centre).max(axis=1) <= BINS / 2
        amount = np.maximum(amount, _near(samples, others[-1]))
    return Paint(base, tuple(others))


def _main(samples: Array, amount: Array) -> bool:
    """Tell whether what is painted so far is the drawing's own paint: toast is not the paint of a toaster."""
    painted = float(amount.mean())
    rest = samples[amount < 0.5]
    return painted > LEAST and float((likely_paint(rest) > SURELY).sum()) < 1.5 * painted * len(samples)


def _likeliest(samples: Array, least: float) -> tuple[Array, int]:
    """Give the colour that is both common and likely to be paint, and how many of the samples have it."""
    bins, sizes = np.unique(np.round(samples / BINS).astype(int), axis=0, return_counts=True)
    likely = likely_paint(bins * np.float32(BINS))
    likely[likely < least] = 0
    if not likely.any():
        return array([60, 0, 0]), 0
    best = int(np.argmax(sizes * likely))
    return array(bins[best] * BINS), int(sizes[best])


def dominant(samples: Array) -> Array:
    """Find the colour that a drawing is mostly made of, given (N, 3) in L*a*b*: chromatic ones are preferred."""
    lively = samples[(samples[:, 0] > 16) & (samples[:, 0] < 97)]
    samples = lively if len(lively) > len(samples) // 12 else samples
    bins, member, sizes = np.unique(
        np.round(samples / BINS).astype(int), axis=0, return_inverse=True, return_counts=True
    )
    chroma = np.hypot(bins[:, 1], bins[:, 2]) * BINS
    liking = np.maximum(likely_paint(bins * np.float32(BINS)), 0.4) * (1 + 0.018 * np.minimum(chroma, 60))
    return array(samples[member.ravel() == int(np.argmax(sizes * liking))].mean(0))


def likely_paint(colours: Array) -> Array:
    """Tell how likely colours (N, 3) are paint: panes, tyres, eyes and white lettering keep theirs the longest."""
    light, a, b = colours[:, 0], colours[:, 1], colours[:, 2]
    chroma = np.hypot(a, b)
    kinds = [
        ((light > 62) & (b < -4) & (a < 4) & (chroma > 9) & (chroma < 40), GLASS),
        ((light < 20) & (chroma < 22), EYES),
        ((light < 52) & (chroma < 22), RUBBER),
        ((light > 88) & (chroma < 12), WHITE),
        ((light > 68) & (chroma >= 10) & (chroma < 32) & (b > 0), CREAM),
        (chroma < 10, GREY),
    ]
    return array(np.select([kind for kind, _ in kinds], [share for _, share in kinds], 1.0))


def membership(colours: Array, base: Array) -> Array:
    """How far colours (N, 3) belong to the family of the base colour, 0..1: same hue, or alike in greyness."""
    chroma = np.hypot(colours[:, 1], colours[:, 2])
    base_chroma = float(np.hypot(base[1], base[2]))
    if base_chroma > CHROMATIC:
        alike = (colours[:, 1] * base[1] + colours[:, 2] * base[2]) / (chroma * base_chroma + 1e-3)
        least, enough = max(7.0, 0.28 * base_chroma), max(20.0, 0.46 * base_chroma)
        return array(smoothstep(0.76, 0.91, alike) * smoothstep(least, enough, chroma))
    reach = np.abs(colours[:, 0] - base[0])
    return array(smoothstep(28, 13, chroma) * smoothstep(12, 24, colours[:, 0]) * smoothstep(40, 25, reach))


def _near(colours: Array, centre: Array) -> Array:
    """How near colours (N, 3) are to one, 0..1."""
    return smoothstep(13, 7, np.linalg.norm(colours - centre, axis=1))


def _shades(old: Array, centre: Array, base: float, target: Array) -> Array:
    """Give the named colour in the shades of old colours (N, 3) that lie round their own lightness `centre` (N,)."""
    within = WITHIN_EXTREMES if target[0] > 85 or target[0] < 22 else WITHIN
    bright = target[0] > 68 and np.hypot(target[1], target[2]) > CHROMATIC
    between = BETWEEN_BRIGHT if bright else BETWEEN
    light = target[0] + (old[:, 0] - centre) * np.float32(within) + (centre - base) * np.float32(between)
    light = np.clip(light, 5, 97)
    strength = np.clip(light / target[0], 0.6, 1.12)
    return array(np.column_stack([light, strength * target[1], strength * target[2]]))
