"""The pages for admins: every route is under `/admin` and, to anybody else, not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route

from limner.console.admin import acts, deliveries, models, nodes, people, tasks
from limner.console.frame import page

if TYPE_CHECKING:
    from limner.console.frame import Handler

__all__ = ["routes"]


def _get(path: str, handler: Handler) -> Route:
    return Route(path, page(path, handler, needs="admin"), methods=["GET"])


def _post(path: str, handler: Handler) -> Route:
    return Route(path, page(path, handler, needs="admin"), methods=["POST"])


routes: list[BaseRoute] = [
    _get("/admin/users", people.show_all),
    _get("/admin/users/{id}", people.show),
    _post("/admin/users/{id}/role", people.set_role),
    _post("/admin/users/{id}/state", people.switch_user),
    _post("/admin/users/{id}/sessions", people.end_sessions),
    _post("/admin/accounts/{id}/credits", people.grant),
    _post("/admin/accounts/{id}/limits", people.limit),
    _post("/admin/accounts/{id}/priority", people.prioritise),
    _post("/admin/accounts/{id}/state", people.switch_account),
    _post("/admin/credentials/{id}/revoke", people.revoke),
    _get("/admin/tasks", tasks.show_all),
    _get("/admin/tasks/{id}", tasks.show),
    _post("/admin/tasks/{id}/cancel", tasks.cancel),
    _get("/admin/models", models.show_all),
    _get("/admin/models/{id}", models.show),
    _post("/admin/models/{id}/state", models.switch),
    _post("/admin/models/{id}/prices", models.price),
    _post("/admin/models/{id}/engine", models.choose_engine),
    _get("/admin/deliveries", deliveries.show_all),
    _post("/admin/deliveries/{id}/redeliver", deliveries.redeliver),
    _get("/admin/nodes", nodes.show_all),
    _get("/admin/audit", acts.show_all),
]
