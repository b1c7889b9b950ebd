"""`POST /console/samples`: a call in, its code out. The playground asks for it while somebody types."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from starlette.responses import Response

from limner.capabilities import Operation  # noqa: TC001 - the shape is read at run time
from limner.errors import BadRequest, RequestTooLarge

if TYPE_CHECKING:
    from starlette.requests import Request

    from limner.bootstrap import Services

MAX_BODY = 128 * 1024
"""Largest request, bytes: a prompt of 32,000 characters and then some."""

MAX_DEPTH = 32
"""How many objects and lists may lie in one another."""

MAX_FILES = 16
"""How many pictures a form may have."""

# a second file begins with a comment that names it
_PARTS = re.compile(r"^(?=(?:#|//) ---- )", re.MULTILINE)
_HEAD = re.compile(r"(?:#|//) ---- ([^\s:]+)")
_EXPECTED = {
    "language": "the name of a language",
    "body": "an object",
    "operation": "generate, edit or vary",
    "files": f"a list of at most {MAX_FILES} names",
    "mask": "the name of a file or null",
}


class Asked(msgspec.Struct, frozen=True):
    """What is asked for: a language, the JSON of a call, and what the code is to do beside it."""

    language: str
    body: dict[str, Any]
    operation: Operation = "generate"
    files: Annotated[list[str], msgspec.Meta(max_length=MAX_FILES)] = []
    mask: str | None = None
    callback: bool = False
    retry: bool = False
    literal_key: bool = False


class File(msgspec.Struct, frozen=True):
    """A file of the code, marked up; the first, which makes the call, has no name of its own."""

    name: str
    html: str


class Written(msgspec.Struct, frozen=True):
    """The code: as one text, and marked up file by file."""

    language: str
    title: str
    code: str
    files: list[File]


async def post_samples(request: Request) -> Response:
    """Write the code for a call; it changes nothing, so everybody may ask and no token is needed."""
    request.scope["context"].route = "/console/samples"
    asked = _read(await _body(request))
    services: Services = request.scope["state"]["services"]
    # long prompts take their time to be coloured, and others shall not wait for it
    written = await asyncio.to_thread(_write, asked, services)
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Response(msgspec.json.encode(written), 200, headers, "application/json")


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise RequestTooLarge(f"A call to write code for may have at most {MAX_BODY} bytes.")
    return bytes(body)


def _read(body: bytes) -> Asked:
    """Read what is asked for; raises `BadRequest` naming the parameter."""
    try:
        given = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadRequest("The body is not valid JSON in UTF-8.") from error
    if not isinstance(given, dict):
        raise BadRequest("The body must be a JSON object with a language and a body.")
    for field in msgspec.structs.fields(Asked):
        try:
            msgspec.convert(given.get(field.name, _default(field)), field.type)
        except msgspec.ValidationError as error:
            wanted = _EXPECTED.get(field.name, "true or false")
            raise BadRequest(f"{field.name} must be {wanted}.", param=field.name) from error
    asked = msgspec.convert(given, Asked)
    if _deeper(asked.body, MAX_DEPTH):
        raise BadRequest(f"body is nested more than {MAX_DEPTH} levels deep.", param="body")
    return asked


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def _deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_deeper(one, levels - 1) for one in inner)


def _write(asked: Asked, services: Services) -> Written:
    from limner.console import samples  # noqa: PLC0415 - loads the template engine, which a start does not need
    from limner.console.html import coloured  # noqa: PLC0415

    language = samples.LANGUAGES.get(asked.language)
    if language is None:
        raise BadRequest(f"language must be one of {', '.join(samples.LANGUAGES)}.", param="language")
    call = samples.Call(
        base=f"{services.public_url}/v1",
        body=asked.body,
        operation=asked.operation,
        files=tuple(map(samples.file_name, asked.files)),
        mask=samples.file_name(asked.mask) if asked.mask is not None and asked.files else None,
        callback=asked.callback,
        retry=asked.retry,
        literal_key=asked.literal_key,
        answers=_answers(asked.body.get("model"), services),
    )
    code = samples.code(asked.language, call)
    files = [File(_name(part), str(coloured(part.strip(), language.lexer))) for part in _PARTS.split(code)]
    return Written(asked.language, language.title, code, files)


def _name(part: str) -> str:
    found = _HEAD.match(part)
    return found[1] if found else ""


def _answers(model: Any, services: Services) -> str:
    """Say what a model answers with unless asked otherwise: links or the bytes."""
    catalogue = services.catalogue
    name = model if isinstance(model, str) else catalogue.default
    found = catalogue.models.get(name)
    return found.capabilities.default_response_format if found else "url"
