"""Loading and running pipelines of diffusers. Imported in child processes only, when the first job comes.

Everything is loaded from files that were checked (`folders`), from safetensors, without the network and without code
of the folder's own, and nothing is used whose tensors were not all there.
"""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import diffusers
import numpy as np
import torch
import transformers
from PIL import Image

from limner.engines.base.machine import cores
from limner.engines.diffusion.backend import BackendError, Moment
from limner.engines.diffusion.folders import UNUSED
from limner.engines.diffusion.options import SCHEDULERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from limner.engines.diffusion.backend import Found, Order, Paths, Pixels, Watch
    from limner.engines.diffusion.folders import Component, Folder
    from limner.engines.diffusion.options import Options

EXHAUSTED = ("out of memory", "not enough memory", "can't allocate memory")
"""What PyTorch's allocators say, on whichever device."""
RELATED: dict[str, tuple[str, str]] = {
    "StableDiffusionPipeline": ("StableDiffusionImg2ImgPipeline", "StableDiffusionInpaintPipeline"),
    "StableDiffusionXLPipeline": ("StableDiffusionXLImg2ImgPipeline", "StableDiffusionXLInpaintPipeline"),
    "FluxPipeline": ("FluxImg2ImgPipeline", "FluxInpaintPipeline"),
}
"""The pipelines that use the same weights for a given picture, and for one with a mask. (diffusers finds them by
itself, but imports all of its pipelines to do so.)"""


def load(folder: Folder, options: Options, paths: Paths, found: Found) -> DiffusersBackend:
    """Load a model onto the device that was found. Raises `BackendError`, `MemoryError`."""
    for library in (diffusers.utils.logging, transformers.logging):
        library.set_verbosity_error()
        library.disable_progress_bar()
    if folder.converted:
        raise BackendError(f"{folder.path} was converted for OpenVINO; diffusers needs the folder it was made from")
    torch.set_num_threads(options.threads or cores())
    with _exhaustion():
        return DiffusersBackend(_pipeline(folder, options, paths, found), options, paths, found)


def _pipeline(folder: Folder, options: Options, paths: Paths, found: Found) -> Any:
    dtype = getattr(torch, found.dtype)
    parts: dict[str, Any] = {one.name: _network(folder.path, one, dtype) for one in folder.components if one.weighty}
    if options.decoder == "tiny" and paths.tiny_decoder:
        parts["vae"] = _tiny(paths.tiny_decoder, dtype)
    kind = getattr(diffusers, folder.pipeline)
    known = inspect.signature(kind.__init__).parameters
    parts |= {name: None for name in UNUSED if name in known}
    if "requires_safety_checker" in known:
        parts["requires_safety_checker"] = False
    try:
        pipe = kind.from_pretrained(folder.path, dtype=dtype, local_files_only=True, use_safetensors=True, **parts)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise BackendError(f"{folder.path} cannot be loaded: {_first_line(error)}") from error
    _schedule(pipe, options)
    _adapt(pipe, options, paths)
    for part in (getattr(pipe, "unet", None), getattr(pipe, "vae", None)):
        if part is not None:  # convolutions are faster in this order, on CPUs by far
            part.to(memory_format=torch.channels_last)
    pipe.set_progress_bar_config(disable=True)
    return pipe.to(found.device)


def _network(folder: Path, component: Component, dtype: torch.dtype) -> Any:
    """Load one network by itself, for only then the library says which tensors were not there."""
    library = diffusers if component.library == "diffusers" else transformers
    kind = getattr(library, component.kind, None)
    if kind is None:
        raise BackendError(f"{component.library} has no {component.kind}: a newer version may")
    return _loaded(kind, folder / component.name, dtype, component.variant)


def _tiny(folder: Path, dtype: torch.dtype) -> Any:
    return _loaded(diffusers.AutoencoderTiny, folder, dtype, None)


def _loaded(kind: Any, folder: Path, dtype: torch.dtype, variant: str | None) -> Any:
    try:
        network, told = kind.from_pretrained(
            folder,
            dtype=dtype,
            variant=variant,
            local_files_only=True,
            use_safetensors=True,
            output_loading_info=True,
        )
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise BackendError(f"{folder} cannot be loaded: {_first_line(error)}") from error
    wrong = sorted(map(str, told["missing_keys"])) or sorted(map(str, told["mismatched_keys"]))
    if wrong:
        raise BackendError(f"{folder}: its weights lack {wrong[0]} and {len(wrong) - 1} more tensors of its network")
    return network.eval()


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]


def _schedule(pipe: Any, options: Options) -> None:
    """Exchange the scheduler for the one that the options name, if it is of the same kind."""
    if options.scheduler is None:
        return
    kind = getattr(diffusers, SCHEDULERS[options.scheduler])
    if kind not in {type(pipe.scheduler), *pipe.scheduler.compatibles}:
        raise BackendError(f"scheduler = {options.scheduler!r} does not go with a {type(pipe).__name__}; leave it out")
    pipe.scheduler = kind.from_config(pipe.scheduler.config)


def _adapt(pipe: Any, options: Options, paths: Paths) -> None:
    """Lay the LoRAs over the weights."""
    names = [f"lora{number}" for number in range(len(paths.loras))]
    for name, path in zip(names, paths.loras, strict=True):
        try:
            pipe.load_lora_weights(
                path.parent, weight_name=path.name, adapter_name=name, local_files_only=True, use_safetensors=True
            )
        except (OSError, ValueError, TypeError, AttributeError, ImportError, RuntimeError) as error:
            raise BackendError(f"{path} cannot be laid over this model: {_first_line(error)}") from error
    if names:
        pipe.set_adapters(names, [lora.weight for lora in options.loras])


