"""One contract for every storage, and what the server makes of an object store: its links, its errors, its orphans."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx
import obstore
import pytest

from limner import assets, doctor, storage
from limner.assets import Assets
from limner.bootstrap import bootstrap
from limner.engines.sandbox import Sandbox
from limner.ids import SECOND, new_id, now
from limner.settings import Settings
from limner.storage import Storage, StorageError
from tests import stores
from tests.api.test_bad_input import balance, check
from tests.conftest import Live, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from limner.assets import Asset

PATH = "/v1/images/generations"
ENGINES = {"sandbox": Sandbox, "illustrator": Sandbox}


@pytest.fixture(params=stores.STORES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with stores.fresh(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def store(url: str) -> Storage:
    return Storage.open(url)


@pytest.fixture
def bucket() -> Iterator[str]:
    with stores.bucket() as made:
        yield made


async def listed(store: Storage, seconds: float) -> list[list[str]]:
    return [page async for page in store.older(seconds)]


@pytest.mark.parametrize("size", [0, 10, storage.SMALL + 1, 6_000_000])
async def test_what_is_put_is_there(store: Storage, size: int) -> None:
    data = os.urandom(size)
    await store.put("ab/one.png", data, "image/png")
    assert await store.get("ab/one.png") == data
    assert await store.size("ab/one.png") == size


async def test_what_is_put_again_is_replaced(store: Storage) -> None:
    await store.put("ab/one.png", b"before, and longer", "image/png")
    await store.put("ab/one.png", b"after")
    assert await store.get("ab/one.png") == b"after"
    assert await store.size("ab/one.png") == 5


@pytest.mark.parametrize(("start", "end"), [(0, 1), (3, 7), (0, 10), (8, 99)])
async def test_a_range(store: Storage, start: int, end: int) -> None:
    await store.put("ab/one.png", b"0123456789")
    assert await store.get_range("ab/one.png", start, end) == b"0123456789"[start:end]


async def test_a_range_outside_is_an_error_of_ours(store: Storage) -> None:
    await store.put("ab/one.png", b"0123456789")
    with pytest.raises(StorageError):
        await store.get_range("ab/one.png", 20, 30)


async def test_what_is_missing_is_none(store: Storage) -> None:
    assert await store.get("ab/none.png") is None
    assert await store.get_range("ab/none.png", 0, 3) is None
    assert await store.size("ab/none.png") is None


async def test_what_is_deleted_is_gone_and_may_be_deleted_again(store: Storage) -> None:
    keys = [f"ab/{number}.png" for number in range(storage.AT_ONCE + 2)]
    for key in [*keys, "ab/kept.png"]:
        await store.put(key, b"x")
    await store.delete([*keys, "ab/none.png"])
    await store.delete(keys)
    assert await listed(store, 0) == [["ab/kept.png"]]


async def test_a_check_passes_and_leaves_nothing(store: Storage) -> None:
    await store.check()
    assert await listed(store, -5) == []


async def test_a_list_comes_in_pages(store: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "PAGE", 2)
    assert await listed(store, 0) == []
    keys = {f"{number}a/{number}.png" for number in range(5)}
    for key in keys:
        await store.put(key, b"x")
    pages = await listed(store, 0)
    assert {key for page in pages for key in page} == keys
    assert all(len(page) <= 2 for page in pages)
    assert sum(map(len, pages)) == 5


async def test_what_is_listed_may_be_deleted_meanwhile(store: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "PAGE", 2)
    for number in range(5):
        await store.put(f"{number}a/{number}.png", b"x")
    async for page in store.older(0):
        await store.delete(page)
    assert await listed(store, 0) == []


async def test_what_is_young_is_not_listed(store: Storage) -> None:
    await store.put("ab/one.png", b"x")
    assert await listed(store, 60) == []


async def test_age_is_told_by_the_store(tmp_path: Path) -> None:
    store = Storage.open(f"file://{tmp_path}")
    await store.put("ab/old.png", b"x")
    await store.put("ab/new.png", b"x")
    hour_ago = now() // SECOND - 3600
    os.utime(tmp_path / "ab/old.png", (hour_ago, hour_ago))
    assert await listed(store, 1800) == [["ab/old.png"]]


async def test_two_checks_at_once_do_not_disturb_each_other(bucket: str) -> None:
    await asyncio.gather(*(Storage.open(bucket).check() for _ in range(8)))


@pytest.mark.parametrize("kind", ["disk", "memory"])
def test_disk_and_memory_sign_nothing(kind: str, tmp_path: Path) -> None:
    with stores.fresh(kind, tmp_path) as url:
        assert Storage.open(url).sign("ab/one.png", 60) is None


async def test_a_presigned_link_opens_for_anybody(bucket: str) -> None:
    store = Storage.open(bucket)
    await store.put("ab/one.png", b"picture", "image/png")
    link = str(store.sign("ab/one.png", 60))
    assert link.startswith(f"{stores.endpoint()}/{bucket.removeprefix('s3://')}/ab/one.png?")
    async with httpx.AsyncClient() as anybody:
        answer, unsigned = await anybody.get(link), await anybody.get(link.partition("?")[0])
    assert answer.content == b"picture"
    assert answer.headers["content-type"] == "image/png"
    assert unsigned.status_code == 403


@pytest.mark.parametrize(("extension", "content_type"), [("png", "png"), ("jpg", "jpeg"), ("webp", "webp")])
async def test_a_picture_is_stored_with_its_content_type(bucket: str, extension: str, content_type: str) -> None:
    store = Storage.open(bucket)
    name = f"{new_id()}.{extension}"
    await Assets(store, b"secret", "http://limner").save(name, b"picture")
    [[key]] = await listed(store, 0)
    assert obstore.get(store._store, key).attributes["Content-Type"] == f"image/{content_type}"


def test_a_presigned_link_bears_the_signature_of_the_protocol(bucket: str) -> None:
    """AWS Signature Version 4 with query parameters, reckoned here once more, for moto takes any signature."""
    parts = urlsplit(str(Storage.open(bucket).sign("ab/one.png", 60)))
    query = dict(parse_qsl(parts.query))
    given = query.pop("X-Amz-Signature")
    asked = "&".join(f"{quote(name, '')}={quote(value, '')}" for name, value in sorted(query.items()))
    canonical = f"GET\n{parts.path}\n{asked}\nhost:{parts.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
    scope = [query["X-Amz-Date"][:8], stores.REGION, "s3", "aws4_request"]
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = f"AWS4{stores.SECRET}".encode()
    for step in [*scope, f"AWS4-HMAC-SHA256\n{query['X-Amz-Date']}\n{'/'.join(scope)}\n{digest}"]:
        key = hmac.digest(key, step.encode(), "sha256")
    assert given == key.hex()


@pytest.mark.parametrize(("asked", "given"), [(60, "60"), (storage.WEEK, "604800"), (storage.WEEK * 5, "604800")])
def test_a_presigned_link_lives_a_week_at_most(bucket: str, asked: int, given: str) -> None:
    assert f"X-Amz-Expires={given}&" in str(Storage.open(bucket).sign("ab/one.png", asked))


async def test_a_content_type_is_kept_where_there_is_room_for_it(bucket: str, tmp_path: Path) -> None:
    memory = Storage.open("memory://")
    for store in (memory, Storage.open(bucket)):
        await store.put("ab/one.webp", b"x" * (storage.SMALL + 1), "image/webp")
        assert obstore.get(store._store, "ab/one.webp").attributes["Content-Type"] == "image/webp"
    disk = Storage.open(f"file://{tmp_path}")
    await disk.put("ab/one.webp", b"x" * (storage.SMALL + 1), "image/webp")
    assert await disk.size("ab/one.webp") == storage.SMALL + 1


def no_bucket() -> str:
    return "s3://there-is-no-such-bucket/limner"


async def test_a_bucket_that_is_not_there_is_an_error_not_a_missing_object(bucket: str) -> None:
    store = Storage.open(no_bucket())
    for work in (
        store.put("ab/one.png", b"x"),
        store.get("ab/one.png"),
        store.get_range("ab/one.png", 0, 1),
        store.delete(["ab/one.png"]),
        store.check(),
        listed(store, 0),
    ):
        with pytest.raises(StorageError, match=r"^[^\n]*\(NoSuchBucket\)$"):
            await work


async def test_a_check_does_not_wait_for_a_store_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as deaf, stores.s3(f"http://127.0.0.1:{deaf.getsockname()[1]}"):
        store = Storage.open("s3://pictures/limner")
        with pytest.raises(StorageError, match="TimeoutError"):
            await store.check()


def test_a_url_that_names_no_storage_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot open the storage at ftp://x/y"):
        Storage.open("ftp://x/y")


# what the server makes of it


def post(live: Live, key: str, **more: Any) -> httpx.Response:
    body = {"model": "limner-sandbox", "prompt": "a fox", "response_format": "url"} | more
    return httpx.post(live.url + PATH, json=body, headers={"authorization": f"Bearer {key}"}, timeout=60)


def settings_of(folder: Path, url: str, **more: Any) -> Settings:
    return Settings(data=str(folder), storage_url=url, log_level="error", **more)


def made(live: Live, key: str) -> Asset:
    found: Asset = live.read(assets.of_task, post(live, key).json()["task_id"])[0]
    return found


def test_a_generation_gives_a_link_straight_into_the_store(bucket: str, tmp_path: Path) -> None:
    with serving(settings_of(tmp_path, bucket), engines=ENGINES) as live:
        key = live.acquire().key
        link = post(live, key).json()["data"][0]["url"]
        assert link.startswith(stores.endpoint())
        assert int(dict(parse_qsl(urlsplit(link).query))["X-Amz-Expires"]) in range(86_300, 86_401)
        answer = httpx.get(link)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG")
        asset = made(live, key)
        ours = httpx.get(live.services.assets._own(asset))
        assert ours.content == httpx.get(live.services.assets.link(asset)).content


def test_links_of_the_server_bring_the_bytes_through_it(bucket: str, tmp_path: Path) -> None:
    with serving(settings_of(tmp_path, bucket, links="server"), engines=ENGINES) as live:
        link = post(live, live.acquire().key).json()["data"][0]["url"]
        assert link.startswith(f"{live.url}/v1/files/")
        whole, head = httpx.get(link), httpx.head(link)
        assert whole.headers["content-type"] == "image/png"
        assert head.headers["content-length"] == str(len(whole.content))
        part = httpx.get(link, headers={"range": "bytes=4-9"})
        assert part.status_code == 206
        assert part.content == whole.content[4:10]
        assert httpx.get(link, headers={"if-none-match": whole.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("broken", ["no bucket", "nobody listens"])
def test_a_store_that_fails_costs_nobody_anything(broken: str, bucket: str, tmp_path: Path) -> None:
    at = stores.endpoint() if broken == "no bucket" else "http://127.0.0.1:1"
    with stores.s3(at), serving(settings_of(tmp_path, no_bucket()), engines=ENGINES) as live:
        account = live.acquire()
        check(post(live, account.key), 500, "api_error", None)
        assert balance(live, account) == account.balance
        ready = httpx.get(f"{live.url}/readyz", timeout=30)
        assert ready.status_code == 503
        assert ready.json()["checks"]["storage"] == "StorageError"


def test_orphans_are_found_and_nothing_else(bucket: str, tmp_path: Path) -> None:
    with serving(settings_of(tmp_path, bucket), engines=ENGINES) as live:
        store, kept, dead = live.services.assets, *(made(live, live.acquire().key) for _ in range(2))
        orphan, stranger = f"{new_id()}.png", "readme.txt"
        live.run(store.save(orphan, b"x"))
        live.run(live.services.storage.put(stranger, b"x"))
        live.run(live.services.storage.put(f"zz/{orphan}", b"x"))
        live.write(assets.mark_deleted, [dead])

        async def pages(age: float) -> list[list[str]]:
            return [page async for page in store.stale(age)]

        assert live.run(pages(60)) == []
        names = [name for page in live.run(pages(0)) for name in page]
        assert sorted(names) == sorted([kept.name, dead.name, orphan])
        known = live.read(assets.known, [assets.identity(name) for name in names])
        assert known == {kept.id}
        live.run(store.discard([name for name in names if assets.identity(name) not in known]))
        assert live.run(pages(0)) == [[kept.name]]


def test_known_takes_a_page_of_ids_on_either_database(server: Live, client: httpx.Client, key: str) -> None:
    asset = made(server, key)
    assert server.read(assets.known, [asset.id, *(new_id() for _ in range(storage.PAGE - 1))]) == {asset.id}
    assert server.read(assets.known, []) == set()


@pytest.mark.parametrize("kind", ["disk", "memory"])
async def test_a_store_that_cannot_sign_is_told_at_start(kind: str, tmp_path: Path) -> None:
    with stores.fresh(kind, tmp_path) as url:
        settings = settings_of(tmp_path, url, links="store")
        with pytest.raises(ValueError, match="it cannot sign any: a disk and memory cannot"):
            async with bootstrap(settings, engines=ENGINES):
                pass
        found = {finding.what: finding for finding in await doctor.examine(settings, engines={})}
        assert not found["storage"].ok
        assert "cannot sign" in found["storage"].detail


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Storage:
    """An S3 store whose credentials nobody will tell: the place to ask for them refuses the connection."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setitem(storage._RETRIES, "max_retries", 0)
    return Storage.open("s3://pictures/limner")


def test_without_credentials_nothing_is_signed(bare: Storage) -> None:
    with pytest.raises(ValueError, match="it cannot sign any: Generic S3 error"):
        Assets(bare, b"secret", "http://limner", "store")
    assert not Assets(bare, b"secret", "http://limner")._direct


def test_a_picture_whose_link_the_store_does_not_sign_just_now_is_sent_by_us(
    bare: Storage, bucket: str, server: Live, key: str
) -> None:
    asset = made(server, key)
    pictures = Assets(Storage.open(bucket), b"secret", "http://limner", "store")
    assert pictures.link(asset).startswith(stores.endpoint())
    old = assets.Asset(**{field: getattr(asset, field) for field in asset.__struct_fields__} | {"expires_at": 1})
    assert pictures.link(old).startswith("http://limner/v1/files/")
    pictures._storage = bare
    assert pictures.link(asset).startswith("http://limner/v1/files/")
