"""The page of settings: name, password, sessions; leaving is tried in `tests/test_departure.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import bindparam, update

from limner import sessions, users
from limner.db.schema import users as table
from tests.people import PASSWORD, Person, registered, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from limner.db import Transaction
    from tests.conftest import Live

HERE = "/console/settings"
NEW = "another long password"
SINGLE = update(table).where(table.c.id == bindparam("which")).values(password_hash=None, subject="https://id#1")


@pytest.fixture
def ada(server: Live) -> Iterator[Person]:
    """Somebody who is signed in."""
    with registered(server) as person:
        yield person


def forget_password(tx: Transaction, user_id: str) -> None:
    tx.run(SINGLE, which=user_id)


def sessions_of(server: Live, person: Person) -> list[str]:
    return [session.id for session in server.read(sessions.of_user, person.user.id)]


def test_the_name_is_changed_and_shown_as_text(ada: Person) -> None:
    shown = ada.follow(ada.post(HERE, act="name", name=' <b onmouseover="x">Ada</b> '))
    assert "Your name is changed." in shown.text
    assert "<b onmouseover" not in shown.text
    assert "&lt;b onmouseover=&#34;x&#34;&gt;Ada&lt;/b&gt;" in shown.text
    for wrong in ("  ", "x" * 81):
        answer = ada.post(HERE, act="name", name=wrong)
        assert answer.status_code == 400
        assert 'id="name-hint"' in answer.text
        assert f'value="{wrong}"' in answer.text
    assert ada.post(HERE, act="name").status_code == 400
    assert ada.post(HERE, act="grow").status_code == 400


def test_a_new_password_ends_all_other_sessions_and_begins_this_one_anew(server: Live, ada: Person) -> None:
    with Person(server, ada.email) as phone:
        phone.login()
        before = ada.session
        answer = ada.post(HERE, act="password", current=PASSWORD, password=NEW)
        assert answer.status_code == 303
        assert ada.session != before
        assert server.read(sessions.find, before) is None
        assert "Your password is changed." in ada.follow(answer).text
        assert phone.get(HERE).status_code == 303
        assert phone.login().status_code == 401
        assert phone.login(password=NEW).status_code == 303


@pytest.mark.parametrize(
    ("current", "password", "field"), [("not this one", NEW, "current"), (PASSWORD, "short", "password")]
)
def test_a_password_is_not_changed_by_who_does_not_know_it_or_to_a_bad_one(
    server: Live, ada: Person, current: str, password: str, field: str
) -> None:
    answer = ada.post(HERE, act="password", current=current, password=password)
    assert answer.status_code == 400
    assert f'id="{field}-hint"' in answer.text
    assert NEW not in answer.text
    assert PASSWORD not in answer.text
    assert len(sessions_of(server, ada)) == 1


def test_passwords_cannot_be_guessed_from_a_session_either(server: Live, ada: Person) -> None:
    user_id = ada.user.id
    for _ in range(users.MOST_FAILURES):
        server.write(users.failed, user_id)
    answer = ada.post(HERE, act="password", current=PASSWORD, password=NEW)
    assert answer.status_code == 429
    assert "Too many wrong passwords" in answer.text


def test_who_has_only_single_sign_on_sets_a_password(server: Live, ada: Person) -> None:
    server.write(forget_password, ada.user.id)
    page = ada.get(HERE).text
    assert "Current password" not in page
    assert "Set a password" in page
    assert ada.post(HERE, act="password", password=NEW).status_code == 303
    assert "Current password" in ada.get(HERE).text
    assert ada.login(password=NEW).status_code == 303


def test_sessions_are_told_of_and_ended(server: Live, ada: Person) -> None:
    with Person(server, ada.email) as phone, Person(server, ada.email) as strange:
        phone.browser.headers["user-agent"] = "Mozilla/5.0 (Android 15; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0"
        strange.browser.headers["user-agent"] = "<script>alert(1)</script>"
        phone.login()
        strange.login()
        page = ada.get(HERE).text
        assert page.count("This browser") == 1
        assert "Firefox on Android" in page
        assert phone.address in page
        assert "An unknown browser" in page
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        on_phone = server.read(sessions.find, phone.session).id
        assert ada.post(HERE, act="session", session=on_phone).status_code == 303
        assert phone.get(HERE).status_code == 303
        assert ada.post(HERE, act="session", session=on_phone).status_code == 404, "it is over"
        assert "Every other browser is signed out." in ada.follow(ada.post(HERE, act="others")).text
        assert strange.get(HERE).status_code == 303
        mine = sessions_of(server, ada)
        assert len(mine) == 1
        answer = ada.post(HERE, act="session", session=mine[0])
        assert answer.headers["location"] == "/login"
        assert "You are signed out." in ada.follow(answer).text
        assert sessions_of(server, ada) == []


def test_another_users_sessions_are_not_there(server: Live, ada: Person) -> None:
    with signed_in(server) as mallory:
        for which in (*sessions_of(server, ada), "", "nothing"):
            assert mallory.post(HERE, act="session", session=which).status_code == 404
    assert ada.get(HERE).status_code == 200
