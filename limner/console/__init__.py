"""The face for people: every page it answers, on one screen."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from limner.console.assets import get_static
from limner.console.pages import Pages, docs, landing

__all__ = ["Pages", "routes"]

routes: list[BaseRoute] = [
    Route("/", landing, methods=["GET"]),
    Route("/docs", docs, methods=["GET"]),
    Route("/static/{name}", get_static, methods=["GET"]),
]
