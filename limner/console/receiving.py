"""The side of an inbox that programs see: it takes any POST, and tells live what came in.

Nothing here asks who it is: the token in the address is all there is to know. So there are limits on everything.
"""

from __future__ import annotations

import asyncio
import codecs
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, cast

import msgspec
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from limner import accounts, callbacks, inboxes
from limner.console.query import plain
from limner.errors import BadRequest, NotFound, RequestTooLarge, TooManyRequests
from limner.ids import SECOND, now
from limner.inboxes import KEPT, Received
from limner.rates import spend
from limner.signatures import Seal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from limner.bootstrap import Services
    from limner.db import Transaction
    from limner.inboxes import Message

READ = 33_554_432
"""The largest body that is read, bytes: a callback with the bytes of ten pictures. It is checked, not held."""

PATIENCE = 30.0
"""Seconds a body may take to come in."""

PER_MINUTE = 120
"""How many messages one inbox takes in a minute at one node."""

MOST_STREAMS = 16
"""How many may look into one inbox at once at one node."""

MOST_HEADERS, LONGEST_NAME, LONGEST_VALUE = 100, 200, 2000
SECRET = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Headers that are not kept: whoever has the inbox's address sees the rest."""

KEEP_ALIVE = 10.0
LOOK_EVERY = 1.0
"""Seconds between two looks at the rows without being told to: alone, and where other nodes take messages too."""

REMEMBERED = 10_000
HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
EXPIRED = b"event: expired\ndata: {}\n\n"
COMMENT = b": still here\n\n"

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)


class Traffic:
    """What goes on at the inboxes of this node: how much each takes, and how many look on."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self._arrivals: dict[str, int] = {}
        self.streams: Counter[str] = Counter()

    def take(self, token: str) -> None:
        """Count a message; raises `TooManyRequests`."""
        if len(self._arrivals) >= REMEMBERED:
            self._arrivals.clear()
        self._arrivals[token] = spend(PER_MINUTE, self._arrivals.get(token, 0), 1, now(), "messages").arrival


def token_of(request: Request) -> str:
    """Give the token in the path; raises `NotFound` for what is none."""
    token: str = request.path_params["token"]
    if not _TOKEN.fullmatch(token):
        raise NotFound("There is no such inbox, or its hour is over.")
    return token


async def receive(request: Request) -> Response:
    """Keep a message, and answer what the inbox was told to answer, when it was told to."""
    services, token = _entered(request, "/inbox/{token}"), token_of(request)
    secrets = await services.database.read(_secrets, token, services.secret)
    _traffic(request).take(token)
    message = await services.database.write(inboxes.receive, token, await _read(request, secrets))
    services.feed.nudge(token)
    if message.delay:
        # a watch of its own, which nobody nudges: it is over early only when the server stops
        with services.feed.watch(f"{token}/{message.number}") as watch:
            await watch.next(message.delay / 1000)
    told = shown(message)
    body = {name: told[name] for name in ("id", "signature", "status_code", "delay")}
    return Response(msgspec.json.encode(body), message.status_code, HEADERS, "application/json")


def _secrets(tx: Transaction, token: str, master: bytes) -> list[str]:
    """Find the secrets that sign callbacks to an inbox, none where its account has no application."""
    inbox = inboxes.find(tx, token)
    application_id = inbox.application_id
    if application_id is None:  # it may have been got since
        application = accounts.application(tx, inbox.account_id)
        application_id = application.id if application else None
    if application_id is None:
        return []
    return callbacks.secrets_of(master, application_id, *accounts.callback_key(tx, application_id))


async def _read(request: Request, secrets: list[str]) -> Received:
    """Read the body past the checking of its signature, and keep its beginning."""
    given = _headers(request)
    seal, kept, size = Seal(secrets, given), bytearray(), 0
    try:
        async with asyncio.timeout(PATIENCE):
            async for part in request.stream():
                seal.update(part)
                kept += part[: KEPT - len(kept)]
                size += len(part)
                if size > READ:
                    raise RequestTooLarge(f"An inbox takes at most {READ} bytes at once.")
    except (ClientDisconnect, TimeoutError) as error:
        raise BadRequest("The request's body broke off.") from error
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = plain(decoder.decode(bytes(kept), final=size <= KEPT))
    return Received(headers=_fit(given), body=text, size=size, signature=seal.verdict(now() // SECOND))


def _headers(request: Request) -> dict[str, str]:
    """Give the headers by lower-case name, those that are repeated joined."""
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _fit(headers: dict[str, str]) -> dict[str, str]:
    """Leave out what is secret, and cut what is endless."""
    kept = [(name, value) for name, value in headers.items() if name not in SECRET][:MOST_HEADERS]
    return {plain(name[:LONGEST_NAME]): plain(value[:LONGEST_VALUE]) for name, value in kept}


def shown(message: Message) -> dict[str, Any]:
    """Give a message as pages see it; `at` is Unix seconds, `delay` milliseconds, `size` bytes."""
    return {
        "id": message.number,
        "at": message.at / SECOND,
        "headers": message.headers,
        "body": message.body,
        "size": message.size,
        "truncated": message.size > KEPT,
        "signature": message.signature,
        "status_code": message.status_code,
        "delay": message.delay,
    }


async def stream(request: Request) -> Response:
    """Tell what came in after the message that is named, and what comes from now on, as server-sent events."""
    services, token = _entered(request, "/inbox/{token}/events"), token_of(request)
    await services.database.read(inboxes.find, token)
    streams = _traffic(request).streams
    if streams[token] >= MOST_STREAMS:
        raise TooManyRequests("Too many are looking into this inbox.", headers={"retry-after": "5"})
    given = request.headers.get("last-event-id") or request.query_params.get("after", "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
    told = _events(services, streams, token, number)
    return StreamingResponse(told, headers=HEADERS | {"x-accel-buffering": "no"}, media_type="text/event-stream")


async def _events(services: Services, streams: Counter[str], token: str, number: int) -> AsyncIterator[bytes]:
    """Look at the rows whenever something may have come, until the inbox is closed or the server stops."""
    quiet = services.settings.heartbeat or KEEP_ALIVE
    pause = min(quiet, LOOK_EVERY) if services.database.shared else quiet
    streams[token] += 1
    try:
        with services.feed.watch(token) as watch:
            yield b"retry: 1000\n\n"
            while not watch.closed:
                for message in await services.database.read(inboxes.after, token, number):
                    number = message.number
                    yield _event(message)
                if await watch.next(pause) is None and not watch.closed:
                    yield COMMENT
    except NotFound:
        yield EXPIRED
    finally:
        streams[token] -= 1
        if not streams[token]:
            del streams[token]


def _event(message: Message) -> bytes:
    """Write a message as an event; JSON holds no line breaks, so one data line is enough."""
    data = msgspec.json.encode(shown(message))
    return b"id: %d\nevent: message\ndata: %b\n\n" % (message.number, data)


def _entered(request: Request, route: str) -> Services:
    request.scope["context"].route = route
    return cast("Services", request.scope["state"]["services"])


def _traffic(request: Request) -> Traffic:
    return cast("Traffic", request.scope["state"]["traffic"])
