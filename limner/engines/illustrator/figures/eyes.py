"""Catch-lights: two small reflections in every eye, without which an animal looks stuffed."""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np

from limner.engines.illustrator.pixels import Array, array, blur, resize, rgb

PROBED = 256
APART = 0.09
ALL_ROUND = 0.97
DIM, AMBER, PUPIL = 0.34, "#d99a1e", "#0c0a08"

Eye = tuple[float, float, float]
"""Where an eye is, x and y, and its diameter, in shares of the drawing's width, height and width."""


def _found(colour: Array, alpha: Array) -> list[Eye]:
    """Eyes as (x, y, diameter) in shares of the picture's width (x, diameter) and height (y).

    An eye is a dark, compact, nearly round spot of a likely size in the upper part of the drawing, with
    something brighter around it.
    """
    h, w = alpha.shape
    dark = np.asarray((colour.max(axis=2) < 0.34) & (alpha > 0.9), np.uint8)
    count, _, stats, centres = cv2.connectedComponentsWithStats(dark, connectivity=4)
    eyes = []
    for i in range(1, count):
        left, top, wide, high, area = (int(value) for value in stats[i])
        x, y = (float(value) for value in centres[i])
        likely = 0.0004 * h * w < area < 0.012 * h * w and area > 0.62 * wide * high
        if likely and 0.6 < wide / high < 1.22 and y < 0.54 * h and _within(alpha, left, top, wide, high):
            eyes.append(((x + 0.5) / w, (y + 0.5) / h, wide / w))
    if len(eyes) == 2 and abs(eyes[0][1] - eyes[1][1]) > APART:
        return [min(eyes, key=lambda eye: eye[1])]
    return _pair(eyes) if len(eyes) > 2 else eyes


def _within(alpha: Array, left: int, top: int, wide: int, high: int) -> bool:
    """Tell whether there is skin on all sides of a spot: the tips of noses and horns are at the outline."""
    x, y = max(1, wide // 3), max(1, high // 3)
    around = alpha[max(0, top - y) : top + high + y, max(0, left - x) : left + wide + x]
    return float((around > 0.5).mean()) > ALL_ROUND


def _pair(spots: list[Eye]) -> list[Eye]:
    """Pick the two spots most alike in height and size: the others are noses and nostrils."""
    pairs = [[one, other] for one, other in combinations(spots, 2)]
    return min(pairs, key=lambda pair: abs(pair[0][1] - pair[1][1]) + abs(pair[0][2] - pair[1][2]))


def find(colour: Array, alpha: Array) -> list[Eye]:
    """Find the eyes of a drawing (float32 colours (H, W, 3) and alpha (H, W))."""
    height, width = alpha.shape
    scale = min(1.0, PROBED / max(height, width))
    small = max(4, round(width * scale)), max(4, round(height * scale))
    return _found(resize(colour, *small), resize(alpha, *small))


def catch_lights(lit: Array, eyes: list[Eye]) -> None:
    """Add catch-lights to the eyes of a lit figure (H, W, 3), in place; in a dark coat the eyes are amber."""
    height, width = lit.shape[:2]
    placed = [((x * width, y * height), share * width) for x, y, share in eyes]
    amber = bool(placed) and all(_dark(lit, at, size) for at, size in placed)
    for at, size in placed:
        if amber:
            _disc(lit, at, 0.56 * size, rgb(AMBER))
            _disc(lit, at, 0.34 * size, rgb(PUPIL))
        _glint(lit, at, size)


def _dark(lit: Array, at: tuple[float, float], size: float) -> bool:
    """Whether what is around an eye is nearly as dark as the eye."""
    x, y, reach = round(at[0]), round(at[1]), max(2, round(1.1 * size))
    around = lit[max(0, y - reach) : y + reach, max(0, x - reach) : x + reach]
    return float(np.percentile(around.max(axis=2), 80)) < DIM if around.size else False


def _disc(lit: Array, at: tuple[float, float], radius: float, colour: Array) -> None:
    """Paint a disc, in place."""
    height, width = lit.shape[:2]
    reach = radius + 2
    x0, y0 = max(0, int(at[0] - reach)), max(0, int(at[1] - reach))
    x1, y1 = min(width, int(at[0] + reach) + 2), min(height, int(at[1] + reach) + 2)
    mask = np.zeros((max(1, y1 - y0), max(1, x1 - x0)), np.float32)
    cv2.circle(mask, (round((at[0] - x0) * 16), round((at[1] - y0) * 16)), max(8, round(radius * 16)), 1.0, -1,
               cv2.LINE_AA, 4)  # fmt: skip
    here = lit[y0:y1, x0:x1]
    here += (colour - here) * array(blur(mask, 0.6))[: here.shape[0], : here.shape[1], None]


def _glint(lit: Array, at: tuple[float, float], size: float) -> None:
    """Put the two reflections into an eye of a diameter (pixels) around `at` (x, y), in place."""
    height, width = lit.shape[:2]
    x0, y0 = max(0, int(at[0] - size)), max(0, int(at[1] - size))
    x1, y1 = min(width, int(at[0] + size) + 2), min(height, int(at[1] + size) + 2)
    light = np.zeros((y1 - y0, x1 - x0), np.float32)
    for dx, dy, radius, strength in ((-0.17, -0.20, 0.19, 1.0), (0.18, 0.20, 0.09, 0.6)):
        centre = round((at[0] - x0 + dx * size) * 16), round((at[1] - y0 + dy * size) * 16)
        cv2.circle(light, centre, max(8, round(radius * size * 16)), strength, -1, cv2.LINE_AA, 4)
    here = lit[y0:y1, x0:x1]
    here += (rgb("#fffdf6") - here) * array(blur(light, 0.6))[..., None]
