"""Tiny models with random weights, loaded and run by diffusers, here in the test's own process."""

from __future__ import annotations

import io
import json
import shutil
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from limner.engines.base import Given, Job, Picture, Step
from limner.engines.base.child import UnreadyError
from limner.engines.diffusion.backend import BackendError, Moment, Order, Paths
from limner.engines.diffusion.folders import checked
from limner.engines.diffusion.options import Lora, Options, Steps
from limner.engines.diffusion.worker import Description, prepare
from tests.pipelines import near, pipelines

if TYPE_CHECKING:
    from pathlib import Path

backend = pytest.importorskip("limner.engines.diffusion.diffusers_backend", exc_type=ImportError)
STEPS = Steps(low=2, standard=3, hd=4)


@pytest.fixture(scope="module")
def at() -> Path:
    return pipelines()


def make(options: Options, *jobs: Job) -> tuple[list[Any], list[Step]]:
    """Do an order as the child process does it."""
    ready, make_all = prepare(Description(options=options))
    assert ready.detail.endswith("on cpu in float32") or "bfloat16" in ready.detail
    steps: list[Step] = []
    answers = dict(make_all(jobs, lambda _place, step: steps.append(step)))
    return [answers[place] for place in range(len(jobs))], steps


def job(**more: Any) -> Job:
    told: dict[str, Any] = {"prompt": "a fox", "width": 64, "height": 64, "seed": 1, "quality": "low"} | more
    return Job(**told)


def noted(steps: list[Step], _place: int, step: Step) -> None:
    steps.append(step)


def picture(made: object) -> Image.Image:
    assert isinstance(made, Picture)
    return Image.open(io.BytesIO(made.data))


def given(size: tuple[int, int] = (64, 64)) -> Given:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(buffer, "PNG")
    return Given(data=buffer.getvalue(), content_type="image/png", width=size[0], height=size[1])


