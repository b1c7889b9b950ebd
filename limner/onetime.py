"""One-time tokens: invitations to register, and links that set a password anew.

A token is 256 random bits, shown once in a link; the table keeps its hash. It ends when it is used, when its time is
over or when it is withdrawn, whatever comes first.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import bindparam, delete, select, update

from limner.db.schema import one_time_tokens
from limner.ids import SECOND, new_id, now

if TYPE_CHECKING:
    from limner.db import Row, Transaction

Kind = Literal["invitation", "reset"]
State = Literal["open", "used", "expired"]

LIFE: dict[Kind, int] = {"invitation": 7 * 86_400 * SECOND, "reset": 3600 * SECOND}
"""How long a token is good, microseconds."""

PATHS: dict[Kind, str] = {"invitation": "/register?invitation=", "reset": "/reset?token="}
"""The page that takes a token, up to where the token goes."""

KEPT = 30 * 86_400 * SECOND
"""How long it can still be seen what became of one, microseconds."""


class OneTime(msgspec.Struct, frozen=True, kw_only=True):
    """One row; times are microseconds, `email` is who is invited where that is said, `user_id` whose password it is."""

    id: str
    kind: Kind
    user_id: str | None
    email: str | None
    made_by: str
    created_at: int
    expires_at: int
    used_at: int | None

    def state(self, at: int) -> State:
        """Say whether it can still be used."""
        if self.used_at is not None:
            return "used"
        return "open" if self.expires_at > at else "expired"


_FIELDS = OneTime.__struct_fields__
_FIND = select(one_time_tokens).where(
    one_time_tokens.c.kind == bindparam("kind"),
    one_time_tokens.c.hash == bindparam("hash"),
    one_time_tokens.c.used_at.is_(None),
    one_time_tokens.c.expires_at > bindparam("at"),
)
_USE = (
    update(one_time_tokens)
    .where(one_time_tokens.c.id == bindparam("which"), one_time_tokens.c.used_at.is_(None))
    .values(used_at=bindparam("at"))
)
_LIST = select(one_time_tokens).where(one_time_tokens.c.kind == bindparam("kind")).order_by(one_time_tokens.c.id.desc())
_OF_USER = (
    select(one_time_tokens)
    .where(one_time_tokens.c.kind == bindparam("kind"), one_time_tokens.c.user_id == bindparam("user_id"))
    .order_by(one_time_tokens.c.id.desc())
    .limit(1)
)
_VOID = delete(one_time_tokens).where(
    one_time_tokens.c.kind == bindparam("kind"),
    one_time_tokens.c.user_id == bindparam("user_id"),
    one_time_tokens.c.used_at.is_(None),
)
_WITHDRAW = delete(one_time_tokens).where(
    one_time_tokens.c.kind == "invitation",
    one_time_tokens.c.id == bindparam("which"),
    one_time_tokens.c.used_at.is_(None),
)
_SWEEP = delete(one_time_tokens).where(one_time_tokens.c.expires_at < bindparam("before"))


def digest(token: str) -> str:
    """Hash a token as the table keeps it."""
    return hashlib.sha256(token.encode()).hexdigest()


def link(kind: Kind, public_url: str, token: str) -> str:
    """Give the link to hand out."""
    return public_url + PATHS[kind] + token


def make(tx: Transaction, kind: Kind, *, made_by: str, user_id: str | None = None, email: str | None = None) -> str:
    """Make a token and give it: it cannot be had again. A user's older ones of this kind are void from now on."""
    at, token = now(), secrets.token_urlsafe(32)
    tx.run(_SWEEP, before=at - KEPT)
    if user_id is not None:
        tx.run(_VOID, kind=kind, user_id=user_id)
    tx.insert(
        one_time_tokens,
        id=new_id(),
        kind=kind,
        hash=digest(token),
        user_id=user_id,
        email=email,
        made_by=made_by,
        created_at=at,
        expires_at=at + LIFE[kind],
        used_at=None,
    )
    return token


def find(tx: Transaction, kind: Kind, token: str) -> OneTime | None:
    """Find a token that can still be used; None for any other."""
    row = tx.one(_FIND, kind=kind, hash=digest(token), at=now())
    return _onetime(row) if row else None


def use(tx: Transaction, kind: Kind, token: str) -> OneTime | None:
    """Use a token up; None where it cannot be used, or somebody else was quicker."""
    found = find(tx, kind, token)
    return found if found is not None and tx.run(_USE, which=found.id, at=now()) == 1 else None


def invitations(tx: Transaction) -> list[OneTime]:
    """List the invitations of the last weeks, newest first."""
    return [_onetime(row) for row in tx.all(_LIST, kind="invitation")]


def last_reset(tx: Transaction, user_id: str) -> OneTime | None:
    """Give the newest link that was made for a user's password."""
    row = tx.one(_OF_USER, kind="reset", user_id=user_id)
    return _onetime(row) if row else None


def withdraw(tx: Transaction, invitation_id: str) -> bool:
    """Take back an invitation; False when there is none such that is not used."""
    return tx.run(_WITHDRAW, which=invitation_id) == 1


def _onetime(row: Row) -> OneTime:
    return OneTime(**{field: row[field] for field in _FIELDS})
