from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from limner.engines.illustrator.easel import Easel
from limner.engines.illustrator.figures.relief import Figure
from limner.engines.illustrator.figures.shadows import Shade
from limner.engines.illustrator.printing.sheet import lettered, mounted, plan_sheet
from limner.engines.illustrator.scene import Subject
from tests.engines.illustrator.paintbox import PACK, overlap, scene

if TYPE_CHECKING:
    from numpy.typing import NDArray


@pytest.mark.parametrize("size", [(64, 64), (1024, 1024), (2048, 80), (90, 1600)])
@pytest.mark.parametrize("texts", [(), ("A",), ("A", "b"), ("A", "b", "c", "d", "e"), ("  ",)])
@pytest.mark.parametrize("medium", ["poster", "render", "watercolour", "book"])
def test_words_have_room_inside_the_sheet(size: tuple[int, int], texts: tuple[str, ...], medium: str) -> None:
    sheet = plan_sheet(scene(text=texts, medium=medium), *size, clear=False)
    x0, y0, x1, y1 = sheet.picture
    assert 0 <= x0 < x1 <= size[0]
    assert 0 <= y0 < y1 <= size[1]
    assert len(sheet.texts) == min(4, len([text for text in texts if text.strip()]))
    for _, (left, top, right, bottom) in sheet.texts:
        assert 0 <= left < right <= size[0]
        assert 0 <= top < bottom <= size[1]
        assert not sheet.framed or overlap((left, top, right, bottom), sheet.picture) == 0


def test_a_text_that_is_alone_stands_large_in_the_middle() -> None:
    alone = plan_sheet(scene(text=("42",)), 400, 300, clear=False)
    [(_, (left, top, right, bottom))] = alone.texts
    assert (left, right) == (32, 368)
    assert bottom - top > 0.3 * 300
    assert top < 150 < bottom
    for other in (scene(text=("42",), setting="beach"), scene(Subject("cat", "cat"), text=("42",))):
        [(_, (_, above, _, _))] = plan_sheet(other, 400, 300, clear=False).texts
        assert above < 0.1 * 300


def test_posters_have_a_frame_unless_they_are_clear() -> None:
    poster = scene(medium="poster", text=("HI",))
    sheet = plan_sheet(poster, 200, 200, clear=False)
    whole, ink = mounted(np.zeros((*sheet.size[::-1], 3), np.uint8), sheet, np.random.default_rng(0))
    assert whole.shape == (200, 200, 3)
    assert whole[0, 0].min() > 180
    assert ink.startswith("#")
    assert not plan_sheet(poster, 200, 200, clear=True).framed


@dataclass(frozen=True)
class Placed:
    """Something drawn, as the painter tells of it."""

    art: str
    box: tuple[int, int, int, int]


SIGN = Subject("placard", "sign")


def signed(box: tuple[int, int, int, int]) -> NDArray[np.bool_]:
    """Letter a grey picture of 400 x 400 with a sign in it; give where it has changed."""
    told = scene(SIGN, text=("KEEP OUT",))
    sheet = plan_sheet(told, 400, 400, clear=False)
    pixels = np.full((400, 400, 3), 200, np.uint8)
    lettered(pixels, told, sheet, PACK, "#b3301d", drawn=[Placed("cat", (0, 0, 9, 9)), Placed("placard", box)])
    return np.asarray((pixels != 200).any(axis=2))


def test_words_stand_on_a_sign() -> None:
    changed = signed((100, 100, 300, 360))
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert 100 < columns[0] < columns[-1] < 300
    assert 120 < rows[0] < rows[-1] < 280


@pytest.mark.parametrize("box", [(200, 200, 215, 220), (-90, 100, 110, 360), (300, 100, 500, 360)])
def test_words_stand_above_where_a_sign_is_too_small_or_cropped(box: tuple[int, int, int, int]) -> None:
    changed = signed(box)
    assert changed[:90].any()
    assert not changed[110:].any()


def test_the_first_words_are_left_for_a_sign() -> None:
    sheet = plan_sheet(scene(SIGN, text=("A", "b")), 400, 400, clear=False)
    assert [text for text, _ in sheet.signed] == ["A"]
    assert [text for text, _ in sheet.texts] == ["b"]
    assert plan_sheet(scene(text=("A",)), 400, 400, clear=False).signed == ()


def test_a_sign_that_was_not_drawn_leaves_its_words_above() -> None:
    told = scene(SIGN, text=("LOST",), medium="poster")
    sheet = plan_sheet(told, 400, 400, clear=False)
    pixels = np.full((400, 400, 3), 40, np.uint8)
    lettered(pixels, told, sheet, PACK, "#b3301d")
    assert (pixels[:100] != 40).any()


def test_a_dark_board_is_painted_on_in_cream() -> None:
    told = scene(Subject("closed-book", "book"), text=("Dune",))
    pixels = np.full((400, 400, 3), 30, np.uint8)
    sheet = plan_sheet(told, 400, 400, clear=False)
    lettered(pixels, told, sheet, PACK, "#b3301d", drawn=[Placed("closed-book", (50, 50, 350, 380))])
    assert pixels.max() > 200


def test_what_is_outside_the_picture_is_not_painted() -> None:
    easel = Easel.on(np.full((20, 20, 3), 0.5, np.float32))
    figure = Figure(np.ones((8, 8, 3), np.float32), np.ones((8, 8), np.float32))
    easel.lay(figure, 40, 40, 1, None)
    easel.shade(Shade(np.ones((4, 4), np.float32), -30, 0))
    easel.mirror(figure, 2, 12, 19, 1)
    easel.mirror(figure, 2, 12, 40, 1)
    assert (easel.canvas == 0.5).all()
    easel.lay(figure, -4, 16, 2, np.ones((8, 8), np.float32))
    assert (easel.owner[16:, :4] == 2).all()
    assert (easel.owner == 2).sum() == 16
    assert easel.tinted.sum() == 16


def test_the_lines_of_a_poster_stand_apart() -> None:
    told = scene(text=("ALPS", "Winter", "1934"), medium="poster")
    sheet = plan_sheet(told, 400, 400, clear=False)
    pixels = np.full((400, 400, 3), 240, np.uint8)
    lettered(pixels, told, sheet, PACK, "#b3301d")
    inked = (pixels < 200).any(axis=(1, 2)).astype(int)
    assert (np.diff(inked) == 1).sum() == len(told.text)


def test_long_words_have_more_room_than_a_title() -> None:
    def area(words: str) -> int:
        x0, y0, x1, y1 = plan_sheet(scene(text=(words,), setting="beach"), 400, 400, clear=False).texts[0][1]
        return (x1 - x0) * (y1 - y0)

    assert area("It always seems impossible until it is done, so go on") > 1.3 * area("Go on")
