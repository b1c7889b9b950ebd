from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from limner.engines.illustrator.media import MEDIA, Proof
from limner.engines.illustrator.media.areas import enlarged, hazed, limited, lit_up, nearest_of, palette_of, tidied
from limner.engines.illustrator.media.contours import along, flow, outlines, shifted
from limner.engines.illustrator.media.photo import lens
from limner.engines.illustrator.media.plain import plain_ground
from limner.engines.illustrator.pixels import array, noise
from limner.engines.illustrator.printing.finish import fullness, quantised
from tests.engines.illustrator.paintbox import detail

if TYPE_CHECKING:
    from limner.engines.illustrator.printing.finish import Pixels

DONE_OVER = [medium for medium, manner in MEDIA.items() if manner.over]
SIZES = [(192, 256), (40, 300), (64, 64), (16, 16)]


def rng() -> np.random.Generator:
    return np.random.default_rng(4)


def view(height: int = 120, width: int = 160) -> np.ndarray:
    """Make a small picture with a sky, a ground, a disc and some texture, uint8."""
    y, x = np.mgrid[0:height, 0:width] / height
    sky = np.stack([60 + 100 * y, 120 + 80 * y, 220 - 20 * y], axis=-1)
    sky[y > 0.6] = (70, 140, 50)
    sky[np.hypot(x - 0.6, y - 0.5) < 0.25] = (220, 60, 40)
    return np.clip(sky + rng().normal(0, 8, sky.shape), 0, 255).astype(np.uint8)


def proof(height: int = 192, width: int = 256, detail: float = 0.6, *, figures: bool = True) -> Proof:
    """Make a proof of it in which the disc and a box before it are figures."""
    y, x = np.mgrid[0:height, 0:width] / height
    owner = np.zeros((height, width), np.uint16)
    if figures:
        owner[np.hypot(x - 0.6, y - 0.5) < 0.25] = 1
        owner[(np.abs(x - 0.75) < 0.1) & (np.abs(y - 0.75) < 0.1)] = 2
    return Proof(view(height, width), owner, detail)


def made(medium: str, given: Proof) -> Pixels:
    """Do a proof over in a medium."""
    over = MEDIA[medium].over  # type: ignore[index]
    assert over is not None
    return over(given, rng())


@pytest.mark.parametrize("medium", DONE_OVER)
def test_media_keep_the_size_and_repeat_themselves(medium: str) -> None:
    for size in SIZES:
        given = proof(*size)
        after = made(medium, given)
        assert (after.shape, after.dtype) == (given.pixels.shape, given.pixels.dtype)
        assert after.std() > 1
    assert (made(medium, proof(64, 80)) == made(medium, proof(64, 80))).all()


@pytest.mark.parametrize("medium", DONE_OVER)
def test_media_change_the_picture_and_not_what_they_were_given(medium: str) -> None:
    given = proof()
    after = made(medium, given)
    assert (given.pixels == view(192, 256)).all()
    assert np.abs(after.astype(int) - given.pixels).mean() > 2


@pytest.mark.parametrize("medium", [medium for medium in DONE_OVER if medium != "blueprint"])
@pytest.mark.parametrize("quality", [0.5, 1.0])
def test_coloured_media_keep_the_subject_red(medium: str, quality: float) -> None:
    middle = made(medium, proof(detail=quality))[86:106, 105:125].reshape(-1, 3)
    red, green, blue = np.median(middle, axis=0)
    assert red > max(green, blue) + 15


@pytest.mark.parametrize("medium", DONE_OVER)
def test_media_need_no_figures(medium: str) -> None:
    assert made(medium, proof(96, 128, figures=False)).std() > 1


def test_media_with_a_margin_leave_paper_around() -> None:
    for medium in ("watercolour", "book"):
        assert made(medium, proof())[:3].mean() > 230
        assert MEDIA[medium].margin > 0


