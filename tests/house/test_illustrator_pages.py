"""The pages on the illustrator name everything it knows, and show every picture of the gallery."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from PIL import Image

from benchmarks.illustrator import PROMPTS
from limner.engines.illustrator.colours import NAMED
from limner.engines.illustrator.scene import Detail, Medium, Setting, Weather

DOCS = Path(__file__).parents[2] / "docs"
SAME = {"gray"}


@pytest.mark.parametrize("names", [get_args(Setting), get_args(Medium), get_args(Detail), get_args(Weather), NAMED])
def test_the_page_names_all_that_can_be_said(names: tuple[str, ...]) -> None:
    words = set(re.findall(r"[a-z]+", (DOCS / "illustrator.md").read_text("utf-8").lower()))
    assert set(names) - SAME <= words


def test_the_gallery_shows_every_prompt() -> None:
    page = (DOCS / "gallery.md").read_text("utf-8")
    assert len(PROMPTS) == 60
    assert [prompt for prompt in PROMPTS if f"| {prompt} |" not in page] == []
    sheets = re.findall(r"\(images/(gallery-\d+\.jpg)\)", page)
    assert len(sheets) == 5
    for sheet in sheets:
        with Image.open(DOCS / "images" / sheet) as opened:
            assert opened.width > 1200
