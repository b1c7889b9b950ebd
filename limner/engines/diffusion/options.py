"""What the operator may set for a model of this engine: its `options` in the catalogue.

Standard library and msgspec only: the serving process, `limner doctor` and the child processes all read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from limner.capabilities import Quality  # noqa: TC001 - the shapes are read at run time

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEDULERS: dict[str, str] = {
    "ddim": "DDIMScheduler",
    "ddpm": "DDPMScheduler",
    "deis": "DEISMultistepScheduler",
    "dpm++": "DPMSolverMultistepScheduler",
    "dpm_single": "DPMSolverSinglestepScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler_a": "EulerAncestralDiscreteScheduler",
    "heun": "HeunDiscreteScheduler",
    "lcm": "LCMScheduler",
    "lms": "LMSDiscreteScheduler",
    "pndm": "PNDMScheduler",
    "unipc": "UniPCMultistepScheduler",
}
"""The schedulers that may be named, and their classes in diffusers (and, where it has them, OpenVINO GenAI)."""

Count = Annotated[int, msgspec.Meta(ge=1, le=500)]
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]
Device = Literal["auto", "cuda", "mps", "cpu"]
Dtype = Literal["auto", "float32", "bfloat16", "float16"]
BackendName = Literal["auto", "diffusers", "openvino"]


class OptionsError(ValueError):
    """A model's options cannot be used; the message is for the operator and names the model and the option."""


class Steps(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many denoising steps a quality means. The defaults suit plain models; distilled ones need 1 to 8."""

    low: Count = 12
    standard: Count = 25
    hd: Count = 40

    def of(self, quality: Quality) -> int:
        """Give the number of steps of a quality."""
        return int(getattr(self, quality))


class Suffix(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is put behind the prompt for a style; empty: the style changes nothing."""

    vivid: str = ""
    natural: str = ""


class Upscale(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The second pass of `hd`: paint at 1 / `factor` of the size, enlarge, repaint the share `strength` of it."""

    factor: Annotated[float, msgspec.Meta(gt=1, le=4)] = 2.0
    strength: Share = 0.35


class Lora(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A LoRA (Hu et al., 2021) to lay over the weights: a safetensors file, and how strongly."""

    path: str
    weight: float = 1.0


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be set for one model.

    `model` is a folder, or a hub id that was pulled. `strength` is how much of a picture an edit without a mask, or a
    variation, paints anew. `guidance` None is the pipeline's own default; `max_batch` 0 is 1 on a CPU and 4 on a GPU;
    `threads` 0 is as many as this process may use; `preload` loads the weights at the start, not at the first job.
    """

    model: str
    revision: str | None = None
    backend: BackendName = "auto"
    device: Device = "auto"
    dtype: Dtype = "auto"
    decoder: Literal["full", "tiny"] = "full"
    tiny_decoder: str | None = None
    steps: Steps = Steps()
    guidance: Annotated[float, msgspec.Meta(ge=0, le=50)] | None = None
    scheduler: str | None = None
    negative_prompt: str = ""
    prompt_suffix: Suffix = Suffix()
    upscale: Upscale | None = None
    strength: Share = 0.6
    loras: tuple[Lora, ...] = ()
    max_batch: Annotated[int, msgspec.Meta(ge=0, le=64)] = 0
    threads: Annotated[int, msgspec.Meta(ge=0, le=1024)] = 0
    preload: bool = False


def options(model: str, table: Mapping[str, Any]) -> Options:
    """Read the options of a model of the catalogue. Raises `OptionsError`."""
    try:
        read = msgspec.convert(dict(table), Options)
    except msgspec.ValidationError as error:
        raise OptionsError(f"[models.{model}.options]: {error}") from error
    if read.decoder == "tiny" and not read.tiny_decoder:
        raise OptionsError(f'[models.{model}.options]: decoder = "tiny" needs tiny_decoder, the folder of one')
    if read.scheduler is not None and read.scheduler not in SCHEDULERS:
        raise OptionsError(f"[models.{model}.options]: scheduler must be one of {', '.join(SCHEDULERS)}")
    return read
