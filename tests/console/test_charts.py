"""Charts: where the bars stand, and what is drawn of them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from limner.console import html
from limner.console.charts import HEIGHT, OTHERS, SERIES, Chart, ranked, stacked

DAYS = [date(2026, 11, 1) + timedelta(days=number) for number in range(30)]


def chart(values: dict[tuple[date, str], int]) -> Chart:
    return stacked(DAYS, values, ranked(values), str)


def drawn(made: Chart) -> str:
    """Draw a chart with the macro of the pages."""
    macros: Any = html.environment().get_template("made.html").module
    return str(macros.chart("it", "Pictures <a day>", made))


def svg(page: str) -> ET.Element:
    found = re.search(r"<svg .*?</svg>", page, re.DOTALL)
    assert found
    return ET.fromstring(found[0])  # noqa: S314 - our own


def test_without_data_there_is_a_word_instead_of_a_drawing() -> None:
    made = chart({})
    assert made.empty
    assert (made.total, made.names) == ("0", [])
    page = drawn(made)
    assert "<svg" not in page
    assert "Nothing in these 30 days yet." in page


def test_calls_that_made_nothing_are_no_bars() -> None:
    assert chart({(DAYS[3], "dall-e-3"): 0}).empty


def test_one_model_has_one_colour_and_a_bar_a_day() -> None:
    made = chart({(DAYS[0], "dall-e-3"): 3, (DAYS[29], "dall-e-3"): 8})
    assert made.names == [(1, "dall-e-3", "11")]
    assert made.ticks == ["8", "4", "0"]
    first, last = made.bars[0], made.bars[29]
    assert [(piece.series, piece.y, piece.height) for piece in first.pieces] == [(1, 62.5, 37.5)]
    assert [(piece.series, piece.y, piece.height) for piece in last.pieces] == [(1, 0.0, HEIGHT)]
    assert (first.x, last.x, made.width) == (0, 348, 360)
    assert all(bar.empty for bar in made.bars[1:29])


def test_pieces_stand_on_each_other_and_the_biggest_name_is_below() -> None:
    made = chart({(DAYS[0], "small"): 1, (DAYS[0], "big"): 3})
    assert made.names == [(1, "big", "3"), (2, "small", "1")]
    assert [(piece.series, piece.y, piece.height) for piece in made.bars[0].pieces] == [(1, 25, 75), (2, 0, 25)]
    assert made.bars[0].lines == ["big: 3", "small: 1"]


def test_eight_models_are_six_colours_and_the_rest_together() -> None:
    made = chart({(DAYS[0], f"model-{number}"): 10 - number for number in range(8)})
    assert len(made.names) == SERIES + 1
    assert made.names[0] == (1, "model-0", "10")
    assert made.names[-1] == (0, OTHERS, str(4 + 3))
    assert [piece.series for piece in made.bars[0].pieces] == [1, 2, 3, 4, 5, 6, 0]
    assert made.total == "52"
    assert made.bars[0].pieces[-1].y == pytest.approx(100 - 100 * 52 / 60, abs=0.01)


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, "2"), (1, "2"), (2, "2"), (3, "4"), (9, "10"), (10, "10"), (11, "20"), (101, "200"), (7_000_001, "8000000")],
)
def test_the_scale_ends_with_a_round_number_that_can_be_halved(most: int, top: str) -> None:
    assert chart({(DAYS[0], "model"): most}).ticks[0] == top


def test_the_drawing_has_no_style_a_title_for_each_bar_and_a_table() -> None:
    name = '<script>alert("1")</script>'
    page = drawn(chart({(DAYS[0], name): 2, (DAYS[4], "dall-e-3"): 1}))
    assert not re.search(r"\sstyle=|<script|<style", page)
    picture = svg(page)
    titles = [element.text for element in picture.iter("title")]
    assert len(titles) == 30
    assert titles[0] == f"Sun 1 Nov 2026: 2\n{name}: 2"
    assert titles[1] == "Mon 2 Nov 2026: 0"
    colours = [element.get("class") for element in picture.iter("rect") if element.get("class") != "day"]
    assert colours == ["series-1", "series-2"]
    assert page.count('<th scope="row">') == 2
    assert "Pictures &lt;a day&gt;" in page
