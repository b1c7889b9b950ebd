"""Fur: strands along a flow, by line integral convolution.

Source: Cabral and Leedom, "Imaging vector fields using line integral convolution", SIGGRAPH 1993.
"""

from __future__ import annotations

import cv2
import numpy as np

from limner.engines.illustrator.pixels import Array, array, blur, fbm, resize

DOUBLINGS = {"low": 3, "standard": 3, "hd": 4}
LARGEST = {"low": 320, "standard": 560, "hd": 900}
FALL = (0.30, 0.42)


def _flow(cushion: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Give unit vectors along which hair lies: down the sides of the body and towards the ground."""
    h, w = cushion.shape
    size = max(h, w)
    smooth = blur(cushion, size * 0.03) * np.float32(size)
    gx = array(cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=5)) / np.float32(32)
    gy = array(cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=5)) / np.float32(32)
    steep = array(cv2.magnitude(gx, gy)) + np.float32(1e-4)
    side = np.tanh(3 * steep) / steep
    x, y = FALL[0] - 0.9 * gx * side, FALL[1] - 0.9 * gy * side
    angle = np.arctan2(y, x) + (fbm(h, w, size / 6, 3, rng) - np.float32(0.5)) * np.float32(1.8)
    return array(np.cos(angle)), array(np.sin(angle))


def _smear(grain: Array, x: Array, y: Array, doublings: int, stride: float) -> Array:
    """Average the grain along the flow over 2**doublings steps of `stride` pixels.

    An average over 2n steps is the mean of two over n, one of them n steps on; each is taken where it lies, so the
    line bends with the flow. Four look-ups do for sixteen (the a-trous scheme, Holschneider et al., 1989).
    """
    grid = np.indices(grain.shape, dtype=np.float32)
    x, y = x * np.float32(stride), y * np.float32(stride)
    for doubling in range(doublings):
        step = np.float32(2**doubling)
        place = grid[1] + step * x, grid[0] + step * y
        further = cv2.remap(grain, *place, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        grain = array(cv2.addWeighted(grain, 0.5, further, 0.5, 0))
    return grain


def strands(cushion: Array, quality: str, rng: np.random.Generator) -> tuple[Array, Array]:
    """Strands of hair and broad clumps of it over a body's height field (H, W), both about -1..1."""
    height, width = cushion.shape
    scale = min(1.0, LARGEST[quality] / max(height, width))
    w, h = max(4, round(width * scale)), max(4, round(height * scale))
    coarse = max(4, w // 2), max(4, h // 2)
    flow = _flow(resize(cushion, *coarse), rng)
    x, y = (resize(part, w, h) for part in flow)
    grain = blur(rng.standard_normal((h, w), dtype=np.float32), max(0.7, max(h, w) / 900))
    hair = _smear(grain, x, y, DOUBLINGS[quality], max(1.0, max(h, w) / 480))
    hair /= np.float32(max(1e-3, float(hair.std()) * 1.6))
    clumps = fbm(h, w, max(h, w) / 16, 3, rng) - np.float32(0.5)
    return resize(array(np.clip(hair, -1.5, 1.5)), width, height), resize(clumps, width, height)
