"""Recovery: a link that lets a user set a password anew, and what happens when it is used.

Joins users, sessions and one-time tokens, and writes down what admins hand out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner import accounts, audit, onetime, sessions, users
from limner.errors import BadRequest, Disabled
from limner.ids import SECOND, now

if TYPE_CHECKING:
    from limner.db import Transaction
    from limner.users import User

NOT_AGAIN_FOR = 60 * SECOND
"""So long after a link was mailed nobody can have another sent to the same address, microseconds."""

FORGOTTEN = "forgotten password"
"""Who a link is made by that somebody asked for at the door."""

STALE = "This link is no longer good: it was used, is over an hour old, or a newer one was made."


def hand_out(tx: Transaction, actor: str, user_id: str) -> tuple[User, str]:
    """Make the token of a link that an admin gives to a user; raises `NotFound`."""
    user = users.find(tx, user_id)
    audit.record(tx, actor, "make reset link", user.email)
    return user, onetime.make(tx, "reset", made_by=actor, user_id=user.id)


def forgotten(tx: Transaction, email: str) -> str | None:
    """Make the token for who asks at the door; None for strangers, the switched off, and who asked just now."""
    user = users.by_email(tx, email)
    if user is None or user.disabled_at is not None:
        return None
    last = onetime.last_reset(tx, user.id)
    if last is not None and last.made_by == FORGOTTEN and last.created_at > now() - NOT_AGAIN_FOR:
        return None
    return onetime.make(tx, "reset", made_by=FORGOTTEN, user_id=user.id)


def holder(tx: Transaction, token: str) -> User:
    """Say whose password a link sets; raises `BadRequest` where it sets none any more."""
    found = onetime.find(tx, "reset", token)
    if found is None or found.user_id is None:
        raise BadRequest(STALE)
    return users.find(tx, found.user_id)


def set_anew(tx: Transaction, token: str, password_hash: str) -> User:
    """Use a link up: the password is set, the door unlocked, every session ended.

    Raises `BadRequest` for a link that is no longer good, `Disabled` for a user who is switched off.
    """
    user = holder(tx, token)
    if user.disabled_at is not None or accounts.find(tx, user.account_id).disabled_at is not None:
        raise Disabled("This user is switched off: ask whoever runs this server.")
    if onetime.use(tx, "reset", token) is None:
        raise BadRequest(STALE)
    users.set_password(tx, user.id, password_hash)
    sessions.end_others(tx, user.id)
    return user
