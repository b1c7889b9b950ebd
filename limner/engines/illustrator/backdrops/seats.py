"""Armchairs and sofas, seen from the front: padded shapes in four tones of one cloth, drawn on a plate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.pixels import Colour, array, rgb

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.plate import Plate

Rectangle = tuple[float, float, float, float]


def _pad(plate: Plate, place: Rectangle, radius: float, cloth: Colour) -> None:
    """Draw a pad: its dark seam, its body, a lit upper half and a highlight along the top."""
    x0, y0, x1, y1 = place
    edge, high = 0.0025, y1 - y0
    plate.pads([(x0 - edge, y0 - edge, x1 + edge, y1 + edge)], radius + edge, cloth * np.float32(0.58))
    plate.pads([place], radius, cloth * np.float32(0.90))
    plate.pads([(x0 + 0.004, y0 + 0.003, x1 - 0.006, y1 - 0.22 * high)], radius, cloth)
    plate.pads([(x0 + 0.008, y0 + 0.006, x1 - 0.012, y0 + 0.36 * high)], radius, cloth * np.float32(1.09))
    if plate.view.fine:
        plate.line([(x0 + radius, y0 + 0.006), (x1 - radius, y0 + 0.006)], cloth * np.float32(1.28), 0.0012)


def sofa(plate: Plate, place: tuple[float, float], size: tuple[float, float], cloth: Colour, seats: int) -> None:
    """Stand a sofa with so many seats (an armchair has one): `place` is the middle of its foot, `size` in units."""
    (x, y), (w, h) = place, size
    left, right, arm = x - w / 2, x + w / 2, min(0.055, 0.16 * w)
    wood = array(rgb("#4a3020") * cloth.mean() * 1.4)
    feet = [(left + 0.02, y - 0.03, left + 0.032, y), (right - 0.032, y - 0.03, right - 0.02, y)]
    plate.boxes(feet, wood)
    _pad(plate, (left + 0.4 * arm, y - h, right - 0.4 * arm, y - 0.20 * h), 0.035, cloth * np.float32(0.92))
    inner = (right - left - 2 * arm) / seats
    for k in range(seats):
        x0 = left + arm + k * inner
        _pad(plate, (x0 + 0.002, y - 0.94 * h, x0 + inner - 0.002, y - 0.40 * h), 0.028, cloth)
        _pad(plate, (x0, y - 0.48 * h, x0 + inner, y - 0.24 * h), 0.020, cloth * np.float32(1.06))
    _pad(plate, (left, y - 0.25 * h, right, y - 0.07 * h), 0.010, cloth * np.float32(0.84))
    for x0 in (left - 0.2 * arm, right - 0.8 * arm):
        _pad(plate, (x0, y - 0.66 * h, x0 + arm, y - 0.06 * h), 0.5 * arm, cloth * np.float32(1.02))


def cushion(plate: Plate, at: tuple[float, float], size: float, cloth: Colour) -> None:
    """Lean a cushion on its corner: a soft square with a lit half and a seam."""
    turn = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    radius = size * (0.82 - 0.085 * np.cos(4 * turn))
    shape = np.stack([np.cos(turn), np.sin(turn)], 1) * radius[:, None]
    tilt = np.array([[0.97, -0.24], [0.24, 0.97]])
    body = shape @ tilt + at
    plate.draw(body + np.array([0.003, 0.004]), cloth * np.float32(0.55))
    plate.draw(body, cloth * np.float32(0.92))
    plate.draw((shape * 0.82) @ tilt + at + (-0.05 * size, -0.07 * size), cloth * np.float32(1.08))
