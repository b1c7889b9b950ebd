"""The console's own style, script and pictures, under addresses that change with their content."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Protocol

import msgspec
from starlette.responses import Response

from limner.console import plates
from limner.errors import NotFound

if TYPE_CHECKING:
    from starlette.requests import Request

KINDS: dict[str, str] = {
    "console.css": "text/css; charset=utf-8",
    "app.css": "text/css; charset=utf-8",
    "inbox.css": "text/css; charset=utf-8",
    "inbox.js": "text/javascript; charset=utf-8",
    "own.css": "text/css; charset=utf-8",
    "tokens.css": "text/css; charset=utf-8",
    "door.css": "text/css; charset=utf-8",
    "made.css": "text/css; charset=utf-8",
    "task.js": "text/javascript; charset=utf-8",
    "admin.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "mark.svg": "image/svg+xml",
    "elephant.webp": "image/webp",
    **{f"{name}.webp": "image/webp" for name in ("bakery", "breakfast", "castle", "fox", "lighthouse", "robot")},
    "playground.css": "text/css; charset=utf-8",
    "playground.js": "text/javascript; charset=utf-8",
    "call.js": "text/javascript; charset=utf-8",
    "outcome.js": "text/javascript; charset=utf-8",
    "inputs.js": "text/javascript; charset=utf-8",
    "mask.js": "text/javascript; charset=utf-8",
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
    """A file of the package; `version` is the beginning of its SHA-256, `packed` a text in gzip."""

    body: bytes
    packed: bytes | None
    content_type: str
    version: str


@cache
def static_file(name: str) -> StaticFile:
    """Read one of `KINDS`, once; raises `KeyError`."""
    kind = KINDS[name]
    body = files("limner.console").joinpath("static", name).read_bytes()
    return StaticFile(body, packed(body) if kind.startswith("text/") else None, kind, digest(body))


def digest(body: bytes) -> str:
    """Give a short name for what a file or a page says: the beginning of its SHA-256."""
    return hashlib.sha256(body).hexdigest()[:16]


def packed(body: bytes) -> bytes:
    """Pack text (RFC 1952), the same bytes each time.

    Only what is the same for everybody may be packed: beside what a stranger can choose, the length of a packed page
    tells of secrets in it (BREACH, 2013).
    """
    return gzip.compress(body, 9, mtime=0)


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
        "cache-control": FOR_EVER if request.query_params.get("v") == found.version else ASK_AGAIN,
        "x-content-type-options": "nosniff",
        "content-type": found.content_type,
    }
    return sent(request, found, headers)


class Kept(Protocol):
    """What is sent as it is kept."""

    @property
    def body(self) -> bytes:
        """The bytes."""
        ...

    @property
    def packed(self) -> bytes | None:
        """The bytes in gzip."""
        ...

    @property
    def version(self) -> str:
        """A name for just these bytes."""
        ...


def sent(request: Request, kept: Kept, headers: dict[str, str]) -> Response:
    """Send what is kept, in gzip to who reads that, or the news that the client's copy is still good."""
    headers = {**headers, "etag": f'"{kept.version}"', "vary": "accept-encoding"}
    if same(request, headers["etag"]):
        del headers["content-type"]
        return Response(None, 304, headers)
    if kept.packed is None or not accepts_gzip(request):
        return Response(kept.body, 200, headers)
    headers |= {"etag": f'W/"{kept.version}"', "content-encoding": "gzip"}
    return Response(kept.packed, 200, headers)


def accepts_gzip(request: Request) -> bool:
    """Say whether the client takes gzip (RFC 9110, section 12.5.3)."""
    given = [part.partition(";") for part in request.headers.get("accept-encoding", "").split(",")]
    return any(name.strip().lower() == "gzip" and weight.strip() not in {"q=0", "q=0.0"} for name, _, weight in given)


def same(request: Request, etag: str) -> bool:
    """Say whether the client's copy is still good (RFC 9110, section 13.1.2)."""
    given = request.headers.get("if-none-match", "")
    return given.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in given.split(",")]
