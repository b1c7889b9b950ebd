"""The face for people: every page it answers, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute, Route

from limner.console.assets import get_static
from limner.console.entry import (
    Throttle,
    login_page,
    logout_page,
    register_page,
    show_login_page,
    show_register_page,
)
from limner.console.pages import Pages, chapter, docs, landing

if TYPE_CHECKING:
    from limner.bootstrap import Services

__all__ = ["routes", "state"]

routes: list[BaseRoute] = [
    Route("/", landing, methods=["GET"]),
    Route("/docs", docs, methods=["GET"]),
    Route("/docs/guide", chapter, methods=["GET"]),
    Route("/docs/guide/{chapter}", chapter, methods=["GET"]),
    Route("/static/{name}", get_static, methods=["GET"]),
    Route("/static/guide/{name}", get_static, methods=["GET"]),
    # ---- the door
    Route("/login", show_login_page, methods=["GET"]),
    Route("/login", login_page, methods=["POST"]),
    Route("/register", show_register_page, methods=["GET"]),
    Route("/register", register_page, methods=["POST"]),
    Route("/logout", logout_page, methods=["POST"]),
]


def state(services: Services, openapi: dict[str, Any]) -> dict[str, Any]:
    """Give what the pages of one server keep between requests."""
    return {"pages": Pages(services, openapi), "throttle": Throttle()}
