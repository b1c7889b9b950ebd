"""A share of GenEval's prompts, painted small: the pictures are right, and `benchmarks/geneval.py` judges strictly."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from benchmarks.geneval import directions, judge, specs
from limner.engines.illustrator.language.reading import read
from limner.engines.illustrator.pack import ArtPack
from limner.engines.illustrator.painter import Painting, paint

if TYPE_CHECKING:
    from collections.abc import Callable

PACK = ArtPack.open()
SHARE = 9
SPECS = specs()
APPLES: dict[str, Any] = {
    "prompt": "a photo of a red apple left of two blue cups",
    "include": [
        {"class": "cup", "count": 2, "color": "blue"},
        {"class": "apple", "count": 1, "color": "red", "position": ["left of", 0]},
    ],
}


def painted(prompt: str, side: int = 320) -> Painting:
    return paint(read(prompt, PACK), size=(side, side), seed=1, pack=PACK)


@pytest.mark.parametrize("spec", SPECS[::SHARE], ids=lambda spec: spec["prompt"])
def test_the_picture_shows_what_the_prompt_says(spec: dict[str, Any]) -> None:
    assert judge(spec, painted(spec["prompt"])).faults == ()


def grey(painting: Painting) -> Painting:
    return replace(painting, pixels=np.full_like(painting.pixels, 128))


def fewer(painting: Painting) -> Painting:
    return replace(painting, drawn=painting.drawn[:-1])


def unseen(painting: Painting) -> Painting:
    return replace(painting, owner=np.zeros_like(painting.owner))


def heaped(painting: Painting) -> Painting:
    return replace(painting, drawn=tuple(replace(one, box=painting.drawn[0].box) for one in painting.drawn))


def turned(painting: Painting) -> Painting:
    side = painting.owner.shape[1]
    drawn = tuple(
        replace(one, box=(side - one.box[2], one.box[1], side - one.box[0], one.box[3])) for one in painting.drawn
    )
    return replace(painting, pixels=painting.pixels[:, ::-1], drawn=drawn, owner=painting.owner[:, ::-1])


def cut(painting: Painting) -> Painting:
    owner = painting.owner.copy()
    x0, y0, x1, y1 = painting.drawn[0].box
    owner[y0 : (y0 + 3 * y1) // 4, x0:x1][owner[y0 : (y0 + 3 * y1) // 4, x0:x1] == 1] = 0
    return replace(painting, owner=owner)


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (grey, "from red"),
        (fewer, "shows"),
        (unseen, "hardly seen"),
        (heaped, "told apart"),
        (turned, "left of"),
        (cut, "hidden"),
    ],
)
def test_a_wrong_picture_is_told(spoilt: Callable[[Painting], Painting], said: str) -> None:
    right = painted(APPLES["prompt"])
    assert judge(APPLES, right).faults == ()
    assert any(said in fault for fault in judge(APPLES, spoilt(right)).faults)


@pytest.mark.parametrize(
    ("box", "sides"),
    [
        ((0, 100, 50, 150), {"left of"}),
        ((250, 100, 300, 150), {"right of"}),
        ((100, 0, 150, 50), {"above"}),
        ((100, 250, 150, 300), {"below"}),
        ((102, 102, 148, 148), set()),
        ((0, 0, 50, 50), {"left of", "above"}),
    ],
)
def test_directions_follow_the_rule_of_geneval(box: tuple[int, ...], sides: set[str]) -> None:
    assert directions(box, (100, 100, 150, 150)) == sides
