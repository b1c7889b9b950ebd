"""Lanes: the slots of an engine, or of a model that has its own, and whose turn it is."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Lane:
    """Slots given out first come, first served. `engine` and `models` say whose tasks run here."""

    def __init__(self, slots: int, engine: str = "", models: tuple[str, ...] = ()) -> None:
        """`slots` is how many pictures may be in the making at once."""
        self.slots, self.engine, self.models = slots, engine, models
        self._free = slots
        self._waiting: deque[asyncio.Future[None]] = deque()

    def try_take(self) -> bool:
        """Take a slot if one is free; while anybody waits, none is."""
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
