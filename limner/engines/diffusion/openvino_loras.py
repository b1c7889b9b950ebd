"""LoRAs as openvino-genai takes them: it goes by the names of layers, and is silent about those it does not know."""

from __future__ import annotations

import json
import re
import struct
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from limner.engines.diffusion.backend import BackendError

if TYPE_CHECKING:
    from collections.abc import Iterator

LAYER = re.compile(r'name="__module\.([\w.]+)/')
ENDS = re.compile(r"\.(lora[_.].+|alpha)$")
PREFIX = re.compile(r"^(unet\.|lora_unet_)")


@contextmanager
def renamed(lora: Path, model: Path) -> Iterator[Path]:
    """Give a LoRA (diffusers' or Kohya's names) with names that genai finds in a model's denoiser.

    The file is gone afterwards. Raises `BackendError` where nothing in it goes with the denoiser.
    """
    with lora.open("rb") as opened:
        (length,) = struct.unpack("<Q", opened.read(8))
        head, data = json.loads(opened.read(length)), opened.read()
    network = (model / "unet" / "openvino_model.xml").read_text("utf-8")
    layers = {name.replace(".", "_") for name in LAYER.findall(network)}
    if not any(PREFIX.sub("", ENDS.sub("", name)).replace(".", "_") in layers for name in head):
        raise BackendError(f"{lora}: none of its tensors goes with a layer of the model")
    fresh = json.dumps({name.removeprefix("unet."): tensor for name, tensor in head.items()}).encode()
    with TemporaryDirectory(prefix="limner-lora-") as place:
        file = Path(place) / lora.name
        file.write_bytes(struct.pack("<Q", len(fresh)) + fresh + data)
        yield file
