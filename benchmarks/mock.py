"""An upstream that answers at once: what limner stands in front of in `benchmarks/gateway.py`.

    python -m benchmarks.mock --port 9000 [--side 1024] [--delay 0]

Every POST gets the same answer in OpenAI's shape, a PNG of noise in base64, after so many seconds. It is one
`asyncio.Protocol` and keeps nothing, so that it is never what is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import struct
import zlib
from functools import partial
from typing import cast

import msgspec
import uvloop

END = b"\r\n\r\n"
USAGE = {
    "total_tokens": 4180,
    "input_tokens": 20,
    "output_tokens": 4160,
    "input_tokens_details": {"text_tokens": 20, "image_tokens": 0},
}


def noise(side: int) -> bytes:
    """Make a square PNG of grey noise, 16 bits a pixel, which nothing can pack: `2 * side**2` bytes and a little."""
    rows = b"".join(b"\0" + os.urandom(2 * side) for _ in range(side))
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", side, side, 16, 0, 0, 0, 0)), (b"IDAT", zlib.compress(rows, 0)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, (*chunks, (b"IEND", b""))))


def _chunk(given: tuple[bytes, bytes]) -> bytes:
    kind, body = given
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def answer(side: int) -> bytes:
    """Write the whole answer, head and body."""
    picture = base64.b64encode(noise(side)).decode()
    body = msgspec.json.encode({"created": 1, "data": [{"b64_json": picture}], "usage": USAGE})
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d%s" % (len(body), END) + body


class Upstream(asyncio.Protocol):
    """One connection; a request may come in pieces."""

    def __init__(self, whole: bytes, delay: float) -> None:
        """Answer with `whole` after `delay` seconds."""
        self._whole, self._delay, self._buffer = whole, delay, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer once the request is whole; what has no length has no body."""
        self._buffer += data
        head, found, body = self._buffer.partition(END)
        if not found:
            return
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if len(body) < int(length or 0):
            return
        self._buffer = b""
        if self._delay and head.startswith(b"POST"):
            asyncio.get_running_loop().call_later(self._delay, self._answer)
        else:
            self._answer()

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(self._whole)


async def serve(port: int, side: int, delay: float) -> None:
    """Listen until cancelled."""
    make = partial(Upstream, answer(side), delay)
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


def main() -> None:
    """Serve as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--side", type=int, default=1024, help="pixels; 1024 makes a PNG of 2 MB")
    parser.add_argument("--delay", type=float, default=0.0)
    options = parser.parse_args()
    uvloop.run(serve(options.port, options.side, options.delay))


if __name__ == "__main__":
    main()
