"""Deliveries as the owners of receivers see them: every attempt, what came of it, and once more, please."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from limner import callbacks, tasks
from limner.courier import OURS
from limner.settings import Settings
from limner.whereabouts import data_folder
from tests.api.test_bad_input import check
from tests.api.test_images import generate, wait_for
from tests.conftest import serving
from tests.receivers import answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from limner.tasks import Task
    from tests.conftest import Live
    from tests.receivers import Receiver

DELIVERIES = "/v1/deliveries"
REDELIVER = "/v1/deliveries/redeliver"
TEST = "/v1/callbacks/test"


@pytest.fixture
def server(calling: Live) -> Live:
    """The accounts, keys and clients of these tests are of the server that calls."""
    return calling


def delivery_of(client: httpx.Client, url: str, **body: Any) -> str:
    """Have a picture made for a callback; the id of its delivery."""
    task = generate(client, callback_url=url, **body).json()["task_id"]
    wait_for(client, task)
    (delivery,) = client.get(f"/v1/tasks/{task}").json()["callbacks"]
    assert isinstance(delivery["id"], str)
    return delivery["id"]


def until(client: httpx.Client, delivery: str, attempts: int) -> dict[str, Any]:
    """Ask until a delivery has been tried so often; the loop ends because every attempt does."""
    while True:
        told: dict[str, Any] = client.get(f"{DELIVERIES}/{delivery}").json()
        if told["attempt_count"] >= attempts:
            return told


def test_a_2xx_ends_it(client: httpx.Client, receiver: Receiver) -> None:
    task = generate(client, callback_url=receiver.on("/made", answer(202, b"thanks"))).json()["task_id"]
    wait_for(client, task)
    (of_task,) = client.get(f"/v1/tasks/{task}").json()["callbacks"]
    told = until(client, of_task["id"], 1)
    (attempt,) = told.pop("attempts")
    assert told == {
        "id": receiver.wait(1)[0].headers["webhook-id"],
        "object": "callback.delivery",
        "task_id": task,
        "application_id": wait_for(client, task)["application_id"],
        "url": receiver.url("/made"),
        "status": "delivered",
        "attempt_count": 1,
        "created_at": told["created_at"],
        "next_attempt_at": None,
        "finished_at": told["finished_at"],
    }
    assert told["created_at"] <= attempt.pop("at") <= told["finished_at"]
    assert attempt.pop("milliseconds") >= 0
    assert attempt == {"number": 1, "status_code": 202, "response": "thanks", "problem": None}
    assert client.get(f"{DELIVERIES}/{told['id']}").headers["cache-control"] == "no-store"


def test_410_stops_it(client: httpx.Client, receiver: Receiver) -> None:
    told = until(client, delivery_of(client, receiver.url("/410")), 1)
    assert (told["status"], told["attempt_count"], told["next_attempt_at"]) == ("stopped", 1, None)
    assert told["finished_at"]


@pytest.mark.parametrize("status", [301, 400, 404, 500])
def test_other_statuses_are_tried_through_the_whole_schedule(
    client: httpx.Client, receiver: Receiver, status: int
) -> None:
    told = until(client, delivery_of(client, receiver.url(f"/{status}")), 3)
    assert (told["status"], told["next_attempt_at"]) == ("failed", None)
    assert [(one["number"], one["status_code"]) for one in told["attempts"]] == [(n, status) for n in (1, 2, 3)]
    times = [one["at"] for one in told["attempts"]]
    assert times == sorted(times)
    assert len(receiver.wait(3)) == 3


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("dated", [False, True])
def test_a_receiver_may_ask_for_more_time(
    client: httpx.Client, receiver: Receiver, *, status: int, dated: bool
) -> None:
    wish = formatdate(time.time() + 3600, usegmt=True) if dated else "3600"
    told = until(client, delivery_of(client, receiver.on("/busy", answer(status, retry_after=wish))), 1)
    assert told["status"] == "pending"
    assert told["finished_at"] is None
    assert 3590 < told["next_attempt_at"] - told["attempts"][0]["at"] < 3700


def test_more_than_a_day_is_not_waited(client: httpx.Client, receiver: Receiver) -> None:
    told = until(client, delivery_of(client, receiver.on("/busy", answer(429, retry_after="9" * 400))), 1)
    assert 86_390 < told["next_attempt_at"] - told["attempts"][0]["at"] < 86_500


def test_an_unbelievable_date_is_no_wish(client: httpx.Client, receiver: Receiver) -> None:
    wish = "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"
    told = until(client, delivery_of(client, receiver.on("/busy", answer(503, retry_after=wish))), 3)
    assert told["status"] == "failed"


def test_a_redirect_is_not_followed(client: httpx.Client, receiver: Receiver) -> None:
    told = until(client, delivery_of(client, receiver.url("/redirect")), 3)
    assert told["status"] == "failed"
    assert [one["status_code"] for one in told["attempts"]] == [302] * 3
    assert [one["problem"] for one in told["attempts"]] == [None] * 3


@pytest.mark.parametrize(
    ("path", "words"),
    [("/closes", "closed the connection before"), ("/garbage", "is not valid HTTP")],
)
def test_what_is_no_answer_is_a_problem(client: httpx.Client, receiver: Receiver, path: str, words: str) -> None:
    told = until(client, delivery_of(client, receiver.url(path)), 3)
    assert told["status"] == "failed"
    for attempt in told["attempts"]:
        assert (attempt["status_code"], attempt["response"]) == (None, None)
        assert words in attempt["problem"]


def test_where_nobody_listens_is_a_problem(client: httpx.Client) -> None:
    told = until(client, delivery_of(client, "http://127.0.0.1:1/"), 3)
    assert [one["problem"] for one in told["attempts"]] == ["The host could not be connected to."] * 3


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server that waits for no receiver longer than a moment."""
    folder: Path = tmp_path_factory.mktemp("hasty")
    settings = Settings(
        data=str(folder),
        log_level="error",
        callback_networks="127.0.0.0/8",
        callback_schedule="0,0.01",
        callback_timeout=0.3,
    )
    with serving(settings) as live:
        yield live


