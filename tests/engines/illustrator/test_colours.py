from __future__ import annotations

import cv2
import numpy as np
import pytest

from limner.engines.illustrator.colours import by_colour, hold, lab, named_lab
from limner.engines.illustrator.painter import paint
from limner.engines.illustrator.pixels import array
from limner.engines.illustrator.scene import Scene, Subject, Time
from tests.engines.illustrator.paintbox import PACK


def test_lab_keeps_the_shape_and_knows_white() -> None:
    assert lab(np.ones((3, 4, 3), np.float32)).shape == (3, 4, 3)
    assert lab(np.ones(3, np.float32)) == pytest.approx([100, 0, 0], abs=0.5)
    with pytest.raises(KeyError):
        named_lab("ultraviolet")


def test_an_image_is_changed_colour_by_colour() -> None:
    image = np.random.default_rng(1).integers(0, 256, (9, 11, 3), dtype=np.uint8)
    asked: list[int] = []

    def turned(colours: np.ndarray) -> np.ndarray:
        asked.append(len(colours))
        return np.column_stack([colours[:, ::-1], np.ones(len(colours), np.float32)])

    for given in (image, np.dstack([image, np.zeros((9, 11), np.uint8)])):
        changed = by_colour(given, turned)
        assert np.abs(changed[..., 2::-1].astype(int) - image).max() <= 1
        assert (changed[..., 3] == 255).all()
    by_colour(np.zeros((50, 50, 3), np.uint8), turned)
    assert asked[2] == 1


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


@pytest.mark.parametrize("name", ["red", "orange", "blue", "purple"])
def test_a_calm_colour_is_still_called_by_its_name(name: str) -> None:
    dull = np.full((20, 20, 3), 110, np.uint8)
    hold(dull, np.ones((20, 20), np.float32), name, 5, chroma=0.82)
    seen = np.median(lab(array(dull) / np.float32(255)).reshape(-1, 3), axis=0)
    ten = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white")
    assert min(ten, key=lambda other: float(np.linalg.norm(seen - named_lab(other)))) == name
    assert np.hypot(*seen[1:]) < 0.9 * np.hypot(*named_lab(name)[1:])
