"""Model folders in the diffusers layout: where they are, and whether one may be loaded.

What a library would find out late, or not at all (a tensor that is missing is filled with noise), is found
here, before anything is loaded: only known classes, only safetensors, every file there and whole. Standard
library only, in milliseconds, so the server, `limner models`, `limner doctor` and `limner pull` all use it.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from limner.engines.diffusion.weights import WeightsError, check, indexed

if TYPE_CHECKING:
    from collections.abc import Iterator

PIPELINES: dict[str, str] = {
    "StableDiffusionPipeline": "Stable Diffusion",
    "StableDiffusionXLPipeline": "Stable Diffusion XL",
    "FluxPipeline": "FLUX.1",
}
"""The pipelines that may be loaded, by the name in `model_index.json`, and what people call them."""

CLASSES: dict[str, re.Pattern[str]] = {
    "diffusers": re.compile(r"Autoencoder\w+|UNet2DConditionModel|\w+Transformer2DModel|\w+Scheduler", re.ASCII),
    "transformers": re.compile(
        r"[A-Z]\w*(TextModel|TextModelWithProjection|EncoderModel|VisionModelWithProjection"
        r"|Tokenizer|TokenizerFast|ImageProcessor|FeatureExtractor)",
        re.ASCII,
    ),
}
"""The classes that a component may have, by library."""

UNUSED = {"safety_checker", "feature_extractor", "image_encoder"}
"""Components that are never loaded: limner judges pictures by its own policies (docs/diffusion.md)."""
FORBIDDEN = {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".py", ".pyc", ".h5", ".msgpack", ".so"}
"""Files that hold code or could: a folder with one of them is refused."""
TOKENIZERS = ({"tokenizer.json"}, {"vocab.json", "merges.txt"}, {"spiece.model"}, {"tokenizer.model"})
"""What a tokenizer's folder must hold: one of these sets."""
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.ASCII)
RECORD = "limner.json"
"""What `limner pull` writes into a folder: `{"model": hub id, "revision": commit}`."""
SAMPLES, SAMPLE = 16, 65_536


class FolderError(ValueError):
    """A model's folder cannot be used; the message is for the operator and names the file."""


class Component(NamedTuple):
    """One part of a pipeline, of a class of a library; `variant` is the kind of its weights files ("fp16")."""

    name: str
    library: str
    kind: str
    variant: str | None

    @property
    def weighty(self) -> bool:
        """Whether it has weights; schedulers and tokenizers have none."""
        return not re.search(r"Scheduler|Tokenizer|Processor|Extractor", self.kind)


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A folder that was checked. `converted` says that it is for OpenVINO; `size` is of its weights, in bytes."""

    path: Path
    pipeline: str
    components: tuple[Component, ...]
    size: int
    converted: bool
    revision: str | None

    @property
    def family(self) -> str:
        """What people call its kind."""
        return PIPELINES[self.pipeline]


def find(model: str, root: Path | None) -> Path:
    """Give the folder (or file) that an option means: an absolute path, or a name below the folder of pulled models.

    Raises `FolderError` when it is no name, or there is nothing.
    """
    path = Path(model).expanduser()
    if not path.is_absolute():
        if root is None or not HUB_ID.fullmatch(model):
            raise FolderError(f"{model!r} is neither an absolute path nor a hub id such as `owner/name`")
        path = root / model
    if not path.exists():
        hint = f": run `limner pull {model}`" if HUB_ID.fullmatch(model) else ""
        raise FolderError(f"there is no {path}{hint}")
    return path


def listed(root: Path) -> Iterator[tuple[str, Folder | FolderError]]:
    """Give the models in the folder of pulled ones, by name, each checked or with what is wrong with it."""
    for index in sorted([*root.glob("*/model_index.json"), *root.glob("*/*/model_index.json")]):
        name = index.parent.relative_to(root).as_posix()
        try:
            yield name, checked(index.parent)
        except FolderError as error:
            yield name, error


def checked(path: Path) -> Folder:
    """Look whether a folder may be loaded, without loading anything. Raises `FolderError`."""
    try:
        return _checked(path)
    except (WeightsError, OSError) as error:
        raise FolderError(str(error)) from error


def _checked(path: Path) -> Folder:
    _harmless(path)
    index = _json(path / "model_index.json")
    pipeline = index.get("_class_name")
    if not isinstance(pipeline, str) or pipeline not in PIPELINES:
        raise FolderError(f"{path / 'model_index.json'}: {pipeline!r} is none of {', '.join(PIPELINES)}")
    parts = {name: value for name, value in index.items() if isinstance(value, list) and name not in UNUSED}
    converted = any(path.glob("*/openvino_model.xml"))
    found = [_component(path, name, value, converted=converted) for name, value in parts.items() if any(value)]
    size = sum(size for _, size in found)
    parts_there = tuple(component for component, _ in found)
    return Folder(
        path=path, pipeline=pipeline, components=parts_there, size=size, converted=converted, revision=_revision(path)
    )


def checked_part(path: Path) -> int:
    """Check a folder that holds one network alone, such as a tiny decoder; its weights' size. Raises `FolderError`."""
    try:
        _harmless(path)
        _json(path / "config.json")
        return _weights(path)[1]
    except (WeightsError, OSError) as error:
        raise FolderError(str(error)) from error


