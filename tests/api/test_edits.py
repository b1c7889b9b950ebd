"""Edits and variations: pictures in every shape that clients send, their limits, and what becomes of them."""

from __future__ import annotations

import base64
import io
import json
import socket
from typing import TYPE_CHECKING, Any

import acedatacloud
import httpx
import openai
import pytest

from limner.accounts import by_name
from limner.settings import Settings
from tests import stores
from tests.api.test_bad_input import check
from tests.api.test_clients import openai_cli
from tests.api.test_images import generate, wait_for
from tests.conftest import serving
from tests.pictures import encoded, measure, png
from tests.receivers import answer as told
from tests.test_measuring import bomb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from limner.acquire import Acquired
    from tests.conftest import Live
    from tests.receivers import Receiver

EDITS, VARIATIONS = "/v1/images/edits", "/v1/images/variations"
MODEL = {"model": "limner-sandbox", "prompt": "paint it blue"}
SMALL, OTHER, MASK = png(96, 64), encoded("jpeg", 80, 80), png(96, 64, "RGBA")
DATA_URL = "data:image/png;base64," + base64.b64encode(SMALL).decode()
once = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


def task_of(client: httpx.Client, answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return client.get(f"/v1/tasks/{answer.headers['x-task-id']}").json()


def inputs_of(live: Live, account: Acquired) -> list[str]:
    owner = live.read(by_name, account.account)

    async def listed() -> list[str]:
        return [name async for page in live.services.inputs.stale(-60) for name in page if owner.id in name]

    found: list[str] = live.run(listed())
    return found


# ---- the clients as they are


@pytest.fixture
def official(server: Live, key: str) -> Any:
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0)


def test_the_official_client_edits_and_varies(official: Any, client: httpx.Client) -> None:
    for image, mask, size in [
        (SMALL, None, (96, 64)),
        ([io.BytesIO(SMALL), ("b.jpg", OTHER)], MASK, (96, 64)),
        ([SMALL], None, (96, 64)),
    ]:
        more: Any = {} if mask is None else {"mask": mask}
        made = official.images.edit(image=image, response_format="b64_json", **MODEL, **more)
        assert made.data
        assert measure(base64.b64decode(made.data[0].b64_json or "")) == ("png", *size)
    varied = official.images.create_variation(image=OTHER, model="limner-sandbox", n=2, size="128x96")
    assert [measure(httpx.get(one.url).content) for one in varied.data] == [("png", 128, 96)] * 2
    kinds = [task["type"] for task in client.get("/v1/tasks").json()["data"]]
    assert kinds == ["images_variations", "images_edits", "images_edits", "images_edits"]


@once
def test_aces_client_edits(server: Live, account: Acquired, client: httpx.Client) -> None:
    link = generate(client, size="72x48").json()["data"][0]["url"]
    ace = acedatacloud.AceDataCloud(account.key, base_url=server.url, platform_base_url=server.url, max_retries=0)
    for image in (link, [link, DATA_URL]):
        made = ace.openai.images.edit(image=image, **MODEL)
        assert measure(httpx.get(made["data"][0]["url"]).content) == ("png", 72, 48)


def break_off(live: Live, key: str) -> None:
    """Send half a form and go; the server is as well as before."""
    head = f"POST {EDITS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: 5000\r\n"
    with socket.create_connection(("127.0.0.1", int(live.url.rpartition(":")[2]))) as connection:
        connection.sendall(f"{head}Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n".encode())
    assert httpx.get(live.url + "/healthz").status_code == 200


def test_aces_command_edits_files(tmp_path: Path) -> None:
    (tmp_path / "models.toml").write_text('[models.gpt-image-1]\nengine = "sandbox"')  # the command knows its models
    (tmp_path / "a.png").write_bytes(SMALL)
    (tmp_path / "m.png").write_bytes(MASK)
    files = ("--image-file", str(tmp_path / "a.png"), "--mask-file", str(tmp_path / "m.png"))
    models = str(tmp_path / "models.toml")
    with serving(Settings(data=str(tmp_path), models=models, log_level="error", max_upload=100_000)) as live:
        key = live.acquire().key
        done = openai_cli(live, key, "edit", "make it rain", *files, "-m", "gpt-image-1", "--json")
        headers = {"authorization": f"Bearer {key}"}
        for more in (b"\0" * 100_000, b"\0" * 70_000_000):  # of the second not all is read
            large = httpx.post(live.url + EDITS, data=MODEL, files={"image": SMALL + more}, headers=headers)
            check(large, 413, "request_too_large", None, "100000 bytes")
        break_off(live, key)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["success"] is True


# ---- forms and JSON in all shapes

