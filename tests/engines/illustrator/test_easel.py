from __future__ import annotations

import numpy as np

from limner.engines.illustrator.easel import Easel
from limner.engines.illustrator.figures.relief import Figure
from limner.engines.illustrator.pixels import array


def red(height: int, width: int) -> Figure:
    return Figure(array(np.tile([0.9, 0.1, 0.1], (height, width, 1))), np.ones((height, width), np.float32))


def test_a_varnished_table_mirrors_the_foot_and_fades() -> None:
    easel = Easel.on(np.full((100, 60, 3), 0.5, np.float32))
    easel.polish(red(40, 20), 20, 10)
    column = easel.canvas[:, 30, 0]
    assert column[51] > column[58] > column[80] == 0.5
    assert (easel.canvas[:46] == 0.5).all()
    assert (easel.owner == 0).all()


def test_what_stands_at_the_edge_or_is_tiny_mirrors_nothing() -> None:
    easel = Easel.on(np.full((50, 50, 3), 0.5, np.float32))
    easel.polish(red(20, 10), 5, 40)
    easel.polish(red(6, 6), 5, 5)
    assert (easel.canvas == 0.5).all()
