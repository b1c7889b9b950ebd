"""OpenVINO for real: a small model is converted once and paints, stops, shows and changes pictures."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from msgspec.structs import replace

from limner.engines.base import Job, Setup, Step
from limner.engines.diffusion import Diffusion
from limner.engines.diffusion.backend import BackendError, Moment, Order, Paths
from limner.engines.diffusion.folders import checked, fingerprint
from limner.engines.diffusion.openvino_folders import networks
from limner.engines.diffusion.options import Lora, Options
from tests.pipelines import needed, pipelines

if TYPE_CHECKING:
    from pathlib import Path

    from limner.engines.diffusion.openvino_backend import OpenvinoBackend

LACKING = [name for name in ("openvino", "openvino_genai", "openvino_tokenizers") if find_spec(name) is None]
pytestmark = [needed, pytest.mark.skipif(bool(LACKING), reason="not installed: pip install 'limner[openvino]'")]
ORDER = Order(prompt="a red fox", width=72, height=64, seed=7, steps=3, guidance=0.0)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small models, one of them converted before in another form.

    Test processes share it, so that it is converted once.
    """
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "openvino-models"
    if not shared.exists():
        fresh = tmp_path_factory.mktemp("models")
        shutil.copytree(pipelines(), fresh, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.openvino"))
        (fresh / "sd.openvino" / "old").mkdir(parents=True)
        try:
            fresh.rename(shared)
        except OSError:
            shutil.rmtree(fresh)
    return shared


def loaded(models: Path, **options: Any) -> OpenvinoBackend:
    from limner.engines.diffusion.openvino_backend import load  # noqa: PLC0415 - an extra

    told, decoder = Options(model="sd", **options), options.get("tiny_decoder")
    paths = Paths(
        tiny_decoder=models / decoder if decoder else None, loras=tuple(models / one.path for one in told.loras)
    )
    return load(checked(models / "sd"), told, paths)


@pytest.fixture(scope="module")
def backend(models: Path) -> OpenvinoBackend:
    return loaded(models)


def painted(backend: OpenvinoBackend, order: Order, moments: list[Moment] | None = None) -> Any:
    (pixels,) = backend.generate([order], (moments if moments is not None else []).append)
    return pixels


def test_a_folder_is_converted_once_beside_itself_and_what_was_there_before_is_gone(
    backend: OpenvinoBackend, models: Path
) -> None:
    place = models / "sd.openvino" / f"{fingerprint(checked(models / 'sd'))}-1"
    assert [one for one in place.parent.iterdir() if one.is_dir()] == [place]
    made = (place / "unet" / "openvino_model.bin").stat()
    assert sys.modules["openvino_telemetry"] is None  # nobody is told that it was imported
    assert networks(checked(models / "sd")) == place
    assert networks(checked(place)) == place  # ready-made, as somebody else would bring it
    assert (place / "unet" / "openvino_model.bin").stat().st_mtime_ns == made.st_mtime_ns


def test_the_same_order_gives_the_same_pixels_in_every_multiple_of_eight(backend: OpenvinoBackend) -> None:
    moments: list[Moment] = []
    first = painted(backend, ORDER, moments)
    assert (first.shape, first.dtype) == ((64, 72, 3), np.uint8)
    assert np.array_equal(first, painted(backend, ORDER))
    assert not np.array_equal(first, painted(backend, replace(ORDER, seed=8)))
    assert not np.array_equal(first, painted(backend, replace(ORDER, prompt="word " * 400)))
    assert painted(backend, replace(ORDER, width=1000, prompt="")).shape == (64, 1000, 3)
    assert [moment.done for moment in moments] == sorted({moment.done for moment in moments})
    assert {moment.steps for moment in moments} == {3}


def test_what_the_watcher_raises_stops_it_and_comes_out_and_the_next_picture_is_as_ever(
    backend: OpenvinoBackend,
) -> None:
    class Unwanted(BaseException):
        pass

    seen = []

    def watch(moment: Moment) -> None:
        assert moment.decode
        seen.extend(moment.decode())
        raise Unwanted

    before = painted(backend, ORDER)
    with pytest.raises(Unwanted):
        backend.generate([replace(ORDER, steps=50)], watch)
    assert [one.shape for one in seen] == [(64, 72, 3)]
    assert np.array_equal(before, painted(backend, ORDER))
    # the library calls from a thread of its own, which no coverage sees
    from limner.engines.diffusion.openvino_backend import _Watching  # noqa: PLC0415 - an extra
    from limner.engines.diffusion.openvino_quiet import ov  # noqa: PLC0415

    watching, latents = _Watching(watch, backend._sight), ov.Tensor(np.zeros((1, 4, 8, 9), np.float32))
    assert watching(0, 3, latents)
    assert isinstance(watching.error, Unwanted)
    watching = _Watching(watch, backend._sight)
    watching.end()
    assert not watching(0, 3, latents)
    with pytest.raises(RuntimeError, match=r"^OpenVINO: .*divisible by 8"):
        painted(backend, replace(ORDER, width=65))


def test_pictures_and_masks_are_painted_over_and_a_negative_prompt_counts_only_with_guidance(
    backend: OpenvinoBackend,
) -> None:
    given = np.random.default_rng(1).integers(0, 256, (64, 72, 3), np.uint8)
    mask = np.zeros((64, 72), np.uint8)
    mask[:32] = 255
    edit = replace(ORDER, image=given, strength=0.5, steps=4)
    changed = painted(backend, edit)
    assert changed.shape == given.shape
    assert not np.array_equal(changed, painted(backend, replace(edit, image=255 - given)))
    assert not np.array_equal(changed, painted(backend, replace(edit, mask=mask)))
    plain, guided = painted(backend, ORDER), replace(ORDER, guidance=5.0)
    assert np.array_equal(plain, painted(backend, replace(ORDER, negative_prompt="blue")))
    assert not np.array_equal(painted(backend, guided), painted(backend, replace(guided, negative_prompt="blue")))
    assert (backend.multiple, backend.edits, backend.masks, backend.negative) == (8, True, True, True)


def test_the_tiny_decoder_a_lora_and_another_scheduler_are_used_when_the_options_name_them(
    backend: OpenvinoBackend, models: Path
) -> None:
    plain = painted(backend, ORDER)
    lora = next((models / "lora").glob("*.safetensors")).relative_to(models)
    other = loaded(
        models, tiny_decoder="tiny-decoder", decoder="tiny", guidance=1.0, dtype="float32", threads=1, scheduler="ddim"
    )
    assert other.negative is False
    tiny = painted(other, ORDER)
    assert tiny.shape == plain.shape
    assert not np.array_equal(plain, tiny)
    assert not np.array_equal(plain, painted(loaded(models, loras=(Lora(path=str(lora), weight=2.0),)), ORDER))
    with pytest.raises(BackendError, match="none of its tensors goes with"):
        loaded(models, loras=(Lora(path="sd/unet/diffusion_pytorch_model.safetensors"),))
    other.close()


def test_what_openvino_cannot_do_is_said_before_anything_is_loaded(models: Path, tmp_path: Path) -> None:
    from limner.engines.diffusion.openvino_backend import look  # noqa: PLC0415 - an extra

    assert look(Options(model="sd", dtype="float32")).dtype == "float32"
    for options, told in (
        (Options(model="sd", device="cuda"), "is for the CPU"),
        (Options(model="sd", scheduler="heun"), "has none"),
    ):
        with pytest.raises(BackendError, match=told):
            look(options)
    if look(Options(model="sd")).dtype == "float32":
        with pytest.raises(BackendError, match="does not compute in it"):
            look(Options(model="sd", dtype="bfloat16"))
    with pytest.raises(BackendError, match="is not converted here"):
        networks(checked(models / "xl"))
    shutil.copytree(models / "sd", tmp_path / "sd")
    place = tmp_path / "sd.openvino"
    place.mkdir()
    (place / f"{fingerprint(checked(tmp_path / 'sd'))}-1.half").touch()  # in the way of the conversion
    with pytest.raises(BackendError, match=r"cannot be converted for OpenVINO: FileExistsError"):
        networks(checked(tmp_path / "sd"))
    place.rename(tmp_path / "away")
    place.touch()
    with pytest.raises(BackendError, match="is not writable"):
        networks(checked(tmp_path / "sd"))


def test_a_folder_that_others_converted_runs_as_far_as_it_goes(
    backend: OpenvinoBackend, models: Path, tmp_path: Path
) -> None:
    from limner.engines.diffusion.openvino_backend import load  # noqa: PLC0415 - an extra

    theirs = tmp_path / "theirs"
    shutil.copytree(networks(checked(models / "sd")), theirs, ignore=shutil.ignore_patterns("any-size", "vae_encoder"))
    other = load(checked(theirs), Options(model="theirs", guidance=0.0), Paths())
    assert (other.multiple, other.edits, other.masks) == (16, False, False)
    assert np.array_equal(painted(other, replace(ORDER, width=64)), painted(backend, replace(ORDER, width=64)))
    (theirs / "unet" / "openvino_model.xml").write_text("<net/>")
    with pytest.raises(BackendError, match="cannot be loaded"):
        load(checked(theirs), Options(model="theirs"), Paths())


async def test_the_engine_paints_with_openvino_in_its_child_and_tells_how_far_it_is(
    backend: OpenvinoBackend, models: Path
) -> None:
    options = {"model": str(models / "sd"), "backend": "openvino", "steps": {"low": 30}, "guidance": 0.0}
    engine, steps = Diffusion(Setup(models={"tiny": options})), list[Step]()
    await engine.start()
    job = Job(prompt="a fox", width=68, height=64, seed=3, quality="low", model="tiny", partial_images=1)
    picture = await engine.generate(job, steps.append)
    health = await engine.check()
    await engine.close()
    assert (picture.width, picture.height, picture.content_type) == (68, 64, "image/png")
    assert "openvino-genai" in (picture.version or "")
    assert "openvino-genai" in health.detail
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    assert steps[-1].fraction == 1.0