def test_a_receiver_that_hangs_is_timed_out(hasty: Live, receiver: Receiver) -> None:
    headers = {"authorization": f"Bearer {hasty.acquire().key}"}
    with httpx.Client(base_url=hasty.url, headers=headers, timeout=60) as client:
        told = until(client, delivery_of(client, receiver.url("/hang")), 2)
    assert told["status"] == "failed"
    for attempt in told["attempts"]:
        assert attempt["problem"] == "There was no full answer within 0.3 s."
        assert attempt["milliseconds"] >= 300


def test_the_beginning_of_a_long_answer_is_kept_as_text(client: httpx.Client, receiver: Receiver) -> None:
    url = receiver.on("/long", answer(200, b"nul \0 and \xff then " + b"x" * 10_000))
    (attempt,) = until(client, delivery_of(client, url), 1)["attempts"]
    assert attempt["response"].startswith("nul \ufffd and \ufffd then xxx")
    assert len(attempt["response"]) == 2048


def test_one_is_made_again_with_the_same_id(client: httpx.Client, receiver: Receiver) -> None:
    delivery = delivery_of(client, receiver.on("/back", answer(410), answer(200)))
    assert until(client, delivery, 1)["status"] == "stopped"
    given = client.post(f"{DELIVERIES}/{delivery}/redeliver")
    assert given.status_code == 200
    assert given.json()["id"] == delivery
    told = until(client, delivery, 2)
    assert told["status"] == "delivered"
    assert [one["status_code"] for one in told["attempts"]] == [410, 200]
    assert {one.headers["webhook-id"] for one in receiver.wait(2)} == {delivery}


def test_what_was_given_up_is_tried_once_more_not_from_the_beginning(client: httpx.Client, receiver: Receiver) -> None:
    delivery = delivery_of(client, receiver.url("/500"))
    until(client, delivery, 3)
    client.post(f"{DELIVERIES}/{delivery}/redeliver")
    assert until(client, delivery, 4)["status"] == "failed"
    assert len(receiver.deliveries) == 4


def test_what_is_being_made_just_now_is_not_made_twice(client: httpx.Client, receiver: Receiver) -> None:
    delivery = delivery_of(client, receiver.url("/hang"))
    receiver.wait(1)
    now = client.post(f"{DELIVERIES}/{delivery}/redeliver").json()
    assert (now["status"], now["next_attempt_at"], now["attempts"]) == ("pending", None, [])
    assert client.post(REDELIVER, json={"created_at_min": 0, "status": "pending"}).json() == {"redelivered": 0}
    receiver.gate.set()
    assert until(client, delivery, 1)["status"] == "delivered"
    assert len(receiver.deliveries) == 1


