"""People who are signed in, made by rows rather than by forms: hashing passwords is for the tests of the door."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from limner import acquire, registration, sessions, users

if TYPE_CHECKING:
    from collections.abc import Iterator

    from limner.acquire import Acquired
    from limner.db import Transaction
    from tests.conftest import Live

LIFE = 3_600_000_000


class Member:
    """A user with a session, and the client that carries it."""

    def __init__(self, live: Live, client: httpx.Client) -> None:
        self.live, self.client, self.key = live, client, ""
        self.account_id, self.token = live.write(_begin, f"{uuid.uuid4()}@example.com")
        self.csrf = sessions.csrf_token(live.services.secret, self.token)
        client.cookies.set(sessions.cookie_name(live.services.public_url), self.token)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.client.get(path, **more)

    def send(self, path: str, json: bool = False, **fields: Any) -> httpx.Response:
        """Send a form of this user's."""
        headers = {"accept": "application/json"} if json else {}
        return self.client.post(path, data=fields | {"csrf": self.csrf}, headers=headers)

    def acquire(self) -> Acquired:
        """Get the account's first application with its key."""
        made: Acquired = self.live.write(acquire.enter, self.account_id, free_credits=5_000_000)
        return made


def _begin(tx: Transaction, email: str) -> tuple[str, str]:
    user = registration.register(tx, users.normalised(email), mode="open")
    return user.account_id, sessions.begin(tx, user.id, user_agent="", address="", life=LIFE)


@contextmanager
def member_of(live: Live) -> Iterator[Member]:
    """Sign in a fresh user for the length of a block."""
    with httpx.Client(base_url=live.url, timeout=60) as client:
        yield Member(live, client)
