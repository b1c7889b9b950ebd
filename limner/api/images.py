"""`POST /v1/images/generations`: parameters in, pictures out. A plain ASGI endpoint, because it is the hot one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from limner.admission import fingerprint
from limner.api import wire
from limner.api.auth import authenticate
from limner.api.beating import beating
from limner.api.body import convert, read_parameters
from limner.api.context import Context, acceptable_trace_id, context_of, header, services_of
from limner.catalog import Fields, Warned
from limner.errors import ApiNotImplemented, BadRequest

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from limner.bootstrap import Services
    from limner.catalog import Request
    from limner.completion import Outcome
    from limner.generations import Submission

ROUTE = "/v1/images/generations"
MAX_KEY = 255


class Generate:
    """The endpoint; an instance of a class, so that the router hands it the raw ASGI call."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one generation."""
        context, services = context_of(scope), services_of(scope)
        context.route = ROUTE
        caller = await authenticate(scope, "images.generate")
        given, text = await read_parameters(scope, receive, services.settings.max_body)
        warnings: list[Warned] = []
        fields = convert(given, Fields, warnings, text=text)
        _keep_trace_id(context, fields)
        if fields.callback_url is not None:
            services.outbound.check(fields.callback_url, param="callback_url")
        model = services.catalogue.resolve(fields.model)
        request = _with_previews(scope, model.request(fields, warnings))
        key = _idempotency_key(scope)
        patience = 0.0 if fields.later else _patience(scope, services.settings.sync_limit)
        submission = await services.generations.submit(
            caller,
            model,
            request,
            trace_id=context.trace_id,
            awaited=patience > 0,
            idempotency_key=key,
            fingerprint=fingerprint(msgspec.structs.replace(fields, trace_id=None)) if key else None,
        )
        _headers(context, submission)
        answer = _answer(context, services, request, submission, patience=patience, warnings=warnings)
        if patience and services.settings.heartbeat:
            await beating(answer, context, services.settings.heartbeat)(scope, receive, send)
        else:
            await wire.json_response(await answer)(scope, receive, send)


async def _answer(
    context: Context,
    services: Services,
    request: Request,
    submission: Submission,
    *,
    patience: float,
    warnings: list[Warned],
) -> wire.Images | wire.Accepted:
    """Wait for the pictures for `patience` seconds, not at all for none; raises what went wrong with them."""
    outcome = await services.generations.wait(submission, patience) if patience else None
    if outcome is None:
        return wire.accepted(submission.task, warnings)
    context.headers["x-cost"] = str(outcome.task.cost or 0)
    if outcome.balance is not None:
        context.headers["x-balance"] = str(outcome.balance)
    if outcome.error is not None:
        if outcome.error.status in {502, 504}:  # nothing was billed unless the error says so, nor is it by a retry
            outcome.error.headers.setdefault("x-should-retry", "true")
        raise outcome.error
    if len(outcome.assets) < request.n:
        missing = request.n - len(outcome.assets)
        warnings.append(Warned("n", f"{missing} of {request.n} pictures could not be made and were not charged."))
    data = await _bytes(services, outcome) if request.response_format == "b64_json" else None
    return wire.images(outcome, request, services.assets, data=data, warnings=warnings)


async def _bytes(services: Services, outcome: Outcome) -> list[bytes]:
    """Give the pictures' bytes: those at hand, or for a repeated call those that were stored."""
    return outcome.data or [await services.assets.load(asset.name) for asset in outcome.assets]


def _keep_trace_id(context: Context, fields: Fields) -> None:
    if fields.trace_id is None:
        return
    if not acceptable_trace_id(fields.trace_id):
        raise BadRequest("trace_id must be 1 to 200 printable ASCII characters.", param="trace_id")
    context.trace_id = fields.trace_id


def _patience(scope: Scope, limit: float) -> float:
    """Say how long the client wants us to wait, seconds: what `Prefer` asks for (RFC 7240), never over the limit."""
    asked = _preferences(scope)
    if "respond-async" in asked and "wait" not in asked:
        return 0.0
    wait = asked.get("wait", "")
    return min(limit, float(wait)) if wait.isascii() and wait.isdigit() else limit


def _with_previews(scope: Scope, request: Request) -> Request:
    """Have as many previews made as `Prefer: previews=N` asks for: whoever waits may follow the task's events."""
    wanted = _preferences(scope).get("previews", "")
    if wanted not in {"1", "2", "3"} or request.partial_images:
        return request
    return msgspec.structs.replace(request, partial_images=int(wanted))


def _preferences(scope: Scope) -> dict[str, str]:
    wanted = header(scope, b"prefer") or ""
    return {name.lower(): value for name, _, value in (part.strip().partition("=") for part in wanted.split(","))}


def _idempotency_key(scope: Scope) -> str | None:
    key = header(scope, b"idempotency-key")
    if key is not None and not 0 < len(key) <= MAX_KEY:
        raise BadRequest(f"The Idempotency-Key must have 1 to {MAX_KEY} characters.", param="Idempotency-Key")
    return key


def _headers(context: Context, submission: Submission) -> None:
    context.headers = {"x-task-id": submission.task.id}
    if submission.hold is not None:
        context.headers |= submission.hold.headers()
        context.headers["x-balance"] = str(submission.hold.balance)
    else:
        context.headers["x-idempotent-replay"] = "true"
        context.trace_id = submission.task.trace_id


class Unoffered:
    """An operation of OpenAI's API that no model here offers yet."""

    def __init__(self, operation: str) -> None:
        """Name the operation."""
        self._operation = operation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI calls so
        """Refuse."""
        context_of(scope).route = f"/v1/images/{self._operation}"
        raise ApiNotImplemented(f"No model of this server offers image {self._operation}.", param="model")
