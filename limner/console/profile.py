"""The page of settings: a user's name, password and browsers, and the way out."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from limner import departure, sessions, users
from limner.console.browsers import in_words
from limner.console.entry import fits, throttle
from limner.console.frame import page
from limner.errors import BadRequest, Conflict, LimnerError, NotFound
from limner.passwords import acceptable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.responses import Response

    from limner.console.frame import Visit
    from limner.db import Transaction
    from limner.sessions import Session
    from limner.users import User

HERE = "/console/settings"
LONGEST_NAME = 80


async def show(visit: Visit) -> Response:
    """Show all settings."""
    return await _show(visit)


async def change(visit: Visit) -> Response:
    """Do what one of the page's forms asks for; what is wrong with it is said at its field."""
    act = ACTS.get(visit.form.get("act", ""))
    if act is None:
        raise BadRequest("This page has no such form.", param="act")
    try:
        return await act(visit)
    except NotFound:
        raise
    except LimnerError as error:
        return await _show(visit, error)


async def _show(visit: Visit, error: LimnerError | None = None) -> Response:
    user, found = await visit.services.database.read(_look, visit.user.user_id)
    answer = visit.render(
        "settings.html",
        error.status if error else 200,
        page="settings",
        user=user,
        sessions=[(session, in_words(session.user_agent)) for session in found],
        error=error,
        failed=visit.form.get("act", "") if error else "",
        form=visit.form,
    )
    answer.headers.update(error.headers if error else {})
    return answer


def _look(tx: Transaction, user_id: str) -> tuple[User, list[Session]]:
    return users.find(tx, user_id), sessions.of_user(tx, user_id)


async def rename(visit: Visit) -> Response:
    """Change what the user is called."""
    name = visit.form.get("name", "").strip()
    if not name or len(name) > LONGEST_NAME:
        raise BadRequest(f"A name has 1 to {LONGEST_NAME} characters.", param="name")
    await visit.services.database.write(users.rename, visit.user.user_id, name)
    return visit.redirect(HERE, notice="Your name is changed.")


async def change_password(visit: Visit) -> Response:
    """Set another password; every session ends, and a new one begins in this browser."""
    await _prove(visit, "current")
    user_id, services = visit.user.user_id, visit.services
    password = acceptable(visit.form.get("password", ""))
    await services.database.write(_set_password, user_id, await services.passwords.hash(password))
    answer = visit.redirect(HERE, notice="Your password is changed. Every other browser is signed out.")
    await visit.sign_in(user_id, answer)
    return answer


def _set_password(tx: Transaction, user_id: str, password_hash: str) -> None:
    users.set_password(tx, user_id, password_hash)
    sessions.end_others(tx, user_id)


async def _prove(visit: Visit, field: str) -> None:
    """Have the user's password in a field of the form, if they have one; raises `BadRequest` naming it."""
    user = await visit.services.database.read(users.find, visit.user.user_id)
    if user.password_hash is None:
        return
    throttle(visit)
    if not await fits(visit, user, visit.form.get(field, "")):
        raise BadRequest("That is not your password.", param=field)


async def end_session(visit: Visit) -> Response:
    """End one of the user's sessions; their own ends as if they signed out."""
    which, services = visit.form.get("session", ""), visit.services
    if not await services.database.write(sessions.end, visit.user.user_id, which):
        raise NotFound("There is no such session; it may have ended already.")
    if which == visit.user.id:
        answer = visit.redirect("/login", notice="You are signed out.")
        visit.sign_out(answer)
        return answer
    return visit.redirect(HERE, notice="That browser is signed out.")


async def end_others(visit: Visit) -> Response:
    """End all of the user's sessions but this one."""
    await visit.services.database.write(sessions.end_others, visit.user.user_id, visit.user.id)
    return visit.redirect(HERE, notice="Every other browser is signed out.")


async def leave(visit: Visit) -> Response:
    """Delete the user, with all they wrote and made."""
    database, user = visit.services.database, visit.user
    if visit.form.get("address", "").strip().lower() != user.email:
        raise BadRequest("Type your own e-mail address, as it stands above.", param="address")
    await _prove(visit, "confirmation")
    while left := await database.write(departure.prepare, user.user_id):
        await _cancel(visit, left)
    await database.write(departure.leave, user.user_id)
    if not await database.read(users.of_account, user.account_id):
        await visit.services.inputs.forget(user.account_id)
    answer = visit.redirect("/login", notice="Your account is deleted. Your pictures follow within a minute or two.")
    visit.sign_out(answer)
    return answer


async def _cancel(visit: Visit, task_ids: list[str]) -> None:
    """Cancel tasks; what ends by itself meanwhile needs no cancelling."""
    for task_id in task_ids:
        with suppress(Conflict):
            await visit.services.generations.cancel(visit.user.account_id, task_id)


ACTS: dict[str, Callable[[Visit], Awaitable[Response]]] = {
    "name": rename,
    "password": change_password,
    "session": end_session,
    "others": end_others,
    "leave": leave,
}

show_settings_page = page(HERE, show, needs="user")
settings_page = page(HERE, change, needs="user")
