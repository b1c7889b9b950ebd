"""What admins do to users, accounts, credentials and deliveries, each act with its row in the audit log.

Everything here is a unit of work; `actor` is an admin's e-mail address, or `audit.COMMAND_LINE`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner import accounts, audit, callbacks, credentials, oversight, quotas, sessions, users
from limner.errors import BadRequest, Conflict, NotFound

if TYPE_CHECKING:
    from limner.accounts import OwnLimits
    from limner.db import Transaction
    from limner.users import Role

LAST_ADMIN = "That would leave nobody who can administer this server."


def grant(tx: Transaction, actor: str, account_id: str, amount: int, reason: str = "") -> int:
    """Give an account micro-credits, or take some back with a negative `amount`; the balance after it.

    Raises `NotFound`, or `BadRequest` naming `amount` for nothing or for more than there is to take.
    """
    account = accounts.find(tx, account_id)
    before = quotas.lock(tx, account_id)["balance"]
    if amount == 0:
        raise BadRequest("Say how many credits: nothing is neither a grant nor a correction.", param="amount")
    if amount < 0 and before + amount < 0:
        raise BadRequest("A correction can take no more than the balance.", param="amount")
    after = quotas.grant(tx, account_id, amount)
    act = "grant credits" if amount > 0 else "take back credits"
    audit.record(tx, actor, act, account.name, micro_credits=amount, balance=after, **_given(reason=reason))
    return after


def limit(tx: Transaction, actor: str, account_id: str, limits: OwnLimits) -> None:
    """Give an account limits of its own, None where the server's are to hold; raises `NotFound`."""
    before = accounts.find(tx, account_id)
    accounts.limit(tx, account_id, limits)
    audit.record(tx, actor, "set limits", before.name, **{"from": before.limits, "to": limits})


def prioritise(tx: Transaction, actor: str, account_id: str, priority: int) -> None:
    """Say whose tasks go first where tasks wait; one of `tasks.PRIORITIES`. Raises `NotFound`."""
    before = accounts.find(tx, account_id)
    accounts.prioritise(tx, before.name, priority)
    audit.record(tx, actor, "set priority", before.name, **{"from": before.priority, "to": priority})


def switch_account(tx: Transaction, actor: str, account_id: str, *, disabled: bool) -> None:
    """Switch an account off, with every session of its users at once, or on again.

    Raises `NotFound`, or `Conflict` where no admin would be left that can sign in.
    """
    account = accounts.find(tx, account_id)
    users.lock_admins(tx)
    accounts.disable(tx, account.name, disabled=disabled)
    if disabled:
        for user in users.of_account(tx, account_id):
            sessions.end_others(tx, user.id)
        _keep_an_admin(tx, actor)
    audit.record(tx, actor, "disable account" if disabled else "enable account", account.name)


def switch_user(tx: Transaction, actor: str, user_id: str, *, disabled: bool) -> None:
    """Keep a user from signing in and end their sessions at once, or let them again.

    Raises `NotFound`, or `Conflict` for oneself and where no admin would be left.
    """
    user = users.find(tx, user_id)
    _not_oneself(actor, user.email)
    users.lock_admins(tx)
    users.disable(tx, user_id, disabled=disabled)
    if disabled:
        sessions.end_others(tx, user_id)
        _keep_an_admin(tx, actor)
    audit.record(tx, actor, "disable user" if disabled else "enable user", user.email)


def set_role(tx: Transaction, actor: str, user_id: str, role: Role) -> None:
    """Make a user an admin or a member; raises `NotFound`, or `Conflict` for oneself and the last admin."""
    user = users.find(tx, user_id)
    _not_oneself(actor, user.email)
    users.lock_admins(tx)
    users.set_role(tx, user_id, role)
    _keep_an_admin(tx, actor)
    audit.record(tx, actor, f"make {role}", user.email)


def end_sessions(tx: Transaction, actor: str, user_id: str) -> int:
    """End all sessions of a user, wherever they are signed in; how many there were. Raises `NotFound`."""
    user = users.find(tx, user_id)
    ended = sessions.end_others(tx, user_id)
    audit.record(tx, actor, "end sessions", user.email, sessions=ended)
    return ended


def revoke(tx: Transaction, actor: str, which: str) -> None:
    """End a credential of any account, given by its id or the key itself; raises `NotFound`."""
    found = credentials.whose(tx, which)
    if found is None:
        raise NotFound("there is no such credential")
    credentials.revoke(tx, found.id)
    audit.record(tx, actor, "revoke credential", f"{found.account}: {found.name}", id=found.id, key=f"…{found.hint}")


def redeliver(tx: Transaction, actor: str, delivery_id: str) -> None:
    """Make a delivery of any account due now; raises `NotFound`."""
    account_id = oversight.whose_delivery(tx, delivery_id)
    callbacks.redeliver(tx, account_id, delivery_id)
    audit.record(tx, actor, "redeliver callback", delivery_id)


def _not_oneself(actor: str, email: str) -> None:
    if actor == email:
        raise Conflict("That cannot be done to oneself: ask another admin.")


def _keep_an_admin(tx: Transaction, actor: str) -> None:
    """Undo everything by raising `Conflict` when no admin is left; the command line can mend that, so it may."""
    if actor != audit.COMMAND_LINE and users.admins_left(tx) == 0:
        raise Conflict(LAST_ADMIN)


def _given(**values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
