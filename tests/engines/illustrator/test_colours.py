from __future__ import annotations

import numpy as np
import pytest

from limner.engines.illustrator.colours import NAMED, dominant, hold, lab, named_lab, recolour
from limner.engines.illustrator.figures.art import sprite
from limner.engines.illustrator.pixels import array
from tests.engines.illustrator.paintbox import PACK


def floats(name: str) -> tuple[np.ndarray, np.ndarray]:
    drawn = sprite(PACK, name, 80, 80)
    return array(drawn[..., :3]) / np.float32(255), array(drawn[..., 3]) / np.float32(255)


def test_lab_keeps_the_shape_and_knows_white() -> None:
    assert lab(np.ones((3, 4, 3), np.float32)).shape == (3, 4, 3)
    assert lab(np.ones(3, np.float32)) == pytest.approx([100, 0, 0], abs=0.5)
    with pytest.raises(KeyError):
        named_lab("ultraviolet")


@pytest.mark.parametrize("name", sorted(NAMED))
@pytest.mark.parametrize("art", ["ball", "box"])
def test_a_drawing_takes_every_named_colour(name: str, art: str) -> None:
    colour, alpha = floats(art)
    painted, changed = recolour(colour, alpha, name)
    inside = (alpha > 0.9) & (changed > 0.5)
    assert inside.sum() > 0.4 * (alpha > 0.9).sum()
    assert np.linalg.norm(np.median(lab(painted)[inside], axis=0) - named_lab(name)) < 14


def test_a_drawing_whose_main_colour_is_rare_changes_as_a_whole() -> None:
    night = np.zeros((40, 40, 3), np.float32)
    night[:, :4] = (0.8, 0.1, 0.1)
    _, changed = recolour(night, np.ones((40, 40), np.float32), "green")
    assert (changed == 1).all()


def test_nothing_visible_has_a_grey_main_colour() -> None:
    assert dominant(np.zeros((4, 4, 3), np.float32), np.zeros((4, 4), bool)).tolist() == [60, 0, 0]
    nothing, _ = recolour(np.zeros((4, 4, 3), np.float32), np.zeros((4, 4), np.float32), "red")
    assert np.isfinite(nothing).all()


def test_hold_brings_a_region_back_and_leaves_the_rest() -> None:
    image = np.full((20, 40, 3), 90, np.uint8)
    mask = np.zeros((20, 40), np.float32)
    mask[:, :20] = 1
    hold(image, mask, "yellow", 15)
    held = np.median(lab(array(image) / np.float32(255))[mask > 0.5], axis=0)
    assert np.linalg.norm(held - named_lab("yellow")) < 17
    assert (image[:, 20:] == 90).all()


def test_hold_leaves_what_is_near_enough_or_too_small() -> None:
    red = np.tile(np.array([216, 35, 31], np.uint8), (20, 20, 1))
    before = red.copy()
    hold(red, np.ones((20, 20), np.float32), "red", 15)
    hold(red, np.zeros((20, 20), np.float32), "blue", 15)
    assert (red == before).all()
