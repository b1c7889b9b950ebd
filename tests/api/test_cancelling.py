"""Cancelling: a task that waits, one that is being worked on, and one that somebody waits for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from limner.credentials import SCOPES
from tests.api.test_bad_input import balance, check
from tests.api.test_images import generate, wait_for

if TYPE_CHECKING:
    from limner.acquire import Acquired
    from tests.conftest import Live

LATER: dict[str, Any] = {"async": True}


@pytest.fixture
def server(held: Live) -> Live:
    """The accounts, keys and clients of these tests are of the server that makes one picture at a time."""
    return held


def begin(client: httpx.Client, **more: Any) -> str:
    """Put a task in the line; the first one is begun and never ends by itself."""
    body = {"model": "limner-illustrator", "size": "64x64", "prompt": "endless"} | LATER | more
    task: str = generate(client, **body).json()["task_id"]
    return task


def begun(client: httpx.Client, **more: Any) -> str:
    """Put the first task in the line and wait until it is begun: what was cancelled before may still be leaving."""
    task = begin(client, **more)
    while client.get(f"/v1/tasks/{task}").json()["status"] == "queued":
        pass
    return task


def cancel(client: httpx.Client, task: str) -> dict[str, Any]:
    answer = client.post(f"/v1/tasks/{task}/cancel")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    record: dict[str, Any] = answer.json()
    return record


def test_the_line_is_seen_and_moves_on_when_those_before_are_cancelled(
    server: Live, account: Acquired, client: httpx.Client
) -> None:
    running, next_, last = begun(client), begin(client), begin(client, prompt="calm")
    told = [client.get(f"/v1/tasks/{task}") for task in (running, next_, last)]
    assert [one.json()["queue_position"] for one in told] == [None, 0, 1]
    assert [one.json()["status"] for one in told] == ["in_progress", "queued", "queued"]
    assert [one.headers["retry-after"] for one in told] == ["1", "1", "2"]
    assert [event["kind"] for event in told[1].json()["events"]] == ["created"]
    assert balance(server, account) < account.balance
    assert cancel(client, next_)["status"] == "cancelled"
    assert client.get(f"/v1/tasks/{last}").json()["queue_position"] == 0
    assert cancel(client, running)["status"] == "cancelled"
    record = wait_for(client, last)
    assert record["status"] == "completed"
    assert balance(server, account) == account.balance - record["cost"]


@pytest.mark.parametrize("behind", [0, 1])
def test_a_cancelled_task_is_over_and_free(server: Live, account: Acquired, client: httpx.Client, behind: int) -> None:
    before = [begun(client) for _ in range(behind)]
    task = begin(client, n=2) if behind else begun(client, n=2)
    record = cancel(client, task)
    assert [event["kind"] for event in record["events"]][-1] == "cancelled"
    assert record["response"]["success"] is False
    assert record["response"]["error"]["code"] == "conflict"
    assert "Nothing was charged" in record["response"]["error"]["message"]
    assert (record["cost"], record["queue_position"]) == (0, None)
    assert record["finished_at"] >= record["created_at"]
    assert (record["started_at"] is None) == bool(behind)
    again = cancel(client, task)
    assert again == record
    for other in before:
        cancel(client, other)
    assert balance(server, account) == account.balance


def test_what_is_over_cannot_be_cancelled(client: httpx.Client) -> None:
    done = generate(client, prompt="calm").json()["task_id"]
    answer = client.post(f"/v1/tasks/{done}/cancel")
    check(answer, 409, "conflict", None, "it has completed")
    assert answer.headers["x-should-retry"] == "false"
    generate(client, prompt="broken", trace_id="broken")
    broken = client.post("/openai/tasks", json={"action": "retrieve", "trace_id": "broken"}).json()["id"]
    check(client.post(f"/v1/tasks/{broken}/cancel"), 409, "conflict", None, "it has failed")
    check(client.post("/v1/tasks/unknown/cancel"), 404, "not_found", "id")
    check(client.post("/v1/tasks/%00/cancel"), 404, "not_found", "id")


def test_only_a_key_that_may_make_pictures_may_cancel(server: Live) -> None:
    scopes = tuple(scope for scope in SCOPES if scope != "images.generate")
    headers = {"authorization": f"Bearer {server.acquire(scopes=scopes).key}"}
    answer = httpx.post(f"{server.url}/v1/tasks/x/cancel", headers=headers)
    check(answer, 400, "token_mismatched", None, "images.generate")


@pytest.mark.parametrize("behind", [0, 1])
def test_whoever_waits_for_a_cancelled_task_is_told(
    server: Live, account: Acquired, client: httpx.Client, behind: int
) -> None:
    before = [begun(client) for _ in range(behind)]
    body = {"model": "limner-illustrator", "size": "64x64", "prompt": "endless", "trace_id": "awaited"}
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.post, "/v1/images/generations", json=body)
        question = {"action": "retrieve", "trace_id": "awaited"}
        while not (record := client.post("/openai/tasks", json=question).json()):
            pass
        cancel(client, record["id"])
        answer = waiting.result()
    check(answer, 409, "conflict", None, "cancelled")
    assert answer.headers["x-should-retry"] == "false"
    assert answer.headers["x-task-id"] == record["id"]
    for other in before:
        cancel(client, other)
    assert balance(server, account) == account.balance