@contextmanager
def _exhaustion() -> Iterator[None]:
    """Call it `MemoryError` when the memory is used up, whatever PyTorch calls it."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        torch.cuda.empty_cache()
        raise MemoryError(str(error)) from error
    except RuntimeError as error:
        if any(words in str(error).lower() for words in EXHAUSTED):
            raise MemoryError(str(error)) from error
        raise


class DiffusersBackend:
    """A pipeline of diffusers, and those that share its weights for pictures that are given."""

    def __init__(self, pipe: Any, options: Options, paths: Paths, found: Found) -> None:
        """`pipe` paints from noise and lies on its device already."""
        self.device, self.dtype, self.version = found.device, found.dtype, found.version
        self._pipe, self._packed = pipe, isinstance(pipe, diffusers.FluxPipeline)
        self._changing, self._filling = (self._related(name) for name in RELATED[type(pipe).__name__])
        self.multiple = pipe.vae_scale_factor * (2 if self._packed else 1)
        self.most = options.max_batch or 64
        self.edits = self.masks = True
        self.negative = not self._packed and "negative_prompt" in inspect.signature(pipe.__call__).parameters
        tiny = paths.tiny_decoder if options.decoder == "full" else None
        self._preview = _tiny(tiny, getattr(torch, found.dtype)).to(found.device) if tiny else pipe.vae

    def _related(self, name: str) -> Any:
        """Make a pipeline of another kind from the same weights."""
        related = getattr(diffusers, name).from_pipe(
            self._pipe, vae=self._pipe.vae
        )  # a tiny decoder is none it expects
        related.set_progress_bar_config(disable=True)
        return related

    def generate(self, orders: Sequence[Order], watch: Watch) -> list[Pixels]:
        """Make the pictures of some orders together; see `Backend`."""
        first = orders[0]
        pipe, told = self._pipe, self._common(orders)
        if first.mask is not None:
            pipe = self._filling
            told["mask_image"] = [_image(order.mask) for order in orders]
        elif first.image is not None:
            pipe = self._changing
        if first.image is not None:
            told |= {"image": [_image(order.image) for order in orders], "strength": first.strength}
        if not (first.image is not None and first.mask is None and "width" not in _parameters(pipe)):
            told |= {"width": first.width, "height": first.height}
        told["callback_on_step_end"] = self._watching(watch, first)
        with torch.inference_mode(), _exhaustion():
            made = pipe(**told).images
        return [_bytes(picture) for picture in made]

    def _common(self, orders: Sequence[Order]) -> dict[str, Any]:
        """Give what all kinds of pipelines are told; each picture has its own source of noise, on the CPU."""
        first = orders[0]
        told: dict[str, Any] = {
            "prompt": [order.prompt for order in orders],
            "num_inference_steps": first.steps,
            "generator": [torch.Generator("cpu").manual_seed(_folded(order.seed)) for order in orders],
            "output_type": "np",
        }
        if first.guidance is not None:
            told["guidance_scale"] = first.guidance
        if self.negative and any(order.negative_prompt for order in orders):
            told["negative_prompt"] = [order.negative_prompt for order in orders]
        return told

    def _watching(self, watch: Watch, order: Order) -> Callable[..., dict[str, Any]]:
        """Make the library's callback; what it raises ends the call, and the pipeline stays usable."""
        done = 0

        def step(pipe: Any, number: int, time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            del number, time
            nonlocal done
            done += 1
            latents, steps = tensors["latents"], max(done, int(pipe.num_timesteps))
            watch(Moment(done=done, steps=steps, decode=lambda: self._decode(latents, order)))
            return tensors

        return step

    def _decode(self, latents: Any, order: Order) -> list[Pixels]:
        """Show latents as they are, noise and all."""
        vae = self._preview
        if self._packed:
            latents = self._pipe._unpack_latents(  # noqa: SLF001  there is no public name for it
                latents, order.height, order.width, self._pipe.vae_scale_factor
            )
        config = self._pipe.vae.config if vae is self._pipe.vae else vae.config
        latents = latents / config.scaling_factor + (getattr(config, "shift_factor", None) or 0.0)
        with torch.inference_mode():
            decoded = vae.decode(latents.to(vae.dtype), return_dict=False)[0]
        pictures = self._pipe.image_processor.postprocess(decoded, output_type="np")
        return [_bytes(picture) for picture in pictures]

    def close(self) -> None:
        """Free the weights."""
        del self._pipe, self._changing, self._filling, self._preview
        if self.device == "cuda":
            torch.cuda.empty_cache()


def _folded(seed: int) -> int:
    """Fold a seed into 32 bits, for of more the generator (MT 19937) takes only the lower 32; small ones are kept."""
    return (seed ^ (seed >> 32)) & 0xFFFF_FFFF


def _parameters(pipe: Any) -> set[str]:
    return set(inspect.signature(pipe.__call__).parameters)


def _image(pixels: Any) -> Image.Image:
    return Image.fromarray(pixels)


def _bytes(picture: Any) -> Pixels:
    """From 0..1 to bytes; what is no number (a half precision that overflowed) is black."""
    return np.round(np.nan_to_num(picture) * 255).clip(0, 255).astype(np.uint8)
