"""Streams of pictures in OpenAI's events, answers in base64 that are poured, and clients that go away."""

from __future__ import annotations

import base64
import json
import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import openai
import pytest

from limner.api.answering import PIECE
from limner.engines.sandbox import Sandbox
from limner.settings import Settings
from tests.api.conftest import gate_of
from tests.api.test_bad_input import check
from tests.api.test_edits import MODEL, SMALL
from tests.api.test_images import wait_for
from tests.conftest import serving
from tests.pictures import measure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from limner.engines.base import Job, Picture, Progress, Setup
    from tests.conftest import Live

PATH = "/v1/images/generations"
SHOWN = ["created_at", "size", "quality", "background", "output_format"]
once = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


def frames(text: str) -> list[tuple[str | None, Any]]:
    """The events of a stream with their data; a comment is None with its text."""
    found: list[tuple[str | None, Any]] = []
    for frame in text.split("\n\n"):
        lines = dict(line.partition(": ")[::2] for line in frame.splitlines())
        if "data" in lines:
            found.append((lines.get("event"), json.loads(lines["data"])))
        elif frame:
            found.append((None, frame))
    return found


def stream(client: httpx.Client, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
    return client.post(PATH, json=MODEL | {"stream": True, "size": "64x64"} | body, headers=headers)


@pytest.fixture
def official(server: Live, key: str) -> Any:
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0)


def test_the_official_client_follows_a_picture(official: Any) -> None:
    made = official.images.generate(
        **MODEL, stream=True, partial_images=2, size="64x64", quality="high", background="transparent"
    )
    events = list(made)
    assert [event.type for event in events] == [
        "image_generation.partial_image",
        "image_generation.partial_image",
        "image_generation.completed",
    ]
    assert [event.partial_image_index for event in events[:2]] == [0, 1]
    assert len({event.b64_json for event in events}) == 3
    for event in events:
        assert measure(base64.b64decode(event.b64_json)) == ("png", 64, 64)
        assert (event.size, event.quality, event.background, event.output_format) == (
            "64x64",
            "high",
            "transparent",
            "png",
        )
        assert isinstance(event.created_at, int)
    assert events[-1].usage.total_tokens == 0
    assert events[-1].usage.input_tokens_details.image_tokens == 0


def test_the_official_client_follows_an_edit(official: Any) -> None:
    made = official.images.edit(image=SMALL, **MODEL, stream=True, partial_images=1)
    assert [(event.type, event.size) for event in made] == [
        ("image_edit.partial_image", "96x64"),
        ("image_edit.completed", "96x64"),
    ]


def test_a_stream_in_its_very_shape(client: httpx.Client) -> None:
    answer = stream(client, partial_images=1, response_format="url", moderation="low")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-task-id"]
    assert answer.headers["x-balance"] == "5000000"
    (_, partial), (_, completed) = frames(answer.text)
    assert list(partial) == ["type", "b64_json", *SHOWN, "partial_image_index"]
    assert list(completed)[: len(SHOWN) + 3] == ["type", "b64_json", *SHOWN, "usage"]
    assert completed["task_id"] == answer.headers["x-task-id"]
    assert completed["warnings"][0]["param"] == "moderation"
    assert [name for name, _ in frames(answer.text)] == [partial["type"], completed["type"]]


def test_a_replay_gives_the_finished_picture_at_once(client: httpx.Client) -> None:
    headers = {"Idempotency-Key": "stream-1"}
    first, again = (stream(client, headers, partial_images=2) for _ in range(2))
    assert again.headers["x-idempotent-replay"] == "true"
    assert frames(again.text) == frames(first.text)[-1:]
    assert again.headers["x-cost"] == "0"


@once
def test_what_fails_before_the_first_event_is_told_as_ever(client: httpx.Client, official: Any) -> None:
    headers = {"Idempotency-Key": "stream-2"}
    for _ in range(2):
        answer = stream(client, headers, prompt="fail:upstream_error")
        check(answer, 502, "upstream_error", None)
        assert answer.headers["x-should-retry"] == "true"
    check(stream(client, prompt="fail:moderation_blocked", partial_images=3), 400, "moderation_blocked", None)
    check(
        client.post("/v1/images/variations", data={"stream": "true", **MODEL}, files={"image": SMALL}),
        400,
        "api_not_implemented",
        "stream",
    )
    with pytest.raises(openai.InternalServerError):
        official.images.generate(**MODEL | {"prompt": "fail:timeout"}, stream=True)


@once
def test_what_fails_later_is_an_event(client: httpx.Client, official: Any) -> None:
    answer = stream(client, prompt="delay:0.1 fail:timeout", partial_images=1)
    assert answer.status_code == 200
    (first, _), (second, last) = frames(answer.text)
    assert (first, second) == ("image_generation.partial_image", None)
    assert last["error"].keys() == {"code", "message", "type", "param"}
    assert last["error"]["code"] == "timeout"
    made = official.images.generate(**MODEL | {"prompt": "delay:0.1 fail:timeout"}, stream=True, partial_images=1)
    with pytest.raises(openai.APIError, match="longer than"):
        list(made)


