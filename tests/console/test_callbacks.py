"""The console's pages of callbacks, and the page of an inbox in a real browser."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from limner import accounts, callbacks
from limner.console.callbacks import PAGE
from limner.settings import Settings
from tests.conftest import Live, serving
from tests.databases import migrated
from tests.people import Person, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from limner.db import Transaction
    from tests.console.conftest import Visit, Watch

LOG = "/console/callbacks"
EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """It tries each callback three times in a moment, and may call nobody but its own inboxes."""
    folder: Path = tmp_path_factory.mktemp("callbacks")
    with migrated("sqlite", folder) as url:
        settings = Settings(data=str(folder), database_url=url, log_level="error", callback_schedule="0,0.05,0.05")
        with serving(settings) as live:
            yield live


@pytest.fixture
def stranger(server: Live) -> Iterator[Person]:
    """Somebody with an account, and no application yet."""
    with signed_in(server) as found:
        yield found


@pytest.fixture
def member(stranger: Person) -> Person:
    stranger.acquire()
    return stranger


@pytest.fixture
def inbox(member: Person) -> dict[str, Any]:
    told: dict[str, Any] = member.fetch("/inbox").json()
    return told


def text(page: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def behave(member: Person, inbox: dict[str, Any], status: int) -> None:
    assert member.fetch(f"/inbox/{inbox['token']}/behaviour", status_code=str(status), delay="0").is_success


def test_the_pages_are_for_who_is_signed_in(server: Live, stranger: Person) -> None:
    with httpx.Client(base_url=server.url) as visitor:
        assert visitor.get(LOG).headers["location"] == "/login?next=%2Fconsole%2Fcallbacks"
    assert "No application yet" in stranger.get(LOG).text
    assert stranger.post(f"{LOG}/test").status_code == 404
    for path in ("/test", "/secret", "/rotate", "/redeliver", "/msg_x/redeliver"):
        assert stranger.browser.post(LOG + path).status_code == 403


def test_a_test_goes_to_a_new_inbox_and_shows_what_came_of_it(member: Person) -> None:
    led = member.post(f"{LOG}/test")
    told = member.get(led.headers["location"])
    assert "Test callback delivered The receiver took it." in text(told)
    assert '"signature":"valid"' in text(told)
    (place,) = set(re.findall(r'href="(/inbox/[^"]+)"', told.text))
    assert member.get(place).status_code == 200
    log = member.get(LOG).text
    assert (led.headers["location"] in log, place in log) == (True, True)


def test_a_test_that_fails_says_why_and_is_sent_again(member: Person, inbox: dict[str, Any]) -> None:
    behave(member, inbox, 503)
    place = member.post(f"{LOG}/test", callback_url=f" {inbox['url']} ").headers["location"]
    assert "Test callback failed A test is tried once." in text(member.get(place))
    behave(member, inbox, 410)
    assert member.post(f"{place}/redeliver").headers["location"] == place
    told = text(member.get(place))
    assert "stopped The receiver answered 410 Gone" in told
    assert told.index("Attempt 2 410") < told.index("Attempt 1 503")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/hook", "nonsense", f"https://a.example/{EVIL} x"])
def test_a_test_goes_nowhere_that_callbacks_may_not_go(member: Person, url: str) -> None:
    page = member.post(f"{LOG}/test", callback_url=url)
    assert page.status_code == 400
    assert 'aria-invalid="true"' in page.text
    assert EVIL not in page.text
    assert "No callback yet" in page.text


def test_retries_are_watched_and_then_it_is_delivered(member: Person, inbox: dict[str, Any]) -> None:
    behave(member, inbox, 500)
    call = {"model": "limner-sandbox", "prompt": "x", "size": "64x64", "callback_url": inbox["url"]}
    headers = {"authorization": f"Bearer {member.key}"}
    made = member.browser.post("/v1/images/generations", json=call, headers=headers).json()["task_id"]
    while "All attempts of the schedule failed" not in (told := shown(member, made)):
        assert "pending" in told
    assert "Attempt 3 500" in told
    assert f"/console/tasks/{made}" in member.get(LOG).text
    behave(member, inbox, 200)
    answer = redeliver_failed(member, 3600)
    assert "Sent again: 1." in text(answer)
    while "The receiver took it." not in (told := shown(member, made)):
        assert "pending" in told
    assert "Attempt 4 200" in told
    nothing = redeliver_failed(member, 86_400)
    assert "Nothing has failed in that time." in text(nothing)
    assert member.post(f"{LOG}/redeliver", span="5").status_code == 400


def shown(member: Person, task: str) -> str:
    """Give what a task's only callback looks like now; the call was answered before its picture was made."""
    while not (places := set(re.findall(rf'href="({LOG}/msg_[^"]+)"', member.get(f"{LOG}?task_id={task}").text))):
        pass
    (place,) = places
    return text(member.get(place))


def redeliver_failed(member: Person, span: int) -> httpx.Response:
    return member.follow(member.post(f"{LOG}/redeliver", span=str(span)))


def _enqueue(tx: Transaction, account_id: str, count: int) -> list[str]:
    """Write deliveries that somebody has in hand for ever, so that nothing is sent."""
    application = accounts.application(tx, account_id)
    assert application is not None
    return [
        callbacks.enqueue(
            tx,
            account_id=account_id,
            application_id=application.id,
            task_id=None,
            url=f"https://example.com/{number}",
            node="else",
            lease=9999,
        ).id
        for number in range(count)
    ]


