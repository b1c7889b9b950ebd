"""Any size and ratio, transparent or not: the picture fits, nothing is cropped, and cut-outs have clean edges."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from limner.engines.illustrator.language.reading import read
from limner.engines.illustrator.pack import ArtPack
from limner.engines.illustrator.painter import Painting, paint

PACK = ArtPack.open()
SIZES = [(256, 256), (256, 768), (768, 256), (300, 500), (1280, 427), (427, 1280)]
LARGEST = [(3840, 1280), (1280, 3840)]
PROMPT = "two red balloons above a white dog and a yellow car"


def painted(prompt: str, size: tuple[int, int], **more: object) -> Painting:
    return paint(read(prompt, PACK), size=size, seed=3, pack=PACK, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_everything_is_whole_in_every_format(size: tuple[int, int]) -> None:
    painting = painted(PROMPT, size)
    width, height = size
    assert painting.pixels.shape == (height, width, 3)
    assert len(painting.drawn) == 4
    for number, one in enumerate(painting.drawn, 1):
        x0, y0, x1, y1 = one.box
        assert 0 <= x0 < x1 <= width
        assert 0 <= y0 < y1 <= height
        assert (painting.owner == number).sum() > 0.2 * (x1 - x0) * (y1 - y0)


@pytest.mark.parametrize("size", LARGEST, ids=str)
def test_the_largest_formats_are_painted(size: tuple[int, int]) -> None:
    painting = painted("a cat", size, quality="low")
    assert painting.pixels.shape == (size[1], size[0], 3)
    assert painting.pixels.std() > 20


@pytest.mark.parametrize("prompt", ["a white dog", "a purple elephant", "a sailing boat at sea", "a black bird flying"])
def test_a_cut_out_has_clean_edges(prompt: str) -> None:
    pixels = painted(prompt, (256, 256), background="transparent").pixels
    colour, alpha = pixels[..., :3].astype(np.float32), pixels[..., 3]
    assert (alpha == 0).mean() > 0.2
    assert (alpha == 255).mean() > 0.02
    solid = np.asarray(alpha > 250, np.uint8)
    inner = cv2.erode(solid, np.ones((5, 5), np.uint8)) > 0
    rim = (cv2.dilate(solid, np.ones((3, 3), np.uint8)) > 0) & (alpha > 60) & (alpha < 250)
    assert rim.sum() > 20
    weight = cv2.blur(inner.astype(np.float32), (15, 15))
    near = cv2.blur(colour * inner[..., None], (15, 15)) / np.maximum(weight, 1e-3)[..., None]
    known = rim & (weight > 0.05)
    assert np.abs(colour[known] - near[known]).mean() < 70, "a fringe of another colour"


def test_a_cut_out_keeps_nothing_of_the_place() -> None:
    alpha = painted("a cat", (256, 256), background="transparent").pixels[..., 3]
    assert not alpha[:8].any()
    assert not alpha[:, :4].any()
    count, _ = cv2.connectedComponents(np.asarray(alpha > 128, np.uint8))
    assert count == 2
