"""Charts as data: where the bars of a stacked bar chart stand. The template draws them as SVG, which needs no script.

The drawing is `WIDTH` times the number of days wide and `HEIGHT` high and is stretched to its place on the page, so
what must not be stretched (the words) stands beside it in HTML.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

WIDTH, HEIGHT = 12.0, 100.0
SERIES = 6
OTHERS = "other models"
"""So many names get a colour of their own; what is beyond is put together."""

_STEPS = (2, 4, 6, 8, 10)


class Piece(msgspec.Struct, frozen=True):
    """One colour of a bar: `series` counts from 1, 0 is the rest."""

    series: int
    y: float
    height: float


class Bar(msgspec.Struct, frozen=True):
    """A day: where it stands, what is said when one points at it, its pieces from below, and its row of the table."""

    x: float
    day: date
    total: str
    lines: list[str]
    pieces: list[Piece]
    cells: list[str]
    empty: bool


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing with its scale (from above), its names (series and total of each) and its bars."""

    width: float
    ticks: list[str]
    names: list[tuple[int, str, str]]
    bars: list[Bar]
    total: str

    @property
    def empty(self) -> bool:
        """Whether there is nothing to see."""
        return all(bar.empty for bar in self.bars)


def ranked(values: Mapping[tuple[date, str], int]) -> list[str]:
    """Order the names by what they come to, the most first."""
    sums: dict[str, int] = {}
    for (_, name), value in values.items():
        sums[name] = sums.get(name, 0) + value
    return sorted(sums, key=lambda name: (-sums[name], name))


def stacked(
    days: list[date], values: Mapping[tuple[date, str], int], names: list[str], write: Callable[[int], str]
) -> Chart:
    """Place the bars; `names` are in their order, the first below, and `write` writes a value for people."""
    series = {name: number for number, name in enumerate(names[:SERIES], 1)}
    words = {number: name for name, number in series.items()} | ({0: OTHERS} if len(names) > SERIES else {})
    rows = [_row(day, values, names, series) for day in days]
    top = _top(max((sum(row.values()) for row in rows), default=0))
    sums = {key: sum(row.get(key, 0) for row in rows) for key in words}
    return Chart(
        width=WIDTH * len(days),
        ticks=[write(top), write(top // 2), write(0)],
        names=[(key, name, write(sums[key])) for key, name in words.items()],
        bars=[
            Bar(
                x=place * WIDTH,
                day=day,
                total=write(sum(row.values())),
                lines=[f"{words[key]}: {write(value)}" for key, value in row.items() if value],
                pieces=list(_pieces(row, top)),
                cells=[write(row[key]) for key in words],
                empty=not any(row.values()),
            )
            for place, (day, row) in enumerate(zip(days, rows, strict=True))
        ],
        total=write(sum(sums.values())),
    )


def _row(
    day: date, values: Mapping[tuple[date, str], int], names: list[str], series: Mapping[str, int]
) -> dict[int, int]:
    """Sum a day up by series, the rest last."""
    row: dict[int, int] = {}
    for name in names:
        key = series.get(name, 0)
        row[key] = row.get(key, 0) + values.get((day, name), 0)
    return row


def _pieces(row: Mapping[int, int], top: int) -> Iterator[Piece]:
    """Put the values of a day on top of each other."""
    below = 0
    for key, value in row.items():
        if value:
            y = HEIGHT - HEIGHT * (below + value) / top
            yield Piece(key, round(y, 3), round(HEIGHT * value / top, 3))
        below += value


def _top(most: int) -> int:
    """Give the end of the scale: an even round number that nothing is beyond."""
    power = 1
    while most > _STEPS[-1] * power:
        power *= 10
    return next(step * power for step in _STEPS if most <= step * power)
