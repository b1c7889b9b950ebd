"""The children's book: gouache and coloured pencil on warm paper, inside a rounded white border."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.media.areas import gathered
from limner.engines.illustrator.media.contours import grey, outlines, traced, wobbled
from limner.engines.illustrator.media.grounds import inked, laid, rounded, sheet, tooth
from limner.engines.illustrator.pixels import Array, array, fbm, resize, smoothstep
from limner.engines.illustrator.printing.finish import Pixels, quantised

if TYPE_CHECKING:
    from limner.engines.illustrator.media.base import Proof

BORDER = 0.045
WARM = "#fff3dd"
PENCIL = "#4a2f27"


def book(proof: Proof, rng: np.random.Generator) -> Pixels:
    """Paint in matt gouache with dry strokes, draw the contours in brown pencil, and leave a border.

    Source: the opaque washes of Baxter et al., "IMPaSTo", NPAR 2004, reduced to their look: flat body colour, a
    matt lift of the darks, and dry-brush gaps where the paper's tooth stands up.
    """
    height, width = proof.owner.shape
    size = proof.unit
    grain = tooth(height, width, rng, 210)
    broad, keep = gathered(proof, size / 110), 0.10 + 0.14 * proof.detail
    body = np.asarray(cv2.addWeighted(broad, 1 - keep, proof.pixels, keep, 0), np.uint8)
    drawn = _drawn(proof, grey(broad), size)
    layers = wobbled(np.dstack([body, drawn]), size / 400, rng)
    image = _gouache(np.ascontiguousarray(layers[..., :3]), grain, size, rng)
    line = array(layers[..., 3]) * np.float32(1 / 255) * np.clip(0.86 + 0.20 * grain, 0, 1)
    return _bordered(inked(image, array(line), PENCIL), grain, size, rng)


def _drawn(proof: Proof, luma: Array, size: int) -> Pixels:
    """Give the pencil's lines, 0..255: strong around figures, lighter inside, faint in the place."""
    inner = traced(luma, max(0.8, size / 520), 17)
    inner *= np.where(proof.figures, np.float32(0.8), np.float32(0.28))
    lines = np.maximum(inner, outlines(proof.owner, size / 230))
    return np.asarray(cv2.convertScaleAbs(lines, alpha=255), np.uint8)


def _gouache(body: Pixels, grain: Array, size: int, rng: np.random.Generator) -> Pixels:
    """Make body colour of a picture: matt and warm, in uneven coats, dry where the tooth stands up."""
    height, width = grain.shape
    h, w = max(2, height // 2), max(2, width // 2)
    coats = quantised(array(fbm(h, w, size / 14, 4, rng, aspect=2.2) * np.float32(0.17) + np.float32(0.415)))
    coats = np.asarray(cv2.resize(coats, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    dry = smoothstep(0.9, 1.9, resize(grain, w, h) + 2.6 * (fbm(h, w, size / 7, 3, rng, aspect=2.0) - 0.48))
    tones = np.arange(256)[:, None] * (0.90, 0.885, 0.855) + (21.7, 19.9, 17.9)
    matt = cv2.LUT(body, np.round(tones).astype(np.uint8)[:, None])
    coated = cv2.multiply(matt, cv2.merge([coats, coats, coats]), scale=1 / 128)
    light = resize(array(dry * 0.09), width, height) * grey(body)
    return inked(np.asarray(coated, np.uint8), array(light), WARM)


def _bordered(image: Pixels, grain: Array, size: int, rng: np.random.Generator) -> Pixels:
    """Mount the painting on the page: rounded corners, and a border that a brush left slightly uneven."""
    height, width = grain.shape
    uneven = resize(fbm(max(2, height // 4), max(2, width // 4), size / 40, 3, rng) - 0.5, width, height)
    inside = rounded(height, width, BORDER * size, 0.07 * size, array(uneven * np.float32(0.012 * size)))
    return laid(image, sheet(grain), inside)
