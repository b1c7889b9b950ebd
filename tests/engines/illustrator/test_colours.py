from __future__ import annotations

import cv2
import numpy as np
import pytest

from limner.engines.illustrator.colours import NAMED, dominant, hold, lab, named_lab, recolour
from limner.engines.illustrator.figures.art import sprite
from limner.engines.illustrator.painter import paint
from limner.engines.illustrator.pixels import array
from limner.engines.illustrator.scene import Scene, Subject, Time
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


def test_a_thing_of_many_colours_is_mostly_of_the_named_one() -> None:
    patches = np.zeros((40, 40, 3), np.float32)
    patches[:, :14], patches[:, 14:26], patches[:, 26:] = (0.1, 0.1, 0.12), (0.75, 0.9, 0.95), (0.2, 0.6, 0.2)
    painted, changed = recolour(patches, np.ones((40, 40), np.float32), "red")
    assert (changed > 0.9).mean() > 0.3
    assert changed[20, 20] < 0.8
    assert changed.mean() > 0.55
    assert (painted[:, 30:, 0] > painted[:, 30:, 1] + 0.3).all()


def test_hold_keeps_light_and_dark_and_counts_the_whole_thing() -> None:
    ramp = np.repeat(np.linspace(20, 235, 64, dtype=np.uint8)[None, :, None], 16, axis=0).repeat(3, axis=2)
    ramp = np.ascontiguousarray(ramp)
    mask = np.ones((16, 64), np.float32)
    hold(ramp, mask, "blue", 10)
    light = lab(array(ramp) / np.float32(255))[8, :, 0]
    assert (np.diff(light) > -1.5).all()
    assert light[-1] - light[0] > 50
    part = np.full((16, 64, 3), 150, np.uint8)
    mask[:, 40:] = 0
    hold(part, mask, "red", 10, whole=np.ones((16, 64), np.float32))
    assert np.linalg.norm(np.median(lab(array(part) / np.float32(255)).reshape(-1, 3), axis=0) - named_lab("red")) < 22
    assert (part[:, 40:] == 150).all()


COLOURED = (
    ("automobile", "yellow"), ("elephant", "purple"), ("red-apple", "green"), ("vase", "blue"), ("dog", "black"),
    ("umbrella", "white"), ("bus", "red"), ("chair", "pink"), ("wine-glass", "orange"), ("sports-ball", "turquoise"),
    ("bird", "brown"), ("balloon", "gold"),
)  # fmt: skip


@pytest.mark.parametrize("time", ["day", "golden", "night"])
@pytest.mark.parametrize(("art", "colour"), COLOURED)
def test_named_colours_are_seen_in_every_light(art: str, colour: str, time: Time) -> None:
    scene = Scene("", (Subject(art, art, colour=colour, material="gloss"),), setting="meadow", time=time)
    painting = paint(scene, size=(160, 160), seed=3, pack=PACK)
    inner = cv2.erode(np.asarray(painting.owner == 1, np.uint8), np.ones((3, 3), np.uint8)) > 0
    colours = lab(array(painting.pixels[inner]) / np.float32(255))
    assert np.linalg.norm(np.median(colours, axis=0) - named_lab(colour)) < 20


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
