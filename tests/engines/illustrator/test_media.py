from __future__ import annotations

import numpy as np
import pytest

from limner.engines.illustrator.media import Proof
from limner.engines.illustrator.media.areas import limited, palette_of
from limner.engines.illustrator.media.drawing import ink
from limner.engines.illustrator.media.photo import lens
from limner.engines.illustrator.media.prints import flat, poster
from limner.engines.illustrator.media.watercolour import watercolour
from limner.engines.illustrator.pixels import array
from limner.engines.illustrator.printing.finish import quantised
from tests.engines.illustrator.paintbox import detail


def rng() -> np.random.Generator:
    return np.random.default_rng(4)


def view(height: int = 120, width: int = 160) -> np.ndarray:
    """Make a small picture with a sky, a ground, a disc and some texture, uint8."""
    y, x = np.mgrid[0:height, 0:width] / height
    sky = np.stack([60 + 100 * y, 120 + 80 * y, 220 - 20 * y], axis=-1)
    sky[y > 0.6] = (70, 140, 50)
    sky[np.hypot(x - 0.6, y - 0.5) < 0.25] = (220, 60, 40)
    return np.clip(sky + rng().normal(0, 8, sky.shape), 0, 255).astype(np.uint8)


def proof(pixels: np.ndarray, detail: float = 0.6) -> Proof:
    return Proof(pixels, np.zeros(pixels.shape[:2], np.uint16), detail)


def test_a_lens_blurs_what_is_far_from_its_focus() -> None:
    canvas = array(view()) / np.float32(255)
    lens(canvas, 0.9, 0.03)
    pixels = quantised(canvas)
    assert detail(pixels[:50]) < 0.4 * detail(view()[:50])
    assert detail(pixels[106:112]) > 0.7 * detail(view()[106:112])


@pytest.mark.parametrize("size", [(120, 160), (40, 300), (64, 64)])
@pytest.mark.parametrize("medium", [watercolour, poster, flat, ink])
def test_media_keep_the_size_and_the_subject(medium: object, size: tuple[int, int]) -> None:
    before = view(*size)
    after = medium(proof(before), rng())  # type: ignore[operator]
    assert (after.shape, after.dtype) == (before.shape, before.dtype)
    middle = slice(int(size[0] * 0.45), int(size[0] * 0.55)), slice(int(size[0] * 0.55), int(size[0] * 0.65))
    red, green, _ = after[middle].reshape(-1, 3).mean(axis=0)
    assert red > green + 15
    assert (medium(proof(before), rng()) == after).all()  # type: ignore[operator]


def test_watercolour_leaves_paper_around_and_ink_draws_lines() -> None:
    washed = watercolour(proof(view(240, 320), 1.0), rng())
    assert washed[:4].mean() > 235
    drawn = ink(proof(view(240, 320), 1.0), rng())
    assert (drawn.mean(axis=2) < 110).mean() > 0.005


def test_posters_and_flats_need_few_colours() -> None:
    colours = palette_of(view(), 12)
    assert colours.shape == (12, 3)
    printed = limited(view(), colours)
    assert len(np.unique(printed.reshape(-1, 3), axis=0)) <= 12
    assert np.abs(printed.astype(int) - view()).mean() < 20
