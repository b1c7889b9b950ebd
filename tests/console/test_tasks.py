"""The pages of tasks: what the list finds, what a task tells, and that nothing of it is taken for HTML."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from limner import callbacks, completion, quotas, tasks
from limner.console.query import day_of
from limner.console.story import standing
from limner.errors import ApiError
from limner.ids import new_id, now
from tests.people import Person, signed_in
from tests.tasks import HOUR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from tests.conftest import Live
    from tests.console.conftest import Watch

LIST = "/console/tasks"
NASTY = """<script>alert(1)</script>"><img src=x onerror=alert(2)> {{ 7 * 7 }} & 'so' on"""
DAY = 24 * HOUR


@pytest.fixture
def person(server: Live) -> Iterator[Person]:
    with signed_in(server) as made:
        yield made


def listed(person: Person, **asked: str) -> list[str]:
    """Give the ids of the tasks that a page of the list shows."""
    answer = person.get(LIST, **asked)
    assert answer.status_code == 200, answer.text
    return re.findall(r'<a class="clip" href="/console/tasks/([^"]+)"', answer.text)


def seen(text: str) -> str:
    """Give what a reader sees, the colours of code taken out."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", re.sub(r"</?span[^>]*>", "", text))).split())


def code_of(page: str) -> list[dict[str, Any]]:
    """Give the request and the answer that a page shows."""
    found = re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
    return [json.loads(unescape(re.sub(r"<[^>]+>", "", one))) for one in found]


def ends(page: str) -> dict[str, str]:
    """Give where a page's newer and older ones are."""
    return {rel: unescape(link) for rel, link in re.findall(r'rel="(prev|next)" href="([^"]+)"', page)}


def task_page(person: Person, task_id: str) -> str:
    answer = person.get(f"{LIST}/{task_id}")
    assert answer.status_code == 200, answer.text
    return answer.text


# ---- the list


def test_an_account_without_tasks_is_told_how_to_begin(person: Person) -> None:
    page = person.get(LIST).text
    assert "No tasks yet" in page
    assert 'href="/apis/images-generations"' in page


def test_the_list_shows_what_became_of_each_task(person: Person) -> None:
    gone = person.task(prompt="one", deleted_at=now())
    failed = person.task(prompt="two", status="failed")
    two = person.task(prompt="three", images=2, cost=80_000)
    pending = person.task(prompt="four", status="queued", kind="images_edits")
    page = person.get(LIST).text
    assert listed(person) == [pending, two, failed, gone]
    rows = [seen(row) for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)[1:]]
    assert "queued 0.04 held" in rows[0]
    assert "1024 \N{MULTIPLICATION SIGN} 1024 2 pictures completed 0.08" in rows[1]
    assert "failed 0.00" in rows[2]
    assert len(re.findall(r"<img[^>]*/v1/files/", page)) == 1


def test_filters_and_searches_find_and_stay_in_the_form(person: Person) -> None:
    old = person.task(prompt="an old fox", ago=3 * DAY)
    failed = person.task(prompt="a Fox again", status="failed", model="dall-e-2")
    apple = person.task(prompt="an apple 100%", trace_id="order-4711")
    created = str(day_of(now() - 3 * DAY))
    assert listed(person, q="fox") == [failed, old]
    assert listed(person, q="100%") == listed(person, q=" order-4711 ") == listed(person, q=apple.upper()) == [apple]
    assert listed(person, q="fox", status="failed") == listed(person, model="dall-e-2") == [failed]
    assert listed(person, to=created) == [old]
    assert listed(person, **{"from": created, "to": created}) == [old]
    assert listed(person, q="order-4711", status="failed") == []
    page = person.get(LIST, q='a"b', status="failed", model="gone<", to="2026-01-02").text
    assert "Nothing found" in page
    for kept in (
        'value="a&#34;b"',
        '<option value="failed" selected>',
        "<option selected>gone&lt;</option>",
        'value="2026-01-02"',
    ):
        assert kept in page


