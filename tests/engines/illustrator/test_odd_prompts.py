"""Two thousand odd prompts, each to the finished picture: never an exception, never an empty sheet.

How long the slowest of them takes is measured in `benchmarks/odd.py`.
"""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from PIL import Image

from limner.engines.base import Job
from limner.engines.illustrator.illustrate import illustrate
from limner.engines.illustrator.pack import ArtPack
from tests.engines.illustrator.test_reading import ODD, WORDS

PACK = ArtPack.open()
SHARES, EACH = 20, 100
MEDIA = (
    "", "", "photo of ", "watercolor of ", "poster of ", "ink drawing of ", "flat illustration of ", "oil painting of ",
    "pencil sketch of ", "pixel art of ", "paper cut of ", "stained glass of ", "blueprint of ", "anime of ",
    "children's book picture of ",
)  # fmt: skip
PLACES = ("", "", " in the rain", " at night", " under water", " in space", " on the moon", " in a library", " in fog")


def foreign() -> list[str]:
    """Words of other languages, as CLDR has them."""
    codes = ("de", "fr", "hi", "ja", "ko", "ru", "th", "zh")
    return sorted({word for code in codes for word in PACK.words(f"foreign-{code}")})


def few(words: list[str], most: int, between: str = " ") -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(words), min_size=1, max_size=most).map(between.join)


said = st.one_of(
    few(list(WORDS), 14),
    few(list(WORDS), 30),
    few(sorted(PACK.words("emoji")), 5, ""),
    few(foreign(), 4),
    st.text(max_size=80),
)
prompts = st.builds("{}{}{}".format, st.sampled_from(MEDIA), said, st.sampled_from(PLACES))
jobs = st.builds(
    Job,
    prompt=prompts.map(lambda prompt: prompt.encode("utf-8", "replace").decode()),
    width=st.integers(64, 80),
    height=st.integers(64, 80),
    seed=st.integers(0, 2**53),
    quality=st.sampled_from(["low"] * 8 + ["standard", "hd"]),  # the dear ones paint the same things
    style=st.sampled_from(["vivid", "natural"]),
    background=st.sampled_from(["opaque", "opaque", "opaque", "transparent"]),
)


def painted(job: Job) -> None:
    """Paint a job and look that something is to be seen."""
    picture = illustrate(job, PACK, lambda _: None)
    with Image.open(io.BytesIO(picture.data)) as opened:
        assert opened.size == (job.width, job.height)
        pixels = np.asarray(opened.convert("RGBA"), np.float32)
    seen = pixels[..., :3] * (pixels[..., 3:] / 255)
    assert seen.std() > 4, f"an empty sheet for {job.prompt[:60]!r}"
    assert picture.revised_prompt
    assert picture.scene is not None


@pytest.mark.parametrize("prompt", ODD, ids=range(len(ODD)))
def test_odd_texts_become_pictures(prompt: str) -> None:
    painted(Job(prompt=prompt, width=96, height=64, seed=len(prompt), quality="low"))


@pytest.mark.parametrize("share", range(SHARES))
def test_two_thousand_odd_prompts_become_pictures(share: int) -> None:
    @seed(share)
    @settings(
        max_examples=EACH,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(jobs)
    def one(job: Job) -> None:
        painted(job)

    one()
