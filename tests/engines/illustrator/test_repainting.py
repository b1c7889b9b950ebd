from __future__ import annotations

import numpy as np
import pytest

from limner.engines.illustrator.colours import NAMED, lab, named_lab
from limner.engines.illustrator.figures.art import sprite
from limner.engines.illustrator.figures.repainting import dominant, recolour
from limner.engines.illustrator.pack import ArtPack
from limner.engines.illustrator.pixels import array
from tests.engines.illustrator.paintbox import PACK

DRAWN = ArtPack.open()


def patches(*colours: tuple[float, tuple[float, float, float]]) -> np.ndarray:
    """Give a drawing of upright stripes, each so wide a share and of an sRGB colour."""
    drawing = np.full((50, 100, 4), 255, np.uint8)
    at = 0
    for share, colour in colours:
        drawing[:, at : at + round(100 * share), :3] = np.round(np.array(colour) * 255)
        at += round(100 * share)
    return drawing


@pytest.mark.parametrize("name", sorted(NAMED))
@pytest.mark.parametrize("art", ["ball", "box"])
def test_a_drawing_takes_every_named_colour(name: str, art: str) -> None:
    drawing = sprite(PACK, art, 80, 80)
    painted, changed = recolour(drawing, name)
    inside = (drawing[..., 3] > 230) & (changed > 0.5)
    assert inside.sum() > 0.4 * (drawing[..., 3] > 230).sum()
    found = np.median(lab(array(painted) / np.float32(255))[inside], axis=0)
    assert np.linalg.norm(found - named_lab(name)) < 14


def test_nothing_visible_stays_nothing() -> None:
    painted, changed = recolour(np.zeros((4, 4, 4), np.uint8), "red")
    assert painted.shape == (4, 4, 3)
    assert np.isfinite(changed).all()
    assert dominant(array([[60, 0, 0]])).tolist() == [60, 0, 0]


def test_paint_goes_on_bodywork_before_tyres_and_windows() -> None:
    tyres, glass, body, trim = (0.1, 0.1, 0.12), (0.68, 0.88, 0.98), (0.2, 0.6, 0.2), (0.9, 0.8, 0.2)
    drawing = patches((0.2, tyres), (0.2, glass), (0.4, body), (0.2, trim))
    painted, changed = recolour(drawing, "red")
    assert (changed[:, 45:98] > 0.9).all()
    assert np.abs(painted[:, 2:38].astype(int) - drawing[:, 2:38, :3]).max() <= 2


def test_tyres_are_painted_where_nothing_else_is_left() -> None:
    _, changed = recolour(patches((0.3, (0.2, 0.6, 0.2)), (0.7, (0.1, 0.1, 0.12))), "red")
    assert changed.mean() > 0.9


def test_what_has_its_colour_is_left_as_it_is_drawn() -> None:
    green, rubber, hub = (0.18, 0.62, 0.2), (0.2, 0.2, 0.2), (0.95, 0.55, 0.1)
    _, changed = recolour(patches((0.3, green), (0.5, rubber), (0.2, hub)), "green")
    assert (changed[:, :28] > 0.9).all()
    assert (changed[:, 33:] < 0.1).all()


def test_what_nearly_has_its_colour_is_given_the_rest() -> None:
    red, chrome, rubber = (0.85, 0.14, 0.12), (0.75, 0.75, 0.76), (0.2, 0.2, 0.2)
    _, changed = recolour(patches((0.5, red), (0.2, chrome), (0.3, rubber)), "red")
    assert (changed[:, :68] > 0.9).all()
    assert (changed[:, 73:] < 0.1).all()


def test_toast_is_not_the_paint_of_a_toaster() -> None:
    drawing = sprite(DRAWN, "toaster", 90, 80)
    _, changed = recolour(drawing, "orange")
    assert changed[drawing[..., 3] > 230].mean() > 0.5


def test_a_toadstool_keeps_its_dots_and_a_car_its_tyres() -> None:
    toadstool = sprite(DRAWN, "mushroom", 100, 100)
    painted, _ = recolour(toadstool, "red")
    white = (toadstool[..., :3].min(axis=2) > 250) & (toadstool[..., 3] == 255)
    assert np.median(painted[white], axis=0).min() > 240
    car = sprite(DRAWN, "automobile", 100, 62)
    painted, _ = recolour(car, "green")
    tyres = (lab(array(car[..., :3]) / np.float32(255))[..., 0] < 32) & (car[..., 3] == 255)
    assert np.median(lab(array(painted[tyres]) / np.float32(255)), axis=0)[0] < 40
