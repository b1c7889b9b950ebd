"""Lines to servers that the operator named: upstreams, a chat model, a moderation endpoint. Connections are kept.

Unlike `outbound`, which asks strangers, a line may lead to a private address; it leads to one server and no other, for
redirects are not followed. What goes wrong is told in the same words.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from limner import __version__
from limner.outbound import Answer, Unreachable, joined, told

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterable, AsyncIterator, Mapping

UNSENT = frozenset({"refused", "name", "connect", "tls"})
"""Reasons of `Unreachable` that leave no doubt that the other side has got nothing of the request."""

KEPT = 4.0
"""Seconds that a connection is kept unused: less than the 5 s after which common servers close it under our hands."""


CONNECTING = 10.0
"""Seconds for a connection to be made: what takes longer has got nothing of the request."""

AHEAD = 16_384
"""Bytes that are taken from the network before they are asked for: a thousand answers may wait for their turn."""


class Reply:
    """An answer that is coming in: its status and headers, and its body piece by piece."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers = joined(response.headers.items())

    async def read(self, most: int) -> bytes:
        """Read the whole body; raises `Unreachable` ("size") where it has more than `most` bytes."""
        body: list[bytes] = []
        size = 0
        async for piece in self.pieces():
            body.append(piece)
            size += len(piece)
            if size > most:
                raise Unreachable("size", f"The answer has more than {most} bytes.")
        return b"".join(body)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes, in pieces of any size."""
        async for piece in self._response.content.iter_any():
            yield piece


class Line:
    """Kept connections to one server; safe to use from any task of the event loop it is first used in."""

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        connections: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Make it without touching the network: `url` is what all paths are laid behind, 0 connections means no limit.

        Raises `ValueError` for what is no http or https URL.
        """
        self.url = URL(url.rstrip("/"))
        if self.url.scheme not in {"http", "https"} or not self.url.host:
            raise ValueError(f"{url!r} is no http or https URL")
        self._headers, self._connections, self._tls = dict(headers or {}), connections, tls
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float,
        most: int,
    ) -> Answer:
        """Ask and give the whole answer, whatever its status; raises `Unreachable`."""
        async with self.open(method, path, body=body, headers=headers, seconds=seconds) as reply:
            return Answer(status=reply.status, headers=reply.headers, body=await reply.read(most))

    @asynccontextmanager
    async def open(
        self,
        method: str,
        path: str,
        *,
        body: bytes | AsyncIterable[bytes] | aiohttp.Payload | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float,
    ) -> AsyncIterator[Reply]:
        """Ask and give the answer as it comes in, for the length of a block, which `seconds` is for all of.

        Raises `Unreachable`, in the block too.
        """
        target = URL(str(self.url) + path)
        try:
            async with (
                asyncio.timeout(seconds),
                self._opened().request(
                    method, target, data=body, headers=headers, allow_redirects=False, read_bufsize=AHEAD
                ) as response,
            ):
                yield Reply(response)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise told(error, seconds) from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    ssl=self._tls or True, limit=self._connections, keepalive_timeout=KEPT, ttl_dns_cache=30
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": f"limner/{__version__}"} | self._headers,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECTING),
                trust_env=False,
            )
        return self._session

    async def close(self) -> None:
        """Break off what is under way and let go of all connections."""
        if self._session is not None:
            await self._session.close()
