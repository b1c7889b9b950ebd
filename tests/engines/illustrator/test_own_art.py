"""Our own drawings: plain layered shapes that the rasteriser, the relighting and the pack can all count on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from limner.engines.illustrator.figures.art import extent

OWN = Path(__file__).resolve().parents[3] / "artpack" / "own"
DRAWINGS = {path.stem: path for path in sorted(OWN.glob("*.svg"))}
SHAPES = frozenset({"path", "rect", "circle", "ellipse"})
ALLOWED = SHAPES | {"svg", "g", "defs", "linearGradient", "radialGradient", "stop", "clipPath"}
HEAVIEST = 6_000
LEAST_SPAN = 88.0
LOOK_WIDER = 1e-9  # any tilt makes `extent` search well beyond the box, so that what reaches out of it is found
TOLERANCE = 2.0  # `extent` probes in steps of 1.2 units


class Own:
    """The drawings as they lie in the source tree, without the pack they will be built into."""

    def svg(self, name: str) -> str:
        return DRAWINGS[name].read_text("utf-8")


PACK = Own()


def test_there_are_drawings_with_names_a_word_table_can_hold() -> None:
    assert len(DRAWINGS) > 40
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in DRAWINGS)


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_made_of_plain_shapes_only(name: str) -> None:
    svg = PACK.svg(name)
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128">')
    assert set(re.findall(r"<(\w+)", svg)) <= ALLOWED
    assert not re.search(r"\b(style|class|filter|mask|href)=", svg)
    assert DRAWINGS[name].stat().st_size < HEAVIEST


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_colour_a_drawing_refers_to_is_its_own(name: str) -> None:
    svg = PACK.svg(name)
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(([^)]*)\)", svg)) <= {f"#{name}" for name in ids}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_fills_its_box_and_stays_inside(name: str) -> None:
    ink = extent(PACK, name, LOOK_WIDER)
    assert max(ink.width, ink.height) >= LEAST_SPAN
    assert min(ink.width, ink.height) >= LEAST_SPAN / 8
    assert min(ink.x, ink.y) >= -TOLERANCE
    assert max(ink.x + ink.width, ink.y + ink.height) <= 128 + TOLERANCE
