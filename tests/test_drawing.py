from __future__ import annotations

from pathlib import Path

import pytest

from limner.drawing import draw_once, order
from limner.errors import BadRequest


def test_an_order_is_complete() -> None:
    made = order("a cat", size="640x360", quality="hd", style="natural", seed=7, background="transparent")
    assert (made.model, made.n, made.pixels, made.quality) == ("limner-illustrator", 1, (640, 360), "hd")
    assert (made.style, made.seed, made.background, made.output_format) == ("natural", 7, "transparent", "png")


@pytest.mark.parametrize(
    ("name", "output_format"),
    [("a.png", "png"), ("a.PNG", "png"), ("a.jpg", "jpeg"), ("a.jpeg", "jpeg"), ("a.b.webp", "webp")],
)
def test_the_name_of_the_file_says_the_format(tmp_path: Path, name: str, output_format: str) -> None:
    assert order("a cat", file=tmp_path / name).output_format == output_format


@pytest.mark.parametrize("name", ["a", "a.gif", ".png", "a.png/b.png"])
def test_a_file_that_cannot_be_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadRequest) as wrong:
        order("a cat", file=tmp_path / name)
    assert wrong.value.param == "output"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(BadRequest, match="is a folder"):
        order("a cat", file=tmp_path / "a.png")


def test_transparency_needs_a_format_that_has_it() -> None:
    with pytest.raises(BadRequest, match="JPEG has no transparency"):
        order("a cat", background="transparent", file=Path("a.jpg"))


def test_bytes_that_are_no_text_become_replacement_characters() -> None:
    assert order("caf\udcc3\ud800 \U0001f408").prompt == "caf\ufffd\ufffd \U0001f408"


async def test_the_same_order_gives_the_same_picture_and_tells_how_far_it_is() -> None:
    made = order("a cat on a rug", size="96x64", quality="low", seed=5)
    told: list[float] = []
    first = await draw_once(made, lambda step: told.append(step.fraction))
    second = await draw_once(made, lambda _step: None)
    assert first == second
    assert (first.width, first.height, first.content_type) == (96, 64, "image/png")
    assert told
    assert told == sorted(told)
    assert first.scene is not None
    assert first.scene["size"] == [96, 64]
