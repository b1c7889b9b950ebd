"""Anime: cels in two or three tones with dark lines, over a painted background full of light."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.media.areas import gathered, softened
from limner.engines.illustrator.media.contours import grey, outlines, ramp, shifted, traced
from limner.engines.illustrator.media.grounds import inked, laid
from limner.engines.illustrator.pixels import Array, array, blur, smoothstep
from limner.engines.illustrator.printing.finish import Pixels, screened, spill

if TYPE_CHECKING:
    from limner.engines.illustrator.media.base import Proof

TONES = 3.0
LINE = "#160e1f"


def anime(proof: Proof, _rng: np.random.Generator) -> Pixels:
    """Step the figures' light, outline them in lines that swell and taper, and let the background glow.

    Source: the soft luminance steps of Winnemoeller, Olsen and Gooch, "Real-time video abstraction", SIGGRAPH 2006,
    after Lake et al., "Stylized rendering techniques for scalable real-time 3D animation" (cel shading), 2000.
    """
    soft = softened(softened(proof.pixels, 2, 42), 1, 36)
    image, cels = _painted(proof, soft), gathered(proof, proof.unit / 100)
    if proof.figures.any():
        image = laid(_stepped(cels), image, array(cv2.blur(proof.figures.astype(np.float32), (3, 3))))
    image = inked(image, _lines(proof, cels), LINE)
    return screened(image, spill(image, 0.55, 0.74))


def _painted(proof: Proof, soft: Pixels) -> Pixels:
    """Make the place a painted background: evened out, brighter, in fuller colours."""
    keep = 0.12 + 0.25 * proof.detail
    mixed = cv2.addWeighted(soft, 1 - keep, proof.pixels, keep, 0)
    hsv = np.asarray(cv2.cvtColor(mixed, cv2.COLOR_RGB2HSV), np.uint8)
    ramp = np.arange(256)
    fuller = np.clip(ramp * 1.22, 0, 255)
    lighter = 255 * (ramp / 255) ** 0.86
    table = np.stack([ramp, fuller, lighter], axis=1).round().astype(np.uint8)[:, None]
    return np.asarray(cv2.cvtColor(cv2.LUT(hsv, table), cv2.COLOR_HSV2RGB), np.uint8)


def _stepped(soft: Pixels) -> Pixels:
    """Gather lightness into a few tones with short soft steps between them; shadows lean to violet."""
    lab = np.asarray(cv2.cvtColor(soft, cv2.COLOR_RGB2Lab), np.uint8)
    level = np.arange(256) / 255 * TONES * 1.6
    whole = np.floor(level)
    stepped = (whole + smoothstep(0.38, 0.62, level - whole)) / (TONES * 1.6)
    light = np.clip(0.30 * np.arange(256) / 255 + 0.72 * stepped + 0.02, 0, 1) * 255
    wider = np.clip(128 + (np.arange(256) - 128) * 1.18, 0, 255)
    table = np.stack([light, wider, wider], axis=1).round().astype(np.uint8)[:, None]
    return np.asarray(cv2.cvtColor(cv2.LUT(lab, table), cv2.COLOR_Lab2RGB), np.uint8)


def _lines(proof: Proof, cels: Pixels) -> Array:
    """Give the cel's lines, 0..1: around figures, thicker on the side away from the light, finer inside them."""
    size = proof.unit
    outer = outlines(proof.owner, size / 300)
    thicker = array(shifted(outer, -size / 620, -size / 480))
    outer = np.maximum(outer, thicker * proof.figures)
    luma = grey(cels)
    inner = ramp(0.35, 0.75, traced(luma, max(0.8, size / 520), 16)) * blur(array(proof.figures), 1.0)
    return array(np.clip(np.maximum(outer, inner * np.float32(0.9)), 0, 1))
