"""The art pack: drawings, fonts and word tables in one file beside this one, made when limner is installed.

A zip of a few solid blocks (xz) and a table of contents; `artpack/blocks.py` writes it. People come in one skin tone
and get the others here, by exchanging the dozen colours in which Noto's drawings of them differ. Where a drawing has
one of these colours that is not skin or hair, as a crown's gold, it is written in capitals and stays.
"""

from __future__ import annotations

import json
import lzma
import re
import threading
import zipfile
from functools import lru_cache
from math import dist
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PACK = Path(__file__).with_name("artpack.zip")
CHECKOUT = Path(__file__).parents[3]
FORMAT = 2
BLOCKS = 12
"""How many unpacked blocks are kept, of about 0.7 MB each: all drawings, or a few with the fonts in use."""

# Noto's colours of skin, its shades, hair, brows, eyes and mouth; below, what they are in the other tones.
SKIN = (
    "#ffca28", "#e59600", "#ffb300", "#eda600", "#faa700", "#f09e00", "#b55e19",
    "#543930", "#6d4c41", "#62453b", "#404040", "#795548",
)  # fmt: skip
TONES: dict[str, tuple[str, ...]] = {
    "light": (
        "#f9ddbd", "#edc391", "#ffd29c", "#edbd82", "#efb682", "#edbd82", "#b26830",
        "#312d2d", "#454140", "#312d2d", "#312d2d", "#444444",
    ),
    "medium-light": (
        "#e0bb95", "#c48e6a", "#cca47a", "#ba8f63", "#d19661", "#c48e6a", "#8d542e",
        "#ab872f", "#bfa055", "#ab872f", "#5d4037", "#6d4c41",
    ),
    "medium": (
        "#ba8d68", "#99674f", "#a47b62", "#91674d", "#9a6648", "#99674f", "#62392b",
        "#543930", "#6d4c41", "#62453b", "#49362e", "#5d4037",
    ),
    "medium-dark": (
        "#a56c43", "#7a4c32", "#8d5738", "#875334", "#824624", "#875334", "#422319",
        "#3c2c23", "#554138", "#3c2c23", "#42312c", "#473530",
    ),
    "dark": (
        "#70534a", "#3c2b24", "#5c4037", "#4a2f27", "#58382b", "#4a2f27", "#2e1a13",
        "#232020", "#444140", "#232020", "#1a1717", "#1a1717",
    ),
}  # fmt: skip
ALIKE = 24.0
"""How far apart in RGB two colours may be to be one: Noto's skin has been mixed by many hands."""
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_TONE = re.compile(rf"-({'|'.join(TONES)})-skin-tone")


class ArtPackMissingError(RuntimeError):
    """The art pack is not there or cannot be read, so this copy of limner was never properly installed."""


class ArtPack:
    """Everything that is drawn from, by name. Blocks are unpacked when first asked for, so opening is quick.

    Two packs are never equal (they hash by identity), so caches may key on one. Any thread may read.
    """

    def __init__(self, archive: zipfile.ZipFile, contents: dict[str, Any]) -> None:
        self._archive, self._lock = archive, threading.Lock()
        self._tables: dict[str, dict[str, Any]] = {}
        self._places = dict(_places(contents["blocks"]))
        self._tones = dict(_tones(contents["tones"]))
        self._patterns = {pattern.replace("@", ""): pattern for pattern in contents["tones"]}
        self._block = lru_cache(maxsize=BLOCKS)(self._unpack)
        self.names = frozenset({*_stems(self._places, "art/"), *self._tones})
        self.fonts = tuple(sorted(_stems(self._places, "fonts/")))

    @classmethod
    def open(cls, path: Path = PACK) -> ArtPack:
        """Open the pack and see that it is whole.

        Raises `ArtPackMissingError`, which says what to do, where there is no pack, a damaged or an outdated one.
        """
        try:
            archive = zipfile.ZipFile(path)
            return cls(archive, _contents(archive))
        except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
            why = getattr(error, "strerror", None) or error
            raise ArtPackMissingError(f"no usable art pack at {path} ({why}): {_advice()}") from error

    def svg(self, name: str) -> str:
        """Give a drawing as a complete SVG document; raises KeyError for a name not in `names`."""
        base, tone = self._tones.get(name, (name, ""))
        svg = self._read(f"art/{base}").decode()
        return _COLOUR.sub(lambda found: skinned(found[0], tone), svg) if tone else svg

    def toned(self, name: str, tone: str) -> str:
        """Give the name of a drawing in a skin tone (a key of `TONES`), or the same name where it has but one."""
        return _in_tone(self._patterns[name], tone) if name in self._patterns else name

    def font(self, family: str) -> bytes:
        """Give a font as a TrueType file; raises KeyError for a family not in `fonts`."""
        return self._read(f"fonts/{family}")

    def words(self, table: str) -> dict[str, Any]:
        """Give a word table (`english`, `emoji`, `kinds`, `foreign-de` ...); raises KeyError where there is none.

        The same dict is given every time and must not be changed.
        """
        if table not in self._tables:
            self._tables[table] = json.loads(self._read(f"words/{table}"))
        return self._tables[table]

    def _read(self, entry: str) -> bytes:
        """Cut one entry out of its block."""
        block, start, end = self._places[entry]
        return self._block(block)[start:end]

    def _unpack(self, block: str) -> bytes:
        """Unpack a whole block; the archive has a single file position, so readers take turns."""
        with self._lock:
            return lzma.decompress(self._archive.read(f"{block}.xz"))