def test_a_range_is_made_again(client: httpx.Client, receiver: Receiver) -> None:
    url = receiver.on("/back", *[answer(410)] * 3, answer(200))
    first, second, third = (until(client, delivery_of(client, url), 1) for _ in range(3))
    span = {"created_at_min": first["created_at"], "created_at_max": second["created_at"]}
    assert client.post(REDELIVER, json=span).json() == {"redelivered": 0}  # none of them has failed
    assert client.post(REDELIVER, json=span | {"status": "stopped"}).json() == {"redelivered": 2}
    ends = [until(client, one["id"], tries)["status"] for one, tries in ((first, 2), (second, 2), (third, 1))]
    assert ends == ["delivered", "delivered", "stopped"]


def test_too_many_are_not_made_again_in_one_go(server: Live, client: httpx.Client) -> None:
    task = find(server, client, generate(client).json()["task_id"])
    server.write(many, task)
    span = {"created_at_min": 0, "status": "stopped"}
    check(client.post(REDELIVER, json=span), 400, "bad_request", "created_at_min", "More than 1000")


def many(tx: Any, task: Task) -> None:
    """Write more deliveries than are made again at once; each was stopped."""
    attempt = callbacks.Attempt(number=1, at=0, milliseconds=0, status_code=410)
    for _ in range(1001):
        made = enqueue(tx, task, "http://127.0.0.1:1/")
        callbacks.tried(tx, made, attempt, (0.0,))


def enqueue(tx: Any, task: Task, url: str, **more: Any) -> callbacks.Delivery:
    whose = {"account_id": task.account_id, "application_id": task.application_id, "task_id": task.id}
    return callbacks.enqueue(tx, **whose | {"url": url} | more)


def find(server: Live, client: httpx.Client, task_id: str) -> Task:
    account = wait_for(client, task_id)["user_id"]
    task: Task = server.read(tasks.find, account, task_id)
    return task


@pytest.mark.parametrize(
    ("body", "param", "words"),
    [
        ({}, "created_at_min", "from when on"),
        ({"created_at_min": -1}, "created_at_min", "Unix seconds"),
        ({"created_at_min": 1e300}, "created_at_min", "Unix seconds"),
        ({"created_at_min": 0, "created_at_max": 1_700_000_000_000}, "created_at_max", "Unix seconds"),
        ({"created_at_min": 0, "status": "lost"}, "status", "pending, delivered, failed, stopped"),
        ({"created_at_min": "monday"}, "created_at_min", ""),
    ],
)
def test_a_bad_range_is_named(client: httpx.Client, body: dict[str, Any], param: str, words: str) -> None:
    check(client.post(REDELIVER, json=body), 400, "bad_request", param, words)


def test_a_test_is_made_at_once_and_its_result_is_the_answer(client: httpx.Client, receiver: Receiver) -> None:
    for path, status, ends in [("/ok", 200, "delivered"), ("/500", 500, "failed"), ("/410", 410, "stopped")]:
        told = client.post(TEST, json={"callback_url": receiver.url(path)}).json()
        (attempt,) = told["attempts"]
        assert (told["status"], told["task_id"], attempt["status_code"]) == (ends, None, status)
        received = receiver.at(path)[0]
        assert received.headers["webhook-id"] == told["id"]
        assert received.json() == {
            "task_id": "test",
            "trace_id": "test",
            "data": {"created": received.json()["data"]["created"], "data": []},
            "success": True,
        }
    refused = client.post(TEST, json={"callback_url": receiver.url("/closes")}).json()
    assert (refused["status"], refused["attempts"][0]["status_code"]) == ("failed", None)
    assert refused["attempts"][0]["problem"]
    assert len(receiver.deliveries) == 4


def test_a_test_must_say_where_to(client: httpx.Client) -> None:
    check(client.post(TEST), 400, "bad_request", "callback_url", "where")
    check(client.post(TEST, json={"callback_url": 7}), 400, "bad_request", "callback_url", "a string")


def test_deliveries_are_listed_newest_first_page_by_page(client: httpx.Client, receiver: Receiver) -> None:
    made = [client.post(TEST, json={"callback_url": receiver.url(path)}).json() for path in ("/ok", "/410", "/ok")]
    ids = [one["id"] for one in reversed(made)]
    whole = client.get(DELIVERIES)
    assert whole.headers["cache-control"] == "no-store"
    assert [one["id"] for one in whole.json()["data"]] == ids
    assert all("attempts" not in one for one in whole.json()["data"])
    page = client.get(DELIVERIES, params={"limit": 2}).json()
    assert page | {"data": []} == {
        "object": "list",
        "data": [],
        "has_more": True,
        "first_id": ids[0],
        "last_id": ids[1],
    }
    rest = client.get(DELIVERIES, params={"limit": 2, "after": page["last_id"]}).json()
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == ([ids[2]], False)
    past = client.get(DELIVERIES, params={"after": ids[2]}).json()
    assert past == {"object": "list", "data": [], "has_more": False, "first_id": None, "last_id": None}


