"""How long a synchronous call waits, and the signs of life it is sent meanwhile."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import openai
import pytest

from limner.api.beating import beating
from limner.api.context import Context
from limner.errors import Conflict
from limner.settings import Settings
from limner.telemetry import Telemetry
from tests.api.conftest import gate_of
from tests.api.test_bad_input import check
from tests.api.test_images import wait_for
from tests.conftest import serving
from tests.test_generations import Moody

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.api.conftest import Gate
    from tests.conftest import Live

PATH = "/v1/images/generations"
SMALL = {"model": "limner-sandbox", "size": "64x64"}
ACCEPTED = {"task_id", "trace_id", "success"}


@pytest.fixture
def server(restless: Live) -> Live:
    """The accounts, keys and clients of these tests are of the server that is never silent for long."""
    return restless


@pytest.fixture
def gate(server: Live) -> Iterator[Gate]:
    with gate_of(server, "sandbox") as found:
        yield found


def after_a_blank(client: httpx.Client, gate: Gate, **body: Any) -> tuple[httpx.Response, bytes]:
    """Call for a picture that is held until the first blank has come; the answer and its body."""
    with client.stream("POST", PATH, json=SMALL | body) as answer:
        pieces = answer.iter_raw()
        first = next(pieces)
        gate.open()
        return answer, b"".join([first, *pieces])


def test_blanks_come_before_an_answer_that_takes_long(client: httpx.Client, gate: Gate) -> None:
    answer, body = after_a_blank(client, gate, prompt="held")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert "content-length" not in answer.headers
    assert body.startswith(b"\n")
    assert body.lstrip() == body.lstrip(b"\n")
    told = json.loads(body)
    assert told["success"] is True
    assert told["task_id"] == answer.headers["x-task-id"]
    assert httpx.get(told["data"][0]["url"]).status_code == 200


def test_an_error_after_a_blank_is_the_envelope_with_status_200(client: httpx.Client, gate: Gate) -> None:
    answer, body = after_a_blank(client, gate, prompt="held fail:moderation_blocked")
    assert answer.status_code == 200
    told = json.loads(body)
    assert body.startswith(b"\n")
    assert set(told) == {"success", "error", "trace_id"}
    assert set(told["error"]) == {"code", "message", "type", "param"}
    assert (told["success"], told["error"]["code"]) == (False, "moderation_blocked")
    assert told["trace_id"] == answer.headers["x-trace-id"]


def test_without_delay_there_is_no_blank(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path), log_level="error", heartbeat=60.0)
    with serving(settings, engines={"sandbox": Moody, "illustrator": Moody}) as live:
        headers = {"authorization": f"Bearer {live.acquire().key}"}
        answer = httpx.post(live.url + PATH, json=SMALL | {"prompt": "calm"}, headers=headers)
        assert answer.content.startswith(b"{")
        assert answer.headers["content-length"] == str(len(answer.content))
        refused = httpx.post(live.url + PATH, json=SMALL | {"prompt": "fail:moderation_blocked"}, headers=headers)
        check(refused, 400, "moderation_blocked", None)


def test_the_official_client_reads_over_the_blanks(server: Live, key: str, gate: Gate) -> None:
    official = openai.OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0)
    with ThreadPoolExecutor(1) as pool, httpx.Client(base_url=server.url) as client:
        client.headers["authorization"] = f"Bearer {key}"
        made = pool.submit(
            official.images.generate,
            model="limner-sandbox",
            prompt="held",
            size="256x256",
            extra_body={"trace_id": "official"},
        )
        question = {"action": "retrieve", "trace_id": "official"}
        while not (record := client.post("/openai/tasks", json=question).json()):
            pass
        with client.stream("GET", f"/v1/tasks/{record['id']}/events") as story:
            # its comments come as often as the blanks: when two have come, a blank has too
            lines = story.iter_lines()
            for _ in range(2):
                while next(lines) != ": still here":
                    pass
        gate.open()
        answer = made.result()
    assert answer.data is not None
    assert httpx.get(answer.data[0].url or "").status_code == 200


def test_blanks_come_before_the_news_that_it_takes_longer_too(client: httpx.Client, gate: Gate) -> None:
    answer = client.post(PATH, json=SMALL | {"prompt": "held"}, headers={"prefer": "wait=1"})
    assert answer.status_code == 200
    assert answer.content.startswith(b"\n")
    assert set(answer.json()) == ACCEPTED
    gate.open()
    assert wait_for(client, answer.json()["task_id"])["status"] == "completed"


def test_whoever_does_not_wait_gets_no_blanks(client: httpx.Client) -> None:
    for prefer, more in [("respond-async", {}), ("wait=0", {}), ("wait=9", {"async": True})]:
        answer = client.post(PATH, json=SMALL | {"prompt": "held"} | more, headers={"prefer": prefer})
        assert set(answer.json()) == ACCEPTED
        assert answer.content.startswith(b"{")
        client.post(f"/v1/tasks/{answer.json()['task_id']}/cancel").raise_for_status()


def test_nobody_waits_longer_than_the_operator_allows(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path), log_level="error", sync_limit=0.2, drain=0.0)
    with serving(settings, engines={"sandbox": Moody, "illustrator": Moody}) as live:
        headers = {"authorization": f"Bearer {live.acquire().key}", "prefer": "wait=60"}
        for _ in range(2):  # the first is being worked on, the second waits in the line
            answer = httpx.post(live.url + PATH, json=SMALL | {"prompt": "endless"}, headers=headers, timeout=60)
            assert answer.status_code == 200
            assert set(answer.json()) == ACCEPTED


async def sent_by(answer: Any) -> list[dict[str, Any]]:
    """Answer one request with a heartbeat of a moment; what goes out."""
    services = SimpleNamespace(telemetry=Telemetry())
    context = Context(request_id="r", trace_id="t", started=0.0)
    scope: Any = {"type": "http", "context": context, "state": {"services": services}}
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)
        blank.set()

    async def receive() -> Any:
        raise AssertionError

    blank = asyncio.Event()
    await beating(answer(blank), context, 0.01)(scope, receive, send)
    return messages


async def test_what_nobody_expected_is_our_fault_and_gives_nothing_away() -> None:
    async def answer(blank: asyncio.Event) -> None:
        await blank.wait()
        raise ValueError("/secret/path")

    *_, last = await sent_by(answer)
    assert json.loads(last["body"])["error"]["code"] == "api_error"
    assert b"secret" not in last["body"]


async def test_an_error_before_the_first_blank_is_raised() -> None:
    async def answer(_: asyncio.Event) -> None:
        raise Conflict

    with pytest.raises(Conflict):
        await sent_by(answer)
