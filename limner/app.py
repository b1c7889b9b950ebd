"""The application: routes in their frame, and a lifespan that builds the services and starts what waits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.routing import Router

from limner import api, console
from limner.api.openapi import document
from limner.api.platform import Platform, not_found
from limner.bootstrap import Services, bootstrap
from limner.engines import ENGINES
from limner.telemetry import configure_logs
from limner.worker import working

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from limner.engines.base import Engine
    from limner.settings import Settings

Ready = Callable[[Services], Any]


def create_app(
    settings: Settings, *, ready: Ready | None = None, engines: Mapping[str, Callable[..., Engine]] = ENGINES
) -> ASGIApp:
    """Make the application; `ready` is awaited with the services once they stand, before the first request."""

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[dict[str, Any]]:
        configure_logs(settings.log_level)
        async with bootstrap(settings, engines=engines) as services, working(services):
            if ready is not None:
                await ready(services)
            openapi = partial(document, services.catalogue, services.public_url)
            yield {"services": services, **console.state(services, openapi)}

    routes = [*api.routes, *console.routes]
    return Platform(Router(routes, redirect_slashes=False, default=not_found, lifespan=lifespan))
