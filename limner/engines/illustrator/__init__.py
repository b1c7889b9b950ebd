"""The illustrator: limner's own engine. Reads a prompt, sets a scene with drawings, lights and paints it.

This room's front door only; whatever computes with pixels is imported in worker processes alone.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from limner.engines.base import Health, Job, Picture, Progress
from limner.engines.base.machine import cores
from limner.engines.base.processes import Pool
from limner.engines.illustrator.pack import ArtPack

if TYPE_CHECKING:
    from collections.abc import Sequence

WORKER: tuple[str, ...] = (sys.executable, "-m", "limner.engines.illustrator.worker")
PATIENCE = 1.0


class Illustrator:
    """Paints pictures in a pool of worker processes, one per core unless told otherwise."""

    name: str = "illustrator"

    def __init__(self, workers: int = 0, command: Sequence[str] = WORKER) -> None:
        """Make the engine with that many workers, each started by `command`; 0 means one for each core we may use."""
        self.slots = workers or cores()
        self._pool = Pool(self.slots, command)

    async def start(self) -> None:
        """Start the workers in the background; they need a second or so to get warm.

        Raises `ArtPackMissingError` when there is nothing to draw from, for then they never will.
        """
        await asyncio.to_thread(ArtPack.open)
        self._pool.start()

    async def generate(self, job: Job, progress: Progress) -> Picture:
        """Paint one picture. Raises a `LimnerError`; a cancelled one is left at its next step, or its worker ended."""
        return await self._pool.run(job, progress)

    async def check(self) -> Health:
        """Say how many workers are warm and what they draw from; well as soon as one is. Replaces dead ones."""
        self._pool.start()
        starting = [worker.start() for worker in self._pool.workers if worker.usable and worker.ready is None]
        if starting:
            await asyncio.wait(starting, timeout=PATIENCE)
        return self._health()

    def _health(self) -> Health:
        warm = [worker.ready for worker in self._pool.workers if worker.ready is not None and not worker.ended]
        problems = [worker.problem for worker in self._pool.workers if worker.problem is not None]
        if warm:
            many = "1 worker" if len(warm) == 1 else f"{len(warm)} workers"
            return Health(ok=True, detail=f"{many}, {warm[0].detail}")
        if problems:
            return Health(ok=False, detail=f"the workers do not start: {problems[0]}")
        return Health(ok=False, detail="the workers are still starting")

    async def close(self) -> None:
        """End the workers."""
        await self._pool.close()
