"""`/openapi.json` (OpenAPI 3.1): made from the very structs that parse requests and write answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from limner import __version__
from limner.api import wire
from limner.api.context import context_of, services_of
from limner.api.tasks import Question
from limner.catalog import Catalogue, Fields
from limner.errors import CATALOGUE

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_STRUCTS = (Fields, Question, wire.Images, wire.Accepted, wire.ErrorEnvelope, wire.ModelObject, wire.ModelList)
_BEARER: list[dict[str, list[str]]] = [{"bearer": []}]
_FIELDS: dict[str, str] = {
    "prompt": "What to draw.",
    "model": "A model of the catalogue; without it, the catalogue's default.",
    "n": "How many pictures, 1 to 10.",
    "size": "WIDTHxHEIGHT in pixels; exactly these come back. auto: as suits the prompt, at no higher price.",
    "quality": "standard, hd, low, medium, high or auto.",
    "style": "vivid or natural.",
    "response_format": "url or b64_json; dall-e names answer url, gpt-image names b64_json, unless asked otherwise.",
    "output_format": "png, jpeg or webp.",
    "output_compression": "0 to 100, for jpeg and webp; 100 keeps most.",
    "background": "transparent, opaque or auto.",
    "moderation": "low or auto; accepted for compatibility.",
    "user": "The client's own name for its user; kept with the task.",
    "seed": "Decides everything random: the same request with the same seed gives the same picture.",
    "stream": "Not offered yet: true is refused.",
    "partial_images": "Only with stream.",
    "callback_url": "Not offered yet: refused.",
    "async": "true answers at once with the task_id; ask for the task later.",
    "trace_id": "The client's own name for this request, kept and given back.",
}


_HEADERS = {
    "Idempotency-Key": "Makes repeats safe: for 24 hours the same key with the same body gets the same answer.",
    "Prefer": "respond-async answers at once with the task_id; wait=30 waits no longer than 30 s (RFC 7240).",
    "x-trace-id": "The client's own name for this request, where the body has none.",
}


async def get_openapi(request: Request) -> Response:
    """Give the description of this API."""
    context_of(request.scope).route = "/openapi.json"
    services = services_of(request.scope)
    return wire.json_response(document(services.catalogue, services.public_url))


def document(catalogue: Catalogue, public_url: str) -> dict[str, Any]:
    """Make the whole description."""
    _, schemas = msgspec.json.schema_components(_STRUCTS, ref_template="#/components/schemas/{name}")
    _describe(schemas["Fields"], catalogue)
    _narrow(schemas["Question"])
    return {
        "openapi": "3.1.0",
        "info": {"title": "limner", "version": __version__, "description": "An image API in OpenAI's dialect."},
        "servers": [{"url": public_url}],
        "paths": _paths(),
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "lim_..."}},
        },
    }


def _describe(schema: dict[str, Any], catalogue: Catalogue) -> None:
    """Write what each parameter means into its schema, and which models there are."""
    for name, meaning in _FIELDS.items():
        schema["properties"][name]["description"] = meaning
    schema["properties"]["model"]["examples"] = list(catalogue.models)
    schema["properties"]["prompt"]["examples"] = ["a red fox reading a book under a giant mushroom"]
    schema["required"] = ["prompt"]


def _narrow(schema: dict[str, Any]) -> None:
    """Say that there is one action; the struct is wider, so that another one is refused in our own words."""
    schema["properties"]["action"] = {"type": "string", "enum": ["retrieve"]}
    schema["required"] = ["action"]


def _paths() -> dict[str, Any]:
    generate = _operation("Make pictures from a prompt", "Images", body="Fields", also="Accepted")
    generate["parameters"] = [_in_header(name, meaning) for name, meaning in _HEADERS.items()]
    listing = _operation("List the models on offer", "ModelList")
    return {
        "/v1/images/generations": {"post": generate},
        "/openai/images/generations": {"post": generate},
        "/v1/models": {"get": listing},
        "/openai/models": {"get": listing},
        "/v1/models/{id}": {"get": _operation("Give one model", "ModelObject", path=("id",))},
        "/v1/tasks/{id}": {"get": _operation("Give one task with its story", None, path=("id",))},
        "/openai/tasks": {"post": _operation("Retrieve a task in Ace's dialect", None, body="Question")},
        "/v1/files/{name}": {"get": _file()},
        "/healthz": {"get": _open("Say that the process is alive")},
        "/readyz": {"get": _open("Say whether requests would succeed now") | {"responses": _either(200, 503)}},
        "/metrics": {"get": _open("Give the metrics to Prometheus", "text/plain")},
    }


def _operation(
    summary: str, answer: str | None, *, body: str | None = None, also: str | None = None, path: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Describe one operation that needs a credential."""
    schema: dict[str, Any] = _ref(answer) if answer else {"type": "object"}
    if also and answer:
        schema = {"anyOf": [_ref(answer), _ref(also)]}
    operation: dict[str, Any] = {"summary": summary, "security": _BEARER}
    operation["responses"] = {"200": _content("As asked", schema)} | _errors()
    if path:
        operation["parameters"] = [_in_path(name) for name in path]
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


def _in_header(name: str, meaning: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "description": meaning}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}
