"""Users who are signed in already: a session's cookie and the token for forms, without the door."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
from sqlalchemy import select

from limner import accounts, audit, sessions, users
from limner.db.schema import audit as acts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from limner.db import Transaction
    from limner.users import Role, User
    from tests.conftest import Live

LIFE = 3_600_000_000


class Signed:
    """A browser with a session."""

    def __init__(self, live: Live, user: User, browser: httpx.Client, csrf: str) -> None:
        self.live, self.user, self.browser, self.csrf = live, user, browser, csrf

    def get(self, path: str, **query: str) -> httpx.Response:
        return self.browser.get(path, params=query or None)

    def post(self, path: str, **form: str) -> httpx.Response:
        return self.browser.post(path, data={"csrf": self.csrf} | form)

    def done(self, path: str, **form: str) -> None:
        """Send a form that is accepted and sends the browser on."""
        answer = self.post(path, **form)
        assert answer.status_code == 303, answer.text

    def acts(self) -> list[tuple[str, str]]:
        """What the audit log holds of this user: act and subject, newest first."""
        return [(entry.act, entry.subject) for entry in self.live.read(acts_of, self.user.email)]


def acts_of(tx: Transaction, actor: str) -> list[audit.Entry]:
    rows = tx.all(select(acts).where(acts.c.actor == actor).order_by(acts.c.id.desc()))
    return [audit._entry(row) for row in rows]


def person(tx: Transaction, role: Role, name: str = "") -> User:
    """Make a user of an account of their own, who signs in without a password."""
    email = f"{uuid.uuid4()}@example.org"
    account = accounts.create(tx, name or email)
    return users.create(tx, account_id=account.id, email=email, role=role)


def signed_in(tx: Transaction, role: Role) -> tuple[User, str]:
    user = person(tx, role)
    return user, sessions.begin(tx, user.id, user_agent="a test", address="127.0.0.1", life=LIFE)


@contextmanager
def signed(live: Live, role: Role) -> Iterator[Signed]:
    """Sign somebody new in for the length of a block."""
    user, token = live.write(signed_in, role)
    cookies = {sessions.cookie_name(live.services.public_url): token}
    with httpx.Client(base_url=live.url, cookies=cookies, timeout=60) as browser:
        yield Signed(live, user, browser, sessions.csrf_token(live.services.secret, token))
