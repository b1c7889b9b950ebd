"""What stands about in a kitchen: a stove with its hood, pots, plates and jars on shelves, a bowl of fruit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.pixels import Colour, array, rgb

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.plate import Plate

WARES = ("#d9654a", "#4f86a0", "#e6b04a", "#f4efe2", "#7fa06a", "#c98a9a")


def _vessel(
    plate: Plate, at: tuple[float, float], size: tuple[float, float], colour: Colour, belly: float = 0.0
) -> None:
    """Draw a round vessel from its foot: dark and light side, and a highlight."""
    (x, y), (w, h) = at, size
    t = np.linspace(0, 1, 9)
    half = w / 2 * (1 + belly * np.sin(np.pi * t) - 0.10 * t)
    for left, right, tone in ((-1.0, 1.0, 0.84), (-1.0, 0.30, 1.0), (-0.72, -0.42, 1.20)):
        lit = [(x + left * a, y - h * b) for a, b in zip(half, t, strict=True)]
        dim = [(x + right * a, y - h * b) for a, b in zip(half, t, strict=True)]
        plate.draw([*lit, *dim[::-1]], colour * np.float32(tone))


def stove(plate: Plate, x: float, counter: float, ambient: Colour) -> None:
    """Build a stove in among the cupboards, a pot and a pan on it, a hood above; `x` is its middle."""
    steel, dark = rgb("#c9ccd0") * ambient, rgb("#2c2d33") * ambient
    half = 0.082
    plate.boxes([(x - half, counter - 0.004, x + half, -0.028)], steel)
    plate.boxes([(x - half, counter - 0.004, x + half, counter + 0.008)], dark)
    plate.boxes([(x - half, counter + 0.010, x + half, counter + 0.050)], steel * np.float32(1.08))
    knobs = np.linspace(x - 0.055, x + 0.055, 5)
    plate.ovals([(k, counter + 0.030, 0.0085, 0.0085) for k in knobs], dark)
    plate.ovals([(k - 0.001, counter + 0.029, 0.0045, 0.0045) for k in knobs], steel * np.float32(0.8))
    plate.pads([(x - 0.066, counter + 0.085, x + 0.066, -0.075)], 0.008, dark)
    plate.pads([(x - 0.056, counter + 0.095, x + 0.056, -0.085)], 0.006, rgb("#3f3a3c") * ambient)
    plate.draw(
        [(x - 0.05, counter + 0.10), (x - 0.01, counter + 0.10), (x - 0.035, -0.09), (x - 0.05, -0.09)],
        rgb("#5d5a60") * ambient,
    )
    plate.pads([(x - 0.060, counter + 0.062, x + 0.060, counter + 0.072)], 0.004, steel * np.float32(1.15))
    plate.draw([(x - 0.10, -0.445), (x + 0.10, -0.445), (x + 0.050, -0.52), (x - 0.050, -0.52)], steel)
    plate.draw(
        [(x - 0.10, -0.445), (x - 0.02, -0.445), (x - 0.01, -0.52), (x - 0.050, -0.52)], steel * np.float32(1.12)
    )
    plate.boxes([(x - 0.10, -0.447, x + 0.10, -0.430)], steel * np.float32(0.8))
    plate.boxes([(x - 0.045, plate.top, x + 0.045, -0.52)], steel * np.float32(0.94))
    plate.boxes([(x - 0.045, plate.top, x - 0.012, -0.52)], steel * np.float32(1.08))
    _pots(plate, (x, counter - 0.004), ambient)


def _pots(plate: Plate, at: tuple[float, float], ambient: Colour) -> None:
    """Put a tall pot and a red pan on the stove."""
    x, y = at
    red, steel = rgb("#c8452f") * ambient, rgb("#aeb4ba") * ambient
    _vessel(plate, (x - 0.036, y), (0.062, 0.060), steel)
    plate.ovals([(x - 0.036, y - 0.061, 0.029, 0.005)], steel * np.float32(1.12))
    plate.ovals([(x - 0.036, y - 0.068, 0.006, 0.005)], rgb("#2b2b30") * ambient)
    _vessel(plate, (x + 0.042, y), (0.060, 0.032), red)
    plate.boxes([(x + 0.010, y - 0.034, x + 0.074, y - 0.029)], red * np.float32(0.7))
    plate.pads([(x + 0.072, y - 0.030, x + 0.118, y - 0.023)], 0.003, rgb("#2b2b30") * ambient)


def shelf_things(plate: Plate, at: tuple[float, float], ambient: Colour, rng: np.random.Generator) -> None:
    """Hang open shelves with plates, jars and cups at both sides; `at` is where the highest might hang."""
    _, top = at
    for x0, x1, y in (
        (0.30, 0.62, top + 0.09),
        (0.30, 0.62, top + 0.215),
        (-0.66, -0.36, top + 0.12),
        (0.70, 1.10, top + 0.15),
        (-1.10, -0.72, top + 0.15),
    ):
        own = np.random.default_rng(int(rng.integers(2**62)))
        wood = rgb("#a9743f") * ambient
        x = x0 + 0.012
        for a, b, c, d in own.random((16, 4)):
            wide, high = 0.026 + 0.018 * a, 0.034 + 0.040 * b
            if x + wide > x1 - 0.012:
                break
            colour = array(rgb(WARES[int(c * len(WARES))]) * ambient)
            if d < 0.30:
                _plates(plate, (x + 0.03, y), 0.030 + 0.008 * b, colour)
                wide = 0.062
            else:
                _vessel(plate, (x + wide / 2, y), (wide, high), colour, 0.12 if d < 0.6 else 0.0)
                if d > 0.6:
                    lid = (x + 0.10 * wide, y - high - 0.008, x + 0.90 * wide, y - high)
                    plate.boxes([lid], rgb("#8a5c34") * ambient)
            x += wide + 0.008
        plate.boxes([(x0, y, x1, y + 0.012)], wood)
        plate.boxes([(x0, y, x1, y + 0.004)], wood * np.float32(1.25))
        plate.boxes([(x0, y + 0.012, x1, y + 0.020)], rgb("#b9ae9c") * ambient * np.float32(0.80))


def _plates(plate: Plate, at: tuple[float, float], radius: float, colour: Colour) -> None:
    """Lean a plate against the wall: rim, ring and well."""
    x, y = at
    for share, tone in ((1.0, 0.92), (0.94, 1.06), (0.66, 0.86), (0.62, 1.0)):
        plate.ovals([(x, y - radius, radius * share, radius * share)], colour * np.float32(tone))


def counter_things(plate: Plate, counter: float, ambient: Colour, rng: np.random.Generator) -> None:
    """Set a tap, a kettle, a board, bottles and a bowl of lemons on the worktop."""
    steel = rgb("#b9c0c6") * ambient
    arc = np.linspace(np.pi, 2 * np.pi, 14)
    x = -0.17
    plate.line(np.stack([x + 0.020 + 0.020 * np.cos(arc), counter - 0.050 + 0.022 * np.sin(arc)], 1), steel, 0.006)
    plate.boxes([(x - 0.003, counter - 0.050, x + 0.003, counter)], steel)
    plate.pads([(x - 0.06, counter - 0.003, x + 0.085, counter + 0.006)], 0.003, steel * np.float32(0.85))
    wood = rgb("#c99a62") * ambient
    plate.pads([(0.335, counter - 0.125, 0.415, counter)], 0.012, wood * np.float32(0.86))
    plate.pads([(0.337, counter - 0.123, 0.411, counter)], 0.012, wood)
    plate.ovals([(0.374, counter - 0.110, 0.005, 0.005)], rgb("#d8cdbb") * ambient)
    for k, colour in enumerate(("#5d7c3f", "#8a4a2c", "#d8b04a")):
        at = 0.455 + 0.032 * k
        _vessel(plate, (at, counter), (0.022, 0.062 + 0.010 * k), array(rgb(colour) * ambient))
        plate.boxes(
            [(at - 0.004, counter - 0.094 - 0.01 * k, at + 0.004, counter - 0.06)],
            rgb(colour) * ambient * np.float32(0.8),
        )
    fruit = rgb("#f2c230") * ambient
    for a, b in rng.random((7, 2)):
        plate.ovals(
            [(-0.40 + 0.045 * (a - 0.5) * 2, counter - 0.036 - 0.018 * b, 0.017, 0.014)],
            fruit * np.float32(0.85 + 0.2 * b),
        )
    plate.ovals([(-0.40, counter - 0.036, 0.066, 0.036)], rgb("#4f7f9c") * ambient, (0.0, 1.0))
    plate.ovals([(-0.414, counter - 0.036, 0.040, 0.032)], rgb("#6f9fb8") * ambient, (0.0, 1.0))
    plate.boxes([(-0.425, counter - 0.004, -0.375, counter)], rgb("#3d6a86") * ambient)
