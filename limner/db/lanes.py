"""Lanes: threads that run units of work in transactions, taking together whatever waits.

One commit makes a whole batch durable (group commit), so the wait for the disk is shared by everyone who
came meanwhile. A unit that raises before it wrote has nothing to take back; one that raises later costs the batch its
transaction, and all of it is run again, each unit with a mark of its own to step back to or, where there are no marks,
alone.
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

    __slots__ = ("again", "args", "error", "fn", "future", "kwargs", "loop", "result")

    def __init__(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.fn, self.args, self.kwargs = fn, args, kwargs
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.result: Any = None
        self.error: BaseException | None = None
        self.again = False

    def run(self, session: Session, *, shared: bool) -> None:
        """Run the function and keep what it returns or raises; in a shared transaction, inside a savepoint."""
        self.error, self.again = None, False
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
            self.error, self.again = error, session.retryable(error)


class Lane:
    """A queue of units and the threads that run them, each thread with its own session.

    `aside` is another lane for the units that keep meeting a lock: they wait there, with nobody waiting behind
    them. A lane without one tries them again itself.
    """

    def __init__(self, name: str, sessions: Iterable[Session], *, most: int, aside: Lane | None = None) -> None:
        """Start one thread per session; a batch has at most `most` units."""
        self.commits = 0
        self._most = most
        self._aside = aside
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
        # Handed over at the end of the loop's turn, with all that came in it: a thread woken for each unit fights the
        # loop for the interpreter's lock, and commits small batches
        unit.loop.call_soon(self._queue.put, unit)
        return await unit.future

    async def close(self) -> None:
        """Run what was submitted so far, then end the threads and their sessions."""
        if not self._closed:
            self._closed = True
            asyncio.get_running_loop().call_soon(self._queue.put, None)  # behind what is still to be handed over
        for thread in self._threads:
            await asyncio.to_thread(thread.join)
        if self._aside is not None:
            await self._aside.close()

    def _work(self, session: Session) -> None:
        while batch := self._take():
            alone = self._together(session, batch) if len(batch) > 1 else batch
            for unit in alone:
                self.commits += run_alone(session, unit, attempts=1 if self._aside else ATTEMPTS)
            deliver(self._settled(batch))
        session.close()

    def _together(self, session: Session, batch: list[Unit]) -> list[Unit]:
        """Run a batch with as few commits as will do; returns the units to be run again, each on its own.

        A unit that waits for a lock ends the transaction, for what went before it may be what others wait for.
        """
        again: list[Unit] = []
        session.careful = False
        while batch and begin(session, batch):
            ran = run_together(session, batch)
            if ran is None:
                if session.careful or not session.marks:
                    return again + batch
                session.careful = True
                continue
            self.commits += commit(session, batch[:ran])
            again += batch[ran : ran + 1]
            batch = batch[ran + 1 :]
        return again

    def _settled(self, batch: list[Unit]) -> list[Unit]:
        """Put aside what is worth another try and return the rest."""
        if self._aside is None:
            return batch
        for unit in batch:
            if unit.again:
                self._aside._queue.put(unit)  # noqa: SLF001 - a lane like this one
        return [unit for unit in batch if not unit.again]

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


def run_together(session: Session, batch: list[Unit]) -> int | None:
    """Run the units in the open transaction, up to one that should be tried again; returns how many went before it.

    Returns None when the transaction was lost, so that none of it happened.
    """
    try:
        for ran, unit in enumerate(batch):
            unit.run(session, shared=True)
            if unit.error is not None:
                session.step_back(unit.error)
                if unit.again:
                    return ran
    except BaseException:  # noqa: BLE001 - each unit is run again on its own, and hears of its own error then
        session.rollback()
        return None
    return len(batch)


def run_alone(session: Session, unit: Unit, *, attempts: int) -> int:
    """Run one unit in its own transaction; returns the number of commits (0 or 1)."""
    for _ in range(attempts):
        if not begin(session, [unit]):
            break
        unit.run(session, shared=False)
        if unit.error is None:
            return commit(session, [unit])
        session.rollback()
        if not unit.again:
            break
    return 0


def begin(session: Session, units: list[Unit]) -> bool:
    """Open a transaction, or tell all units why there is none: the database is away, or held by someone else."""
    try:
        session.begin()
    except BaseException as error:  # noqa: BLE001 - as above
        for unit in units:
            unit.error, unit.again = error, False
        return False
    return True


def commit(session: Session, units: list[Unit]) -> int:
    """Commit, or tell all units that it failed: that is never tried again, for it may have happened."""
    try:
        session.commit()
    except BaseException as error:  # noqa: BLE001 - as above
        session.rollback()
        for unit in units:
            unit.error = unit.error or error
        return 0
    return 1


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
