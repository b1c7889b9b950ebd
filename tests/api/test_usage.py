"""Usage in OpenAI's shape: the official client understands it, and it agrees with the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from openai import AuthenticationError, BadRequestError, OpenAI
from sqlalchemy import bindparam, update

from limner import quotas, tokens, usage
from limner.db.schema import assets, tasks
from limner.ids import SECOND, now
from tests.api.test_images import generate

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from openai.resources.admin.organization.usage import Usage

    from limner.acquire import Acquired
    from limner.db import Transaction
    from tests.conftest import Live

PATH = "/v1/organization/usage/images"
DAY, HOUR, MINUTE = 86_400, 3_600, 60
_MOVE = update(tasks).where(tasks.c.id == bindparam("which")).values(created_at=bindparam("at"))


def move(tx: Transaction, task_id: str, at: int) -> None:
    """Let a task have been created at that time, Unix seconds."""
    tx.run(_MOVE, which=task_id, at=at * SECOND)


@pytest.fixture
def official(server: Live, key: str) -> Iterator[Usage]:
    """Give OpenAI's own client, which sends the key where an organization's admin key goes."""
    with OpenAI(base_url=f"{server.url}/v1", api_key="none", admin_api_key=key, max_retries=0) as client:
        yield client.admin.organization.usage


def made(server: Live, client: httpx.Client, at: int, **body: Any) -> str:
    """Call for a picture and let it have been at that time."""
    task_id: str = generate(client, **({"model": "limner-sandbox", "size": "256x256"} | body)).headers["x-task-id"]
    server.write(move, task_id, at)
    return task_id


def account_of(client: httpx.Client) -> str:
    account_id: str = client.get("/v1/tasks").json()["data"][0]["user_id"]
    return account_id


def seen(page: Any) -> list[tuple[int, int, list[int]]]:
    return [(one.start_time, one.end_time, [result.images for result in one.results]) for one in page.data]


def results_of(page: Any) -> list[Any]:
    """Give the results of all buckets; the client's type of one is a union of every kind of usage there is."""
    return [result for bucket in page.data for result in bucket.results]


