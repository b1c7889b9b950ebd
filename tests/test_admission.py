"""Requests with one Idempotency-Key that meet in the database itself: one task, whoever comes first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest
from sqlalchemy import text

from limner import quotas, tasks
from limner.accounts import by_name
from limner.db import transaction
from limner.ids import new_id
from tests.api.test_bad_input import check

if TYPE_CHECKING:
    from limner.acquire import Acquired
    from limner.db import Transaction
    from tests.conftest import Live

PATH = "/v1/images/generations"
WAITING = text("SELECT count(*) AS waiting FROM pg_locks WHERE NOT granted")


def copy_of(tx: Transaction, account_id: str, task_id: str, key: str) -> None:
    """Write another task of the same account that claims the key, and leave the transaction open."""
    task = tasks.find(tx, account_id, task_id)
    tasks.insert(tx, msgspec.structs.replace(task, id=new_id(), idempotency_key=key, fingerprint="another"))


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_the_one_who_comes_second_is_told(server: Live, key: str) -> None:
    headers = {"authorization": f"Bearer {key}"}
    body: dict[str, Any] = {"model": "limner-sandbox", "prompt": "a fox"}
    first = httpx.post(server.url + PATH, json=body, headers=headers).json()["task_id"]
    record = httpx.get(f"{server.url}/v1/tasks/{first}", headers=headers).json()
    with ThreadPoolExecutor(1) as pool:
        with transaction(server.services.settings.database_url) as tx:
            copy_of(tx, record["user_id"], first, "the-key")
            second = pool.submit(
                httpx.post, server.url + PATH, json=body, headers=headers | {"idempotency-key": "the-key"}
            )
            with transaction(server.services.settings.database_url) as other:
                while not (other.one(WAITING) or {})["waiting"]:
                    pass
        check(second.result(), 409, "conflict", None, "another request")


def test_fifty_posts_with_one_key_make_one_task(server: Live, account: Acquired) -> None:
    headers = {"authorization": f"Bearer {account.key}", "idempotency-key": "once"}
    body = {"model": "limner-illustrator", "prompt": "a fox", "size": "64x64", "quality": "low"}

    def posted(_: int) -> httpx.Response:
        return httpx.post(server.url + PATH, json=body, headers=headers, timeout=60)

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(posted, range(50)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    named = {answer.headers["x-task-id"] for answer in answers}
    assert len(named) == 1
    made = [answer.json()["data"] for answer in answers if answer.status_code == 200]
    assert made
    assert made == [made[0]] * len(made)
    listed = httpx.get(server.url + "/v1/tasks", headers=headers).json()["data"]
    assert [task["id"] for task in listed] == list(named)
    assert server.read(spent, account.account) == ["grant", "hold", "settle"]


def spent(tx: Transaction, name: str) -> list[str]:
    found = by_name(tx, name)
    assert found is not None
    return [row["kind"] for row in quotas.entries(tx, found.id)]
