"""A child process that speaks the real protocol and says what order it was given, instead of painting."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from limner.engines.base import Picture, Step
from limner.engines.base.child import MakeAll, Tell, main
from limner.engines.base.frames import Ready

if TYPE_CHECKING:
    from collections.abc import Iterator

    from limner.engines.base import Job
    from limner.engines.base.child import Answer


def make(jobs: tuple[Job, ...], tell: Tell) -> Iterator[Answer]:
    """Answer each job with the prompts of its order; `hang` waits until nobody wants it."""
    together = " ".join(job.prompt for job in jobs).encode()
    for place, job in enumerate(jobs):
        tell(place, Step("painting", 0.5))
        while "hang" in job.prompt:
            tell(place, Step("painting", 0.5))
            time.sleep(0.01)
        yield place, Picture(data=together, content_type="text/plain", width=job.width, height=job.height)


def warm() -> tuple[Ready, MakeAll]:
    """Be ready at once, for two jobs at a time."""
    return Ready("stand-in", most=2), make


if __name__ == "__main__":
    main(warm)
