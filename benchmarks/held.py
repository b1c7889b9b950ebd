"""A client that holds many requests open at once: every connection asks once and waits for its picture."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import cast

GROUP = 250
"""How many connections are opened at once, so that none has to be tried again: that takes a second."""


@dataclass
class Held:
    """What came of it; `most` is how many requests were sent and not answered at one moment."""

    sent: int = 0
    ended: int = 0
    most: int = 0
    pictures: int = 0
    wrong: list[bytes] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    opening: float = 0.0


class Waiting(asyncio.Protocol):
    """One request."""

    def __init__(self, request: bytes, held: Held) -> None:
        """`held` is added to."""
        self._request, self._held, self._buffer = request, held, b""
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)
        self._sent = time.perf_counter()
        self._held.sent += 1
        self._held.most = max(self._held.most, self._held.sent - self._held.ended)

    def data_received(self, data: bytes) -> None:
        """Take part of the answer; the server closes the connection at its end."""
        self._buffer += data

    def connection_lost(self, _: Exception | None) -> None:
        """Judge the answer: a 200 with the link to a picture."""
        self._held.ended += 1
        self._held.latencies.append(time.perf_counter() - self._sent)
        right = self._buffer.startswith(b"HTTP/1.1 200 ") and b'"data":[{"url":"http' in self._buffer
        self._held.pictures += right
        if not right:
            self._held.wrong.append(self._buffer[:300])
        self.done.set_result(None)


async def hold(port: int, request: bytes, many: int) -> Held:
    """Hold so many requests open; returns when all are answered."""
    held, loop, waiting = Held(), asyncio.get_running_loop(), []
    begun = time.perf_counter()
    for start in range(0, many, GROUP):
        opening = [
            loop.create_connection(lambda: Waiting(request, held), "127.0.0.1", port)
            for _ in range(min(GROUP, many - start))
        ]
        waiting += [protocol for _, protocol in await asyncio.gather(*opening)]
    held.opening = time.perf_counter() - begun
    await asyncio.gather(*(protocol.done for protocol in waiting))
    return held
