"""Delivering: an order for a scene becomes a picture, with all that is said of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from limner import __version__
from limner.engines.base import Picture
from limner.engines.illustrator.editing.plans import Plan, places
from limner.engines.illustrator.editing.retouch import NONE, Retouch
from limner.engines.illustrator.editing.retouching import laid, moved, toned
from limner.engines.illustrator.language.telling import tell
from limner.engines.illustrator.painter import paint
from limner.engines.illustrator.printing.encoding import encode
from limner.engines.illustrator.reporting import PAINTED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from limner.engines.base import Job
    from limner.engines.illustrator.pack import ArtPack
    from limner.engines.illustrator.painter import Background, Drawn, Painting, Pixels
    from limner.engines.illustrator.reporting import Reporter
    from limner.engines.illustrator.scene import Scene
    from limner.engines.illustrator.staging.keeping import Kept

VERSION = f"illustrator {__version__}"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be painted: a scene, and who stands where already; then what is done to the print, and `after` that.

    `lasting` tells that a plan can say all of it, so that the picture can be painted again.
    """

    scene: Scene
    seed: int
    kept: Kept | None = None
    after: Callable[[Pixels], Pixels] | None = None
    retouch: Retouch = NONE
    cut_out: bool = False
    lasting: bool = True


def delivered(job: Job, order: Order, pack: ArtPack, reporter: Reporter) -> Picture:
    """Paint an order at exactly the pixels that its job asks for, tell of it, and encode it."""
    background: Background = "transparent" if order.cut_out else job.background
    painting = paint(
        order.scene,
        size=(job.width, job.height),
        seed=order.seed,
        quality=job.quality,
        style=job.style,
        background=background,
        kept=order.kept,
        pack=pack,
        progress=reporter.paint,
        show=reporter.show,
    )
    size, told = (job.width, job.height), order.retouch.told()
    pixels = painting.pixels
    if order.retouch != NONE:
        pixels = laid(toned(pixels, order.retouch), *size, order.retouch, np.random.default_rng(order.seed))
    pixels = pixels if order.after is None else order.after(pixels)
    sentence = tell(order.scene, cut_out=background == "transparent")
    sentence = f"{sentence} Printed {told}." if told else sentence
    boxes = [moved(one.box, size, order.retouch) for one in painting.drawn]
    drawn = [replace(one, box=box) for one, box in zip(painting.drawn, boxes, strict=True)]
    scene = described(job, sentence, order.scene, drawn)
    plan = _plan(job, order, painting, background) if order.lasting else None
    return made(job, pixels, sentence, scene, reporter, plan=plan)


def made(
    job: Job, pixels: Pixels, sentence: str, scene: dict[str, Any], reporter: Reporter, *, plan: Plan | None
) -> Picture:
    """Encode a picture in the job's format, with all that is said of it."""
    reporter.step("encode", PAINTED)
    data = encode(pixels, job.output_format, job.output_compression)
    reporter.step("encode", 1.0)
    return Picture(
        data=data,
        content_type=f"image/{job.output_format}",
        width=job.width,
        height=job.height,
        revised_prompt=sentence,
        scene=scene,
        plan=None if plan is None else plan.data(),
        version=VERSION,
        origin="algorithmicMedia",
    )


def described(job: Job, sentence: str, scene: Scene | None, drawn: Sequence[Drawn]) -> dict[str, Any]:
    """Say as data what was drawn: one entry for every instance, boxes in pixels."""
    return {
        "prompt": job.prompt,
        "revised_prompt": sentence,
        "size": [job.width, job.height],
        "setting": scene.setting if scene else None,
        "subjects": [
            {"name": one.name, "count": one.count, "colour": one.colour, "box": list(one.box)} for one in drawn
        ],
        "text": list(scene.text) if scene else [],
    }


def _plan(job: Job, order: Order, painting: Painting, background: Background) -> Plan:
    """Write down all that is needed to paint the picture again."""
    return Plan(
        scene=order.scene,
        seed=order.seed,
        width=job.width,
        height=job.height,
        quality=job.quality,
        style=job.style,
        background=background,
        stage=painting.stage,
        spots=places(painting.spots),
        retouch=order.retouch,
    )
