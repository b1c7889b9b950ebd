"""A task once more: the same request, its own record, price and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest
from sqlalchemy import bindparam, update

from limner.capabilities import Input, Request
from limner.db.schema import tasks as table
from limner.inputs import sha256
from tests.api.test_images import generate
from tests.api.test_receipts import receipt_of

if TYPE_CHECKING:
    from limner.db import Transaction
    from tests.conftest import Live
    from tests.receivers import Receiver


def rerun(client: httpx.Client, task: str, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
    path = f"/v1/tasks/{task}/rerun"
    return client.post(path, json=body, headers=headers) if body else client.post(path, headers=headers)


def request_of(client: httpx.Client, task: str) -> dict[str, Any]:
    asked: dict[str, Any] = client.get(f"/v1/tasks/{task}").json()["request"]
    return asked


def test_the_same_request_makes_the_same_picture_as_a_task_of_its_own(client: httpx.Client) -> None:
    first = generate(client, seed=7, size="64x64", user="me")
    second = rerun(client, first.json()["task_id"])
    assert second.status_code == 200
    assert second.headers["x-task-id"] != first.headers["x-task-id"]
    assert second.json()["trace_id"] != first.json()["trace_id"]
    assert request_of(client, second.json()["task_id"]) == request_of(client, first.json()["task_id"])
    before, after = (client.get(one.json()["data"][0]["url"]).content for one in (first, second))
    assert before == after


def test_what_is_given_is_otherwise_this_time(client: httpx.Client) -> None:
    first = generate(client, seed=7, size="64x64").json()["task_id"]
    other = rerun(client, first, seed=8, n=2, response_format="b64_json", trace_id="mine", styl="x")
    body = other.json()
    assert (body["trace_id"], len(body["data"])) == ("mine", 2)
    assert all("b64_json" in one for one in body["data"])
    assert [one["param"] for one in body["warnings"]] == ["styl"]
    asked = request_of(client, body["task_id"])
    assert (asked["seed"], asked["n"], asked["size"]) == (8, 2, "64x64")


def test_it_can_answer_later_and_be_repeated_safely(client: httpx.Client) -> None:
    first = generate(client).json()["task_id"]
    later = rerun(client, first, headers={"idempotency-key": "again"}, **{"async": True}).json()
    assert "data" not in later
    while client.get(f"/v1/tasks/{later['task_id']}").json()["response"] is None:
        pass
    same = rerun(client, first, headers={"idempotency-key": "again"}, **{"async": True})
    assert same.headers["x-idempotent-replay"] == "true"
    assert same.json()["task_id"] == later["task_id"]
    other = generate(client).json()["task_id"]
    assert rerun(client, other, headers={"idempotency-key": "again"}, **{"async": True}).status_code == 409


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"n": 11}, "n"),
        ({"seed": -1}, "seed"),
        ({"response_format": "gif"}, "response_format"),
        ({"trace_id": "\n"}, "trace_id"),
        ({"callback_url": "http://10.0.0.1/"}, "callback_url"),
        ({"n": "two"}, "n"),
    ],
)
def test_what_cannot_be_is_refused(client: httpx.Client, body: dict[str, Any], param: str) -> None:
    refused = rerun(client, generate(client).json()["task_id"], **body)
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)


def test_a_failure_after_it_was_accepted_is_the_new_tasks(client: httpx.Client) -> None:
    first = generate(client, prompt="fail:timeout").headers["x-task-id"]
    second = rerun(client, first)
    assert (second.status_code, second.json()["error"]["code"]) == (504, "timeout")
    assert second.headers["x-task-id"] != first


def test_a_task_of_another_account_is_none(client: httpx.Client, server: Live) -> None:
    task = generate(client).json()["task_id"]
    stranger = {"authorization": f"Bearer {server.acquire().key}"}
    assert rerun(client, task, headers=stranger).status_code == 404
    assert rerun(client, "none").status_code == 404


def _write(tx: Transaction, task_id: str, request: Request) -> None:
    statement = update(table).where(table.c.id == bindparam("which"))
    statement = statement.values(model=bindparam("by"), request=bindparam("asked"))
    tx.run(statement, which=task_id, by=request.model, asked=msgspec.json.encode(request).decode())


def changed(server: Live, client: httpx.Client, task_id: str, **more: Any) -> None:
    """Have a task's request be another than it was."""
    before = msgspec.convert(request_of(client, task_id), Request)
    server.write(_write, task_id, msgspec.structs.replace(before, **more))


def test_a_model_that_is_gone_is_not_found_and_what_it_no_longer_offers_is_told(
    client: httpx.Client, server: Live
) -> None:
    task = generate(client).json()["task_id"]
    changed(server, client, task, size="9000x9000")
    assert rerun(client, task).json()["error"]["code"] == "api_not_implemented"
    changed(server, client, task, model="gone")
    assert rerun(client, task).status_code == 404


def test_pictures_that_came_with_a_request_are_kept_for_its_rerun_or_it_is_refused(
    client: httpx.Client, server: Live
) -> None:
    first = generate(client, size="64x64")
    task, url = first.json()["task_id"], first.json()["data"][0]["url"]
    inputs = server.services.inputs
    names = [server.run(inputs.save("account", data)) for data in (b"picture", b"mask")]
    given = Input(name=names[0], content_type="image/png", width=1, height=1, sha256=sha256(b"picture"))
    changed(server, client, task, images=(given,), mask=names[1])
    told = receipt_of(client, url).json()["receipt"]
    assert (told["inputs"], told["mask"]) == ([{"sha256": sha256(b"picture")}], {"sha256": sha256(b"mask")})
    again = rerun(client, task)
    assert again.status_code == 200
    asked = request_of(client, again.json()["task_id"])
    assert asked["images"][0]["name"] not in names
    assert server.run(inputs.load(asked["images"][0]["name"])) == b"picture"
    assert rerun(client, task, n=10_000).status_code == 400
    server.run(inputs.discard(names))
    gone = rerun(client, task)
    assert (gone.status_code, gone.json()["error"]["param"]) == (404, "image")
    assert receipt_of(client, url).json()["receipt"]["mask"] == {"sha256": None}


def test_what_is_refused_for_money_leaves_nothing_behind(server: Live) -> None:
    headers = {"authorization": f"Bearer {server.acquire(free_credits=0).key}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
        made = generate(client, size="64x64").json()
        account = client.get(f"/v1/tasks/{made['task_id']}").json()["user_id"]
        name = server.run(server.services.inputs.save(account, b"picture"))
        given = Input(name=name, content_type="image/png", width=1, height=1)
        changed(server, client, made["task_id"], model="dall-e-3", size="1024x1024", images=(given,))
        assert rerun(client, made["task_id"]).json()["error"]["code"] == "used_up"
    assert server.run(_kept(server, account)) == [name]


async def _kept(server: Live, account_id: str) -> list[str]:
    pages = [page async for page in server.services.inputs.stale(-60)]
    return [name for page in pages for name in page if account_id in name]


def test_nobody_is_called_back_but_who_is_named_this_time(calling: Live, receiver: Receiver) -> None:
    headers = {"authorization": f"Bearer {calling.acquire().key}"}
    with httpx.Client(base_url=calling.url, headers=headers, timeout=60) as client:
        task = generate(client, callback_url=receiver.url("/ok")).json()["task_id"]
        receiver.wait(1)
        assert rerun(client, task).status_code == 200
        rerun(client, task, callback_url=receiver.url("/other"))
        assert [one.path for one in receiver.wait(2)] == ["/ok", "/other"]
