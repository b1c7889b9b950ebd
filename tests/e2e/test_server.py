"""Real processes: the first start, a crash in the middle of the work, a clean stop, a taken port."""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from limner.db import transaction
from limner.quotas import audit
from limner.settings import Settings
from limner.whereabouts import database_url
from tests.databases import DIALECTS, fresh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIMNER = (sys.executable, "-m", "limner")


class Server:
    """A server process, from its first words on."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.words: list[str] = []
        assert process.stdout is not None
        for line in process.stdout:
            self.words.append(line.strip())
            if "data  " in line:
                break
        self.url = self._find(r"API base\s+(\S+)/v1")

    def _find(self, pattern: str) -> str:
        found = re.search(pattern, "\n".join(self.words))
        assert found, self.words
        return found[1]

    def first_call(self) -> tuple[str, str]:
        """Read on to the credential and the curl line of a first start."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.words.append(line.strip())
            if line.strip().startswith("curl"):
                break
        return self._find(r"credential\s+(lim_\w+)"), self.words[-1]


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[Server]:
    """Start `limner serve` on a free port; it is killed at the end if it still runs."""
    environment = os.environ | {"LIMNER_DATA": str(folder), "LIMNER_PORT": "0", "LIMNER_WORKERS": "1"} | settings
    process = subprocess.Popen([*LIMNER, "serve"], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield Server(process)
    finally:
        process.kill()
        process.wait()


def test_the_first_start_says_how_to_make_the_first_call(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        key, curl = server.first_call()
        command = [part.replace("a purple elephant", "a small teapot") for part in shlex.split(curl)]
        answer = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
        assert httpx.get(answer["data"][0]["url"]).headers["content-type"] == "image/png"
        assert "elephant" not in json.dumps(answer)
        assert httpx.get(server.url + "/readyz", timeout=20).json()["status"] == "ready"
        assert key not in (tmp_path / "limner.db").read_bytes().decode("latin-1")
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(30) == 0
    with served(tmp_path) as again:
        answer = httpx.get(f"{again.url}/v1/models", headers={"authorization": f"Bearer {key}"})
        assert answer.status_code == 200
        assert not any("lim_" in line for line in again.words)
        assert offering_http2(again.url, key) == 200


def offering_http2(url: str, key: str) -> int:
    """Call as Java's client does by itself: it offers HTTP/2 in clear text, and sends the body all the same."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    offer = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__"}
    body = json.dumps({"model": "limner-sandbox", "prompt": "Upgrade: h2c"})
    headers = offer | {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/images/generations", body, headers)
    return connection.getresponse().status


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_a_crash_cuts_off_is_done_after_the_restart(tmp_path: Path, dialect: str) -> None:
    with fresh(dialect, tmp_path) as url:
        settings = {"LIMNER_DATABASE_URL": url}
        with served(tmp_path, **settings) as server:
            key, _ = server.first_call()
            body = {"model": "limner-sandbox", "prompt": "delay:1", "n": 2, "async": True}
            headers = {"authorization": f"Bearer {key}"}
            task = httpx.post(f"{server.url}/v1/images/generations", json=body, headers=headers).json()["task_id"]
            server.process.kill()
        with served(tmp_path, **settings) as server:
            record = until_finished(server.url, task, headers)
        assert record["status"] == "completed"
        assert [event["kind"] for event in record["events"]] == ["created", "interrupted", "begun", "completed"]
        assert len(record["response"]["data"]) == 2
        with transaction(url) as tx:
            assert audit(tx) == []


def breathe() -> None:
    """Leave the cores to the server for a moment; who asks without a pause only makes it slower."""
    threading.Event().wait(0.03)


def until_finished(url: str, task: str, headers: dict[str, str]) -> dict[str, Any]:
    """Ask until the task is over; it ends because the server works on it or gives it up."""
    while True:
        record: dict[str, Any] = httpx.get(f"{url}/v1/tasks/{task}", headers=headers).json()
        if record["finished_at"]:
            return record
        breathe()


def attempts(record: dict[str, Any]) -> int:
    """How often the task has been begun."""
    begun = [event for event in record["events"] if event["kind"].startswith("begun")]
    return max((int(event["detail"]["attempt"]) for event in begun), default=0)


def test_a_task_that_is_cut_off_too_often_is_given_up_and_costs_nothing(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        key, _ = server.first_call()
        headers = {"authorization": f"Bearer {key}"}
        body = {"model": "limner-sandbox", "prompt": "delay:50", "async": True}
        task = httpx.post(f"{server.url}/v1/images/generations", json=body, headers=headers).json()["task_id"]
        server.process.kill()
    for attempt in (2, 3):
        with served(tmp_path) as server:
            while attempts(httpx.get(f"{server.url}/v1/tasks/{task}", headers=headers).json()) < attempt:
                breathe()
            server.process.kill()
    with served(tmp_path) as server:
        record = until_finished(server.url, task, headers)
    assert record["status"] == "failed"
    assert record["response"]["error"]["code"] == "api_error"
    with transaction(database_url(Settings(data=str(tmp_path)))) as tx:
        assert audit(tx) == []


def test_a_second_server_on_the_same_data_says_why_it_cannot(tmp_path: Path) -> None:
    with served(tmp_path):
        environment = os.environ | {"LIMNER_DATA": str(tmp_path), "LIMNER_PORT": "0"}
        second = subprocess.run(
            [*LIMNER, "serve"], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert second.returncode != 0
        assert "another" in second.stderr.lower()
        assert "Traceback" not in second.stderr


def test_a_taken_port_says_so(tmp_path: Path) -> None:
    with served(tmp_path / "one") as server:
        port = server.url.rpartition(":")[2]
        environment = os.environ | {"LIMNER_DATA": str(tmp_path / "two"), "LIMNER_PORT": port}
        second = subprocess.run(
            [*LIMNER, "serve"], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert second.returncode != 0
        assert f"cannot listen on 127.0.0.1:{port}" in second.stderr
        assert "Traceback" not in second.stderr


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("LIMNER_DATABASE_URL", "postgresql://limner:hush@127.0.0.1:1/limner", "the database cannot be opened"),
        ("LIMNER_DATABASE_URL", "mysql://x/y", "not a database URL"),
        ("LIMNER_STORAGE_URL", "ftp://x/y", "cannot open the storage"),
        ("LIMNER_MODELS", "/nowhere/models.toml", "cannot read the catalogue"),
        ("LIMNER_PORT", "eighty", "LIMNER_PORT"),
        ("LIMNER_CALLBACK_SCHEDULE", "5,1.2.3", "LIMNER_CALLBACK_SCHEDULE"),
        ("LIMNER_CALLBACK_NETWORKS", "10.0.0.0/99", "10.0.0.0/99"),
    ],
)
def test_a_start_that_fails_says_why_in_a_line(tmp_path: Path, setting: str, value: str, words: str) -> None:
    environment = os.environ | {"LIMNER_DATA": str(tmp_path), "LIMNER_PORT": "0", setting: value}
    failed = subprocess.run(
        [*LIMNER, "serve"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert failed.returncode != 0
    assert words in failed.stderr
    assert "Traceback" not in failed.stderr
    assert "hush" not in failed.stderr
