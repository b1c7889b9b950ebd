"""Trees as figures: they fill their box, stand on their stem, and take light and colour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from limner.engines.illustrator.backdrops.base import Light
from limner.engines.illustrator.figures import casting, foliage
from limner.engines.illustrator.figures.casting import Part
from limner.engines.illustrator.pack import ArtPack
from limner.engines.illustrator.pixels import array
from limner.engines.illustrator.scene import Scene, Subject

PACK = ArtPack.open()
SUN = Light(
    array([1.0, 0.95, 0.85]),
    (0.5, -0.6, 0.6),
    array([0.35, 0.4, 0.5]),
    array([0.2, 0.2, 0.15]),
    array([1, 1, 1]),
    (1, 0),
)


def part(art: str, colour: str | None = None, *, mirrored: bool = False) -> Part:
    tall = 160
    return Part(art, colour, "plant", "plant", (round(tall * foliage.aspect(art)), tall), mirrored=mirrored)


@pytest.mark.parametrize("art", foliage.TREES)
def test_a_tree_fills_its_box_and_stands_on_its_stem(art: str) -> None:
    figure, own = casting.lit(PACK, part(art), SUN, quality="standard", rng=np.random.default_rng(1))
    seen = figure.alpha > 0.3
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    assert (figure.height, figure.width) == (160, round(160 * casting.aspect(PACK, art)))
    assert (rows[0], rows[-1]) == (pytest.approx(0, abs=6), 159)
    assert np.ptp(columns) > 0.9 * figure.width
    assert seen[-4:].mean() < 0.35
    assert own is None
    assert casting.outline(PACK, art).shape[0] == foliage.ROWS


def test_it_is_brighter_towards_the_sun_and_may_be_mirrored() -> None:
    rng = np.random.default_rng(1)
    for mirrored in (False, True):
        figure, _ = casting.lit(PACK, part("deciduous-tree", mirrored=mirrored), SUN, quality="hd", rng=rng)
        crown = slice(0, 70)
        light = (figure.colour.mean(axis=2) * figure.alpha)[crown] / np.maximum(figure.alpha[crown], 0.05)
        half = figure.width // 2
        assert (
            light[:, half:][figure.alpha[crown, half:] > 0.5].mean()
            > light[:, :half][figure.alpha[crown, :half] > 0.5].mean()
        )


def test_leaves_take_a_colour_and_the_stem_does_not() -> None:
    figure, own = casting.flat(PACK, part("leafless-tree", "blue"))
    assert own is not None
    leaves = figure.colour[own > 0.5].mean(axis=0)
    assert leaves[2] > 1.5 * leaves[0]
    assert own[-12:].mean() < 0.1
    _, lit = casting.lit(
        PACK, part("deciduous-tree", "red", mirrored=True), SUN, quality="standard", rng=np.random.default_rng(1)
    )
    assert lit is not None


@pytest.mark.parametrize(
    ("changes", "art"),
    [
        ({}, "deciduous-tree"),
        ({"details": ("autumn",)}, "autumn-tree"),
        ({"details": ("blossom",)}, "cherry-tree"),
        ({"setting": "snow"}, "leafless-tree"),
        ({"weather": "snow"}, "leafless-tree"),
    ],
)
def test_trees_go_with_the_season_unless_they_have_a_colour(changes: dict[str, Any], art: str) -> None:
    trees = (Subject("deciduous-tree", "tree"), Subject("deciduous-tree", "tree", colour="blue"), Subject("cat", "cat"))
    scene = foliage.in_season(Scene("", trees, **changes))
    assert [subject.art for subject in scene.subjects] == [art, "deciduous-tree", "cat"]
