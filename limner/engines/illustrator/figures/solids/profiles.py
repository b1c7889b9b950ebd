"""Outlines of turned bodies: points (r, z) from the upper end at the axis down to the lower one.

About one unit is half the width. A point that is given twice is a corner. A vessel's outline begins inside.
"""

from __future__ import annotations

from math import cos, pi, sin

Outline = tuple[tuple[float, float], ...]


def _oval(wide: float, high: float, count: int = 24) -> Outline:
    return tuple((wide * sin(pi * i / count), high * cos(pi * i / count)) for i in range(count + 1))


SPHERE: Outline = _oval(1, 1)
GRAPE: Outline = _oval(0.94, 1.06)
ORANGE: Outline = _oval(1, 0.93)
MELON: Outline = _oval(1, 1.32)
EGG: Outline = tuple((0.86 * sin(pi * i / 24), (1.24 if i < 12 else 0.98) * cos(pi * i / 24)) for i in range(25))
APPLE: Outline = (
    (0, 0.50), (0.05, 0.55), (0.14, 0.69), (0.34, 0.82), (0.62, 0.79), (0.88, 0.52), (1.0, 0.12), (0.96, -0.24),
    (0.80, -0.62), (0.56, -0.86), (0.34, -0.91), (0.15, -0.84), (0, -0.78),
)  # fmt: skip
PEAR: Outline = (
    (0, 1.28), (0.06, 1.36), (0.18, 1.37), (0.33, 1.18), (0.42, 0.86), (0.54, 0.50), (0.76, 0.14), (0.93, -0.26),
    (0.90, -0.62), (0.68, -0.93), (0.40, -1.05), (0.15, -1.04), (0, -1.0),
)  # fmt: skip
LEMON: Outline = (
    (0, 1.30), (0.10, 1.28), (0.17, 1.18), (0.30, 1.06), (0.62, 0.80), (0.84, 0.42), (0.90, 0.0), (0.84, -0.42),
    (0.62, -0.80), (0.32, -1.06), (0.20, -1.14), (0.10, -1.20), (0, -1.21),
)  # fmt: skip
PEACH: Outline = (
    (0, 0.66), (0.05, 0.70), (0.18, 0.82), (0.42, 0.88), (0.76, 0.70), (0.97, 0.28), (0.99, -0.14), (0.82, -0.56),
    (0.50, -0.84), (0.20, -0.93), (0, -0.94),
)  # fmt: skip
CHERRY: Outline = (
    (0, 0.66), (0.06, 0.70), (0.20, 0.80), (0.46, 0.80), (0.78, 0.58), (0.96, 0.20), (0.95, -0.20), (0.76, -0.60),
    (0.42, -0.86), (0.14, -0.92), (0, -0.92),
)  # fmt: skip
TOMATO: Outline = (
    (0, 0.50), (0.10, 0.52), (0.24, 0.62), (0.48, 0.68), (0.80, 0.50), (0.99, 0.12), (0.97, -0.20), (0.78, -0.54),
    (0.46, -0.74), (0.18, -0.78), (0, -0.78),
)  # fmt: skip
PUMPKIN: Outline = (
    (0, 0.40), (0.10, 0.44), (0.22, 0.58), (0.45, 0.68), (0.78, 0.54), (0.98, 0.20), (1.0, -0.12), (0.88, -0.46),
    (0.60, -0.68), (0.30, -0.72), (0, -0.68),
)  # fmt: skip
ONION: Outline = (
    (0, 1.36), (0.07, 1.35), (0.09, 1.10), (0.16, 0.92), (0.42, 0.74), (0.80, 0.44), (0.98, 0.06), (0.92, -0.36),
    (0.64, -0.68), (0.30, -0.84), (0.12, -0.90), (0, -0.92),
)  # fmt: skip
