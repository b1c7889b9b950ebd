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
from limner.console.overview import overview_page
from limner.console.pages import Pages, docs, landing
from limner.console.story import cancel_task_page, now_task_page, show_task_page
from limner.console.tasks import list_tasks_page
from limner.console.usage import get_ledger_csv_page, get_usage_csv_page, show_usage_page

if TYPE_CHECKING:
    from limner.bootstrap import Services

__all__ = ["routes", "state"]

routes: list[BaseRoute] = [
    Route("/", landing, methods=["GET"]),
    Route("/docs", docs, methods=["GET"]),
    Route("/static/{name}", get_static, methods=["GET"]),
    # ---- the door
    Route("/login", show_login_page, methods=["GET"]),
    Route("/login", login_page, methods=["POST"]),
    Route("/register", show_register_page, methods=["GET"]),
    Route("/register", register_page, methods=["POST"]),
    Route("/logout", logout_page, methods=["POST"]),
    # ---- what was made and paid
    Route("/console", overview_page, methods=["GET"]),
    Route("/console/tasks", list_tasks_page, methods=["GET"]),
    Route("/console/tasks/{id}", show_task_page, methods=["GET"]),
    Route("/console/tasks/{id}/now", now_task_page, methods=["GET"]),
    Route("/console/tasks/{id}/cancel", cancel_task_page, methods=["POST"]),
    Route("/console/usage", show_usage_page, methods=["GET"]),
    Route("/console/usage.csv", get_usage_csv_page, methods=["GET"]),
    Route("/console/ledger.csv", get_ledger_csv_page, methods=["GET"]),
]


def state(services: Services, openapi: dict[str, Any]) -> dict[str, Any]:
    """Give what the pages of one server keep between requests."""
    return {"pages": Pages(services, openapi), "throttle": Throttle()}
