"""Builds a model of SD-Turbo's architecture with random weights, in the layout and the precision that it is shipped in.

    python -m benchmarks.turbo FOLDER [--tiny]

That is Stable Diffusion 2.1 (https://github.com/Stability-AI/stablediffusion, `v2-inference.yaml`): a UNet of 866
million weights, the text encoder of OpenCLIP ViT-H, and an autoencoder of 84 million; beside it, in `decoder`, a tiny
autoencoder of 2.4 million (TAESD, https://github.com/madebyollin/taesd). What it paints is noise, as fast as pictures.
`--tiny` makes the same of a few megabytes, to try the benchmark.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, AutoencoderTiny, EulerDiscreteScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

END = "<|endoftext|>"
INDEX = {
    "_class_name": "StableDiffusionPipeline",
    "feature_extractor": [None, None],
    "safety_checker": [None, None],
    "scheduler": ["diffusers", "EulerDiscreteScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}


def build(folder: Path, *, tiny: bool) -> None:
    """Build everything; one network after the other, for memory's sake."""
    width = 32 if tiny else 1024
    _unet(width, tiny=tiny).half().save_pretrained(folder / "unet")
    _text_encoder(width, tiny=tiny).half().save_pretrained(folder / "text_encoder")
    _autoencoder(tiny=tiny).half().save_pretrained(folder / "vae")
    channels = (16,) * 4 if tiny else (64,) * 4
    small = AutoencoderTiny(encoder_block_out_channels=channels, decoder_block_out_channels=channels)
    small.half().save_pretrained(folder / "decoder")
    EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", timestep_spacing="trailing", steps_offset=1
    ).save_pretrained(folder / "scheduler")
    _tokenizer(folder / "tokenizer")
    (folder / "model_index.json").write_text(json.dumps(INDEX), "utf-8")


def _unet(width: int, *, tiny: bool) -> Any:
    return UNet2DConditionModel(
        sample_size=64,
        block_out_channels=(8, 8, 16, 16) if tiny else (320, 640, 1280, 1280),
        attention_head_dim=(1, 1, 2, 2) if tiny else (5, 10, 20, 20),
        norm_num_groups=8 if tiny else 32,
        layers_per_block=1 if tiny else 2,
        cross_attention_dim=width,
        use_linear_projection=True,
    )


def _text_encoder(width: int, *, tiny: bool) -> Any:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=49_408,
            hidden_size=width,
            intermediate_size=4 * width,
            num_hidden_layers=1 if tiny else 23,
            num_attention_heads=2 if tiny else 16,
            projection_dim=width,
            hidden_act="gelu",
        )
    )


def _autoencoder(*, tiny: bool) -> Any:
    return AutoencoderKL(
        block_out_channels=(8,) * 4 if tiny else (128, 256, 512, 512),
        layers_per_block=1 if tiny else 2,
        norm_num_groups=8 if tiny else 32,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        sample_size=768,
    )


def _tokenizer(folder: Path) -> None:
    """Write CLIP's tokenizer with no merges, so that every byte is a word."""
    folder.mkdir(parents=True)
    printed = [*range(33, 127), *range(161, 173), *range(174, 256)]
    signs = [chr(sign) for sign in printed + [256 + number for number in range(256 - len(printed))]]
    words = [*signs, *(f"{sign}</w>" for sign in signs), "<|startoftext|>", END]
    (folder / "vocab.json").write_text(json.dumps({word: number for number, word in enumerate(words)}), "utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", "utf-8")
    files = (str(folder / "vocab.json"), str(folder / "merges.txt"))
    special = {"bos_token": "<|startoftext|>", "eos_token": END, "unk_token": END, "pad_token": END}
    CLIPTokenizer(*files, model_max_length=77, **special).save_pretrained(folder)


if __name__ == "__main__":
    torch.manual_seed(0)
    build(Path(sys.argv[1]), tiny="--tiny" in sys.argv)