def test_pages_lead_to_each_other_with_their_filters(person: Person) -> None:
    made = [person.task(prompt=f"fox {number}") for number in range(53)][::-1]

    first = person.get(LIST, q="fox")
    assert ends(first.text).keys() == {"next"}
    second = person.get(ends(first.text)["next"])
    assert ends(second.text).keys() == {"prev", "next"}
    third = person.get(ends(second.text)["next"])
    assert ends(third.text).keys() == {"prev"}
    back = person.get(ends(third.text)["prev"])
    start = person.get(ends(back.text)["prev"])
    ids = [re.findall(r'class="clip" href="/console/tasks/([^"]+)"', one.text) for one in (first, second, third)]
    assert ids == [made[:25], made[25:50], made[50:]]
    assert re.findall(r'class="clip" href="/console/tasks/([^"]+)"', back.text) == ids[1]
    assert re.findall(r'class="clip" href="/console/tasks/([^"]+)"', start.text) == ids[0]
    assert ends(start.text).keys() == {"next"}
    assert "q=fox" in ends(back.text)["prev"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"status": "done"}, "status must be one of queued"),
        ({"from": "yesterday"}, "from must be a day"),
        ({"to": "0001-01-01"}, "to must be a day"),
    ],
)
def test_what_cannot_be_understood_is_named(person: Person, asked: dict[str, str], said: str) -> None:
    answer = person.get(LIST, **asked)
    assert answer.status_code == 400
    assert said in answer.text


def test_a_nul_finds_nothing(person: Person) -> None:
    person.task()
    assert listed(person, q="\0", after="\0") == []
    assert person.get(f"{LIST}/%00").status_code == 404


# ---- one task


def test_a_task_tells_all_of_itself(person: Person, server: Live) -> None:
    acquired = person.acquire()
    task_id = person.task(prompt="a fox", credential_id=acquired.credential_id, hold=80_000, images=2, pictures=1)
    page = task_page(person, task_id)
    text = seen(page)
    for said in ("completed", "1 of 2", "0.04 credits of 0.08 held", "812 kB", "seed 7", "default", "Took 1.00 s"):
        assert said in text, said
    assert "Accepted" in text
    assert "Completed +1.000 s" in text
    request, answer = code_of(page)
    kept = server.read(tasks.find, person.account_id, task_id).request
    assert request == json.loads(kept)
    assert answer["task_id"] == task_id
    assert answer["data"][0]["url"] in unescape(page)
    assert "data-live" not in page


def test_the_links_to_the_playground_hold_the_whole_request(person: Person) -> None:
    task_id = person.task(prompt="50% & <ü>", images=2)
    links = [
        unescape(one) for one in re.findall(r'href="(/apis/images-generations\?[^"]+)"', task_page(person, task_id))
    ]
    assert links[1] == links[0] + "#code"
    given = {name: one for name, (one,) in parse_qs(urlsplit(links[0]).query).items()}
    assert given == {
        "model": "dall-e-3",
        "prompt": "50% & <ü>",
        "n": "2",
        "size": "1024x1024",
        "quality": "standard",
        "style": "vivid",
        "response_format": "url",
        "output_format": "png",
        "output_compression": "100",
        "background": "opaque",
        "seed": "7",
    }


def test_a_prompt_too_long_for_a_link_is_left_out_of_it(person: Person) -> None:
    page = task_page(person, person.task(prompt="a fox " * 2_000, model="gpt-image-1"))
    (link, _) = re.findall(r'href="(/apis/images-generations\?[^"]+)"', page)
    assert "prompt=" not in link
    assert "seed=7" in link


def test_pictures_that_are_gone_say_when(person: Person) -> None:
    deleted = task_page(person, person.task(deleted_at=now()))
    assert "The picture was deleted" in deleted
    over = task_page(person, person.task(kept=-HOUR))
    assert "time was over" in over
    for page in (deleted, over):
        assert "/v1/files/" not in page
        assert code_of(page)[1]["data"][0]["url"] is None


def test_a_failed_task_says_why_and_a_cancelled_one_that_it_was(person: Person) -> None:
    error = json.dumps({"code": "bad_request", "message": "No <b>such</b> thing.", "param": "prompt", "status": 400})
    page = task_page(person, person.task(status="failed", error=error))
    failed = seen(page)
    assert "No <b>such</b> thing." in failed
    assert "at prompt · nothing was charged" in failed
    assert code_of(page)[1]["error"]["code"] == "bad_request"
    assert "The task was cancelled" in seen(task_page(person, person.task(status="cancelled")))