FORMS: list[tuple[list[tuple[str, Any]], int]] = [
    ([("image", ("a.png", SMALL))], 1),
    ([("image", ("a.png", SMALL)), ("image", ("b.jpg", OTHER, "application/octet-stream"))], 2),
    ([("image[]", ("a.png", SMALL)), ("image[]", ("b.jpg", OTHER)), ("mask[]", ("m.png", MASK))], 2),
    ([("image[1]", ("b.jpg", OTHER)), ("image[0]", ("a.png", SMALL)), ("mask", ("m", MASK, "text/plain"))], 2),
    ([("image", (None, SMALL)), ("mask", ("", b""))], 1),
    ([("image", (None, DATA_URL))], 1),
    ([("images", (None, base64.b64encode(SMALL)))], 1),
]


@pytest.mark.parametrize(("files", "count"), FORMS)
def test_forms_of_every_shape(client: httpx.Client, files: list[tuple[str, Any]], count: int) -> None:
    fields = MODEL | {"async": "False", "stream": "FALSE", "n": "1", "size": "", "seed": "5"}
    task = task_of(client, client.post(EDITS, data=fields, files=files))
    request = task["request"]
    assert (request["size"], request["operation"], request["seed"]) == ("96x64", "edit", 5)
    assert [(one["content_type"], one["width"]) for one in request["images"]] == [
        ("image/png", 96),
        ("image/jpeg", 80),
    ][:count]
    assert (request["mask"] is not None) == any(name.startswith("mask") and part[1] for name, part in files)
    assert ("mask" in task["response"]["data"][0]["revised_prompt"]) == (request["mask"] is not None)


@once
def test_json_of_every_shape(client: httpx.Client) -> None:
    made = generate(client, size="96x64").json()
    (url,) = [one["url"] for one in made["data"]]
    name = url.partition("?")[0].rpartition("/")[2]
    ours, foreign = {"asset": name.partition(".")[0]}, {"asset": None}
    sent: list[tuple[dict[str, Any], list[Any]]] = [
        ({"image": DATA_URL}, [foreign]),
        ({"image": [url, DATA_URL]}, [ours, foreign]),
        ({"images": [{"image_url": url}, {"file_id": name}]}, [ours, ours]),
        ({"images": [{"image_url": {"url": DATA_URL}}], "mask": {"image_url": _url(MASK)}}, [foreign]),
        ({"image": {"file_id": ours["asset"]}}, [ours]),
        ({"image": base64.b64encode(SMALL).decode(), "mask": None}, [foreign]),
    ]
    for body, known in sent:
        request = task_of(client, client.post(EDITS, json=MODEL | body))["request"]
        assert [{"asset": one["asset"]} for one in request["images"]] == known
        assert all(one["name"].startswith("inputs/") for one in request["images"])
    uploaded = client.post(VARIATIONS, data=MODEL, files={"image": client.get(url).content})
    assert task_of(client, uploaded)["request"]["images"][0]["asset"] == ours["asset"]
    assert uploaded.json()["warnings"][0]["param"] == "prompt"


