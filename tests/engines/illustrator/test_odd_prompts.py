"""Five hundred and more odd prompts, each to the finished picture: never an exception, never an empty sheet."""

from __future__ import annotations

import io
import random

import numpy as np
import pytest
from PIL import Image

from limner.engines.base import Job
from limner.engines.illustrator.illustrate import illustrate
from limner.engines.illustrator.pack import ArtPack
from tests.engines.illustrator.test_reading import ODD, WORDS

PACK = ArtPack.open()
SHARES = 10
MEDIA = ("", "photo of ", "watercolor of ", "poster of ", "ink drawing of ", "flat illustration of ")


def odd_prompts() -> list[str]:
    """Odd text, word salad, emoji and every other language's words, the same at every run."""
    chance = random.Random(7)
    salad = [" ".join(chance.choices(WORDS, k=chance.randint(1, 14))) for _ in range(280)]
    emoji = ["".join(chance.choices(sorted(PACK.words("emoji")), k=chance.randint(1, 5))) for _ in range(120)]
    tongues = [sorted(PACK.words(f"foreign-{code}")) for code in ("de", "fr", "hi", "ja", "ko", "ru", "th", "zh")]
    foreign = [" ".join(chance.choices(chance.choice(tongues), k=chance.randint(1, 4))) for _ in range(100)]
    return ODD + [chance.choice(MEDIA) + prompt for prompt in salad + emoji + foreign]


PROMPTS = odd_prompts()


def test_there_are_enough_of_them() -> None:
    assert len(set(PROMPTS)) > 500


@pytest.mark.parametrize("share", range(SHARES))
def test_odd_prompts_become_pictures(share: int) -> None:
    for place, prompt in list(enumerate(PROMPTS))[share::SHARES]:
        size = (96, 64) if place % 2 else (64, 112)
        picture = illustrate(
            Job(prompt=prompt, width=size[0], height=size[1], seed=place, quality="low"), PACK, lambda *_: None
        )
        with Image.open(io.BytesIO(picture.data)) as opened:
            pixels = np.asarray(opened.convert("RGB"), np.float32)
        assert pixels.shape == (size[1], size[0], 3), repr(prompt[:60])
        assert pixels.std() > 8, f"an empty sheet for {prompt[:60]!r}"
        assert picture.revised_prompt
        assert picture.scene is not None
