"""How a call is answered when its task is over: what its headers say, and its pictures as links or in base64.

Pictures of any size go out piece by piece, as fast as the client takes them, so that base64 is never piled up.
"""

from __future__ import annotations

import secrets
from itertools import zip_longest
from typing import TYPE_CHECKING

import msgspec
import pybase64
from starlette.responses import Response

from limner.api import wire
from limner.catalog import Warned

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Receive, Scope, Send

    from limner.api.context import Context
    from limner.assets import Asset, Assets
    from limner.bootstrap import Services
    from limner.catalog import Request
    from limner.completion import Outcome

SMALL = 262_144
"""Up to so many bytes of pictures at hand are answered in one piece."""

PIECE = 3 * 65_536
"""Bytes of a picture that are turned into base64 at once: a multiple of 3, so that the pieces fit together."""


class Poured(msgspec.Struct, frozen=True):
    """An answer with gaps, into which pictures are poured in base64: `pictures` at hand, or as they are stored.

    It keeps the outcome, and so the room of its bytes, until it is sent.
    """

    pieces: list[bytes]
    pictures: list[bytes | Asset]
    outcome: Outcome
    store: Assets

    @property
    def length(self) -> int:
        """How many bytes it comes to."""
        sizes = [len(one) if isinstance(one, bytes) else one.size for one in self.pictures]
        return sum(map(len, self.pieces)) + sum(-(-size // 3) * 4 for size in sizes)

    async def parts(self) -> AsyncIterator[bytes]:
        """Give it part by part."""
        for piece, picture in zip_longest(self.pieces, self.pictures):
            yield piece
            for start in range(0, 0 if picture is None else _size(picture), PIECE):
                yield pybase64.b64encode(await self._part(picture, start))

    async def _part(self, picture: bytes | Asset, start: int) -> bytes | memoryview:
        end = min(start + PIECE, _size(picture))
        if isinstance(picture, bytes):
            return memoryview(picture)[start:end]
        return await self.store.load(picture.name, (start, end))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI calls so
        """Answer with it as JSON."""
        headers = [(b"content-type", wire.JSON.encode()), (b"content-length", str(self.length).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for part in self.parts():
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def _size(picture: bytes | Asset) -> int:
    return len(picture) if isinstance(picture, bytes) else picture.size


Answer = wire.Images | wire.Accepted | Poured


async def parts(answer: Answer) -> AsyncIterator[bytes]:
    """Give the bytes of an answer part by part."""
    if isinstance(answer, Poured):
        async for part in answer.parts():
            yield part
    else:
        yield wire.encode(answer)


async def respond(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    """Send an answer as JSON."""
    if isinstance(answer, Poured):
        await answer(scope, receive, send)
    else:
        await Response(wire.encode(answer), media_type=wire.JSON)(scope, receive, send)


def settled(context: Context, outcome: Outcome) -> None:
    """Say in the headers what a finished task cost; raises what went wrong with it."""
    context.headers["x-cost"] = str(outcome.task.cost or 0)
    if outcome.balance is not None:
        context.headers["x-balance"] = str(outcome.balance)
    if outcome.error is not None:
        if outcome.error.status in {502, 504}:  # nothing was billed unless it says so, nor is it by a retry
            outcome.error.headers.setdefault("x-should-retry", "true")
        raise outcome.error


async def answered(services: Services, request: Request, outcome: Outcome, warnings: list[Warned]) -> Answer:
    """Give the answer to a task that made pictures; raises `NotFound` where they are no longer kept."""
    if len(outcome.assets) < request.n:
        missing = request.n - len(outcome.assets)
        told = f"{missing} of {request.n} pictures could not be made and were not charged."
        warnings = [*warnings, Warned("n", told)]
    store = services.assets
    if request.response_format != "b64_json":
        return wire.images(outcome, request, store, data=None, warnings=warnings)
    if outcome.data is not None and sum(map(len, outcome.data)) <= SMALL:
        return wire.images(outcome, request, store, data=outcome.data, warnings=warnings)
    mark = marker()
    body = wire.images(outcome, request, store, data=[mark] * len(outcome.assets), warnings=warnings)
    return await poured(wire.encode(body), mark, outcome, store)


def marker() -> bytes:
    """Make something to stand for a picture's bytes, which is nowhere else in an answer."""
    return secrets.token_bytes(24)


async def poured(text: bytes, mark: bytes, outcome: Outcome, store: Assets) -> Poured:
    """Make an answer of a text in which `mark` stands, in base64, for each picture of an outcome in turn.

    Raises `NotFound` for pictures that are no longer kept, while the client can still be told.
    """
    pictures: list[bytes | Asset] = list(outcome.data or outcome.assets)
    for picture in pictures:
        if not isinstance(picture, bytes):
            await store.size(picture.name)
    return Poured(text.split(pybase64.b64encode(mark)), pictures, outcome, store)
