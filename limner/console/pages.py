"""The two pages as HTTP answers: kept once they are written, with headers that let nothing foreign in."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import urlsplit

import msgspec
from starlette.responses import Response

from limner.console.assets import ASK_AGAIN, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from limner.bootstrap import Services
    from limner.console.reference import Parameter

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Content Security Policy Level 3: our own files and nothing else, no code or style inside the page."""


def policy(services: Services) -> str:
    """Give the policy of pages that show pictures by the links the API gives: those may lie with the object store."""
    origins = {*services.assets.origins, urlsplit(services.public_url)[:2]}
    sources = " ".join(sorted(f"{scheme}://{host}" for scheme, host in origins))
    return POLICY.replace("img-src 'self' data:", f"img-src 'self' data: {sources}")


HEADERS: dict[str, str] = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": ASK_AGAIN,
}


class Page(msgspec.Struct, frozen=True):
    """A finished page and the ETag that stands for it."""

    body: bytes
    etag: str


class Pages:
    """The pages of one server, written when first asked for and kept until the catalogue changes: all else is fixed."""

    def __init__(self, services: Services, openapi: Callable[[], dict[str, Any]]) -> None:
        """`openapi` gives the description of the API that the reference is made from."""
        self._services, self._openapi = services, openapi
        self._kept: dict[str, tuple[int, Page]] = {}
        self._parameters: dict[tuple[str, int], list[Parameter]] = {}

    async def give(self, name: Literal["landing", "docs"]) -> Page:
        """Give a page; the first time it is written in a thread, as that takes longer than others should wait."""
        version = self._services.catalogue.version
        kept = self._kept.get(name)
        if kept is not None and kept[0] == version:
            return kept[1]
        page = await asyncio.to_thread(self._write, name)
        self._kept[name] = (version, page)
        return page

    async def parameters(self, path: str) -> list[Parameter]:
        """Give the parameters of an operation as the reference tells them; kept like a page."""
        key = (path, self._services.catalogue.version)
        if key not in self._parameters:
            self._parameters = {key: await asyncio.to_thread(self._told, path)}
        return self._parameters[key]

    def _told(self, path: str) -> list[Parameter]:
        from limner.console import content  # noqa: PLC0415 - as below

        return content.parameters(self._services, self._openapi(), path)

    def _write(self, name: Literal["landing", "docs"]) -> Page:
        from limner.console import content  # noqa: PLC0415 - loads the template engine, which a start does not need

        write = {"landing": content.landing, "docs": content.docs}[name]
        body = write(self._services, self._openapi()).encode()
        return Page(body, f'"{hashlib.sha256(body).hexdigest()[:16]}"')


async def landing(request: Request) -> Response:
    """Say what limner is and how to begin."""
    return await _respond(request, "/", "landing")


async def docs(request: Request) -> Response:
    """Give the reference of the API."""
    return await _respond(request, "/docs", "docs")


async def _respond(request: Request, route: str, name: Literal["landing", "docs"]) -> Response:
    """Send a page, or the news that the client's copy is still good."""
    request.scope["context"].route = route
    page = await cast("Pages", request.scope["state"]["pages"]).give(name)
    headers = HEADERS | {"etag": page.etag}
    if same(request, page.etag):
        return Response(None, 304, headers)
    return Response(page.body, 200, headers | {"content-type": "text/html; charset=utf-8"})
