"""A load generator that costs little: raw HTTP/1.1 on kept connections that ask again as soon as they are answered.

On two cores the client competes with what it measures, so it does no more than it must: the request is the same bytes
every time, and of an answer it reads the status and the length.
"""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass, field
from statistics import quantiles
from typing import cast


@dataclass
class Result:
    """What a run saw: seconds per answer in `latencies`, `seconds` in all, and what was no 200.

    `cpu` is for whoever measures the server beside it: the seconds of CPU it used. `left` is how many requests may
    still be asked, for a run that ends after so many.
    """

    seconds: float = 0.0
    cpu: float = 0.0
    latencies: list[float] = field(default_factory=list)
    errors: int = 0
    left: float = math.inf

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, which: int) -> float:
        """Give a percentile of the latencies, in milliseconds."""
        return quantiles(self.latencies, n=100)[which - 1] * 1000 if len(self.latencies) > 1 else 0.0


class Connection(asyncio.Protocol):
    """One connection that asks again as soon as it is answered, until the time is over or all is asked."""

    def __init__(self, request: bytes, until: float, result: Result) -> None:
        """`until` is on `time.perf_counter`'s clock; `result` is added to."""
        self._request, self._until, self._result = request, until, result
        self._buffer, self._sent, self._missing = b"", 0.0, 0
        self.closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast("asyncio.Transport", transport)  # what uvloop gives is one in all but name
        self._ask()

    def _ask(self) -> None:
        self._result.left -= 1
        self._buffer, self._sent = b"", time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Take part of an answer; once it is whole, ask again or stop."""
        if self._missing:
            self._missing -= len(data)
        elif not self._begun(data):
            return
        if self._missing:
            return
        at = time.perf_counter()
        self._result.latencies.append(at - self._sent)
        self._result.errors += not self._buffer.startswith(b"HTTP/1.1 200 ")
        if at < self._until and self._result.left > 0:
            self._ask()
        else:
            self._sent = 0.0
            self._transport.close()

    def _begun(self, data: bytes) -> bool:
        """Read the head, once it is there; what is missing of the body then need only be counted."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        start = self._buffer.find(b"content-length: ") + 16
        whole = end + 4 + int(self._buffer[start : self._buffer.find(b"\r\n", start)])
        self._missing = whole - len(self._buffer)
        return True

    def connection_lost(self, _: Exception | None) -> None:
        """Count a connection that broke off in the middle of a request as an error."""
        self._result.errors += self._sent != 0.0
        self.closed.set_result(None)


def post(port: int, path: str, body: bytes, key: str) -> bytes:
    """Write a whole request as the clients of the API send it."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nAccept: application/json\r\nUser-Agent: limner-benchmark\r\n"
        f"Accept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def run(
    port: int, request: bytes, *, connections: int, seconds: float = math.inf, most: float = math.inf
) -> Result:
    """Keep `connections` busy for `seconds`, or until `most` requests are made; returns when the last answer is in."""
    result, loop = Result(left=most), asyncio.get_running_loop()
    begun = time.perf_counter()
    opening = [
        loop.create_connection(lambda: Connection(request, begun + seconds, result), "127.0.0.1", port)
        for _ in range(int(min(connections, most)))
    ]
    opened = [protocol for _, protocol in await asyncio.gather(*opening)]
    await asyncio.gather(*(protocol.closed for protocol in opened))
    result.seconds = time.perf_counter() - begun
    return result
