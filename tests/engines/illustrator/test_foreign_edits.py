"""Edits of pictures that were not made here: what can be done to pixels is done, everything else is refused."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from limner.engines.illustrator.colours import lab
from limner.errors import ApiNotImplemented, BadRequest
from tests.engines.illustrator.studio import drawn, edited, mask, names, photograph, pixels, png

PHOTO = drawn("a red car and a tree in a meadow")
SIZE = (128, 128)


def foreign(prompt: str, **more: Any) -> Any:
    return edited(PHOTO, prompt, ours=False, **more)


def test_our_own_picture_without_its_plan_is_foreign() -> None:
    picture = foreign("as a watercolour")
    assert (picture.plan, picture.origin, names(picture)) == (None, None, {})
    assert picture.revised_prompt == "The picture given, painted in watercolour."
    broken = edited(photograph(PHOTO.data, SIZE), "as a watercolour")
    assert broken.data == picture.data


@pytest.mark.parametrize(
    "prompt",
    [
        "as a watercolour", "oil painting", "pixel art", "ink drawing", "at night", "golden hour", "on a sunny day",
        "foggy",
        "in the snow", "a storm", "sepia", "in blue and gold tones", "in neon colours", "much brighter", "cooler",
        "more saturated", "less contrast", "sharpen it", "blur it", "flip it vertically", "rotate it", "crop it",
        "frame it", "extend it", "add the words 'SALE'", "change day to night", "remove the colour", "stained glass",
    ],
)  # fmt: skip
def test_every_offer_changes_the_pixels(prompt: str) -> None:
    picture = foreign(prompt)
    assert np.abs(pixels(picture) - pixels(PHOTO)).mean() > 0.5
    assert Image.open(io.BytesIO(picture.data)).size == SIZE


def test_light_and_colours_go_where_they_should() -> None:
    before = pixels(PHOTO).mean(axis=(0, 1))
    night, golden = (pixels(foreign(prompt)).mean(axis=(0, 1)) for prompt in ("at night", "golden hour"))
    assert night.sum() < 0.6 * before.sum()
    assert golden[0] / golden[2] > 1.2 * before[0] / before[2]
    assert pixels(foreign("brighter")).mean() > before.mean() + 5
    grey = pixels(foreign("make it black and white"))
    assert np.abs(grey - grey.mean(axis=2, keepdims=True)).max() <= 2
    sepia = lab(np.asarray(pixels(foreign("sepia")) / 255, np.float32).reshape(-1, 3))
    assert sepia[:, 2].mean() > 5


def test_the_middle_is_kept_where_the_shape_is_another() -> None:
    values = np.zeros((64, 128, 3), np.uint8)
    values[:, 32:96] = (200, 30, 30)
    picture = photograph(png(values), (128, 64))
    cut = pixels(edited(picture, "flip it", width=64, height=64))
    assert cut[..., 0].min() > 180
    whole = pixels(edited(picture, "extend it", width=64, height=96))
    assert whole[:20].min() > 180
    assert whole[48, 32, 1] < 60
    assert (pixels(edited(picture, "rotate it to the left", width=64, height=128))[64, 32, 0]) > 180
    upright = edited(picture, "turn it upside down and frame it, as an oil painting", width=96, height=64)
    assert upright.revised_prompt == "The picture given, painted in oil, turned by 180 degrees and mounted on paper."


def test_a_picture_is_turned_as_its_camera_was_held() -> None:
    values = np.zeros((32, 64, 3), np.uint8)
    values[:, :32] = 255
    buffer, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(values).save(buffer, "JPEG", exif=exif)
    turned = pixels(
        edited(photograph(buffer.getvalue(), (32, 64), "image/jpeg"), "slightly warmer", width=32, height=64)
    )
    assert turned[:28].mean() > 200 > turned[36:].mean()


def test_what_is_clear_stays_clear_or_lies_on_white() -> None:
    values = np.zeros((64, 64, 4), np.uint8)
    values[16:48, 16:48] = (200, 30, 30, 255)
    picture = photograph(png(values), (64, 64))
    cut = np.asarray(Image.open(io.BytesIO(edited(picture, "warmer", background="transparent").data)))
    assert (cut.shape[2], cut[0, 0, 3], cut[32, 32, 3]) == (4, 0, 255)
    assert pixels(edited(picture, "warmer")).max(axis=2)[0, 0] == 255
    assert pixels(edited(picture, "frame it", background="transparent")).shape == (64, 64, 3)
    with pytest.raises(ApiNotImplemented) as refused:
        foreign("warmer", background="transparent")
    assert refused.value.param == "background"


def test_a_mask_limits_what_is_done() -> None:
    picture = foreign("at night", mask=mask(SIZE, (0, 0, 64, 128)))
    changed = np.abs(pixels(picture) - pixels(PHOTO)).max(axis=2) > 0
    assert not changed[:, 64:].any()
    assert changed[:, :60].mean() > 0.9


@pytest.mark.parametrize(
    ("prompt", "more", "param"),
    [
        ("remove the car", {}, "prompt"), ("add a dog", {}, "prompt"), ("make the car blue", {}, "prompt"),
        ("in a forest", {}, "prompt"), ("a cat on the moon", {}, "prompt"),
        ("replace the car with a boat", {}, "prompt"),
        ("asdf", {}, "prompt"), ("make it joyful", {}, "prompt"), ("keep it", {}, "prompt"),
        ("on the moon", {}, "prompt"),
        ("remove the car", {"mask": mask(SIZE, (0, 0, 64, 64))}, "mask"),
        ("frame it", {"mask": mask(SIZE, (0, 0, 64, 64))}, "mask"),
    ],
)  # fmt: skip
def test_what_nobody_can_do_without_knowing_the_picture_is_refused(
    prompt: str, more: dict[str, Any], param: str
) -> None:
    with pytest.raises(ApiNotImplemented) as refused:
        foreign(prompt, **more)
    assert refused.value.param == param


@pytest.mark.parametrize("data", [b"", b"no picture", PHOTO.data[:300], b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_what_is_no_picture_is_told_so(data: bytes) -> None:
    with pytest.raises(BadRequest) as refused:
        edited(photograph(data, SIZE), "at night")
    assert refused.value.param == "image"


def test_a_picture_or_mask_out_of_bounds_is_told_so() -> None:
    large = png(np.zeros((8200, 8200), np.uint8))
    with pytest.raises(BadRequest, match="pixels"):
        edited(photograph(large, (8200, 8200)), "at night", width=64, height=64)
    for bad in (png(np.full((128, 128, 4), 255, np.uint8)), mask((128, 64), (0, 0, 9, 9)), b"x"):
        with pytest.raises(BadRequest) as refused:
            foreign("at night", mask=bad)
        assert refused.value.param == "mask"


def test_variations_differ_by_seed_and_come_again_with_it() -> None:
    made = [foreign("", seed=seed).data for seed in (1, 2, 1)]
    assert made[0] == made[2] != made[1]
    assert PHOTO.data not in made
