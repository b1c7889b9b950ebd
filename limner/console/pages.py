"""Pages that are the same for everybody: kept once they are written, with headers that let nothing foreign in."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import msgspec
from starlette.responses import Response

from limner.console.assets import ASK_AGAIN, same
from limner.errors import NotFound

if TYPE_CHECKING:
    from starlette.requests import Request

    from limner.bootstrap import Services
    from limner.catalog import Model

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
    """The pages of one server, written when first asked for and kept as long as the models on offer stay the same."""

    def __init__(self, services: Services, openapi: dict[str, Any]) -> None:
        """`openapi` is the description of the API that the reference is made from."""
        self._services, self._openapi = services, openapi
        self._kept: dict[str, Page] = {}
        self._offered: list[Model] = []

    async def give(self, name: str) -> Page:
        """Give `landing`, `docs` or `guide/<chapter>`; raises `NotFound`.

        The first time it is written in a thread, as that takes longer than others should wait.
        """
        offered = list(self._services.catalogue.models.values())
        if offered != self._offered:  # prices, limits and names are all that may change while the server runs
            self._kept, self._offered = {}, offered
        kept = self._kept
        found = kept.get(name)
        if found is None:
            found = kept[name] = await asyncio.to_thread(self._write, name)
        return found

    def _write(self, name: str) -> Page:
        from limner.console import content, guide  # noqa: PLC0415 - loads the template engine, which a start need not

        kind, _, slug = name.partition("/")
        if kind == "guide":
            if slug not in guide.BY_SLUG:
                raise NotFound("There is no such chapter.")
            body = guide.write(self._services, slug).encode()
        else:
            write = {"landing": content.landing, "docs": content.docs}[name]
            body = write(self._services, self._openapi).encode()
        return Page(body, f'"{hashlib.sha256(body).hexdigest()[:16]}"')


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
    headers = HEADERS | {"etag": page.etag}
    if same(request, page.etag):
        return Response(None, 304, headers)
    return Response(page.body, 200, headers | {"content-type": "text/html; charset=utf-8"})
