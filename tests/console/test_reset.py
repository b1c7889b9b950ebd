"""Forgotten passwords: who gets a link, what it does, and that it does so once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import bindparam, select, update

from limner import accounts, audit, recovery, sessions, users
from limner.db.schema import one_time_tokens
from limner.settings import Settings
from tests.conftest import Live, serving
from tests.console.conftest import mailing
from tests.databases import DIALECTS, migrated
from tests.letters import Letterbox, link_in
from tests.people import Person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from limner.db import Row, Transaction

ANOTHER = "another good long password"
_ROWS = select(one_time_tokens).where(one_time_tokens.c.user_id == bindparam("whose"))
_AGE = (
    update(one_time_tokens)
    .where(one_time_tokens.c.user_id == bindparam("whose"))
    .values(
        expires_at=one_time_tokens.c.expires_at - bindparam("by"),
        created_at=one_time_tokens.c.created_at - bindparam("by"),
    )
)
HOUR = 3600 * 1_000_000


def rows(tx: Transaction, user_id: str) -> list[Row]:
    return tx.all(_ROWS, whose=user_id)


def age(tx: Transaction, user_id: str, by: int) -> None:
    """Let a user's links be older than they are."""
    tx.run(_AGE, whose=user_id, by=by)


@pytest.fixture(scope="module", params=DIALECTS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, box: Letterbox) -> Iterator[Live]:
    """Serve with mail, and with somebody who is the admin."""
    folder = tmp_path_factory.mktemp("reset")
    with mailing(request.param, folder, box) as live, Person(live, "admin@example.com") as admin:
        admin.register()
        yield live


@pytest.fixture
def ada(server: Live) -> Iterator[Person]:
    """Give somebody who registered and is signed in, with a browser that is not."""
    with Person(server) as somebody:
        somebody.register()
        yield somebody


@pytest.fixture
def browser(server: Live, ada: Person) -> Iterator[Person]:
    """Give another browser of hers."""
    with Person(server, ada.email) as opened:
        yield opened


def token_of(page: str) -> str:
    found = re.search(r'name="token" value="([\w-]{43})"', page)
    assert found
    return found[1]


def test_a_link_by_mail_sets_the_password_once(server: Live, ada: Person, browser: Person, box: Letterbox) -> None:
    assert 'href="/forgot"' in browser.get("/login").text
    asked = browser.post("/forgot", email=f" {ada.email.upper()} ")
    assert asked.status_code == 200
    letter = box.take()
    assert letter["To"] == ada.email
    assert server.url.removeprefix("http://") in letter["Subject"]
    user = ada.user
    for _ in range(users.MOST_FAILURES):
        server.write(users.failed, user.id)
    assert users.is_locked(server.read(users.find, user.id), 0)

    shown = browser.get(link_in(letter))
    token = token_of(shown.text)
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert shown.headers["cache-control"] == "no-store"
    assert shown.text.count(token) == 1  # in the form, in no link
    assert server.read(rows, user.id)[0]["hash"] != token
    short = browser.post("/reset", token=token, password="short")  # noqa: S106 - nobody's
    assert short.status_code == 400
    assert "at least 10 characters" in short.text
    assert token_of(short.text) == token

    done = browser.post("/reset", token=token, password=ANOTHER, next="//evil.example")
    assert (done.status_code, done.headers["location"]) == (303, "/console")
    assert server.read(sessions.find, ada.session) is None  # she was signed in elsewhere
    assert server.read(sessions.find, browser.session).user_id == user.id
    assert not users.is_locked(server.read(users.find, user.id), 0)

    with Person(server, ada.email, ANOTHER) as later:
        for answer in (later.get(link_in(letter)), later.post("/reset", token=token, password=ANOTHER)):
            assert answer.status_code == 400
            assert "no longer good" in answer.text
        assert later.login().status_code == 303


