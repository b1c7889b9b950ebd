from __future__ import annotations

import numpy as np

from limner.engines.illustrator.pixels import array
from limner.engines.illustrator.printing.finish import (
    NATURAL,
    VIVID,
    Grade,
    crisp,
    fullness,
    grade,
    grained,
    printed,
    quantised,
    screened,
    spill,
)
from tests.engines.illustrator.paintbox import detail

PLAIN = Grade(chroma=1, contrast=0, lift=0, bloom=0, vignette=0, grain=0)


def rng() -> np.random.Generator:
    return np.random.default_rng(4)


def view(height: int = 120, width: int = 160) -> np.ndarray:
    """Make a small picture with a sky, a ground, a disc and some texture, uint8."""
    y, x = np.mgrid[0:height, 0:width] / height
    sky = np.stack([60 + 100 * y, 120 + 80 * y, 220 - 20 * y], axis=-1)
    sky[y > 0.6] = (70, 140, 50)
    sky[np.hypot(x - 0.6, y - 0.5) < 0.25] = (220, 60, 40)
    return np.clip(sky + rng().normal(0, 8, sky.shape), 0, 255).astype(np.uint8)


def test_bytes_are_cut_off_at_both_ends() -> None:
    assert quantised(array([[-0.5, 0.2, 0.5, 1.7]])).tolist() == [[0, 51, 128, 255]]
    assert quantised(np.full((2, 2, 3), -1, np.float32)).max() == 0


def test_vivid_stretches_and_natural_calms_colours() -> None:
    vivid, natural = (fullness(grade(view(), look, 0.0, rng())) for look in (VIVID, NATURAL))
    assert vivid / natural > 1.5


def test_pale_pictures_gain_more_colour_than_full_ones() -> None:
    pale = np.clip(view().astype(int) // 4 + 120, 0, 255).astype(np.uint8)
    gain = [fullness(grade(pixels, VIVID, 0.0, rng())) / fullness(pixels) for pixels in (pale, view())]
    assert gain[0] > gain[1] + 0.1


def test_grey_stays_grey() -> None:
    grey = np.repeat(view()[..., :1], 3, axis=2)
    assert np.ptp(grade(grey, VIVID, 0.0, rng()), axis=2).max() <= 1


def test_warmth_leans_to_red_or_blue() -> None:
    plain = np.full((40, 40, 3), 128, np.uint8)
    warm, cold = (grade(plain, PLAIN, warmth, rng()).astype(int) for warmth in (1.0, -1.0))
    assert warm[..., 0].mean() > cold[..., 0].mean()
    assert warm[..., 2].mean() < cold[..., 2].mean()


def test_corners_are_darker() -> None:
    pixels = grade(np.full((90, 120, 3), 180, np.uint8), VIVID, 0.0, rng())
    assert pixels[0, 0].mean() < pixels[45, 60].mean() - 10


def test_grain_is_even_and_tiles_over_large_pictures() -> None:
    pixels = grained(np.full((600, 1100, 3), 128, np.uint8), 3, rng())
    assert abs(pixels.mean() - 128) < 0.6
    assert 0.5 < pixels.std() < 4
    assert (grained(pixels, 0, rng()) == pixels).all()


def test_bright_light_blooms_and_dull_does_not() -> None:
    canvas = np.full((96, 96, 3), 0.3, np.float32)
    assert spill(canvas, 0.5).max() == 0
    canvas[40:56, 40:56] = 1.6
    pixels = quantised(canvas)
    bloomed = screened(pixels, spill(canvas, 0.5))
    assert bloomed[36, 48].mean() > pixels[36, 48].mean() + 10
    assert spill(pixels, 0.5).max() < spill(canvas, 0.5).max()


def test_sharpening_raises_detail() -> None:
    assert detail(crisp(view())) > detail(view()) * 1.2
    canvas = array(view()) * np.float32(1 / 255)
    soft, sharp = (printed(canvas, VIVID, 0.0, rng(), crispness=amount) for amount in (0.0, 0.5))
    assert detail(sharp) > detail(soft) * 1.2
