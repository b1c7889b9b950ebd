"""People who use the pages: a browser's cookies and forms, without the browser."""

from __future__ import annotations

import random
import re
import uuid
from typing import TYPE_CHECKING, Any, Self

import httpx

from limner import registration, sessions, users
from limner.ids import SECOND

if TYPE_CHECKING:
    from limner.db import Transaction
    from tests.conftest import Live

PASSWORD = "a good long password"  # noqa: S105 - nobody's
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


class Person:
    """Somebody with a browser of their own; `with Person(...) as ada:` closes it.

    Redirects are not followed, so that tests see them; `follow` does. Everybody comes from an address of their own, so
    that the limit of the door on passwords from one address is not for all tests together.
    """

    def __init__(
        self, server_url: str, email: str = "", password: str = PASSWORD, *, forms: str = "/console/settings"
    ) -> None:
        """`forms` is a page for users with a form on it, where the token that forms carry is read."""
        self.email, self.password = email or f"{uuid.uuid4()}@example.com", password
        self.address = ".".join(["127", *(str(random.randrange(1, 255)) for _ in range(3))])
        transport = httpx.HTTPTransport(local_address=self.address)
        self.browser = httpx.Client(base_url=server_url, timeout=60, transport=transport)
        self._forms = forms

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self.browser.close()

    def register(self, **fields: str) -> httpx.Response:
        """Register, which signs in; the first of an installation is its admin."""
        return self.post("/register", **{"email": self.email, "password": self.password} | fields)

    def login(self, **fields: str) -> httpx.Response:
        """Sign in."""
        return self.post("/login", **{"email": self.email, "password": self.password} | fields)

    def logout(self) -> httpx.Response:
        """Sign out."""
        return self.post("/logout")

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Open a page."""
        return self.browser.get(path, **more)

    def post(self, path: str, **fields: str | list[str]) -> httpx.Response:
        """Send a form with the token it needs; `csrf=...` sends another, a list several values of one name."""
        return self.browser.post(path, data={"csrf": fields.pop("csrf", None) or self.csrf(), **fields})

    def follow(self, answer: httpx.Response) -> httpx.Response:
        """Go where an answer sends the browser."""
        return self.get(answer.headers["location"])

    def csrf(self) -> str:
        """Read the token that this browser's forms carry from a page of its own."""
        found = _CSRF.search(self.get("/login").text) or _CSRF.search(self.get(self._forms).text)
        assert found, "there is no form on the page"
        return found[1]

    @property
    def session(self) -> str | None:
        """The cookie of the session."""
        return self.browser.cookies.get("limner_session")


def signed_in(live: Live, person: Person) -> Person:
    """Have somebody registered and signed in without the door, which takes a password and its time."""
    user = live.write(registration.register, person.email, mode="open")
    token = live.write(sessions.begin, user.id, user_agent="", address=person.address, life=3600 * SECOND)
    person.browser.cookies.set("limner_session", token, domain="127.0.0.1", path="/")
    return person


def an_admin(live: Live) -> str:
    """Have a first user, so that who registers next is no admin; give the e-mail address."""
    email = "first@example.com"
    if live.read(users.by_email, email) is None:
        live.write(_make_admin, email)
    return email


def _make_admin(tx: Transaction, email: str) -> None:
    users.set_role(tx, registration.register(tx, email, mode="open").id, "admin")