def clear(size: tuple[int, int] = (64, 64)) -> bytes:
    """Give a mask whose left half is to change."""
    mask = Image.new("RGBA", size, "black")
    mask.paste((0, 0, 0, 0), (0, 0, size[0] // 2, size[1]))
    buffer = io.BytesIO()
    mask.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["sd", "xl", "flux"])
def test_every_family_paints_changes_and_fills(at: Path, kind: str) -> None:
    own = Options(model=str(at / kind), steps=STEPS, threads=1, strength=0.5)
    jobs = (
        job(width=100, height=72, partial_images=1),
        job(operation="edit", images=(given(),)),
        job(operation="edit", images=(given(),), mask=clear(), quality="standard"),
        job(operation="vary", images=(given(),), prompt=""),
    )
    ready, make_all = prepare(Description(options=own))
    assert ready.most == 1
    for one in jobs:
        steps: list[Step] = []
        ((_, made),) = make_all((one,), partial(noted, steps))
        assert picture(made).size == (one.width, one.height)
        assert len([step for step in steps if step.preview]) == one.partial_images
        assert steps[-1].fraction == 1
        if one.mask is not None:
            kept = (32, 0, 64, 64)
            whole = Image.open(io.BytesIO(one.images[0].data))
            assert picture(made).crop(kept).tobytes() == whole.crop(kept).tobytes()
            assert picture(made).tobytes() != whole.tobytes()


def test_pictures_made_together_are_those_made_alone(at: Path) -> None:
    own = Options(model=str(at / "sd"), steps=STEPS, threads=1, max_batch=2, negative_prompt="ugly", scheduler="dpm++")
    jobs = (job(), job(prompt="a blue boat", seed=2))
    together, _ = make(own, *jobs)
    alone = [made for one in jobs for made in make(own, one)[0]]
    assert [near(made.data, single.data) for made, single in zip(together, alone, strict=True)] == [True, True]
    assert not near(together[0].data, together[1].data)
    assert together == make(own, *jobs)[0]


def test_what_is_set_changes_the_picture_and_is_told_in_its_version(at: Path) -> None:
    model, tiny = str(at / "sd"), str(at / "tiny-decoder")
    lora = next((at / "lora").glob("*.safetensors"))
    variants = [
        Options(model=model, steps=STEPS, threads=1),
        Options(model=model, steps=STEPS, threads=1, decoder="tiny", tiny_decoder=tiny),
        Options(model=model, steps=STEPS, threads=1, loras=(Lora(path=str(lora), weight=0.5),)),
        Options(model=model, steps=STEPS, threads=1, guidance=1.5, scheduler="ddim", preload=True),
        Options(model=model, steps=STEPS, threads=1, guidance=1.5, scheduler="ddim", negative_prompt="ugly"),
    ]
    made = [make(own, job())[0][0] for own in variants]
    assert len({one.data for one in made}) == len(made)
    assert "tiny decoder" in made[1].version
    assert f"LoRA {lora.stem} x 0.5" in made[2].version
    assert all(one.version.startswith("diffusion sd@") and "diffusers 0." in one.version for one in made)


def test_previews_may_come_from_a_tiny_decoder_while_the_picture_does_not(at: Path) -> None:
    plain = Options(model=str(at / "sd"), steps=STEPS, threads=1)
    quick = Options(model=str(at / "sd"), steps=STEPS, threads=1, tiny_decoder=str(at / "tiny-decoder"))
    (first,), full = make(plain, job(partial_images=1))
    (second,), tiny = make(quick, job(partial_images=1))
    assert first.data == second.data
    assert [step.preview for step in full if step.preview] != [step.preview for step in tiny if step.preview]


def test_what_the_watcher_raises_comes_out_and_the_model_stays_usable(at: Path) -> None:
    model = backend.load(checked(at / "sd"), Options(model="x", threads=1), Paths())
    order = Order(prompt="a fox", width=64, height=64, seed=1, steps=2)

    def enough(moment: Moment) -> None:
        raise KeyError(moment.done)

    with pytest.raises(KeyError):
        model.generate([order], enough)
    with pytest.raises(MemoryError):
        model.generate([Order(prompt="a fox", width=2**24, height=2**24, seed=1, steps=1)], enough)
    seen: list[tuple[int, int]] = []
    (pixels,) = model.generate([order], lambda moment: seen.append((moment.done, moment.steps)))
    assert (pixels.shape, seen) == ((64, 64, 3), [(1, 2), (2, 2)])
    model.close()


def damaged(at: Path, tmp_path: Path, kind: str = "sd") -> Path:
    shutil.copytree(at / kind, tmp_path / kind)
    return tmp_path / kind


def test_a_model_with_a_tensor_missing_is_not_loaded(at: Path, tmp_path: Path) -> None:
    """The library would fill it with noise."""
    file = damaged(at, tmp_path) / "unet" / "diffusion_pytorch_model.safetensors"
    data = file.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    end = len(data) - 8 - length
    last = next(name for name, tensor in header.items() if tensor.get("data_offsets", [0, 0])[1] == end)
    begin = header.pop(last)["data_offsets"][0]
    head = json.dumps(header).encode()
    file.write_bytes(len(head).to_bytes(8, "little") + head + data[8 + length : 8 + length + begin])
    with pytest.raises(UnreadyError, match=f"its weights lack {last}"):
        prepare(Description(options=Options(model=str(tmp_path / "sd"), preload=True)))


def test_what_cannot_be_loaded_is_told_in_the_operators_words(at: Path, tmp_path: Path) -> None:
    flux = Options(model="x", scheduler="ddim", threads=1)
    with pytest.raises(BackendError, match="scheduler = 'ddim' does not go with a FluxPipeline"):
        backend.load(checked(at / "flux"), flux, Paths())
    folder = damaged(at, tmp_path)
    config = folder / "vae" / "config.json"
    whole = config.read_text("utf-8")
    config.write_text(whole.replace('"latent_channels": 4', '"latent_channels": 8'), "utf-8")
    with pytest.raises(BackendError, match="vae"):
        backend.load(checked(folder), Options(model="x", threads=1), Paths())
    config.write_text(whole, "utf-8")
    (folder / "tokenizer" / "vocab.json").write_text("junk", "utf-8")
    (folder / "tokenizer" / "tokenizer.json").write_text("junk", "utf-8")
    with pytest.raises(BackendError, match="cannot be loaded"):
        backend.load(checked(folder), Options(model="x", threads=1), Paths())
    with pytest.raises(BackendError, match="cannot be laid over"):
        backend.load(checked(at / "xl"), Options(model="x", loras=(Lora(path="x"),)), Paths(loras=(tmp_path / "no",)))
    (folder / "vae" / "openvino_model.xml").touch()
    with pytest.raises(BackendError, match="was converted for OpenVINO"):
        backend.load(checked(folder), Options(model="x", threads=1), Paths())
    with pytest.raises(UnreadyError, match="there is no"):
        prepare(Description(options=Options(model=str(tmp_path / "nowhere"))))


def test_a_device_that_is_not_there_is_told(tmp_path: Path) -> None:
    if not backend.torch.cuda.is_available():
        with pytest.raises(BackendError, match='device = "cuda": PyTorch finds none here'):
            backend.look(Options(model="x", device="cuda"))
    assert backend.look(Options(model="x", device="cpu", dtype="bfloat16")).dtype == "bfloat16"
    (tmp_path / "cpuinfo").write_text("processor : 0\nflags : fpu amx_bf16 amx_tile\nflags : fpu\n")
    assert backend.abilities(tmp_path / "cpuinfo") & backend.FAST_BFLOAT16 == {"amx_bf16"}
    assert backend.abilities(tmp_path / "nowhere") == set()
