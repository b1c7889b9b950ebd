"""The shapes that programs see: OpenAI's and Ace's dialects, from the domain to JSON, and the error envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType
from starlette.responses import Response

from limner import completion
from limner.assets import Image  # noqa: TC001 - the shapes are read at run time, for /openapi.json
from limner.catalog import Capabilities, Model, Quality, Request, Warned
from limner.ids import SECOND

if TYPE_CHECKING:
    from limner.assets import Assets
    from limner.callbacks import Attempt, Delivery
    from limner.completion import Outcome
    from limner.dispatch.feed import Progressed
    from limner.engines.base import Tokens
    from limner.errors import LimnerError
    from limner.tasks import Task

JSON = "application/json"
encode = msgspec.json.Encoder().encode


class ErrorObject(msgspec.Struct, frozen=True):
    """What went wrong: a stable `code` for programs, a message for people, the parameter at fault."""

    code: str
    message: str
    type: str
    param: str | None


class ErrorEnvelope(msgspec.Struct, frozen=True):
    """The one shape of every error."""

    success: bool
    error: ErrorObject
    trace_id: str


class InputDetails(msgspec.Struct, frozen=True):
    """The tokens of a request, by kind."""

    text_tokens: int
    image_tokens: int


class Usage(msgspec.Struct, frozen=True):
    """What an upstream counted, in OpenAI's shape; zeros where a picture was made without counting."""

    total_tokens: int
    input_tokens: int
    output_tokens: int
    input_tokens_details: InputDetails
    output_tokens_details: InputDetails


class Images(msgspec.Struct, frozen=True):
    """The pictures of a call, in OpenAI's shape with Ace's fields; `created` is Unix seconds."""

    created: int
    data: list[Image]
    output_format: str
    success: bool = True
    task_id: str | UnsetType = UNSET
    trace_id: str | UnsetType = UNSET
    usage: Usage | UnsetType = UNSET
    warnings: list[Warned] | UnsetType = UNSET


class Accepted(msgspec.Struct, frozen=True):
    """A call whose pictures are to be fetched later, by the task's id."""

    task_id: str
    trace_id: str
    success: bool = True
    warnings: list[Warned] | UnsetType = UNSET


class ModelObject(msgspec.Struct, frozen=True):
    """A model in OpenAI's shape, and what it really is: engine, capabilities, prices in micro-credits."""

    id: str
    created: int
    owned_by: str
    engine: str
    description: str
    capabilities: Capabilities
    prices: dict[Quality, tuple[tuple[int, int], ...]]
    object: str = "model"


class ModelList(msgspec.Struct, frozen=True):
    """The models on offer."""

    data: list[ModelObject]
    object: str = "list"


def json_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with JSON."""
    return Response(encode(body), status, headers, JSON)


def error_body(error: LimnerError, trace_id: str) -> bytes:
    """Write the one error envelope."""
    return encode(ErrorEnvelope(success=False, error=error_object(error), trace_id=trace_id))


def error_object(error: LimnerError) -> ErrorObject:
    """Give an error's four public fields."""
    return ErrorObject(error.code, error.message, error.type, error.param)


def images(
    outcome: Outcome, request: Request, store: Assets, *, data: list[bytes] | None, warnings: list[Warned]
) -> Images:
    """Give the answer to a finished call; with `data` the bytes themselves, which the encoder writes as base64."""
    report = completion.report(outcome.task)
    return Images(
        created=_created(outcome.task),
        data=store.shown(outcome.assets, data),
        output_format=request.output_format,
        task_id=outcome.task.id,
        trace_id=outcome.task.trace_id,
        usage=UNSET if report.usage is None else usage(report.usage),
        warnings=[*warnings, *report.warnings] or UNSET,
    )


def usage(counted: Tokens) -> Usage:
    """Give what was counted in OpenAI's shape."""
    given = InputDetails(counted.input_text, counted.input_image)
    made = InputDetails(counted.output_text, counted.output_image)
    before, after = given.text_tokens + given.image_tokens, made.text_tokens + made.image_tokens
    return Usage(before + after, before, after, given, made)


