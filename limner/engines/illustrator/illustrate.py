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
"""Which previews are given, by how many are wanted; and how far the work is at each."""
SHOWN = {"sketch": 0.40, "flat": 0.41, "lit": 0.73}


def illustrate(job: Job, pack: ArtPack, progress: Progress) -> Picture:
    """Draw what the prompt says at exactly the pixels asked for; whatever it says, a picture comes of it."""
    scene = read(job.prompt, pack)

    def show(name: str, make: Callable[[], Pixels]) -> None:
        if name in PREVIEWS[min(max(job.partial_images, 0), len(PREVIEWS) - 1)]:
            preview = encode(make(), job.output_format, job.output_compression)
            progress(Step(name, SHOWN[name], preview))

    painting = paint(
        scene,
        size=(job.width, job.height),
        seed=job.seed,
        quality=job.quality,
        style=job.style,
        background=job.background,
        pack=pack,
        progress=lambda stage, fraction: progress(Step(stage, fraction * PAINTED)),
        show=show,
    )
    progress(Step("encode", PAINTED))
    data = encode(painting.pixels, job.output_format, job.output_compression)
    sentence = tell(scene, cut_out=job.background == "transparent")
    progress(Step("encode", 1.0))
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
