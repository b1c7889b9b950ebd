from __future__ import annotations

import numpy as np
import pytest

from limner.engines.illustrator.printing.typesetting import choose, covers, fit, letter, mask_of
from tests.engines.illustrator.paintbox import PACK


def test_faces_suit_the_medium_and_have_the_letters() -> None:
    assert choose(PACK, "poster", "AMALFI") == "limelight"
    assert choose(PACK, "poster", "HI") == "bebas-neue"
    assert choose(PACK, "poster", "The end of the world") == "abril-fatface"
    assert choose(PACK, "render", "Hello") == "righteous"
    assert covers(PACK, "limelight", "AMALFI 1925")
    assert not covers(PACK, "limelight", "Москва")


@pytest.mark.parametrize(
    "text", ["Москва", "Ελλάδα", "שלום", "नमस्ते", "สวัสดี", "こんにちは", "안녕하세요", "你好", "مرحبا"]
)
def test_every_script_has_a_face(text: str) -> None:
    family = choose(PACK, "poster", text)
    assert covers(PACK, family, text)
    assert mask_of(PACK, fit(PACK, "poster", text, 240, 60), 240, 60).max() > 0.9


def test_what_no_face_has_is_set_all_the_same() -> None:
    assert fit(PACK, "flat", "\U0001f9ff", 100, 40).size > 5


def test_a_word_fills_its_rectangle() -> None:
    mask = mask_of(PACK, fit(PACK, "poster", "AMALFI", 400, 90), 400, 90)
    rows, columns = np.flatnonzero(mask.max(axis=1) > 0.5), np.flatnonzero(mask.max(axis=0) > 0.5)
    assert len(columns) > 0
    assert max((columns[-1] - columns[0]) / 400, (rows[-1] - rows[0]) / 62) > 0.85
    assert columns[0] > 0
    assert columns[-1] < 399


def test_long_texts_are_broken_into_lines_that_fit() -> None:
    setting = fit(PACK, "render", "the quick brown fox jumps over the lazy dog", 260, 120)
    assert 2 <= len(setting.lines) <= 4
    assert " ".join(setting.lines) == "the quick brown fox jumps over the lazy dog"
    mask = mask_of(PACK, setting, 260, 120)
    assert mask[:, :2].max() == 0
    assert mask[:, -2:].max() == 0


@pytest.mark.parametrize("ground", [12, 120, 170, 245])
def test_letters_stand_out_on_any_ground(ground: int) -> None:
    pixels = np.full((120, 400, 3), ground, np.uint8)
    letter(pixels, "OPEN", (10, 10, 390, 110), PACK, medium="photo")
    mask = mask_of(PACK, fit(PACK, "photo", "OPEN", 380, 100), 380, 100)
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
