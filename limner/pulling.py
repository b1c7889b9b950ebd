"""Fetches a model from the hub into the models' folder, where the diffusion engine finds it. Behind `limner pull`.

What is fetched is the pipeline that `model_index.json` names and nothing else of the repository: configurations,
tokenizers and safetensors, in half precision where there are such, or a ready OpenVINO folder where there are none.
Never pickles, never code. The revision is resolved to a commit first, and every file is of that commit.

A download goes on where it stopped, also in the middle of a file, also after the process has died: what has come of a
file stays in `.pulling` until its digest is right.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, Self, cast

import msgspec

from limner.engines.diffusion.folders import HUB_ID, RECORD, UNUSED
from limner.shelf import INDEX, PARTS, Record, Shelved, looked_at, recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from types import TracebackType

    from huggingface_hub.hf_api import RepoFile

SPARE = 256 * 1024 * 1024
"""What must stay free on the disk, bytes."""

TEXTS = (".json", ".txt", ".model")
WEIGHTS = re.compile(r"[^.]+(?:\.(?P<variant>[^.-]+))?(?:-\d{5}-of-\d{5})?\.safetensors")
"""Names of weights: `model.safetensors`, `model.fp16.safetensors`, `model.fp16-00001-of-00002.safetensors`."""

WEIGHTS_INDEX = re.compile(r"[^.]+\.safetensors\.index(?:\.(?P<variant>[^.]+))?\.json")
"""The list of what is in which part, with its variant: `model.safetensors.index.fp16.json`."""

HALF = "fp16"
CONFIG = "config.json"
COMPILED = re.compile(r"openvino_\w+\.(?:xml|bin)")
"""A network of OpenVINO: its graph, and its numbers, which are raw bytes and no pickle although they end in `.bin`."""

PIECE = 1024 * 1024


class PullError(ValueError):
    """The model cannot be fetched; the message says why and what helps."""


class Remote(NamedTuple):
    """A file of a repository: its path there, its size in bytes, and its digest: SHA-256, or what git calls it."""

    name: str
    size: int
    digest: str


class Plan(NamedTuple):
    """What a pull would do: which files of which commit, and how many bytes are still to come."""

    model: str
    revision: str | None
    commit: str
    variant: str | None
    files: tuple[Remote, ...]
    missing: int

    @property
    def size(self) -> int:
        """How large the files are in all, bytes."""
        return sum(file.size for file in self.files)

    @property
    def told(self) -> str:
        """Say it in a line."""
        what = f"{len(self.files)} files, {self.size / 1e9:.2f} GB{f', {self.variant}' if self.variant else ''}"
        return f"{self.model} at {self.commit[:12]}: {what}, of which {self.missing / 1e9:.2f} GB are to come"


class Puller:
    """Pulls models into a folder from the hub, or from another that speaks like it at `endpoint`.

    `spare` bytes stay free on the disk. A token is taken from `HF_TOKEN` or from the user's login. Raises `PullError`
    where the hub's package is missing.
    """

    def __init__(self, folder: Path, endpoint: str | None = None, *, spare: int = SPARE) -> None:
        try:
            from huggingface_hub import HfApi  # noqa: PLC0415 - an extra, and slow to import
        except ImportError as error:
            raise PullError("this needs huggingface_hub, which comes with limner[diffusers]") from error
        self._folder, self._endpoint, self._spare = folder, endpoint, spare
        self._api = HfApi(endpoint=endpoint, library_name="limner")

    def plan(self, model: str, revision: str | None = None) -> Plan:
        """Find the commit, and choose of its files; nothing large is fetched. Raises `PullError`."""
        if not HUB_ID.fullmatch(model) or "/" not in model:
            raise PullError(f"{model!r} is neither a folder here nor a hub's id (owner/name)")
        with _translated(model, revision):
            commit = self._api.model_info(model, revision=revision).sha or ""
            tree = list(self._api.list_repo_tree(model, recursive=True, revision=commit))
        files = {file.path: _remote(cast("RepoFile", file)) for file in tree if hasattr(file, "blob_id")}
        if INDEX in files:
            names, variant = chosen(files, msgspec.json.decode(self._part(model, commit, files[INDEX]).read_bytes()))
        else:
            names, variant = chosen_part(model, files)
        wanted = tuple(files[name] for name in names)
        known = recorded(self._folder / model)
        missing = sum(self._missing(model, file) for file in wanted if not self._there(model, file, known))
        return Plan(model, revision, commit, variant, wanted, missing)

    def fetch(self, plan: Plan, told: Callable[[int], None]) -> Shelved:
        """Fetch what is missing; `told` gets the bytes that are there. Give what is there then, and whether it is good.

        Raises `PullError`: the disk is too small, or the connection broke; what has come stays for the next time.
        """
        free = shutil.disk_usage(self._folder).free
        if plan.missing > max(0, free - self._spare):
            raise PullError(f"{plan.missing / 1e9:.2f} GB are to come, and {free / 1e9:.2f} GB are free here")
        folder, known = self._folder / plan.model, recorded(self._folder / plan.model)
        come = plan.size - plan.missing
        for file in [file for file in plan.files if not self._there(plan.model, file, known)]:
            told(come)
            missing = self._missing(plan.model, file)
            part = self._part(plan.model, plan.commit, file, partial(_added, told, come))
            (folder / file.name).parent.mkdir(parents=True, exist_ok=True)
            part.replace(folder / file.name)
            come += missing
        told(come)
        self._settle(plan, folder, known)
        return looked_at(folder, plan.model)

    def _settle(self, plan: Plan, folder: Path, known: Record | None) -> None:
        """Take away what an earlier revision had and this one has not, and write down what is there now."""
        files = {file.name: file.digest for file in plan.files}
        for name in set(known.files if known else ()) - set(files):
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / PARTS, ignore_errors=True)
        record = Record(
            model=plan.model,
            revision=plan.commit,
            asked=plan.revision,
            variant=plan.variant,
            pulled=datetime.now(UTC).isoformat(timespec="seconds"),
            files=files,
        )
        fresh = folder / f"{RECORD}.new"
        fresh.write_bytes(msgspec.json.format(msgspec.json.encode(record)))
        fresh.replace(folder / RECORD)

    def _there(self, model: str, file: Remote, known: Record | None) -> bool:
        """Whether a file lies in its place as it is to be; one of the record is believed if its size is right."""
        place = self._folder / model / file.name
        if not place.is_file() or place.stat().st_size != file.size:
            return False
        return file.digest == (known.files.get(file.name) if known else None) or file.digest == digest(
            place, file.digest
        )

    def _missing(self, model: str, file: Remote) -> int:
        """Count the bytes of a file that are still to come."""
        part = self._place(model, file)
        return file.size - (min(part.stat().st_size, file.size) if part.is_file() else 0)

    def _place(self, model: str, file: Remote) -> Path:
        return self._folder / model / PARTS / file.digest

    def _part(self, model: str, commit: str, file: Remote, told: Callable[[int], None] = lambda _: None) -> Path:
        """Fetch a file, or the rest of it, beside its place. Raises `PullError`; what has come stays."""
        from huggingface_hub import hf_hub_url  # noqa: PLC0415
        from huggingface_hub.file_download import http_get  # noqa: PLC0415
        from huggingface_hub.utils._headers import build_hf_headers  # noqa: PLC0415

        part = self._place(model, file)
        part.parent.mkdir(parents=True, exist_ok=True)
        with _translated(model, commit), part.open("ab") as opened:
            _alone(opened)
            http_get(
                hf_hub_url(model, file.name, revision=commit, endpoint=self._endpoint),
                opened,
                resume_size=opened.tell(),
                headers=cast("dict[str, Any]", build_hf_headers(library_name="limner")),
                expected_size=file.size,
                tqdm_class=cast("Any", partial(_Bar, told)),
            )
        if digest(part, file.digest) != file.digest:
            part.unlink()
            raise PullError(f"{file.name} of {model} did not come as the hub says it is; pull again")
        return part


def linked(source: Path, folder: Path, name: str) -> Shelved:
    """Give a folder that lies elsewhere a place and a name among the models, by a link, if it is good.

    Raises `PullError` where it cannot be used, or the name is taken.
    """
    found = looked_at(source.resolve(), name)
    if found.wrong:
        raise PullError(found.wrong)
    place = folder / name
    if not HUB_ID.fullmatch(name):
        raise PullError(f"{name!r} is no name for a model: write NAME or OWNER/NAME")
    if place.is_symlink():
        place.unlink()
    elif place.exists():
        raise PullError(f"there is a model {name} already; give another --name")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(source.resolve(), target_is_directory=True)
    return looked_at(place, name)


def chosen(files: Collection[str], index: Mapping[str, Any]) -> tuple[list[str], str | None]:
    """Choose what of a repository's files a pipeline needs, by its `model_index.json`, and say in which variant.

    The weights of each part are the half-precision ones where there are such; where no part has safetensors, it is the
    networks of OpenVINO. Raises `PullError` where there is nothing of either.
    """
    parts = defaultdict(list)
    for name in files:
        place = PurePosixPath(name)
        if len(place.parts) == 2 and ".." not in place.parts:
            parts[place.parts[0]].append(place.name)
    named = {key for key, value in index.items() if isinstance(value, list) and any(value)} - UNUSED
    weights = {part: _weights(parts[part]) for part in named & parts.keys()}
    if any(weights.values()):
        variant = HALF if any(half for _, half in filter(None, weights.values())) else None
        wanted = {part: [*_texts(parts[part]), *(found[0] if found else ())] for part, found in weights.items()}
    else:
        compiled = {part for part, names in parts.items() if any(map(COMPILED.fullmatch, names))}
        variant = None
        if not compiled:
            raise PullError("there are neither safetensors nor networks of OpenVINO: pickled weights are not loaded")
        wanted = {
            part: [*_texts(parts[part]), *filter(COMPILED.fullmatch, parts[part])]
            for part in compiled | (named & parts.keys())
        }
    return sorted([INDEX, *(f"{part}/{name}" for part, names in wanted.items() for name in names)]), variant


def chosen_part(model: str, files: Collection[str]) -> tuple[list[str], str | None]:
    """Choose the files of a repository that is one network alone, such as a tiny decoder. Raises `PullError`."""
    own = [name for name in files if "/" not in name]
    found = _weights(own)
    if CONFIG not in own or found is None:
        raise PullError(f"{model} is not in the diffusers layout: it has neither {INDEX} nor {CONFIG} and safetensors")
    names, half = found
    return sorted([CONFIG, *names]), HALF if half else None


def _texts(names: Iterable[str]) -> list[str]:
    """Choose configurations and vocabularies; the lists of the weights' parts are chosen with them."""
    return [name for name in names if name.endswith(TEXTS) and not WEIGHTS_INDEX.fullmatch(name)]


