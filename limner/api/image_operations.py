"""The part of `/openapi.json` that tells of pictures: generations, edits and variations, in JSON and as forms."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from limner.measuring import MOST_BYTES, MOST_PIXELS

FIELDS: dict[str, str] = {
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
    "stream": "true answers with server-sent events, as the picture comes; for one picture.",
    "partial_images": "0 to 3 previews on the way: in the stream, or for calls that answer later at "
    "/v1/tasks/{id}/events.",
    "callback_url": "Where the pictures, or what went wrong, are sent by a signed POST; the call answers at once with "
    "the task_id.",
    "async": "true answers at once with the task_id; ask for the task later, or watch it at /v1/tasks/{id}/events.",
    "trace_id": "The client's own name for this request, kept and given back.",
}

_HEADERS = {
    "Idempotency-Key": "Makes repeats safe: for 24 hours the same key with the same body gets the same answer.",
    "Prefer": "respond-async answers at once with the task_id; wait=30 waits no longer than 30 s (RFC 7240); "
    "previews=2 has up to 3 previews made for who follows the task's events while the call waits.",
    "x-limner-params": "lenient: what the model does not offer is brought to the nearest that it does, and told in "
    "warnings; without it, refused.",
    "x-trace-id": "The client's own name for this request, where the body has none.",
}
_LIMITS = f"PNG, JPEG or WebP, at most {MOST_BYTES // 1024**2} MiB and {MOST_PIXELS // 1_000_000} million pixels"
_SOURCES = "a URL, a data URL, or one of your own pictures' links"
_SIZE = (
    "WIDTHxHEIGHT in pixels; exactly these come back. Without it or with auto: as the first picture, or the nearest."
)
_EDIT = {
    "prompt": "What is to be changed.",
    "size": _SIZE,
    "image": f"The picture to change: {_SOURCES}; or a list of them. {_LIMITS}.",
    "images": "In place of image, the pictures as objects, up to 16.",
    "mask": "A PNG of the first picture's size; where it is clear, the picture is changed.",
    "input_fidelity": "low or high: how closely the pictures are kept to, for models that offer it.",
}
_VARIATION = {"size": _SIZE, "image": f"The picture to vary: {_SOURCES}. {_LIMITS}."}
_PICTURE = {
    "image_url": f"Where it is: {_SOURCES}.",
    "file_id": "In its place: the id or file name of a picture of your own.",
}
_EVENTS = {
    "edit": "`image_edit.partial_image` and `image_edit.completed`",
    "generate": "`image_generation.partial_image` and `image_generation.completed`",
}


def describe(schemas: dict[str, Any], models: list[str]) -> None:
    """Write what each parameter means into the schema of generations, and make those of edits and variations of it."""
    fields = schemas["Fields"]
    fidelity = fields["properties"].pop("input_fidelity")
    for name, meaning in FIELDS.items():
        fields["properties"][name]["description"] = meaning
    fields["properties"]["model"]["examples"] = models
    fields["properties"]["prompt"]["examples"] = ["a red fox reading a book under a giant mushroom"]
    fields["required"] = ["prompt"]
    schemas["Picture"] = _object(_PICTURE, {name: {"type": "string"} for name in _PICTURE}, [])
    source = {"$ref": "#/components/schemas/Picture"}
    text = {"type": "string"}
    one_or_more = {"anyOf": [text, {"type": "array", "items": text}]}
    edit = {"image": one_or_more, "images": {"type": "array", "items": source}, "input_fidelity": fidelity}
    schemas["Edit"] = _with(fields, _EDIT, edit | {"mask": {"anyOf": [text, source]}}, ["prompt"])
    file = {"type": "string", "format": "binary"}
    files = {"image": {"type": "array", "items": file}, "mask": file, "input_fidelity": fidelity}
    schemas["EditForm"] = _with(fields, _EDIT, files, ["prompt", "image"])
    schemas["Variation"] = _with(fields, _VARIATION, {"image": text}, ["image"], without=("prompt", "stream"))
    schemas["VariationForm"] = _with(fields, _VARIATION, {"image": file}, ["image"], without=("prompt", "stream"))
    schemas["Edit"]["description"] = "The parameters of an edit: those of a generation, and the pictures."
    schemas["Variation"]["description"] = "The parameters of a variation: those of a generation, and the picture."


def _with(
    fields: dict[str, Any],
    meanings: dict[str, str],
    more: dict[str, Any],
    required: list[str],
    *,
    without: tuple[str, ...] = (),
) -> dict[str, Any]:
    parts = {"prompt": None} | more | fields["properties"]
    return _object(meanings, {name: part for name, part in parts.items() if name not in without}, required)


def _object(meanings: dict[str, str], parts: dict[str, Any], required: list[str]) -> dict[str, Any]:
    told = {
        name: dict(part) | ({"description": meanings[name]} if name in meanings else {}) for name, part in parts.items()
    }
    return {"type": "object", "properties": deepcopy(told), "required": required}


def headers() -> list[dict[str, Any]]:
    """Give the headers that every call for pictures may carry."""
    return [
        {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "description": meaning}
        for name, meaning in _HEADERS.items()
    ]


def streamed(operation: dict[str, Any], kind: str) -> dict[str, Any]:
    """Say of an operation that it may also be answered with events."""
    said = {"type": "string", "description": f"With stream: {_EVENTS[kind]}, each with b64_json; errors as `error`."}
    operation["responses"]["200"]["content"]["text/event-stream"] = {"schema": said}
    return operation


def formed(operation: dict[str, Any], form: str) -> dict[str, Any]:
    """Say of an operation that its form has files in it."""
    operation["requestBody"]["content"]["multipart/form-data"] = {"schema": {"$ref": f"#/components/schemas/{form}"}}
    return operation