@once
def test_a_call_that_is_answered_later_does_not_stream(client: httpx.Client) -> None:
    later: dict[str, Any] = {"async": True}
    answer = stream(client, **later)
    assert set(answer.json()) == {"task_id", "trace_id", "success", "warnings"}
    assert answer.json()["warnings"][0]["param"] == "stream"


def test_comments_keep_it_warm(restless: Live) -> None:
    headers = {"authorization": f"Bearer {restless.acquire().key}"}
    with httpx.Client(base_url=restless.url, headers=headers, timeout=60) as client:
        body = MODEL | {"prompt": "held", "stream": True}
        with gate_of(restless, "sandbox") as gate, client.stream("POST", PATH, json=body) as answer:
            text = answer.iter_text()
            seen = next(text)
            assert seen.startswith(": still here")
            gate.open()
            seen += "".join(text)
        (comment, _), *_, (last, _) = frames(seen)
        assert (comment, last) == (None, "image_generation.completed")


def test_a_client_that_goes_away_does_not_stop_the_task(restless: Live) -> None:
    headers = {"authorization": f"Bearer {restless.acquire().key}"}
    opened = httpx.Client(base_url=restless.url, headers=headers, timeout=60)
    with opened as client, gate_of(restless, "sandbox") as gate:
        with client.stream("POST", PATH, json=MODEL | {"prompt": "held", "stream": True}) as answer:
            coming = answer.iter_text()  # kept, for with it the connection would go
            assert next(coming).startswith(":")
            task = answer.headers["x-task-id"]
            assert watched(restless, task)
        while watched(restless, task):
            pass
        gate.open()
        assert wait_for(client, task)["status"] == "completed"


def watched(live: Live, task: str) -> bool:
    """Whether somebody in the server follows a task."""

    async def look() -> bool:
        return task in live.services.feed._watches

    return bool(live.run(look()))


def test_a_stream_is_told_that_the_server_stops(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path), log_level="error", heartbeat=0.05, drain=0.0)
    with ThreadPoolExecutor(1) as pool, serving(settings) as live:
        client = httpx.Client(base_url=live.url, headers={"authorization": f"Bearer {live.acquire().key}"}, timeout=60)
        with client.stream("POST", PATH, json=MODEL | {"prompt": "delay:60", "stream": True}) as answer:
            text = answer.iter_text()
            assert next(text).startswith(":")
            live.loop.call_soon_threadsafe(live.services.feed.end)
            rest = pool.submit("".join, text).result(60)
    assert "ask for the task" in frames(rest)[-1][1]["error"]["message"]


# ---- base64 that is poured


class Bulky(Sandbox):
    """Paints files larger than a piece; for a crowd, two of them take more than three quarters of the room."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._room = setup.room

    async def generate(self, job: Job, progress: Progress) -> Picture:
        made = await super().generate(job, progress)
        large = made.data + random.Random(job.seed).randbytes(3 * PIECE + job.seed)
        room = await self._room.enter(self._room.size * 4 // 10 if "crowded" in job.prompt else 1)
        return msgspec.structs.replace(made, data=large, occupied=room)


@pytest.fixture(scope="module")
def bulky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    settings = Settings(data=str(tmp_path_factory.mktemp("bulky")), log_level="error", heartbeat=0.1)
    with serving(settings, engines={"sandbox": Bulky, "illustrator": Bulky}) as live:
        yield live


@pytest.mark.parametrize("prompt", ["calm", "crowded", "crowded delay:0.4"])
def test_large_answers_are_poured(bulky: Live, prompt: str) -> None:
    headers = {"authorization": f"Bearer {bulky.acquire().key}", "Idempotency-Key": prompt}
    body = MODEL | {"prompt": prompt, "response_format": "b64_json", "n": 2, "seed": 1, "size": "64x64"}
    with httpx.Client(base_url=bulky.url, headers=headers, timeout=60) as client:
        first, again = (client.post(PATH, json=body) for _ in range(2))
        pictures = [base64.b64decode(one["b64_json"]) for one in first.json()["data"]]
        assert again.json() == json.loads(first.text)
        kept = client.get(f"/v1/tasks/{first.json()['task_id']}").json()["response"]["data"]
        assert pictures == [client.get(one["url"]).content for one in kept]
        assert int(again.headers["content-length"]) == len(again.content)
        streamed = client.post(PATH, json=body | {"n": 1, "stream": True}, headers={"Idempotency-Key": f"{prompt} 2"})
        assert base64.b64decode(frames(streamed.text)[-1][1]["b64_json"]) == pictures[0]
        bulky.run(bulky.services.assets.discard([kept[0]["url"].partition("?")[0].rpartition("/")[2]]))
        check(client.post(PATH, json=body), 404, "not_found", None, "deleted")
