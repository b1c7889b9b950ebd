"""Five hundred tasks while processes are killed with -9: all are completed, once, paid for once, and told of once."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import httpx
import msgspec
from sqlalchemy import func, select

from limner.acquire import acquire
from limner.catalog import Catalogue
from limner.db import migrate, transaction
from limner.db.schema import deliveries, events, ledger, tasks
from limner.quotas import audit
from tests.databases import fresh
from tests.e2e.test_server import LIMNER, Server
from tests.receivers import Receiver, receiving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TASKS, PRICE, GRANT = 500, 1000, 5_000_000
ROUNDS, KILLS = 80, 3
"""The most times anything is killed, and how many tasks must have been cut off for the proof to be one."""

OTHERS = [name for name in Catalogue.load().models if name != "limner-sandbox"]
PRUNED = "\n".join(f'[models."{name}"]\nenabled = false' for name in OTHERS)
CATALOGUE = f"""
default = "limner-sandbox"
{PRUNED}
[models.limner-sandbox]
slots = 8
[models.limner-sandbox.prices]
low = [[16777216, {PRICE}]]
standard = [[16777216, {PRICE}]]
hd = [[16777216, {PRICE}]]
"""


def settings(folder: Path, url: str) -> dict[str, str]:
    """What every process of a scene is given."""
    (folder / "models.toml").write_text(CATALOGUE)
    return dict(os.environ) | {
        "LIMNER_DATA": str(folder),
        "LIMNER_DATABASE_URL": url,
        "LIMNER_MODELS": str(folder / "models.toml"),
        "LIMNER_WORKERS": "1",
        "LIMNER_REQUESTS_PER_MINUTE": "0",
        "LIMNER_IMAGES_PER_MINUTE": "0",
        "LIMNER_CONCURRENT_IMAGES": "0",
        "LIMNER_CALLBACK_NETWORKS": "127.0.0.0/8",
        "LIMNER_CALLBACK_SCHEDULE": "0,0.5,0.5,1,1,2,2",
        "LIMNER_LOG_LEVEL": "error",
    }


@contextmanager
def process(environment: dict[str, str], *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run `limner WORDS`; it is killed at the end if it still runs."""
    started = subprocess.Popen([*LIMNER, *words], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def key_for(url: str) -> str:
    migrate.upgrade(url)
    with transaction(url) as tx:
        return acquire(tx, "chaos", free_credits=GRANT).key


def submit(base: str, key: str, hook: str, number: int) -> str:
    """Post one task until a server has taken it; the Idempotency-Key makes the repeats safe."""
    body = {"model": "limner-sandbox", "prompt": "delay:0.15", "size": "64x64", "callback_url": hook, "seed": number}
    headers = {"authorization": f"Bearer {key}", "idempotency-key": f"chaos-{number}"}
    while True:
        try:
            answer = httpx.post(f"{base}/v1/images/generations", json=body, headers=headers, timeout=20)
        except httpx.TransportError:
            threading.Event().wait(0.05)  # to knock without a pause would only delay its start
            continue
        if answer.status_code == 409:
            return str(answer.headers["x-task-id"])
        assert answer.status_code == 200, answer.text
        task_id: str = answer.json()["task_id"]
        return task_id


def judge(url: str, receiver: Receiver, accepted: list[str]) -> None:
    """Every task is completed and paid for once, and every callback has come under one id."""
    assert len(set(accepted)) == TASKS
    with transaction(url) as tx:
        rows = {row["id"]: row["status"] for row in tx.all(select(tasks.c.id, tasks.c.status))}
        booked = tx.one(select(func.sum(ledger.c.amount).label("sum")))
        told = tx.all(select(deliveries.c.id, deliveries.c.task_id, deliveries.c.status))
        cut = tx.all(select(events.c.id).where(events.c.kind == "interrupted"))
        assert audit(tx) == []
    assert len(cut) >= KILLS
    assert rows == dict.fromkeys(accepted, "completed")
    assert booked is not None
    assert booked["sum"] == GRANT - TASKS * PRICE
    assert {row["status"] for row in told} == {"delivered"}
    names: dict[str, set[str]] = defaultdict(set)
    for delivery in receiver.deliveries:
        body = msgspec.json.decode(delivery.body)
        assert body["success"] is True
        names[body["task_id"]].add(delivery.headers["webhook-id"])
    assert {task: {name} for task, name in ((row["task_id"], row["id"]) for row in told)} == names


def arrived(receiver: Receiver, count: int, seconds: float) -> bool:
    """Wait so long, or until so many callbacks have come; whether they have."""
    with receiver._news:
        return receiver._news.wait_for(lambda: len(receiver.deliveries) >= count, seconds)


def all_told(url: str) -> bool:
    """Whether nothing is left to do: the last answer of a receiver may not have been written down yet."""
    with transaction(url) as tx:
        left = tx.one(select(func.count().label("n")).where(tasks.c.finished_at.is_(None)))
        pending = tx.one(select(func.count().label("n")).where(deliveries.c.status == "pending"))
    return not (left or {})["n"] and not (pending or {})["n"]


def worker(stack: ExitStack, environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start a worker and wait until it says so: one that is killed before it could work proves nothing."""
    started = stack.enter_context(process(environment, "worker", "--models", "limner-sandbox"))
    assert started.stdout is not None
    assert "paints limner-sandbox" in started.stdout.readline()
    return started


def test_a_fleet_whose_workers_are_killed_loses_nothing(tmp_path: Path) -> None:
    dice = random.Random(4)
    with ExitStack() as stack:
        url = stack.enter_context(fresh("postgresql", tmp_path))
        key, environment = key_for(url), settings(tmp_path, url) | {"LIMNER_PORT": "0"}
        receiver = stack.enter_context(receiving())
        server = Server(stack.enter_context(process(environment, "serve", "--models", "none")))
        painters = [worker(stack, environment) for _ in range(2)]
        pool, hook = stack.enter_context(ThreadPoolExecutor(8)), receiver.url("/ok")
        posted = [pool.submit(submit, server.url, key, hook, number) for number in range(TASKS)]
        for _ in range(ROUNDS):
            if arrived(receiver, TASKS, dice.uniform(2, 5)) and all_told(url):
                break
            unlucky = dice.randrange(len(painters))
            painters[unlucky].kill()
            painters[unlucky] = worker(stack, environment)
        judge(url, receiver, [one.result() for one in posted])


def test_a_server_that_is_killed_ten_times_loses_nothing(tmp_path: Path) -> None:
    dice = random.Random(5)
    with ExitStack() as stack:
        url = stack.enter_context(fresh("sqlite", tmp_path))
        key, receiver = key_for(url), stack.enter_context(receiving())
        environment = settings(tmp_path, url) | {"LIMNER_PORT": str(free_port())}
        base = f"http://127.0.0.1:{environment['LIMNER_PORT']}"
        pool = stack.enter_context(ThreadPoolExecutor(4))
        hook = receiver.url("/ok")
        posted = [pool.submit(submit, base, key, hook, number) for number in range(TASKS)]
        for _ in range(10):
            with process(environment, "serve") as serving:
                Server(serving)
                arrived(receiver, TASKS, dice.uniform(0.3, 2.0))
        with process(environment, "serve") as serving:
            Server(serving)
            accepted = [one.result() for one in posted]
            while not all_told(url):
                arrived(receiver, TASKS * TASKS, 0.2)
        judge(url, receiver, accepted)
