"""Reviewed word tables: what words mean when somebody asks for a picture.

`things.txt` says what can be drawn, `signs.txt` what other English words say of a picture, `foreign.txt` the same for
other languages, `concepts.txt` what to draw for ideas. Each file opens with a line that names its columns.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent


def rows(table: str) -> Iterator[tuple[str, ...]]:
    """Yield a table's rows as stripped fields; raises FileNotFoundError where there is no such table."""
    for line in (FOLDER / f"{table}.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield tuple(field.strip() for field in line.split("|"))


def phrases(field: str) -> list[str]:
    """Split a field of comma-separated phrases."""
    return [phrase for part in field.split(",") if (phrase := part.strip())]
