from __future__ import annotations

import numpy as np
import pytest

from limner.engines.illustrator.backdrops.base import Light
from limner.engines.illustrator.colours import NAMED, lab, named_lab
from limner.engines.illustrator.figures import casting
from limner.engines.illustrator.figures.solids import rendering
from limner.engines.illustrator.figures.solids.canvas import Canvas
from limner.engines.illustrator.figures.solids.profiles import SPHERE
from limner.engines.illustrator.figures.solids.shelf import SOLIDS
from limner.engines.illustrator.figures.solids.skins import SKINS
from limner.engines.illustrator.figures.solids.trimmings import Leaf, placed
from limner.engines.illustrator.figures.solids.turning import Grid, Pose, curve, seen, turned
from limner.engines.illustrator.pixels import array, rgb
from tests.engines.illustrator.paintbox import PACK

LEFT = Light(
    array([1.0, 0.97, 0.9]), (-0.62, -0.5, 0.6), array([0.36] * 3), array([0.3] * 3), array([0.4] * 3), (1.0, 0.0)
)


def made(art: str, height: int = 96, colour: str | None = None, **more: object) -> tuple[np.ndarray, ...]:
    size = max(4, round(height * rendering.aspect(art))), height
    rng = np.random.default_rng(5)
    figure, own = rendering.figure(art, size, colour, LEFT, quality="standard", rng=rng, **more)  # type: ignore[arg-type]
    return figure.colour, figure.alpha, own


def test_a_turned_sphere_is_a_sphere() -> None:
    body = turned(SPHERE, 0.4)
    assert (body.top, body.bottom) == pytest.approx((1, -1), abs=0.01)
    assert body.radius == pytest.approx(1, abs=0.01)
    look = seen(body, Grid.over((80, 80), (-1.0, 1.0), (40.0, 40.0), Pose()))
    y, x = np.mgrid[0:80, 0:80] / 40 + 0.5 / 40 - 1
    inside = np.hypot(x, y) < 0.93
    assert np.abs(look.normals[..., 0] - x)[inside].max() < 0.06
    assert np.abs(look.normals[..., 1] - y)[inside].max() < 0.06
    assert ((look.alpha > 0.5) == (np.hypot(x, y) < 1)).mean() > 0.96


def test_a_leaning_body_leans_to_the_left() -> None:
    points = Pose(lean=np.pi / 2).moved(array([[0.0, 1.0]]))
    assert points[0] == pytest.approx([-1, 0], abs=1e-6)


def test_a_point_given_twice_is_a_corner() -> None:
    line = curve(((0, 0), (1, 0), (1, 0), (1, 1)))
    assert line[line[:, 1] < 0.01][:, 0].max() == pytest.approx(1, abs=0.01)
    assert np.abs(line[:, 0]).max() < 1.01


@pytest.mark.parametrize("art", sorted(SOLIDS))
def test_every_solid_fills_its_box_and_is_lit(art: str) -> None:
    colour, alpha, own = made(art)
    assert alpha.shape == colour.shape[:2] == own.shape
    assert np.isfinite(colour).all()
    assert 0 <= colour.min() <= colour.max() <= 1.25
    for edge in (alpha[:3], alpha[-3:], alpha[:, :3], alpha[:, -3:]):
        assert edge.max() > 0.1
    assert colour[alpha > 0.5].std() > 0.02
    mask = rendering.outline(art)
    assert mask.shape[0] == 48
    assert mask.mean() == pytest.approx((alpha > 0.06).mean(), abs=0.12)
    plain = rendering.flat(art, (alpha.shape[1], alpha.shape[0]), None)
    assert plain.colour.shape == colour.shape


@pytest.mark.parametrize("name", sorted(NAMED))
@pytest.mark.parametrize("art", ["red-apple", "pear", "vase", "sports-ball", "wine-glass", "bowl"])
def test_solids_take_every_named_colour(art: str, name: str) -> None:
    colour, _, own = made(art, 80, rendering.painted(art, name))
    assert (own > 0.5).mean() > 0.2
    middle = np.median(lab(array(np.clip(colour, 0, 1)))[own > 0.5], axis=0)
    assert np.linalg.norm(middle - named_lab(name)) < 50


def test_a_ripe_pear_is_no_green_paint() -> None:
    assert rendering.painted("pear", "green") != NAMED["green"] == rendering.painted("vase", "green")
    assert rendering.painted("pear", None) is None
    assert casting.latitude("pear", "green") > casting.latitude("pear", "blue") == casting.latitude("cat", "green")


def test_a_mirrored_solid_is_lit_from_the_same_side() -> None:
    for mirrored in (False, True):
        colour, alpha, _ = made("sphere", 90, mirrored=mirrored)
        lit = colour.mean(axis=2) * (alpha > 0.9)
        assert lit[:, 10:40].sum() > 1.2 * lit[:, 50:80].sum()


