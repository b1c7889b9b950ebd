"""The backend on OpenVINO: the fast one on CPUs. Imported in child processes only.

What openvino-genai does in its own way (all found by running 2026.4): its callback must not raise, or the process is
gone, and is called from a thread of the library's, for some steps never; a picture that was stopped is one byte of
nothing; a negative prompt without guidance is an error; one pipeline takes one call at a time; and the kinds of
pipelines share weights in one direction only.
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Any

from limner.engines.base.machine import cores
from limner.engines.diffusion.backend import BackendError, Found, Moment
from limner.engines.diffusion.openvino_conversion import ANY_SIZE
from limner.engines.diffusion.openvino_folders import mixed, networks, tiny_decoder
from limner.engines.diffusion.openvino_loras import renamed
from limner.engines.diffusion.openvino_quiet import genai, ov
from limner.engines.diffusion.options import SCHEDULERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from limner.engines.diffusion.backend import Order, Paths, Pixels, Watch
    from limner.engines.diffusion.folders import Folder
    from limner.engines.diffusion.options import Options

VERSION = f"openvino-genai {genai.__version__.partition('-')[0]}"
PRECISIONS = {"float32": "f32", "bfloat16": "bf16", "float16": "f16"}
ABLE = {"float32": "FP32", "bfloat16": "BF16", "float16": "FP16"}
"""What OpenVINO calls a CPU's ability to compute in a type."""

TYPES = {
    "DDIMScheduler": genai.Scheduler.Type.DDIM,
    "EulerDiscreteScheduler": genai.Scheduler.Type.EULER_DISCRETE,
    "EulerAncestralDiscreteScheduler": genai.Scheduler.Type.EULER_ANCESTRAL_DISCRETE,
    "FlowMatchEulerDiscreteScheduler": genai.Scheduler.Type.FLOW_MATCH_EULER_DISCRETE,
    "LCMScheduler": genai.Scheduler.Type.LCM,
    "PNDMScheduler": genai.Scheduler.Type.PNDM,
}
"""The schedulers that genai has, by diffusers' names."""

EXHAUSTED = ("bad_alloc", "allocate memory", "out of memory", "not enough memory")


def look(options: Options) -> Found:
    """Say in which type this CPU would compute. Raises `BackendError` where the options ask for what there is not."""
    if options.device not in {"auto", "cpu"}:
        raise BackendError(f'device = "{options.device}": OpenVINO is for the CPU here; use backend = "diffusers"')
    able = ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    dtype = options.dtype if options.dtype != "auto" else "bfloat16" if ABLE["bfloat16"] in able else "float32"
    if ABLE[dtype] not in able:
        raise BackendError(f'dtype = "{dtype}": this CPU does not compute in it; leave it out')
    if options.scheduler is not None and SCHEDULERS[options.scheduler] not in TYPES:
        raise BackendError(f'scheduler = "{options.scheduler}": OpenVINO has none; leave it out')
    return Found(device="cpu", dtype=dtype, version=VERSION)


def load(folder: Folder, options: Options, paths: Paths) -> OpenvinoBackend:
    """Load a model, converted first where it is not yet. Raises `BackendError`, `MemoryError`."""
    found, model = look(options), networks(folder)
    tiny = tiny_decoder(model, paths.tiny_decoder) if paths.tiny_decoder else None
    with mixed(model, tiny) if tiny and options.decoder == "tiny" else nullcontext(model) as whole:
        try:
            return OpenvinoBackend(whole, options, paths, found, _Sight(tiny or model / "vae_decoder", found))
        except RuntimeError as error:
            raise _exhausted(error) or BackendError(f"{folder.path} cannot be loaded: {_reason(error)}") from error


class OpenvinoBackend:
    """A model whose networks are compiled; see `Backend`."""

    most, device = 1, "cpu"

    def __init__(self, folder: Path, options: Options, paths: Paths, found: Found, sight: _Sight) -> None:
        """Compile the networks of a folder; `sight` shows pictures under way. Raises `RuntimeError`."""
        self._lock, self._sight, self.multiple = Lock(), sight, _multiple(folder)
        told: dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": PRECISIONS[found.dtype],
            "INFERENCE_NUM_THREADS": options.threads or cores(),
            "ENABLE_CPU_PINNING": False,  # where others compute too, pinned threads wait for them
        }
        self._adapters = _adapters(folder, options, paths)
        self._text, self._image, self._mask = _pipelines(folder, told | self._adapters)
        self.edits, self.masks = self._image is not None, self._mask is not None
        if options.scheduler is not None:
            for pipeline in filter(None, (self._text, self._image, self._mask)):
                pipeline.set_scheduler(_scheduler(folder, TYPES[SCHEDULERS[options.scheduler]]))
        guidance = self._text.get_generation_config().guidance_scale if options.guidance is None else options.guidance
        self._guidance, self.negative = guidance, guidance > 1
        self.dtype, self.version = found.dtype, found.version

    def generate(self, orders: Sequence[Order], watch: Watch) -> list[Pixels]:
        """Make the picture of one order; see `Backend`."""
        (order,) = orders
        pipeline, told, given = self._text, self._told(order), list[ov.Tensor]()
        if order.image is not None:
            pipeline, told["strength"] = self._image, order.strength
            given.append(_tensor(order.image))
        if order.mask is not None:
            pipeline = self._mask
            given.append(_tensor(order.mask[..., None].repeat(3, axis=2)))
        watching = _Watching(watch, self._sight)
        with self._lock:
            try:
                made = pipeline.generate(order.prompt, *given, callback=watching, **told)
            except RuntimeError as error:
                raise watching.error or _exhausted(error) or RuntimeError(f"OpenVINO: {_reason(error)}") from error
        watching.end()
        if watching.error is not None:
            raise watching.error
        return [_pixels(made)]

    def _told(self, order: Order) -> dict[str, Any]:
        told: dict[str, Any] = {
            "width": order.width,
            "height": order.height,
            "num_inference_steps": order.steps,
            "rng_seed": order.seed,
        }
        guidance = self._guidance if order.guidance is None else order.guidance
        told |= {"guidance_scale": guidance, **self._adapters}
        if order.negative_prompt and guidance > 1:
            told["negative_prompt"] = order.negative_prompt
        return told

    def close(self) -> None:
        """Free the weights."""
        del self._text, self._image, self._mask, self._sight


