"""Serving: takes the port, runs the server until it is stopped, and tells a person where things are."""

from __future__ import annotations

import asyncio
import gc
import re
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from limner import __version__
from limner.acquire import development
from limner.app import create_app
from limner.whereabouts import data_folder

if TYPE_CHECKING:
    from types import FrameType

    from limner.bootstrap import Services
    from limner.settings import Settings

BACKLOG = 2048
_OFFER = re.compile(rb"^upgrade(?=:[ \t]*h2c[ \t]*\r?$)", re.IGNORECASE | re.MULTILINE)


def serve(settings: Settings) -> None:
    """Serve until interrupted; exits with a message when the port cannot be had."""
    listener = _listen(settings)
    settings = msgspec.structs.replace(settings, port=listener.getsockname()[1])
    standing: list[Services] = []

    async def ready(services: Services) -> None:
        standing.append(services)
        await _ready(services)

    config = uvicorn.Config(
        create_app(settings, ready=ready),
        log_level="warning",
        access_log=False,
        lifespan="on",
        server_header=False,
        http=_Http,
        timeout_graceful_shutdown=max(1, round(settings.drain)),
        timeout_keep_alive=75,
    )
    # Ctrl-C is the usual way to end a server, not a fault of it
    with suppress(KeyboardInterrupt):
        _Server(config, standing).run(sockets=[listener])


class _Http(HttpToolsProtocol):
    """HTTP/1.1 that stays so when a client offers HTTP/2 in clear text, as Java's does with every first call.

    A server may pass such an offer over (RFC 9110, section 7.8), but the parser stops at it and the body would be lost.
    So the header gets another name of the same length before it is read.
    """

    def data_received(self, data: bytes) -> None:
        """Take what has come in."""
        head, end, rest = data.partition(b"\r\n\r\n")
        super().data_received(_OFFER.sub(b"ignored", head) + end + rest if b"h2c" in head else data)


class _Server(uvicorn.Server):
    """Tells those who wait for news at once when it is to stop; else every open stream would hold it up."""

    def __init__(self, config: uvicorn.Config, standing: list[Services]) -> None:
        super().__init__(config)
        self._standing = standing

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop; it is called by the signal, in the loop's own thread."""
        super().handle_exit(sig, frame)
        for services in self._standing:
            asyncio.get_running_loop().call_soon(services.feed.end)


def _listen(settings: Settings) -> socket.socket:
    """Bind before anything is built, so that a taken port is told at once and a free one is known."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        # from here on connections wait for us: whoever acts on the announcement at once is not refused
        listener.listen(BACKLOG)
    except OSError as error:
        sys.exit(
            f"limner: cannot listen on {settings.host}:{settings.port}: {error.strerror}; choose another with PORT=..."
        )
    return listener


async def _ready(services: Services) -> None:
    """Make the first start's credential, tell the person, and settle down for the requests."""
    first = await services.database.write(development, free_credits=services.settings.free_credits)
    sys.stdout.write(_announcement(services, first.key if first else None))
    sys.stdout.flush()
    _settle_down()


def _announcement(services: Services, key: str | None) -> str:
    """Say where things are, and on the first start how to make the first call."""
    base = services.public_url
    lines = [
        f"\n  limner {__version__} is ready\n",
        f"  console     {base}/",
        f"  API base    {base}/v1",
        f"  data        {data_folder(services.settings)}",
    ]
    if key is not None:
        lines += [
            f"  credential  {key}   (shown once; more with `limner credential create`)\n",
            "  Try it:\n",
            f"  {_curl(base, key)}",
        ]
    return "\n".join(lines) + "\n\n"


def _curl(base: str, key: str) -> str:
    body = '{"prompt": "a purple elephant to the left of a yellow car in a snowy city at night"}'
    return (
        f"curl -s {base}/v1/images/generations -H 'Authorization: Bearer {key}' "
        f"-H 'Content-Type: application/json' -d '{body}'"
    )


def _settle_down() -> None:
    """Tell the garbage collector that what the start has made stays, and that requests leave few cycles behind.

    Going through a hundred thousand lasting objects again and again took a tenth of the time of every request, all
    of it from one in a few hundred.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
