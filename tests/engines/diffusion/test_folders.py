"""Which folders may be loaded, and what is said of the others. Nothing here needs PyTorch."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from limner.engines.diffusion.folders import (
    RECORD,
    FolderError,
    checked,
    checked_file,
    checked_part,
    find,
    fingerprint,
    listed,
)
from limner.engines.diffusion.options import Lora, Options, OptionsError, options
from limner.engines.diffusion.places import located

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INDEX: dict[str, Any] = {
    "_class_name": "StableDiffusionPipeline",
    "_diffusers_version": "0.42.1",
    "requires_safety_checker": True,
    "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
    "image_encoder": [None, None],
    "scheduler": ["diffusers", "EulerDiscreteScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}
WEIGHTS = {"text_encoder": "model", "unet": "diffusion_pytorch_model", "vae": "diffusion_pytorch_model"}


def tensors(*names: str, size: int = 4, **header: Any) -> bytes:
    """Write a safetensors file with float32 vectors of these names."""
    placed = {
        name: {"dtype": "F32", "shape": [size], "data_offsets": [number * size * 4, (number + 1) * size * 4]}
        for number, name in enumerate(names)
    }
    head = json.dumps({"__metadata__": {"format": "pt"}} | placed | header).encode()
    return len(head).to_bytes(8, "little") + head + bytes(4 * size * len(names))


def put(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model's folder in which nothing is wrong."""
    made = tmp_path / "models" / "owner" / "name"
    put(made / "model_index.json", INDEX)
    put(made / "scheduler" / "scheduler_config.json", {"_class_name": "EulerDiscreteScheduler"})
    put(made / "tokenizer" / "vocab.json", {})
    put(made / "tokenizer" / "merges.txt", b"")
    for name, stem in WEIGHTS.items():
        put(made / name / "config.json", {"hidden_size": 4})
        put(made / name / f"{stem}.safetensors", tensors("a", "b"))
    return made


def index(folder: Path, **more: Any) -> None:
    put(folder / "model_index.json", INDEX | more)