class _Watching:
    """The library's callback. Nothing may be raised in it: what is raised is kept here, and the library stopped."""

    def __init__(self, watch: Watch, sight: _Sight) -> None:
        self._watch, self._sight = watch, sight
        self._lock, self._over = Lock(), False
        self.error: BaseException | None = None

    def __call__(self, step: int, steps: int, latents: ov.Tensor) -> bool:
        """Pass on that a step, counted from 0, is done; whether to stop."""
        with self._lock:
            if self.error is None and not self._over:
                try:
                    self._watch(Moment(done=step + 1, steps=steps, decode=lambda: [self._sight.see(latents)]))
                except BaseException as error:  # noqa: BLE001 - see above
                    self.error = error
        return self.error is not None

    def end(self) -> None:
        """Wait until the last call is over; those that still come do nothing."""
        with self._lock:
            self._over = True


class _Sight:
    """Decodes latents of pictures under way, with a network of its own, for the pipeline's is in use at that time.

    It is compiled for the first who wants to see.
    """

    def __init__(self, decoder: Path, found: Found) -> None:
        self._folder, self._precision = decoder, PRECISIONS[found.dtype]
        self._network: Any = None
        told = json.loads((decoder / "config.json").read_text("utf-8"))
        self._scale, self._shift = told.get("scaling_factor", 0.18215), told.get("shift_factor") or 0.0

    def see(self, latents: ov.Tensor) -> Pixels:
        """Give the first picture as it is now."""
        if self._network is None:
            told = {"INFERENCE_PRECISION_HINT": self._precision, "INFERENCE_NUM_THREADS": cores()}
            self._network = ov.Core().compile_model(self._folder / "openvino_model.xml", "CPU", told)
        seen = self._network(latents.data[:1] / self._scale + self._shift)[0][0]
        return ((seen.transpose(1, 2, 0) / 2 + 0.5).clip(0, 1) * 255).round().astype("uint8")


def _multiple(folder: Path) -> int:
    """Say what sides must be divisible by.

    A denoiser that was traced elsewhere takes only sides that can be halved as often as it does so; transformers take
    pairs of latents.
    """
    if (folder / ANY_SIZE).exists():
        return 8
    unet = folder / "unet" / "config.json"
    if not unet.exists():
        return 16
    return int(8 * 2 ** (len(json.loads(unet.read_text("utf-8"))["block_out_channels"]) - 1))


def _pipelines(folder: Path, told: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Compile the pipelines for text, for pictures and for masks, which share weights; None for those there are not.

    Only in this order they can be made of each other.
    """
    if not (folder / "vae_encoder").is_dir():
        return genai.Text2ImagePipeline(folder, "CPU", **told), None, None
    mask = genai.InpaintingPipeline(folder, "CPU", **told)
    return genai.Text2ImagePipeline(mask), genai.Image2ImagePipeline(mask), mask


def _adapters(folder: Path, options: Options, paths: Paths) -> dict[str, Any]:
    """Load the LoRAs, as what is to be told at the start and with every picture; nothing where there are none."""
    adapters = genai.AdapterConfig()
    for lora, path in zip(options.loras, paths.loras, strict=True):
        with renamed(path, folder) as file:
            adapters.add(genai.Adapter(file), lora.weight)
    return {"adapters": adapters} if options.loras else {}


def _scheduler(folder: Path, kind: Any) -> Any:
    """Make another scheduler than the model's own, with its numbers; what genai cannot do is switched off in them."""
    own = json.loads((folder / "scheduler" / "scheduler_config.json").read_text("utf-8"))
    with TemporaryDirectory() as place:
        config = Path(place) / "scheduler_config.json"
        config.write_text(json.dumps(own | {"clip_sample": False, "thresholding": False}), "utf-8")
        return genai.Scheduler.from_config(config, kind)


def _tensor(pixels: Pixels) -> ov.Tensor:
    """Give pixels as OpenVINO takes them: (1, H, W, 3), uint8."""
    return ov.Tensor(pixels[None].copy())


def _pixels(made: ov.Tensor) -> Pixels:
    """Give the first picture of a result as pixels of its own memory."""
    return made.data[0].copy()


def _exhausted(error: RuntimeError) -> MemoryError | None:
    return MemoryError("OpenVINO ran out of memory") if any(word in str(error) for word in EXHAUSTED) else None


def _reason(error: RuntimeError) -> str:
    """Give the last line of what OpenVINO says; those before it are places in its source."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:300] if lines else type(error).__name__
