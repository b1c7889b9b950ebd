"""The door: signing in, registering and signing out, and back to the page one came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from limner import onetime, registration, sessions, users
from limner.console.acquiring import acquire_for
from limner.console.frame import local_path, page
from limner.db import Duplicate
from limner.errors import BadRequest, Disabled, InvalidToken, LimnerError, TooManyRequests
from limner.ids import now
from limner.passwords import acceptable
from limner.rates import spend

if TYPE_CHECKING:
    from starlette.responses import Response

    from limner.console.frame import Visit
    from limner.db import Transaction
    from limner.users import User

ATTEMPTS_PER_MINUTE = 20
"""Passwords tried, and registrations, from one address a minute at one node."""

MOST_ADDRESSES = 10_000
WRONG = "The e-mail address or the password is wrong."
LOCKED = "Too many wrong passwords were tried. Wait a quarter of an hour, or set a new password."


class Throttle:
    """Counts attempts by address, in memory: a flood is to cost the one who sends it."""

    def __init__(self, per_minute: int = ATTEMPTS_PER_MINUTE) -> None:
        """`per_minute` is the limit of one address."""
        self._limit = per_minute
        self._arrivals: dict[str, int] = {}

    def take(self, address: str) -> None:
        """Count one attempt; raises `TooManyRequests`."""
        if len(self._arrivals) >= MOST_ADDRESSES:
            self._arrivals.clear()
        rate = spend(self._limit, self._arrivals.get(address, 0), 1, now(), "attempts")
        self._arrivals[address] = rate.arrival


async def show_login(visit: Visit) -> Response:
    """Show the form to sign in with."""
    if visit.session is not None:
        return visit.redirect(_next(visit))
    return door(visit, "login.html")


async def login(visit: Visit) -> Response:
    """Sign somebody in, and back to where they came from."""
    try:
        throttle(visit)
        user = await _by_password(visit, visit.form.get("email", ""), visit.form.get("password", ""))
    except LimnerError as error:
        return door(visit, "login.html", error)
    return await arrive(visit, user)


async def _by_password(visit: Visit, email: str, password: str) -> User:
    """Find the user that an address and a password belong to; raises `InvalidToken`, `Disabled`, `TooManyRequests`."""
    user = await visit.services.database.read(users.by_email, email.strip().lower())
    if not await fits(visit, user, password) or user is None:
        raise InvalidToken(WRONG, param="password")
    await visit.services.database.read(registration.refuse_disabled, user)
    return user


async def fits(visit: Visit, user: User | None, password: str) -> bool:
    """Say whether a password is the user's, and count it where it is not; raises `TooManyRequests` after too many.

    For nobody it takes as long as for somebody.
    """
    services = visit.services
    if user is not None and users.is_locked(user, now()):
        raise TooManyRequests(LOCKED)
    right, fresh = await services.passwords.match(password, user.password_hash if user else None)
    if user is not None and not right:
        await services.database.write(users.failed, user.id)
    if user is not None and fresh:
        await services.database.write(users.set_password, user.id, fresh)
    return right


async def show_register(visit: Visit) -> Response:
    """Show the form to register with."""
    if visit.session is not None:
        return visit.redirect(_next(visit))
    return await _register_form(visit)


async def register(visit: Visit) -> Response:
    """Make a user with an account, sign them in, and back to where they came from."""
    services, form = visit.services, visit.form
    try:
        throttle(visit)
        email = users.normalised(form.get("email", ""))
        password = acceptable(form.get("password", ""))
        mode, invitation = services.settings.registration, form.get("invitation", "")
        # strangers are refused before a hash is made for them
        await services.database.read(registration.refuse_strangers, mode, invitation)
        hashed = await services.passwords.hash(password)
        user = await services.database.write(
            registration.register, email, mode=mode, invitation=invitation, password_hash=hashed
        )
    except LimnerError as error:
        return await _register_form(visit, error)
    except Duplicate:  # somebody was quicker
        taken = BadRequest("This address is registered already: sign in instead.", param="email")
        return await _register_form(visit, taken)
    return await arrive(visit, user)


async def arrive(visit: Visit, user: User, **once: Any) -> Response:
    """Begin a user's session and go on to where they wanted to be; who came to acquire a credential gets one.

    `once` is shown there, as with `redirect`.
    """
    if visit.form.get("intent") == "acquire":
        once |= await acquire_for(visit.services, user.account_id)
    answer = visit.redirect(_next(visit), **once)
    await visit.services.database.write(users.signed_in, user.id)
    await visit.sign_in(user.id, answer)
    return answer


async def logout(visit: Visit) -> Response:
    """End the session."""
    answer = visit.redirect("/")
    if visit.session is not None:
        await visit.services.database.write(sessions.end, visit.session.user_id, visit.session.id)
    visit.sign_out(answer)
    visit.forget(answer)
    return answer


def throttle(visit: Visit) -> None:
    """Count what costs, by where it comes from; raises `TooManyRequests`."""
    visit.request.scope["state"]["throttle"].take(visit.address)


def _next(visit: Visit) -> str:
    return local_path(visit.form.get("next") or visit.query.get("next"))


async def _register_form(visit: Visit, error: LimnerError | None = None) -> Response:
    token = visit.form.get("invitation") or visit.query.get("invitation", "")
    admission = await visit.services.database.read(_admission, visit.services.settings.registration, token)
    return door(visit, "register.html", error, invitation=token, **admission)


def _admission(tx: Transaction, mode: str, invitation: str) -> dict[str, Any]:
    """Say to the form who comes: the first of all, somebody invited (under which address), or one who is refused."""
    invited, refused = onetime.find(tx, "invitation", invitation) if invitation else None, None
    try:
        registration.refuse_strangers(tx, mode, invitation)
    except Disabled as error:
        refused = error
    return {"first": users.count(tx) == 0, "invited": invited, "refused": refused}


def door(visit: Visit, template: str, error: LimnerError | None = None, **values: Any) -> Response:
    """Show a page of the door, with what went wrong; where one came from and what for goes along."""
    back = _next(visit)
    intent = visit.form.get("intent") or visit.query.get("intent", "")
    settings = visit.services.settings
    given = {
        "error": error,
        "next": back,
        "intent": intent,
        "there": {"next": back, "intent": intent},
        "email": visit.form.get("email", ""),
        "single_sign_on": settings.oidc_name if visit.services.provider else "",
    }
    answer = visit.render(template, error.status if error else 200, **{**given, **values})
    answer.headers.update(error.headers if error else {})
    return answer


show_login_page = page("/login", show_login)
login_page = page("/login", login)
show_register_page = page("/register", show_register)
register_page = page("/register", register)
logout_page = page("/logout", logout)
