"""The pages of an account's application and its credentials: make one, name it, rotate it, revoke it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from limner import accounts, credentials, quotas
from limner.console.frame import page
from limner.credentials import DAY, SCOPES
from limner.errors import BadRequest, Conflict, LimnerError, NotFound
from limner.ids import SECOND, now

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.responses import Response

    from limner.accounts import Application
    from limner.console.frame import Visit
    from limner.credentials import Credential
    from limner.db import Transaction

HERE = "/console/credentials"
LONGEST_NAME = 80
MOST_PER_MINUTE = 100_000

SCOPES_IN_WORDS: dict[str, str] = {
    "images.generate": "Make pictures, which costs credits, and cancel tasks.",
    "tasks.read": "Read tasks and their pictures.",
    "callbacks.manage": "See callbacks, send them again, and rotate the secret that signs them.",
}
EXPIRIES: dict[str, tuple[str, int | None]] = {
    "": ("Never", None),
    "7": ("In 7 days", 7 * DAY),
    "30": ("In 30 days", 30 * DAY),
    "90": ("In 90 days", 90 * DAY),
    "365": ("In a year", 365 * DAY),
}
"""By what the form sends: what people read, and how long that is, microseconds."""

OVERLAPS: dict[str, tuple[str, int]] = {
    "0": ("At once", 0),
    "3600": ("In an hour", 3600 * SECOND),
    "86400": ("In a day", DAY),
    "604800": ("In a week", 7 * DAY),
}


async def show(visit: Visit) -> Response:
    """Show the application and the credentials."""
    return await _show(visit)


async def _show(visit: Visit, error: LimnerError | None = None) -> Response:
    application, balance, found = await visit.services.database.read(_look, visit.user.account_id)
    states = [(credential, credential.state(now())) for credential in reversed(found)]
    ended = {"revoked", "expired"}
    return visit.render(
        "credentials.html",
        error.status if error else 200,
        page="credentials",
        application=application,
        balance=balance,
        working=[(credential, state) for credential, state in states if state not in ended],
        ended=[(credential, state) for credential, state in states if state in ended],
        scopes=SCOPES_IN_WORDS,
        expiries=EXPIRIES,
        most=MOST_PER_MINUTE,
        error=error,
        form=visit.form,
        chosen=visit.lists.get("scope", []) if error else SCOPES,
    )


def _look(tx: Transaction, account_id: str) -> tuple[Application | None, int, list[Credential]]:
    application = accounts.application(tx, account_id)
    return application, quotas.balance(tx, account_id), credentials.of_account(tx, account_id)


async def make(visit: Visit) -> Response:
    """Make a credential; its key is shown on the page that comes next and never again."""
    try:
        wanted = {
            "name": _name(visit),
            "scopes": _scopes(visit),
            "images_per_minute": _per_minute(visit),
            "expires_at": _expiry(visit),
        }
    except BadRequest as error:
        return await _show(visit, error)
    credential_id, key = await visit.services.database.write(_make, visit.user.account_id, wanted)
    return visit.redirect(HERE, key=key, credential_id=credential_id)


def _make(tx: Transaction, account_id: str, wanted: dict[str, Any]) -> tuple[str, str]:
    application = accounts.application(tx, account_id)
    if application is None:
        raise Conflict("There is no application yet: acquire the API first.")
    return credentials.create(tx, account_id=account_id, application_id=application.id, **wanted)


def _name(visit: Visit) -> str:
    name = visit.form.get("name", "").strip()
    if not name or len(name) > LONGEST_NAME:
        raise BadRequest(f"A name has 1 to {LONGEST_NAME} characters.", param="name")
    return name


def _scopes(visit: Visit) -> tuple[str, ...]:
    given = visit.lists.get("scope", [])
    if not given or not set(given) <= set(SCOPES):
        raise BadRequest("Choose at least one thing that the credential may do.", param="scope")
    return tuple(scope for scope in SCOPES if scope in given)


def _per_minute(visit: Visit) -> int | None:
    given = visit.form.get("images_per_minute", "").strip()
    if not given:
        return None
    if not given.isascii() or not given.isdigit() or len(given) > 9 or not 0 < int(given) <= MOST_PER_MINUTE:
        raise BadRequest(f"Give a number from 1 to {MOST_PER_MINUTE}, or nothing.", param="images_per_minute")
    return int(given)


def _expiry(visit: Visit) -> int | None:
    chosen = EXPIRIES.get(visit.form.get("expires", ""))
    if chosen is None:
        raise BadRequest("Choose one of these.", param="expires")
    life = chosen[1]
    return None if life is None else now() + life


async def show_one(visit: Visit) -> Response:
    """Show one credential and what can be done with it."""
    return await _show_one(visit, await _asked_for(visit))


async def _asked_for(visit: Visit) -> Credential:
    """Find the credential that the address names, among the user's own; raises `NotFound`."""
    found = await visit.services.database.read(credentials.of_account, visit.user.account_id)
    which = visit.request.path_params["id"]
    for credential in found:
        if credential.id == which:
            return credential
    raise NotFound("There is no such credential in your account.")


async def _show_one(visit: Visit, credential: Credential, error: LimnerError | None = None) -> Response:
    return visit.render(
        "credential.html",
        error.status if error else 200,
        page="credentials",
        credential=credential,
        state=credential.state(now()),
        scopes=SCOPES_IN_WORDS,
        overlaps=OVERLAPS,
        error=error,
        form=visit.form,
    )


async def change_one(visit: Visit) -> Response:
    """Do with one credential what a form of its page asks for."""
    credential, act = await _asked_for(visit), ACTS.get(visit.form.get("act", ""))
    if act is None:
        raise BadRequest("This page has no such form.", param="act")
    try:
        return await act(visit, credential)
    except BadRequest as error:
        return await _show_one(visit, credential, error)


async def rename(visit: Visit, credential: Credential) -> Response:
    """Change what it is called."""
    await visit.services.database.write(credentials.rename, credential.id, _name(visit))
    return visit.redirect(f"{HERE}/{credential.id}", notice="The name is changed.")


async def rotate(visit: Visit, credential: Credential) -> Response:
    """Make its successor, whose key is shown on the page that comes next, and let it work for a while longer."""
    overlap = OVERLAPS.get(visit.form.get("overlap", ""))
    if overlap is None:
        raise BadRequest("Choose one of these.", param="overlap")
    if credential.state(now()) in {"revoked", "expired"}:
        raise BadRequest("This credential has ended: make a new one.", status=409)
    made = await visit.services.database.write(
        credentials.rotate, credential.id, overlap=overlap[1], account_id=visit.user.account_id
    )
    assert made is not None  # noqa: S101 - it was found just now, and none is ever removed
    return visit.redirect(HERE, key=made[1], credential_id=made[0], rotated=credential.hint)


async def revoke(visit: Visit, credential: Credential) -> Response:
    """End it now."""
    await visit.services.database.write(credentials.revoke, credential.id, account_id=visit.user.account_id)
    return visit.redirect(HERE, notice=f"{credential.name} is revoked.")


ACTS: dict[str, Callable[[Visit, Credential], Awaitable[Response]]] = {
    "rename": rename,
    "rotate": rotate,
    "revoke": revoke,
}

show_credentials_page = page(HERE, show, needs="user")
credentials_page = page(HERE, make, needs="user")
show_credential_page = page(HERE + "/{id}", show_one, needs="user")
credential_page = page(HERE + "/{id}", change_one, needs="user")
