"""Users: who signs in. Each belongs to an account, which is billed; the first one of an installation is its admin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import bindparam, delete, func, select, update

from limner.db.schema import accounts, users
from limner.errors import BadRequest, NotFound
from limner.ids import SECOND, new_id, now

if TYPE_CHECKING:
    from limner.db import Row, Transaction

Role = Literal["admin", "member"]
MOST_FAILURES = 10
LOCKED_FOR = 15 * 60 * SECOND
"""After so many wrong passwords in a row none is looked at for that long, microseconds."""

LONGEST_EMAIL = 254
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f<>\"'(),:;\[\]\\]{1,64}@[^@\s\x00-\x1f\x7f<>\"'(),:;\[\]\\]{1,190}")


class User(msgspec.Struct, frozen=True, kw_only=True):
    """One row; times are microseconds, `subject` is the identity provider's name for the person."""

    id: str
    account_id: str
    email: str
    name: str
    password_hash: str | None
    subject: str | None
    role: Role
    created_at: int
    disabled_at: int | None
    failures: int
    locked_until: int | None
    signed_in_at: int | None


_FIELDS = User.__struct_fields__
_BY_ID = select(users).where(users.c.id == bindparam("which"))
_BY_EMAIL = select(users).where(users.c.email == bindparam("email"))
_BY_SUBJECT = select(users).where(users.c.subject == bindparam("subject"))
_ALL = select(users).order_by(users.c.created_at, users.c.id)
_COUNT = select(func.count().label("number")).select_from(users)
_OF_ACCOUNT = select(users).where(users.c.account_id == bindparam("account_id")).order_by(users.c.id)
_SIGNED_IN = (
    update(users)
    .where(users.c.id == bindparam("which"))
    .values(signed_in_at=bindparam("at"), failures=0, locked_until=None)
)
_FAILED = (
    update(users)
    .where(users.c.id == bindparam("which"))
    .values(failures=bindparam("count"), locked_until=bindparam("until"))
)
_PASSWORD = (
    update(users)
    .where(users.c.id == bindparam("which"))
    .values(password_hash=bindparam("hashed"), failures=0, locked_until=None)
)
_SUBJECT = update(users).where(users.c.id == bindparam("which")).values(subject=bindparam("named"))
_ROLE = update(users).where(users.c.id == bindparam("which")).values(role=bindparam("given"))
_NAME = update(users).where(users.c.id == bindparam("which")).values(name=bindparam("given"))
_DISABLE = update(users).where(users.c.id == bindparam("which")).values(disabled_at=bindparam("at"))
_ADMINS = select(users.c.id).where(users.c.role == "admin").order_by(users.c.id).with_for_update()
_LEFT = (
    select(func.count().label("number"))
    .select_from(users.join(accounts, accounts.c.id == users.c.account_id))
    .where(users.c.role == "admin", users.c.disabled_at.is_(None), accounts.c.disabled_at.is_(None))
)
_DELETE = delete(users).where(users.c.id == bindparam("which"))


def normalised(email: str) -> str:
    """Write an address as it is kept; raises `BadRequest` naming `email` for what can be none."""
    found = email.strip().lower()
    if len(found) > LONGEST_EMAIL or not _EMAIL.fullmatch(found):
        raise BadRequest("That is no e-mail address: it must read name@host.", param="email")
    return found


def create(
    tx: Transaction,
    *,
    account_id: str,
    email: str,
    name: str = "",
    password_hash: str | None = None,
    subject: str | None = None,
    role: Role = "member",
) -> User:
    """Make a user of an account; raises `Duplicate` where the address is taken (look with `by_email` first)."""
    user = User(
        id=new_id(),
        account_id=account_id,
        email=email,
        name=name or email.partition("@")[0],
        password_hash=password_hash,
        subject=subject,
        role=role,
        created_at=now(),
        disabled_at=None,
        failures=0,
        locked_until=None,
        signed_in_at=None,
    )
    tx.insert(users, **msgspec.structs.asdict(user))
    return user


def find(tx: Transaction, user_id: str) -> User:
    """Find a user; raises `NotFound`."""
    row = tx.one(_BY_ID, which=user_id)
    if row is None:
        raise NotFound("There is no such user.")
    return _user(row)


def by_email(tx: Transaction, email: str) -> User | None:
    """Find a user by the normalised address."""
    row = tx.one(_BY_EMAIL, email=email)
    return _user(row) if row else None


def by_subject(tx: Transaction, subject: str) -> User | None:
    """Find a user by the identity provider's name for the person."""
    row = tx.one(_BY_SUBJECT, subject=subject)
    return _user(row) if row else None


def everyone(tx: Transaction) -> list[User]:
    """List all users, oldest first."""
    return [_user(row) for row in tx.all(_ALL)]


def of_account(tx: Transaction, account_id: str) -> list[User]:
    """List an account's users, oldest first."""
    return [_user(row) for row in tx.all(_OF_ACCOUNT, account_id=account_id)]


def count(tx: Transaction) -> int:
    """Count the users."""
    row = tx.one(_COUNT)
    return int(row["number"]) if row else 0


def is_locked(user: User, at: int) -> bool:
    """Whether too many wrong passwords were tried for any to be looked at now."""
    return user.locked_until is not None and user.locked_until > at


def signed_in(tx: Transaction, user_id: str) -> None:
    """Note that somebody signed in, and forget the wrong passwords before."""
    tx.run(_SIGNED_IN, which=user_id, at=now())


def failed(tx: Transaction, user_id: str) -> None:
    """Count a wrong password, and lock the door after `MOST_FAILURES` in a row."""
    failures = find(tx, user_id).failures + 1
    locked = failures >= MOST_FAILURES
    tx.run(_FAILED, which=user_id, count=0 if locked else failures, until=now() + LOCKED_FOR if locked else None)


def set_password(tx: Transaction, user_id: str, password_hash: str) -> None:
    """Keep another password's hash, and unlock the door."""
    tx.run(_PASSWORD, which=user_id, hashed=password_hash)


def set_subject(tx: Transaction, user_id: str, subject: str) -> None:
    """Tie a user to a person at the identity provider."""
    tx.run(_SUBJECT, which=user_id, named=subject)


def set_role(tx: Transaction, user_id: str, role: Role) -> None:
    """Make a user an admin or a member."""
    tx.run(_ROLE, which=user_id, given=role)


def rename(tx: Transaction, user_id: str, name: str) -> None:
    """Change what a user is called."""
    tx.run(_NAME, which=user_id, given=name)


def disable(tx: Transaction, user_id: str, *, disabled: bool = True) -> bool:
    """Keep a user from signing in, or let them again; False when there is none."""
    return tx.run(_DISABLE, which=user_id, at=now() if disabled else None) == 1


def lock_admins(tx: Transaction) -> None:
    """Keep all others from changing who is an admin until this transaction is over."""
    tx.all(_ADMINS)


def admins_left(tx: Transaction) -> int:
    """Count the admins who can sign in."""
    row = tx.one(_LEFT)
    return int(row["number"]) if row else 0


def remove(tx: Transaction, user_id: str) -> None:
    """Forget a user; sessions and one-time tokens of theirs must be gone already."""
    tx.run(_DELETE, which=user_id)


def _user(row: Row) -> User:
    return User(**{field: row[field] for field in _FIELDS})
