"""One job from prompt to picture: read, paint, tell, encode. Runs in a worker process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from limner.engines.base import Job, Picture, Progress, Step
from limner.engines.illustrator.language.reading import read
from limner.engines.illustrator.language.telling import tell
from limner.engines.illustrator.painter import Painting, Pixels, paint
from limner.engines.illustrator.printing.encoding import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from limner.engines.illustrator.pack import ArtPack
    from limner.engines.illustrator.scene import Scene

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


def illustrate(job: Job, pack: ArtPack, progress: Progress) -> Picture:
    """Draw what the prompt says at exactly the pixels asked for; whatever it says, a picture comes of it.

    What `progress` raises ends the work between two stages.
    """
    scene, reporter = read(job.prompt, pack), Reporter(job, progress)
    painting = paint(
        scene,
        size=(job.width, job.height),
        seed=job.seed,
        quality=job.quality,
        style=job.style,
        background=job.background,
        pack=pack,
        progress=reporter.paint,
        show=reporter.show,
    )
    reporter.step("encode", PAINTED)
    data = encode(painting.pixels, job.output_format, job.output_compression)
    sentence = tell(scene, cut_out=job.background == "transparent")
    reporter.step("encode", 1.0)
    return Picture(
        data=data,
        content_type=f"image/{job.output_format}",
        width=job.width,
        height=job.height,
        revised_prompt=sentence,
        scene=_described(job, scene, painting, sentence),
    )


def _described(job: Job, scene: Scene, painting: Painting, sentence: str) -> dict[str, Any]:
    """Say as data what was drawn: one entry for every instance, boxes in pixels."""
    subjects = [
        {"name": one.name, "count": one.count, "colour": one.colour, "box": list(one.box)} for one in painting.drawn
    ]
    return {
        "prompt": job.prompt,
        "revised_prompt": sentence,
        "size": [job.width, job.height],
        "setting": scene.setting,
        "subjects": subjects,
        "text": list(scene.text),
    }
