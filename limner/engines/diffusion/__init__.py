"""Diffusion models on this machine: local folders in the diffusers layout, each run in a child process of its own.

This room's front door only; PyTorch, OpenVINO and numpy are imported in the children alone (`docs/diffusion.md`).
"""

from __future__ import annotations

import asyncio
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from limner.engines.base import Health, Job, Picture, Progress, Setup
from limner.engines.base.processes import Pool
from limner.engines.diffusion.backends import chosen, missing
from limner.engines.diffusion.batching import Batches
from limner.engines.diffusion.folders import FolderError
from limner.engines.diffusion.options import Options, OptionsError, options
from limner.engines.diffusion.places import located
from limner.errors import ApiError, ApiNotImplemented

if TYPE_CHECKING:
    from collections.abc import Sequence

    from limner.engines.base.frames import Ready

WORKER: tuple[str, ...] = (sys.executable, "-m", "limner.engines.diffusion.worker")
PATIENCE = 1.0
GRACE = 5.0
STEP = 30.0
"""How long a child may take to leave a job nobody wants, seconds: a step on a CPU takes up to 16."""
GPU = Path("/dev/nvidiactl")


class _Model:
    """One model: its options, its process and the line in front of it."""

    def __init__(self, name: str, own: Options, root: Path | None, command: Sequence[str]) -> None:
        self.options, self._name, self._root = own, name, root
        told = msgspec.json.encode({"options": own, "root": str(root) if root else None}).decode()
        self._ready: Ready | None = None
        self._pool = Pool(1, (*command, told), GRACE, STEP, f"model {name}")
        self.batches = Batches(self._pool)

    def start(self) -> None:
        """Start its process, or another if it died."""
        self._pool.start()

    def problem(self) -> str | None:
        """Say why the model cannot be run, as far as files tell; nothing is loaded for it."""
        try:
            folder, _ = located(self.options, self._root)
        except FolderError as error:
            return str(error)
        backend = chosen(self.options, converted=folder.converted)
        lacking = missing(backend)
        return f"{', '.join(lacking)} not installed: pip install 'limner[{backend}]'" if lacking else None

    async def health(self) -> Health:
        """Say where it runs, or what is wrong."""
        if problem := await asyncio.to_thread(self.problem):
            return Health(ok=False, detail=f"{self._name}: {problem}")
        self._pool.start()
        (worker,) = self._pool.workers
        await asyncio.wait([worker.start()], timeout=PATIENCE)
        if worker.problem:
            return Health(ok=False, detail=f"{self._name}: {worker.problem}")
        self._ready = worker.ready or self._ready
        if self._ready is None:
            return Health(ok=False, detail=f"{self._name}: its process is still starting")
        return Health(ok=True, detail=f"{self._name}: {self._ready.detail}")  # one that is replaced will be, too

    async def close(self) -> None:
        await self._pool.close()
        await self.batches.close()


class Diffusion:
    """Paints with diffusion models, each in a process of its own that may crash without harm to anybody else."""

    name: str = "diffusion"

    def __init__(self, setup: Setup, command: Sequence[str] = WORKER) -> None:
        """Make the engine for the models of `setup`, whose processes are started by `command`.

        A model whose options cannot be is told of by `check`, and its jobs fail; the others are none the worse.
        """
        self._models: dict[str, _Model] = {}
        self._misfits: dict[str, str] = {}
        for name, table in setup.models.items():
            try:
                self._models[name] = _Model(name, options(name, table), setup.folder, command)
            except OptionsError as error:
                self._misfits[name] = str(error)
        self.slots = sum(_slots(model.options) for model in self._models.values()) or 1

    async def start(self) -> None:
        """Start the models' processes in the background; weights are loaded when they are needed (or `preload`)."""
        for model in self._models.values():
            if await asyncio.to_thread(model.problem) is None:
                model.start()

    async def generate(self, job: Job, progress: Progress) -> Picture:
        """Paint one picture. Raises a `LimnerError`; a cancelled one is left at its next step, or its process ended."""
        model = self._models.get(job.model)
        if model is None:
            raise ApiError("This model is not set up here. The call was not charged.")
        if job.background == "transparent":
            raise ApiNotImplemented("Diffusion models paint every pixel; ask for opaque.", param="background")
        return await model.batches.run(job, progress)

    async def check(self) -> Health:
        """Say of each model where it runs, or what is wrong with it; ill as soon as one is. Replaces dead processes."""
        found = list(await asyncio.gather(*(model.health() for model in self._models.values())))
        found += [Health(ok=False, detail=misfit) for misfit in self._misfits.values()]
        if not found:
            return Health(ok=True, detail="no models")
        ill = [health.detail for health in found if not health.ok]
        return Health(ok=not ill, detail="; ".join(ill or [health.detail for health in found]))

    async def close(self) -> None:
        """End the processes."""
        await asyncio.gather(*(model.close() for model in self._models.values()))


def _slots(own: Options) -> int:
    """Say how many jobs of a model are worth taking at once: as many as one order of it may have.

    What the device will be only the child knows; that there is a GPU can be seen.
    """
    apple = sys.platform == "darwin" and platform.machine() == "arm64"
    return own.max_batch or (4 if own.device != "cpu" and (GPU.exists() or apple) else 1)
