from __future__ import annotations

import numpy as np
import pytest

from limner.engines.illustrator.pixels import array
from limner.engines.illustrator.printing.finish import (
    NATURAL,
    VIVID,
    Grade,
    bloom,
    crisp,
    grade,
    grained,
    quantised,
    sharpen,
)
from tests.engines.illustrator.paintbox import detail

PLAIN = Grade(saturation=1, contrast=0, lift=0, bloom=0, vignette=0, grain=0)


def rng() -> np.random.Generator:
    return np.random.default_rng(4)


def view(height: int = 120, width: int = 160) -> np.ndarray:
    """Make a small picture with a sky, a ground, a disc and some texture, uint8."""
    y, x = np.mgrid[0:height, 0:width] / height
    sky = np.stack([60 + 100 * y, 120 + 80 * y, 220 - 20 * y], axis=-1)
    sky[y > 0.6] = (70, 140, 50)
    sky[np.hypot(x - 0.6, y - 0.5) < 0.25] = (220, 60, 40)
    return np.clip(sky + rng().normal(0, 8, sky.shape), 0, 255).astype(np.uint8)


def test_a_plain_grade_changes_nothing() -> None:
    canvas = array(view()) / np.float32(255)
    assert np.abs(grade(canvas, PLAIN, 0.0, rng()).astype(int) - view()).max() <= 1


def test_vivid_stretches_and_natural_calms_colours() -> None:
    canvas = array(view()) / np.float32(255)
    spread = [np.ptp(grade(canvas, look, 0.0, rng()).astype(int), axis=2).mean() for look in (NATURAL, PLAIN, VIVID)]
    assert spread[0] < spread[1] < spread[2]


def test_warmth_leans_to_red_or_blue() -> None:
    canvas = np.full((40, 40, 3), 0.5, np.float32)
    warm, cold = grade(canvas, PLAIN, 1.0, rng()), grade(canvas, PLAIN, -1.0, rng())
    assert warm[..., 0].mean() > cold[..., 0].mean()
    assert warm[..., 2].mean() < cold[..., 2].mean()


def test_corners_are_darker() -> None:
    pixels = grade(np.full((90, 120, 3), 0.7, np.float32), VIVID, 0.0, rng())
    assert pixels[0, 0].mean() < pixels[45, 60].mean() - 10


def test_grain_is_even_and_tiles_over_large_pictures() -> None:
    pixels = grained(np.full((600, 1100, 3), 128, np.uint8), 3, rng())
    assert abs(pixels.mean() - 128) < 0.6
    assert 0.5 < pixels.std() < 4
    assert (grained(pixels, 0, rng()) == pixels).all()


def test_bright_light_blooms_and_dull_does_not() -> None:
    canvas = np.full((96, 96, 3), 0.3, np.float32)
    bloom(canvas, 0.5)
    assert canvas == pytest.approx(0.3, abs=1e-5)
    canvas[40:56, 40:56] = 1.6
    bloom(canvas, 0.5)
    assert canvas[36, 48].mean() > 0.34
    assert canvas.max() <= 1


def test_sharpening_raises_detail() -> None:
    canvas = array(view()) / np.float32(255)
    before = detail(quantised(canvas))
    sharpen(canvas, 0.5)
    assert detail(quantised(canvas)) > before * 1.2
    assert detail(crisp(view())) > detail(view()) * 1.2
