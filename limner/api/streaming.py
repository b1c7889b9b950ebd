"""A picture as it comes, in OpenAI's events: `image_generation.partial_image`, then `image_generation.completed`.

The headers go out with the first event, or with the first comment that keeps a quiet connection warm: what goes wrong
before is told as to everybody, with its status; what goes wrong later in an event of its own. A client that goes away
does not stop the task.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from limner import completion
from limner.api import wire
from limner.api.answering import Poured, marker, poured, settled
from limner.dispatch.feed import Progressed
from limner.engines.base import Tokens
from limner.errors import ApiError, LimnerError
from limner.ids import SECOND, now

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import Receive, Scope, Send

    from limner.api.context import Context
    from limner.bootstrap import Services
    from limner.catalog import Model, Request, Warned
    from limner.completion import Outcome
    from limner.generations import Submission

KEEP_ALIVE = 10.0
"""Seconds between comments on a quiet stream, so that no proxy takes it for dead, where the settings say nothing."""

_KINDS = {"generate": "image_generation", "edit": "image_edit"}
_WORDS = {"low": "low", "standard": "medium", "hd": "high"}
_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store")]
Frame = bytes | Poured


class Stream:
    """The answer to one call that streams; an ASGI application."""

    def __init__(
        self,
        services: Services,
        context: Context,
        submission: Submission,
        *,
        model: Model,
        request: Request,
        warnings: list[Warned],
    ) -> None:
        self._services, self._context, self._submission = services, context, submission
        self._request, self._warnings, self._kind = request, warnings, _KINDS[request.operation]
        self._looks = {
            "size": request.size,
            "quality": _WORDS[model.engine_quality(request.quality)],
            "background": request.background,
            "output_format": request.output_format,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI calls so
        """Send what comes until the task is over or the client is gone."""
        frames, gone = self._frames(), asyncio.ensure_future(_gone(receive))
        sending = _Sending(send)
        coming = asyncio.ensure_future(anext(frames, None))
        quiet = self._services.settings.heartbeat or KEEP_ALIVE
        try:
            while not gone.done():
                await asyncio.wait({coming, gone}, timeout=quiet, return_when=asyncio.FIRST_COMPLETED)
                if not coming.done():
                    await sending.comment()
                    continue
                frame = coming.result()
                if frame is None:
                    break
                await sending.frame(frame)
                coming = asyncio.ensure_future(anext(frames, None))
            await sending.end()
        except Exception as error:
            if not sending.begun:
                raise
            await sending.fail(self._told(error))
        finally:
            await _let_go(coming, gone)
            await frames.aclose()

    async def _frames(self) -> AsyncGenerator[Frame, None]:
        """Give the events as they come; raises what went wrong with the task."""
        seen = 0
        async with aclosing(self._services.generations.follow(self._submission)) as following:
            async for news in following:
                if not isinstance(news, Progressed):
                    settled(self._context, news)
                    yield await self._completed(news)
                    return
                if news.preview is not None and seen < self._request.partial_images:
                    more = {"created_at": now() // SECOND, **self._looks, "partial_image_index": seen}
                    yield wire.event(f"{self._kind}.partial_image", {"b64_json": news.preview, **more})
                    seen += 1
        raise ApiError(
            "The server stops; the picture will be made all the same: ask for the task.",
            headers={"x-should-retry": "false"},
        )

    async def _completed(self, outcome: Outcome) -> Frame:
        task, mark, report = outcome.task, marker(), completion.report(outcome.task)
        (made,) = outcome.assets
        warnings = [*self._warnings, *report.warnings]
        data: dict[str, Any] = {
            "b64_json": mark,
            "created_at": (task.finished_at or task.created_at) // SECOND,
            **self._looks,
            "usage": wire.usage(report.usage or Tokens()),
            "task_id": task.id,
            "trace_id": task.trace_id,
        }
        if made.revised_prompt is not None:
            data["revised_prompt"] = made.revised_prompt
        if warnings:
            data["warnings"] = warnings
        return await poured(wire.event(f"{self._kind}.completed", data), mark, outcome, self._services.assets)

    def _told(self, error: Exception) -> bytes:
        if not isinstance(error, LimnerError):
            context = self._context
            self._services.telemetry.log.error(
                "stream_failed", route=context.route, request_id=context.request_id, exc_info=error
            )
            error = ApiError()
        return b"data: " + wire.encode({"error": wire.error_object(error)}) + b"\n\n"


class _Sending:
    """The way out of a stream: its headers go with whatever goes first."""

    def __init__(self, send: Send) -> None:
        self.begun = False
        self._send = send

    async def comment(self) -> None:
        await self._part(wire.COMMENT)

    async def frame(self, frame: Frame) -> None:
        if isinstance(frame, Poured):
            async for part in frame.parts():
                await self._part(part)
        else:
            await self._part(frame)

    async def fail(self, told: bytes) -> None:
        await self._part(told)
        await self.end()

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b""})

    async def _part(self, part: bytes) -> None:
        if not self.begun:
            self.begun = True
            headers = [*_HEADERS, (b"x-accel-buffering", b"no")]
            await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._send({"type": "http.response.body", "body": part, "more_body": True})


async def _gone(receive: Receive) -> None:
    """Wait until the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _let_go(*waiting: asyncio.Future[Any]) -> None:
    for one in waiting:
        one.cancel()
    await asyncio.wait(waiting)
