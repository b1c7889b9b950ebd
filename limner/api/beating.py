"""A heartbeat for answers that take long: blanks before the JSON, which every JSON reader skips (RFC 8259, section 2).

Proxies cut a connection on which nothing comes; 100 s is common. The price is that the status has gone out with the
first blank: a failure after it is told in the body alone.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from limner.api import answering, wire
from limner.api.answering import Answer, parts
from limner.api.context import services_of
from limner.errors import ApiError, LimnerError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from starlette.types import ASGIApp, Receive, Scope, Send

    from limner.api.context import Context

BLANK = b"\n"


def beating(answer: Coroutine[Any, Any, Answer], context: Context, seconds: float) -> ASGIApp:
    """Answer with JSON, and with a blank before it every so many seconds while it is not there."""

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        coming = asyncio.create_task(answer)
        try:
            if await _within(coming, seconds):
                await answering.respond(coming.result(), scope, receive, send)
            else:
                await _beat(coming, scope, context, seconds, send)
        finally:
            coming.cancel()

    return respond


async def _within(coming: asyncio.Task[Answer], seconds: float) -> bool:
    await asyncio.wait({coming}, timeout=seconds)
    return coming.done()


async def _beat(coming: asyncio.Task[Answer], scope: Scope, context: Context, seconds: float, send: Send) -> None:
    headers = [(b"content-type", wire.JSON.encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    while True:
        await send({"type": "http.response.body", "body": BLANK, "more_body": True})
        if await _within(coming, seconds):
            break
    try:
        answer = coming.result()
    except Exception as error:  # noqa: BLE001 - told in the body
        await send({"type": "http.response.body", "body": _told(error, scope, context)})
        return
    async for part in parts(answer):
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _told(error: Exception, scope: Scope, context: Context) -> bytes:
    """Write the error that came instead of the answer."""
    if isinstance(error, LimnerError):
        return wire.error_body(error, context.trace_id)
    log = services_of(scope).telemetry.log
    log.error("request_failed", route=context.route, request_id=context.request_id, exc_info=error)
    return wire.error_body(ApiError(), context.trace_id)
