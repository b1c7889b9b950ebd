"""Reading request bodies: the size limit, JSON and forms, and the one way from either to typed parameters."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException, MultiPartParser

from limner.api.context import header
from limner.catalog import Warned
from limner.errors import BadRequest, RequestTooLarge

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.requests import Request
    from starlette.types import Receive, Scope

T = TypeVar("T", bound=msgspec.Struct)

DISCARDED = 67_108_864
"""Bytes of an oversized body that are still read and thrown away, so that the client hears the answer."""

PATIENCE = 60.0
"""Seconds a body may take to come in."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_FIELD = re.compile(r"`\$\.([A-Za-z_]+)")
_WANTED = (
    ("list", "a list of strings"),
    ("int", "an integer"),
    ("float", "a number"),
    ("bool", "true or false"),
    ("str", "a string"),
)


async def read_body(receive: Receive, most: int) -> bytes:
    """Read a whole body of at most `most` bytes within `PATIENCE` seconds.

    Raises `RequestTooLarge`, or `BadRequest` for a body that breaks off or trickles in.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            return await _read_body(receive, most)
    except TimeoutError as error:
        raise BadRequest(f"The request's body took longer than {PATIENCE:g} s.") from error


async def _read_body(receive: Receive, most: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequest("The request's body broke off.")
        size += len(message.get("body", b""))
        if size <= most:
            chunks.append(message.get("body", b""))
        if not message.get("more_body", False) or size > DISCARDED:
            break
    if size > most:
        raise RequestTooLarge(f"The request's body is over the limit of {most} bytes.")
    return b"".join(chunks)


async def read_parameters(scope: Scope, receive: Receive, most: int) -> tuple[dict[str, Any], bool]:
    """Read a body's parameters and whether they are text (from a form) that is still to be given its types."""
    content_type = content_type_of(scope)
    body = await read_body(receive, most)
    if content_type == "application/json" or content_type.endswith("+json"):
        return parse_json(body), False
    if content_type == "multipart/form-data":
        return await _parse_form(scope, body), True
    raise wrong_content_type(content_type, body)


def content_type_of(scope: Scope) -> str:
    """Give what a body is said to be; JSON where nothing is said."""
    return (header(scope, b"content-type") or "application/json").partition(";")[0].strip().lower()


def wrong_content_type(given: str, body: bytes) -> BadRequest:
    """Say that a body is neither JSON nor a form."""
    hint = ' (curl needs -H "Content-Type: application/json")' if body.lstrip().startswith(b"{") else ""
    return BadRequest(f"The content type must be application/json or multipart/form-data, not {given[:80]!r}{hint}.")


async def given_parameters(request: Request, most: int, kind: type[T]) -> tuple[T, list[Warned]]:
    """Read a body's parameters with their types, and what in it had no effect; an empty body gives none."""
    warnings: list[Warned] = []
    if request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers:
        return kind(), warnings
    given, form = await read_parameters(request.scope, request.receive, most)
    return convert(given, kind, warnings, text=form), warnings


def parse_json(body: bytes) -> dict[str, Any]:
    """Parse a JSON object (RFC 8259); lone surrogates, which no text may hold, become U+FFFD. Raises `BadRequest`."""
    try:
        parsed = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        parsed = _parse_leniently(body)
    if not isinstance(parsed, dict):
        raise BadRequest('The body must be a JSON object, for example {"prompt": "a red fox"}.')
    return parsed


def _parse_leniently(body: bytes) -> Any:
    """Parse what a strict reader refuses for its escapes only; all else is refused with the place of the fault."""
    if not body.strip():
        raise BadRequest("The body is empty; send a JSON object.")
    try:
        return _without_surrogates(json.loads(body, parse_constant=_refuse_constant))
    except json.JSONDecodeError as error:
        raise BadRequest(
            f"The body is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from error
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise BadRequest("The body is not valid JSON in UTF-8.") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return [_without_surrogates(item) for item in value] if isinstance(value, list) else value


async def _parse_form(scope: Scope, body: bytes) -> dict[str, Any]:
    """Parse a multipart form of plain fields; a file among them is no parameter of this call."""

    async def once() -> AsyncGenerator[bytes, None]:
        yield body
        yield b""

    try:
        parser = MultiPartParser(
            Headers(scope=scope), once(), max_files=20, max_fields=200, max_part_size=len(body) + 1
        )
        form = await parser.parse()
    except (MultiPartException, KeyError) as error:
        raise BadRequest("The form could not be read: it is not valid multipart/form-data.") from error
    fields: dict[str, Any] = {}
    for name, value in form.multi_items():
        if not isinstance(value, str):
            raise BadRequest(f"{name[:80]!r} is a file; this call takes none.", param=name[:80])
        fields[name] = value
    return fields


def convert(given: dict[str, Any], kind: type[T], warnings: list[Warned], *, text: bool) -> T:
    """Give parameters their types; null is "not given", unknown names are warned of.

    `text` is for forms, where everything arrives as text and booleans in any case. Raises `BadRequest` naming the
    parameter.
    """
    known = _parameters(kind)
    kept = {name: value for name, value in given.items() if value is not None and name in known}
    unknown = given.keys() - known.keys()
    warnings.extend(Warned(name[:80], "This parameter is not known here and had no effect.") for name in unknown)
    if text:
        kept = {name: _form_value(value, known[name]) for name, value in kept.items()}
        kept = {name: value for name, value in kept.items() if value != ""}
    try:
        return msgspec.convert(kept, kind, strict=not text)
    except msgspec.ValidationError as error:
        raise _wrong_type(str(error), known) from error


def _parameters(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Map the names on the wire to the type each is written as; made once a class."""
    found = _KNOWN.get(kind)
    if found is None:
        found = _KNOWN[kind] = {field.encode_name: str(field.type) for field in msgspec.structs.fields(kind)}
    return found


_KNOWN: dict[type[msgspec.Struct], dict[str, str]] = {}


def _form_value(value: str, kind: str) -> str:
    return value.strip().lower() if "bool" in kind else value


def _wrong_type(message: str, known: dict[str, str]) -> BadRequest:
    """Turn msgspec's "Expected `int | null`, got `str` - at `$.n`" into words for the one who called."""
    field = _FIELD.search(message)
    if field is None:
        return BadRequest("A parameter has a value of the wrong type.")
    name = field[1]
    wanted = next((words for kind, words in _WANTED if kind in known.get(name, "")), "something else")
    got = re.search(r"got `(\w+)`", message)
    return BadRequest(
        f"{name} must be {wanted}{f', not {_JSON_NAMES.get(got[1], got[1])}' if got else ''}.", param=name
    )


_JSON_NAMES = {
    "str": "a string",
    "int": "an integer",
    "float": "a fraction",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}
