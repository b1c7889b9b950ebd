"""Inboxes over HTTP, on either database: what is kept and shown, who signed it, and where it all ends."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from limner import accounts, callbacks, inboxes
from limner.console.receiving import MOST_HEADERS, MOST_STREAMS, PER_MINUTE, READ, Traffic
from limner.errors import TooManyRequests
from limner.ids import SECOND, now
from limner.inboxes import KEPT, MOST_MESSAGES, MOST_OPEN, Received
from limner.settings import Settings
from tests.conftest import serving
from tests.people import Person, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from limner.db import Transaction
    from tests.conftest import Live


@pytest.fixture
def member(server: Live) -> Iterator[Person]:
    with signed_in(server) as found:
        yield found


@pytest.fixture
def inbox(member: Person) -> dict[str, Any]:
    return opened(member)


def opened(member: Person) -> dict[str, Any]:
    answer = member.fetch("/inbox")
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def path(inbox: dict[str, Any], more: str = "") -> str:
    return f"/inbox/{inbox['token']}{more}"


def events(answer: httpx.Response) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read events as a browser does; a comment is one called `:`."""
    assert answer.headers["content-type"].partition(";")[0] == "text/event-stream"
    found: dict[str, str] = {}
    for line in answer.iter_lines():
        name, _, value = line.partition(": ")
        if line:
            found[name] = value
        elif "event" in found:
            data = json.loads(found["data"])
            assert found["event"] != "message" or found["id"] == str(data["id"])
            yield found["event"], data
            found = {}
        else:
            yield (":" if "" in found else "retry"), {}
            found = {}


def seen(member: Person, inbox: dict[str, Any], count: int, **more: Any) -> list[dict[str, Any]]:
    """Look into an inbox until so many messages are there."""
    found: list[dict[str, Any]] = []
    with member.browser.stream("GET", inbox["events"], **more) as answer:
        for kind, data in events(answer):
            found += [data] if kind == "message" else []
            if len(found) == count:
                break
    return found


def test_opening_one_needs_a_user_and_a_form_of_ours(server: Live, member: Person) -> None:
    told = opened(member)
    assert told["url"] == f"{server.services.public_url}/inbox/{told['token']}"
    assert told["events"] == path(told, "/events")
    assert 3500 < told["expires_at"] - now() / SECOND <= 3600
    assert len(told["token"]) == 32
    led = member.post("/inbox")
    assert (led.status_code, led.headers["location"].startswith("/inbox/")) == (303, True)
    assert "Nothing yet. Send something:" in member.get(led.headers["location"]).text
    assert member.browser.post("/inbox").status_code == 403
    with httpx.Client(base_url=server.url) as visitor:
        assert visitor.post("/inbox").status_code == 403
        page = visitor.get(path(told))  # open to whoever has the token
        assert (page.status_code, "Callbacks</a>" in page.text) == (200, False)
        token = page.text.partition('name="csrf" value="')[2].partition('"')[0]
        assert visitor.post("/inbox", data={"csrf": token}).headers["location"].startswith("/login?")


