"""Room for the bytes of large answers: how much of them may be in memory at once.

Many upstreams that answer at the same moment would fill the memory with pictures that wait to be stored. Whoever is
about to read one waits here until there is room for it; until then it waits in the network, which is what flow control
is for.
"""

from __future__ import annotations

import asyncio
import weakref
from collections import deque

SIZE = 256 * 1024 * 1024
PATIENCE = 20.0


class Room:
    """So many bytes, given out first come, first served; built once in `bootstrap`, for one event loop.

    The pictures of one task wait for each other, each in room of its own, so a crowd may block itself. Where nobody has
    left for a while, one is let in all the same.
    """

    def __init__(self, size: int = SIZE, patience: float = PATIENCE) -> None:
        """`size` is in bytes, `patience` in seconds."""
        self.size, self.used, self._patience, self._moves = size, 0, patience, 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._watching = False

    @property
    def crowded(self) -> bool:
        """Whether more than three quarters of it are in use: what need not be kept in memory should not be."""
        return self.used * 4 > self.size * 3

    async def enter(self, size: int) -> Occupied:
        """Wait until there is room for so many bytes and take it; what is larger than all of it waits for all of it."""
        size = min(size, self.size)
        if self._waiting or self.used + size > self.size:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((size, turn))
            self._watch()
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self.leave(size)
                raise
        else:
            self.used += size
        return Occupied(self, size)

    def leave(self, size: int) -> None:
        """Give room back, and let those in who have waited longest."""
        self.used -= size
        self._moves += 1
        while self._waiting:
            wanted, turn = self._waiting[0]
            if not turn.done() and self.used + wanted > self.size:
                return
            self._let_in()

    def _let_in(self) -> None:
        """Let the first in who waits, if they still do."""
        wanted, turn = self._waiting.popleft()
        if not turn.done():
            self.used += wanted
            turn.set_result(None)

    def _watch(self) -> None:
        """See to it that those who wait get in."""
        if not self._watching:
            self._watching = True
            asyncio.get_running_loop().call_later(self._patience, self._look, self._moves)

    def _look(self, before: int) -> None:
        self._watching = False
        if self._moves == before and self._waiting:
            self._let_in()
        if self._waiting:
            self._watch()


class Occupied:
    """Room taken. It is given back when it is left, or at the latest when what it was `kept_for` is no more."""

    def __init__(self, room: Room, size: int) -> None:
        self._room, self.size = room, size
        self._leave = weakref.finalize(self, room.leave, size)

    def shrink(self, size: int) -> None:
        """Give back what is over `size` bytes; what was left stays so."""
        if size < self.size and self._leave.detach() is not None:
            self._room.leave(self.size - size)
            self.size = size
            self._leave = weakref.finalize(self, self._room.leave, size)

    def leave(self) -> None:
        """Give it back; what is left already stays so."""
        self._leave()
