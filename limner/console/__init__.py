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
from limner.console.inviting import (
    invite_page,
    make_reset_link_page,
    show_invitations_page,
    show_reset_link_page,
    withdraw_page,
)
from limner.console.pages import Pages, docs, landing
from limner.console.recovering import forgot_page, reset_page, show_forgot_page, show_reset_page
from limner.console.single import begin_page, finish_page

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
    Route("/login/oidc", begin_page, methods=["GET"]),
    Route("/login/oidc/callback", finish_page, methods=["GET"]),
    Route("/forgot", show_forgot_page, methods=["GET"]),
    Route("/forgot", forgot_page, methods=["POST"]),
    Route("/reset", show_reset_page, methods=["GET"]),
    Route("/reset", reset_page, methods=["POST"]),
    # ---- what admins hand out
    Route("/admin/invitations", show_invitations_page, methods=["GET"]),
    Route("/admin/invitations", invite_page, methods=["POST"]),
    Route("/admin/invitations/{invitation_id}/withdraw", withdraw_page, methods=["POST"]),
    Route("/admin/users/{user_id}/reset", show_reset_link_page, methods=["GET"]),
    Route("/admin/users/{user_id}/reset", make_reset_link_page, methods=["POST"]),
]


def state(services: Services, openapi: dict[str, Any]) -> dict[str, Any]:
    """Give what the pages of one server keep between requests."""
    return {"pages": Pages(services, openapi), "throttle": Throttle()}
