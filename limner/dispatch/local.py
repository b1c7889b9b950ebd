"""The local dispatcher: tasks run in this process, at most as many pictures of an engine at once as it has slots."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Mapping

T = TypeVar("T")


class Lane:
    """The slots of one engine, given out first come, first served."""

    def __init__(self, slots: int) -> None:
        """`slots` is how many may be held at once."""
        self._free = slots
        self._waiting: deque[asyncio.Future[None]] = deque()

    def try_take(self) -> bool:
        """Take a slot if one is free and nobody waits."""
        if self._free == 0:
            return False
        self._free -= 1
        return True

    async def take(self) -> None:
        """Wait for a slot and take it."""
        if self.try_take():
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back()
            raise

    def give_back(self) -> None:
        """Return a slot; the one who has waited longest gets it."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold a slot for the length of a block."""
        await self.take()
        try:
            yield
        finally:
            self.give_back()


class LocalDispatcher:
    """Runs tasks in this process; built once in `bootstrap`."""

    def __init__(self, slots: Mapping[str, int]) -> None:
        """`slots` says for every engine how many pictures it works on at once."""
        self._lanes = {engine: Lane(count) for engine, count in slots.items()}
        self._running: set[asyncio.Task[Any]] = set()

    def lane(self, engine: str) -> Lane:
        """Give an engine's slots; raises KeyError for an engine this node does not have."""
        return self._lanes[engine]

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run the work to its end, whether or not anybody waits for it."""
        running = asyncio.get_running_loop().create_task(work)
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        return running

    async def drain(self, patience: float) -> None:
        """Let what runs finish for `patience` seconds, then cancel it; the rows say what is to be begun again."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=patience)
            for work in late:
                work.cancel()
            await asyncio.gather(*late, return_exceptions=True)