def test_deliveries_are_found_by_status_task_and_time(client: httpx.Client, receiver: Receiver) -> None:
    first, second = (client.post(TEST, json={"callback_url": receiver.url(path)}).json() for path in ("/ok", "/410"))
    third = until(client, delivery_of(client, receiver.url()), 1)

    def found(**query: Any) -> list[str]:
        return [one["id"] for one in client.get(DELIVERIES, params=query).json()["data"]]

    assert found(status="stopped") == [second["id"]]
    assert found(task_id=third["task_id"]) == [third["id"]]
    assert found(created_at_min=second["created_at"], created_at_max=second["created_at"]) == [second["id"]]
    assert found(created_at_max=first["created_at"]) == [first["id"]]
    assert found(status="failed") == found(task_id="none") == []


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"status": "lost"}, "status"),
        ({"created_at_min": "monday"}, "created_at_min"),
        ({"created_at_max": "nan"}, "created_at_max"),
    ],
)
def test_bad_filters_are_named(client: httpx.Client, query: dict[str, Any], param: str) -> None:
    check(client.get(DELIVERIES, params=query), 400, "bad_request", param)


def test_what_is_nobodys_is_not_found(server: Live, client: httpx.Client, receiver: Receiver) -> None:
    mine = client.post(TEST, json={"callback_url": receiver.url()}).json()["id"]
    with httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {server.acquire().key}"}) as stranger:
        assert stranger.get(DELIVERIES).json()["data"] == []
        for delivery in (mine, "msg_unknown", "msg_\0"):
            path = f"{DELIVERIES}/{delivery}".replace("\0", "%00")
            check(stranger.get(path), 404, "not_found", "id")
            check(stranger.post(f"{path}/redeliver"), 404, "not_found", "id")
        assert stranger.post(REDELIVER, json={"created_at_min": 0, "status": "delivered"}).json() == {"redelivered": 0}
        assert stranger.get(DELIVERIES, params={"task_id": "\0", "after": "\0"}).json()["data"] == []


def test_where_the_bytes_are_gone_links_are_sent(server: Live, client: httpx.Client, receiver: Receiver) -> None:
    delivery = delivery_of(client, receiver.url(), response_format="b64_json")
    until(client, delivery, 1)
    record = client.get(f"/v1/tasks/{receiver.wait(1)[0].json()['task_id']}").json()
    name = record["response"]["data"][0]["url"].partition("?")[0].rpartition("/")[2]
    server.run(server.services.assets.discard([name]))
    client.post(f"{DELIVERIES}/{delivery}/redeliver")
    assert until(client, delivery, 2)["status"] == "delivered"
    first, second = receiver.wait(2)
    assert set(first.json()["data"]["data"][0]) == {"b64_json", "revised_prompt"}
    assert second.json()["data"]["data"] == record["response"]["data"]


def test_what_breaks_in_our_own_hands_is_an_attempt_too(server: Live, client: httpx.Client, receiver: Receiver) -> None:
    url = receiver.on("/back", answer(410), answer(200))
    delivery = delivery_of(client, url, response_format="b64_json")
    until(client, delivery, 1)
    folder = data_folder(server.services.settings) / "files"
    folder.rename(folder.with_name("away"))
    folder.symlink_to(folder.name)  # a link to itself, which nothing can be read through
    try:
        client.post(f"{DELIVERIES}/{delivery}/redeliver")
        told = until(client, delivery, 2)
    finally:
        folder.unlink()
        folder.with_name("away").rename(folder)
    assert (told["attempts"][1]["problem"], told["attempts"][1]["status_code"]) == (OURS, None)
    assert until(client, delivery, 3)["status"] == "delivered"
    assert len(receiver.deliveries) == 2


def test_a_delivery_that_makes_no_sense_comes_to_its_end(server: Live, client: httpx.Client) -> None:
    task = find(server, client, generate(client).json()["task_id"])
    with httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {server.acquire().key}"}) as stranger:
        other = find(server, stranger, generate(stranger).json()["task_id"])
    made = server.write(enqueue, task, "http://127.0.0.1:1/", task_id=other.id)
    server.loop.call_soon_threadsafe(server.services.courier.wake)
    told = until(client, made.id, 3)
    assert told["status"] == "failed"
    assert [one["problem"] for one in told["attempts"]] == [OURS] * 3
