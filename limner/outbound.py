"""The only HTTP client to strangers: it asks public addresses only, within a time, and reads no more than it was told.

Every address a name leads to is judged when the connection is made, and the one that was judged is the one that is
connected to: a name that changes its mind (DNS rebinding) gains nothing. `addresses` holds what may be called.

One place is excepted: this server's own inboxes, wherever it stands, for trying things on a machine without a public
address. They are known by the whole text of the URL, so nothing else on that host is.
"""

from __future__ import annotations

import asyncio
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from limner import __version__
from limner.addresses import (
    Networks,
    Refused,
    check_url,
    is_localhost,
    loopback,
    normalised,
    parse_networks,
    permitted,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from aiohttp.connector import AddrInfoType

    Resolve = Callable[[str, int], Awaitable[list[str]]]

Reason = Literal["refused", "name", "connect", "tls", "timeout", "closed", "answer", "size", "failed"]

# a stranger's name may lead to hundreds of addresses, and each is tried
_MOST_ADDRESSES = 6
_LOOKUPS_AT_ONCE = 8
# a cloud's metadata is refused even so
_ANYWHERE = parse_networks("0.0.0.0/0,::/0")
_AN_INBOX = r"[A-Za-z0-9_-]{16,64}"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: `headers` by lower-case name, `body` as sent (never decompressed), cut off where `truncated`."""

    status: int
    headers: dict[str, str]
    body: bytes
    truncated: bool = False


class Unreachable(Exception):  # noqa: N818 - it says what is so
    """No answer was had; the text is fit for the client, `reason` is one word for rows and metrics."""

    def __init__(self, reason: Reason, message: str) -> None:
        """Make the error; the message must name no address that the client did not name."""
        super().__init__(message)
        self.reason = reason


class _Forbidden(OSError):  # noqa: N818 - it says what is so
    """The address must not be connected to; an `OSError`, because the client passes these on."""


class Outbound:
    """Asks strangers' servers over HTTP; built once in `bootstrap`, safe to use from any task of the event loop.

    No proxies, cookies, redirects or decompression, and one connection a request: a kept one that the other side has
    just closed would look like a failed delivery.
    """

    def __init__(
        self,
        networks: Networks = (),
        *,
        inboxes: str = "",
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Make it without touching the network; `resolve` replaces the system's resolver, `tls` its trusted roots.

        `inboxes` is the address of this server's own ones, up to where their tokens begin.
        """
        self._networks = networks
        self._own = _own_inbox(inboxes)
        self._resolve = resolve or self._look_up
        self._tls = tls
        # a lookup cannot be broken off; in threads of their own slow ones hold up nobody but each other
        self._threads = ThreadPoolExecutor(_LOOKUPS_AT_ONCE, thread_name_prefix="lookup")
        self._sessions: dict[Networks, aiohttp.ClientSession] = {}

    def check(self, url: str, *, param: str) -> str:
        """Check the text of a URL under this server's networks, as `check_url` does."""
        return check_url(url, param=param, networks=self._networks_for(url))

    def _networks_for(self, url: str) -> Networks:
        """Give the networks that hold for a URL: all of them for one of our own inboxes, else the operator's."""
        try:
            own = self._own is not None and self._own.fullmatch(normalised(url, _ANYWHERE))
        except Refused:
            own = False
        return _ANYWHERE if own else self._networks

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float = 15.0, most: int = 2048
    ) -> Answer:
        """Send the bytes and give the answer, whatever its status, with at most `most` bytes of its body.

        `seconds` is for all of it, from the name's lookup to the body's last byte. Raises `Unreachable`.
        """
        return await self._ask("POST", url, body=body, headers=headers, seconds=seconds, most=most)

    async def get(self, url: str, *, seconds: float = 15.0, most: int) -> Answer:
        """Fetch what lies there, whatever the status; raises `Unreachable`, also for more than `most` bytes."""
        answer = await self._ask("GET", url, seconds=seconds, most=most)
        if answer.truncated:
            raise Unreachable("size", f"The answer has more than {most} bytes.")
        return answer

    async def close(self) -> None:
        """Break off what is under way and let go of all connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for session in self._sessions.values():
            await session.close()

    async def _ask(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float,
        most: int,
    ) -> Answer:
        try:
            # checked again: the operator's networks may have changed since the URL was accepted
            networks = self._networks_for(url)
            target = URL(normalised(url, networks), encoded=True)
            session = self._opened(networks)
            async with (
                asyncio.timeout(seconds),
                session.request(method, target, data=body, headers=headers, allow_redirects=False) as response,
            ):
                return await _answer(response, most)
        except Exception as error:
            raise told(error, seconds) from error

    def _opened(self, networks: Networks) -> aiohttp.ClientSession:
        """Give the session for these networks, made at the first use because it belongs to the running loop."""
        if networks not in self._sessions:
            self._sessions[networks] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=_Resolver(self._resolve, networks),
                    socket_factory=partial(_socket, networks),
                    ssl=self._tls or True,
                    use_dns_cache=False,
                    force_close=True,
                    limit=0,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": f"limner/{__version__}", "Accept-Encoding": "identity"},
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                trust_env=False,
            )
        return self._sessions[networks]

    async def _look_up(self, host: str, port: int) -> list[str]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        )
        return [str(entry[4][0]) for entry in found]


def _own_inbox(address: str) -> re.Pattern[str] | None:
    """Make the pattern of our own inboxes' URLs as `normalised` gives them; None where their address is no such URL."""
    try:
        return re.compile(re.escape(normalised(address, _ANYWHERE)) + _AN_INBOX, re.ASCII) if address else None
    except Refused:
        return None


