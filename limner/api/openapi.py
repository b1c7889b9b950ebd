"""`/openapi.json` (OpenAPI 3.1): made from the very structs that parse requests and write answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import msgspec

from limner import __version__
from limner.api import callbacks, managed, tasks, usage, wire
from limner.api.context import context_of, services_of
from limner.api.image_operations import describe, formed, headers, streamed
from limner.api.tasks import Question
from limner.callbacks import Status as DeliveryStatus
from limner.catalog import Catalogue, Fields
from limner.errors import CATALOGUE
from limner.tasks import Status as TaskStatus

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_STRUCTS = (
    Fields,
    Question,
    callbacks.Rotation,
    callbacks.Trial,
    callbacks.Range,
    wire.Images,
    wire.Accepted,
    wire.ErrorEnvelope,
    wire.ModelObject,
    wire.ModelList,
    managed.NewApplication,
    managed.NewCredential,
    managed.KeyRotation,
    managed.ApplicationList,
    managed.CredentialList,
    usage.UsagePage,
)
_BEARER: list[dict[str, list[str]]] = [{"bearer": []}]
_ACCOUNT: list[dict[str, list[str]]] = [{"account": []}]
_FROM = {"created_at_min": "Not older than this, Unix seconds.", "created_at_max": "Not newer than this, Unix seconds."}
_PAGE = {
    "limit": "How many at most, 1 to 100; 20 without it.",
    "after": "Go on behind the one with this id: the last_id of the page before.",
}
_TASKS = {
    "status": f"One of {', '.join(get_args(TaskStatus))}.",
    "type": f"One of {', '.join(tasks.KINDS)}; images is every kind.",
    "model": "A model of the catalogue.",
    "trace_id": "The client's own name for the call.",
}
_DELIVERIES = {"status": f"One of {', '.join(get_args(DeliveryStatus))}.", "task_id": "The task that is told of."}
_BODIES: dict[str, dict[str, str]] = {
    "Question": {
        "action": "retrieve gives one task, or {} where there is none; retrieve_batch gives items and their count.",
        "id": "The task's id, to retrieve it.",
        "trace_id": "The call's trace id, to retrieve its newest task; it wins when both are given.",
        "ids": "To retrieve_batch: these tasks.",
        "trace_ids": "To retrieve_batch: the tasks with these trace ids; they win when ids are given too.",
        "application_id": "To retrieve_batch: the tasks of one application.",
        "user_id": "To retrieve_batch: the tasks of one account, which must be the caller's own.",
        "type": f"One of {', '.join(tasks.KINDS)}; images is every kind.",
        "offset": "How many to pass over, newest first; 0 without it.",
        "limit": "How many at most, 1 to 100; 12 without it.",
        **_FROM,
    },
    "Rotation": {"overlap": "For how many seconds the old secret signs too, 0 to 2592000; a day without it."},
    "Trial": {"callback_url": "Where the test is to go."},
    "Range": {"status": f"{_DELIVERIES['status']} Without it, failed.", **_FROM},
    **managed.TAKEN,
}
_REQUIRED = managed.REQUIRED | {"Question": ["action"], "Trial": ["callback_url"], "Range": ["created_at_min"]}


async def get_openapi(request: Request) -> Response:
    """Give the description of this API."""
    context_of(request.scope).route = "/openapi.json"
    services = services_of(request.scope)
    return wire.json_response(document(services.catalogue, services.public_url))


def document(catalogue: Catalogue, public_url: str) -> dict[str, Any]:
    """Make the whole description."""
    _, schemas = msgspec.json.schema_components(_STRUCTS, ref_template="#/components/schemas/{name}")
    describe(schemas, list(catalogue.models))
    for name, meanings in _BODIES.items():
        _explain(schemas[name], meanings, _REQUIRED.get(name, []))
    schemas["Question"]["properties"]["action"]["enum"] = ["retrieve", "retrieve_batch"]
    return {
        "openapi": "3.1.0",
        "info": {"title": "limner", "version": __version__, "description": "An image API in OpenAI's dialect."},
        "servers": [{"url": public_url}],
        "paths": _paths(),
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "lim_..."},
                "account": {"type": "http", "scheme": "bearer", "bearerFormat": "lat_..."},
            },
        },
    }


def _explain(schema: dict[str, Any], meanings: dict[str, str], required: list[str]) -> None:
    """Say what each parameter means and which must be there; the struct is wider, to refuse in our own words."""
    for name, meaning in meanings.items():
        schema["properties"][name]["description"] = meaning
    for name in required:  # what must be there is not null
        part = schema["properties"][name]
        kinds = [kind for kind in part.pop("anyOf") if kind != {"type": "null"}]
        del part["default"]
        part |= kinds[0]
    schema["required"] = required


def _paths() -> dict[str, Any]:
    generate = streamed(_made("Make pictures from a prompt", "Fields"), "generate")
    edit = formed(streamed(_made("Change pictures as a prompt says", "Edit"), "edit"), "EditForm")
    vary = formed(_made("Vary a picture", "Variation"), "VariationForm")
    listing = _operation("List the models on offer", "ModelList")
    one_model = _operation("Give one model", "ModelObject", path=("id",))
    return {
        "/v1/images/generations": {"post": generate},
        "/openai/images/generations": {"post": generate},
        "/v1/images/edits": {"post": edit},
        "/openai/images/edits": {"post": edit},
        "/v1/images/variations": {"post": vary},
        "/openai/images/variations": {"post": vary},
        "/v1/models": {"get": listing},
        "/openai/models": {"get": listing},
        "/v1/models/{id}": {"get": one_model},
        "/openai/models/{id}": {"get": one_model},
        **_task_paths(),
        **_callback_paths(),
        **_managed_paths(),
        "/v1/organization/usage/images": {"get": _usage()},
        "/v1/files/{name}": {"get": _file()},
        "/healthz": {"get": _open("Say that the process is alive")},
        "/readyz": {"get": _open("Say whether requests would succeed now") | {"responses": _either(200, 503)}},
        "/metrics": {"get": _open("Give the metrics to Prometheus", "text/plain")},
    }


def _made(summary: str, body: str) -> dict[str, Any]:
    """Describe one operation that makes pictures."""
    return _operation(summary, "Images", body=body, also="Accepted") | {"parameters": headers()}


def _task_paths() -> dict[str, Any]:
    listing = _operation("List the account's tasks, newest first", None, query=_TASKS | _FROM | _PAGE)
    story = _operation("Tell what happens to a task, as server-sent events, until it is over", None, path=("id",))
    story["responses"]["200"] = {
        "description": "`status`, `progress` and `preview` on the way; last `completed`, `failed` or `cancelled`, with "
        "the record as `task`",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
    return {
        "/v1/tasks": {"get": listing},
        "/v1/tasks/{id}": {"get": _operation("Give one task with its story", None, path=("id",))},
        "/v1/tasks/{id}/cancel": {
            "post": _operation("Cancel a task that is not over; nothing is charged", None, path=("id",))
        },
        "/v1/tasks/{id}/events": {"get": story},
        "/openai/tasks": {"post": _operation("Retrieve tasks in Ace's dialect", None, body="Question")},
    }


def _usage() -> dict[str, Any]:
    operation = _operation("Sum up the account's pictures and calls by time", "UsagePage")
    operation["parameters"] = [
        {
            "name": name,
            "in": "query",
            "required": name == "start_time",
            "schema": {"type": "array", "items": {"type": "string"}} if kind == "array" else {"type": kind},
            "description": meaning,
        }
        for name, (kind, meaning) in usage.PARAMETERS.items()
    ]
    return operation


def _callback_paths() -> dict[str, Any]:
    one, query = ("id",), _DELIVERIES | _FROM | _PAGE
    rotate = _operation("Go on to a new secret; the old one signs too for a while", None, body="Rotation")
    rotate["requestBody"]["required"] = False
    return {
        "/v1/callbacks/secret": {"get": _operation("Give the secret that signs the application's callbacks", None)},
        "/v1/callbacks/secret/rotate": {"post": rotate},
        "/v1/callbacks/test": {
            "post": _operation("Send a signed test now, and give what the receiver answered", None, body="Trial")
        },
        "/v1/deliveries": {"get": _operation("List the deliveries of callbacks, newest first", None, query=query)},
        "/v1/deliveries/{id}": {"get": _operation("Give one delivery with all its attempts", None, path=one)},
        "/v1/deliveries/{id}/redeliver": {"post": _operation("Make one delivery again", None, path=one)},
        "/v1/deliveries/redeliver": {"post": _operation("Make the deliveries of a time again", None, body="Range")},
    }


def _managed_paths() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for method, path, summary, answer, takes in managed.OPERATIONS:
        told = _operation(summary, answer, **takes) | {"security": _ACCOUNT}
        if "body" in takes:
            told["requestBody"]["required"] = takes["body"] in managed.REQUIRED
        for slash in ("/", ""):
            paths.setdefault(f"/api/v1{path}{slash}", {})[method] = told
    return paths


def _operation(
    summary: str,
    answer: str | None,
    *,
    body: str | None = None,
    also: str | None = None,
    path: tuple[str, ...] = (),
    query: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Describe one operation that needs a credential."""
    schema: dict[str, Any] = _ref(answer) if answer else {"type": "object"}
    if also and answer:
        schema = {"anyOf": [_ref(answer), _ref(also)]}
    operation: dict[str, Any] = {"summary": summary, "security": _BEARER}
    operation["responses"] = {"200": _content("As asked", schema)} | _errors()
    if path or query:
        asked = [_in_query(name, meaning) for name, meaning in (query or {}).items()]
        operation["parameters"] = [_in_path(name) for name in path] + asked
    if body:
        kinds = ("application/json", "multipart/form-data")
        operation["requestBody"] = {"required": True, "content": {kind: {"schema": _ref(body)} for kind in kinds}}
    return operation


