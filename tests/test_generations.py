"""What happens to a generation when engines, storage or patience fail: the real server with an engine of ours."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from limner.engines.base import Health, Job, Picture, Progress, Setup
from limner.engines.sandbox import Sandbox
from limner.errors import ModerationBlocked
from limner.settings import Settings
from limner.whereabouts import data_folder
from tests.api.test_bad_input import balance, check
from tests.conftest import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from limner.acquire import Acquired
    from tests.conftest import Live

PATH = "/v1/images/generations"


class Moody(Sandbox):
    """An engine that does as the prompt's first word says; one picture at a time."""

    def __init__(self, setup: Setup | None = None) -> None:
        super().__init__(setup)
        self.slots = 1
        self.gate = asyncio.Event()

    async def generate(self, job: Job, progress: Progress) -> Picture:
        mood = job.prompt.split()[0]
        if mood == "odd" and job.seed % 2:
            raise ModerationBlocked
        if mood == "broken":
            raise ValueError("/secret/path and the prompt itself")
        if mood == "endless":
            await asyncio.Event().wait()
        if mood == "held":
            await self.gate.wait()
        return await super().generate(job, progress)

    async def check(self) -> Health:
        return Health(ok=False, detail="in a mood")


@pytest.fixture(scope="module")
def moody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder: Path = tmp_path_factory.mktemp("moody")
    settings = Settings(data=str(folder), log_level="error", engine_timeout=4.0, sync_limit=2.0)
    with serving(settings, engines={"sandbox": Moody, "illustrator": Moody}) as live:
        yield live


@pytest.fixture
def made(moody: Live) -> Acquired:
    return moody.acquire()


def post(moody: Live, made: Acquired, **body: Any) -> httpx.Response:
    whole = {"model": "limner-illustrator", "size": "64x64", "quality": "low", "response_format": "b64_json"} | body
    return httpx.post(moody.url + PATH, json=whole, headers={"authorization": f"Bearer {made.key}"}, timeout=30)


def test_what_was_made_is_given_and_only_that_is_charged(moody: Live, made: Acquired) -> None:
    answer = post(moody, made, prompt="odd seeds fail", n=4, seed=10)
    body = answer.json()
    assert answer.status_code == 200
    assert len(body["data"]) == 2
    assert body["warnings"] == [{"param": "n", "message": "2 of 4 pictures could not be made and were not charged."}]
    assert answer.headers["x-cost"] == "20000"
    assert balance(moody, made) == made.balance - 20000


def test_when_nothing_was_made_the_error_is_told(moody: Live, made: Acquired) -> None:
    check(post(moody, made, prompt="odd", n=1, seed=11), 400, "moderation_blocked", None)
    assert balance(moody, made) == made.balance


def test_an_engine_with_a_bug_is_our_fault_and_leaks_nothing(moody: Live, made: Acquired) -> None:
    answer = post(moody, made, prompt="broken")
    check(answer, 500, "api_error", None)
    assert "secret" not in answer.text
    assert balance(moody, made) == made.balance


def test_an_engine_that_never_ends_is_timed_out_and_the_caller_waits_no_longer_than_allowed(
    moody: Live, made: Acquired
) -> None:
    answer = post(moody, made, prompt="endless")
    assert answer.status_code == 200
    assert set(answer.json()) == {"task_id", "trace_id", "success"}
    record = until_finished(moody, made, answer.json()["task_id"])
    assert record["response"]["error"]["code"] == "timeout"
    assert balance(moody, made) == made.balance


def test_a_client_says_how_long_it_wants_to_wait(moody: Live, made: Acquired) -> None:
    def asked(prefer: str) -> set[str]:
        headers = {"authorization": f"Bearer {made.key}", "prefer": prefer}
        body = {"model": "limner-illustrator", "prompt": "calm", "size": "64x64"}
        answer = httpx.post(moody.url + PATH, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return set(answer.json())

    later = {"task_id", "trace_id", "success"}
    assert asked("respond-async") == asked("wait=0") == asked("Respond-Async, handling=lenient") == later
    assert "data" in asked("wait=10") & asked("respond-async, wait=10") & asked("wait=soon") & asked("handling=strict")


def until_finished(moody: Live, made: Acquired, task_id: str) -> dict[str, Any]:
    while True:
        url = f"{moody.url}/v1/tasks/{task_id}"
        record: dict[str, Any] = httpx.get(url, headers={"authorization": f"Bearer {made.key}"}).json()
        if record["finished_at"]:
            return record


def test_pictures_that_cannot_be_stored_are_not_charged(moody: Live, made: Acquired) -> None:
    folder = data_of(moody) / "files"
    folder.rename(folder.with_name("away"))
    folder.write_text("a file where the folder was")
    try:
        check(post(moody, made, prompt="calm"), 500, "api_error", None)
        assert httpx.get(moody.url + "/readyz").json()["checks"]["storage"] != "ok"
    finally:
        folder.unlink()
        folder.with_name("away").rename(folder)
    assert balance(moody, made) == made.balance


def data_of(moody: Live) -> Path:
    return data_folder(moody.services.settings)


def test_readiness_names_what_is_not_ready(moody: Live) -> None:
    answer = httpx.get(moody.url + "/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {
        "database": "ok",
        "storage": "ok",
        "engine:illustrator": "in a mood",
        "engine:sandbox": "in a mood",
    }
