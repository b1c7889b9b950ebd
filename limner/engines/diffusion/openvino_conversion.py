"""Turns a folder in the diffusers layout into networks for OpenVINO; a process of its own, for it needs torch, once.

    python -m limner.engines.diffusion.openvino_conversion model SOURCE TARGET
    python -m limner.engines.diffusion.openvino_conversion decoder SOURCE TARGET CONFIG

`model` is for Stable Diffusion 1 and 2 and for latent consistency models; `decoder` for a tiny decoder that is to stand
in for the full one whose `config.json` is given. The networks are traced with sizes that stay free, and saved in
half precision; their inputs and outputs have the names that openvino-genai looks for. One part after the other is
loaded, so no more memory is needed than for the largest in single precision, about twice.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FAMILIES = ("StableDiffusionPipeline", "LatentConsistencyModelPipeline")
"""The pipelines that can be converted, as `model_index.json` names them."""

ANY_SIZE = "any-size"
"""The name of an empty file in a converted folder, which says that the denoiser takes every multiple of 8 pixels."""

ODD = 9
"""The side of the latents that the denoiser is traced with. It is odd, for only where a side cannot be halved does the
network look at the sizes that it gets when it enlarges; traced with 16 it would take multiples of 64 pixels alone."""


def convert(source: Path, target: Path) -> None:
    """Convert a model; the target must not be there yet."""
    index = json.loads((source / "model_index.json").read_text("utf-8"))
    target.mkdir(parents=True)
    _text_encoder(source / "text_encoder", target / "text_encoder")
    _denoiser(source / "unet", target / "unet")
    _coder(source / "vae", target)
    shutil.copytree(source / "scheduler", target / "scheduler")
    _tokenizer(source / "tokenizer", target / "tokenizer")
    kept = {name: part for name, part in index.items() if name not in {"safety_checker", "feature_extractor"}}
    (target / "model_index.json").write_text(json.dumps(kept | {"vae": ["diffusers", "AutoencoderKL"]}), "utf-8")
    (target / ANY_SIZE).touch()


def convert_decoder(source: Path, target: Path, full: Path) -> None:
    """Convert a tiny decoder, so that it takes what the one with the configuration `full` takes."""
    import torch  # noqa: PLC0415 - an extra
    from diffusers import AutoencoderTiny  # noqa: PLC0415

    tiny, told = _loaded(AutoencoderTiny, source), json.loads(full.read_text("utf-8"))
    latents, scale, shift = tiny.config.latent_channels, told.get("scaling_factor", 0.18215), told.get("shift_factor")
    _save(
        target,
        _network(tiny, lambda given: tiny.decode((given - (shift or 0)) * scale, return_dict=False)[0]),
        (torch.zeros(1, latents, 8, 8),),
        {"latent_sample": [-1, latents, -1, -1]},
        ("sample",),
    )
    shutil.copy(full, target)


def _text_encoder(source: Path, target: Path) -> None:
    import torch  # noqa: PLC0415
    from transformers import CLIPTextModel  # noqa: PLC0415

    encoder = _loaded(CLIPTextModel, source)
    length, call = encoder.config.max_position_embeddings, encoder.forward
    _save(
        target,
        _network(encoder, lambda words: call(words, return_dict=False)[:2]),
        (torch.zeros(1, length, dtype=torch.long),),
        {"input_ids": [-1, length]},
        ("last_hidden_state", "pooler_output"),
    )
    shutil.copy(source / "config.json", target)


def _denoiser(source: Path, target: Path) -> None:
    import torch  # noqa: PLC0415
    from diffusers import UNet2DConditionModel  # noqa: PLC0415

    unet = _loaded(UNet2DConditionModel, source)
    call = unet.forward
    latents, width, condition = unet.config.in_channels, unet.config.cross_attention_dim, unet.config.time_cond_proj_dim
    inputs = {"sample": [-1, latents, -1, -1], "timestep": [-1], "encoder_hidden_states": [-1, -1, width]}
    examples = [torch.zeros(2, latents, ODD, ODD), torch.tensor([1]), torch.zeros(2, 77, width)]
    if condition:  # a latent consistency model is told the guidance
        inputs["timestep_cond"] = [-1, condition]
        examples.append(torch.zeros(2, condition))
    _save(
        target,
        _network(
            unet,
            lambda sample, step, words, guidance=None: call(
                sample, step, encoder_hidden_states=words, timestep_cond=guidance, return_dict=False
            )[0],
        ),
        tuple(examples),
        inputs,
        ("out_sample",),
    )
    shutil.copy(source / "config.json", target)


def _coder(source: Path, target: Path) -> None:
    """Convert the autoencoder's halves; the decoder's configuration has the scaling factor of both."""
    import diffusers  # noqa: PLC0415
    import torch  # noqa: PLC0415

    told = json.loads((source / "config.json").read_text("utf-8"))
    vae = _loaded(getattr(diffusers, told["_class_name"]), source)
    latents = vae.config.latent_channels
    # of a full one come mean and log variance, which genai draws from; of a tiny one the latents themselves
    full = told["_class_name"] != "AutoencoderTiny"

    def encode(seen: Any) -> Any:
        (coded,) = vae.encode(seen, return_dict=False)
        return coded.parameters if full else coded

    _save(
        target / "vae_encoder",
        _network(vae, encode),
        (torch.zeros(1, 3, 64, 64),),
        {"sample": [-1, 3, -1, -1]},
        ("latent_parameters" if full else "latent_sample",),
    )
    _save(
        target / "vae_decoder",
        _network(vae, lambda given: vae.decode(given, return_dict=False)[0]),
        (torch.zeros(1, latents, 8, 8),),
        {"latent_sample": [-1, latents, -1, -1]},
        ("sample",),
    )
    told |= {"_class_name": "AutoencoderKL", "scaling_factor": vae.config.scaling_factor}
    for half in ("vae_encoder", "vae_decoder"):
        (target / half / "config.json").write_text(json.dumps(told), "utf-8")


def _tokenizer(source: Path, target: Path) -> None:
    from openvino_tokenizers import convert_tokenizer  # noqa: PLC0415
    from transformers import AutoTokenizer  # noqa: PLC0415

    from limner.engines.diffusion.openvino_quiet import ov  # noqa: PLC0415

    shutil.copytree(source, target)
    both = convert_tokenizer(AutoTokenizer.from_pretrained(source, local_files_only=True), with_detokenizer=True)
    for network, name in zip(both, ("openvino_tokenizer.xml", "openvino_detokenizer.xml"), strict=True):
        ov.save_model(network, target / name)


def _loaded(kind: Any, source: Path) -> Any:
    """Load a part of the pipeline in single precision, from safetensors of either name."""
    import torch  # noqa: PLC0415

    variant = "fp16" if any(source.glob("*.fp16*.safetensors")) else None
    part = kind.from_pretrained(
        source, torch_dtype=torch.float32, variant=variant, use_safetensors=True, local_files_only=True
    )
    return part.eval()


def _network(part: Any, forward: Callable[..., Any]) -> Any:
    """Let a part do this when it is called, for the tracer calls modules.

    A module around it would come into the names of all its layers, and LoRAs go by these.
    """
    part.forward = forward
    return part


def _save(
    target: Path, network: Any, examples: tuple[Any, ...], inputs: Mapping[str, Sequence[int]], outputs: Sequence[str]
) -> None:
    """Trace a network and write it; `inputs` are its inputs' names and shapes, -1 for what is free."""
    import torch  # noqa: PLC0415

    from limner.engines.diffusion.openvino_quiet import ov  # noqa: PLC0415

    shapes = [ov.PartialShape(list(shape)) for shape in inputs.values()]
    with torch.no_grad():
        script = torch.jit.trace(network, examples, check_trace=False)  # checking would run it twice more
        traced = ov.convert_model(script, example_input=examples, input=shapes)
    for places, names in ((traced.inputs, inputs), (traced.outputs, outputs)):
        for place, name in zip(places, names, strict=True):
            place.get_tensor().set_names({name})
    target.mkdir(parents=True, exist_ok=True)
    ov.save_model(traced, target / "openvino_model.xml", compress_to_fp16=True)


def main(what: str, source: str, target: str, *more: str) -> None:
    """Do what the command line says; the target appears when it is whole."""
    half = Path(f"{target}.half")
    (convert if what == "model" else convert_decoder)(Path(source), half, *map(Path, more))
    half.rename(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