def test_the_story_names_attempts_and_interruptions(person: Person, server: Live) -> None:
    task_id = person.task(status="in_progress", attempt=2)
    server.write(tasks.record, task_id, "interrupted", {"attempt": 1})
    server.write(tasks.record, task_id, "something_new")
    text = seen(task_page(person, task_id))
    assert "Begun, attempt 2" in text
    assert "Cut off" in text
    assert "something_new" in text
    assert "no longer there" in text


def test_an_edit_tells_what_was_given_counted_and_asked_of_whom(person: Person, server: Live) -> None:
    acquired, own = person.acquire(), "01a205d9-165c-7517-8883-1a34a6c9f82b"
    seen_by_all: dict[str, Any] = {"content_type": "image/png", "width": 8, "height": 9}
    request: dict[str, Any] = {"model": "dall-e-3", "prompt": "at night", "operation": "edit", "output_format": "png"}
    request["images"] = [
        seen_by_all | {"name": "inputs/x/1", "asset": own},
        seen_by_all | {"name": "inputs/x/2", "content_type": "text/html"},
    ]
    report: dict[str, Any] = {"usage": {"input_text": 12, "input_image": 1_000, "output_image": 4_160}}
    report |= {"warnings": [{"param": "style", "message": "It had no effect."}]}
    task_id = person.task(
        request=json.dumps(request | {"mask": "inputs/x/3"}),
        report=json.dumps(report),
        credential_id=acquired.credential_id,
    )
    call = {"upstream": "azure", "outcome": "upstream_error", "status": 503, "milliseconds": 1_234, "detail": "Busy."}
    server.write(tasks.record, task_id, "called", call)
    server.write(tasks.record, task_id, "called", {"upstream": "openai", "outcome": "ok", "milliseconds": 9})
    page = task_page(person, task_id)
    text = seen(page)
    for said in ("style It had no effect.", "1,012 in (1,000 for pictures), 4,160 out", "Busy.", "Run again"):
        assert said in text, said
    assert "Asked azure: upstream_error 503, 1,234 ms" in text
    assert "Asked openai: ok, 9 ms" in text
    assert f'data-credential="{acquired.credential_id}"' in page
    assert re.search(r"/v1/files/[^\"]+/receipt\?expires=", page)
    assert "inputs/x" not in page
    assert code_of(page)[0]["images"][0] == seen_by_all | {"asset": own}
    assert code_of(page)[1]["warnings"] == report["warnings"]
    assert (
        f'href="/apis/images-edits?model=dall-e-3&amp;prompt=at+night&amp;output_format=png&amp;file={own}.png"' in page
    )
    for place in ("0", "1", "2", "x", "mask"):
        assert f"inputs/{place}" in page or place in {"2", "x"}
        assert person.get(f"{LIST}/{task_id}/inputs/{place}").status_code == 404, place


def test_callbacks_are_linked(person: Person, server: Live) -> None:
    task_id = person.task()
    made = server.write(
        callbacks.enqueue,
        account_id=person.account_id,
        application_id="an application",
        task_id=task_id,
        url="https://example.com/<hook>",
    )
    page = task_page(person, task_id)
    assert f'href="/console/callbacks/{made.id}"' in page
    assert "https://example.com/&lt;hook&gt;" in page


def test_prompts_and_trace_ids_are_text_wherever_they_stand(person: Person) -> None:
    person.acquire()
    task_id = person.task(prompt=NASTY, trace_id=NASTY, named=NASTY)
    pages = [person.get(path).text for path in ("/console", LIST, f"{LIST}/{task_id}", "/console/usage")]
    for page in pages:
        assert not re.search(r"<script>|<img src=x|\sonerror=[^a]|49 &amp;", page)
        assert not re.search(r"\sstyle=|<style", page)
        assert re.findall(r"<script(?![^>]*\ssrc=)", page) == []
    alt = re.findall(r'<img [^>]*alt="([^"]*)"', pages[0])
    assert unescape(alt[1]) == NASTY
    assert NASTY in unescape(pages[2])


