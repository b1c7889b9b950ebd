"""The face for people: every page it answers, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute, Route

from limner.console.apis import PATH, acquire_page, apis, show_api_page
from limner.console.assets import get_static
from limner.console.callbacks import (
    list_page,
    redeliver_page,
    redeliver_range_page,
    rotate_page,
    secret_page,
    show_page,
    try_page,
)
from limner.console.credentials import (
    credential_page,
    credentials_page,
    show_credential_page,
    show_credentials_page,
)
from limner.console.entry import (
    Throttle,
    login_page,
    logout_page,
    register_page,
    show_login_page,
    show_register_page,
)
from limner.console.inbox import change_behaviour_page, create_inbox_page, show_inbox_page
from limner.console.inviting import (
    invite_page,
    make_reset_link_page,
    show_invitations_page,
    show_reset_link_page,
    withdraw_page,
)
from limner.console.overview import overview_page
from limner.console.pages import Pages, docs, landing
from limner.console.profile import settings_page, show_settings_page
from limner.console.receiving import Traffic, receive, stream
from limner.console.recovering import forgot_page, reset_page, show_forgot_page, show_reset_page
from limner.console.sampling import post_samples
from limner.console.single import begin_page, finish_page
from limner.console.story import cancel_task_page, now_task_page, show_task_page
from limner.console.tasks import list_tasks_page
from limner.console.tokens import make_token_page, revoke_token_page, show_tokens_page
from limner.console.usage import get_ledger_csv_page, get_usage_csv_page, show_usage_page

if TYPE_CHECKING:
    from limner.bootstrap import Services

__all__ = ["routes", "state"]

routes: list[BaseRoute] = [
    Route("/", landing, methods=["GET"]),
    Route("/docs", docs, methods=["GET"]),
    Route("/static/{name}", get_static, methods=["GET"]),
    # ---- the API with its playground
    Route("/apis", apis, methods=["GET"]),
    Route(PATH, show_api_page, methods=["GET"]),
    Route(f"{PATH}/acquire", acquire_page, methods=["POST"]),
    # ---- code samples
    Route("/console/samples", post_samples, methods=["POST"]),
    # ---- the door
    Route("/login", show_login_page, methods=["GET"]),
    Route("/login", login_page, methods=["POST"]),
    Route("/register", show_register_page, methods=["GET"]),
    Route("/register", register_page, methods=["POST"]),
    Route("/logout", logout_page, methods=["POST"]),
    # ---- callbacks, and inboxes to receive them
    Route("/console/callbacks", list_page, methods=["GET"]),
    Route("/console/callbacks/test", try_page, methods=["POST"]),
    Route("/console/callbacks/secret", secret_page, methods=["POST"]),
    Route("/console/callbacks/rotate", rotate_page, methods=["POST"]),
    Route("/console/callbacks/redeliver", redeliver_range_page, methods=["POST"]),
    Route("/console/callbacks/{id}", show_page, methods=["GET"]),
    Route("/console/callbacks/{id}/redeliver", redeliver_page, methods=["POST"]),
    Route("/inbox", create_inbox_page, methods=["POST"]),
    Route("/inbox/{token}", show_inbox_page, methods=["GET"]),
    Route("/inbox/{token}", receive, methods=["POST"]),
    Route("/inbox/{token}/behaviour", change_behaviour_page, methods=["POST"]),
    Route("/inbox/{token}/events", stream, methods=["GET"]),
    # ---- credentials and settings
    Route("/console/credentials", show_credentials_page, methods=["GET"]),
    Route("/console/credentials", credentials_page, methods=["POST"]),
    Route("/console/credentials/{id}", show_credential_page, methods=["GET"]),
    Route("/console/credentials/{id}", credential_page, methods=["POST"]),
    Route("/console/settings", show_settings_page, methods=["GET"]),
    Route("/console/settings", settings_page, methods=["POST"]),
    # ---- account tokens
    Route("/console/tokens", show_tokens_page, methods=["GET"]),
    Route("/console/tokens", make_token_page, methods=["POST"]),
    Route("/console/tokens/revoke", revoke_token_page, methods=["POST"]),
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
    return {"pages": Pages(services, openapi), "throttle": Throttle(), "traffic": Traffic()}
