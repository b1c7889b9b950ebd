"""The console's own style, script and pictures, under addresses that change with their content."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from limner.console import plates
from limner.errors import NotFound

if TYPE_CHECKING:
    from starlette.requests import Request

KINDS: dict[str, str] = {
    "console.css": "text/css; charset=utf-8",
    "app.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "mark.svg": "image/svg+xml",
    "elephant.webp": "image/webp",
    "guide.css": "text/css; charset=utf-8",
    **{f"{plates.FOLDER}/{name}": "image/webp" for name in plates.names()},
}
"""What there is, by name, with its content type.

The elephant is limner's own answer to the prompt beneath it: 1600x800, hd, vivid, seed 7, webp at compression 84.
The pictures of the guide are those of `plates.PLATES`.
"""

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


class StaticFile(msgspec.Struct, frozen=True):
    """A file of the package; `version` is the beginning of its SHA-256."""

    body: bytes
    content_type: str
    version: str


@cache
def static_file(name: str) -> StaticFile:
    """Read one of `KINDS`, once; raises `KeyError`."""
    kind = KINDS[name]
    body = files("limner.console").joinpath("static", name).read_bytes()
    return StaticFile(body, kind, hashlib.sha256(body).hexdigest()[:16])


def static_url(name: str) -> str:
    """Give the address under which a file may be kept for ever."""
    return f"/static/{name}?v={static_file(name).version}"


async def get_static(request: Request) -> Response:
    """Give a file; whoever asks by its version may keep it for ever."""
    request.scope["context"].route = "/static/{name}"
    name = request.url.path.removeprefix("/static/")
    if name not in KINDS:
        raise NotFound("There is no such file.")
    found = static_file(name)
    headers = {
        "etag": f'"{found.version}"',
        "cache-control": FOR_EVER if request.query_params.get("v") == found.version else ASK_AGAIN,
        "x-content-type-options": "nosniff",
    }
    if same(request, headers["etag"]):
        return Response(None, 304, headers)
    return Response(found.body, 200, headers | {"content-type": found.content_type})


def same(request: Request, etag: str) -> bool:
    """Say whether the client's copy is still good (RFC 9110, section 13.1.2)."""
    given = request.headers.get("if-none-match", "")
    return given.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in given.split(",")]