@pytest.mark.parametrize("path", ["", "/now"])
def test_a_task_of_somebody_else_is_not_there(server: Live, person: Person, path: str) -> None:
    with signed_in(server) as other:
        foreign = other.task(status="queued", engine="none")
        assert person.get(f"{LIST}/{foreign}{path}").status_code == 404
        refused = person.post(f"{LIST}/{foreign}/cancel")
        assert refused.status_code == 404
        assert other.get(f"{LIST}/{foreign}/now").json()["status"] == "queued"
        assert foreign not in listed(person)
        assert listed(person, q=foreign) == []
    assert person.get(f"{LIST}/{new_id()}{path}").status_code == 404


@pytest.mark.parametrize("path", ["", "/1", "/1/now"])
def test_visitors_go_to_the_door(person: Person, path: str) -> None:
    person.browser.cookies.clear()
    answer = person.get(LIST + path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=")


@pytest.mark.parametrize(
    ("status", "position", "said"),
    [
        ("in_progress", None, "It is being drawn."),
        ("queued", 0, "It is the next to be drawn."),
        ("queued", 1, "It waits; 1 task goes before it."),
        ("queued", 2, "It waits; 2 tasks go before it."),
        ("failed", None, "It is over: it has failed."),
        ("completed", None, "It is over: it is completed."),
    ],
)
def test_a_page_that_asks_is_told_where_a_task_stands(
    person: Person, server: Live, status: str, position: int | None, said: str
) -> None:
    task_id = person.task(status=status, engine="none")
    task = server.read(tasks.find, person.account_id, task_id)
    assert standing(task, position) == said
    answer = person.get(f"{LIST}/{task_id}/now")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["over"] is (status in {"failed", "completed"})


def test_a_pending_task_can_be_cancelled_once(person: Person, server: Live) -> None:
    person.acquire()
    task_id = person.task(status="queued", engine="none")
    before = server.read(quotas.balance, person.account_id)
    assert person.post(f"{LIST}/{task_id}/cancel", csrf="guessed").status_code == 403
    answer = person.follow(person.post(f"{LIST}/{task_id}/cancel"))
    assert "The task is cancelled. Nothing was charged." in answer.text
    assert server.read(quotas.balance, person.account_id) == before + 40_000
    done = person.task()
    late = person.follow(person.post(f"{LIST}/{done}/cancel"))
    assert "The task was over before it could be cancelled." in late.text


def test_a_browser_sees_pictures_ends_of_tasks_and_pages_that_fit(
    server: Live, visit: Callable[..., Page], watch: Watch
) -> None:
    with signed_in(server) as person:
        headers = {"authorization": f"Bearer {person.acquire().key}"}
        body = {"model": "limner-sandbox", "size": "256x256", "prompt": "a card"}
        made = person.browser.post("/v1/images/generations", json=body, headers=headers).json()["task_id"]
        page = visit("/login", width=390)
        page.context.add_cookies([person.cookie])
        page.goto(f"{LIST}/{made}")
        shown = page.get_by_alt_text("a card")
        assert shown.evaluate("async (it) => { await it.decode(); return it.naturalWidth }") == 256
        pending = person.task(status="in_progress", engine="none")
        page.goto(f"{LIST}/{pending}")
        page.get_by_text("It is being drawn.").wait_for()
        server.write(completion.failed, server.read(tasks.find, person.account_id, pending), ApiError("No such luck."))
        page.get_by_text("No such luck.").first.wait_for()
        page.goto(f"{LIST}/{person.task(status='queued', engine='none')}")
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Cancel").click()
        page.get_by_text("The task is cancelled.").wait_for()
        assert watch.complaints == []
        person.task(prompt="a very long prompt " * 40, trace_id="x" * 200, named="a-model-with-a-very-long-name-indeed")
        for path in ("/console", LIST, f"{LIST}/{made}", "/console/usage"):
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        # the bytes of a picture that was only written down are not there
        assert [told for told in watch.complaints if "404" not in told] == []