def _socket(networks: Networks, info: AddrInfoType) -> socket.socket:
    """Make the socket for one address: the last check, past which nothing can change it any more."""
    family, kind, protocol, _, place = info
    if not permitted(ip_address(place[0]), networks):
        raise _Forbidden
    return socket.socket(family, kind, protocol)


class _Resolver(AbstractResolver):
    """Gives a name's addresses once all of them are permitted: one bad among good ones is an attack, not a choice."""

    def __init__(self, resolve: Resolve, networks: Networks) -> None:
        self._resolve = resolve
        self._networks = networks

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_UNSPEC) -> list[ResolveResult]:
        """Look the name up; raises `OSError` where there is nothing, `_Forbidden` where it must not be called."""
        texts = loopback(self._networks) if is_localhost(host) else await self._resolve(host, port)
        if not texts:
            raise OSError("no address")
        addresses = [ip_address(text) for text in dict.fromkeys(texts)]
        if not all(permitted(address, self._networks) for address in addresses):
            raise _Forbidden
        return [
            ResolveResult(hostname=host, host=str(address), port=port, family=family, proto=0, flags=0)
            for address in addresses[:_MOST_ADDRESSES]
        ]

    async def close(self) -> None:
        """Let go of nothing."""


async def _answer(response: aiohttp.ClientResponse, most: int) -> Answer:
    try:
        body = await _read(response.content, most + 1)
    finally:
        # not released: that would wait for the rest
        response.close()
    return Answer(
        status=response.status,
        headers=joined(response.headers.items()),
        body=body[:most],
        truncated=len(body) > most,
    )


async def _read(stream: aiohttp.StreamReader, most: int) -> bytes:
    body = bytearray()
    while len(body) < most and (part := await stream.read(most - len(body))):
        body += part
    return bytes(body)


def joined(given: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Join what is repeated (RFC 9110, section 5.3); bytes outside UTF-8 become the replacement character."""
    found: dict[str, list[str]] = {}
    for name, value in given:
        found.setdefault(name.lower(), []).append(value.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    return {name: ", ".join(values) for name, values in found.items()}


_TOLD: tuple[tuple[type[BaseException], Reason, str], ...] = (
    (_Forbidden, "refused", "The host leads to an address that is not public."),
    (aiohttp.ClientConnectorDNSError, "name", "The host's name could not be resolved."),
    (aiohttp.ClientConnectorCertificateError, "tls", "The host's TLS certificate is not valid for it."),
    (aiohttp.ClientSSLError, "tls", "The host does not speak TLS as it should."),
    (aiohttp.ClientConnectorError, "connect", "The host could not be connected to."),
    (aiohttp.ClientResponseError, "answer", "The host's answer is not valid HTTP, or its headers are too large."),
    (aiohttp.ClientConnectionError, "closed", "The host closed the connection before its answer was complete."),
    (aiohttp.ClientPayloadError, "closed", "The host's answer broke off or is not valid HTTP."),
)


def told(error: Exception, seconds: float) -> Unreachable:
    """Translate what went wrong, whatever it was, into words that give nothing of ours away."""
    if isinstance(error, Refused):
        return Unreachable("refused", f"The URL {error}.")
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return Unreachable("connect", "The host could not be connected to in time.")
    if isinstance(error, TimeoutError):
        return Unreachable("timeout", f"There was no full answer within {seconds:g} s.")
    # the client wraps what the resolver and the socket raise
    inner = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    for kind, reason, message in _TOLD:
        if isinstance(error, kind) or isinstance(inner, kind):
            return Unreachable(reason, message)
    return Unreachable("failed", "The host could not be asked.")