def _weights(names: Iterable[str]) -> tuple[list[str], bool] | None:
    """Choose the weights of one part and say whether they are in half precision; None where there are none."""
    matched = [found for name in names if (found := WEIGHTS.fullmatch(name) or WEIGHTS_INDEX.fullmatch(name))]
    for variant in (HALF, None):
        own = [found.string for found in matched if found["variant"] == variant]
        if any(name.endswith(".safetensors") for name in own):
            return own, variant == HALF
    return None


def digest(file: Path, like: str) -> str:
    """Compute a file's digest of the same kind: SHA-256, or SHA-1 as git names a blob (git-hash-object(1))."""
    if len(like) == 64:
        hashed = hashlib.sha256()
    else:
        hashed = hashlib.sha1(b"blob %d\0" % file.stat().st_size, usedforsecurity=False)
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            hashed.update(piece)
    return hashed.hexdigest()


def _remote(file: RepoFile) -> Remote:
    return Remote(file.path, file.size, file.lfs.sha256 if file.lfs else file.blob_id)


def _alone(opened: BinaryIO) -> None:
    """See that nobody else writes into this file. Raises `PullError`."""
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise PullError("another process is pulling it") from error


def _added(told: Callable[[int], None], before: int, more: int) -> None:
    told(before + more)


@contextmanager
def _translated(model: str, revision: str | None) -> Iterator[None]:
    """Say what the hub's errors mean for who pulls."""
    from huggingface_hub import errors  # noqa: PLC0415

    try:
        yield
    except errors.GatedRepoError as error:
        raise PullError(f"{model} is given only to who accepted its terms on the hub: do so, set HF_TOKEN") from error
    except errors.RevisionNotFoundError as error:
        raise PullError(f"{model} has no revision {revision!r}") from error
    except errors.RepositoryNotFoundError as error:
        raise PullError(f"there is no model {model} on the hub, or it is private and HF_TOKEN is not set") from error
    except PullError:
        raise
    except Exception as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise PullError(f"the hub did not give {model}: {reason}. What has come is kept: pull again") from error


class _Bar:
    """Stands where the hub's package wants a progress bar, and passes on how many bytes have come."""

    def __init__(self, told: Callable[[int], None], **_: object) -> None:
        self._told, self._come = told, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass

    def update(self, more: float) -> None:
        """Count on."""
        self._come += int(more)
        self._told(self._come)
