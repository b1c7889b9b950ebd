"""The story of a task as it happens: server-sent events under `/v1/tasks/{id}/events`."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from limner.settings import Settings
from tests.api.conftest import gate_of
from tests.api.test_images import generate
from tests.conftest import serving
from tests.pictures import measure
from tests.test_generations import Moody

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.api.conftest import Gate
    from tests.conftest import Live

LATER: dict[str, Any] = {"async": True}
Frame = tuple[str, dict[str, Any]]


@pytest.fixture
def server(held: Live) -> Live:
    """The accounts, keys and clients of these tests are of the server that makes one picture at a time."""
    return held


@pytest.fixture
def gate(server: Live) -> Iterator[Gate]:
    with gate_of(server, "sandbox") as found:
        yield found


def begin(client: httpx.Client, **more: Any) -> str:
    task: str = generate(client, **{"prompt": "held", "size": "64x64"} | LATER | more).json()["task_id"]
    return task


def frames(answer: httpx.Response) -> Iterator[Frame]:
    """Read events as a browser does (WHATWG HTML, 9.2.6); a comment is one called `:`."""
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == "text/event-stream"
    assert answer.headers["cache-control"] == "no-store"
    lines: list[str] = []
    for line in answer.iter_lines():
        if line:
            lines.append(line)
            continue
        if lines[0].startswith(":"):
            yield ":", {}
        else:
            kind, data = lines
            told = json.loads(data.removeprefix("data: "))
            assert told["type"] == kind.removeprefix("event: ")
            yield told["type"], told
        lines = []


def record_of(client: httpx.Client, task: str) -> dict[str, Any]:
    record: dict[str, Any] = client.post("/openai/tasks", json={"action": "retrieve", "id": task}).json()
    return record


def test_a_task_is_told_of_from_the_line_to_its_end(client: httpx.Client, gate: Gate) -> None:
    first, second = begin(client), begin(client, prompt="calm delay:0.2")
    with client.stream("GET", f"/v1/tasks/{second}/events") as answer:
        story = frames(answer)
        kind, waits = next(story)
        assert (kind, waits["status"], waits["queue_position"], waits["attempt"]) == ("status", "queued", 0, 0)
        gate.open()
        *between, last = story
    kinds = [(kind, told.get("status")) for kind, told in between]
    assert kinds[:2] == [("status", "in_progress"), ("progress", None)]
    assert last == ("completed", {"type": "completed", "task_id": second, "task": record_of(client, second)})
    assert {kind for kind, _ in between} <= {"status", "progress"}
    assert record_of(client, first)["status"] == "completed"


def test_the_end_of_a_failed_and_of_a_cancelled_task_is_told(client: httpx.Client, gate: Gate) -> None:
    failing = begin(client, prompt="held fail:moderation_blocked")
    with client.stream("GET", f"/v1/tasks/{failing}/events") as answer:
        story = frames(answer)
        assert next(story)[1]["status"] == "in_progress"
        gate.open()
        assert [kind for kind, _ in story][-1] == "failed"
    endless = begin(client, prompt="endless")
    with client.stream("GET", f"/v1/tasks/{endless}/events") as answer:
        story = frames(answer)
        assert next(story)[1]["status"] == "in_progress"
        client.post(f"/v1/tasks/{endless}/cancel").raise_for_status()
        kind, told = list(story)[-1]
    assert kind == "cancelled"
    assert told["task"]["response"]["error"]["code"] == "conflict"


def test_of_a_finished_task_there_is_one_frame(client: httpx.Client) -> None:
    task = generate(client, prompt="calm", size="64x64").json()["task_id"]
    with client.stream("GET", f"/v1/tasks/{task}/events") as answer:
        assert list(frames(answer)) == [
            ("completed", {"type": "completed", "task_id": task, "task": record_of(client, task)})
        ]


def test_progress_comes_in_order(client: httpx.Client) -> None:
    ahead = begin(client, prompt="endless")
    task = begin(client, prompt="delay:0.2")
    with client.stream("GET", f"/v1/tasks/{task}/events") as answer:
        story = frames(answer)
        assert next(story)[1]["status"] == "queued"
        client.post(f"/v1/tasks/{ahead}/cancel").raise_for_status()
        whole = list(story)
    steps = [told for kind, told in whole if kind == "progress"]
    assert [(one["stage"], one["fraction"], one["picture"], one["task_id"]) for one in steps] == [
        ("waiting", quarter / 4, 0, task) for quarter in range(4)
    ]
    assert whole[-1][0] == "completed"


def whole_story(restless: Live, **body: Any) -> list[Frame]:
    """Have the illustrator draw, and see all of it from before its beginning."""
    headers = {"authorization": f"Bearer {restless.acquire().key}"}
    with httpx.Client(base_url=restless.url, headers=headers, timeout=60) as client:
        task = begin(client, **{"prompt": "held red fox", "model": "limner-illustrator", "size": "256x256"} | body)
        with (
            client.stream("GET", f"/v1/tasks/{task}/events") as answer,
            gate_of(restless, "illustrator") as gate,
        ):
            story = frames(answer)
            told = [next(story) for _ in range(3)]
            gate.open()
            told += story
    return told


def test_previews_come_on_the_way_where_they_were_asked_for(restless: Live) -> None:
    told = whole_story(restless, partial_images=3, n=1)
    assert told[0][0] == "status"
    assert [kind for kind, _ in told[1:3]] == [":", ":"]  # it is quiet until the gate is open
    previews = [one for kind, one in told if kind == "preview"]
    assert [one["stage"] for one in previews] == ["sketch", "flat", "lit"]
    for one in previews:
        assert measure(base64.b64decode(one["b64_json"])) == ("png", 256, 256)
        assert set(one) == {"type", "task_id", "picture", "stage", "fraction", "b64_json"}
    steps = [one["fraction"] for kind, one in told if kind in {"progress", "preview"}]
    assert steps == sorted(steps)
    assert 0 <= steps[0] <= steps[-1] < 1
    assert told[-1][0] == "completed"
    assert told[-1][1]["task"]["response"]["success"] is True


def test_without_asking_there_are_no_previews(restless: Live) -> None:
    kinds = {kind for kind, _ in whole_story(restless)}
    assert kinds == {"status", ":", "progress", "completed"}


def test_a_stream_ends_when_the_server_stops(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path), log_level="error", drain=0.0)
    with serving(settings, engines={"sandbox": Moody, "illustrator": Moody}) as live:
        headers = {"authorization": f"Bearer {live.acquire().key}"}
        with httpx.Client(base_url=live.url, headers=headers, timeout=60) as client:
            task = begin(client, prompt="endless")
            with client.stream("GET", f"/v1/tasks/{task}/events") as answer:
                story = frames(answer)
                assert next(story)[1]["status"] == "in_progress"
                live.loop.call_soon_threadsafe(live.services.feed.end)
                assert list(story) == []