def test_the_sums_are_those_of_the_ledger_and_the_stored_pictures(
    server: Live, client: httpx.Client, official: Usage
) -> None:
    paid = generate(client, model="dall-e-3", size="256x256", n=2, prompt="a red apple").headers
    generate(client, model="gpt-image-1", size="320x256", prompt="a red apple")
    generate(client, model="limner-sandbox", size="256x256", prompt="fail:api_error")
    account_id = account_of(client)
    entries = server.read(quotas.entries, account_id)
    spent = -sum(row["amount"] for row in entries if row["kind"] != "grant")
    chosen = usage.Chosen(start=0, end=now() + SECOND, account_id=account_id)
    sums = server.read(usage.sums, chosen, usage.DAY, ("model",))
    assert sum(one.cost for one in sums) == spent > 0
    assert sum(one.cost for one in sums if one.model == "dall-e-3") == int(paid["x-cost"])
    assert {one.model: (one.calls, one.pictures, one.failures) for one in sums} == {
        "dall-e-3": (1, 2, 0),
        "gpt-image-1": (1, 1, 0),
        "limner-sandbox": (1, 0, 1),
    }
    page = official.images(start_time=now() // SECOND - DAY, group_by=["model", "size", "source"])
    results = results_of(page)
    assert [(one.model, one.size, one.images, one.num_model_requests) for one in results] == [
        ("dall-e-3", "256x256", 2, 1),
        ("gpt-image-1", "320x256", 1, 1),
        ("limner-sandbox", None, 0, 1),
    ]
    assert {one.source for one in results} == {"image.generation"}
    assert {one.object for one in results} == {"organization.usage.images.result"}
    stored = server.read(count_assets, account_id)
    assert stored == sum(one.images for one in results)


def count_assets(tx: Transaction, account_id: str) -> int:
    return len(tx.all(assets.select().where(assets.c.account_id == account_id)))


def test_days_are_those_of_utc_and_the_ends_are_cut_to_what_was_asked(
    server: Live, client: httpx.Client, official: Usage
) -> None:
    noon = (now() // SECOND // DAY - 3) * DAY + DAY // 2
    for at in (noon - 1, noon, noon + DAY // 2 - 1, noon + DAY // 2, noon + 2 * DAY - 1, noon + 2 * DAY):
        made(server, client, at)
    page = official.images(start_time=noon, end_time=noon + 2 * DAY)
    assert seen(page) == [
        (noon, noon + DAY // 2, [2]),
        (noon + DAY // 2, noon + 3 * DAY // 2, [1]),
        (noon + 3 * DAY // 2, noon + 2 * DAY, [1]),
    ]
    assert (page.object, page.has_more, page.next_page) == ("page", False, None)
    assert {bucket.object for bucket in page.data} == {"bucket"}
    first = results_of(page)[0]
    assert (first.model, first.size, first.project_id) == (None, None, None)


def test_pages_follow_each_other_and_empty_buckets_are_told(
    server: Live, client: httpx.Client, official: Usage
) -> None:
    start = (now() // SECOND // HOUR - 6) * HOUR + 30 * MINUTE
    for at in (start, start + 2 * HOUR):
        made(server, client, at)
    asked: Any = {"start_time": start, "end_time": start + 5 * HOUR, "bucket_width": "1h", "limit": 2}
    pages = [official.images(**asked)]
    while pages[-1].next_page:
        pages.append(official.images(**asked, page=pages[-1].next_page))
    whole = official.images(**asked | {"limit": 168})
    assert [len(page.data) for page in pages] == [2, 2, 2]
    assert [one for page in pages for one in seen(page)] == seen(whole)
    assert [images for _, _, images in seen(whole)] == [[1], [], [1], [], [], []]
    assert [end for _, end, _ in seen(whole)][:-1] == [begin for begin, _, _ in seen(whole)][1:]


def test_without_a_limit_or_an_end_there_is_a_week_of_days_a_day_of_hours_and_an_hour_of_minutes(
    official: Usage,
) -> None:
    start = now() // SECOND // DAY * DAY - 60 * DAY
    for width, usual in (("1d", 7), ("1h", 24), ("1m", 60)):
        page = official.images(start_time=start, bucket_width=width)  # type: ignore[arg-type]
        assert (len(page.data), page.has_more) == (usual, True)
    assert official.images(start_time=now() // SECOND + DAY).data == []
    last = official.images(start_time=now() // SECOND - 5, bucket_width="1m").data[-1]
    assert last.end_time >= now() // SECOND


def test_filters_let_through_what_they_name(
    server: Live, client: httpx.Client, official: Usage, account: Acquired
) -> None:
    start = now() // SECOND - HOUR
    made(server, client, start, size="256x256")
    made(server, client, start, size="512x256")
    record = client.get("/v1/tasks").json()["data"][0]

    def count(**let: Any) -> int:
        page = official.images(start_time=start - 1, **let)
        return sum(result.images for result in results_of(page))

    assert count(sizes=["256x256"]) == 1
    assert count(sizes=["256x256", "512x256"]) == 2
    assert count(models=["limner-sandbox"], sources=["image.generation"]) == 2
    assert count(models=["dall-e-3"]) == count(sources=["image.edit"]) == count(api_key_ids=["strange"]) == 0
    assert count(api_key_ids=[account.credential_id], user_ids=[record["user_id"]]) == 2
    assert count(project_ids=[record["application_id"]]) == 2
    whose: Any = ["project_id", "user_id", "api_key_id"]
    page = official.images(start_time=start - 1, group_by=whose)
    (result,) = results_of(page)
    named = (result.project_id, result.user_id, result.api_key_id)
    assert named == (record["application_id"], record["user_id"], account.credential_id)
    by_hand = client.get(PATH, params={"start_time": start - 1, "group_by": "size"}).json()
    assert [one["size"] for one in by_hand["data"][0]["results"]] == ["256x256", "512x256"]


def test_nobody_sees_the_usage_of_another_account(server: Live, client: httpx.Client) -> None:
    start = now() // SECOND - HOUR
    made(server, client, start)
    account_id, stranger = account_of(client), server.acquire().key
    for more in ({}, {"user_ids": account_id}):
        asked = {"start_time": str(start - 1)} | more
        answer = client.get(PATH, params=asked, headers={"authorization": f"Bearer {stranger}"}).json()
        assert all(bucket["results"] == [] for bucket in answer["data"])


def test_a_credential_that_may_not_read_tasks_is_refused(server: Live, client: httpx.Client) -> None:
    drawing = server.acquire(scopes=("images.generate",)).key
    answer = client.get(PATH, params={"start_time": 1}, headers={"authorization": f"Bearer {drawing}"})
    assert answer.json()["error"]["code"] == "token_mismatched"
    assert client.get(PATH, headers={"authorization": ""}).json()["error"]["code"] == "no_token"


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({}, "start_time"),
        ({"start_time": "yesterday"}, "start_time"),
        ({"start_time": "1.5"}, "start_time"),
        ({"start_time": "5", "end_time": "5"}, "end_time"),
        ({"start_time": "5", "end_time": "4"}, "end_time"),
        ({"start_time": "5", "end_time": "-1"}, "end_time"),
        ({"start_time": "5", "bucket_width": "1w"}, "bucket_width"),
        ({"start_time": "5", "limit": "0"}, "limit"),
        ({"start_time": "5", "limit": "32"}, "limit"),
        ({"start_time": "5", "limit": "169", "bucket_width": "1h"}, "limit"),
        ({"start_time": "5", "limit": "1441", "bucket_width": "1m"}, "limit"),
        ({"start_time": "5", "group_by": "colour"}, "group_by"),
        ({"start_time": "5", "group_by[]": ["model", "colour"]}, "group_by"),
        ({"start_time": "5", "sources": "images"}, "sources"),
        ({"start_time": "5", "sizes": "large"}, "sizes"),
        ({"start_time": "5", "models": ["m"] * 101}, "models"),
        ({"start_time": "5", "page": "next"}, "page"),
        ({"start_time": "5", "page": "ü"}, "page"),
        ({"start_time": "5", "page": "cGFnZV8x"}, "page"),
        ({"start_time": "5", "page": "cGFnZV94"}, "page"),
    ],
)
def test_what_is_wrong_is_named(client: httpx.Client, asked: dict[str, Any], param: str) -> None:
    answer = client.get(PATH, params=asked)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_the_official_client_raises_its_own_error(official: Usage) -> None:
    with pytest.raises(BadRequestError) as raised:
        official.images(start_time=5, limit=99)
    assert raised.value.param == "limit"


def test_a_name_with_a_nul_fits_nothing(client: httpx.Client) -> None:
    assert client.get(PATH, params={"start_time": now() // SECOND - 9, "models": "\0"}).status_code == 200


def test_an_account_token_may_ask_too(server: Live, client: httpx.Client) -> None:
    generate(client, model="limner-sandbox", size="256x256", prompt="a red apple")
    _, token = server.write(tokens.create, account_of(client), "accountant")
    with OpenAI(base_url=f"{server.url}/v1", api_key="none", admin_api_key=token, max_retries=0) as accountant:
        page = accountant.admin.organization.usage.images(start_time=now() // SECOND - HOUR)
    assert sum(result.images for result in results_of(page)) == 1
    with pytest.raises(AuthenticationError):
        OpenAI(
            base_url=f"{server.url}/v1", api_key="none", admin_api_key=token[:-1], max_retries=0
        ).admin.organization.usage.images(start_time=0)
