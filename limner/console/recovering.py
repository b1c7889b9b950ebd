"""Forgotten passwords: a link by mail where mail is set, and the page that it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from limner import onetime, recovery, users
from limner.console.entry import arrive, throttle
from limner.console.frame import page
from limner.errors import LimnerError
from limner.passwords import acceptable

if TYPE_CHECKING:
    from starlette.responses import Response

    from limner.bootstrap import Services
    from limner.console.frame import Visit
    from limner.mail import Mail

LETTER = """Somebody, probably you, asked for a new password for {email} at {place}.

Open this link to choose one. It is good for one hour and works once:

{link}

If it was not you, do nothing: the password stays as it is.
"""


async def show_forgot(visit: Visit) -> Response:
    """Show the form that asks for a link, or who to ask where no mail can be sent."""
    return _forgot_form(visit)


async def forgot(visit: Visit) -> Response:
    """Send a link to a user; the answer and the time it takes are the same for strangers."""
    mail = visit.services.mail
    if mail is None:
        return _forgot_form(visit)
    try:
        throttle(visit)
        email = users.normalised(visit.form.get("email", ""))
    except LimnerError as error:
        return _forgot_form(visit, error)
    mail.later(_write, visit.services, mail, email)
    return _forgot_form(visit, sent=True)


async def _write(services: Services, mail: Mail, email: str) -> None:
    token = await services.database.write(recovery.forgotten, email)
    if token is not None:
        place = urlsplit(services.public_url).netloc
        text = LETTER.format(email=email, place=place, link=onetime.link("reset", services.public_url, token))
        await mail.send(email, f"A new password for limner at {place}", text)


async def show_reset(visit: Visit) -> Response:
    """Show the form that a link opens, while the link is good."""
    return await _reset_form(visit, visit.query.get("token", ""))


async def reset(visit: Visit) -> Response:
    """Set the password, end all sessions, and sign in."""
    token = visit.form.get("token", "")
    try:
        throttle(visit)
        password = acceptable(visit.form.get("password", ""))
        await visit.services.database.read(recovery.holder, token)  # no hash is made for who has no link
        hashed = await visit.services.passwords.hash(password)
        user = await visit.services.database.write(recovery.set_anew, token, hashed)
    except LimnerError as error:
        return await _reset_form(visit, token, error)
    return await arrive(visit, user, notice="Your new password is set. All other sessions have ended.")


async def _reset_form(visit: Visit, token: str, error: LimnerError | None = None) -> Response:
    holder = ""
    try:
        holder = (await visit.services.database.read(recovery.holder, token)).email
    except LimnerError as stale:
        error = stale
    # `next` keeps the link's token out of the way to sign in that every page shows
    return visit.render(
        "reset.html", error.status if error else 200, error=error, holder=holder, secret=token, next="/console"
    )


def _forgot_form(visit: Visit, error: LimnerError | None = None, *, sent: bool = False) -> Response:
    return visit.render(
        "forgot.html",
        error.status if error else 200,
        error=error,
        email=visit.form.get("email", ""),
        mails=visit.services.mail is not None,
        sent=sent,
        next="/console",
    )


show_forgot_page = page("/forgot", show_forgot)
forgot_page = page("/forgot", forgot)
show_reset_page = page("/reset", show_reset)
reset_page = page("/reset", reset)