def checked_file(path: Path) -> None:
    """Check a safetensors file, such as a LoRA. Raises `FolderError`."""
    if path.suffix != ".safetensors":
        raise FolderError(f"{path}: only safetensors files are loaded")
    try:
        check(path)
    except (WeightsError, OSError) as error:
        raise FolderError(str(error)) from error


def _harmless(path: Path) -> None:
    """Refuse a folder with files that hold code, or that reaches out of itself."""
    inside, blobs = path.resolve(), _blobs(path.resolve())
    for file in sorted(path.rglob("*")):
        if any(part.startswith(".") for part in file.relative_to(path).parts):
            continue
        target = file.resolve()
        if not (target.is_relative_to(inside) or (blobs and target.is_relative_to(blobs))):
            raise FolderError(f"{file} is a link that leaves the folder")
        ir = file.name.startswith("openvino_") and file.with_suffix(".xml").exists()
        if file.is_file() and file.suffix.lower() in FORBIDDEN and not ir:
            raise FolderError(f"{file} could hold code and is never loaded: keep only safetensors, or `limner pull` it")


def _blobs(path: Path) -> Path | None:
    """Give where the files of a snapshot in a hub cache really lie (huggingface_hub's layout); None elsewhere."""
    repository = path.parent.parent
    return repository / "blobs" if path.parent.name == "snapshots" and repository.name.startswith("models--") else None


def _json(file: Path) -> dict[str, Any]:
    try:
        read = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise FolderError(f"{file} is not there, or not readable") from error
    except ValueError as error:
        raise FolderError(f"{file} is no JSON") from error
    if not isinstance(read, dict):
        raise FolderError(f"{file} holds no JSON object")
    if "auto_map" in read:
        raise FolderError(f"{file} asks for code of its own (auto_map), which is never run")
    return read


def _component(path: Path, name: str, value: list[Any], *, converted: bool) -> tuple[Component, int]:
    """Check one component by its entry in the index; gives it and the size of its weights."""
    where = path / "model_index.json"
    library, kind = value if len(value) == 2 else (None, None)
    if not (isinstance(library, str) and isinstance(kind, str) and re.fullmatch(r"\w+", name, re.ASCII)):
        raise FolderError(f"{where}: {name} must be [library, class]")
    if library not in CLASSES or not CLASSES[library].fullmatch(kind):
        raise FolderError(f"{where}: {name} is {library}.{kind}, which is not among the classes that are loaded")
    component, folder = Component(name, library, kind, None), path / name
    if converted and component.weighty:
        return component, 0  # its backend looks at its files, which have other names
    if not folder.is_dir():
        raise FolderError(f"{folder} is not there, but {where.name} names it")
    if kind.endswith("Scheduler"):
        _json(folder / "scheduler_config.json")
    elif "Tokenizer" in kind:
        if not any(all((folder / file).is_file() for file in files) for files in TOKENIZERS):
            raise FolderError(f"{folder} holds no tokenizer (tokenizer.json, or vocab.json and merges.txt, …)")
    else:
        _json(folder / "config.json")
        variant, size = _weights(folder)
        return component._replace(variant=variant), size
    return component, 0


def _weights(folder: Path) -> tuple[str | None, int]:
    """Check the weights files of a network; gives their variant and their size. A plain set is taken before another."""
    for stem in ("diffusion_pytorch_model", "model"):
        for variant in (None, *_variants(folder, stem)):
            dotted = f".{variant}" if variant else ""
            one = folder / f"{stem}{dotted}.safetensors"
            if one.is_file():
                return variant, check(one)[1]
            index = folder / f"{stem}.safetensors.index{dotted}.json"
            if index.is_file():
                return variant, indexed(index)
    raise FolderError(
        f"{folder} holds no diffusion_pytorch_model.safetensors, no model.safetensors and no index of one"
    )


def _variants(folder: Path, stem: str) -> list[str]:
    names = [file.name for file in folder.glob(f"{stem}.*")]
    pattern = re.compile(rf"{stem}\.(?:(\w+)\.safetensors|safetensors\.index\.(\w+)\.json)", re.ASCII)
    return sorted({found[1] or found[2] for found in map(pattern.fullmatch, names) if found})


def _revision(path: Path) -> str | None:
    """Give the commit that a folder is: as `limner pull` wrote it down, or a hub cache names it; else None."""
    if (path / RECORD).is_file():
        revision = _json(path / RECORD).get("revision")
        return revision if isinstance(revision, str) else None
    return path.resolve().name if _blobs(path.resolve()) else None


def fingerprint(folder: Folder) -> str:
    """Say in twelve characters which weights a folder holds: its commit, or a hash of samples all over its files.

    The samples are 16 pieces of 64 KiB of each safetensors file and the whole of each configuration, so another
    fine-tune of the same network is told apart without reading gigabytes.
    """
    if folder.revision:
        return folder.revision[:12]
    digest = hashlib.sha256()
    for file in sorted(folder.path.rglob("*")):
        if file.suffix in {".safetensors", ".json", ".bin", ".xml"} and file.name != RECORD and file.is_file():
            digest.update(f"{file.relative_to(folder.path).as_posix()} {file.stat().st_size}\n".encode())
            _sample(file, digest.update)
    return digest.hexdigest()[:12]


def _sample(file: Path, take: Any) -> None:
    size = file.stat().st_size
    with file.open("rb") as source:
        for number in range(SAMPLES if size > SAMPLE else 1):
            source.seek(number * max(0, size - SAMPLE) // (SAMPLES - 1))
            take(source.read(SAMPLE))
