"""The frame of pages: forms that are too large, what is shown once, errors as pages, cookies."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import bindparam, select, update
from starlette.requests import Request

from limner import sessions
from limner.console.frame import MAX_FORM, MOST_FIELDS, Visit, page
from limner.db.schema import sessions as table
from limner.errors import NotFound
from tests.people import Person, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.responses import Response

    from limner.bootstrap import Services
    from limner.db import Transaction
    from tests.conftest import Live

SEEN = update(table).where(table.c.id == bindparam("which")).values(seen_at=bindparam("at"))


@pytest.fixture
def ada(server: Live) -> Iterator[Person]:
    """Somebody who is signed in."""
    with signed_in(server) as person:
        yield person


def asked(server: Live, endpoint: Any, services: Services | None = None, cookie: str = "") -> Response:
    """Ask an endpoint of our own, in the server's loop."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/here",
        "query_string": b"a=b",
        "headers": [(b"host", b"x"), (b"cookie", cookie.encode())],
        "state": {"services": services or server.services},
        "context": SimpleNamespace(route=""),
    }
    answer: Response = server.run(endpoint(Request(scope)))
    return answer


async def shown(visit: Visit) -> Response:
    given: dict[str, Any] = {"next": visit.here, "intent": "", "there": {}, "email": "", "single_sign_on": ""}
    return visit.render("login.html", error=None, **given)


def seen(tx: Transaction, session_id: str, at: int) -> None:
    tx.run(SEEN, which=session_id, at=at)


def seen_at(tx: Transaction) -> list[int]:
    return [row["seen_at"] for row in tx.all(select(table))]


def test_a_form_has_bounds(ada: Person) -> None:
    csrf = ada.csrf
    large = ada.browser.post("/console/settings", data={"csrf": csrf, "name": "x" * MAX_FORM})
    assert large.status_code == 413
    many = ada.browser.post("/console/settings", data={"csrf": csrf, "name": ["x"] * MOST_FIELDS})
    assert many.status_code == 400
    assert "at most 500 fields" in many.text


def test_a_nul_in_a_form_becomes_a_mark(ada: Person) -> None:
    ada.post("/console/settings", act="name", name="a\0b")
    assert "a\N{REPLACEMENT CHARACTER}b" in ada.get("/console/settings").text


def test_the_token_may_come_in_a_header(ada: Person) -> None:
    answer = ada.browser.post(
        "/console/settings", data={"act": "name", "name": "Ada"}, headers={"x-csrf-token": ada.csrf}
    )
    assert answer.status_code == 303


def test_what_is_shown_once_is_shown_once_and_not_lost_on_the_way(ada: Person) -> None:
    ada.post("/console/settings", act="name", name="Ada")
    assert ada.get("/login").status_code == 303, "a redirect in between shows nothing"
    first, second = ada.get("/console/settings"), ada.get("/console/settings")
    assert "Your name is changed." in first.text
    assert "Your name is changed." not in second.text


def test_who_signs_out_leaves_nothing_to_be_shown_to_the_next(ada: Person) -> None:
    csrf = ada.csrf
    ada.post("/console/settings", act="name", name="Ada", csrf=csrf)
    ada.post("/logout", csrf=csrf)
    assert ada.browser.cookies.get("limner_once") is None


@pytest.mark.parametrize("value", ["nonsense", "list"])
def test_what_we_did_not_sign_is_not_shown(server: Live, ada: Person, value: str) -> None:
    if value == "list":
        value = str(URLSafeTimedSerializer(server.services.secret, salt="once").dumps(["notice"]))
    ada.browser.cookies.set("limner_once", value, domain="127.0.0.1", path="/")
    answer = ada.get("/console/settings")
    assert answer.status_code == 200
    assert 'limner_once="";' in answer.headers["set-cookie"]


def test_a_fault_of_ours_is_a_page(server: Live) -> None:
    async def broken(visit: Visit) -> Response:
        raise ZeroDivisionError

    answer = asked(server, page("/x", broken))
    assert answer.status_code == 500
    assert b"That went wrong" in answer.body
    assert b"ZeroDivisionError" not in answer.body


def test_what_is_for_admins_is_not_there_for_others(server: Live, ada: Person) -> None:
    endpoint = page("/x", shown, needs="admin")
    cookie = f"limner_session={ada.session}"
    assert asked(server, endpoint, cookie=cookie).status_code == 404
    away = asked(server, endpoint)
    assert (away.status_code, away.headers["location"]) == (303, "/login?next=%2Fhere%3Fa%3Db")
    assert asked(server, page("/x", shown, needs="user"), cookie=cookie).status_code == 200


def test_over_https_cookies_travel_over_https_alone(server: Live, ada: Person) -> None:
    secure = replace(server.services, public_url="https://x.example")
    cookies = asked(server, page("/x", shown), secure).headers.getlist("set-cookie")
    assert len(cookies) == 1
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookies[0].split("; "))

    user_id = server.read(sessions.find, ada.session).user_id

    async def enter(visit: Visit) -> Response:
        answer = visit.redirect("/")
        await visit.sign_in(user_id, answer)
        return answer

    async def leave(visit: Visit) -> Response:
        answer = visit.redirect("/")
        visit.sign_out(answer)
        return answer

    for endpoint, value in ((enter, "__Host-limner_session="), (leave, '__Host-limner_session=""; expires=')):
        cookie = asked(server, page("/x", endpoint), secure).headers["set-cookie"]
        assert cookie.startswith(value)
        assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))


def test_it_is_noted_now_and_then_that_a_session_was_seen(server: Live, ada: Person) -> None:
    before = server.read(sessions.find, ada.session)
    ada.get("/console/settings")
    assert server.read(sessions.find, ada.session).seen_at == before.seen_at
    server.write(seen, before.id, 1)
    ada.get("/console/settings")
    assert server.read(sessions.find, ada.session).seen_at > before.seen_at


def test_pages_let_nothing_foreign_in(ada: Person) -> None:
    headers = ada.get("/console/settings").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


def test_an_address_without_a_session_is_nobody(server: Live) -> None:
    visit = Visit(Request({"type": "http", "headers": [], "query_string": b""}), server.services, None, None)
    assert visit.address == ""
    with pytest.raises(NotFound):
        _ = visit.user
