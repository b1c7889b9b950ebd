from __future__ import annotations

import numpy as np
import pytest

from limner.engines.illustrator import pixels
from limner.engines.illustrator.pixels import Array, array


def generator(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def canvas(h: int = 40, w: int = 60, value: float = 0.25) -> Array:
    return np.full((h, w, 3), value, np.float32)


def test_rgb_reads_hexadecimal_and_passes_colours_on() -> None:
    assert np.allclose(pixels.rgb("#ff8000"), (1, 128 / 255, 0))
    assert np.allclose(pixels.rgb((0.1, 0.2, 0.3)), (0.1, 0.2, 0.3))


@pytest.mark.parametrize("size", [8, 80])
def test_mix_blends_colours_and_images_alike_at_any_size(size: int) -> None:
    t = generator().random((size, size, 1), dtype=np.float32)
    red, blue = array((1, 0, 0)), array((0, 0, 1))
    expected = red + (blue - red) * t
    image = canvas(size, size, 0.5)
    assert np.allclose(pixels.mix(red, blue, t), expected, atol=1e-4)
    assert np.allclose(pixels.mix(image, blue, t), image + (blue - image) * t, atol=1e-4)
    assert np.allclose(pixels.mix(image, 1, t), image + (1 - image) * t, atol=1e-4)
    assert np.allclose(pixels.mix(0.0, 4.0, 0.25), 1.0)


def test_smoothstep_rises_or_falls_between_its_edges() -> None:
    x = array([-1, 0, 0.5, 1, 2])
    assert np.allclose(pixels.smoothstep(0, 1, x), [0, 0, 0.5, 1, 1])
    assert np.allclose(pixels.smoothstep(1, 0, x), [1, 1, 0.5, 0, 0])
    assert float(pixels.smoothstep(0, 1, 0.5)) == pytest.approx(0.5)


def test_resize_keeps_the_mean_and_gives_back_the_same_size_untouched() -> None:
    image = generator().random((32, 48, 3), dtype=np.float32)
    assert pixels.resize(image, 48, 32) is image
    for smooth in (False, True):
        assert pixels.resize(image, 12, 8, smooth=smooth).mean() == pytest.approx(image.mean(), abs=0.02)
        assert pixels.resize(image, 96, 64, smooth=smooth).shape == (64, 96, 3)


@pytest.mark.parametrize("sigma", [0.2, 2.0, 12.0, 40.0])
def test_blur_keeps_the_mean_and_takes_away_the_detail(sigma: float) -> None:
    image = generator().random((128, 128), dtype=np.float32)
    soft = pixels.blur(image, sigma)
    assert soft.shape == image.shape
    assert soft.mean() == pytest.approx(image.mean(), abs=0.02)
    assert soft.std() <= image.std()


def test_fork_is_independent_and_repeatable() -> None:
    one, other = pixels.fork(generator(5)), pixels.fork(generator(5))
    assert one.random() == other.random()
    parent = generator(5)
    assert pixels.fork(parent).random() != pixels.fork(parent).random()


def test_noise_stays_the_same_picture_at_twice_the_size() -> None:
    small = pixels.fbm(64, 96, 24, 4, generator(3), aspect=1.5)
    large = pixels.resize(pixels.fbm(128, 192, 48, 4, generator(3), aspect=1.5), 96, 64)
    assert np.corrcoef(small.ravel(), large.ravel())[0, 1] > 0.9
    assert 0.3 < small.mean() < 0.7
    plain = pixels.noise(32, 32, 8, 4, generator(3))
    assert plain.shape == (32, 32)
    assert plain.std() > 0.05


def test_profile_is_a_line_around_a_half() -> None:
    line = pixels.profile(200, 30, 5, generator())
    assert line.shape == (200,)
    assert 0.2 < line.mean() < 0.8
    assert np.abs(np.diff(line)).max() < 0.2


def test_gradient_runs_through_its_stops() -> None:
    image = pixels.gradient(101, 3, [(0, "#000000"), (1, "#ffffff")])
    assert image.shape == (101, 3, 3)
    assert image[50, 1, 0] == pytest.approx(0.5, abs=0.02)
    assert pixels.column(10, [(0, "#000000"), (1, (1, 1, 1))]).shape == (10, 1, 3)


def test_bounds_finds_what_a_mask_touches() -> None:
    mask = np.zeros((20, 30), np.float32)
    assert pixels.bounds(mask) is None
    mask[4:7, 10:12] = 1
    assert pixels.bounds(mask) == (slice(4, 7), slice(10, 12))


@pytest.mark.parametrize("kind", ["colour", "column", "image"])
def test_over_paints_only_through_the_mask(kind: str) -> None:
    mask = np.zeros((40, 60), np.float32)
    mask[10:20, 5:15] = 1
    colours = {"colour": array((1, 0, 0)), "column": np.tile(array((1, 0, 0)), (40, 1, 1)), "image": canvas(value=1)}
    image = pixels.over(canvas(), colours[kind], mask)
    assert image[15, 10, 0] == pytest.approx(1, abs=1e-3)
    assert np.allclose(image[30], 0.25)


def test_empty_masks_change_nothing() -> None:
    empty = np.zeros((40, 60), np.float32)
    assert np.allclose(pixels.over(canvas(), (1, 1, 1), empty), 0.25)
    assert np.allclose(pixels.add(canvas(), (1, 1, 1), empty), 0.25)


def test_add_and_screen_bring_light() -> None:
    mask = np.ones((40, 60), np.float32)
    assert np.allclose(pixels.add(canvas(), (0.5, 0, 0), mask)[0, 0], (0.75, 0.25, 0.25))
    assert np.allclose(pixels.add(canvas(), canvas(value=0.5), mask), 0.75)
    assert np.allclose(pixels.screen(canvas(), canvas(value=0.5)), 1 - 0.75 * 0.5)


def test_shade_multiplies_by_fields_and_by_images() -> None:
    assert np.allclose(pixels.shade(canvas(), np.full((40, 60), 0.5, np.float32)), 0.125)
    assert np.allclose(pixels.shade(canvas(), canvas(value=2)), 0.5)


def test_glow_is_brightest_at_its_place() -> None:
    image = pixels.glow(canvas(120, 120, 0), (30, 90), 30, (1, 0.8, 0.6), 0.9)
    y, x = np.unravel_index(image[..., 0].argmax(), (120, 120))
    assert abs(int(x) - 30) < 8
    assert abs(int(y) - 90) < 8
    assert image.max() <= 1


def test_shapes_cover_their_area() -> None:
    square = [(10, 10), (110, 10), (110, 110), (10, 110)]
    assert pixels.polygon(120, 120, square).sum() == pytest.approx(10_000, rel=0.05)
    assert pixels.discs(40, 60, [(20, 20, 10, 0.5)]).sum() == pytest.approx(0.5 * np.pi * 100, rel=0.15)
    line = pixels.below(40, np.full(60, 30, np.float32))
    assert line.sum() == pytest.approx(10 * 60, rel=0.05)
