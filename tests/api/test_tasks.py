"""Asking after tasks: Ace's dialect to the letter, and the same records over REST."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import acedatacloud
import httpx
import pytest
from acedatacloud._runtime.tasks import TaskHandle, task_status

from limner.credentials import SCOPES
from tests.api.test_bad_input import check
from tests.api.test_clients import once, openai_cli
from tests.api.test_images import generate, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Live

LATER: dict[str, Any] = {"async": True}
RECORD = {
    "_id": str,
    "id": str,
    "trace_id": str,
    "type": str,
    "application_id": str,
    "user_id": str,
    "credential_id": str,
    "created_at": float,
    "started_at": float,
    "finished_at": float,
    "duration": float,
    "elapsed": float,
    "status": str,
    "cost": int,
    "request": dict,
    "response": dict,
}


@pytest.fixture
def stranger(server: Live) -> Iterator[httpx.Client]:
    """A client of another account."""
    headers = {"authorization": f"Bearer {server.acquire().key}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as opened:
        yield opened


@pytest.fixture
def pending(client: httpx.Client) -> Iterator[str]:
    """A task that is on its way for the length of a test."""
    task: str = generate(client, **LATER, prompt="delay:60", trace_id="still on its way").json()["task_id"]
    yield task
    client.post(f"/v1/tasks/{task}/cancel")


def ask(client: httpx.Client, **question: Any) -> Any:
    answer = client.post("/openai/tasks", json={"action": "retrieve"} | question)
    assert answer.status_code == 200, answer.text
    return answer.json()


def batch(client: httpx.Client, **question: Any) -> tuple[list[str], int]:
    """Ask for many; their ids, and how many match."""
    answer = ask(client, action="retrieve_batch", **question)
    assert set(answer) == {"items", "count"}
    return [item["id"] for item in answer["items"]], answer["count"]


def make(client: httpx.Client, count: int, **more: Any) -> list[str]:
    return [generate(client, **more).json()["task_id"] for _ in range(count)]


def test_a_finished_task_has_every_field_and_the_answer(client: httpx.Client) -> None:
    made = generate(client, n=2, trace_id="order 7").json()
    record = ask(client, id=made["task_id"])
    assert {name: type(value) for name, value in record.items()} == RECORD
    assert record["_id"] == record["id"] == made["task_id"]
    assert (record["trace_id"], record["type"], record["status"]) == ("order 7", "images_generations", "completed")
    assert record["created_at"] <= record["started_at"] <= record["finished_at"]
    assert record["duration"] == pytest.approx(record["finished_at"] - record["started_at"], abs=1e-5)
    assert record["elapsed"] == pytest.approx(record["finished_at"] - record["created_at"], abs=1e-5)
    assert record["request"]["prompt"] == "a red fox"
    told = record["response"]
    assert (told["created"], told["data"], told["success"]) == (made["created"], made["data"], True)
    assert isinstance(told["created"], int)


def test_a_pending_task_has_a_response_that_is_null(client: httpx.Client, pending: str) -> None:
    record = ask(client, id=pending)
    assert record.keys() == RECORD.keys()
    assert record["response"] is None
    assert record["finished_at"] is record["duration"] is record["elapsed"] is None
    assert record["status"] == "in_progress"


@pytest.mark.parametrize("code", ["api_error", "moderation_blocked"])
def test_a_failed_task_says_why_and_when(client: httpx.Client, code: str) -> None:
    generate(client, prompt=f"fail:{code}", trace_id="broken")
    record = ask(client, trace_id="broken")
    assert record["status"] == "failed"
    assert record["finished_at"] >= record["created_at"]
    assert record["response"]["success"] is False
    assert record["response"]["error"]["code"] == code
    assert record["response"]["error"]["message"]
    assert record["cost"] == 0


def test_what_there_is_not_is_an_empty_object(client: httpx.Client) -> None:
    for question in ({"id": "unknown"}, {"trace_id": "unknown"}, {"id": ""}, {"id": "\0"}, {"trace_id": "\0"}):
        assert ask(client, **question) == {}
    for name in ("ids", "trace_ids"):
        assert batch(client, **{name: ["unknown", "\0"]}) == ([], 0)
        assert batch(client, **{name: []}) == ([], 0)
    assert batch(client, application_id="\0") == batch(client, user_id="\0") == ([], 0)


def test_the_trace_id_wins(client: httpx.Client) -> None:
    first = generate(client, trace_id="first").json()["task_id"]
    second = generate(client, trace_id="second").json()["task_id"]
    assert ask(client, id=first, trace_id="second")["id"] == second
    assert ask(client, id=first, trace_id="unknown") == {}
    assert batch(client, ids=[first], trace_ids=["second"]) == ([second], 1)


def test_of_many_with_one_trace_id_the_newest_is_given(client: httpx.Client) -> None:
    _, newest = make(client, 2, trace_id="again")
    assert ask(client, trace_id="again")["id"] == newest
    assert batch(client, trace_ids=["again"])[1] == 2


def test_many_are_asked_for_by_ids_application_user_or_time(client: httpx.Client) -> None:
    first, second, third = make(client, 3)
    records = [ask(client, id=task) for task in (first, second, third)]
    whole = ([third, second, first], 3)
    assert batch(client, ids=[first, third, "unknown"]) == ([third, first], 2)
    assert batch(client, application_id=records[0]["application_id"]) == whole
    assert batch(client, user_id=records[0]["user_id"]) == whole
    assert batch(client, created_at_min=0) == whole
    assert batch(client, created_at_min=records[1]["created_at"]) == ([third, second], 2)
    assert batch(client, created_at_max=records[1]["created_at"]) == ([second, first], 2)
    assert batch(client, application_id="another") == batch(client, user_id="another") == ([], 0)
    assert ask(client, action="retrieve_batch", ids=[first])["items"] == [records[0]]


def test_images_are_tasks_of_every_kind(client: httpx.Client) -> None:
    made = make(client, 1)
    assert batch(client, ids=made, type="images") == batch(client, ids=made, type="images_generations") == (made, 1)
    assert batch(client, ids=made, type="images_edits") == batch(client, ids=made, type="\0") == ([], 0)


def test_a_page_of_many_comes_with_the_count_of_all(client: httpx.Client) -> None:
    made = make(client, 14)[::-1]
    assert batch(client, created_at_min=0) == (made[:12], 14)
    assert batch(client, created_at_min=0, offset=12) == (made[12:], 14)
    assert batch(client, created_at_min=0, offset=1, limit=2) == (made[1:3], 14)
    assert batch(client, created_at_min=0, offset=99) == ([], 14)


def test_pending_failed_and_finished_come_together(client: httpx.Client, pending: str) -> None:
    made = make(client, 1)[0]
    generate(client, prompt="fail:timeout")
    items = ask(client, action="retrieve_batch", created_at_min=0)["items"]
    assert [item["status"] for item in items] == ["failed", "completed", "in_progress"]
    assert [item["id"] for item in items][1:] == [made, pending]
    assert items[2]["response"] is None
    assert items[1]["response"]["success"] is True


def test_other_accounts_tasks_are_invisible_on_every_road(client: httpx.Client, stranger: httpx.Client) -> None:
    made = generate(client, trace_id="mine").json()["task_id"]
    record = ask(client, id=made)
    for question in ({"id": made}, {"trace_id": "mine"}):
        assert ask(stranger, **question) == {}
    for many in (
        {"ids": [made]},
        {"trace_ids": ["mine"]},
        {"application_id": record["application_id"]},
        {"user_id": record["user_id"]},
        {"created_at_min": 0},
    ):
        assert batch(stranger, **many) == ([], 0)
    assert stranger.get("/v1/tasks").json()["data"] == []
    for method, path in (("GET", ""), ("POST", "/cancel"), ("GET", "/events")):
        check(stranger.request(method, f"/v1/tasks/{made}{path}"), 404, "not_found", "id")


BAD: list[tuple[dict[str, Any], str, str, str]] = [
    ({}, "api_not_implemented", "action", "'retrieve' and 'retrieve_batch'"),
    ({"action": "delete"}, "api_not_implemented", "action", "'retrieve' and 'retrieve_batch'"),
    ({"action": "retrieve"}, "bad_request", "id", "its id or its trace_id"),
    ({"action": "retrieve", "id": 7}, "bad_request", "id", "a string"),
    ({"action": "retrieve_batch"}, "bad_request", "ids", "Say which tasks"),
    ({"action": "retrieve_batch", "type": "images"}, "bad_request", "ids", "Say which tasks"),
    ({"action": "retrieve_batch", "ids": "one"}, "bad_request", "ids", "a list of strings, not a string"),
    ({"action": "retrieve_batch", "trace_ids": [1]}, "bad_request", "trace_ids", "a list of strings"),
    ({"action": "retrieve_batch", "ids": [], "limit": 0}, "bad_request", "limit", "from 1 to 100"),
    ({"action": "retrieve_batch", "ids": [], "limit": 101}, "bad_request", "limit", "from 1 to 100"),
    ({"action": "retrieve_batch", "ids": [], "offset": -1}, "bad_request", "offset", "from 0"),
    ({"action": "retrieve_batch", "ids": [], "offset": 10**30}, "bad_request", "offset", ""),
    ({"action": "retrieve_batch", "created_at_min": "monday"}, "bad_request", "created_at_min", "a number"),
    ({"action": "retrieve_batch", "created_at_max": -1}, "bad_request", "created_at_max", "Unix seconds"),
]


@pytest.mark.parametrize(("question", "code", "param", "words"), BAD)
def test_bad_questions_are_named(
    client: httpx.Client, question: dict[str, Any], code: str, param: str, words: str
) -> None:
    check(client.post("/openai/tasks", json=question), 400, code, param, words)


def test_only_a_key_that_may_read_tasks_gets_in(server: Live) -> None:
    scopes = tuple(scope for scope in SCOPES if scope != "tasks.read")
    headers = {"authorization": f"Bearer {server.acquire(scopes=scopes).key}"}
    roads = [("POST", "/openai/tasks"), ("GET", "/v1/tasks"), ("GET", "/v1/tasks/x"), ("GET", "/v1/tasks/x/events")]
    for method, path in roads:
        check(httpx.request(method, server.url + path, headers=headers), 400, "token_mismatched", None, "tasks.read")


def test_the_list_is_newest_first_page_by_page(client: httpx.Client) -> None:
    made = make(client, 3)[::-1]
    first = client.get("/v1/tasks", params={"limit": 2})
    assert first.headers["cache-control"] == "no-store"
    page = first.json()
    assert [record["id"] for record in page["data"]] == made[:2]
    assert {name: type(value) for name, value in page["data"][0].items()} == RECORD
    assert page | {"data": []} == {
        "object": "list",
        "data": [],
        "has_more": True,
        "first_id": made[0],
        "last_id": made[1],
    }
    rest = client.get("/v1/tasks", params={"limit": "0002", "after": page["last_id"]}).json()
    assert ([record["id"] for record in rest["data"]], rest["has_more"]) == (made[2:], False)
    empty = client.get("/v1/tasks", params={"after": made[2]}).json()
    assert empty == {"object": "list", "data": [], "has_more": False, "first_id": None, "last_id": None}


def test_the_list_is_narrowed_by_every_filter(client: httpx.Client, pending: str) -> None:
    made = generate(client, trace_id="mine").json()["task_id"]
    other = generate(client, model="limner-illustrator", size="64x64", quality="low").json()["task_id"]
    generate(client, prompt="fail:api_error", trace_id="broken")
    failed, created = ask(client, trace_id="broken")["id"], ask(client, id=made)["created_at"]

    def found(**query: Any) -> list[str]:
        return [record["id"] for record in client.get("/v1/tasks", params=query).json()["data"]]

    assert found(status="in_progress") == [pending]
    assert found(status="failed") == [failed]
    assert found(trace_id="mine") == [made]
    assert found(model="limner-illustrator") == [other]
    assert found(type="images") == found(type="images_generations") == [failed, other, made, pending]
    assert found(created_at_min=created, created_at_max=created) == [made]
    assert found(type="images_edits") == found(model="\0") == found(trace_id="\0") == []
    assert client.get("/v1/tasks", params={"after": "\0"}).status_code == 200


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "0" * 12 + "9" * 5000}, "limit"),
        ({"limit": "\u0663"}, "limit"),
        ({"status": "done"}, "status"),
        ({"type": "video"}, "type"),
        ({"created_at_min": "monday"}, "created_at_min"),
        ({"created_at_max": "1e99"}, "created_at_max"),
    ],
)
def test_bad_filters_are_named(client: httpx.Client, query: dict[str, Any], param: str) -> None:
    check(client.get("/v1/tasks", params=query), 400, "bad_request", param)


def test_one_task_is_the_record_with_its_story(client: httpx.Client) -> None:
    made = make(client, 1)[0]
    answer = client.get(f"/v1/tasks/{made}")
    assert answer.headers["cache-control"] == "no-store"
    assert "retry-after" not in answer.headers
    whole = answer.json()
    assert [event["kind"] for event in whole["events"]] == ["created", "begun", "completed"]
    assert whole["events"][1]["detail"] == {"attempt": 1}
    assert (whole["queue_position"], whole["callbacks"]) == (None, [])
    assert {name: whole[name] for name in RECORD} == ask(client, id=made)


def test_while_a_task_is_pending_it_says_when_to_ask_again(client: httpx.Client, pending: str) -> None:
    answer = client.get(f"/v1/tasks/{pending}")
    assert answer.headers["retry-after"] == "1"
    assert [event["kind"] for event in answer.json()["events"]] == ["created", "begun"]


def test_an_unknown_task_is_not_found(client: httpx.Client) -> None:
    for task in ("unknown", "%00", "%ff"):
        check(client.get(f"/v1/tasks/{task}"), 404, "not_found", "id")


@pytest.fixture
def ace(server: Live, key: str) -> acedatacloud.AceDataCloud:
    return acedatacloud.AceDataCloud(key, base_url=server.url, max_retries=0)


def test_aces_sdk_asks_for_many(client: httpx.Client, ace: acedatacloud.AceDataCloud) -> None:
    made = make(client, 2, trace_id="mine")[::-1]
    answer = ace.openai.tasks.retrieve_batch(trace_ids=["mine"], type="images", offset=0, limit=12)
    assert ([item["id"] for item in answer["items"]], answer["count"]) == (made, 2)
    assert ace.openai.tasks.retrieve_batch(ids=[made[0]], created_at_min=0, created_at_max=2e9)["count"] == 1


def test_aces_sdk_sees_how_tasks_stand(client: httpx.Client, ace: acedatacloud.AceDataCloud, pending: str) -> None:
    made = ace.openai.images.generate(model="limner-sandbox", prompt="a fox", callback_url="https://example.com/hook")
    handle = TaskHandle(made["task_id"], "/openai/tasks", ace._transport)
    handle.wait(poll_interval=0.01)
    assert [httpx.get(url).status_code for url in handle.urls()] == [200]
    assert task_status(ask(client, id=pending)) == ""
    generate(client, prompt="fail:api_error", trace_id="broken")
    assert task_status(ask(client, trace_id="broken")) == "failed"
    cancelled = generate(client, **LATER, prompt="delay:60").json()["task_id"]
    client.post(f"/v1/tasks/{cancelled}/cancel")
    assert task_status(ask(client, id=cancelled)) == "failed"


@once
def test_openai_pro_cli_asks_for_tasks(server: Live, key: str, client: httpx.Client) -> None:
    first, second = make(client, 2, trace_id="mine")
    asked = openai_cli(server, key, "tasks", "batch", "--ids", first, "--ids", second, "--type", "images", "--json")
    answer = json.loads(asked.stdout)
    assert ([item["id"] for item in answer["items"]], answer["count"]) == ([second, first], 2)
    seen = openai_cli(server, key, "tasks", "batch", "--trace-ids", "mine", "--limit", "1")
    assert "Found 2 task(s)" in seen.stdout
    alone = openai_cli(server, key, "tasks", "retrieve", "--trace-id", "mine")
    assert second in alone.stdout
    assert wait_for(client, second)["status"] == "completed"
