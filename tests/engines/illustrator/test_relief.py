from __future__ import annotations

import numpy as np
import pytest

from limner.engines.illustrator.backdrops.base import Light
from limner.engines.illustrator.figures.art import sprite
from limner.engines.illustrator.figures.eyes import catch_lights, find
from limner.engines.illustrator.figures.materials import fitting
from limner.engines.illustrator.figures.relief import SURFACES, Figure, Material, relight, swelling
from limner.engines.illustrator.pixels import array
from tests.engines.illustrator.paintbox import PACK, detail

WHITE, DIM, BLACK = array([0.7, 0.7, 0.7]), array([0.3, 0.3, 0.3]), array([0.0, 0.0, 0.0])


def light(x: float, rim: float = 0.0) -> Light:
    return Light(WHITE, (x, -0.5, 0.6), DIM, DIM, array([rim, rim, rim]), (1.0, 0.0))


def lit(art: str, material: Material, where: Light, size: int = 120, quality: str = "standard") -> Figure:
    drawn = sprite(PACK, art, size, size)
    colour, alpha = array(drawn[..., :3]) / np.float32(255), array(drawn[..., 3]) / np.float32(255)
    return relight(colour, alpha, material, where, quality=quality, rng=np.random.default_rng(1))


def test_a_disc_swells_to_a_cushion() -> None:
    drawn = array(sprite(PACK, "ball", 120, 120)[..., 3]) / np.float32(255)
    height = swelling(drawn)
    assert height.shape == drawn.shape
    assert height[60, 60] > height[60, 30] > height[60, 8] > height[0, 0] == 0
    assert swelling(np.ones((1, 5), np.float32)).shape == (1, 5)


@pytest.mark.parametrize("material", sorted(SURFACES))
def test_every_material_is_bright_where_the_light_is(material: Material) -> None:
    left, right = lit("ball", material, light(-0.8)).colour, lit("ball", material, light(0.8)).colour
    assert left[:, 20:45].mean() > right[:, 20:45].mean() + 0.005
    assert right[:, 75:100].mean() > left[:, 75:100].mean() + 0.005
    assert left.min() >= 0
    assert left.max() <= 1.25


def test_flat_things_and_sheet_metal_are_told_apart() -> None:
    assert fitting("stop-sign", "gloss") == fitting("closed-book", "cloth") == "enamel"
    assert fitting("chequered-flag", "plain") == fitting("bus", "paper") == "paper"
    assert fitting("bus", "gloss") == "bodywork"
    assert fitting("rose", "plant") == "plant"
    assert fitting("placard", "plain") == "paper"


def test_a_rim_lights_the_edge_that_faces_it() -> None:
    without, with_rim = lit("ball", "plain", light(-0.5)).colour, lit("ball", "plain", light(-0.5, 1.0)).colour
    gain = with_rim - without
    assert gain[40:80, 108:118].mean() > 0.02
    assert abs(gain[40:80, 2:12].mean()) < 1e-4


def test_gloss_shines_more_than_fur() -> None:
    assert lit("ball", "gloss", light(-0.5)).colour.max() > lit("ball", "fur", light(-0.5)).colour.max()


def test_fur_has_strands_a_rough_outline_and_more_of_both_in_hd() -> None:
    smooth, furry = lit("ball", "plain", light(-0.5), 200), lit("ball", "fur", light(-0.5), 200)
    best = lit("ball", "fur", light(-0.5), 200, "hd")
    levels = [detail((np.clip(f.colour, 0, 1) * 255).astype(np.uint8)[50:150, 50:150]) for f in (smooth, furry, best)]
    assert levels[0] < levels[1] < levels[2]
    assert (furry.alpha != smooth.alpha).any()
    assert (furry.height, furry.width) == (200, 200)


def test_the_same_seed_gives_the_same_fur() -> None:
    assert (lit("cat", "fur", light(0.3)).colour == lit("cat", "fur", light(0.3)).colour).all()


@pytest.mark.parametrize("quality", ["low", "standard", "hd"])
def test_tiny_figures_are_lit_too(quality: str) -> None:
    assert np.isfinite(lit("cat", "fur", light(0.2), 5, quality).colour).all()


def test_eyes_get_catch_lights_and_other_things_do_not() -> None:
    drawn = sprite(PACK, "cat", 156, 200)
    colour, alpha = array(drawn[..., :3]) / np.float32(255), array(drawn[..., 3]) / np.float32(255)
    painted = colour.copy()
    catch_lights(painted, find(colour, alpha))
    gained = np.argwhere((painted - colour).max(axis=2) > 0.3)
    assert 10 < len(gained) < 400
    assert gained[:, 0].max() < 110
    colour[96:106, 73:83] = 0.05
    with_nose = colour.copy()
    catch_lights(with_nose, find(colour, alpha))
    assert (with_nose[96:106, 73:83] == 0.05).all()
    assert (with_nose[60:95] == painted[60:95]).all()
    drawn = sprite(PACK, "ball", 200, 200)
    colour, alpha = array(drawn[..., :3]) / np.float32(255), array(drawn[..., 3]) / np.float32(255)
    painted = colour.copy()
    catch_lights(painted, find(colour, alpha))
    assert (painted == colour).all()


def test_eyes_of_a_dark_coat_are_amber() -> None:
    drawn = sprite(PACK, "cat", 156, 200)
    colour, alpha = array(drawn[..., :3]) / np.float32(255), array(drawn[..., 3]) / np.float32(255)
    black = colour * np.float32(0.1)
    catch_lights(black, find(colour, alpha))
    red, _, blue = (black[60:95].reshape(-1, 3).max(axis=0)[i] for i in range(3))
    assert red > 0.6
    assert black[110:].max() < 0.2
    assert ((black[..., 0] > 0.5) & (black[..., 2] < 0.3)).sum() > 8
    assert blue > 0.5
