"""The shapes that programs see: OpenAI's and Ace's dialects, from the domain to JSON, and the error envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType
from starlette.responses import Response

from limner.catalog import Capabilities, Model, Quality, Request, Warned
from limner.ids import SECOND

if TYPE_CHECKING:
    from limner.assets import Asset, Assets
    from limner.errors import LimnerError
    from limner.generations import Outcome
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


class Image(msgspec.Struct, frozen=True):
    """One picture: a link or its bytes in base64, and a sentence that says what was drawn."""

    url: str | UnsetType = UNSET
    b64_json: bytes | UnsetType = UNSET
    revised_prompt: str | UnsetType = UNSET


class Images(msgspec.Struct, frozen=True):
    """The pictures of a call, in OpenAI's shape with Ace's fields; `created` is Unix seconds."""

    created: int
    data: list[Image]
    output_format: str
    success: bool = True
    task_id: str | UnsetType = UNSET
    trace_id: str | UnsetType = UNSET
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
    return Images(
        created=_created(outcome.task),
        data=_data(outcome, store, data),
        output_format=request.output_format,
        task_id=outcome.task.id,
        trace_id=outcome.task.trace_id,
        warnings=warnings or UNSET,
    )


def accepted(task: Task, warnings: list[Warned]) -> Accepted:
    """Give the answer to a call whose pictures are to be fetched later."""
    return Accepted(task_id=task.id, trace_id=task.trace_id, warnings=warnings or UNSET)


def _created(task: Task) -> int:
    return (task.finished_at or 0) // SECOND


def _data(outcome: Outcome, store: Assets, data: list[bytes] | None) -> list[Image]:
    if data is None:
        return [Image(url=store.link(asset), revised_prompt=_revised(asset)) for asset in outcome.assets]
    pairs = zip(data, outcome.assets, strict=True)
    return [Image(b64_json=picture, revised_prompt=_revised(asset)) for picture, asset in pairs]


def _revised(asset: Asset) -> str | UnsetType:
    return UNSET if asset.revised_prompt is None else asset.revised_prompt


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
    request = msgspec.json.decode(task.request, type=Request)
    return Images(created=_created(task), data=_data(outcome, store, None), output_format=request.output_format)