def test_the_generator_turns_bodies_and_the_same_one_gives_the_same() -> None:
    first, same = made("soccer-ball")[0], made("soccer-ball")[0]
    assert (first == same).all()
    other, _ = rendering.figure("soccer-ball", (96, 96), None, LEFT, quality="standard", rng=np.random.default_rng(9))
    assert (first != other.colour).any()


def test_glass_shows_what_is_behind_and_less_so_when_it_is_stained() -> None:
    clear, stained = made("wine-glass", 120)[1], made("wine-glass", 120, NAMED["blue"])[1]
    assert 0.05 < clear[12, clear.shape[1] // 2] < 0.7
    assert stained[12, clear.shape[1] // 2] > clear[12, clear.shape[1] // 2]


def test_hd_is_finer_and_low_is_plainer() -> None:
    size = 200, 200
    figures = [
        rendering.figure("basketball", size, None, LEFT, quality=quality, rng=np.random.default_rng(2))[0].colour
        for quality in ("low", "standard", "hd")
    ]
    assert (figures[1] != figures[2]).any()
    assert all(np.isfinite(figure).all() for figure in figures)


@pytest.mark.parametrize("size", [(4, 4), (5, 40), (64, 4)])
def test_tiny_and_squeezed_solids_are_drawn_too(size: tuple[int, int]) -> None:
    for art in ("cherries", "candle", "grapes"):
        figure, own = rendering.figure(art, size, None, LEFT, quality="standard", rng=np.random.default_rng(1))
        assert figure.alpha.shape == own.shape == size[::-1]
        assert rendering.flat(art, size, "#112233").alpha.shape == size[::-1]


@pytest.mark.parametrize("name", sorted(SKINS))
def test_skins_close_around(name: str) -> None:
    skin = SKINS[name](Canvas(48, 96, np.random.default_rng(3), fine=True), rgb("#b06030"))
    assert skin.colours.shape == (48, 96, 4)
    steps = np.abs(np.diff(skin.colours[..., :3].astype(int), axis=1)).mean(axis=(0, 2))
    closing = np.abs(skin.colours[:, 0, :3].astype(int) - skin.colours[:, -1, :3]).mean()
    assert closing <= steps.max() + 30


def test_a_trimming_outside_the_picture_is_left_out() -> None:
    leaf = Leaf((5.0, 5.0), 0.5, 0.0)
    assert placed(leaf, (20, 20), (-1.0, 1.0, 1.0, -1.0), rgb("#00ff00"), np.random.default_rng(1)) is None


def test_casting_asks_solids_and_drawings_alike() -> None:
    assert casting.is_solid("red-apple")
    assert not casting.is_solid("box")
    assert casting.aspect(PACK, "red-apple") == rendering.aspect("red-apple")
    assert casting.aspect(PACK, "box") == pytest.approx(80 / 60, abs=0.05)
    assert casting.outline(PACK, "red-apple").shape[0] == casting.outline(PACK, "box").shape[0] == 48
    with pytest.raises(KeyError):
        casting.aspect(PACK, "no such drawing")


@pytest.mark.parametrize(
    ("art", "colour"), [("red-apple", None), ("red-apple", "blue"), ("ball", "blue"), ("cat", None)]
)
@pytest.mark.parametrize("mirrored", [False, True])
def test_parts_come_at_their_size_lit_and_flat(art: str, colour: str | None, mirrored: bool) -> None:
    part = casting.Part(art, colour, "fur", "fur", (60, 50), 0.0, mirrored)
    figure, changed = casting.lit(PACK, part, LEFT, quality="hd", rng=np.random.default_rng(1))
    assert figure.alpha.shape == (50, 60)
    assert (changed is not None) == (casting.named_colour(art, colour) is not None)
    plain, _ = casting.flat(PACK, part, 0.5)
    assert plain.alpha.shape == (25, 30)


def test_one_looks_into_vessels_and_not_into_fruit() -> None:
    part = casting.Part("bowl", None, "gloss", "gloss", (120, 80))
    inside = casting.mouth(part)
    assert inside is not None
    assert inside.shape == (80, 120)
    assert inside[20, 60] > 0.9
    assert inside[60, 60] < 0.1
    turned_over = casting.mouth(casting.Part("cup", None, "gloss", "gloss", (90, 80), mirrored=True))
    assert turned_over is not None
    assert turned_over[:, :20].max() < 0.5 < turned_over[:, 40:].max()
    assert casting.mouth(casting.Part("red-apple", None, "gloss", "gloss", (60, 60))) is None
    assert casting.mouth(casting.Part("box", None, "gloss", "gloss", (60, 60))) is None
