"""Watercolour: washes on rough paper, pigment pooled along the outlines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.media.areas import softened
from limner.engines.illustrator.media.contours import edges, grey, wobbled
from limner.engines.illustrator.media.grounds import tooth, torn
from limner.engines.illustrator.pixels import Array, array, fbm, resize, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.media.base import Proof
    from limner.engines.illustrator.printing.finish import Pixels


def watercolour(proof: Proof, rng: np.random.Generator) -> Pixels:
    """Washes on rough paper with a torn edge: pigment pools along outlines, granulates and runs back.

    Source: the layered density model of Bousseau et al., "Interactive watercolor rendering with temporal coherence
    and abstraction", NPAR 2006, with the wet-in-wet back-runs of Curtis et al., "Computer-generated watercolor", 1997.
    """
    height, width = proof.owner.shape
    size, detail = proof.unit, proof.detail
    soft = wobbled(softened(proof.pixels, 3, 34), size / 230, rng)
    keep = 0.16 + 0.30 * detail
    # The paper shines through the densest wash: a tenth of it is never covered.
    thin = cv2.addWeighted(_wet(soft, size), 0.9 * (1 - keep), proof.pixels, 0.9 * keep, 25.5)
    grain = tooth(height, width, rng)
    luma = grey(soft)
    density = resize(_pigment(height // 2, width // 2, size, rng), width, height)
    density += np.float32(0.5) * edges(luma) + np.float32(0.085) * grain
    # Back-runs lift pigment where the wash is thin; a dark wash has dried before.
    lift = 0.15 * smoothstep(0.56, 0.74, fbm(max(2, height // 2), max(2, width // 2), size / 8, 4, rng))
    image = _washed(array(thin) * np.float32(1 / 255), density, resize(array(lift), width, height) * luma)
    return torn(image, grain, rng)


def _washed(image: Array, density: Array, lift: Array) -> Array:
    """Deepen colours where pigment lies denser, C - (C - C^2) d, and let white through where it is lifted."""
    room = cv2.subtract(image, cv2.multiply(image, image))
    cv2.multiply(room, cv2.merge([density, density, density]), dst=room)
    cv2.subtract(image, room, dst=image)
    return array(cv2.blendLinear(np.ones_like(image), image, lift, np.float32(1) - lift))


def _wet(pixels: Pixels, size: int) -> Pixels:
    """Let neighbouring washes run a little into each other: hard inner outlines soften, outer ones keep their pools."""
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), max(0.6, size / 560)), np.uint8)


def _pigment(height: int, width: int, size: int, rng: np.random.Generator) -> Array:
    """How much thicker than usual the pigment lies: turbulent flow at large, flocculation in small."""
    height, width = max(2, height), max(2, width)
    large, small = fbm(height, width, size / 10, 4, rng) - 0.5, fbm(height, width, size / 60, 3, rng) - 0.5
    return array(1.1 * large + 0.5 * small)
