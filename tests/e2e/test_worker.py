"""`limner worker` as a process: what it says, how it stops, and what it may still do after having been asleep."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from limner.db import transaction
from limner.quotas import audit
from tests.databases import fresh
from tests.e2e.test_chaos import key_for, process, settings
from tests.e2e.test_server import LIMNER, Server, breathe, until_finished

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Scene:
    """A server that only takes requests, and workers as they are called for."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.stack = stack
        self.database = stack.enter_context(fresh("postgresql", folder))
        mine = {"LIMNER_PORT": "0", "LIMNER_DRAIN": "0.2"}
        self.environment = os.environ | settings(folder, self.database) | mine
        self.headers = {"authorization": f"Bearer {key_for(self.database)}"}
        self.url = Server(stack.enter_context(process(self.environment, "serve", "--models", "none"))).url

    def worker(self, *words: str) -> subprocess.Popen[str]:
        started = self.stack.enter_context(process(self.environment, "worker", *words))
        assert started.stdout is not None
        assert "paints limner-sandbox" in started.stdout.readline()
        return started

    def submit(self, prompt: str) -> str:
        body = {"model": "limner-sandbox", "prompt": prompt, "size": "64x64", "async": True}
        answer = httpx.post(f"{self.url}/v1/images/generations", json=body, headers=self.headers)
        task: str = answer.json()["task_id"]
        return task

    def record(self, task: str) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.url}/v1/tasks/{task}", headers=self.headers).json()
        return found

    def until_begun(self, task: str) -> None:
        while self.record(task)["status"] != "in_progress":
            breathe()

    def kinds(self, task: str) -> list[str]:
        return [event["kind"] for event in self.record(task)["events"]]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with ExitStack() as stack:
        yield Scene(stack, tmp_path)


def test_a_worker_that_is_told_to_stop_hands_back_what_it_cannot_finish(scene: Scene) -> None:
    first = scene.worker("--models", "limner-sandbox", "--slots", "2")
    task = scene.submit("delay:4")
    scene.until_begun(task)
    first.send_signal(signal.SIGTERM)
    assert first.wait(30) == 0
    assert scene.record(task)["status"] == "queued"
    scene.worker()
    assert until_finished(scene.url, task, scene.headers)["status"] == "completed"
    assert scene.kinds(task) == ["created", "handed_back", "begun", "completed"]


def test_a_worker_that_was_asleep_changes_nothing_when_it_wakes(scene: Scene) -> None:
    sleepy = scene.worker()
    task = scene.submit("delay:1")
    scene.until_begun(task)
    sleepy.send_signal(signal.SIGSTOP)
    scene.worker()
    ended = until_finished(scene.url, task, scene.headers)
    assert ended["status"] == "completed"
    sleepy.send_signal(signal.SIGCONT)
    other = scene.submit("delay:0")
    assert until_finished(scene.url, other, scene.headers)["status"] == "completed"
    sleepy.send_signal(signal.SIGTERM)
    assert sleepy.wait(30) == 0
    after = scene.record(task)
    assert scene.kinds(task) == ["created", "interrupted", "begun", "completed"]
    assert after["response"] == ended["response"]
    with transaction(scene.database) as tx:
        assert audit(tx) == []


def test_a_worker_without_a_shared_database_says_what_is_missing(tmp_path: Path) -> None:
    environment = os.environ | {"LIMNER_DATA": str(tmp_path), "LIMNER_DATABASE_URL": ""}
    failed = subprocess.run(
        [*LIMNER, "worker"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert failed.returncode != 0
    assert "LIMNER_DATABASE_URL=postgresql://" in failed.stderr
    assert "Traceback" not in failed.stderr
