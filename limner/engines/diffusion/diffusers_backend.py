"""The backend on PyTorch and diffusers: NVIDIA's and Apple's GPUs, and CPUs. Imported in child processes only."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from limner.engines.diffusion.backend import Backend, BackendError, Found

if TYPE_CHECKING:
    from limner.engines.diffusion.backend import Paths
    from limner.engines.diffusion.folders import Folder
    from limner.engines.diffusion.options import Options

FAST_BFLOAT16 = {"amx_bf16", "avx512_bf16"}
"""What Linux calls the abilities of a CPU that make bfloat16 faster than float32 (on others it is far slower)."""
CPUINFO = Path("/proc/cpuinfo")


def look(options: Options) -> Found:
    """Say which device and type would be used. Raises `BackendError` where the device asked for is not there."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    device = options.device if options.device != "auto" else next(name for name, is_there in there.items() if is_there)
    if not there[device]:
        raise BackendError(f'device = "{device}": PyTorch finds none here (it was built for {_built()})')
    dtype = options.dtype if options.dtype != "auto" else _dtype(device)
    return Found(device=device, dtype=dtype, version=f"diffusers {version('diffusers')}")


def _built() -> str:
    return f"CUDA {torch.version.cuda}" if torch.version.cuda else "CPUs, or Apple's GPUs"


def _dtype(device: str) -> str:
    if device == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    if device == "mps":
        return "float16"
    return "bfloat16" if abilities(CPUINFO) & FAST_BFLOAT16 else "float32"


def abilities(cpuinfo: Path) -> set[str]:
    """Give what the CPU can do, as Linux tells; nothing elsewhere."""
    try:
        lines = cpuinfo.read_text("ascii", "replace").splitlines()
    except OSError:
        return set()
    return next((set(line.partition(":")[2].split()) for line in lines if line.startswith("flags")), set())


def load(folder: Folder, options: Options, paths: Paths) -> Backend:
    """Load a model onto its device. Raises `BackendError`, `MemoryError`."""
    # Imported here, not above: that takes seconds, and memory that a model nobody asks for need not have.
    from limner.engines.diffusion import torch_pipelines  # noqa: PLC0415

    return torch_pipelines.load(folder, options, paths, look(options))
