"""Pulling models: what is chosen, that it comes whole and goes on where it stopped, and what is there afterwards."""

from __future__ import annotations

import json
import os
import struct
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from limner import cli
from limner.pulling import Puller, PullError, chosen, chosen_part, linked
from limner.shelf import recorded, shelved
from tests.hub import COMMIT, FakeHub, hub_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(find_spec("huggingface_hub") is None, reason="huggingface_hub is not installed")
WEIGHTS = "unet/diffusion_pytorch_model.fp16.safetensors"
INDEX = {
    "_class_name": "StableDiffusionPipeline",
    "scheduler": ["diffusers", "EulerDiscreteScheduler"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
    "feature_extractor": [None, None],
}


def safetensors(size: int) -> bytes:
    """Make a safetensors file of one tensor of random bytes."""
    head = json.dumps({"x": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    return struct.pack("<Q", len(head)) + head + os.urandom(size)


def repository() -> dict[str, bytes]:
    """Make a repository with one model in two variants, and much that a model does not need."""
    return {
        "README.md": b"# a model",
        "model.safetensors": safetensors(9),
        "model_index.json": json.dumps(INDEX).encode(),
        "safety_checker/model.safetensors": safetensors(9),
        "scheduler/scheduler_config.json": b"{}",
        "tokenizer/merges.txt": b"#version: 0.2\n",
        "tokenizer/vocab.json": b"{}",
        "unet/config.json": b"{}",
        "unet/diffusion_pytorch_model.bin": b"a pickle",
        "unet/diffusion_pytorch_model.safetensors": safetensors(99),
        "unet/pipeline.py": b"import os",
        WEIGHTS: safetensors(24_000_000),
    }


WANTED = [
    "model_index.json",
    "scheduler/scheduler_config.json",
    "tokenizer/merges.txt",
    "tokenizer/vocab.json",
    "unet/config.json",
    WEIGHTS,
]


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with hub_of(repository()) as running:
        yield running


def there(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def test_a_pull_that_broke_goes_on_in_the_middle_of_the_file_and_the_commit_is_written_down(
    hub: FakeHub, tmp_path: Path
) -> None:
    puller, come = Puller(tmp_path, hub.url), list[int]()
    plan = puller.plan("owner/name")
    assert [file.name for file in plan.files] == WANTED
    assert (plan.commit, plan.variant) == (COMMIT, "fp16")
    hub.troubles[WEIGHTS] = ["break", "fail"]
    with pytest.raises(PullError, match="kept: pull again"):
        puller.fetch(plan, come.append)
    (broken,) = shelved(tmp_path)
    assert broken.wrong == "not all of it is there: limner pull owner/name"
    plan = puller.plan("owner/name", "main")
    assert 0 < plan.missing < plan.size - 10_000_000
    begun = plan.size - plan.missing
    come.clear()
    done = puller.fetch(plan, come.append)
    assert (done.wrong, done.revision, done.kind) == (None, COMMIT, "Stable Diffusion, fp16")
    assert hub.asked[-1] == (WEIGHTS, "bytes=10485760-")
    assert come == sorted(come)
    assert come[0] >= begun
    assert come[-1] == plan.size
    assert there(tmp_path / "owner/name") == sorted([*WANTED, "limner.json"])
    assert (tmp_path / "owner/name" / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_another_revision_fetches_what_differs_and_takes_away_what_is_gone(hub: FakeHub, tmp_path: Path) -> None:
    puller = Puller(tmp_path, hub.url)
    puller.fetch(puller.plan("owner/name"), lambda _: None)
    hub.commit = "feed" + "0" * 36
    hub.files["unet/config.json"] = b"[]"  # as many bytes as before
    hub.files["tokenizer/tokenizer.json"] = hub.files.pop("tokenizer/vocab.json")
    hub.asked.clear()
    puller.fetch(puller.plan("owner/name"), lambda _: None)
    assert {name for name, _ in hub.asked} == {"model_index.json", "unet/config.json", "tokenizer/tokenizer.json"}
    record = recorded(tmp_path / "owner/name")
    assert record is not None
    assert (record.revision, "tokenizer/vocab.json" in record.files) == (hub.commit, False)
    assert not (tmp_path / "owner/name/tokenizer/vocab.json").exists()


def test_what_cannot_be_pulled_is_said(hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    puller = Puller(tmp_path, hub.url)
    with pytest.raises(PullError, match="neither a folder here nor"):
        puller.plan("owner/../name")
    for status, told in ((401, "no model owner/name"), (403, "accepted its terms"), (404, "has no revision 'x'")):
        hub.status = status
        with pytest.raises(PullError, match=told):
            puller.plan("owner/name", "x")
    hub.status = 200
    hub.troubles["scheduler/scheduler_config.json"] = ["spoil"]
    with pytest.raises(PullError, match="did not come as the hub says"):
        puller.fetch(puller.plan("owner/name"), lambda _: None)
    full = Puller(tmp_path, hub.url, spare=1 << 60)
    with pytest.raises(PullError, match="are to come, and"):
        full.fetch(full.plan("owner/name"), lambda _: None)
    del hub.files["model_index.json"]
    with pytest.raises(PullError, match="not in the diffusers layout"):
        puller.plan("owner/name")
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(PullError, match=r"limner\[diffusers\]"):
        Puller(tmp_path)


def test_the_parts_of_large_weights_come_with_their_list_and_openvino_where_there_is_nothing_else() -> None:
    index = {"unet": ["diffusers", "UNet2DConditionModel"], "tokenizer": ["transformers", "CLIPTokenizer"]}
    parts = [f"unet/model.fp16-0000{n}-of-00002.safetensors" for n in (1, 2)]
    lists = ["unet/model.safetensors.index.fp16.json", "unet/model.safetensors.index.json"]
    other = ["unet/model-00001-of-00001.safetensors", "unet/model.ema.safetensors", "unet/../x.json"]
    names, variant = chosen([*parts, *lists, *other, "unet/config.json"], index)
    assert names == sorted(["model_index.json", *parts, lists[0], "unet/config.json"])
    assert variant == "fp16"
    network = ["tokenizer/openvino_tokenizer.bin", "vae_decoder/openvino_model.bin", "vae_decoder/openvino_model.xml"]
    names, variant = chosen([*network, "vae_decoder/other.bin", "unet/config.json", "docs/x.json"], index)
    assert names == sorted(["model_index.json", *network, "unet/config.json"])
    assert variant is None
    assert chosen_part("x", ["config.json", "model.safetensors", "model.bin", "unet/config.json"]) == (
        ["config.json", "model.safetensors"],
        None,
    )
    with pytest.raises(PullError, match="pickled weights are not loaded"):
        chosen(["unet/config.json", "unet/model.bin"], index)


def test_a_folder_that_lies_elsewhere_gets_a_name_by_a_link(hub: FakeHub, tmp_path: Path) -> None:
    shelf, elsewhere = tmp_path / "shelf", tmp_path / "elsewhere"
    puller = Puller(elsewhere, hub.url)
    puller.fetch(puller.plan("owner/name"), lambda _: None)
    source = elsewhere / "owner/name"
    for name in ("mine", "mine"):
        assert linked(source, shelf, name).name == "mine"
    (seen,) = shelved(shelf)
    assert (seen.folder, seen.wrong) == (source.resolve(), None)
    (shelf / "taken").mkdir()
    for name, told in (("taken", "already"), ("../out", "no name")):
        with pytest.raises(PullError, match=told):
            linked(source, shelf, name)
    (source / "unet/config.json").unlink()
    with pytest.raises(PullError, match="config"):
        linked(source, shelf, "other")


def test_the_command_line_pulls_and_says_what_is_there_and_who_uses_it(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    catalogue = tmp_path / "models.toml"
    catalogue.write_text('[models.house]\nengine = "illustrator"\noptions = { model = "owner/name" }\n')
    monkeypatch.setenv("LIMNER_DATA", str(tmp_path))
    monkeypatch.setenv("LIMNER_MODELS", str(catalogue))

    def limner(*words: str) -> str:
        monkeypatch.setattr("sys.argv", ["limner", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert not ended.value.code
        return capsys.readouterr().out

    told = limner("pull", "owner/name", "--hub", hub.url, "--dry-run")
    assert told == f"owner/name at {COMMIT[:12]}: 6 files, 0.02 GB, fp16, of which 0.02 GB are to come\n"
    assert not (tmp_path / "models/owner/name" / WEIGHTS).exists()
    told = limner("pull", "owner/name", "--hub", hub.url, "--revision", "main")
    assert '[models.name]\nengine = "diffusion"\noptions = { model = "owner/name" }' in told
    limner("pull", str(tmp_path / "models/owner/name"), "--name", "mine.1")
    hub.files = {"config.json": b"{}", "diffusion_pytorch_model.safetensors": safetensors(9), "README.md": b""}
    hub.name = "owner/taesd"
    assert "tiny_decoder" in limner("pull", "owner/taesd", "--hub", hub.url)
    table = limner("models").split("\n\n")[-1].splitlines()[1:]
    assert [line.split()[0] for line in table] == ["mine.1", "owner/name", "owner/taesd"]
    assert table[1].split()[-1] == "house"
    assert COMMIT[:12] in table[1]
