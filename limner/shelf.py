"""The models' folder: what lies in it, where it came from, and whether it can be used. Behind `limner models`.

A model lies under its hub id, `owner/name`, or under another name of one or two parts. What was pulled has a record,
`limner.json`, beside its `model_index.json`. Nothing is loaded to look at a model, and no extra is needed.
"""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - the shapes are read at run time
from typing import TYPE_CHECKING, Any

import msgspec

from limner.engines.diffusion.folders import RECORD, FolderError, checked, checked_part, find

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

INDEX = "model_index.json"
PARTS = ".pulling"
"""The folder in a model's that holds what has come of files that are being pulled."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What was pulled: the hub's id, the commit, what was asked for, the variant, and the digest of every file."""

    model: str
    revision: str
    asked: str | None = None
    variant: str | None = None
    pulled: str = ""
    files: dict[str, str] = {}


class Shelved(msgspec.Struct, frozen=True, kw_only=True):
    """A model in the folder: the name it goes by, where it lies, its bytes, its commit where that is known.

    `kind` is what it is, and `wrong` why it cannot be used.
    """

    name: str
    folder: Path
    size: int
    revision: str | None = None
    kind: str = ""
    wrong: str | None = None


def shelved(folder: Path) -> list[Shelved]:
    """Look at every model in the models' folder, by name."""
    return [looked_at(model, model.relative_to(folder).as_posix()) for model in sorted(_models(folder))]


def looked_at(model: Path, name: str) -> Shelved:
    """Look at one model, called `name`."""
    record = recorded(model)
    size = sum(file.stat().st_size for file in model.rglob("*") if file.is_file())
    seen = Shelved(name=name, folder=model.resolve(), size=size, revision=record.revision if record else None)
    if (model / PARTS).is_dir():
        return msgspec.structs.replace(seen, wrong=f"not all of it is there: limner pull {name}")
    try:
        if not (model / INDEX).is_file():
            checked_part(model)
            return msgspec.structs.replace(seen, kind="one network, for tiny_decoder")
        found = checked(model)
    except FolderError as error:
        return msgspec.structs.replace(seen, wrong=str(error))
    variants = sorted({part.variant for part in found.components if part.variant})
    kind = ", ".join([found.family, *(["OpenVINO"] if found.converted else []), *variants])
    return msgspec.structs.replace(seen, kind=kind, revision=found.revision)


def recorded(model: Path) -> Record | None:
    """Read the record of a model that was pulled; None where there is none that can be read."""
    try:
        return msgspec.json.decode((model / RECORD).read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError):
        return None


def users(seen: Sequence[Shelved], options: Mapping[str, Mapping[str, Any]], folder: Path) -> dict[str, list[str]]:
    """Say by name which models of the catalogue use which folder; `options` are those of the catalogue's models."""
    lies = {one.folder: one.name for one in seen}
    used: dict[str, list[str]] = {one.name: [] for one in seen}
    for model, own in options.items():
        for place in (own.get("model"), own.get("tiny_decoder")):
            try:
                name = lies.get(find(place, folder).resolve()) if isinstance(place, str) else None
            except FolderError:
                continue
            if name is not None:
                used[name].append(model)
    return used


def _models(folder: Path) -> Iterator[Path]:
    """Find the folders of models, two floors deep: with an index, or a record, or the beginnings of a pull."""
    for place in (*folder.glob("*"), *folder.glob("*/*")):
        if (place / INDEX).is_file() or (place / RECORD).is_file() or (place / PARTS).is_dir():
            yield place
