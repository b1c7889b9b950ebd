"""One job from prompt to picture: read, paint, tell, encode. Runs in a worker process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner.engines.illustrator.delivering import Order, delivered
from limner.engines.illustrator.editing.answering import answered
from limner.engines.illustrator.language.reading import read
from limner.engines.illustrator.reporting import Reporter

if TYPE_CHECKING:
    from limner.engines.base import Job, Picture, Progress
    from limner.engines.illustrator.pack import ArtPack


def illustrate(job: Job, pack: ArtPack, progress: Progress) -> Picture:
    """Draw what the prompt says at exactly the pixels asked for; whatever it says, a picture comes of it.

    An edit or a variation may be refused (`editing.answering`). What `progress` raises ends the work between two
    stages.
    """
    reporter = Reporter(job, progress)
    if job.operation != "generate":
        return answered(job, pack, reporter)
    return delivered(job, Order(read(job.prompt, pack), job.seed), pack, reporter)
