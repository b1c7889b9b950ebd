"""`GET /v1/files/{name}`: the bytes of a picture for whoever holds its link, with everything HTTP caches need.

Conditional requests and ranges follow RFC 9110, sections 13 and 14. A picture never changes, so its name is its ETag.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import Response

from limner.api.context import context_of, services_of
from limner.assets import CONTENT_TYPES
from limner.errors import BadRequest, NotFound
from limner.ids import SECOND, now

if TYPE_CHECKING:
    from starlette.requests import Request

_NAME = re.compile(r"[0-9a-f-]{36}\.(png|jpg|webp)", re.ASCII)
_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})", re.ASCII)


async def get_file(request: Request) -> Response:
    """Give a picture: whole, a range of it, its headers only, or the news that the client's copy is still good."""
    context_of(request.scope).route = "/v1/files/{name}"
    store, name = services_of(request.scope).assets, file_name(request)
    query = request.query_params
    expires = store.check_link(name, query.get("expires", ""), query.get("signature", ""))
    size = await store.size(name)
    headers = _headers(name, name.rpartition(".")[2], expires)
    if _still_good(request, headers["etag"]):
        return Response(None, 304, headers)
    window = _window(request, size)
    start, end = window or (0, size)
    headers["content-length"] = str(end - start)
    if window:
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    body = None if request.method == "HEAD" else await store.load(name, window)
    return Response(body, 206 if window else 200, headers)


def file_name(request: Request) -> str:
    """Give the name in the path; raises `NotFound` for one that no picture has."""
    name: str = request.path_params["name"]
    if not _NAME.fullmatch(name):
        raise NotFound("There is no such file.")
    return name


def _headers(name: str, extension: str, expires: int) -> dict[str, str]:
    left = max(0, expires - now() // SECOND)
    return {
        "content-type": CONTENT_TYPES[extension],
        "etag": f'"{name}"',
        "cache-control": f"public, max-age={left}, immutable",
        "accept-ranges": "bytes",
        "content-disposition": f'inline; filename="{name}"',
        "x-content-type-options": "nosniff",
        "access-control-allow-origin": "*",
        "cross-origin-resource-policy": "cross-origin",
    }


def _still_good(request: Request, etag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    return given.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in given.split(",")]


def _window(request: Request, size: int) -> tuple[int, int] | None:
    """Read a single byte range as (start, end); None where the whole file is to be sent."""
    found = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if found is None or not (found[1] or found[2]):
        return None
    start = int(found[1]) if found[1] else max(0, size - int(found[2]))
    end = min(size, int(found[2]) + 1) if found[1] and found[2] else size
    if start >= end:
        raise BadRequest("The range lies outside the file.", status=416, headers={"content-range": f"bytes */{size}"})
    return start, end
