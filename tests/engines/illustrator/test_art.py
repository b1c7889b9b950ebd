from __future__ import annotations

import threading

import numpy as np
import pytest

from limner.engines.illustrator.figures.art import bleed, extent, silhouette, sprite
from tests.engines.illustrator.paintbox import PACK


def test_extent_is_where_the_ink_is() -> None:
    found = extent(PACK, "ball")
    assert (found.x, found.y) == pytest.approx((10, 10), abs=1.5)
    assert (found.width, found.height) == pytest.approx((80, 80), abs=2.5)
    assert found.aspect == pytest.approx(1, abs=0.05)


def test_a_tilted_drawing_needs_more_room() -> None:
    assert extent(PACK, "box", 20).height > extent(PACK, "box").height * 1.2


def test_a_drawing_without_ink_fills_its_view_box() -> None:
    assert extent(PACK, "nothing").width == 100


def test_an_unknown_drawing_is_an_error() -> None:
    with pytest.raises(KeyError):
        extent(PACK, "no such drawing")


@pytest.mark.parametrize("size", [(4, 4), (60, 90), (1100, 1000)])
def test_sprites_have_the_size_asked_for_and_reach_their_edges(size: tuple[int, int]) -> None:
    drawn = sprite(PACK, "ball", *size)
    assert drawn.shape == (size[1], size[0], 4)
    assert drawn[..., 3].max() > 200
    assert drawn[size[1] // 2, 2 + size[0] // 100, 3] > 60


def test_small_sprites_are_remembered_and_cannot_be_changed() -> None:
    drawn = sprite(PACK, "ball", 40, 40)
    assert sprite(PACK, "ball", 40, 40) is drawn
    with pytest.raises(ValueError, match="read-only"):
        drawn[0, 0] = 0


def test_colour_is_bled_past_the_outline() -> None:
    drawn = sprite(PACK, "ball", 64, 64)
    assert drawn[0, 0, 3] == 0
    assert drawn[0, 0, 0] > 150 > drawn[0, 0, 2]
    clear = np.zeros((8, 8, 4), np.uint8)
    assert (bleed(clear) == 0).all()


def test_silhouettes_are_coarse_masks() -> None:
    mask = silhouette(PACK, "ball")
    assert mask.shape[0] == 48
    assert mask[24, mask.shape[1] // 2]
    assert not mask[0, 0]


def test_every_thread_may_draw() -> None:
    drawn: list[int] = []
    thread = threading.Thread(target=lambda: drawn.append(int(sprite(PACK, "box", 33, 21)[..., 3].max())))
    thread.start()
    thread.join()
    assert drawn == [255]


def test_what_is_no_drawing_is_refused() -> None:
    class Broken:
        def svg(self, _name: str) -> str:
            return "<p/>"

    with pytest.raises(ValueError, match="SVG"):
        extent(Broken(), "x")