def test_the_log_is_filtered_and_turned_page_by_page(server: Live, member: Person) -> None:
    ids = server.write(_enqueue, member.account_id, PAGE + 1)[::-1]
    first = member.get(LOG, status="pending")
    assert re.findall(rf'href="{LOG}/(msg_[^"]+)"', first.text) == ids[:PAGE]
    assert "an attempt is being made" in first.text
    (older,) = re.findall(r'href="([^"]+)" rel="next"', first.text)
    second = member.get(unescape(older))
    assert re.findall(rf'href="{LOG}/(msg_[^"]+)"', second.text) == ids[PAGE:]
    assert 'rel="next"' not in second.text
    assert f'<a href="{LOG}?status=pending">Newest</a>' in second.text
    for query in ("status=failed", "status=nonsense&task_id=%00", "after=%00"):
        assert member.get(f"{LOG}?{query}").status_code == 200
    assert "No delivery is like that." in member.get(f"{LOG}?status=failed").text
    in_hand = member.follow(member.post(f"{LOG}/{ids[0]}/redeliver"))
    assert "An attempt is being made now" in in_hand.text
    with signed_in(server) as other:
        for path in (f"{LOG}/{ids[0]}", f"{LOG}/%00"):
            assert other.get(path).status_code == 404
            assert other.post(f"{path}/redeliver").status_code == 404
        assert ids[0] not in other.get(LOG).text


def test_the_secret_is_shown_once_and_rotated_with_an_overlap(server: Live, member: Person) -> None:
    application = server.read(accounts.application, member.account_id)
    old, new = (callbacks.secret_of(server.services.secret, application.id, serial) for serial in (0, 1))
    assert old not in member.get(LOG).text
    assert member.post(f"{LOG}/secret").headers["location"] == f"{LOG}#secret"
    assert old in member.get(LOG).text
    assert old not in member.get(LOG).text
    assert member.post(f"{LOG}/rotate", overlap="1").status_code == 400
    member.post(f"{LOG}/rotate", overlap="3600")
    told = member.get(LOG).text
    assert (new in told, old in told, "signs too until" in told) == (True, False, True)
    serial, until = server.read(accounts.callback_key, application.id)
    assert callbacks.secrets_of(server.services.secret, application.id, serial, until) == [new, old]
    member.post(f"{LOG}/rotate", overlap="0")
    assert "signs too until" not in member.get(LOG).text


def test_the_page_of_an_inbox_is_alive(member: Person, inbox: dict[str, Any], visit: Visit, watch: Watch) -> None:
    page = visit("/login")
    page.context.add_cookies([member.cookie])
    page.goto(inbox["url"], wait_until="load")
    page.get_by_text("live", exact=True).wait_for()
    assert page.get_by_text("Nothing yet. Send something:").is_visible()
    page.get_by_label("Answer with").select_option("500")
    page.get_by_text("It answers 500 at once.").wait_for()
    page.get_by_label("after seconds").fill("0.2")
    page.get_by_role("button", name="Set").click()
    page.get_by_text("It answers 500 after 0.2 s.").wait_for()

    headers = {"x-evil": EVIL, "webhook-id": "msg_1", "webhook-signature": "v1,AAAA"}
    answer = httpx.post(inbox["url"], json={"note": EVIL, "n": [1.5, True, None]}, headers=headers)
    assert answer.status_code == 500
    card = page.get_by_role("article", name="Message 1")
    card.get_by_text("invalid signature").wait_for()
    assert card.get_by_text("answered 500 after 0.2 s").is_visible()
    assert card.get_by_text("msg_1").first.is_visible()
    card.get_by_text(re.compile("All .* headers")).click()
    assert card.get_by_text(EVIL).count() == 2
    assert page.evaluate("document.querySelectorAll('.message script').length") == 0
    assert card.locator("pre .nt").all_text_contents() == ['"note"', '"n"']
    assert not page.locator("#nothing").is_visible()

    behave(member, inbox, 200)
    call = {"model": "limner-sandbox", "prompt": "x", "size": "64x64", "callback_url": inbox["url"]}
    member.browser.post("/v1/images/generations", json=call, headers={"authorization": f"Bearer {member.key}"})
    second = page.get_by_role("article", name="Message 2")
    second.get_by_text("valid signature", exact=True).wait_for()
    picture = second.get_by_role("img", name="A picture that was made")
    picture.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    httpx.post(inbox["url"], content=b"x" * 70_000)
    page.get_by_text("The body has 68.4 kB; its beginning is kept.").wait_for()
    page.reload(wait_until="load")
    page.get_by_role("article", name="Message 3").wait_for()
    assert page.get_by_role("article").count() == 3
    assert watch.complaints == []


@pytest.mark.parametrize("width", [390, 1440])
def test_the_pages_fit_the_window(server: Live, member: Person, visit: Visit, watch: Watch, width: int) -> None:
    server.write(_enqueue, member.account_id, 2)
    place = member.post(f"{LOG}/test").headers["location"]
    page = visit("/login", width=width)
    page.context.add_cookies([member.cookie])
    for path in (LOG, place):
        page.goto(path, wait_until="load")
        assert page.evaluate("document.documentElement.scrollWidth") == width
    assert watch.complaints == []
