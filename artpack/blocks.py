"""The file format of the art pack: a zip of a few solid blocks, each xz, and a table of contents.

Drawings are alike (the same strokes, colours and heads again and again), so many of them packed as one take a third of
the room they take one by one; a few blocks instead of a single one keep the first picture quick, because only the
blocks it draws from are unpacked. `limner/engines/illustrator/pack.py` is the reader.
"""

from __future__ import annotations

import json
import lzma
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Shelf = dict[str, bytes]

FORMAT = 2
STAMP = "FINGERPRINT"
EPOCH = (1980, 1, 1, 0, 0, 0)
ROOM = 700_000
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "lp": 0, "pb": 0}]
"""Tuned for text and outlines: no alignment (pb, lp 0), one more bit of context (lc 4)."""


def shelved(name: str, entries: Shelf) -> dict[str, Shelf]:
    """Cut entries, in their order, into blocks of at least `ROOM` bytes, called `name-0`, `name-1` and so on."""
    shelves: dict[str, Shelf] = {}
    shelf, filled = shelves.setdefault(f"{name}-0", {}), 0
    for entry, data in entries.items():
        if filled > ROOM:
            shelf, filled = shelves.setdefault(f"{name}-{len(shelves)}", {}), 0
        shelf[entry] = data
        filled += len(data)
    return shelves


def write(path: Path, shelves: dict[str, Shelf], more: dict[str, object], plain: dict[str, str]) -> None:
    """Write the pack; the same content gives the same bytes, for dates and order are fixed.

    `more` goes into the table of contents, `plain` beside it as texts that any unzip shows.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data, compression in _members(shelves, more, plain):
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = compression
            info.external_attr = 0o644 << 16
            archive.writestr(info, data, compresslevel=9)


def _members(
    shelves: dict[str, Shelf], more: dict[str, object], plain: dict[str, str]
) -> Iterator[tuple[str, bytes, int]]:
    """Every member of the zip with how it is compressed there; blocks are xz already."""
    sizes = {name: [[entry, len(data)] for entry, data in shelf.items()] for name, shelf in shelves.items()}
    contents = {"format": FORMAT, "blocks": sizes, **more}
    for name, text in sorted(plain.items()):
        yield name, text.encode(), zipfile.ZIP_DEFLATED
    yield "contents.json", json.dumps(contents, separators=(",", ":")).encode(), zipfile.ZIP_DEFLATED
    for name, shelf in shelves.items():
        yield f"{name}.xz", lzma.compress(b"".join(shelf.values()), filters=FILTERS), zipfile.ZIP_STORED
