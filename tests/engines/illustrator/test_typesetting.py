from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from limner.engines.illustrator.printing.typefaces import LOOKS, choose, covers, drawable
from limner.engines.illustrator.printing.typesetting import GRID, Setting, fit, letter, mask_of
from tests.engines.illustrator.paintbox import PACK

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Medium


def test_faces_suit_the_medium_and_have_the_letters() -> None:
    assert choose(PACK, "poster", "AMALFI") == ("limelight",)
    assert choose(PACK, "poster", "HI") == ("bebas-neue",)
    assert choose(PACK, "poster", "The end of the world") == ("abril-fatface",)
    assert choose(PACK, "render", "Hello") == ("righteous",)
    assert choose(PACK, "render", "Hello", "dreamy") == ("pacifico",)
    assert choose(PACK, "blueprint", "Hello", "dreamy") == ("share-tech-mono",)
    assert all(family in PACK.fonts for look in LOOKS.values() for family in look.faces)
    assert covers(PACK, "limelight", "AMALFI 1925")
    assert not covers(PACK, "limelight", "Москва")


@pytest.mark.parametrize(
    "text", ["Москва", "Ελλάδα", "שלום", "नमस्ते", "สวัสดี", "こんにちは", "안녕하세요", "你好", "مرحبا"]
)
def test_every_script_has_a_face(text: str) -> None:
    family = choose(PACK, "poster", text)[0]
    assert covers(PACK, family, text)
    assert mask_of(PACK, fit(PACK, "poster", text, 240, 60), 240, 60).max() > 0.9


def test_texts_of_several_scripts_have_several_faces() -> None:
    assert choose(PACK, "render", "I \u2764 cake") == ("righteous", "signs")
    assert choose(PACK, "render", "안녕 Seoul") == ("noto-sans", "noto-sans-kr")
    assert choose(PACK, "render", "今日 東京") == ("noto-sans-jp", "noto-sans")


def test_what_no_face_has_is_left_out() -> None:
    assert drawable(PACK, "I \u2764\ufe0f my \U0001f436 dog\x07") == "I \u2764 my dog"
    pixels = np.full((40, 100, 3), 90, np.uint8)
    letter(pixels, "\U0001f9ff", (0, 0, 100, 40), PACK, medium="flat")
    assert (pixels == 90).all()


def ink_of(text: str, family: str) -> tuple[int, int]:
    """Give the first and the last column with ink of a text set at 40 pixels."""
    columns = np.flatnonzero(mask_of(PACK, Setting((text,), (family, "noto-sans"), 40, 0), 500, 60)[..., 0].max(axis=0))
    return int(columns[0]), int(columns[-1])


def test_signs_beside_their_letter_take_their_room() -> None:
    # What follows a vowel sign starts where it ends: a word is as wide within a text as it is alone.
    family = "noto-sans-devanagari"
    widths = [last - first for first, last in (ink_of(word, family) for word in ("दुनिया", "हिन्दी", "दुनिया हिन्दी"))]
    assert widths[2] - widths[0] - widths[1] == pytest.approx(0.26 * 40, abs=3)


def test_arabic_is_joined() -> None:
    joined, apart = ink_of("مرحبا", "noto-sans-arabic"), ink_of(" ".join("مرحبا"), "noto-sans-arabic")
    assert joined[1] - joined[0] < 0.6 * (apart[1] - apart[0])


def test_scripts_without_spaces_are_broken_anywhere() -> None:
    assert len(fit(PACK, "render", "你好世界你好世界", 120, 120).lines) > 1


def test_letters_of_squares_are_of_squares() -> None:
    pixels = np.full((400, 400, 3), 40, np.uint8)
    letter(pixels, "PIXEL", (0, 0, 400, 120), PACK, medium="pixel")
    cell = round(400 / GRID)
    rows = (400 // cell) * cell
    squares = pixels[:rows, :rows].reshape(rows // cell, cell, rows // cell, cell, 3)
    assert (squares == squares[:, :1, :, :1]).mean() > 0.99


@pytest.mark.parametrize("medium", LOOKS)
def test_every_medium_letters_on_clear_ground_too(medium: Medium) -> None:
    pixels = np.zeros((60, 200, 4), np.uint8)
    letter(pixels, "CLEAR", (10, 10, 190, 50), PACK, medium=medium)
    assert 0.05 < (pixels[..., 3] > 250).mean() < 0.8


def test_a_word_fills_its_rectangle() -> None:
    mask = mask_of(PACK, fit(PACK, "poster", "AMALFI", 400, 90), 400, 90)[..., 0]
    rows, columns = np.flatnonzero(mask.max(axis=1) > 0.5), np.flatnonzero(mask.max(axis=0) > 0.5)
    assert len(columns) > 0
    assert max((columns[-1] - columns[0]) / 400, (rows[-1] - rows[0]) / 62) > 0.85
    assert columns[0] > 0
    assert columns[-1] < 399


def test_long_texts_are_broken_into_lines_that_fit() -> None:
    setting = fit(PACK, "render", "the quick brown fox jumps over the lazy dog", 260, 120)
    assert 2 <= len(setting.lines) <= 4
    assert " ".join(setting.lines) == "the quick brown fox jumps over the lazy dog"
    mask = mask_of(PACK, setting, 260, 120)[..., 1]
    assert mask[:, :2].max() == 0
    assert mask[:, -2:].max() == 0


@pytest.mark.parametrize("ground", [12, 120, 170, 245])
def test_letters_stand_out_on_any_ground(ground: int) -> None:
    pixels = np.full((120, 400, 3), ground, np.uint8)
    letter(pixels, "OPEN", (10, 10, 390, 110), PACK, medium="photo")
    mask = mask_of(PACK, fit(PACK, "photo", "OPEN", 380, 100), 380, 100)[..., 0]
    inside = pixels[10:110, 10:390].mean(axis=2)
    tones = inside[mask > 0.95].mean(), np.median(inside[mask == 0])
    # WCAG's large text needs 3 : 1.
    light, dark = (max(tones) / 255) ** 2.2 + 0.05, (min(tones) / 255) ** 2.2 + 0.05
    assert light / dark > 3


def test_ink_is_the_colour_asked_for_and_alpha_follows_the_letters() -> None:
    pixels = np.zeros((60, 200, 4), np.uint8)
    letter(pixels, "RED", (0, 0, 200, 60), PACK, medium="poster", ink="#c01020")
    covered = pixels[..., 3] > 250
    assert 0.05 < covered.mean() < 0.6
    assert np.median(pixels[covered][:, :3], axis=0).tolist() == [192, 16, 32]


def test_an_empty_rectangle_does_no_harm() -> None:
    pixels = np.zeros((2, 2, 3), np.uint8)
    letter(pixels, "A LONG SENTENCE", (0, 0, 1, 1), PACK, medium="render")
    assert pixels.shape == (2, 2, 3)


@given(text=st.text(max_size=40), medium=st.sampled_from(sorted(LOOKS)), mood=st.sampled_from([None, "dreamy"]))
@settings(max_examples=60, deadline=None, derandomize=True)
@example(text="]]><&'\"\x00\u200d\u202e\u0301", medium="render", mood=None)
@example(text="\u093f\u093f \u0903", medium="glass", mood=None)
def test_any_text_can_be_set(text: str, medium: Medium, mood: str | None) -> None:
    pixels = np.full((48, 96, 3), 120, np.uint8)
    letter(pixels, text, (4, 4, 92, 44), PACK, medium=medium, mood=mood)
    assert pixels.shape == (48, 96, 3)
