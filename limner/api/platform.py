"""The frame around every request: names, time, errors in the one envelope, and metrics. Pure ASGI, one layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response

from limner import __version__
from limner.api import wire
from limner.api.context import Context, context_of, services_of
from limner.errors import ApiError, ApiNotImplemented, LimnerError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Platform:
    """Names requests, stamps answers, and turns whatever was raised into the error envelope."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the router."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the lifespan passes through."""
        if scope["type"] != "http":
            await self.app(scope, receive, _briefly(send))
            return
        context = scope["context"] = Context.begin(scope)
        # Starlette's router raises for a wrong method only inside an app; that is the behaviour we render
        scope["app"] = self
        answer = _Answer(scope, context, send)
        try:
            await self.app(scope, receive, answer)
        except Exception as error:
            if answer.begun:
                raise
            await _render(_known(error) or _log(scope, context, error), scope, receive, answer)


class _Answer:
    """The way out: adds the headers that every answer carries and counts it."""

    def __init__(self, scope: Scope, context: Context, send: Send) -> None:
        self.begun = False
        self._scope, self._context, self._send = scope, context, send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            context = self._context
            headers = message["headers"] = list(message["headers"])
            headers += [
                (b"x-request-id", context.request_id.encode()),
                (b"x-trace-id", context.trace_id.encode()),
                (b"openai-processing-ms", str(context.milliseconds).encode()),
            ]
            headers += [(name.encode(), value.encode()) for name, value in context.headers.items()]
            services_of(self._scope).telemetry.answered(context.route, message["status"])
        await self._send(message)


def _briefly(send: Send) -> Send:
    """Cut the traceback off a failed start that the operator can mend (a locked database, a wrong URL or catalogue)."""

    async def told(message: Message) -> None:
        if message["type"] == "lifespan.startup.failed":
            kind, _, what = message["message"].strip().rpartition("\n")[2].partition(": ")
            if kind == "ValueError" or kind.startswith("limner."):
                message = {"type": message["type"], "message": f"limner cannot start: {what}"}
        await send(message)

    return told


def _known(error: Exception) -> LimnerError | None:
    """Translate the framework's own errors; None for what nobody expected."""
    if isinstance(error, LimnerError):
        return error
    if isinstance(error, HTTPException):
        method = error.status_code == 405
        what = "This path does not take that method." if method else error.detail
        return ApiNotImplemented(what, status=error.status_code, headers=dict(error.headers or {}))
    return None


def _log(scope: Scope, context: Context, error: Exception) -> LimnerError:
    services_of(scope).telemetry.log.error(
        "request_failed", route=context.route, request_id=context.request_id, exc_info=error
    )
    return ApiError()


async def _render(error: LimnerError, scope: Scope, receive: Receive, send: Send) -> None:
    context: Context = scope["context"]
    body = wire.error_body(error, context.trace_id)
    await Response(body, error.status, error.headers, wire.JSON)(scope, receive, send)


async def not_found(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI calls so
    """Answer an unknown path."""
    raise ApiNotImplemented(
        f"There is nothing at {scope['path'][:100]!r}. The API is at /v1 and /openai; /docs says more.", status=404
    )


async def healthz(request: Request) -> Response:
    """Say that the process is alive."""
    context_of(request.scope).route = "/healthz"
    return wire.json_response({"status": "ok", "version": __version__})


async def readyz(request: Request) -> Response:
    """Say whether requests would succeed now: 503 names what would not."""
    context_of(request.scope).route = "/readyz"
    services = services_of(request.scope)
    checks = {"database": await _works(services.database.ready()), "storage": await _works(services.storage.check())}
    for name, engine in services.engines.items():
        health = await engine.check()
        checks[f"engine:{name}"] = health.detail if not health.ok else "ok"
    ready = all(state == "ok" for state in checks.values())
    return wire.json_response({"status": "ready" if ready else "not ready", "checks": checks}, 200 if ready else 503)


async def _works(check: Awaitable[None]) -> str:
    try:
        await check
    except Exception as error:  # noqa: BLE001 - whatever fails is what is to be told
        return type(error).__name__
    return "ok"


async def metrics(request: Request) -> Response:
    """Give the metrics to Prometheus."""
    context_of(request.scope).route = "/metrics"
    return Response(services_of(request.scope).telemetry.exposition(), media_type="text/plain; version=0.0.4")
