"""What admins hand out: invitations to register, and links that set a user's password anew."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from limner import onetime, recovery, registration, users
from limner.console.frame import page
from limner.errors import LimnerError
from limner.ids import now

if TYPE_CHECKING:
    from starlette.responses import Response

    from limner.console.frame import Visit

LETTER = """{inviter} invites you to {place}, a server that draws pictures from words.

Open this link to register. It is good for seven days, and for this address only:

{link}
"""


async def show_invitations(visit: Visit) -> Response:
    """List the invitations, with a form that makes one."""
    return await _list(visit)


async def invite(visit: Visit) -> Response:
    """Make an invitation: its link is shown once, and mailed where that can be done."""
    services, given = visit.services, visit.form.get("email", "").strip()
    try:
        email = users.normalised(given) if given else None
        token = await services.database.write(registration.invite, visit.user.email, email)
    except LimnerError as error:
        return await _list(visit, error)
    link = onetime.link("invitation", services.public_url, token)
    if email is None or services.mail is None:
        notice = "The invitation is made. Copy its link now: it cannot be shown again."
    else:
        place = urlsplit(services.public_url).netloc
        text = LETTER.format(inviter=visit.user.email, place=place, link=link)
        services.mail.later(services.mail.send, email, f"You are invited to limner at {place}", text)
        notice = f"The invitation is on its way to {email}. Its link is here too, once."
    return visit.redirect("/admin/invitations", notice=notice, link=link)


async def withdraw(visit: Visit) -> Response:
    """Take an invitation back."""
    await visit.services.database.write(registration.withdraw, visit.user.email, _named(visit, "invitation_id"))
    return visit.redirect("/admin/invitations", notice="The invitation is withdrawn.")


async def _list(visit: Visit, error: LimnerError | None = None) -> Response:
    return visit.render(
        "invitations.html",
        error.status if error else 200,
        page="invitations",
        error=error,
        email=visit.form.get("email", ""),
        rows=await visit.services.database.read(onetime.invitations),
        at=now(),
        mode=visit.services.settings.registration,
        mails=visit.services.mail is not None,
    )


async def show_reset_link(visit: Visit) -> Response:
    """Say what a reset link does, and show the one that was just made."""
    person = await visit.services.database.read(users.find, _named(visit, "user_id"))
    return visit.render("reset-link.html", page="users", person=person)


async def make_reset_link(visit: Visit) -> Response:
    """Make a link that sets a user's password anew, shown once."""
    services = visit.services
    person, token = await services.database.write(recovery.hand_out, visit.user.email, _named(visit, "user_id"))
    link = onetime.link("reset", services.public_url, token)
    return visit.redirect(f"/admin/users/{person.id}/reset", notice="The link is made. Copy it now.", link=link)


def _named(visit: Visit, name: str) -> str:
    """Read an identifier from the path; PostgreSQL's texts hold no NUL."""
    return str(visit.request.path_params[name]).replace("\0", "")


show_invitations_page = page("/admin/invitations", show_invitations, "admin")
invite_page = page("/admin/invitations", invite, "admin")
withdraw_page = page("/admin/invitations/{invitation_id}/withdraw", withdraw, "admin")
show_reset_link_page = page("/admin/users/{user_id}/reset", show_reset_link, "admin")
make_reset_link_page = page("/admin/users/{user_id}/reset", make_reset_link, "admin")
