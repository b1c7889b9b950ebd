"""Links to pictures: signed, cacheable, resumable, and gone in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from limner import assets
from limner.db.schema import assets as table
from limner.ids import SECOND
from tests.api.test_bad_input import check

if TYPE_CHECKING:
    import httpx

    from limner.db import Transaction
    from tests.conftest import Live


@pytest.fixture
def url(client: httpx.Client) -> str:
    body = client.post("/v1/images/generations", json={"model": "limner-sandbox", "prompt": "a fox"}).json()
    link: str = body["data"][0]["url"]
    return link


def test_a_picture_with_everything_caches_need(client: httpx.Client, url: str) -> None:
    whole = client.get(url)
    assert whole.headers["content-type"] == "image/png"
    assert whole.headers["cache-control"].startswith("public, max-age=86")
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["x-content-type-options"] == "nosniff"
    head = client.head(url)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == str(len(whole.content))
    assert head.headers["etag"] == whole.headers["etag"]


def test_a_copy_that_is_still_good(client: httpx.Client, url: str) -> None:
    etag = client.get(url).headers["etag"]
    for given in (etag, f'"other", W/{etag}', "*"):
        again = client.get(url, headers={"if-none-match": given})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == etag
    assert client.get(url, headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=10-", 10, None), ("bytes=-5", -5, None), ("bytes=4-99999999", 4, None)],
)
def test_ranges(client: httpx.Client, url: str, header: str, start: int, end: int | None) -> None:
    whole = client.get(url).content
    part = client.get(url, headers={"range": header})
    assert part.status_code == 206
    assert part.content == whole[start:end]
    assert part.headers["content-range"].endswith(f"/{len(whole)}")


def test_a_range_outside_the_file(client: httpx.Client, url: str) -> None:
    check(client.get(url, headers={"range": "bytes=99999999-"}), 416, "bad_request", None, "outside")


def test_a_range_that_is_none_is_ignored(client: httpx.Client, url: str) -> None:
    assert client.get(url, headers={"range": "lines=1-2"}).status_code == 200


def test_links_that_were_touched(client: httpx.Client, url: str) -> None:
    base, query = url.split("?")
    check(client.get(base), 404, "not_found", None, "whole link")
    check(
        client.get(f"{base}?{query[:-1]}0" if not url.endswith("0") else f"{base}?{query[:-1]}1"),
        404,
        "not_found",
        None,
    )
    check(client.get(f"{base}?expires=99999999999&signature=x"), 404, "not_found", None, "signature")
    check(client.get(f"{base}?expires=²&signature=x"), 404, "not_found", None, "incomplete")
    check(client.get("/v1/files/..%2Fsecret.key?expires=1&signature=x"), 404, "api_not_implemented", None)
    check(client.get("/v1/files/secret.key?expires=1&signature=x"), 404, "not_found", None)


def test_a_link_past_its_time(server: Live, client: httpx.Client) -> None:
    asset = made(server, client)
    old = server.services.assets.link(older(asset))
    check(client.get(old), 404, "not_found", None, "expired")


def made(server: Live, client: httpx.Client) -> assets.Asset:
    task_id = client.post("/v1/images/generations", json={"model": "limner-sandbox", "prompt": "x"}).json()["task_id"]
    found: assets.Asset = server.read(assets.of_task, task_id)[0]
    return found


def older(asset: assets.Asset) -> assets.Asset:
    values = {field: getattr(asset, field) for field in asset.__struct_fields__}
    return assets.Asset(**values | {"expires_at": asset.created_at - SECOND})


def test_the_sweep_deletes_what_is_past_its_time(server: Live, client: httpx.Client) -> None:
    asset = made(server, client)
    link = server.services.assets.link(asset)
    server.write(_age, asset)
    assert server.run(server.services.upkeep.sweep()) >= 1
    check(client.get(link), 404, "not_found", None, "deleted")
    gone = server.read(assets.of_task, asset.task_id)[0]
    assert gone.deleted_at is not None


def _age(tx: Transaction, asset: assets.Asset) -> None:
    tx.run(update(table).where(table.c.id == asset.id).values(expires_at=1))


def test_the_story_of_a_task(server: Live, client: httpx.Client) -> None:
    answer = client.post("/v1/images/generations", json={"model": "limner-sandbox", "prompt": "x", "seed": 4}).json()
    record = client.get(f"/v1/tasks/{answer['task_id']}").json()
    assert [event["kind"] for event in record["events"]] == ["created", "begun", "completed"]
    assert record["request"]["seed"] == 4
    assert record["response"]["data"] == answer["data"]
    assert record["type"] == "images_generations"
    assert record["duration"] >= 0
