"""The models' folder: what lies in it, where it came from, and whether it can be used. Behind `limner models`.

A model lies under its hub id, `owner/name`, or another name of one or two parts. What was pulled has a record,
`limner.json`, beside its `model_index.json`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INDEX = "model_index.json"
RECORD = "limner.json"
PARTS = ".pulling"
"""The folder in a model's that holds what has come of files that are being pulled."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What was pulled: the hub's id, the revision asked for, the commit that it was, and every file's digest."""

    model: str
    commit: str
    revision: str | None = None
    variant: str | None = None
    pulled: str = ""
    files: dict[str, str] = {}


class Shelved(msgspec.Struct, frozen=True, kw_only=True):
    """A model in the folder: the name it goes by, where it lies, its bytes, its family, and why it cannot be used.

    `record` tells of one that was pulled.
    """

    name: str
    folder: Path
    size: int
    family: str = ""
    wrong: str | None = None
    record: Record | None = None


def shelved(folder: Path) -> list[Shelved]:
    """Look at every model in the models' folder, by name."""
    return [looked_at(model, folder) for model in sorted(_models(folder))]


def looked_at(model: Path, folder: Path) -> Shelved:
    """Look at one model; nothing of it is loaded."""
    family, wrong = _judged(model)
    return Shelved(
        name=model.relative_to(folder).as_posix(),
        folder=model.resolve(),
        size=sum(file.stat().st_size for file in model.rglob("*") if file.is_file()),
        family=family,
        wrong=wrong,
        record=recorded(model),
    )


def recorded(model: Path) -> Record | None:
    """Read the record of a model that was pulled; None where there is none that can be read."""
    try:
        return msgspec.json.decode((model / RECORD).read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError):
        return None


def _models(folder: Path) -> Iterator[Path]:
    """Find the folders of models, two floors deep: with an index, or with the beginnings of a pull."""
    for place in (*folder.glob("*"), *folder.glob("*/*")):
        if place.is_dir() and not place.name.startswith(".") and (place / INDEX).is_file() or (place / PARTS).is_dir():
            yield place


def _judged(model: Path) -> tuple[str, str | None]:
    """Say of what family a model is, and why it cannot be used."""
    if (model / PARTS).is_dir():
        return "", "not all of it is there: pull it again"
    return "X", None
