from __future__ import annotations

import numpy as np
import pytest

from limner.engines.illustrator.easel import Easel
from limner.engines.illustrator.figures.relief import Figure
from limner.engines.illustrator.figures.shadows import Shade
from limner.engines.illustrator.printing.sheet import mounted, plan_sheet
from tests.engines.illustrator.paintbox import overlap, scene


@pytest.mark.parametrize("size", [(64, 64), (1024, 1024), (2048, 80), (90, 1600)])
@pytest.mark.parametrize("texts", [(), ("A",), ("A", "b"), ("A", "b", "c", "d", "e"), ("  ",)])
@pytest.mark.parametrize("medium", ["poster", "render", "watercolour"])
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


def test_posters_have_a_frame_unless_they_are_clear() -> None:
    poster = scene(medium="poster", text=("HI",))
    sheet = plan_sheet(poster, 200, 200, clear=False)
    whole, ink = mounted(np.zeros((*sheet.size[::-1], 3), np.uint8), sheet, np.random.default_rng(0))
    assert whole.shape == (200, 200, 3)
    assert whole[0, 0].min() > 180
    assert ink.startswith("#")
    assert not plan_sheet(poster, 200, 200, clear=True).framed


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
