"""The face for people: every page it answers, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute, Route

from limner.console import (
    admin,
    apis,
    assets,
    callbacks,
    credentials,
    entry,
    inbox,
    inviting,
    overview,
    pages,
    profile,
    receiving,
    recovering,
    sampling,
    sign_on,
    story,
    tasks,
    tokens,
    usage,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from limner.bootstrap import Services

__all__ = ["routes", "state"]

routes: list[BaseRoute] = [
    Route("/", pages.landing, methods=["GET"]),
    Route("/docs", pages.docs, methods=["GET"]),
    Route("/docs/guide", pages.chapter, methods=["GET"]),
    Route("/docs/guide/{chapter}", pages.chapter, methods=["GET"]),
    Route("/static/{name}", assets.get_static, methods=["GET"]),
    Route("/static/guide/{name}", assets.get_static, methods=["GET"]),
    # ---- the APIs with their playground
    Route("/apis", apis.list_page, methods=["GET"]),
    Route(apis.PATH, apis.show_generations_page, methods=["GET"]),
    Route(f"{apis.PATH}/acquire", apis.acquire_page, methods=["POST"]),
    Route(apis.EDITS, apis.show_edits_page, methods=["GET"]),
    Route(f"{apis.EDITS}/acquire", apis.acquire_edits_page, methods=["POST"]),
    # ---- code samples
    Route("/console/samples", sampling.post_samples, methods=["POST"]),
    # ---- the door
    Route("/login", entry.show_login_page, methods=["GET"]),
    Route("/login", entry.login_page, methods=["POST"]),
    Route("/register", entry.show_register_page, methods=["GET"]),
    Route("/register", entry.register_page, methods=["POST"]),
    Route("/logout", entry.logout_page, methods=["POST"]),
    # ---- callbacks, and inboxes to receive them
    Route("/console/callbacks", callbacks.list_page, methods=["GET"]),
    Route("/console/callbacks/test", callbacks.try_page, methods=["POST"]),
    Route("/console/callbacks/secret", callbacks.secret_page, methods=["POST"]),
    Route("/console/callbacks/rotate", callbacks.rotate_page, methods=["POST"]),
    Route("/console/callbacks/redeliver", callbacks.redeliver_range_page, methods=["POST"]),
    Route("/console/callbacks/{id}", callbacks.show_page, methods=["GET"]),
    Route("/console/callbacks/{id}/redeliver", callbacks.redeliver_page, methods=["POST"]),
    Route("/inbox", inbox.create_inbox_page, methods=["POST"]),
    Route("/inbox/{token}", inbox.show_inbox_page, methods=["GET"]),
    Route("/inbox/{token}", receiving.receive, methods=["POST"]),
    Route("/inbox/{token}/behaviour", inbox.change_behaviour_page, methods=["POST"]),
    Route("/inbox/{token}/events", receiving.stream, methods=["GET"]),
    # ---- credentials and settings
    Route("/console/credentials", credentials.show_credentials_page, methods=["GET"]),
    Route("/console/credentials", credentials.credentials_page, methods=["POST"]),
    Route("/console/credentials/{id}", credentials.show_credential_page, methods=["GET"]),
    Route("/console/credentials/{id}", credentials.credential_page, methods=["POST"]),
    Route("/console/settings", profile.show_settings_page, methods=["GET"]),
    Route("/console/settings", profile.settings_page, methods=["POST"]),
    # ---- account tokens
    Route("/console/tokens", tokens.show_tokens_page, methods=["GET"]),
    Route("/console/tokens", tokens.make_token_page, methods=["POST"]),
    Route("/console/tokens/revoke", tokens.revoke_token_page, methods=["POST"]),
    # ---- single sign-on, and a new password
    Route("/login/oidc", sign_on.begin_page, methods=["GET"]),
    Route("/login/oidc/callback", sign_on.finish_page, methods=["GET"]),
    Route("/forgot", recovering.show_forgot_page, methods=["GET"]),
    Route("/forgot", recovering.forgot_page, methods=["POST"]),
    Route("/reset", recovering.show_reset_page, methods=["GET"]),
    Route("/reset", recovering.reset_page, methods=["POST"]),
    # ---- what admins hand out
    Route("/admin/invitations", inviting.show_invitations_page, methods=["GET"]),
    Route("/admin/invitations", inviting.invite_page, methods=["POST"]),
    Route("/admin/invitations/{invitation_id}/withdraw", inviting.withdraw_page, methods=["POST"]),
    Route("/admin/users/{user_id}/reset", inviting.show_reset_link_page, methods=["GET"]),
    Route("/admin/users/{user_id}/reset", inviting.make_reset_link_page, methods=["POST"]),
    # ---- what was made and paid
    Route("/console", overview.overview_page, methods=["GET"]),
    Route("/console/tasks", tasks.list_tasks_page, methods=["GET"]),
    Route("/console/tasks/{id}", story.show_task_page, methods=["GET"]),
    Route("/console/tasks/{id}/inputs/{place}", story.show_input_page, methods=["GET"]),
    Route("/console/tasks/{id}/now", story.now_task_page, methods=["GET"]),
    Route("/console/tasks/{id}/cancel", story.cancel_task_page, methods=["POST"]),
    Route("/console/usage", usage.show_usage_page, methods=["GET"]),
    Route("/console/usage.csv", usage.get_usage_csv_page, methods=["GET"]),
    Route("/console/ledger.csv", usage.get_ledger_csv_page, methods=["GET"]),
    # ---- for admins
    *admin.routes,
]


def state(services: Services, openapi: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Give what the pages of one server keep between requests; `openapi` describes the API as it is now."""
    return {"pages": pages.Pages(services, openapi), "throttle": entry.Throttle(), "traffic": receiving.Traffic()}
