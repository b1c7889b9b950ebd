"""Registration: a new user with an account of their own, and who may have one. Joins users and accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner import accounts, users
from limner.errors import BadRequest, Disabled

if TYPE_CHECKING:
    from limner.db import Transaction
    from limner.users import Role, User


def register(
    tx: Transaction,
    email: str,
    *,
    mode: str,
    invited: bool = False,
    password_hash: str | None = None,
    subject: str | None = None,
    name: str = "",
) -> User:
    """Make a user with an account of their own; the first one is the admin, whatever the mode.

    `mode` is the setting: `open` for everybody, `invite` for who was invited, `closed` for nobody.

    Raises `BadRequest` naming `email` where the address is taken, `Disabled` where registration is closed to them.
    """
    first = users.count(tx) == 0
    refuse_strangers(mode, first=first, invited=invited)
    if users.by_email(tx, email):
        raise BadRequest("This address is registered already: sign in instead.", param="email")
    role: Role = "admin" if first else "member"
    account = accounts.create(tx, _free_name(tx, email))
    return users.create(
        tx, account_id=account.id, email=email, name=name, password_hash=password_hash, subject=subject, role=role
    )


def refuse_strangers(mode: str, *, first: bool, invited: bool) -> None:
    """Raise `Disabled` unless somebody may register."""
    if first or mode == "open" or (mode == "invite" and invited):
        return
    if mode == "invite":
        raise Disabled("Registration needs an invitation here: ask whoever runs this server for one.")
    raise Disabled("Registration is closed here: ask whoever runs this server for an account.")


def _free_name(tx: Transaction, email: str) -> str:
    """Find a name for the account: the address, unless an account that is somebody else's goes by it."""
    name, number = email, 1
    while accounts.by_name(tx, name):
        number += 1
        name = f"{email} ({number})"
    return name
