"""A worker process of the illustrator, started by its pool as `python -m limner.engines.illustrator.worker`."""

from __future__ import annotations

from limner.engines.base import Job
from limner.engines.base.child import MakeAll, UnreadyError, each, main
from limner.engines.base.frames import Ready
from limner.engines.illustrator.pack import ArtPack, ArtPackMissingError

FIRST = Job(prompt='a red apple and a sign that says "limner"', width=64, height=64, seed=0)


def illustrator() -> tuple[Ready, MakeAll]:
    """Load everything that takes time and give the function that paints.

    A small picture is painted first: it fills the caches, and shows that a worker that calls itself ready is.
    """
    try:
        pack = ArtPack.open()  # first, so that a missing one is told at once
    except ArtPackMissingError as missing:
        raise UnreadyError(str(missing)) from missing

    # Imported here, not above: numpy and its libraries read their thread limits, set in `main`, as they load.
    import cv2  # noqa: PLC0415

    from limner.engines.illustrator.illustrate import illustrate  # noqa: PLC0415

    cv2.setNumThreads(1)
    illustrate(FIRST, pack, lambda *_: None)
    told = f"art pack with {len(pack.names):,} drawings, {len(pack.fonts)} fonts"
    return Ready(told), each(lambda job, progress: illustrate(job, pack, progress))


if __name__ == "__main__":
    main(illustrator)
