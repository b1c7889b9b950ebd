"""Watercolour: washes on rough paper, pigment pooled along the outlines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.media.areas import softened
from limner.engines.illustrator.media.contours import edges, grey, wobbled
from limner.engines.illustrator.media.grounds import tooth, torn
from limner.engines.illustrator.pixels import Array, array, fbm, resize, smoothstep
from limner.engines.illustrator.printing.finish import Pixels, quantised

if TYPE_CHECKING:
    from limner.engines.illustrator.media.base import Proof


def watercolour(proof: Proof, rng: np.random.Generator) -> Pixels:
    """Washes on rough paper with a torn edge: pigment pools along outlines, granulates and runs back.

    Source: the layered density model of Bousseau et al., "Interactive watercolor rendering with temporal coherence
    and abstraction", NPAR 2006, with the wet-in-wet back-runs of Curtis et al., "Computer-generated watercolor", 1997.
    """
    height, width = proof.owner.shape
    size, detail = proof.unit, proof.detail
    soft = wobbled(softened(proof.pixels, 3, 34), size / 230, rng)
    keep = 0.16 + 0.30 * detail
    image = array(cv2.addWeighted(_wet(soft, size), 1 - keep, proof.pixels, keep, 0)) * np.float32(1 / 255)
    image = array(1 - (1 - image) * np.float32(0.90))
    grain = tooth(height, width, rng)
    luma = grey(soft)
    pooled = edges(luma)
    density = resize(_pigment(height // 2, width // 2, size, rng), width, height) + 0.5 * pooled + 0.085 * grain
    image -= (image - image * image) * density[..., None]
    # Back-runs lift pigment where the wash is thin; a dark wash has dried before.
    lift = 0.15 * smoothstep(0.56, 0.74, fbm(max(2, height // 2), max(2, width // 2), size / 8, 4, rng))
    image += (1 - image) * (resize(array(lift), width, height) * luma)[..., None]
    image *= (1 + 0.018 * grain)[..., None]
    return quantised(torn(image, grain, rng))


def _wet(pixels: Pixels, size: int) -> Pixels:
    """Let neighbouring washes run a little into each other: hard inner outlines soften, outer ones keep their pools."""
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), max(0.6, size / 560)), np.uint8)


def _pigment(height: int, width: int, size: int, rng: np.random.Generator) -> Array:
    """How much thicker than usual the pigment lies: turbulent flow at large, flocculation in small."""
    height, width = max(2, height), max(2, width)
    large, small = fbm(height, width, size / 10, 4, rng) - 0.5, fbm(height, width, size / 60, 3, rng) - 0.5
    return array(1.1 * large + 0.5 * small)
