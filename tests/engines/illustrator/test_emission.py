from __future__ import annotations

import numpy as np
import pytest

from limner.engines.illustrator.easel import Easel
from limner.engines.illustrator.figures.art import sprite
from limner.engines.illustrator.figures.emission import AFTER_DARK, DWELLINGS, SHINING, shone
from limner.engines.illustrator.figures.relief import Figure
from limner.engines.illustrator.pack import ArtPack
from limner.engines.illustrator.pixels import array

PACK = ArtPack.open()
DRAWN = frozenset(PACK.names)


def fire() -> tuple[Figure, Figure]:
    """Give a red square with a yellow half below, plain and in the dark."""
    colour = np.zeros((40, 40, 3), np.float32)
    colour[...] = (0.9, 0.3, 0.1)
    colour[20:] = (1.0, 0.9, 0.3)
    alpha = np.zeros((40, 40), np.float32)
    alpha[4:36, 4:36] = 1
    return Figure(colour, alpha), Figure(colour * np.float32(0.2), alpha)


def drawn(art: str) -> tuple[Figure, Figure]:
    """Give a drawing, plain and in the dark."""
    drawing = array(sprite(PACK, art, 160, 160)) / np.float32(255)
    plain = Figure(array(drawing[..., :3]), array(drawing[..., 3]))
    return plain, Figure(array(plain.colour * np.float32(0.2)), plain.alpha)


def test_only_what_is_drawn_shines() -> None:
    assert {*SHINING, *AFTER_DARK, *DWELLINGS} <= DRAWN
    plain, lit = fire()
    assert shone("fire-engine", plain, lit, dark=True) is lit


@pytest.mark.parametrize("art", sorted(DWELLINGS - {"church"}))
def test_windows_are_lit_at_night_and_not_by_day(art: str) -> None:
    plain, lit = drawn(art)
    assert shone(art, plain, lit, dark=False).light is None
    night = shone(art, plain, lit, dark=True)
    bright = (night.colour[..., 0] > 0.8) & (night.colour[..., 2] < 0.7) & (plain.alpha > 0.9)
    assert bright.sum() > 40, art
    assert night.light is None or night.light[0][0] > night.light[0][2]


def test_a_lighthouse_is_lit_at_night() -> None:
    plain, lit = drawn("lighthouse")
    assert shone("lighthouse", plain, lit, dark=False) is lit
    assert shone("lighthouse", plain, lit, dark=True).colour.max() > 0.9


def test_a_flame_is_bright_in_the_dark_and_glows() -> None:
    lit = shone("fire", *fire(), dark=False)
    assert lit.colour[30, 20].tolist() > [1.0, 0.8, 0.2]
    assert lit.light is not None
    assert 0.45 < lit.light[1][0] < 0.55
    easel = Easel.on(np.full((120, 120, 3), 0.1, np.float32))
    easel.lay(lit, 40, 40, 1, None)
    beside = easel.canvas[60, 88]
    assert beside[0] > 0.15
    assert beside[0] > beside[2]
    clear = Easel.clear(120, 120)
    clear.lay(lit, 40, 40, 1, None)
    assert clear.canvas[60, 88].tolist() == [0, 0, 0]


def test_what_is_not_bright_does_not_shine() -> None:
    plain, lit = fire()
    dull = shone("jack-o-lantern", Figure(plain.colour * np.float32(0.5), plain.alpha), lit, dark=True)
    assert dull.light is None
    assert np.allclose(dull.colour, lit.colour)
