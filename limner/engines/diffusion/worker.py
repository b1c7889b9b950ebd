"""The child process of one model, started as `python -m limner.engines.diffusion.worker DESCRIPTION`.

It finds out where it would run and says so at once; the weights are loaded for the first job, or before it when
the model's options say `preload`.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from limner.engines.base.child import MakeAll, UnreadyError, main
from limner.engines.base.frames import Ready
from limner.engines.base.machine import cores
from limner.engines.diffusion.backend import BackendError
from limner.engines.diffusion.backends import chosen, library, missing
from limner.engines.diffusion.folders import FolderError, fingerprint
from limner.engines.diffusion.options import Options  # noqa: TC001 - the shapes are read at run time
from limner.engines.diffusion.places import located

if TYPE_CHECKING:
    from limner.engines.diffusion.backend import Found

ON_GPU = 4
"""How many pictures are made in one go on a GPU unless the options say otherwise."""


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What the child is told on its command line: the model's options, and the folder of pulled models."""

    options: Options
    root: str | None = None


def prepare(told: Description) -> tuple[Ready, MakeAll]:
    """Check the folder, find the device, and give what makes pictures. Raises `UnreadyError` for the operator."""
    options = told.options
    try:
        folder, paths = located(options, Path(told.root) if told.root else None)
        using = chosen(options, converted=folder.converted)
        if lacking := missing(using):
            raise UnreadyError(f"{', '.join(lacking)} not installed: pip install 'limner[{using}]'")
        backend = library(using)
        found = backend.look(options)
    except (FolderError, BackendError) as problem:
        raise UnreadyError(str(problem)) from problem

    # Imported here, not above: numpy reads its thread limits, set in `main`, as it loads.
    from limner.engines.diffusion.studio import Studio  # noqa: PLC0415

    name = folder.path.name if Path(options.model).is_absolute() else options.model  # a path is nobody's business
    version = f"diffusion {name}@{fingerprint(folder)} {found.version}{_changes(options)}"
    studio = Studio(partial(backend.load, folder, options, paths), options, version)
    if options.preload:
        try:
            studio.ready()
        except (BackendError, MemoryError) as problem:
            raise UnreadyError(str(problem) or "not enough memory for the model") from problem
    detail = f"{folder.family}, {folder.size / 1e9:.1f} GB, {found.version} on {found.device} in {found.dtype}"
    return Ready(detail, options.max_batch or _most(found)), studio.make_all


def _changes(options: Options) -> str:
    """Say what else than the model's own weights made a picture."""
    decoder = ", tiny decoder" if options.decoder == "tiny" else ""
    return decoder + "".join(f", LoRA {Path(lora.path).stem} x {lora.weight:g}" for lora in options.loras)


def _most(found: Found) -> int:
    return 1 if found.device.lower() == "cpu" else ON_GPU


if __name__ == "__main__":
    for silence in ("HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "TRANSFORMERS_OFFLINE"):
        os.environ[silence] = "1"
    # OpenMP's threads wait for each other by spinning unless told otherwise; beside others that work, the network then
    # takes two to fifteen times as long (measured on two cores at a load of 5).
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    given = msgspec.json.decode(sys.argv[1], type=Description)
    main(partial(prepare, given), given.options.threads or cores())
