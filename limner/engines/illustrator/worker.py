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
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO

from limner.engines.base import Job, Picture, Progress, Step
from limner.engines.illustrator.frames import Done, Failed, Message, Ready, bodies, frame, job
from limner.engines.illustrator.pack import ArtPack, ArtPackMissingError
from limner.errors import ApiError, LimnerError

Make = Callable[[Job, Progress], Picture]
Warm = Callable[[], tuple[Ready, Make]]

FIRST = Job(prompt='a red apple and a sign that says "limner"', width=64, height=64, seed=0)

log = logging.getLogger(__name__)


class UnwantedError(Exception):
    """Nobody waits for the picture any more."""


class Orders:
    """The bodies of frames in the order they came, and which of the jobs nobody wants any more."""

    def __init__(self) -> None:
        """Make an empty book of orders; one thread writes in it, another works it off."""
        self._bodies: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._came = self._begun = self._unwanted = 0

    def take(self, body: bytes) -> None:
        """Take a frame's body: a job, or if it is empty, that those before are not wanted any more."""
        if body:
            self._came += 1
            self._bodies.put(body)
        else:
            self._unwanted = self._came

    def end(self) -> None:
        """Say that no more jobs will come; those that came are still done."""
        self._bodies.put(b"")

    def __iter__(self) -> Iterator[bytes]:
        """Yield job after job, waiting for the next, until the end."""
        for body in iter(self._bodies.get, b""):
            self._begun += 1
            yield body

    def check(self) -> None:
        """Raise `UnwantedError` when the job under way is not wanted any more."""
        if self._begun <= self._unwanted:
            raise UnwantedError


def serve(orders: Orders, sink: BinaryIO, warm: Warm) -> int:
    """Warm up, say so, then do job after job; give the exit status, which is only for a warm-up that fails.

    A job that goes wrong, or is not wanted any more, is answered with `Failed`.
    """
    tell = partial(_tell, sink)
    try:
        ready, make = warm()
    except ArtPackMissingError as missing:
        log.error("the illustrator's worker cannot start: %s", missing)  # noqa: TRY400  it says all there is to say
        tell(Failed("api_error", str(missing)))
        return 1
    except Exception as problem:
        log.exception("the illustrator's worker cannot start")
        tell(Failed("api_error", f"{type(problem).__name__}: {problem}"))
        return 1
    tell(ready)
    for body in orders:
        tell(_answer(body, make, tell, orders))
    return 0


def _answer(body: bytes, make: Make, tell: Callable[[Message], None], orders: Orders) -> Message:
    def progress(step: Step) -> None:
        orders.check()
        tell(step)

    try:
        return Done(make(job(body), progress))
    except UnwantedError:
        return Failed("api_error", "cancelled")
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


def listen(source: BinaryIO, orders: Orders, gone: Callable[[], None]) -> None:
    """Write down the frames that come; at the end of the stream call `gone`."""
    for body in bodies(source):
        orders.take(body)
    orders.end()
    gone()


def illustrator() -> tuple[Ready, Make]:
    """Load everything that takes time and give the function that paints.

    A small picture is painted first: it fills the caches, and shows that a worker that calls itself ready is.
    """
    pack = ArtPack.open()  # first, so that a missing one is told at once

    # Imported here, not above: numpy and its libraries read their thread limits, set in `main`, as they load.
    import cv2  # noqa: PLC0415

    from limner.engines.illustrator.illustrate import illustrate  # noqa: PLC0415

    cv2.setNumThreads(1)
    illustrate(FIRST, pack, lambda *_: None)
    return Ready(len(pack.names), len(pack.fonts)), lambda job, progress: illustrate(job, pack, progress)


def main(warm: Warm = illustrator) -> None:
    """Run a worker on this process's standard streams until its input ends."""
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    sink = _take_output()
    orders = Orders()
    # A thread of its own, and the hard exit, so that an orphan stops at once, in the middle of a picture too.
    listener = partial(listen, sys.stdin.buffer, orders, partial(os._exit, 0))
    threading.Thread(target=listener, name="listen", daemon=True).start()
    status = serve(orders, sink, warm)
    # Hard again: the listener still reads, and the interpreter would stumble over it.
    logging.shutdown()
    os._exit(status)


def _take_output() -> BinaryIO:
    """Keep standard output for frames; whatever else prints there, libraries included, goes to standard error."""
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return sink


if __name__ == "__main__":
    main()
