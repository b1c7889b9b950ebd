"""A receiver of callbacks that answers 200 at once and remembers what came and when.

    python -m benchmarks.receiver PORT [PORT ...]

`GET /` tells how many came and the seconds between the first and the last; `GET /ids` tells all webhook-ids in the
order they came, and forgets them.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import cast
from urllib.request import urlopen

import msgspec
import uvloop

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"


class Seen(msgspec.Struct):
    """What a receiver tells of itself."""

    count: int
    seconds: float


class Receiver(asyncio.Protocol):
    """One connection with one request."""

    ids: list[str] = []  # noqa: RUF012 - of all connections of the process
    times: list[float] = []  # noqa: RUF012

    def __init__(self) -> None:
        """Nothing came yet."""
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, to answer on."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take part of a request; once it is whole, remember it and answer."""
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end or len(body) < int(_header(head, b"content-length") or 0):
            return
        told = b""
        if head.startswith(b"GET "):
            told = self._ids() if head.startswith(b"GET /ids") else self._seen()
        else:
            self.times.append(time.perf_counter())
            self.ids.append(_header(head, b"webhook-id").decode())
        self._transport.write(ANSWER % (len(told), told))
        self._transport.close()

    def _seen(self) -> bytes:
        seconds = self.times[-1] - self.times[0] if self.times else 0.0
        return msgspec.json.encode(Seen(len(self.times), seconds))

    def _ids(self) -> bytes:
        told = msgspec.json.encode(self.ids)
        self.ids.clear()
        self.times.clear()
        return told


def _header(head: bytes, name: bytes) -> bytes:
    """Find a header's value in the head of a request; empty where there is none."""
    return head.lower().partition(b"\r\n" + name + b":")[2].partition(b"\r\n")[0].strip()


def seen(port: int) -> Seen:
    """Ask a receiver how many callbacks came."""
    with urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
        return msgspec.json.decode(answer.read(), type=Seen)


def ids(port: int) -> list[str]:
    """Ask a receiver for the webhook-ids that came, which it then forgets."""
    with urlopen(f"http://127.0.0.1:{port}/ids", timeout=10) as answer:
        return msgspec.json.decode(answer.read(), type=list[str])


async def receive(ports: list[int]) -> None:
    """Listen on all ports until ended."""
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(Receiver, "127.0.0.1", port, backlog=1024) for port in ports]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    uvloop.run(receive([int(port) for port in sys.argv[1:]]))
