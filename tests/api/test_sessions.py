"""Calls by a signed-in browser: its session, one of its credentials by id, and the token against other sites' pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from limner import accounts, credentials, users
from tests.api.test_bad_input import check
from tests.people import Person

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.conftest import Live

PATH = "/v1/images/generations"
API = "/apis/images-generations"
BODY = {"model": "limner-sandbox", "prompt": "a fox", "size": "16x16"}


class Signed:
    """A user with an application, and the headers that the playground sends."""

    def __init__(self, server: Live, person: Person) -> None:
        self.server, self.person = server, person
        page = person.follow(person.register(next=API, intent="acquire")).text
        csrf = re.search(r'data-csrf="(\w+)"', page)
        fresh = re.search(r'data-fresh="([\w-]+)"', page)
        assert csrf
        assert fresh
        self.credential = fresh[1]
        self.headers = {"x-limner-credential": fresh[1], "x-csrf-token": csrf[1]}

    def call(self, **headers: str | bytes | None) -> httpx.Response:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        sent: Any = {name: value for name, value in {**self.headers, **given}.items() if value is not None}
        return self.person.browser.post(PATH, json=BODY, headers=sent)


@pytest.fixture
def signed(server: Live) -> Iterator[Signed]:
    with Person(server, forms=API) as person:
        yield Signed(server, person)


def test_a_session_and_a_credential_call_the_public_api(signed: Signed) -> None:
    answer = signed.call()
    assert answer.status_code == 200
    task = signed.person.browser.get(f"/v1/tasks/{answer.headers['x-task-id']}", headers=signed.headers).json()
    assert task["credential_id"] == signed.credential


@pytest.mark.parametrize("token", [None, "", "0" * 64, b"\xe9"])
def test_without_the_pages_token_nothing_is_done(signed: Signed, token: str | bytes | None) -> None:
    check(signed.call(x_csrf_token=token), 401, "invalid_token", None)


def test_the_token_of_another_session_does_not_fit(server: Live, signed: Signed) -> None:
    with Person(server) as other:
        foreign = Signed(server, other)
    check(signed.call(x_csrf_token=foreign.headers["x-csrf-token"]), 401, "invalid_token", None)


def test_a_cookie_alone_is_no_credential(signed: Signed) -> None:
    check(signed.call(x_limner_credential=None), 401, "no_token", None)
    cookies = dict(signed.person.browser.cookies)
    signed.person.browser.cookies.clear()
    check(signed.call(), 401, "no_token", None)
    assert cookies


def test_another_accounts_credential_is_not_there(server: Live, signed: Signed) -> None:
    with Person(server) as other:
        foreign = Signed(server, other)
    for credential in (foreign.credential, "nothing", ""):
        check(signed.call(x_limner_credential=credential), 404, "not_found", "x-limner-credential")


def test_what_is_over_calls_no_more(server: Live, signed: Signed) -> None:
    server.write(credentials.revoke, signed.credential)
    check(signed.call(), 401, "invalid_token", None)
    signed.person.logout()
    check(signed.call(), 401, "no_token", None)


def test_who_is_switched_off_calls_no_more(server: Live, signed: Signed) -> None:
    user = server.read(users.by_email, signed.person.email)
    server.write(users.disable, user.id)
    check(signed.call(), 401, "invalid_token", None)
    server.write(users.disable, user.id, disabled=False)
    assert signed.call().status_code == 200
    server.write(accounts.disable, signed.person.email)
    check(signed.call(), 401, "invalid_token", None)


def test_a_key_goes_before_the_session(signed: Signed) -> None:
    check(signed.call(authorization="Bearer lim_nothing"), 401, "invalid_token", None)
