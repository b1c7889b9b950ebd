"""Sessions: who is signed in with which browser. The cookie holds a random token, the table its hash.

A session is made at every sign-in and never taken over from a visitor, so nobody can plant one (session fixation).
The token that forms carry against cross-site requests is derived from the session's, so it needs no table.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, delete, select, update

from limner.db.schema import accounts, sessions, users
from limner.ids import SECOND, new_id, now

if TYPE_CHECKING:
    from limner.db import Row, Transaction

TOUCH_EVERY = 60 * SECOND
"""How exactly it is noted when a session was last seen, microseconds."""

LONGEST_AGENT = 300


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in: the session with its user and account as they are now; times are microseconds."""

    id: str
    user_id: str
    account_id: str
    email: str
    name: str
    role: str
    user_agent: str
    address: str
    created_at: int
    seen_at: int
    expires_at: int

    @property
    def is_admin(self) -> bool:
        """Whether the user may see and change what belongs to all."""
        return self.role == "admin"


_FIELDS = Session.__struct_fields__
_SESSION = (
    select(sessions, users.c.account_id, users.c.email, users.c.name, users.c.role)
    .join(users, users.c.id == sessions.c.user_id)
    .join(accounts, accounts.c.id == users.c.account_id)
)
_FIND = _SESSION.where(
    sessions.c.hash == bindparam("hash"),
    sessions.c.expires_at > bindparam("at"),
    users.c.disabled_at.is_(None),
    accounts.c.disabled_at.is_(None),
)
_OF_USER = _SESSION.where(sessions.c.user_id == bindparam("user_id"), sessions.c.expires_at > bindparam("at")).order_by(
    sessions.c.seen_at.desc()
)
_TOUCH = update(sessions).where(sessions.c.id == bindparam("which")).values(seen_at=bindparam("at"))
_END = delete(sessions).where(sessions.c.id == bindparam("which"), sessions.c.user_id == bindparam("owner"))
_END_OTHERS = delete(sessions).where(sessions.c.user_id == bindparam("owner"), sessions.c.id != bindparam("kept"))
_SWEEP = delete(sessions).where(sessions.c.expires_at <= bindparam("at"))


def cookie_name(public_url: str) -> str:
    """Name the session's cookie; over HTTPS its prefix holds it to this very host (RFC 6265bis, 4.1.3)."""
    return "__Host-limner_session" if public_url.startswith("https:") else "limner_session"


def digest(token: str) -> str:
    """Hash a token as the table keeps it."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_token(secret: bytes, token: str) -> str:
    """Give what forms of this session carry: HMAC-SHA-256 of the cookie's token under the server's key."""
    return hmac.new(secret, b"csrf\n" + token.encode(), hashlib.sha256).hexdigest()


def csrf_fits(secret: bytes, token: str, given: str) -> bool:
    """Whether a form or a header carries the token of this session, compared in constant time."""
    return hmac.compare_digest(csrf_token(secret, token).encode(), given.encode())


def begin(tx: Transaction, user_id: str, *, user_agent: str, address: str, life: int) -> str:
    """Begin a session of `life` microseconds; give the token for the cookie, which cannot be had again."""
    token, at = secrets.token_urlsafe(32), now()
    tx.insert(
        sessions,
        id=new_id(),
        user_id=user_id,
        hash=digest(token),
        user_agent=user_agent[:LONGEST_AGENT],
        address=address,
        created_at=at,
        seen_at=at,
        expires_at=at + life,
    )
    return token


def find(tx: Transaction, token: str) -> Session | None:
    """Find who presents a token: None for one that is unknown or over, or whose user or account is switched off."""
    row = tx.one(_FIND, hash=digest(token), at=now())
    return _session(row) if row else None


def touch(tx: Transaction, session_id: str) -> None:
    """Note that a session was just seen."""
    tx.run(_TOUCH, which=session_id, at=now())


def of_user(tx: Transaction, user_id: str) -> list[Session]:
    """List a user's sessions, the one seen last first."""
    return [_session(row) for row in tx.all(_OF_USER, user_id=user_id, at=now())]


def end(tx: Transaction, user_id: str, session_id: str) -> bool:
    """End one of a user's sessions; False when there is none such."""
    return tx.run(_END, which=session_id, owner=user_id) == 1


def end_others(tx: Transaction, user_id: str, kept: str = "") -> int:
    """End all of a user's sessions but the one to be kept; how many there were."""
    return tx.run(_END_OTHERS, owner=user_id, kept=kept)


def sweep(tx: Transaction) -> int:
    """Forget the sessions that are over; how many there were."""
    return tx.run(_SWEEP, at=now())


def _session(row: Row) -> Session:
    return Session(**{field: row[field] for field in _FIELDS})
