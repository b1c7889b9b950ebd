"""`POST /v1/images/generations`, `edits` and `variations`: parameters in, pictures out. Plain ASGI, for it is hot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from limner.admission import fingerprint
from limner.api import wire
from limner.api.answering import answered, respond, settled
from limner.api.auth import authenticate
from limner.api.beating import beating
from limner.api.body import convert, read_parameters
from limner.api.context import Context, acceptable_trace_id, context_of, header, services_of
from limner.api.intake import Intake
from limner.api.sent import Body, read_pictures
from limner.api.streaming import Stream
from limner.catalog import Fields, Warned
from limner.checking import admissible, nearest, offers
from limner.errors import BadRequest

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from limner.api.answering import Answer
    from limner.bootstrap import Services
    from limner.capabilities import Operation
    from limner.catalog import Catalogue, Model, Request
    from limner.credentials import Caller
    from limner.generations import Submission

MAX_KEY = 255
PATHS: dict[Operation, str] = {
    "generate": "/v1/images/generations",
    "edit": "/v1/images/edits",
    "vary": "/v1/images/variations",
}


class _Call(msgspec.Struct):
    """One call on its way to be a task."""

    scope: Scope
    context: Context
    services: Services
    caller: Caller
    model: Model
    fields: Fields
    warnings: list[Warned]
    request: Request
    patience: float

    @property
    def streams(self) -> bool:
        """Whether the client is to be sent what comes as it comes."""
        can = self.model.capabilities.streaming and self.request.operation != "vary"
        return bool(self.fields.stream) and can and self.patience > 0


class Make:
    """The endpoint of one operation; an instance of a class, so that the router hands it the raw ASGI call."""

    def __init__(self, operation: Operation) -> None:
        """Name the operation."""
        self._operation = operation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        context, services = context_of(scope), services_of(scope)
        context.route = PATHS[self._operation]
        caller = await authenticate(scope, "images.generate")
        if self._operation == "generate":
            given, text = await read_parameters(scope, receive, services.settings.max_body)
            call = self._call(scope, caller, Body(given=given, images=[], mask=None), text=text)
            submission = await _submit(call)
        else:
            body = await read_pictures(scope, receive, services.settings.max_upload, services.inputs)
            try:
                call = self._call(scope, caller, body, text=body.form is not None)
                submission = await _submit_with_pictures(call, body)
            finally:
                await body.close()
        _headers(context, submission)
        await _answer(call, submission, receive, send)

    def _call(self, scope: Scope, caller: Caller, body: Body, *, text: bool) -> _Call:
        """Check all that can be checked before a picture is looked at."""
        context, services = context_of(scope), services_of(scope)
        warnings: list[Warned] = []
        fields = convert(body.given, Fields, warnings, text=text)
        _keep_trace_id(context, fields)
        if fields.callback_url is not None:
            services.outbound.check(fields.callback_url, param="callback_url")
        model = _model(services.catalogue, fields.model, self._operation)
        if self._operation != "generate":
            admissible(
                model.id, model.capabilities, self._operation, images=len(body.images), mask=body.mask is not None
            )
        request = model.request(fields, warnings, operation=self._operation, lenient=_lenient(scope))
        patience = 0.0 if fields.later else _patience(scope, services.settings.sync_limit)
        return _Call(
            scope=scope,
            context=context,
            services=services,
            caller=caller,
            model=model,
            fields=fields,
            warnings=warnings,
            request=_with_previews(scope, request),
            patience=patience,
        )


def _model(catalogue: Catalogue, name: str | None, operation: Operation) -> Model:
    """Find the model; for a client that names none the default, or else the first that offers the operation."""
    model = catalogue.resolve(name)
    if name is not None or offers(model.capabilities, operation):
        return model
    return next((one for one in catalogue.models.values() if offers(one.capabilities, operation)), model)


async def _submit_with_pictures(call: _Call, body: Body) -> Submission:
    """Store the pictures and submit; nothing of them stays where that is refused, or was done before."""
    if not body.images:
        raise BadRequest("A picture is required: send it as image.", param="image")
    intake = Intake(call.services, call.caller.account_id)
    submission = None
    try:
        images, mask = await intake.take(body.images, body.mask)
        size = call.request.size
        if call.fields.size in {None, "auto"}:
            size = nearest(images[0].width, images[0].height, call.model.capabilities)
        call.request = msgspec.structs.replace(call.request, images=images, mask=mask, size=size)
        submission = await _submit(call, call.request.operation, *intake.hashes)
    finally:
        if submission is None or submission.hold is None:
            await intake.take_back()
    return submission


async def _submit(call: _Call, *more: str) -> Submission:
    key = _idempotency_key(call.scope)
    return await call.services.generations.submit(
        call.caller,
        call.model,
        call.request,
        trace_id=call.context.trace_id,
        awaited=call.patience > 0,
        followed=call.streams,
        idempotency_key=key,
        fingerprint=fingerprint(msgspec.structs.replace(call.fields, trace_id=None), *more) if key else None,
    )


async def _answer(call: _Call, submission: Submission, receive: Receive, send: Send) -> None:
    context, services = call.context, call.services
    if call.streams:
        stream = Stream(services, context, submission, model=call.model, request=call.request, warnings=call.warnings)
        await stream(call.scope, receive, send)
    elif call.patience and services.settings.heartbeat:
        await beating(_awaited(call, submission), context, services.settings.heartbeat)(call.scope, receive, send)
    else:
        await respond(await _awaited(call, submission), call.scope, receive, send)


async def _awaited(call: _Call, submission: Submission) -> Answer:
    """Wait for the pictures for as long as the client does; raises what went wrong with them."""
    outcome = await call.services.generations.wait(submission, call.patience) if call.patience else None
    if outcome is None:
        return wire.accepted(submission.task, call.warnings)
    settled(call.context, outcome)
    return await answered(call.services, call.request, outcome, call.warnings)


def _keep_trace_id(context: Context, fields: Fields) -> None:
    if fields.trace_id is None:
        return
    if not acceptable_trace_id(fields.trace_id):
        raise BadRequest("trace_id must be 1 to 200 printable ASCII characters.", param="trace_id")
    context.trace_id = fields.trace_id


def _lenient(scope: Scope) -> bool:
    """Say what is to be done with parameters that the model does not offer: refuse them, or use the nearest."""
    given = (header(scope, b"x-limner-params") or "strict").strip().lower()
    if given not in {"strict", "lenient"}:
        raise BadRequest("x-limner-params is strict or lenient.", param="x-limner-params")
    return given == "lenient"


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
