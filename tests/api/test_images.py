"""The call, from request to picture."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from tests.pictures import measure

if TYPE_CHECKING:
    import httpx

    from tests.conftest import Live

SANDBOX = "limner-sandbox"
PATHS = ("/v1/images/generations", "/openai/images/generations")


def generate(
    client: httpx.Client, path: str = PATHS[0], headers: dict[str, str] | None = None, **body: Any
) -> httpx.Response:
    return client.post(path, json={"model": SANDBOX, "prompt": "a red fox"} | body, headers=headers)


@pytest.mark.parametrize("path", PATHS)
def test_answers_a_link_that_opens_without_a_credential(client: httpx.Client, path: str) -> None:
    answer = generate(client, path, size="300x200")
    assert answer.status_code == 200
    body = answer.json()
    assert isinstance(body["created"], int)
    assert body["success"] is True
    assert body["task_id"] == answer.headers["x-task-id"]
    assert body["trace_id"] == answer.headers["x-trace-id"]
    picture = client.get(body["data"][0]["url"], headers={"authorization": ""})
    assert picture.status_code == 200
    assert measure(picture.content) == ("png", 300, 200)
    assert picture.headers["content-type"] == "image/png"


def test_answers_base64_when_asked(client: httpx.Client) -> None:
    body = generate(client, response_format="b64_json", size="64x32").json()
    assert measure(base64.b64decode(body["data"][0]["b64_json"])) == ("png", 64, 32)
    assert "url" not in body["data"][0]


def test_every_answer_carries_its_names(client: httpx.Client) -> None:
    answer = generate(client)
    for header in ("x-request-id", "x-trace-id", "openai-processing-ms", "x-task-id", "x-cost", "x-balance"):
        assert answer.headers[header]
    assert int(answer.headers["x-ratelimit-remaining-requests"]) < int(answer.headers["x-ratelimit-limit-requests"])


def test_n_pictures_differ_by_seed(client: httpx.Client) -> None:
    body = generate(client, n=3, seed=5, response_format="b64_json").json()
    assert len({picture["b64_json"] for picture in body["data"]}) == 3
    again = generate(client, n=1, seed=6, response_format="b64_json").json()
    assert again["data"][0]["b64_json"] == body["data"][1]["b64_json"]


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("dall-e-3", "url"),
        ("dall-e-2", "url"),
        ("gpt-image-1", "b64_json"),
        ("gpt-image-1.5", "b64_json"),
        ("gpt-image-2", "b64_json"),
    ],
)
def test_the_shipped_names_answer_in_their_own_format(client: httpx.Client, model: str, kind: str) -> None:
    answer = generate(client, model=model, prompt="a teapot", size="96x64", quality="low")
    assert answer.status_code == 200, answer.text
    picture = answer.json()["data"][0]
    assert kind in picture
    assert "teapot" in picture["revised_prompt"].lower()


@pytest.mark.parametrize(("output_format", "kind"), [("png", "png"), ("jpeg", "jpeg"), ("webp", "webp")])
def test_output_formats_are_what_they_say(client: httpx.Client, output_format: str, kind: str) -> None:
    answer = generate(
        client,
        model="limner-illustrator",
        prompt="an owl",
        size="80x120",
        output_format=output_format,
        output_compression=60,
    )
    body = answer.json()
    picture = client.get(body["data"][0]["url"])
    assert measure(picture.content) == (kind, 80, 120)
    assert body["output_format"] == output_format
    assert ("warnings" in body) == (output_format == "png")


def test_null_means_not_given(client: httpx.Client) -> None:
    answer = generate(client, n=None, size=None, quality=None, style=None, response_format=None, user=None, seed=None)
    assert answer.status_code == 200
    assert len(answer.json()["data"]) == 1


def test_unknown_parameters_are_warned_of(client: httpx.Client) -> None:
    body = generate(client, cfg_scale=7.5).json()
    assert body["warnings"] == [
        {"param": "cfg_scale", "message": "This parameter is not known here and had no effect."}
    ]


def test_multipart_works_like_json(client: httpx.Client) -> None:
    fields = {
        "model": SANDBOX,
        "prompt": "a fox",
        "n": "2",
        "size": "40x30",
        "stream": "False",
        "async": "false",
        "style": "",
    }
    answer = client.post(PATHS[0], files={name: (None, value) for name, value in fields.items()})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["data"]) == 2


def test_the_clients_trace_id_is_kept(client: httpx.Client) -> None:
    answer = generate(client, trace_id="order-77")
    assert answer.json()["trace_id"] == answer.headers["x-trace-id"] == "order-77"
    by_header = generate(client, headers={"x-trace-id": "order-78"})
    assert by_header.json()["trace_id"] == "order-78"


def test_async_answers_at_once_and_the_task_tells_the_rest(client: httpx.Client) -> None:
    later: dict[str, Any] = {"async": True}
    answer = generate(client, **later).json()
    assert set(answer) == {"task_id", "trace_id", "success"}
    record = wait_for(client, answer["task_id"])
    assert record["status"] == "completed"
    assert record["response"]["success"] is True
    assert client.get(record["response"]["data"][0]["url"]).status_code == 200


def wait_for(client: httpx.Client, task_id: str) -> dict[str, Any]:
    """Ask until the task is over; the loop ends because every task does."""
    while True:
        record: dict[str, Any] = client.get(f"/v1/tasks/{task_id}").json()
        if record["finished_at"]:
            return record


def test_a_client_that_goes_away_loses_nothing(server: Live, client: httpx.Client) -> None:
    with pytest.raises(Exception, match="timed out"):
        client.post(
            PATHS[0], json={"model": SANDBOX, "prompt": "delay:2.5", "trace_id": f"gone-{server.url}"}, timeout=0.2
        )
    asked = client.post("/openai/tasks", json={"action": "retrieve", "trace_id": f"gone-{server.url}"}).json()
    assert asked["response"] is None
    assert wait_for(client, asked["id"])["status"] == "completed"


@pytest.mark.parametrize(
    ("prefer", "made"), [("previews=2", 2), ("wait=60, Previews=3", 3), ("previews=9", 0), ("", 0)]
)
def test_previews_are_made_for_who_waits_and_watches(client: httpx.Client, prefer: str, made: int) -> None:
    answer = client.post(PATHS[0], json={"model": "limner-sandbox", "prompt": "a fox"}, headers={"prefer": prefer})
    task = client.get(f"/v1/tasks/{answer.headers['x-task-id']}").json()
    assert task["request"]["partial_images"] == made