def untoned(name: str) -> str:
    """Give a drawing's name without its skin tone: "boy-medium-dark-skin-tone" is a boy."""
    return _TONE.sub("", name)


def tone_of(name: str) -> str:
    """Give the skin tone that a drawing's name tells, a key of `TONES`, or nothing."""
    return found[1] if (found := _TONE.search(name)) else ""


def _in_tone(pattern: str, tone: str) -> str:
    return pattern.replace("@", f"-{tone}-skin-tone")


@lru_cache(maxsize=1024)
def skinned(colour: str, tone: str) -> str:
    """Exchange a colour that is one of skin or hair for that of a tone; any other stays."""
    nearest = min(range(len(SKIN)), key=lambda at: dist(_rgb(SKIN[at]), _rgb(colour)))
    return TONES[tone][nearest] if dist(_rgb(SKIN[nearest]), _rgb(colour)) <= ALIKE else colour


def _rgb(colour: str) -> bytes:
    """Red, green and blue of a colour such as "#ffca28", 0..255."""
    return bytes.fromhex(colour[1:])


def _contents(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Read the table of contents; ValueError where a block is damaged or missing, or the format is another."""
    if damaged := archive.testzip():
        raise ValueError(f"{damaged} is damaged")
    contents: dict[str, Any] = json.loads(archive.read("contents.json"))
    if contents["format"] != FORMAT:
        raise ValueError(f"its format is {contents['format']}, not {FORMAT}")
    missing = {f"{block}.xz" for block in contents["blocks"]} - set(archive.namelist())
    if missing:
        raise ValueError(f"{min(missing)} is missing")
    return contents


def _advice() -> str:
    """Say how to get a pack: built where there is a checkout, else with the wheel it comes in."""
    if (CHECKOUT / "artpack" / "build.py").is_file():
        return f"run `python -m artpack.build` in {CHECKOUT}, or `pip install -e .`, which brings what that needs"
    return "reinstall limner with `pip install --force-reinstall --no-deps limner`"


def _places(blocks: dict[str, list[tuple[str, int]]]) -> Iterator[tuple[str, tuple[str, int, int]]]:
    """Where every entry is: its block, its start and its end there, in bytes."""
    for block, entries in blocks.items():
        start = 0
        for name, length in entries:
            yield name, (block, start, start + length)
            start += length


def _tones(patterns: list[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Names with a skin tone: the drawing they are made from, and the tone; "boy@" stands for all of a boy's."""
    for pattern in patterns:
        for tone in TONES:
            yield _in_tone(pattern, tone), (pattern.replace("@", ""), tone)


def _stems(entries: Iterable[str], folder: str) -> Iterator[str]:
    """Names of a folder's entries without the folder."""
    return (entry.removeprefix(folder) for entry in entries if entry.startswith(folder))
