"""What the options promise of a finished picture: hd is finer, vivid is fuller, and neither is anybody's trick."""

from __future__ import annotations

import pytest

from benchmarks.quality import FINER, FULLER, bare, drawn, fineness, fullness
from limner.engines.illustrator.pack import ArtPack

PACK = ArtPack.open()
SIZE = 512
PROMPTS = ["a fox under a giant mushroom in a forest", "a camel in the desert at golden hour", "a city at night"]


@pytest.mark.parametrize("prompt", [*PROMPTS, "a rocket in space, pixel art", "a parrot, stained glass"])
def test_hd_is_finer_than_standard(prompt: str) -> None:
    standard, hd = (fineness(drawn(PACK, prompt, SIZE, 7, quality=quality)) for quality in ("standard", "hd"))
    assert hd >= FINER * standard


@pytest.mark.parametrize("prompt", [*PROMPTS, "two red apples, oil painting"])
def test_vivid_is_fuller_than_natural(prompt: str) -> None:
    vivid, natural = (fullness(drawn(PACK, prompt, SIZE, 7, style=style)) for style in ("vivid", "natural"))
    assert vivid >= FULLER * natural
    assert natural > 5


def test_hd_is_drawn_more_finely_before_it_is_sharpened() -> None:
    standard = fineness(bare(PACK, PROMPTS[2], SIZE, 7))
    assert fineness(bare(PACK, PROMPTS[2], SIZE, 7, quality="hd", sharp=False)) > 1.05 * standard
