"""Users and accounts: who there is, what they have and may do, and the acts of an admin upon them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from limner import accounts, administration, oversight, sessions, users
from limner.accounts import OwnLimits
from limner.console.admin.reading import (
    A_PAGE,
    MOST_A_MINUTE,
    asked,
    ident,
    in_micro,
    month_ago,
    paged,
    whole,
)
from limner.console.admin.tasks import shown
from limner.errors import BadRequest, LimnerError, NotFound
from limner.ids import now
from limner.tasks import PRIORITIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from limner.accounts import Account
    from limner.console.frame import Visit
    from limner.db import Row, Transaction

SHOWN = 10
"""How many tasks and movements an account's page shows."""

_LIMITS = OwnLimits.__struct_fields__
_BEHIND = "!"
"""Stands for "no user" in the place where a page begins; it sorts before every identifier."""


async def show_all(visit: Visit) -> Response:
    """List users and accounts, found by a name or an address."""
    search, after = asked(visit, "q"), asked(visit, "after")
    account, _, user = after.partition(".")
    rows, figures = await visit.services.database.read(_listing, search, (account, user or _BEHIND) if after else None)
    rows, pages = paged(visit, rows, lambda row: f"{row['account_id']}.{row['user_id'] or ''}")
    return visit.render("admin/users.html", page="users", rows=rows, figures=figures, pages=pages, search=search)


def _listing(
    tx: Transaction, search: str, after: tuple[str, str] | None
) -> tuple[list[Row], dict[str, oversight.Figures]]:
    rows = oversight.people(tx, search, most=A_PAGE + 1, after=after)
    return rows, oversight.by_account(tx, [row["account_id"] for row in rows], month_ago())


async def show(visit: Visit) -> Response:
    """Show an account with all that belongs to it; the path names it, or one of its users."""
    return await _shown(visit, ident(visit))


async def _shown(visit: Visit, which: str, error: LimnerError | None = None) -> Response:
    values = await visit.services.database.read(_everything_of, which)
    settings = visit.services.settings
    return visit.render(
        "admin/user.html",
        error.status if error else 200,
        page="users",
        error=error,
        server_limits={name: getattr(settings, name) for name in _LIMITS},
        at=now(),
        form=visit.form,
        **values,
    )


def _everything_of(tx: Transaction, which: str) -> dict[str, Any]:
    account = _account_of(tx, which)
    members = users.of_account(tx, account.id)
    figures = oversight.by_account(tx, [account.id], month_ago())
    return {
        "account": account,
        "people": [(user, sessions.of_user(tx, user.id)) for user in members],
        "figures": figures.get(account.id, oversight.Figures()),
        "spent": oversight.spent(tx, account.id),
        "credentials": oversight.credentials_of(tx, account.id),
        "movements": oversight.movements(tx, account.id, SHOWN),
        "tasks": [shown(row) for row in oversight.tasks_of(tx, account.id, SHOWN)],
    }


def _account_of(tx: Transaction, which: str) -> Account:
    """Find an account by its own identifier or by that of one of its users; raises `NotFound`."""
    try:
        return accounts.find(tx, users.find(tx, which).account_id)
    except NotFound:
        return accounts.find(tx, which)


async def grant(visit: Visit) -> Response:
    """Give an account credits, or take some back."""

    async def act() -> str:
        amount = in_micro(visit.form.get("amount", ""), "amount")
        reason = visit.form.get("reason", "").strip()[:200]
        await visit.services.database.write(administration.grant, visit.user.email, ident(visit), amount, reason)
        return "The credits are booked."

    return await _done(visit, act)


async def limit(visit: Visit) -> Response:
    """Give an account limits of its own: empty for the server's, zero for none."""

    async def act() -> str:
        given = {name: visit.form.get(name, "").strip() for name in _LIMITS}
        limits = OwnLimits(
            **{name: whole(text, name, least=0, most=MOST_A_MINUTE) for name, text in given.items() if text}
        )
        await visit.services.database.write(administration.limit, visit.user.email, ident(visit), limits)
        return "The limits are set."

    return await _done(visit, act)


async def prioritise(visit: Visit) -> Response:
    """Say whose tasks go first."""

    async def act() -> str:
        priority = whole(visit.form.get("priority", ""), "priority", least=PRIORITIES[0], most=PRIORITIES[-1])
        await visit.services.database.write(administration.prioritise, visit.user.email, ident(visit), priority)
        return "The priority is set."

    return await _done(visit, act)


async def switch_account(visit: Visit) -> Response:
    """Switch an account off or on; not one's own."""

    async def act() -> str:
        disabled = _wanted(visit, "disabled", "enabled") == "disabled"
        if disabled and ident(visit) == visit.user.account_id:
            raise BadRequest("This is your own account: another admin would have to switch it off.")
        await visit.services.database.write(
            administration.switch_account, visit.user.email, ident(visit), disabled=disabled
        )
        return "The account is switched off." if disabled else "The account is switched on."

    return await _done(visit, act)


async def switch_user(visit: Visit) -> Response:
    """Keep a user from signing in, or let them again."""

    async def act() -> str:
        disabled = _wanted(visit, "disabled", "enabled") == "disabled"
        await visit.services.database.write(
            administration.switch_user, visit.user.email, ident(visit), disabled=disabled
        )
        return "The user can no longer sign in." if disabled else "The user can sign in again."

    return await _done(visit, act)


async def set_role(visit: Visit) -> Response:
    """Make a user an admin or a member."""

    async def act() -> str:
        role: users.Role = "admin" if _wanted(visit, "admin", "member") == "admin" else "member"
        await visit.services.database.write(administration.set_role, visit.user.email, ident(visit), role)
        return f"The user is {'an admin' if role == 'admin' else 'a member'} now."

    return await _done(visit, act)


async def end_sessions(visit: Visit) -> Response:
    """Sign a user out everywhere."""

    async def act() -> str:
        ended = await visit.services.database.write(administration.end_sessions, visit.user.email, ident(visit))
        return f"{ended} session{'s' * (ended != 1)} ended."

    return await _done(visit, act)


async def revoke(visit: Visit) -> Response:
    """End a credential of any account."""
    found = await visit.services.database.write(_revoked, visit.user.email, ident(visit))
    return visit.redirect(f"/admin/users/{found}", notice="The credential is revoked.")


def _revoked(tx: Transaction, actor: str, credential_id: str) -> str:
    """Revoke a credential and say whose it was."""
    account_id = oversight.whose_credential(tx, credential_id)
    administration.revoke(tx, actor, credential_id)
    return account_id


def _wanted(visit: Visit, *offered: str) -> str:
    """Read which of the offered states a form wants; raises `BadRequest`."""
    given = visit.form.get("to", "")
    if given not in offered:
        raise BadRequest(f"Choose {' or '.join(offered)}.", param="to")
    return given


async def _done(visit: Visit, act: Callable[[], Any]) -> Response:
    """Do what a form of an account's page asks for and come back to it, with what was wrong where it was."""
    try:
        notice = await act()
    except NotFound:
        raise
    except LimnerError as error:
        return await _shown(visit, ident(visit), error)
    return visit.redirect(f"/admin/users/{ident(visit)}", notice=notice)
