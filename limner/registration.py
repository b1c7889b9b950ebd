"""Registration: a new user with an account of their own, and who may have one.

Joins users, accounts and the invitations among the one-time tokens, and writes down what admins decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner import accounts, audit, onetime, sessions, users
from limner.errors import BadRequest, Disabled, NotFound

if TYPE_CHECKING:
    from limner.db import Transaction
    from limner.users import Role, User


UNINVITED = "This invitation is no longer good: it was used or withdrawn, or is over a week old. Ask for another."


def register(
    tx: Transaction,
    email: str,
    *,
    mode: str,
    invitation: str = "",
    password_hash: str | None = None,
    subject: str | None = None,
    name: str = "",
) -> User:
    """Make a user with an account of their own; the first one is the admin, whatever the mode.

    `mode` is the setting: `open` for everybody, `invite` for who was invited, `closed` for nobody. The token of an
    invitation is used up together with it.

    Raises `BadRequest` naming `email` where the address is taken or somebody else was invited, `Disabled` where
    registration is closed to them.
    """
    first = users.count(tx) == 0
    refuse_strangers(tx, mode, invitation)
    if users.by_email(tx, email):
        raise BadRequest("This address is registered already: sign in instead.", param="email")
    invited = onetime.use(tx, "invitation", invitation) if invitation else None
    if invited is not None and invited.email not in {None, email}:
        raise BadRequest("This invitation is for another address.", param="email")
    role: Role = "admin" if first else "member"
    account = accounts.create(tx, _free_name(tx, email))
    return users.create(
        tx, account_id=account.id, email=email, name=name, password_hash=password_hash, subject=subject, role=role
    )


def refuse_strangers(tx: Transaction, mode: str, invitation: str = "") -> None:
    """Raise `Disabled` unless somebody may register who brings this invitation, or none."""
    if mode == "open" or users.count(tx) == 0:
        return
    if mode != "invite":
        raise Disabled("Registration is closed here: ask whoever runs this server for an account.")
    if not invitation:
        raise Disabled("Registration needs an invitation here: ask whoever runs this server for one.")
    if onetime.find(tx, "invitation", invitation) is None:
        raise Disabled(UNINVITED)


def invite(tx: Transaction, actor: str, email: str | None) -> str:
    """Make an invitation, for whoever has it or for one address; give its token, which cannot be had again.

    Raises `BadRequest` naming `email` where a user has that address.
    """
    if email is not None and users.by_email(tx, email):
        raise BadRequest("Somebody with this address is registered already.", param="email")
    audit.record(tx, actor, "invite", email or "whoever has the link")
    return onetime.make(tx, "invitation", made_by=actor, email=email)


def withdraw(tx: Transaction, actor: str, invitation_id: str) -> None:
    """Take an invitation back; raises `NotFound` where there is none such, or it was used."""
    if not onetime.withdraw(tx, invitation_id):
        raise NotFound("There is no such invitation, or it was used.")
    audit.record(tx, actor, "withdraw invitation", invitation_id)


def recognise(
    tx: Transaction, subject: str, email: str | None, *, mode: str, name: str = "", invitation: str = ""
) -> tuple[User, bool]:
    """Find the user that a person at the identity provider is, or register them; `email` is one it vouches for.

    The flag says that a user who had registered with this address by themselves was tied to the person just now. Nobody
    had proved that the address was theirs, so what they could come in with is over: the password and every session.

    Raises `Disabled` for a user who is switched off or may not register, `BadRequest` where no address is vouched for,
    or the user with this address is tied to somebody else at the same provider.
    """
    known = users.by_subject(tx, subject)
    if known is not None:
        refuse_disabled(tx, known)
        return known, False
    if email is None:
        raise BadRequest(
            "The single sign-on provider does not vouch for your e-mail address: verify it there, then try again."
        )
    email = users.normalised(email)
    found = users.by_email(tx, email)
    if found is None:
        return register(tx, email, mode=mode, invitation=invitation, subject=subject, name=name), False
    refuse_disabled(tx, found)
    if found.subject is not None and found.subject.startswith(subject.partition(" ")[0] + " "):
        raise BadRequest("This address belongs to somebody else at the single sign-on provider: ask an admin.")
    users.set_subject(tx, found.id, subject)
    users.set_password(tx, found.id, None)
    sessions.end_others(tx, found.id)
    return found, True


def refuse_disabled(tx: Transaction, user: User) -> None:
    """Raise `Disabled` for a user whom no session would let in."""
    if user.disabled_at is not None or accounts.find(tx, user.account_id).disabled_at is not None:
        raise Disabled("This user is switched off: ask whoever runs this server.")


def _free_name(tx: Transaction, email: str) -> str:
    """Find a name for the account: the address, unless an account that is somebody else's goes by it."""
    name, number = email, 1
    while accounts.by_name(tx, name):
        number += 1
        name = f"{email} ({number})"
    return name
