"""Pages that are the same for everybody: kept once they are written, with headers that let nothing foreign in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import msgspec

from limner.console.assets import ASK_AGAIN, digest, packed, sent
from limner.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

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
    """A finished page, the same in gzip, and a name for just this text."""

    body: bytes
    packed: bytes
    version: str


class Pages:
    """The pages of one server, written when first asked for and kept until the catalogue changes: all else is fixed."""

    def __init__(self, services: Services, openapi: Callable[[], dict[str, Any]]) -> None:
        """`openapi` gives the description of the API that the reference is made from."""
        self._services, self._openapi = services, openapi
        self._kept: dict[str, tuple[int, Page]] = {}
        self._parameters: dict[str, tuple[int, list[Parameter]]] = {}

    async def give(self, name: str) -> Page:
        """Give `landing`, `docs` or `guide/<chapter>`; raises `NotFound`.

        The first time it is written in a thread, as that takes longer than others should wait.
        """
        version = self._services.catalogue.version
        kept = self._kept.get(name)
        if kept is not None and kept[0] == version:
            return kept[1]
        page = await asyncio.to_thread(self._write, name)
        self._kept[name] = (version, page)
        return page

    async def parameters(self, path: str) -> list[Parameter]:
        """Give the parameters of an operation as the reference tells them; kept like a page."""
        version = self._services.catalogue.version
        kept = self._parameters.get(path)
        if kept is None or kept[0] != version:
            kept = self._parameters[path] = (version, await asyncio.to_thread(self._told, path))
        return kept[1]

    def _told(self, path: str) -> list[Parameter]:
        from limner.console import content  # noqa: PLC0415 - as below

        return content.parameters(self._services, self._openapi(), path)

    def _write(self, name: str) -> Page:
        from limner.console import content, guide  # noqa: PLC0415 - loads the template engine, which a start need not

        kind, _, slug = name.partition("/")
        if kind == "guide":
            if slug not in guide.BY_SLUG:
                raise NotFound("There is no such chapter.")
            body = guide.write(self._services, slug).encode()
        else:
            write = {"landing": content.landing, "docs": content.docs}[name]
            body = write(self._services, self._openapi()).encode()
        return Page(body, packed(body), digest(body))


async def landing(request: Request) -> Response:
    """Say what limner is and how to begin."""
    return await _respond(request, "/", "landing")


async def docs(request: Request) -> Response:
    """Give the reference of the API."""
    return await _respond(request, "/docs", "docs")


async def chapter(request: Request) -> Response:
    """Give a chapter of the guide; without a name the first."""
    slug = request.path_params.get("chapter")
    route = "/docs/guide" if slug is None else "/docs/guide/{chapter}"
    return await _respond(request, route, f"guide/{slug or 'start'}")


async def _respond(request: Request, route: str, name: str) -> Response:
    """Send a page, or the news that the client's copy is still good."""
    request.scope["context"].route = route
    page = await cast("Pages", request.scope["state"]["pages"]).give(name)
    return sent(request, page, HEADERS | {"content-type": "text/html; charset=utf-8"})
