"""Lanes: threads that run units of work in transactions, taking together whatever waits.

One commit makes a whole batch durable (group commit), so the wait for the disk is shared by everyone who
came meanwhile. Each unit of a batch has its own savepoint: one that raises takes back its own work only.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from limner.db.base import DatabaseClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from limner.db.statements import Session

ATTEMPTS = 3


class Unit:
    """One function to be run in a transaction, and the future of whoever waits for it."""

    __slots__ = ("args", "error", "fn", "future", "kwargs", "loop", "result")

    def __init__(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.fn, self.args, self.kwargs = fn, args, kwargs
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self, session: Session, *, shared: bool) -> None:
        """Run the function and keep what it returns or raises; in a shared transaction, inside a savepoint."""
        self.error = None
        try:
            if shared:
                session.savepoint()
            self.result = self.fn(session, *self.args, **self.kwargs)
            if shared:
                session.release()
        except StopIteration as error:
            # a future cannot carry this one (PEP 479 tells the same story for generators)
            self.error = RuntimeError("the unit of work raised StopIteration")
            self.error.__cause__ = error
        except BaseException as error:  # noqa: BLE001 - whatever it is belongs to the waiter
            self.error = error


class Lane:
    """A queue of units and the threads that run them, each thread with its own session."""

    def __init__(self, name: str, sessions: Iterable[Session], *, most: int) -> None:
        """Start one thread per session; a batch has at most `most` units."""
        self.commits = 0
        self._most = most
        self._queue: SimpleQueue[Unit | None] = SimpleQueue()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, args=(session,), name=f"limner-{name}", daemon=True)
            for session in sessions
        ]
        for thread in self._threads:
            thread.start()

    async def submit(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run `fn` in a transaction; returns, or raises what it raised, once that is settled for good."""
        if self._closed:
            raise DatabaseClosed("the database is closed")
        unit = Unit(fn, args, kwargs)
        self._queue.put(unit)
        return await unit.future

    async def close(self) -> None:
        """Run what was submitted so far, then end the threads and their sessions."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    def _work(self, session: Session) -> None:
        while batch := self._take():
            self.commits += run_batch(session, batch)
            deliver(batch)
        session.close()

    def _take(self) -> list[Unit]:
        """Wait for a unit and return it with all that wait behind it; nothing when the lane closes."""
        unit = self._queue.get()
        batch: list[Unit] = []
        while unit is not None:
            batch.append(unit)
            if len(batch) == self._most:
                return batch
            try:
                unit = self._queue.get_nowait()
            except Empty:
                return batch
        self._queue.put(None)
        return batch


def run_batch(session: Session, batch: list[Unit]) -> int:
    """Run all units and commit once; returns the number of commits. Never raises: each unit knows its own end.

    Units that met an error worth another try (a deadlock, a lost connection) are run again, each on its own.
    """
    if len(batch) == 1:
        return run_alone(session, batch[0])
    together = run_together(session, batch)
    if together and not commit(session, batch):
        return 0
    again = [unit for unit in batch if unit.error is not None and session.retryable(unit.error)]
    return together + sum(run_alone(session, unit) for unit in again)


def run_together(session: Session, batch: list[Unit]) -> bool:
    """Run all units in one transaction; False when it was lost before its commit, so that none of it happened."""
    try:
        session.begin(shared=True)
        for unit in batch:
            unit.run(session, shared=True)
            if unit.error is not None:
                session.step_back(unit.error)
    except BaseException as error:  # noqa: BLE001 - nobody's work is done, so everybody hears why
        fail(session, batch, error)
        return False
    return True


def run_alone(session: Session, unit: Unit) -> int:
    """Run one unit in its own transaction, a few times if need be; returns the number of commits (0 or 1)."""
    for _ in range(ATTEMPTS):
        try:
            session.begin()
        except BaseException as error:  # noqa: BLE001 - a database that is away is the waiter's to know
            unit.error = error
        else:
            unit.run(session, shared=False)
            if unit.error is None:
                return int(commit(session, [unit]))
            session.rollback()
        if not session.retryable(unit.error):
            break
    return 0


def commit(session: Session, batch: list[Unit]) -> bool:
    """Commit, or tell everyone in the batch that it failed; never tried again, for it may have happened."""
    try:
        session.commit()
    except BaseException as error:  # noqa: BLE001 - as above
        fail(session, batch, error)
        return False
    return True


def fail(session: Session, batch: list[Unit], error: BaseException) -> None:
    """Roll back and give every unit the error."""
    session.rollback()
    for unit in batch:
        unit.error = error


def deliver(batch: list[Unit]) -> None:
    """Tell every waiter, waking each event loop once."""
    for loop in {unit.loop for unit in batch}:
        with suppress(RuntimeError):  # a loop that is closed has nobody waiting any more
            loop.call_soon_threadsafe(settle, [unit for unit in batch if unit.loop is loop])


def settle(units: list[Unit]) -> None:
    """Settle the futures, in their own loop; whoever was cancelled meanwhile is not told."""
    for unit in units:
        if unit.future.done():
            continue
        if unit.error is None:
            unit.future.set_result(unit.result)
        else:
            unit.future.set_exception(unit.error)
