"""From a model's options to the files that they mean, all of them checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner.engines.diffusion.backend import Paths
from limner.engines.diffusion.folders import Folder, FolderError, checked, checked_file, checked_part, find

if TYPE_CHECKING:
    from pathlib import Path

    from limner.engines.diffusion.options import Options


def located(options: Options, root: Path | None) -> tuple[Folder, Paths]:
    """Find and check the model's folder, its tiny decoder and its LoRAs; `root` is where pulled models lie.

    Raises `FolderError`.
    """
    folder = checked(find(options.model, root))
    if options.revision and folder.revision != options.revision:
        at = folder.revision or "of no known revision"
        wanted = f"limner pull {options.model} --revision {options.revision}"
        raise FolderError(f"{folder.path} is {at}, the options say {options.revision}: {wanted}")
    decoder = find(options.tiny_decoder, root) if options.tiny_decoder else None
    if decoder:
        checked_part(decoder)
    loras = tuple(find(lora.path, root) for lora in options.loras)
    for lora in loras:
        checked_file(lora)
    return folder, Paths(tiny_decoder=decoder, loras=loras)
