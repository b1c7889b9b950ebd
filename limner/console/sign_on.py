"""Single sign-on at the door: a visitor goes to the provider and comes back as somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.responses import RedirectResponse

from limner.console.entry import arrive, door, throttle
from limner.console.frame import local_path, page
from limner.errors import BadRequest, LimnerError, NotFound
from limner.oidc import Attempt
from limner.registration import recognise

if TYPE_CHECKING:
    from starlette.responses import Response

    from limner.console.frame import Visit
    from limner.oidc import Provider
    from limner.users import User

WITHIN = 600
"""Seconds within which a visitor must be back."""

TIED = (
    "You had an account with a password here: it is yours by single sign-on now. The password and all other sessions "
    "have ended; look through the credentials, and set another password if you want one."
)
LATE = "This sign-in was not begun in this browser, took too long, or is over already: begin again."


async def begin(visit: Visit) -> Response:
    """Send a visitor to the provider, with a cookie that only this browser has."""
    provider = _provider(visit)
    back, wanted = local_path(visit.query.get("next")), visit.query.get("intent", "")
    if visit.session is not None:
        return visit.redirect(back)
    try:
        throttle(visit)
        url, attempt = await provider.begin()
    except LimnerError as error:
        return _told(visit, error)
    kept = msgspec.structs.asdict(attempt) | {
        "next": back,
        "intent": wanted,
        "invitation": visit.query.get("invitation", ""),
    }
    answer = RedirectResponse(url, 303, {"cache-control": "no-store", "referrer-policy": "no-referrer"})
    visit.set_cookie(answer, _cookie(visit), _serializer(visit).dumps(kept), max_age=WITHIN)
    return answer


async def finish(visit: Visit) -> Response:
    """Let in who the provider says it is; what the browser kept is good once."""
    provider = _provider(visit)
    try:
        throttle(visit)
        kept = _kept(visit)
        visit.form = {"next": kept["next"], "intent": kept["intent"]}
        user, tied = await _known(visit, provider, kept)
        answer = await arrive(visit, user, **({"notice": TIED} if tied else {}))
    except LimnerError as error:
        answer = _told(visit, error)
    answer.delete_cookie(
        _cookie(visit), path="/", secure=visit.services.public_url.startswith("https:"), httponly=True, samesite="lax"
    )
    return answer


async def _known(visit: Visit, provider: Provider, kept: dict[str, Any]) -> tuple[User, bool]:
    """Find or register the user, by what the provider says."""
    attempt = Attempt(state=kept["state"], nonce=kept["nonce"], verifier=kept["verifier"])
    person = await provider.finish(attempt, visit.query)
    return await visit.services.database.write(
        recognise,
        person.subject,
        person.email,
        mode=visit.services.settings.registration,
        name=person.name,
        invitation=kept["invitation"],
    )


def _told(visit: Visit, error: LimnerError) -> Response:
    """Show the door with what went wrong; the log says why where it is not the visitor's doing."""
    if error.status >= 500:
        cause = error.__cause__
        visit.services.telemetry.log.warning("single_sign_on_failed", reason=error.message, cause=repr(cause))
    return door(visit, "login.html", error)


def _kept(visit: Visit) -> dict[str, Any]:
    """Read what this browser was sent away with; raises `BadRequest`."""
    try:
        found = _serializer(visit).loads(visit.request.cookies.get(_cookie(visit), ""), max_age=WITHIN)
    except BadData:
        raise BadRequest(LATE) from None
    return dict(found)


def _provider(visit: Visit) -> Provider:
    if visit.services.provider is None:
        raise NotFound("There is no single sign-on here.")
    return visit.services.provider


def _cookie(visit: Visit) -> str:
    """Name the cookie; over HTTPS its prefix keeps neighbours of this host from planting one."""
    return "__Host-limner_oidc" if visit.services.public_url.startswith("https:") else "limner_oidc"


def _serializer(visit: Visit) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(visit.services.secret, salt="oidc")


begin_page = page("/login/oidc", begin)
finish_page = page("/login/oidc/callback", finish)