def test_pixel_art_is_made_of_equal_squares_in_few_colours() -> None:
    drawn = made("pixel", proof(384, 512))
    cell = next(size for size in range(2, 9) if (drawn[0, 0] != drawn[0, :64]).any() and 384 // size < 200)
    squares = drawn[::cell, ::cell]
    assert (np.repeat(np.repeat(squares, cell, axis=0), cell, axis=1)[:384, :512] == drawn).all()
    place = proof(384, 512, figures=False)
    assert len(np.unique(made("pixel", place).reshape(-1, 3), axis=0)) <= 38


def test_a_pixel_cut_out_has_square_edges() -> None:
    given = proof(384, 512)
    edge = MEDIA["pixel"].edge
    assert edge is not None
    cover = edge((given.figures * 255).astype(np.uint8), given)
    assert cover.shape == (384, 512)
    assert len(np.unique(cover)) <= 5
    assert (cover[::2, ::2].repeat(2, axis=0).repeat(2, axis=1)[:384, :512] == cover).all()


def test_blueprints_are_blue_and_glass_is_leaded() -> None:
    blue = made("blueprint", proof()).reshape(-1, 3)
    assert (np.median(blue, axis=0)[2] - np.median(blue, axis=0)[0]) > 60
    glazed, before = made("glass", proof(384, 512)), proof(384, 512)
    assert (glazed.max(axis=2) < 80).mean() > (before.pixels.max(axis=2) < 80).mean() + 0.02
    pale = Proof(before.pixels // 4 + np.uint8(120), before.owner, before.detail)
    assert fullness(made("glass", pale)) > 1.05 * fullness(pale.pixels)


def test_card_throws_shadows_and_anime_draws_lines() -> None:
    dark = (made("anime", proof()).max(axis=2) < 70).mean()
    assert dark > 0.005
    flat, cut = made("flat", proof()), made("paper", proof())
    below = slice(142, 150), slice(100, 120)
    assert cut[below].mean() < flat[below].mean()


def test_a_lens_blurs_what_is_far_from_its_focus() -> None:
    canvas = array(view()) / np.float32(255)
    lens(canvas, 0.9, 0.03)
    pixels = quantised(canvas)
    assert detail(pixels[:40]) < 0.4 * detail(view()[:40])
    assert detail(pixels[106:112]) > 0.7 * detail(view()[106:112])
    wide = array(view(360, 480)) / np.float32(255)
    lens(wide, 0.9, 0.03)
    assert detail(quantised(wide)[:90]) < 0.4 * detail(view(360, 480)[:90])


def test_palettes_keep_small_bright_things() -> None:
    pixels = np.full((72, 72, 3), 90, np.uint8) + rng().integers(0, 40, (72, 72, 1), dtype=np.uint8)
    pixels[30:33, 30:33] = (250, 30, 20)
    colours = palette_of(pixels, 6)
    assert colours.shape == (6, 3)
    assert (colours[:, 0] - colours[:, 1]).max() > 0.7
    inside = np.zeros((72, 72), bool)
    inside[28:36, 28:36] = True
    assert palette_of(pixels, 6, inside).shape == (6, 3)
    printed = limited(pixels, colours)
    assert len(np.unique(printed.reshape(-1, 3), axis=0)) <= 6


def test_areas_are_tidied_and_enlarged_without_new_ones() -> None:
    labels = nearest_of(view(), palette_of(view(), 8))
    assert set(np.unique(enlarged(tidied(labels, 5), 320, 240))) <= set(np.unique(labels))
    assert hazed(view(), 8).std() < view().std()


def test_outlines_lie_where_figures_end() -> None:
    lines = outlines(proof().owner, 3)
    assert lines[48, 115] > 0.5
    assert lines[96, 115] < 0.05


def test_forms_run_along_their_contours_and_strokes_follow() -> None:
    luma = np.repeat(array(np.linspace(0, 1, 64))[None], 64, axis=0)
    x, y = flow(luma, 3)
    assert np.abs(x[32, 32]) < 0.1 < np.abs(y[32, 32])
    strokes = along(noise(64, 64, 1.5, 1.5, rng()), (x, y), 1.0, 3)
    assert np.abs(np.diff(strokes, axis=0)).mean() < 0.6 * np.abs(np.diff(strokes, axis=1)).mean()
    assert (shifted(luma, 1, 0)[:, 1:] == luma[:, :-1]).all()


def test_lit_windows_shine_on_dark_card() -> None:
    dark = np.full((192, 256, 3), 30, np.uint8)
    dark[120:] = 12
    dark[60:66, 100:106] = (250, 220, 120)
    cut = made("paper", Proof(dark, np.zeros((192, 256), np.uint16), 0.6))
    assert cut[62:64, 102:104].mean() > 120
    assert cut[40:50, 40:60].mean() < 60


def studio(*, figures: bool = True) -> Proof:
    """Make a proof of soft light alone, with a red box that stands on the floor, if wanted, and one that does not."""
    y, x = np.mgrid[0:192, 0:256] / 192
    pixels = np.clip(np.stack([150 + 60 * y, 160 + 50 * y, 170 + 30 * x], axis=-1), 0, 255).astype(np.uint8)
    owner = np.zeros((192, 256), np.uint16)
    if figures:
        owner[100:150, 60:110], owner[30:70, 150:190] = 1, 2
        pixels[owner > 0] = (210, 40, 30)
    return Proof(pixels, owner, 0.6)


def test_soft_light_is_told_in_a_ground_a_disc_and_shadows() -> None:
    given = studio()
    ground = plain_ground(given)
    assert ground is not None
    assert (ground[96, 128] > ground[2, 2]).all()
    assert (ground[150, 85] < ground[2, 2]).all()
    assert (ground[74, 170] == ground[96, 128]).all()
    for medium in ("flat", "pixel"):
        assert np.ptp(made(medium, given)[:60, :20], axis=(0, 1)).max() == 0
    assert plain_ground(studio(figures=False)) is not None


def test_a_place_with_more_to_see_is_kept() -> None:
    assert plain_ground(proof()) is None
    filled = np.ones((192, 256), np.uint16)
    assert plain_ground(Proof(studio().pixels, filled, 0.6)) is None
    even = np.full((192, 256, 3), 120, np.uint8)
    assert plain_ground(Proof(even, studio().owner, 0.6)) is None


def test_dark_places_are_given_contrast_and_figures_are_not() -> None:
    given = proof()
    night = Proof((given.pixels // 3).astype(np.uint8), given.owner, given.detail)
    lit = lit_up(night)
    place = ~night.figures
    assert lit.pixels[place].std() > 1.2 * night.pixels[place].std()
    assert (lit.pixels[night.figures] == night.pixels[night.figures]).all()
    even = np.full_like(night.pixels, 40)
    for kept in (given, Proof(even, night.owner, 0.6), Proof(night.pixels, np.ones_like(night.owner), 0.6)):
        assert lit_up(kept) is kept
