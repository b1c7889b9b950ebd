"""Diffusion models of a few megabytes with random weights, in the layout that real ones have.

    python tests/tiny_models.py FOLDER

builds all of `KINDS` below FOLDER. What they paint is noise; that they are loaded and run is what tests are about.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderTiny,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5Config,
    T5EncoderModel,
    T5TokenizerFast,
)

KINDS = ("sd", "xl", "flux", "tiny-decoder", "lora")
END = "<|endoftext|>"


def _clip_tokenizer(folder: Path) -> Any:
    """CLIP's byte-level pairs with no merges: 256 bytes, 256 bytes at a word's end, two specials."""
    folder.mkdir(parents=True, exist_ok=True)
    printed = [*range(33, 127), *range(161, 173), *range(174, 256)]
    signs = printed + [256 + number for number in range(256 - len(printed))]
    tokens = [chr(sign) for sign in signs] + [f"{chr(sign)}</w>" for sign in signs]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({token: number for number, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(
        str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77,
        bos_token="<|startoftext|>",  # noqa: S106  no secret
        eos_token=END, unk_token=END, pad_token=END,
    )  # fmt: skip


def _t5_tokenizer() -> Any:

    words = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("\u2581", -1.0)]
    raw = Tokenizer(models.Unigram(words + [(chr(sign), -2.0) for sign in range(33, 127)], unk_id=2))
    raw.pre_tokenizer = pre_tokenizers.Metaspace()
    return T5TokenizerFast(tokenizer_object=raw, extra_ids=0, model_max_length=64)


def _clip(*, projected: bool = False) -> Any:
    config = CLIPTextConfig(
        vocab_size=514, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=77, projection_dim=32, bos_token_id=512, eos_token_id=513, pad_token_id=513,
    )  # fmt: skip
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config)


def _decoder(latent: int, shift: float | None = None) -> Any:
    return AutoencoderKL(
        latent_channels=latent, shift_factor=shift, block_out_channels=(16, 16, 16, 16), layers_per_block=1,
        norm_num_groups=8, sample_size=64, down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
    )  # fmt: skip


def _unet(**more: Any) -> Any:
    return UNet2DConditionModel(
        sample_size=8, layers_per_block=1, block_out_channels=(32, 64), norm_num_groups=8, attention_head_dim=(4, 8),
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        use_linear_projection=True, **more,
    )  # fmt: skip


def _euler() -> Any:

    return EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", timestep_spacing="trailing", steps_offset=1
    )


def _sd(folder: Path) -> None:
    StableDiffusionPipeline(
        vae=_decoder(4), text_encoder=_clip(), tokenizer=_clip_tokenizer(folder / "tokenizer"),
        unet=_unet(cross_attention_dim=32), scheduler=_euler(), safety_checker=None, feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder)  # fmt: skip


def _xl(folder: Path) -> None:
    unet = _unet(
        cross_attention_dim=64, addition_embed_type="text_time", addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + 32, transformer_layers_per_block=(1, 1),
    )  # fmt: skip
    StableDiffusionXLPipeline(
        vae=_decoder(4), text_encoder=_clip(), text_encoder_2=_clip(projected=True),
        tokenizer=_clip_tokenizer(folder / "tokenizer"), tokenizer_2=_clip_tokenizer(folder / "tokenizer_2"),
        unet=unet, scheduler=_euler(), add_watermarker=False,
    ).save_pretrained(folder, variant="fp16")  # fmt: skip


def _flux(folder: Path) -> None:

    t5 = T5EncoderModel(
        T5Config(vocab_size=128, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4, feed_forward_proj="gated-gelu")
    )
    network = FluxTransformer2DModel(
        in_channels=64, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=4,
        joint_attention_dim=32, pooled_projection_dim=32, guidance_embeds=False, axes_dims_rope=(4, 6, 6),
    )  # fmt: skip
    FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=1.0), vae=_decoder(16, 0.1), text_encoder=_clip(),
        tokenizer=_clip_tokenizer(folder / "tokenizer"), text_encoder_2=t5, tokenizer_2=_t5_tokenizer(),
        transformer=network,
    ).save_pretrained(folder)  # fmt: skip


def _tiny_decoder(folder: Path) -> None:
    AutoencoderTiny(
        latent_channels=4, encoder_block_out_channels=(16,) * 4, decoder_block_out_channels=(16,) * 4,
        num_encoder_blocks=(1, 1, 1, 1), num_decoder_blocks=(1, 1, 1, 1),
    ).save_pretrained(folder)  # fmt: skip


def _lora(folder: Path) -> None:
    """Build a LoRA for `sd` whose both halves are random, so that it changes what is painted."""
    unet = _unet(cross_attention_dim=32)
    unet.add_adapter(LoraConfig(r=2, init_lora_weights=False, target_modules=["to_q", "to_v"]))
    layers = get_peft_model_state_dict(unet)
    layers = {name: torch.randn(tensor.shape) for name, tensor in layers.items()}
    StableDiffusionPipeline.save_lora_weights(folder, unet_lora_layers=layers)


def build(folder: Path, kind: str) -> None:
    """Build one kind in a folder, the same each time."""
    torch.manual_seed(0)
    builders = {"sd": _sd, "xl": _xl, "flux": _flux, "tiny-decoder": _tiny_decoder, "lora": _lora}
    builders[kind](folder)


if __name__ == "__main__":
    for one in KINDS:
        build(Path(sys.argv[1]) / one, one)
