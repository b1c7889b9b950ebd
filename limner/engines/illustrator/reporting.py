"""Reporting: how far a job is, and its previews, in the job's own format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner.engines.base import Job, Progress, Step
from limner.engines.illustrator.printing.encoding import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from limner.engines.illustrator.painter import Pixels

PAINTED = 0.92
"""The share of the work that is done when the pixels stand and only the encoding is left."""
PREVIEWS = ((), ("flat",), ("sketch", "lit"), ("sketch", "flat", "lit"))
"""Which previews are given, by how many are wanted."""


class Reporter:
    """Tells how far a job is, and shows the previews that it wants."""

    def __init__(self, job: Job, progress: Progress) -> None:
        """Report to `progress` on a job of which nothing is done yet."""
        self._job, self._progress, self._fraction = job, progress, 0.0
        self._wanted = PREVIEWS[min(max(job.partial_images, 0), len(PREVIEWS) - 1)]

    def step(self, stage: str, fraction: float) -> None:
        """Tell that a stage has begun, or how far it is."""
        self._fraction = fraction
        self._progress(Step(stage, fraction))

    def paint(self, stage: str, fraction: float) -> None:
        """Tell how far the painting is, which is not all of the work."""
        self.step(stage, fraction * PAINTED)

    def show(self, name: str, make: Callable[[], Pixels]) -> None:
        """Make a preview and send it, if it is wanted."""
        if name in self._wanted:
            preview = encode(make(), self._job.output_format, self._job.output_compression)
            self._progress(Step(name, self._fraction, preview))
