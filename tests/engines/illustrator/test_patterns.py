"""Two colours on one thing: read, told, and seen in stripes, dots or halves."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np
import pytest

from limner.engines.illustrator.colours import NAMED
from limner.engines.illustrator.figures.patterns import MADE, patterned
from limner.engines.illustrator.figures.relief import Figure
from limner.engines.illustrator.language.reading import PIED, read
from limner.engines.illustrator.language.telling import tell
from limner.engines.illustrator.pack import ArtPack
from limner.engines.illustrator.painter import paint
from limner.engines.illustrator.pixels import array, rgb
from limner.engines.illustrator.scene import Pattern

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Subject

PATTERNS: tuple[Pattern, ...] = get_args(Pattern)


@pytest.fixture(scope="module")
def pack() -> ArtPack:
    return ArtPack.open()


def only(prompt: str, pack: ArtPack) -> Subject:
    (subject,) = read(prompt, pack).subjects
    return subject


@pytest.mark.parametrize(
    ("prompt", "colours", "pattern", "told"),
    [
        ("a red and white striped umbrella", ("red", "white"), "stripes", "A red and white striped umbrella"),
        ("three red and white striped umbrellas", ("red", "white"), "stripes", "Three red and white striped umbrellas"),
        ("a white vase with blue stripes", ("white", "blue"), "stripes", "A white and blue striped vase"),
        ("a blue polka dot mug", ("blue", "white"), "dots", "A blue and white dotted mug"),
        ("a white mug with dots", ("white", "black"), "dots", "A white and black dotted mug"),
        ("a blue and yellow parrot", ("blue", "yellow"), "halves", "A blue and yellow parrot"),
        ("a black and white cat", ("black", "white"), "halves", "A black and white cat"),
        ("a red lighthouse", ("red", None), "halves", "A red lighthouse"),
        ("a red and white striped lighthouse", (None, None), "halves", "A lighthouse"),
        ("a blue and white lighthouse", ("blue", "white"), "halves", "A blue and white lighthouse"),
        ("a striped cat", (None, None), "halves", "A cat"),
        ("a black and white cow", (None, None), "halves", "A cow"),
    ],
)
def test_two_colours_are_read_and_told(
    pack: ArtPack, prompt: str, colours: tuple[str | None, str | None], pattern: str, told: str
) -> None:
    subject = only(prompt, pack)
    assert (subject.colour, subject.second, subject.pattern) == (*colours, pattern)
    assert tell(read(prompt, pack)).startswith(told)


def test_several_of_two_colours_are_still_some_of_each(pack: ArtPack) -> None:
    apples = read("four red and green apples", pack).subjects
    assert [(one.count, one.colour, one.second) for one in apples] == [(2, "red", None), (2, "green", None)]


def test_what_is_pied_is_drawn(pack: ArtPack) -> None:
    assert set(PIED) <= pack.names


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("size", [(60, 90), (90, 60), (4, 4)])
def test_patterns_leave_some_of_the_first_colour(pattern: Pattern, size: tuple[int, int]) -> None:
    share = MADE[pattern](*size)
    assert share.shape == size
    assert 0 <= share.min() <= share.max() <= 1
    if min(size) > 4:
        assert 0.2 < share.mean() < 0.8


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_second_colour_is_lit_like_the_first(pattern: Pattern) -> None:
    light = np.linspace(0.4, 1.0, 80, dtype=np.float32)[None, :, None]
    lit = Figure(array(np.tile(rgb(NAMED["red"]), (80, 80, 1)) * light), array(np.ones((80, 80))))
    own = array(np.ones((80, 80)))
    own[:, :10] = 0
    made, left = patterned(lit, own, ("red", "blue"), pattern)
    blue = made.colour[..., 2] > made.colour[..., 0]
    assert 0.2 < blue[:, 10:].mean() < 0.8
    assert not blue[:, :10].any()
    assert left[blue].max() < 0.6
    bright, dark = (made.colour[:, at][blue[:, at], 2].mean() for at in (slice(60, 80), slice(10, 30)))
    assert bright > 1.3 * dark


@pytest.mark.parametrize(
    "art", ["a red and white striped umbrella", "a red mug with white stripes", "a red striped tent"]
)
def test_both_colours_are_seen_in_the_picture(pack: ArtPack, art: str) -> None:
    painting = paint(read(f"{art}, white background", pack), size=(256, 256), seed=3, pack=pack)
    seen = painting.pixels[painting.owner == 1].astype(int)
    red = (seen[:, 0] > 120) & (seen[:, 1] < 90)
    white = (seen.min(axis=1) > 120) & (np.ptp(seen, axis=1) < 60)
    assert red.mean() > 0.1
    assert white.mean() > 0.1