def test_what_comes_in_is_shown_but_for_secrets(member: Person, inbox: dict[str, Any]) -> None:
    private = {"authorization": "Bearer lim_x", "cookie": "a=b", "proxy-authorization": "Basic eA=="}
    odd = {"x-odd": "caf\u00e9".encode(), "x-long": b"y" * 3000, "x-html": b"<script>alert(1)</script>"}
    many = [(f"x-{number}", "z") for number in range(MOST_HEADERS)]
    given = [(name.encode(), value.encode()) for name, value in private.items()]
    given += [*((name.encode(), value) for name, value in odd.items()), (b"x-twice", b"1"), (b"x-twice", b"2")]
    with httpx.Client(base_url=member.live.url) as anybody:
        answer = anybody.post(path(inbox), content=b'{"a": "\xff\0<b>"}', headers=given)
        assert answer.json() == {"id": 1, "signature": "unsigned", "status_code": 200, "delay": 0}
        assert answer.headers["cache-control"] == "no-store"
        anybody.post(path(inbox), content="\u00e9".encode() * KEPT, headers=many)
        anybody.post(path(inbox))
    first, second, third = seen(member, inbox, 3)
    assert first["body"] == '{"a": "\ufffd\ufffd<b>"}'
    assert (first["size"], first["truncated"], first["signature"]) == (14, False, "unsigned")
    assert first["headers"].keys().isdisjoint(private)
    assert (first["headers"]["x-twice"], first["headers"]["x-long"]) == ("1, 2", "y" * 2000)
    assert (first["headers"]["x-odd"], first["headers"]["x-html"]) == ("caf\u00c3\u00a9", "<script>alert(1)</script>")
    assert abs(first["at"] - now() / SECOND) < 60
    assert (second["body"], second["truncated"]) == ("\u00e9" * (KEPT // 2), True)
    assert (second["size"], len(second["headers"])) == (2 * KEPT, MOST_HEADERS)
    assert (third["body"], third["size"], third["truncated"]) == ("", 0, False)


def test_a_stream_goes_on_where_it_broke_off_and_hears_at_once(member: Person, inbox: dict[str, Any]) -> None:
    for number in range(3):
        member.browser.post(path(inbox), json={"number": number})
    assert [one["id"] for one in seen(member, inbox, 2, headers={"last-event-id": "1"})] == [2, 3]
    assert [one["id"] for one in seen(member, inbox, 1, params={"after": "2"})] == [3]
    assert [one["id"] for one in seen(member, inbox, 3, params={"after": "x"})] == [1, 2, 3]
    with member.browser.stream("GET", inbox["events"], params={"after": 3}) as answer:
        told = events(answer)
        assert next(told)[0] == "retry"
        with httpx.Client(base_url=member.live.url) as anybody:
            anybody.post(path(inbox), content="news")
        kinds = iter(kind for kind, data in told if kind != ":")
        assert next(kinds) == "message"


def signed(live: Live, account_id: str, serial: int, body: bytes, at: int) -> dict[str, str]:
    application = live.read(accounts.application, account_id)
    secret = callbacks.secret_of(live.services.secret, application.id, serial)
    return callbacks.sign([secret], "msg_1", at, body)


def test_signatures_are_checked_with_the_secrets_that_sign_now(server: Live, member: Person) -> None:
    early = opened(member)  # it finds the application that is acquired later
    member.acquire()
    application = server.read(accounts.application, member.account_id)
    server.write(accounts.rotate_callback_key, application.id, 60 * SECOND)
    body, at = b"x" * (2 * KEPT), now() // SECOND
    for inbox in (early, opened(member)):
        headers = [signed(server, member.account_id, serial, body, at) for serial in (0, 1, 2)]
        headers += [signed(server, member.account_id, 1, body, at - 600), {"webhook-signature": "v1,AAAA"}, {}]
        told = [member.browser.post(path(inbox), content=body, headers=one).json()["signature"] for one in headers]
        assert told == ["valid", "valid", "invalid", "invalid", "invalid", "unsigned"]
    with signed_in(server) as other:
        mine, theirs = opened(other), signed(server, member.account_id, 1, body, at)
        assert other.browser.post(path(mine), content=body, headers=theirs).json()["signature"] == "invalid"


def test_it_answers_what_it_is_told_to_and_when(member: Person, inbox: dict[str, Any]) -> None:
    told = member.fetch(path(inbox, "/behaviour"), status_code="500", delay="0.05")
    assert told.json() == {"status_code": 500, "delay": 50}
    answer = member.browser.post(path(inbox), content="x")
    assert (answer.status_code, answer.json()["delay"]) == (500, 50)
    led = member.post(path(inbox, "/behaviour"), status_code="202", delay="0")
    assert (led.status_code, led.headers["location"]) == (303, path(inbox))
    page = member.get(path(inbox)).text
    assert "It answers 202 after 0 s now." in page
    assert '<option value="202" selected>202 Accepted</option>' in page
    assert member.browser.post(path(inbox)).status_code == 202
    assert [(one["status_code"], one["delay"]) for one in seen(member, inbox, 2)] == [(500, 50), (202, 0)]


@pytest.mark.parametrize(
    "wrong",
    [("201", "0"), ("999", "0"), ("x", "0"), ("", ""), ("200", "-1"), ("200", "21"), ("200", "nan"), ("inf", "1e9")],
)
def test_it_is_told_only_what_it_can_do(member: Person, inbox: dict[str, Any], wrong: tuple[str, str]) -> None:
    assert member.post(path(inbox, "/behaviour"), status_code=wrong[0], delay=wrong[1]).status_code == 400
    assert member.browser.post(path(inbox, "/behaviour"), data={"status_code": "500"}).status_code == 403
    assert member.browser.post(path(inbox)).status_code == 200


@pytest.mark.parametrize(
    "token", ["x" * 32, "short", "a" * 65, "%00" * 20, "..%2f..%2fmetrics%2f1234567", "\u00e9" * 20]
)
def test_where_there_is_no_inbox_the_answer_is_the_envelope(member: Person, token: str) -> None:
    for answer in (member.browser.post(f"/inbox/{token}"), member.get(f"/inbox/{token}/events")):
        assert (answer.status_code, answer.json()["success"]) == (404, False)
    assert member.get(f"/inbox/{token}").status_code == 404
    assert member.post(f"/inbox/{token}/behaviour", status_code="200", delay="0").status_code == 404


def _expire(tx: Transaction, token: str, at: int) -> None:
    tx.run(inboxes._CLOSE, token=token, closed=at)


def _left(tx: Transaction, token: str) -> int:
    return len(tx.all(inboxes._AFTER, token=token, after=""))


def test_when_its_hour_is_over_it_is_closed_and_swept(server: Live, member: Person, inbox: dict[str, Any]) -> None:
    member.browser.post(path(inbox), content="x")
    token = inbox["token"]
    with member.browser.stream("GET", inbox["events"]) as answer:
        told = events(answer)
        assert [next(told)[0], next(told)[0]] == ["retry", "message"]
        server.write(_expire, token, now() - 1)
        server.loop.call_soon_threadsafe(server.services.feed.nudge, token)
        assert [kind for kind, _ in told if kind != ":"] == ["expired"]
    assert member.browser.post(path(inbox)).status_code == 404
    assert member.get(path(inbox)).status_code == 404
    assert member.get(inbox["events"]).status_code == 404
    server.run(server.services.upkeep.sweep())
    assert server.read(_left, token) == 1  # a message may just be being written
    server.write(_expire, token, now() - 2 * inboxes.GRACE)
    server.run(server.services.upkeep.sweep())
    assert server.read(_left, token) == 0


def test_the_oldest_goes_of_messages_and_of_inboxes(server: Live, member: Person, inbox: dict[str, Any]) -> None:
    kept = Received(headers={}, body="", size=0, signature="unsigned")
    for _ in range(MOST_MESSAGES + 2):
        last = server.write(inboxes.receive, inbox["token"], kept)
    assert last.number == MOST_MESSAGES + 2
    assert [one["id"] for one in seen(member, inbox, MOST_MESSAGES)] == list(range(3, MOST_MESSAGES + 3))
    others = [server.write(inboxes.create, member.account_id, None).id for _ in range(MOST_OPEN)]
    assert member.get(path(inbox)).status_code == 404
    assert [one.id for one in server.read(inboxes.of_account, member.account_id)] == others[::-1]


def test_too_much_is_refused(member: Person, inbox: dict[str, Any]) -> None:
    assert member.browser.post(path(inbox), content=bytes(READ + 1)).status_code == 413
    with ExitStack() as streams:
        opened_now = [
            events(streams.enter_context(member.browser.stream("GET", inbox["events"]))) for _ in range(MOST_STREAMS)
        ]
        assert {next(told)[0] for told in opened_now} == {"retry"}
        refused = member.get(inbox["events"])
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
    traffic = Traffic()
    for number in range(PER_MINUTE):
        traffic.take("a")
        traffic.take(str(number))
    with pytest.raises(TooManyRequests):
        traffic.take("a")


def test_tokens_are_not_remembered_for_ever() -> None:
    traffic = Traffic()
    for number in range(10_001):
        traffic.take(str(number))
    assert len(traffic._arrivals) == 1


def test_a_body_that_breaks_off_is_not_kept(member: Person, inbox: dict[str, Any]) -> None:
    place = urlsplit(member.live.url)
    with socket.create_connection((place.hostname, place.port)) as broken:
        broken.sendall(f"POST {path(inbox)} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf".encode())
    member.browser.post(path(inbox), content="whole")
    assert [one["body"] for one in seen(member, inbox, 1)] == ["whole"]


def test_a_callback_reaches_our_inbox_although_this_machine_is_private(member: Person, inbox: dict[str, Any]) -> None:
    key, url = member.acquire().key, inbox["url"]
    headers = {"authorization": f"Bearer {key}"}
    call = {"model": "limner-sandbox", "prompt": "x", "size": "64x64", "async": True}
    made = member.browser.post("/v1/images/generations", json=call | {"callback_url": url}, headers=headers)
    (message,) = seen(member, inbox, 1)
    assert message["signature"] == "valid"
    assert json.loads(message["body"])["task_id"] == made.json()["task_id"]
    for other in (url.replace("/inbox/", "/other/"), url + "/events"):
        refused = member.browser.post("/v1/images/generations", json=call | {"callback_url": other}, headers=headers)
        assert (refused.status_code, refused.json()["error"]["param"]) == (400, "callback_url")


def test_a_server_that_stops_waits_for_no_inbox(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path), log_level="error", workers=1, heartbeat=0.05)
    with serving(settings) as live, signed_in(live) as member:
        inbox = opened(member)
        member.post(path(inbox, "/behaviour"), status_code="503", delay="20")
        answers: list[httpx.Response] = []
        with member.browser.stream("GET", inbox["events"]) as answer:
            told = events(answer)
            assert [next(told)[0], next(told)[0]] == ["retry", ":"]
            slow = threading.Thread(target=lambda: answers.append(httpx.post(inbox["url"], timeout=60)))
            slow.start()
            assert next(kind for kind, _ in told if kind != ":") == "message"
            live.loop.call_soon_threadsafe(live.services.feed.end)
            assert [kind for kind, _ in told if kind != ":"] == []
        slow.join(15)  # less than the delay
        assert [one.status_code for one in answers] == [503]