def _url(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


# ---- what is refused

REFUSED: list[tuple[dict[str, Any], int, str, str | None, str]] = [
    ({}, 400, "bad_request", "image", "required"),
    ({"image": []}, 400, "bad_request", "image", "required"),
    ({"image": 5}, 400, "bad_request", "image", "a data URL"),
    ({"images": [{"image_url": DATA_URL, "file_id": "x"}]}, 400, "bad_request", "images[0]", "either"),
    ({"image": DATA_URL, "images": [DATA_URL]}, 400, "bad_request", "images", "either"),
    ({"images": [DATA_URL] * 17}, 400, "bad_request", "image", "at most 16"),
    ({"image": "picture.png"}, 400, "bad_request", "image", "URL"),
    ({"image": "data:image/png,abc"}, 400, "bad_request", "image", "base64"),
    ({"image": "data:image/png;base64,A"}, 400, "bad_request", "image", "base64"),
    ({"image": "data:image/png;base64,iVBORw0KGgo*"}, 400, "bad_request", "image", "not valid base64"),
    ({"image": "data:image/png;base64," + "A" * 67_200_000}, 413, "request_too_large", None, "limit"),
    ({"image": "data:text/plain;base64,aGVsbG8="}, 400, "bad_request", "image", "PNG, JPEG or WebP"),
    ({"images": [DATA_URL, _url(bomb(100_000, 100_000))]}, 413, "request_too_large", "images[1]", "100000"),
    ({"image": DATA_URL, "mask": _url(SMALL)}, 400, "bad_request", "mask", "alpha"),
    ({"image": DATA_URL, "mask": _url(png(64, 64, "RGBA"))}, 400, "bad_request", "mask", "96 by 64"),
    ({"image": DATA_URL, "mask": 7}, 400, "bad_request", "mask", "object"),
    ({"image": {"file_id": "01a205d9-1659-7088-91c0-d693ffc1cfac"}}, 404, "not_found", "image", "no such picture"),
    ({"image": {"file_id": "../secret.key"}}, 404, "not_found", "image", "no such picture"),
    ({"image": "http://169.254.169.254/latest/meta-data"}, 400, "bad_request", "image", "image must"),
    ({"image": "http://localhost:1/a.png"}, 400, "bad_request", "image", "image must"),
    ({"image": DATA_URL, "prompt": None}, 400, "bad_request", "prompt", "required"),
    ({"image": DATA_URL, "input_fidelity": "high"}, 400, "api_not_implemented", "input_fidelity", "leave it out"),
]


@once
@pytest.mark.parametrize(("body", "status", "code", "param", "said"), REFUSED)
def test_what_is_refused_and_leaves_nothing(
    server: Live,
    account: Acquired,
    client: httpx.Client,
    body: dict[str, Any],
    status: int,
    code: str,
    param: str | None,
    said: str,
) -> None:
    check(client.post(EDITS, json=MODEL | body), status, code, param, said)
    assert inputs_of(server, account) == []


@once
def test_forms_that_are_refused(client: httpx.Client) -> None:
    refused: list[tuple[list[tuple[str, Any]], str, str]] = [
        ([("image", ("a.png", b""))], "image", "empty"),
        ([("image", ("a.txt", b"hello"))], "image", "PNG"),
        ([("image", SMALL), ("image", b"no")], "image[1]", "PNG"),
        ([("image", SMALL), ("mask", MASK), ("mask", MASK)], "mask", "one mask"),
        ([("image", SMALL), ("other", MASK)], "other", "is a file"),
    ]
    for files, param, said in refused:
        check(client.post(EDITS, data=MODEL, files=files), 400, "bad_request", param, said)
    form = {"content-type": "multipart/form-data"}
    check(client.post(EDITS, content=b"x", headers=form), 400, "bad_request", None, "multipart")
    form["content-type"] += "; boundary=b"
    check(client.post(EDITS, content=b"x", headers=form), 400, "bad_request", None, "multipart")
    check(client.post(EDITS, data=MODEL), 400, "bad_request", None, "content type")
    long = MODEL | {"user": "x" * 1_100_000}
    check(client.post(EDITS, data=long, files={"image": SMALL}), 413, "request_too_large", None, "field")
    check(client.post(VARIATIONS, files=[("image", SMALL)] * 2), 400, "bad_request", "image", "at most 1")
    big = SMALL + bytes(50 * 1024 * 1024)
    check(client.post(EDITS, data=MODEL, files={"image": big}), 413, "request_too_large", "image", "50 MiB")


@once
def test_admission_refused_leaves_nothing(server: Live) -> None:
    poor = server.acquire(free_credits=0)
    headers = {"authorization": f"Bearer {poor.key}"}
    body = {"model": "gpt-image-1", "prompt": "x", "image": DATA_URL}
    check(httpx.post(server.url + EDITS, json=body, headers=headers), 403, "used_up", None)
    assert inputs_of(server, poor) == []


# ---- what strangers' servers give


@pytest.fixture
def fetching(calling: Live) -> Iterator[httpx.Client]:
    """A client of a server that may ask this machine."""
    headers = {"authorization": f"Bearer {calling.acquire().key}"}
    with httpx.Client(base_url=calling.url, headers=headers, timeout=60) as opened:
        yield opened


@pytest.mark.parametrize("calling", ["sqlite"], indirect=True)
def test_pictures_are_fetched_with_care(fetching: httpx.Client, receiver: Receiver) -> None:
    receiver.on("/a.png", told(200, SMALL))
    moved = receiver.on("/moved", told(302, location="/a.png"))
    request = task_of(fetching, fetching.post(EDITS, json=MODEL | {"image": moved}))["request"]
    assert request["images"][0]["width"] == 96
    huge = b"HTTP/1.1 200 So\r\nContent-Length: 99999999\r\n\r\n" + bytes(51 * 1024 * 1024)
    for url, status, said in [
        (receiver.url("/redirect"), 400, "image must"),  # to a cloud's metadata
        (receiver.url("/500"), 400, "answered 500"),
        (receiver.url("/closes"), 400, "could not be fetched"),
        (receiver.on("/loop", told(307, location="/loop")), 400, "answered 307"),
        (receiver.on("/huge", huge), 413, "50 MiB"),
        (receiver.on("/v1/files/01a205d9-165c-7517-8883-1a34a6c9f82b.png", told(404)), 400, "answered 404"),
    ]:
        answer = fetching.post(EDITS, json=MODEL | {"image": url})
        assert (answer.status_code, answer.json()["error"]["param"]) == (status, "image"), answer.text
        assert said in answer.json()["error"]["message"]


@once
def test_own_links_are_taken_from_the_store_and_only_with_their_signature(server: Live, client: httpx.Client) -> None:
    url = generate(client, size="64x64").json()["data"][0]["url"]
    stranger = {"authorization": f"Bearer {server.acquire().key}"}
    assert httpx.post(server.url + EDITS, json=MODEL | {"image": url}, headers=stranger).status_code == 200
    name = url.partition("?")[0].rpartition("/")[2]
    theirs = MODEL | {"image": {"file_id": name}}
    check(httpx.post(server.url + EDITS, json=theirs, headers=stranger), 404, "not_found", "image")
    check(client.post(EDITS, json=MODEL | {"image": url[:-3] + "000"}), 404, "not_found", "image", "signature")
    asset = name.partition(".")[0]
    server.run(server.services.assets.discard([name]))
    check(client.post(EDITS, json=MODEL | {"image": url}), 404, "not_found", "image", "deleted")
    check(client.post(EDITS, json=MODEL | {"image": {"file_id": asset}}), 404, "not_found", "image", "deleted")


def test_the_stores_own_links_are_known_by_their_owner(tmp_path: Path) -> None:
    with (
        stores.bucket() as bucket,
        serving(Settings(data=str(tmp_path), storage_url=bucket, log_level="error")) as live,
    ):
        mine, theirs = ({"authorization": f"Bearer {live.acquire().key}"} for _ in range(2))
        made = httpx.post(f"{live.url}/v1/images/generations", json=MODEL, headers=mine).json()
        body = MODEL | {"image": made["data"][0]["url"]}
        assert body["image"].startswith(stores.endpoint())
        with httpx.Client(base_url=live.url, headers=mine) as client:
            assert task_of(client, client.post(EDITS, json=body))["request"]["images"][0]["asset"]
        check(httpx.post(live.url + EDITS, json=body, headers=theirs), 400, "bad_request", "image", "image must")


# ---- repeats, and what comes later


def test_an_idempotency_key_stands_for_the_pictures_too(server: Live, account: Acquired, client: httpx.Client) -> None:
    headers = {"Idempotency-Key": "edit-1"}
    first = client.post(EDITS, data=MODEL, files={"image": SMALL}, headers=headers)
    kept = inputs_of(server, account)
    again = client.post(EDITS, data=MODEL, files={"image": SMALL}, headers=headers)
    assert again.json()["task_id"] == first.json()["task_id"]
    assert again.headers["x-idempotent-replay"] == "true"
    for path, files in [
        (EDITS, {"image": OTHER}),
        (EDITS, {"image": SMALL, "mask": MASK}),
        (VARIATIONS, {"image": SMALL}),
    ]:
        check(client.post(path, data=MODEL, files=files, headers=headers), 409, "conflict", None)
    assert inputs_of(server, account) == kept
    assert len(kept) == 1


@pytest.mark.parametrize("calling", ["sqlite"], indirect=True)
def test_an_edit_calls_back(fetching: httpx.Client, receiver: Receiver) -> None:
    body = MODEL | {"image": DATA_URL, "callback_url": receiver.url()}
    accepted = fetching.post(EDITS, json=body).json()
    (delivery,) = receiver.wait(1)
    assert delivery.json()["task_id"] == accepted["task_id"]
    assert measure(httpx.get(delivery.json()["data"]["data"][0]["url"]).content) == ("png", 96, 64)


@once
def test_the_lenient_get_the_nearest_and_are_told(client: httpx.Client) -> None:
    body = MODEL | {"image": DATA_URL, "input_fidelity": "high", "output_format": "webp", "size": "9000x9000"}
    answer = client.post(EDITS, json=body, headers={"x-limner-params": "Lenient"})
    task = task_of(client, answer)
    assert (task["request"]["size"], task["request"]["output_format"]) == ("4096x4096", "png")
    assert {one["param"] for one in answer.json()["warnings"]} == {"input_fidelity", "output_format", "size"}
    wrong = generate(client, headers={"x-limner-params": "kind"})
    check(wrong, 400, "bad_request", "x-limner-params")


@once
def test_an_edit_may_wait_for_its_turn(client: httpx.Client) -> None:
    body = MODEL | {"image": DATA_URL, "async": True, "prompt": "delay:0.1"}
    accepted = client.post(EDITS, json=body)
    assert wait_for(client, accepted.json()["task_id"])["type"] == "images_edits"
