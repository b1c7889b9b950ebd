"""What is lettered is read back by an OCR engine (PP-OCR v4), exactly, from finished pictures.

Spaces are not compared: the engine reads words, and tells single gaps from none by guess. Capitals are, except where
the typeface has no others.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import cv2
import pytest

from limner.engines.illustrator.language.reading import read
from limner.engines.illustrator.pack import ArtPack
from limner.engines.illustrator.painter import paint
from limner.engines.illustrator.printing.sheet import lettered, plan_sheet
from limner.engines.illustrator.scene import Medium

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 13), reason="the OCR engine is not made for this Python yet")

PACK = ArtPack.open()
MEDIA: tuple[Medium, ...] = get_args(Medium)
TEXTS = (
    "OPEN",
    "Harbour Days",
    "AMALFI",
    "limner",
    "Summer Jazz Festival 2026",
    "Hello World!",
    "The Long Road Home",
    "Keep out",
    "Route 66",
    "Every journey begins with one single step",
    "MUSEUM OF TOYS",
    "Fresh bread",
)
SIZES = ((512, 512), (1024, 1024), (1792, 1024), (1024, 1792))
PROMPTS = ("a fox in a forest", "a lighthouse by the sea", "a cat in a garden", "a dog on a beach")
CAPITALS_ALONE = frozenset({"anime"})
SURE = 0.8
"""How sure the engine is of a word at least; less, and it has seen letters in the grass."""
LONGEST_SIDE = 640
"""Pictures are read at this size at most, which is less than a viewer sees and quick to read."""


@pytest.fixture(scope="session")
def reads() -> Callable[[Pixels], str]:
    """Give the engine as a function from pixels to text: lines from top to bottom, words from left to right."""
    from rapidocr_onnxruntime import RapidOCR  # noqa: PLC0415  not to be had for every Python

    engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1, det_limit_side_len=320, text_score=SURE)

    def read_back(pixels: Pixels) -> str:
        share = min(1.0, LONGEST_SIDE / max(pixels.shape[:2]))
        small = cv2.resize(pixels[..., 2::-1], None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        found, _ = engine(small, use_cls=False)
        return "".join(word for _, word in sorted(_places(found or []))).replace(" ", "")

    return read_back


def _places(found: list[tuple[list[list[float]], str, float]]) -> list[tuple[tuple[int, float], str]]:
    """Give every word found its line, counted from the top, and its left end."""
    line, last, placed = 0, -1e9, []
    for corners, word, _ in sorted(found, key=lambda one: one[0][0][1] + one[0][2][1]):
        middle, height = (corners[0][1] + corners[2][1]) / 2, corners[2][1] - corners[0][1]
        if middle - last > 0.5 * height:
            line, last = line + 1, middle
        placed.append(((line, corners[0][0]), word))
    return placed


def same(read_back: str, text: str, medium: Medium) -> bool:
    text = text.replace(" ", "")
    return read_back.upper() == text.upper() if medium in CAPITALS_ALONE else read_back == text


@pytest.mark.parametrize(("number", "medium"), list(enumerate(MEDIA)))
def test_every_medium_can_be_read(reads: Callable[[Pixels], str], number: int, medium: Medium) -> None:
    for at in (number, number + 5):
        text = TEXTS[at % len(TEXTS)]
        scene = replace(read(PROMPTS[at % len(PROMPTS)], PACK), medium=medium, text=(text,))
        pixels = paint(scene, size=(512, 512), seed=1, pack=PACK, quality="low").pixels
        assert same(reads(pixels), text, medium), f"{reads(pixels)!r} for {text!r}"


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_text_can_be_read_at_every_size(reads: Callable[[Pixels], str], size: tuple[int, int]) -> None:
    # One picture without words serves for all: what is tested is that they are read over one.
    scene = read(PROMPTS[1], PACK)
    plain, wrong = paint(scene, size=size, seed=2, pack=PACK, quality="low").pixels, {}
    for text in TEXTS:
        pixels, wordy = plain.copy(), replace(scene, text=(text,))
        lettered(pixels, wordy, plan_sheet(wordy, *size, clear=False), PACK, "#000000")
        if (got := reads(pixels)) != text.replace(" ", ""):
            wrong[text] = got
    assert wrong == {}


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_posters_can_be_read_at_every_size(reads: Callable[[Pixels], str], size: tuple[int, int]) -> None:
    scene = replace(read(PROMPTS[3], PACK), medium="poster", text=("AMALFI", "Summer Jazz Festival"))
    assert reads(paint(scene, size=size, seed=2, pack=PACK, quality="low").pixels) == "AMALFISummerJazzFestival"


@pytest.mark.parametrize("text", ["你好世界", "东京大学", "世界平和"])
def test_chinese_and_kanji_can_be_read(reads: Callable[[Pixels], str], text: str) -> None:
    scene = replace(read(PROMPTS[3], PACK), text=(text,))
    assert reads(paint(scene, size=(512, 512), seed=1, pack=PACK, quality="low").pixels) == text


def test_several_texts_can_be_read(reads: Callable[[Pixels], str]) -> None:
    scene = replace(read(PROMPTS[1], PACK), text=("The Light", "Anna Bell", "Second Edition"))
    assert (
        reads(paint(scene, size=(768, 768), seed=1, pack=PACK, quality="low").pixels) == "TheLightAnnaBellSecondEdition"
    )
