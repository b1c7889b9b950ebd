"""The door: who gets in, who does not, and where they come out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import bindparam, update

from limner import accounts, sessions, users
from limner.console.entry import MOST_ADDRESSES, Throttle
from limner.console.frame import local_path
from limner.db.schema import users as table
from limner.errors import TooManyRequests
from limner.settings import Settings
from tests.conftest import serving
from tests.databases import migrated
from tests.people import PASSWORD, Person, an_admin, registered, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from limner.db import Transaction
    from tests.conftest import Live

NASTY = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nset-cookie: a=b",
    "\t//evil.example",
    " //evil.example",
    "/\0/evil.example",
    "/\u2028/evil.example",
    "/a\\..\\evil.example",
    "https:evil.example",
    "https://evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    "",
]
GOOD = ["/", "/console/tasks?status=failed", "/apis/images-generations?size=1024x1024&q=%2F%2Fevil", "/docs#top"]
UNLOCK = update(table).where(table.c.id == bindparam("which")).values(locked_until=bindparam("at"))


@pytest.fixture
def ada(server: Live) -> Iterator[Person]:
    """Somebody who has registered, and has signed out again."""
    with registered(server) as person:
        person.logout()
        yield person


def unlock(tx: Transaction, user_id: str) -> None:
    tx.run(UNLOCK, which=user_id, at=1)


def test_registering_signs_in_and_leads_back(server: Live) -> None:
    an_admin(server)
    with Person(server) as person:
        page = person.get("/register?" + urlencode({"next": "/docs?a=1&b=2"}))
        assert 'value="/docs?a=1&amp;b=2"' in page.text
        answer = person.register(next="/docs?a=1&b=2", email=person.email.upper())
        assert (answer.status_code, answer.headers["location"]) == (303, "/docs?a=1&b=2")
        assert answer.headers["cache-control"] == "no-store"
        assert person.email in person.get("/console/settings").text
        assert person.user.role == "member"
        for path in ("/login", "/register"):
            assert person.get(path + "?next=/docs").headers["location"] == "/docs", "who is in needs no door"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email", "ada", "no e-mail address"),
        ("email", "<b>@x.y", "no e-mail address"),
        ("password", "short", "at least 10"),
        ("password", "a" * 30, "too easy"),
    ],
)
def test_what_is_wrong_with_a_registration_is_said_at_its_field(
    server: Live, field: str, value: str, said: str
) -> None:
    with Person(server) as person:
        answer = person.register(**{field: value})
        assert answer.status_code == 400
        assert f'id="{field}-hint"' in answer.text
        assert said in answer.text
        assert "<b>@x.y" not in answer.text
        assert 'type="password" required' in answer.text
        assert PASSWORD not in answer.text
        assert person.session is None


def test_an_address_is_registered_once(server: Live, ada: Person) -> None:
    answer = ada.register()
    assert answer.status_code == 400
    assert "registered already" in answer.text
    assert f'value="{ada.email}"' in answer.text, "what was typed is kept"


def test_signing_in_and_out(server: Live, ada: Person) -> None:
    answer = ada.login(email=f"  {ada.email.upper()} ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    token = ada.session
    assert ada.user.signed_in_at is not None
    assert token is not None
    gone = ada.logout()
    assert gone.headers["location"] == "/"
    assert ada.session is None
    assert server.read(sessions.find, token) is None
    assert ada.get("/console/settings").headers["location"] == "/login?next=%2Fconsole%2Fsettings"
    assert ada.logout().status_code == 303, "once more does no harm"


def test_wrong_passwords_and_unknown_addresses_are_told_alike(ada: Person) -> None:
    wrong, unknown = ada.login(password="not this one"), ada.login(email="nobody@example.com")  # noqa: S106
    for answer in (wrong, unknown):
        assert answer.status_code == 401
        assert "The e-mail address or the password is wrong." in answer.text
        assert "not this one" not in answer.text
    assert f'value="{ada.email}"' in wrong.text
    assert ada.login().status_code == 303
    assert ada.user.failures == 0


def test_after_ten_wrong_passwords_the_right_one_is_no_use_until_the_lock_opens(server: Live, ada: Person) -> None:
    user = ada.user
    for _ in range(users.MOST_FAILURES - 1):
        server.write(users.failed, user.id)
    assert ada.login(password="not this one").status_code == 401  # noqa: S106
    locked = ada.login()
    assert locked.status_code == 429
    assert "Too many wrong passwords" in locked.text
    server.write(unlock, user.id)
    assert ada.login().status_code == 303


def test_a_hash_of_weaker_parameters_than_todays_is_made_anew(server: Live, ada: Person) -> None:
    weak = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=1024),)).hash(ada.password)
    server.write(users.set_password, ada.user.id, weak)
    assert ada.login().status_code == 303
    assert ada.user.password_hash != weak
    ada.logout()
    assert ada.login().status_code == 303


def test_from_one_address_the_door_is_knocked_at_twenty_times_a_minute(server: Live) -> None:
    with Person(server) as person, Person(server) as other:
        csrf = person.csrf
        answers = [person.register(email="nonsense", csrf=csrf).status_code for _ in range(21)]
        assert answers == [400] * 20 + [429]
        assert person.login(csrf=csrf).status_code == 429
        assert other.register(email="nonsense").status_code == 400, "nobody else is kept out"


def test_the_throttle_forgets_rather_than_grows() -> None:
    throttle = Throttle(per_minute=1)
    throttle.take("a")
    with pytest.raises(TooManyRequests):
        throttle.take("a")
    for number in range(MOST_ADDRESSES):
        throttle.take(str(number))
    throttle.take("a")


def test_who_is_switched_off_is_out_at_once_and_does_not_come_in(server: Live, ada: Person) -> None:
    user = ada.user
    account = server.read(accounts.find, user.account_id)
    for switch, which in ((users.disable, user.id), (accounts.disable, account.name)):
        ada.login()
        assert ada.get("/console/settings").status_code == 200
        server.write(switch, which)
        assert ada.get("/console/settings").status_code == 303
        refused = ada.login()
        assert refused.status_code == 403
        assert "switched off" in refused.text
        server.write(switch, which, disabled=False)


def test_who_comes_to_acquire_a_credential_gets_one(server: Live, ada: Person) -> None:
    assert "Then your credential is made" in ada.get("/login?intent=acquire&next=/console/credentials").text
    answer = ada.login(intent="acquire", next="/console/credentials")
    shown = ada.follow(answer)
    assert "Your new key" in shown.text
    assert "lim_" in shown.text
    assert "Your new key" not in ada.get("/console/credentials").text


@pytest.mark.parametrize("path", ["/login", "/register"])
def test_the_way_back_leads_nowhere_else(server: Live, path: str) -> None:
    with Person(server) as person:
        for nasty in NASTY:
            page = person.get(path + "?" + urlencode({"next": nasty}))
            assert 'name="next" value="/console"' in page.text, repr(nasty)
        person.come_in()
        for nasty in NASTY:
            assert person.get(path + "?" + urlencode({"next": nasty})).headers["location"] == "/console", repr(nasty)


def test_nor_does_the_form(server: Live, ada: Person) -> None:
    assert ada.login(next="//evil.example").headers["location"] == "/console"
    with Person(server) as other:
        assert other.register(next="/\t/evil.example").headers["location"] == "/console"


def test_pages_of_ours_are_gone_back_to() -> None:
    assert [local_path(path) for path in GOOD] == GOOD
    assert [local_path(path) for path in [*NASTY, None]] == ["/console"] * (len(NASTY) + 1)


def test_a_planted_session_is_not_taken_over(server: Live, ada: Person) -> None:
    ada.get("/login")
    for planted in ("planted", ada.browser.cookies["limner_visitor"]):
        ada.browser.cookies.set("limner_session", planted, domain="127.0.0.1", path="/")
        answer = ada.login()
        begun = answer.cookies["limner_session"]
        assert begun != planted
        assert server.read(sessions.find, begun).email == ada.email
        assert server.read(sessions.find, planted) is None
        ada.browser.cookies.delete("limner_session", domain="127.0.0.1", path="/")


def test_signing_in_over_somebody_elses_session_ends_it(server: Live, ada: Person) -> None:
    with signed_in(server) as mallory:
        planted = mallory.session
        assert planted is not None
        ada.browser.cookies.update(mallory.browser.cookies)
        ada.login()
        assert ada.session != planted
        assert server.read(sessions.find, planted) is None
        mine = server.read(sessions.find, ada.session)
        assert mine.email == ada.email


@pytest.mark.parametrize("path", ["/login", "/register", "/logout", "/console/settings", "/console/credentials"])
def test_forms_that_were_not_sent_from_here_do_nothing(server: Live, path: str) -> None:
    with Person(server) as mallory:
        foreign = mallory.csrf
    ada = Person(server)
    fields = {"email": ada.email, "password": ada.password}
    inside = path not in {"/login", "/register"}
    if inside:
        ada.come_in()
    right = ada.csrf
    tries: list[tuple[dict[str, str], dict[str, str]]] = [
        ({}, {}),
        ({"csrf": ""}, {}),
        ({"csrf": foreign}, {}),
        ({"csrf": right}, {"sec-fetch-site": "cross-site"}),
        ({"csrf": right}, {"sec-fetch-site": "same-site"}),
        ({"csrf": foreign}, {"x-csrf-token": right}),
    ]
    for given, headers in tries:
        answer = ada.browser.post(path, data=fields | given, headers=headers)
        assert answer.status_code == 403, (given, headers)
        assert "was not sent from here" in answer.text
    assert (ada.session is not None) == inside
    cookieless = ada.browser.post(path, data=fields | {"csrf": right}, headers={"cookie": ""})
    assert cookieless.status_code == 403


def test_where_registration_is_for_the_invited_the_first_is_the_admin_and_strangers_stay_out(tmp_path: Path) -> None:
    with (
        migrated("sqlite", tmp_path) as url,
        serving(
            Settings(data=str(tmp_path), database_url=url, workers=1, log_level="error", registration="invite")
        ) as live,
        Person(live) as first,
        Person(live) as second,
    ):
        assert "You are the first here" in first.get("/register").text
        assert first.register().status_code == 303
        assert first.user.role == "admin"
        assert "You are the first here" not in second.get("/register").text
        refused = second.register()
        assert refused.status_code == 403
        assert "needs an invitation" in refused.text
        assert live.read(users.count) == 1