def accepted(task: Task, warnings: list[Warned]) -> Accepted:
    """Give the answer to a call whose pictures are to be fetched later."""
    return Accepted(task_id=task.id, trace_id=task.trace_id, warnings=warnings or UNSET)


def _created(task: Task) -> int:
    return (task.finished_at or 0) // SECOND


def model(given: Model) -> ModelObject:
    """Give a model as clients see it."""
    return ModelObject(
        id=given.id,
        created=given.created,
        owned_by=given.owned_by,
        engine=given.engine,
        description=given.description,
        capabilities=given.capabilities,
        prices=given.prices,
    )


def record(task: Task, outcome: Outcome | None, store: Assets) -> dict[str, Any]:
    """Give a task in Ace's shape; `response` is null while it is on its way."""
    finished = task.finished_at
    begun = task.started_at or task.created_at
    return {
        "_id": task.id,
        "id": task.id,
        "trace_id": task.trace_id,
        "type": task.kind,
        "application_id": task.application_id,
        "user_id": task.account_id,
        "credential_id": task.credential_id,
        "created_at": task.created_at / SECOND,
        "started_at": task.started_at / SECOND if task.started_at else None,
        "finished_at": finished / SECOND if finished else None,
        "duration": (finished - begun) / SECOND if finished else None,
        "elapsed": (finished - task.created_at) / SECOND if finished else None,
        "status": task.status,
        "cost": task.cost,
        "request": msgspec.json.decode(task.request),
        "response": _recorded(task, outcome, store),
    }


def _recorded(task: Task, outcome: Outcome | None, store: Assets) -> Any:
    if outcome is None:
        return None
    if outcome.error is not None:
        return {"success": False, "error": error_object(outcome.error)}
    request, report = msgspec.json.decode(task.request, type=Request), completion.report(task)
    return Images(
        created=_created(task),
        data=store.shown(outcome.assets),
        output_format=request.output_format,
        usage=UNSET if report.usage is None else usage(report.usage),
        warnings=report.warnings or UNSET,
    )


def delivery(given: Delivery) -> dict[str, Any]:
    """Give a delivery as the owner of its receiver sees it; times are Unix seconds."""
    return {
        "id": given.id,
        "object": "callback.delivery",
        "task_id": given.task_id,
        "application_id": given.application_id,
        "url": given.url,
        "status": given.status,
        "attempt_count": given.attempts,
        "created_at": given.created_at / SECOND,
        "next_attempt_at": given.due_at / SECOND if given.due_at else None,
        "finished_at": given.finished_at / SECOND if given.finished_at else None,
    }


def attempt(given: Attempt) -> dict[str, Any]:
    """Give an attempt: what the receiver answered, or the problem why it did not."""
    return {
        "number": given.number,
        "at": given.at / SECOND,
        "milliseconds": given.milliseconds,
        "status_code": given.status_code,
        "response": given.response,
        "problem": given.problem,
    }


def page(data: list[dict[str, Any]], *, has_more: bool) -> dict[str, Any]:
    """Give a page of a list in OpenAI's shape; `last_id` is what `after` takes."""
    ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]} if data else {"first_id": None, "last_id": None}
    return {"object": "list", "data": data, "has_more": has_more} | ends


def event(kind: str, data: dict[str, Any]) -> bytes:
    """Write one server-sent event (WHATWG HTML, 9.2); JSON holds no line breaks, so one data line is enough."""
    return b"event: " + kind.encode() + b"\ndata: " + encode({"type": kind} | data) + b"\n\n"


def ended(task: Task, outcome: Outcome, store: Assets) -> bytes:
    """Write the last event of a task: its status, with the whole record, whose own `type` says what kind of task."""
    return event(task.status, {"task_id": task.id, "task": record(task, outcome, store)})


def progress(news: Progressed) -> bytes:
    """Write the event of a picture on its way; a preview is the picture as it is now, in base64."""
    data = {
        "task_id": news.task_id,
        "picture": news.position,
        "stage": news.stage,
        "fraction": round(news.fraction, 4),
    }
    if news.preview is None:
        return event("progress", data)
    return event("preview", data | {"b64_json": news.preview})


COMMENT = b": still here\n\n"