def test_the_answer_is_the_same_for_everybody(server: Live, ada: Person, browser: Person, box: Letterbox) -> None:
    before = len(box.letters)
    user = ada.user
    stranger = browser.post("/forgot", email="nobody@example.com")
    server.write(users.disable, user.id)
    off = browser.post("/forgot", email=ada.email)
    server.write(users.disable, user.id, disabled=False)
    known = browser.post("/forgot", email=ada.email)
    box.take()
    again = browser.post("/forgot", email=ada.email)  # a minute has not gone by
    assert stranger.text == off.text == known.text == again.text
    assert "If there is an account for that address" in known.text
    server.write(age, user.id, 60_000_000)
    browser.post("/forgot", email=ada.email)
    box.take()
    assert len(box.letters) == before + 2
    assert len(server.read(rows, user.id)) == 1  # the newer link made the older one void
    wrong = browser.post("/forgot", email="nobody")
    assert wrong.status_code == 400
    assert "no e-mail address" in wrong.text


def test_a_link_ends_after_an_hour_and_when_a_newer_one_is_made(server: Live, ada: Person, browser: Person) -> None:
    user = ada.user
    _, old = server.write(recovery.hand_out, "x", user.id)
    _, new = server.write(recovery.hand_out, "x", user.id)
    assert browser.post("/reset", token=old, password=ANOTHER).status_code == 400
    server.write(age, user.id, HOUR - 60_000_000)
    assert browser.get(f"/reset?token={new}").status_code == 200
    server.write(users.disable, user.id)
    assert browser.post("/reset", token=new, password=ANOTHER).status_code == 403
    server.write(users.disable, user.id, disabled=False)
    server.write(accounts.disable, ada.email)
    assert browser.post("/reset", token=new, password=ANOTHER).status_code == 403
    server.write(accounts.disable, ada.email, disabled=False)
    server.write(age, user.id, 60_000_000)
    assert browser.post("/reset", token=new, password=ANOTHER).status_code == 400
    for strange in ("", "\0", "x" * 43):
        assert browser.get("/reset", token=strange).status_code == 400


def test_an_admin_hands_out_a_link(server: Live, ada: Person, browser: Person) -> None:
    user = ada.user
    place = f"/admin/users/{user.id}/reset"
    with Person(server, "admin@example.com", forms=place) as admin:
        admin.login()
        assert "Make a link" in admin.get(place).text
        done = admin.post(place)
        assert done.headers["location"] == place
        shown = admin.follow(done).text
        link = re.search(r"http://[^<]+(/reset\?token=[\w-]{43})", shown)
        assert link
        assert link[1] not in admin.get(place).text
        act = server.read(audit.listed, 1)[0]
        assert (act.actor, act.act, act.subject) == ("admin@example.com", "make reset link", ada.email)
        assert link[1][-43:] not in str(act)
        assert browser.post("/reset", token=link[1][-43:], password=ANOTHER).status_code == 303
        assert admin.get("/admin/users/nobody/reset").status_code == 404
        assert admin.post("/admin/users/%00/reset").status_code == 404
    assert ada.get(place).headers["location"].startswith("/login")  # whose session has ended
    assert browser.get(place).status_code == 404  # who is no admin


def test_forms_of_other_sites_are_refused(server: Live, ada: Person, browser: Person) -> None:
    user = ada.user
    _, token = server.write(recovery.hand_out, "x", user.id)
    forms = {
        "/forgot": {"email": ada.email},
        "/reset": {"token": token, "password": ANOTHER},
        f"/admin/users/{user.id}/reset": {},
        "/admin/invitations": {},
        "/admin/invitations/x/withdraw": {},
    }
    for path, fields in forms.items():
        assert browser.post(path, csrf="0" * 64, **fields).status_code == 403
        foreign = browser.browser.post(
            path, data={"csrf": browser.csrf, **fields}, headers={"sec-fetch-site": "cross-site"}
        )
        assert foreign.status_code == 403
    assert browser.get(f"/reset?token={token}").status_code == 200


def test_floods_are_refused(server: Live, browser: Person) -> None:
    server.services  # noqa: B018 - the server is what is flooded
    answers = [browser.post("/forgot", email="nobody").status_code for _ in range(22)]
    assert answers[0] == 400
    assert answers[-1] == 429


def test_without_mail_the_page_says_who_to_ask(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("silent")
    with (
        migrated("sqlite", folder) as url,
        serving(Settings(data=str(folder), database_url=url, workers=1, log_level="critical")) as live,
        Person(live) as person,
    ):
        for answer in (person.get("/forgot"), person.post("/forgot", email="a@example.com")):
            assert answer.status_code == 200
            assert "limner account reset EMAIL" in answer.text
