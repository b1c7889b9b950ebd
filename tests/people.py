"""People who use the pages: a browser's cookies and forms, without the browser.

They come in by the forms of the door (`register`, `login`), or by rows (`come_in`, `signed_in`) where the door is not
what a test is about: hashing a password takes its time.
"""

from __future__ import annotations

import random
import re
import uuid
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import httpx

from limner import accounts, acquire, audit, registration, sessions, users
from limner.ids import SECOND
from tests.tasks import write_task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from limner.acquire import Acquired
    from limner.db import Transaction
    from limner.users import Role, User
    from tests.conftest import Live

PASSWORD = "a good long password"  # noqa: S105 - nobody's
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


class Person:
    """Somebody with a browser of their own; `with Person(live) as ada:` closes it.

    Redirects are not followed, so that tests see them; `follow` does. Everybody comes from an address of their own, so
    that the limit of the door on passwords from one address is not for all tests together.
    """

    def __init__(
        self, live: Live, email: str = "", password: str = PASSWORD, *, forms: str = "/console/settings"
    ) -> None:
        """`forms` is a page for users with a form on it, where the token that forms carry is read."""
        self.live, self.email, self.password = live, email or an_address(), password
        self.key = ""
        self.address = ".".join(["127", *(str(random.randrange(1, 255)) for _ in range(3))])
        transport = httpx.HTTPTransport(local_address=self.address)
        self.browser = httpx.Client(base_url=live.url, timeout=60, transport=transport)
        self._cookie = sessions.cookie_name(live.services.public_url)
        self._forms, self._begun = forms, ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self.browser.close()

    # ---- coming in

    def register(self, **fields: str) -> httpx.Response:
        """Register, which signs in; the first of an installation is its admin."""
        return self.post("/register", **{"email": self.email, "password": self.password} | fields)

    def login(self, **fields: str) -> httpx.Response:
        """Sign in."""
        return self.post("/login", **{"email": self.email, "password": self.password} | fields)

    def logout(self) -> httpx.Response:
        """Sign out."""
        return self.post("/logout")

    def come_in(self, role: Role = "member") -> None:
        """Be a user who is signed in, by rows alone: somebody without a password, in no case the admin by chance."""
        self._begun = self.live.write(_begin, self.email, role, self.address)
        self.browser.cookies.set(self._cookie, self._begun, domain="127.0.0.1", path="/")

    def acquire(self, credits_: int = 5_000_000) -> Acquired:
        """Do what *Acquire* does; the key is kept as `key`."""
        made: Acquired | None = self.live.write(acquire.enter, self.account_id, free_credits=credits_)
        assert made is not None
        self.key = made.key
        return made

    # ---- using pages

    def get(self, path: str, **query: str) -> httpx.Response:
        """Open a page."""
        return self.browser.get(path, params=query or None)

    def post(self, path: str, **fields: str | list[str]) -> httpx.Response:
        """Send a form with the token it needs; `csrf=...` sends another, a list several values of one name."""
        return self.browser.post(path, data={"csrf": fields.pop("csrf", None) or self.csrf, **fields})

    def fetch(self, path: str, **fields: str) -> httpx.Response:
        """Send a form as a page's script does, which asks for JSON."""
        return self.browser.post(path, data={"csrf": self.csrf, **fields}, headers={"accept": "application/json"})

    def done(self, path: str, **fields: str) -> None:
        """Send a form that is accepted and sends the browser on."""
        answer = self.post(path, **fields)
        assert answer.status_code == 303, answer.text

    def follow(self, answer: httpx.Response) -> httpx.Response:
        """Go where an answer sends the browser."""
        return self.get(answer.headers["location"])

    @property
    def csrf(self) -> str:
        """The token that this browser's forms carry: read from one, unless the session was begun by rows."""
        if self._begun and self.session == self._begun:
            return sessions.csrf_token(self.live.services.secret, self._begun)
        found = _CSRF.search(self.get("/login").text) or _CSRF.search(self.get(self._forms).text)
        assert found, "there is no form on the page"
        return found[1]

    @property
    def session(self) -> str | None:
        """The value of the session's cookie."""
        return self.browser.cookies.get(self._cookie)

    @property
    def cookie(self) -> Any:
        """The session's cookie as a real browser takes it."""
        return {"name": self._cookie, "value": self.session, "url": self.live.url}

    # ---- what the tables hold

    @property
    def user(self) -> User:
        """The user as they are now."""
        found = self.live.read(users.by_email, self.email)
        assert isinstance(found, users.User)
        return found

    @cached_property
    def account_id(self) -> str:
        """The user's account."""
        return self.user.account_id

    def acts(self) -> list[tuple[str, str]]:
        """What the audit log holds of this user: act and subject, newest first."""
        entries: list[audit.Entry] = self.live.read(audit.listed, 1000, who=self.email)
        return [(entry.act, entry.subject) for entry in entries if entry.actor == self.email]

    def task(self, **more: Any) -> str:
        """Write a task of theirs, completed with one picture unless said otherwise, and give its id."""
        made: str = self.live.write(write_task, self.live.services.catalogue, self.account_id, **more)
        return made


@contextmanager
def signed_in(live: Live, role: Role = "member") -> Iterator[Person]:
    """Sign somebody new in by rows, for the length of a block."""
    with Person(live) as person:
        person.come_in(role)
        yield person


@contextmanager
def registered(live: Live, **more: Any) -> Iterator[Person]:
    """Have somebody register by the form, who is not the first and so no admin."""
    an_admin(live)
    with Person(live, **more) as person:
        assert person.register().status_code == 303
        yield person


def an_admin(live: Live) -> str:
    """Have a first user, so that who registers next is no admin; give the e-mail address."""
    email = "first@example.com"
    if live.read(users.by_email, email) is None:
        live.write(_make_admin, email)
    return email


def an_address() -> str:
    """Give an e-mail address that nobody has yet."""
    return f"{uuid.uuid4()}@example.com"


def a_user(tx: Transaction, role: Role = "member", *, email: str = "", account: str = "") -> User:
    """Write a user without a password, with an account of their own that has their address for a name."""
    email = email or an_address()
    owned = accounts.create(tx, account or email)
    return users.create(tx, account_id=owned.id, email=email, role=role)


def _begin(tx: Transaction, email: str, role: Role, address: str) -> str:
    user = a_user(tx, role, email=email)
    return sessions.begin(tx, user.id, user_agent="", address=address, life=3600 * SECOND)


def _make_admin(tx: Transaction, email: str) -> None:
    users.set_role(tx, registration.register(tx, email, mode="open").id, "admin")
