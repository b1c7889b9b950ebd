"""The art pack: drawings, fonts and word tables in one zip beside this file, made when limner is installed."""

from __future__ import annotations

import json
import threading
import zipfile
from pathlib import Path
from typing import Any

PACK = Path(__file__).with_name("artpack.zip")


class ArtPackMissingError(RuntimeError):
    """The art pack is not there or cannot be read, so this copy of limner was never properly installed."""


class ArtPack:
    """Everything that is drawn from, by name. Entries are read when asked for, so opening is quick.

    Two packs are never equal (they hash by identity), so caches may key on one. Any thread may read.
    """

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._tables: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        entries = archive.namelist()
        self.names = frozenset(_stems(entries, "art/", ".svg"))
        self.fonts = tuple(sorted(_stems(entries, "fonts/", ".ttf")))

    @classmethod
    def open(cls, path: Path = PACK) -> ArtPack:
        """Open the pack; raises `ArtPackMissingError`, which says what to do, where there is no readable one."""
        try:
            return cls(zipfile.ZipFile(path))
        except (OSError, zipfile.BadZipFile) as error:
            message = f"no art pack at {path} ({error}): run `pip install -e .` in the checkout, or reinstall limner"
            raise ArtPackMissingError(message) from error

    def svg(self, name: str) -> str:
        """Give a drawing as a complete SVG document; raises KeyError for a name not in `names`."""
        return self._read(f"art/{name}.svg").decode()

    def font(self, family: str) -> bytes:
        """Give a font as a TrueType file; raises KeyError for a family not in `fonts`."""
        return self._read(f"fonts/{family}.ttf")

    def words(self, table: str) -> dict[str, Any]:
        """Give a word table (`english`, `emoji`, `kinds`, `foreign-de` ...); raises KeyError where there is none.

        The same dict is given every time and must not be changed.
        """
        if table not in self._tables:
            self._tables[table] = json.loads(self._read(f"words/{table}.json"))
        return self._tables[table]

    def _read(self, entry: str) -> bytes:
        """Unpack one entry; the archive has a single file position, so readers take turns."""
        with self._lock:
            return self._archive.read(entry)


def _stems(entries: list[str], folder: str, ending: str) -> list[str]:
    """Names of a folder's files without folder and ending."""
    return [
        entry[len(folder) : -len(ending)] for entry in entries if entry.startswith(folder) and entry.endswith(ending)
    ]
