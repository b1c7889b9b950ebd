"""A worker process: takes jobs from standard input, sends progress and pictures to standard output.

Started by the pool as `python -m limner.engines.illustrator.worker`. It lives exactly as long as its
standard input is open, so it dies with its parent, however that one dies. Logs go to standard error and
never hold a prompt or a picture.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from functools import partial
from typing import BinaryIO

from limner.engines.base import Job, Picture, Progress
from limner.engines.illustrator.frames import Done, Failed, Message, Ready, Step, bodies, frame, job
from limner.errors import ApiError, LimnerError

Make = Callable[[Job, Progress], Picture]
Warm = Callable[[], tuple[Ready, Make]]

FIRST = Job(prompt='a red apple and a sign that says "limner"', width=64, height=64, seed=0)

log = logging.getLogger(__name__)


def serve(jobs: Iterable[bytes], sink: BinaryIO, warm: Warm) -> int:
    """Warm up, say so, then do job after job until there are no more; give the exit status.

    `jobs` are the bodies of frames. A job that goes wrong is answered with `Failed`; only a failing
    warm-up ends the worker.
    """
    tell = partial(_tell, sink)
    try:
        ready, make = warm()
    except Exception as problem:
        log.exception("the illustrator's worker cannot start")
        tell(Failed("api_error", f"{type(problem).__name__}: {problem}"))
        return 1
    tell(ready)
    for body in jobs:
        tell(_answer(body, make, tell))
    return 0


def _answer(body: bytes, make: Make, tell: Callable[[Message], None]) -> Message:
    try:
        return Done(make(job(body), lambda stage, fraction: tell(Step(stage, fraction))))
    except LimnerError as refusal:
        return Failed(refusal.code, refusal.message, refusal.param)
    except Exception as problem:  # noqa: BLE001  a job that fails must not take the worker with it
        # The message may quote the prompt, so only the places are logged.
        places = "".join(traceback.format_tb(problem.__traceback__))
        log.error("a job failed with %s\n%s", type(problem).__name__, places)  # noqa: TRY400  see above
        return Failed("api_error", ApiError().message)


def _tell(sink: BinaryIO, content: Message) -> None:
    sink.write(frame(content))
    sink.flush()


def listen(source: BinaryIO, jobs: queue.SimpleQueue[bytes], gone: Callable[[], None]) -> None:
    """Put the frames that come in the queue; at the end of the stream call `gone`."""
    for body in bodies(source):
        jobs.put(body)
    gone()


def illustrator() -> tuple[Ready, Make]:
    """Load everything that takes time and give the function that paints.

    A small picture is painted first: it fills the caches, and shows that a worker that calls itself ready is.
    """
    # Imported here, not above: numpy and its libraries read their thread limits, set in `main`, as they load.
    import cv2  # noqa: PLC0415

    from limner.engines.illustrator.illustrate import illustrate  # noqa: PLC0415
    from limner.engines.illustrator.pack import ArtPack  # noqa: PLC0415

    cv2.setNumThreads(1)
    pack = ArtPack.open()
    illustrate(FIRST, pack, lambda *_: None)
    return Ready(len(pack.names), len(pack.fonts)), lambda job, progress: illustrate(job, pack, progress)


def main(warm: Warm = illustrator) -> None:
    """Run a worker on this process's standard streams until its input ends."""
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    sink = _take_output()
    jobs: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    # A thread of its own, and the hard exit, so that an orphan stops at once, in the middle of a picture too.
    listener = partial(listen, sys.stdin.buffer, jobs, partial(os._exit, 0))
    threading.Thread(target=listener, name="listen", daemon=True).start()
    sys.exit(serve(iter(jobs.get, b""), sink, warm))


def _take_output() -> BinaryIO:
    """Keep standard output for frames; whatever else prints there, libraries included, goes to standard error."""
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return sink


if __name__ == "__main__":
    main()