def shards(folder: Path, weights: dict[str, str]) -> None:
    """Put the UNet's weights into files by an index."""
    (folder / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    put(folder / "unet" / "diffusion_pytorch_model.safetensors.index.json", {"weight_map": weights})
    put(folder / "unet" / "1.safetensors", tensors("a"))


def test_a_folder_that_is_whole_is_taken(folder: Path) -> None:
    found = checked(folder)
    assert (found.pipeline, found.family, found.converted) == ("StableDiffusionPipeline", "Stable Diffusion", False)
    assert {one.name for one in found.components if one.weighty} == set(WEIGHTS)
    assert found.size == 3 * len(tensors("a", "b"))


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "no index": (lambda at: (at / "model_index.json").unlink(), "model_index.json is not there"),
    "no json": (lambda at: put(at / "model_index.json", b"{"), "model_index.json is no JSON"),
    "a list": (lambda at: put(at / "model_index.json", []), "holds no JSON object"),
    "strange pipeline": (lambda at: index(at, _class_name="EvilPipeline"), "'EvilPipeline' is none of"),
    "pipeline of a module": (lambda at: index(at, _class_name=["pipeline", "Mine"]), "is none of"),
    "strange library": (lambda at: index(at, unet=["os", "system"]), r"unet is os\.system, which is not among"),
    "strange class": (lambda at: index(at, unet=["diffusers", "DiffusionPipeline"]), "not among the classes"),
    "no pair": (lambda at: index(at, unet=["diffusers"]), r"unet must be \[library, class\]"),
    "odd name": (lambda at: index(at, **{"../unet": ["diffusers", "AutoencoderKL"]}), "must be"),
    "component missing": (lambda at: index(at, controlnet=["diffusers", "AutoencoderKL"]), "controlnet is not there"),
    "no weights": (lambda at: (at / "vae" / "diffusion_pytorch_model.safetensors").unlink(), "vae holds no diff"),
    "no config": (lambda at: (at / "vae" / "config.json").unlink(), "vae/config.json is not there"),
    "remote code": (lambda at: put(at / "vae" / "config.json", {"auto_map": {}}), "auto_map"),
    "no tokenizer": (lambda at: (at / "tokenizer" / "merges.txt").unlink(), "tokenizer holds no tokenizer"),
    "pickle": (lambda at: put(at / "unet" / "diffusion_pytorch_model.bin", b""), r"pytorch_model\.bin could hold code"),
    "code": (lambda at: put(at / "pipeline.py", b""), r"pipeline\.py could hold code"),
    "way out": (lambda at: (at / "vae" / "extra").symlink_to("/etc"), "link that leaves the folder"),
    "cut short": (
        lambda at: put(at / "vae" / "diffusion_pytorch_model.safetensors", tensors("a", "b")[:-1]),
        "is damaged: its header tells of",
    ),
    "junk": (lambda at: put(at / "unet" / "diffusion_pytorch_model.safetensors", b"PK"), "is no safetensors file"),
    "junk header": (
        lambda at: put(at / "unet" / "diffusion_pytorch_model.safetensors", (4).to_bytes(8, "little") + b"junk"),
        "no valid safetensors header",
    ),
    "overlap": (
        lambda at: put(
            at / "unet" / "diffusion_pytorch_model.safetensors",
            tensors("a", b={"dtype": "F32", "shape": [1], "data_offsets": [8, 12]}),
        ),
        "no valid safetensors header",
    ),
    "shard missing": (lambda at: shards(at, {"a": "1.safetensors", "b": "2.safetensors"}), "2.safetensors is not"),
    "tensor missing": (lambda at: shards(at, {"a": "1.safetensors", "c": "1.safetensors"}), "lacks the tensor c"),
    "shard elsewhere": (lambda at: shards(at, {"a": "../../x.safetensors"}), "names '../../x.safetensors'"),
    "no index of shards": (lambda at: shards(at, []), "is no index of weights"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_folder_in_which_something_is_wrong_is_refused_and_the_file_named(folder: Path, name: str) -> None:
    damage, complaint = DAMAGE[name]
    damage(folder)
    with pytest.raises(FolderError, match=complaint):
        checked(folder)
    assert all(isinstance(found, FolderError) for _, found in listed(folder.parents[1]))


def test_weights_may_be_in_several_files_or_of_a_variant(folder: Path) -> None:
    shards(folder, {"a": "1.safetensors"})
    plain = folder / "vae" / "diffusion_pytorch_model.safetensors"
    plain.rename(plain.with_name("diffusion_pytorch_model.fp16.safetensors"))
    kinds = {one.name: one.variant for one in checked(folder).components if one.weighty}
    assert kinds == {"text_encoder": None, "unet": None, "vae": "fp16"}


def test_what_was_converted_for_openvino_may_have_its_bin_files(folder: Path) -> None:
    put(folder / "unet" / "openvino_model.xml", b"<net/>")
    put(folder / "unet" / "openvino_model.bin", b"")
    assert checked(folder).converted


def test_a_snapshot_in_a_hub_cache_may_link_to_its_blobs(folder: Path, tmp_path: Path) -> None:
    snapshot = tmp_path / "models--owner--name" / "snapshots" / "0123456789abcdef"
    snapshot.parent.mkdir(parents=True)
    folder.rename(snapshot)
    blob = tmp_path / "models--owner--name" / "blobs" / "aa"
    blob.parent.mkdir()
    weights = snapshot / "vae" / "diffusion_pytorch_model.safetensors"
    weights.rename(blob)
    weights.symlink_to(blob)
    assert fingerprint(checked(snapshot)) == "0123456789ab"


def test_a_folder_is_known_by_its_commit_or_by_its_weights(folder: Path) -> None:
    first = fingerprint(checked(folder))
    weights = folder / "vae" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(tensors("a", "b", size=80_000))
    second = fingerprint(checked(folder))
    whole = bytearray(weights.read_bytes())
    whole[-1] ^= 1
    weights.write_bytes(whole)
    assert len({first, second, fingerprint(checked(folder))}) == 3
    put(folder / RECORD, {"model": "owner/name", "revision": "f" * 40})
    assert fingerprint(checked(folder)) == "f" * 12


def test_options_find_their_files(folder: Path) -> None:
    root = folder.parents[1]
    put(root / "lora.safetensors", tensors("a"))
    own = Options(model="owner/name", tiny_decoder=str(folder / "vae"), loras=(Lora(path="lora.safetensors"),))
    found, paths = located(own, root)
    assert (found.path, paths.tiny_decoder, paths.loras) == (folder, folder / "vae", (root / "lora.safetensors",))
    assert [name for name, _ in listed(root)] == ["owner/name"]
    with pytest.raises(FolderError, match="of no known revision, the options say abc: limner pull owner/name"):
        located(Options(model="owner/name", revision="abc"), root)
    with pytest.raises(FolderError, match="run `limner pull other/name`"):
        find("other/name", root)
    for outside in ("../owner", "a/b/c"):
        with pytest.raises(FolderError, match="neither an absolute path nor a hub id"):
            find(outside, root)


def test_single_files_and_networks_are_checked_too(folder: Path) -> None:
    (folder / "vae" / "diffusion_pytorch_model.safetensors").write_bytes(b"junk")
    put(folder / "lora.safetensors", b"junk")
    put(folder / "lora.pt", b"junk")
    for path, check, complaint in (
        (folder / "vae", checked_part, "is no safetensors file"),
        (folder / "lora.safetensors", checked_file, "is no safetensors file"),
        (folder / "lora.pt", checked_file, "only safetensors"),
    ):
        with pytest.raises(FolderError, match=complaint):
            check(path)


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({}, "missing required field `model`"),
        ({"model": "x", "stepz": {}}, "unknown field `stepz`"),
        ({"model": "x", "steps": {"low": 0}}, r"\$\.steps\.low"),
        ({"model": "x", "decoder": "tiny"}, "needs tiny_decoder"),
        ({"model": "x", "scheduler": "evil"}, "scheduler must be one of"),
    ],
)
def test_options_that_cannot_be_are_told(table: dict[str, Any], complaint: str) -> None:
    with pytest.raises(OptionsError, match=rf"\[models\.house\.options\]: .*{complaint}"):
        options("house", table)
