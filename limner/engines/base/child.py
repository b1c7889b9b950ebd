"""The worker's side of `processes.py`: takes orders from standard input, sends what comes of them to standard output.

A worker lives exactly as long as its standard input is open, so it dies with its parent, however that
one dies. Logs go to standard error and never hold a prompt or a picture.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import BinaryIO

from limner.engines.base import Job, Picture, Progress, Step
from limner.engines.base.frames import At, Done, Failed, Message, Ready, bodies, frame, jobs
from limner.errors import ApiError, LimnerError

Make = Callable[[Job, Progress], Picture]
Tell = Callable[[int, Step], None]
"""Told how far the job at a place of the order has come; raises `UnwantedError` when nobody wants the order."""
Answer = tuple[int, Picture | Exception]
MakeAll = Callable[[tuple[Job, ...], Tell], Iterable[Answer]]
"""Does an order: gives for each of its jobs, in any order, its place and the picture or what went wrong."""
Warm = Callable[[], tuple[Ready, MakeAll]]

log = logging.getLogger(__name__)


class UnreadyError(Exception):
    """The worker cannot start, for a reason that needs no traceback: the message says all there is to say."""


class UnwantedError(Exception):
    """Nobody waits for the picture any more."""


class Orders:
    """The bodies of frames in the order they came, and which of them nobody wants any more."""

    def __init__(self) -> None:
        """Make an empty book of orders; one thread writes in it, another works it off."""
        self._bodies: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._came = self._begun = self._unwanted = 0

    def take(self, body: bytes) -> None:
        """Take a frame's body: an order, or if it is empty, that those before are not wanted any more."""
        if body:
            self._came += 1
            self._bodies.put(body)
        else:
            self._unwanted = self._came

    def end(self) -> None:
        """Say that no more orders will come; those that came are still done."""
        self._bodies.put(b"")

    def __iter__(self) -> Iterator[bytes]:
        """Yield order after order, waiting for the next, until the end."""
        for body in iter(self._bodies.get, b""):
            self._begun += 1
            yield body

    def check(self) -> None:
        """Raise `UnwantedError` when the order under way is not wanted any more."""
        if self._begun <= self._unwanted:
            raise UnwantedError


def each(make: Make) -> MakeAll:
    """Do the jobs of an order one after the other, by a function that does one."""

    def make_all(order: tuple[Job, ...], tell: Tell) -> Iterator[Answer]:
        for place, job in enumerate(order):
            yield place, make(job, partial(tell, place))

    return make_all


def serve(orders: Orders, sink: BinaryIO, warm: Warm) -> int:
    """Get ready, say so, then do order after order; give the exit status, which is only for a start that fails.

    A job that goes wrong, or is not wanted any more, is answered with `Failed`.
    """
    tell = partial(_tell, sink)
    try:
        ready, make = warm()
    except UnreadyError as problem:
        log.error("the worker cannot start: %s", problem)  # noqa: TRY400  it says all there is to say
        tell(Failed("api_error", str(problem)))
        return 1
    except Exception as problem:
        log.exception("the worker cannot start")
        tell(Failed("api_error", f"{type(problem).__name__}: {problem}"))
        return 1
    tell(ready)
    for body in orders:
        _answer(body, make, tell, orders)
    return 0


def _answer(body: bytes, make: MakeAll, tell: Callable[[Message], None], orders: Orders) -> None:
    """Do one order and answer each of its jobs; what goes wrong in between goes for all that have no answer yet."""

    def progress(place: int, step: Step) -> None:
        orders.check()
        tell(At(step, place))

    due = [0]
    try:
        order = jobs(body)
        due = list(range(len(order)))
        for place, result in make(order, progress):
            tell(_failed(result, place) if isinstance(result, Exception) else Done(result, place))
            due.remove(place)
    except Exception as problem:  # noqa: BLE001  a job that fails must not take the worker with it
        for place in due:
            tell(_failed(problem, place))


def _failed(problem: Exception, place: int) -> Failed:
    if isinstance(problem, UnwantedError):
        return Failed("api_error", "cancelled", place=place)
    if isinstance(problem, LimnerError):
        return Failed(problem.code, problem.message, problem.param, place)
    # The message may quote the prompt, so only the places are logged.
    log.error("a job failed with %s\n%s", type(problem).__name__, "".join(traceback.format_tb(problem.__traceback__)))
    return Failed("api_error", ApiError().message, place=place)


def _tell(sink: BinaryIO, content: Message) -> None:
    sink.write(frame(content))
    sink.flush()


def listen(source: BinaryIO, orders: Orders, gone: Callable[[], None]) -> None:
    """Write down the frames that come; at the end of the stream call `gone`."""
    for body in bodies(source):
        orders.take(body)
    orders.end()
    gone()


def main(warm: Warm, threads: int = 1) -> None:
    """Run a worker on this process's standard streams until its input ends; its libraries use so many threads."""
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = str(threads)
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
