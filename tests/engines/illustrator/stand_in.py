"""A worker that speaks the real protocol and does what the prompt says instead of painting; starts in no time.

Started with the argument `broken`, it fails to get warm; with `dumb`, it says nothing; with `odd`, it says nonsense;
with `dead`, it leaves at once; with `stubborn`, it does not look at its input.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from limner.engines.base import Picture, Step, child
from limner.engines.base.frames import At, Ready, frame
from limner.errors import ModerationBlocked

if TYPE_CHECKING:
    from pathlib import Path

    from limner.engines.base import Job, Progress

FOREVER = 3600
READY = Ready("art pack with 3 drawings, 2 fonts")


def make(job: Job, progress: Progress) -> Picture:
    """Do what the prompt's first word says; else hand the prompt back as the picture's bytes."""
    progress(Step("reading", 0.25))
    match job.prompt.split():
        case ["die"]:
            os.kill(os.getpid(), signal.SIGKILL)
        case ["die-once", place]:
            die_once(place)
        case ["hang"]:
            time.sleep(FOREVER)
        case ["steps"]:
            while True:
                progress(Step("dabbing", 0.5))
        case ["bug"]:
            raise ZeroDivisionError(job.prompt)
        case ["refuse"]:
            raise ModerationBlocked(param="prompt")
        case ["odd"]:
            child._tell(sys.stdout.buffer, At(Step("printed by a library", 0.5)))
            os.write(1, b"printed by another library")
        case ["big"]:
            return picture(job, bytes(8_000_000))
    progress(Step("painting", 0.75))
    return picture(job, f"{os.getpid()} {job.prompt}".encode())


def picture(job: Job, data: bytes) -> Picture:
    return Picture(data=data, content_type="text/plain", width=job.width, height=job.height)


def die_once(place: Path | str) -> None:
    """Die, unless an earlier worker did so already: it left a file."""
    if not os.path.exists(place):  # noqa: PTH110  a plain call, this runs in a child
        os.close(os.open(place, os.O_CREAT))
        os.kill(os.getpid(), signal.SIGKILL)


def warm() -> tuple[Ready, child.MakeAll]:
    """Be ready at once, unless told to be otherwise."""
    match sys.argv[1:]:
        case ["broken"]:
            raise FileNotFoundError("no art pack")
        case ["dumb"]:
            time.sleep(FOREVER)
        case ["dead"]:
            sys.exit(3)
    return READY, child.each(make)


if __name__ == "__main__":
    if sys.argv[1:] == ["odd"]:
        sys.stdout.buffer.write(frame(At(Step("odd", 0.5))))
        sys.stdout.flush()
    if sys.argv[1:] == ["stubborn"]:
        child._tell(sys.stdout.buffer, READY)
        time.sleep(FOREVER)
    child.main(warm)
