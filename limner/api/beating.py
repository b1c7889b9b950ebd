"""A heartbeat for answers that take long: blanks before the JSON, which every JSON reader skips (RFC 8259, section 2).

Proxies cut a connection on which nothing comes; 100 s is common. The price is that the status has gone out with the
first blank: a failure after it is told in the body alone.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from limner.api import wire
from limner.api.context import services_of
from limner.errors import ApiError, LimnerError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from starlette.types import ASGIApp, Receive, Scope, Send

    from limner.api.context import Context

BLANK = b"\n"


def beating(answer: Coroutine[Any, Any, Any], context: Context, seconds: float) -> ASGIApp:
    """Answer with JSON, and with a blank before it every so many seconds while it is not there."""

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        coming = asyncio.create_task(answer)
        try:
            if await _within(coming, seconds):
                await wire.json_response(coming.result())(scope, receive, send)
            else:
                await _beat(coming, scope, context, seconds, send)
        finally:
            coming.cancel()

    return respond


async def _within(coming: asyncio.Task[Any], seconds: float) -> bool:
    await asyncio.wait({coming}, timeout=seconds)
    return coming.done()


async def _beat(coming: asyncio.Task[Any], scope: Scope, context: Context, seconds: float, send: Send) -> None:
    headers = [(b"content-type", wire.JSON.encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    while True:
        await send({"type": "http.response.body", "body": BLANK, "more_body": True})
        if await _within(coming, seconds):
            break
    await send({"type": "http.response.body", "body": _told(coming.result, scope, context)})


def _told(result: Callable[[], Any], scope: Scope, context: Context) -> bytes:
    """Write the answer, or the error that came instead."""
    try:
        return wire.encode(result())
    except LimnerError as error:
        return wire.error_body(error, context.trace_id)
    except Exception:
        log = services_of(scope).telemetry.log
        log.exception("request_failed", route=context.route, request_id=context.request_id)
        return wire.error_body(ApiError(), context.trace_id)
