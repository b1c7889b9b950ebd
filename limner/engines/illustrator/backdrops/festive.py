"""Feasts: fireworks over a city, a decorated tree with presents in a room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.pixels import SHIFT, Array, Colour, array, blur, fixed, resize, rgb

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.backdrops.base import View
    from limner.engines.illustrator.backdrops.plate import Plate

SPARKS = ("#ffb45a", "#ff5a8a", "#6ad8ff", "#b48cff", "#8cffa0", "#fff0b0")
BAUBLES = ("#d8362e", "#f2c23e", "#3f7fd0", "#f4efe6", "#c85aa8")
PAPERS = (("#c8402f", "#f6e3b0"), ("#2f7d5b", "#f4efe0"), ("#3d5fa8", "#f2c23e"))


def fireworks(image: Array, view: View, horizon: float, rng: np.random.Generator) -> None:
    """Let rockets burst over the roofs, in place: balls of sparks that fall a little, the glow around them.

    The sparks of a ball move as one shell (Reeves, "Particle systems", 1983), seen here at one moment.
    """
    h = max(8, round(horizon * view.height))
    light = np.zeros((h, view.width, 3), np.uint8)
    half = view.width / view.unit / 2
    for _ in range(9):
        a, b, c, d = rng.random(4)
        sparks = rng.random((64, 3))
        x, y = (a - 0.5) * 2.2, 0.08 + 0.42 * b
        if abs(x) < half + 0.1:
            _burst(light, (view.x(x), y * h), (0.07 + 0.09 * c) * view.unit, rgb(SPARKS[int(d * len(SPARKS))]), sparks)
    strength = np.float32(1.1 if view.time == "night" else 0.75)
    small = resize(array(light), max(2, view.width // 3), max(2, h // 3)) * np.float32(1 / 255)
    halo = resize(blur(small, 0.006 * view.unit), view.width, h)
    image[:h] += (array(light) * np.float32(1 / 255) + halo * np.float32(0.8)) * strength


def _burst(
    light: NDArray[np.uint8], at: tuple[float, float], radius: float, colour: Colour, sparks: NDArray[np.float64]
) -> None:
    """Draw one ball: trails that thin out and sink towards their ends."""
    turn, tilt = 2 * np.pi * sparks[:, 0], np.arccos(1 - 2 * sparks[:, 1])
    way = np.stack([np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn)], 1)
    reach = radius * (0.80 + 0.25 * sparks[:, 2])
    for start, stop, bright, wide in ((0.15, 0.55, 0.35, 1.0), (0.50, 0.85, 0.75, 1.0), (0.82, 1.0, 1.25, 1.6)):
        ends = [np.array(at) + reach[:, None] * way * t + np.array([0, 0.22 * radius * t * t]) for t in (start, stop)]
        lines = list(fixed(np.stack(ends, 1)))
        ink = tuple(float(min(255, 255 * v * bright)) for v in colour)
        thick = max(1, round(wide * radius / 70))
        cv2.polylines(light, lines, isClosed=False, color=ink, thickness=thick, lineType=cv2.LINE_AA, shift=SHIFT)


def festive_tree(
    plate: Plate, at: tuple[float, float], size: float, ambient: Colour, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Stand a decorated fir with its foot at `at`, `size` units tall, presents around it; tell where its lights are."""
    x, y = at
    plate.boxes([(x - 0.03 * size, y - 0.10 * size, x + 0.03 * size, y)], rgb("#5a3c28") * ambient)
    lights = []
    for tier in range(5):
        low, wide, high = y - (0.08 + 0.17 * tier) * size, (0.34 - 0.058 * tier) * size, 0.30 * size
        edge = np.linspace(-1, 1, 13)
        hem = np.stack([x + edge * wide, low + 0.030 * size * ((np.arange(13) % 2) - 0.4 * edge**2)], 1)
        for shift, tone in ((0.010, 0.55), (0.0, 0.80)):
            plate.draw(
                np.concatenate([[(x, low - high)], hem + np.array([0, shift * size])]),
                rgb("#2f7a48") * ambient * np.float32(tone),
            )
        lit = np.concatenate([[(x, low - high)], hem[:6] + np.array([0.012, -0.014]) * size])
        plate.draw(np.concatenate([lit, [(x - 0.01 * size, low - 0.02 * size)]]), rgb("#4f9a58") * ambient)
        lights += _hung(plate, (x, low), (wide, size), ambient, rng)
    star = np.linspace(-np.pi / 2, 1.5 * np.pi, 10, endpoint=False)
    reach = size * np.where(np.arange(10) % 2 == 0, 0.060, 0.026)
    plate.draw(
        np.stack([x + reach * np.cos(star), y - 1.08 * size + reach * np.sin(star)], 1),
        rgb("#ffd75a") * np.float32(1.15),
    )
    _presents(plate, (x, y + 0.012), size, ambient)
    return [*lights, (x, y - 1.08 * size)]


def _hung(
    plate: Plate, at: tuple[float, float], size: tuple[float, float], ambient: Colour, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Hang baubles and small lights along the hem of a tier; tell where the lights are."""
    (x, low), (wide, tall) = at, size
    lights = []
    for k, (a, b, c) in enumerate(rng.random((7, 3))):
        place = x + wide * (-0.84 + 0.28 * k), low - 0.012 * tall + 0.020 * tall * (b - 0.5)
        if k % 2:
            lights.append(place)
            plate.ovals([(*place, 0.010 * tall, 0.010 * tall)], rgb("#ffe9a8") * np.float32(1.2))
            continue
        radius = (0.018 + 0.008 * a) * tall
        ball = array(rgb(BAUBLES[int(c * len(BAUBLES))]) * ambient)
        plate.ovals([(*place, radius, radius)], ball * np.float32(0.78))
        plate.ovals([(place[0] - 0.12 * radius, place[1] - 0.12 * radius, 0.82 * radius, 0.82 * radius)], ball)
        plate.ovals(
            [(place[0] - 0.35 * radius, place[1] - 0.38 * radius, 0.22 * radius, 0.22 * radius)], (1.0, 1.0, 1.0)
        )
    return lights


def _presents(plate: Plate, at: tuple[float, float], size: float, ambient: Colour) -> None:
    """Lay three presents with ribbons before the tree."""
    x, y = at
    for (paper, ribbon), shift, w, h in zip(
        PAPERS, (-0.20, 0.17, 0.0), (0.16, 0.18, 0.13), (0.12, 0.10, 0.08), strict=True
    ):
        left, right, top = x + (shift - w / 2) * size, x + (shift + w / 2) * size, y - h * size
        body, band = rgb(paper) * ambient, rgb(ribbon) * ambient
        plate.boxes([(left, top, right, y)], body * np.float32(0.9))
        plate.boxes([(left, top, left + 0.62 * (right - left), y)], body * np.float32(1.05))
        plate.boxes([((left + right) / 2 - 0.012 * size, top, (left + right) / 2 + 0.012 * size, y)], band)
        plate.boxes(
            [(left - 0.006 * size, top - 0.012 * size, right + 0.006 * size, top + 0.016 * size)],
            body * np.float32(1.12),
        )
        for way in (-1, 1):
            plate.ovals(
                [((left + right) / 2 + way * 0.022 * size, top - 0.022 * size, 0.022 * size, 0.013 * size)], band
            )