def _errors() -> dict[str, Any]:
    """Describe every error of the catalogue under its status."""
    by_status: dict[int, list[str]] = {}
    for kind in CATALOGUE.values():
        by_status.setdefault(kind.default_status, []).append(f"`{kind.code}`: {kind.when}")
    by_status.setdefault(405, []).append("`api_not_implemented`: this path does not take that method")
    schema = _ref("ErrorEnvelope")
    return {str(status): _content("; ".join(when), schema) for status, when in sorted(by_status.items())}


def _file() -> dict[str, Any]:
    query = [
        {"name": name, "in": "query", "required": True, "schema": {"type": "string"}}
        for name in ("expires", "signature")
    ]
    kinds = {
        kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/png", "image/jpeg", "image/webp")
    }
    answers = {status: {"description": what} for status, what in _FILE_ANSWERS.items()}
    return {
        "summary": "Give the bytes of a picture; needs no credential, the link is signed",
        "parameters": [_in_path("name"), *query],
        "responses": answers | {"200": {"description": "The picture", "content": kinds}},
    }


_FILE_ANSWERS = {
    "200": "The picture",
    "206": "The range asked for",
    "304": "The client's copy is still good",
    "404": "No such file, or the link is wrong or expired",
    "416": "The range lies outside the file",
}


def _open(summary: str, kind: str = "application/json") -> dict[str, Any]:
    schema = {"type": "string"} if kind == "text/plain" else {"type": "object"}
    return {"summary": summary, "responses": {"200": {"description": summary, "content": {kind: {"schema": schema}}}}}


def _either(*statuses: int) -> dict[str, Any]:
    return {str(status): _content("The checks", {"type": "object"}) for status in statuses}


def _content(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _in_query(name: str, meaning: str) -> dict[str, Any]:
    kind = {"limit": "integer", "offset": "integer", "created_at_min": "number", "created_at_max": "number"}.get(
        name, "string"
    )
    return {"name": name, "in": "query", "required": False, "schema": {"type": kind}, "description": meaning}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}
