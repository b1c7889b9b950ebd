"""Several nodes on one PostgreSQL database: who takes a request need not be who paints it, and nobody minds a death."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import psycopg
import pytest
from procrastinate import App, PsycopgConnector
from sqlalchemy import select, text, update

from limner import tasks
from limner.db.schema import tasks as table
from limner.dispatch.fleet import TASK
from limner.settings import Settings
from tests.api.test_bad_input import check
from tests.conftest import serving
from tests.databases import migrated
from tests.test_generations import Moody, post, until_finished
from tests.test_restart import engine, later, opened, record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from limner.acquire import Acquired
    from limner.db import Transaction
    from tests.conftest import Live

JOBS = text("SELECT id, status, queue_name, priority, args FROM procrastinate_jobs ORDER BY id")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with migrated("postgresql", tmp_path_factory.mktemp("fleet")) as made:
        yield made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared")


def node(stack: ExitStack, url: str, folder: Path, **more: Any) -> Live:
    settings = Settings(data=str(folder), database_url=url, log_level="error", sync_limit=30.0, drain=0.2)
    settings = msgspec.structs.replace(settings, **more)
    return stack.enter_context(serving(settings, engines={"sandbox": Moody, "illustrator": Moody}))


@pytest.fixture(scope="module")
def fleet(url: str, folder: Path) -> Iterator[tuple[Live, Live]]:
    """A node that only takes requests, and one that paints one picture at a time."""
    with ExitStack() as stack:
        yield node(stack, url, folder, paints="none"), node(stack, url, folder)


@pytest.fixture
def desk(fleet: tuple[Live, Live]) -> Live:
    return fleet[0]


@pytest.fixture
def painter(fleet: tuple[Live, Live]) -> Live:
    engine(fleet[1]).gate = asyncio.Event()
    return fleet[1]


@pytest.fixture
def made(desk: Live) -> Acquired:
    return desk.acquire()


def jobs(tx: Transaction) -> list[Any]:
    return tx.all(JOBS)


def test_a_node_without_engines_answers_with_what_another_has_painted(
    desk: Live, painter: Live, made: Acquired
) -> None:
    assert desk.services.engines == {}
    answer = post(desk, made, prompt="calm", n=2)
    assert len(answer.json()["data"]) == 2
    task = desk.read(tasks.find, account_of(desk, answer), answer.headers["x-task-id"])
    assert task.node == painter.services.node.id
    failed = post(desk, made, prompt="calm fail:moderation_blocked")
    check(failed, 400, "moderation_blocked", None)


def account_of(live: Live, answer: httpx.Response) -> str:
    row = live.read(owner, answer.headers["x-task-id"])
    return str(row)


def owner(tx: Transaction, task_id: str) -> str:
    row = tx.one(select(table.c.account_id).where(table.c.id == task_id))
    assert row is not None
    return str(row["account_id"])


def test_the_job_is_deferred_in_the_transaction_of_the_row(desk: Live, painter: Live, made: Acquired) -> None:
    later(painter, made, prompt="held")
    second, third = (later(desk, made, prompt="calm") for _ in range(2))
    found = desk.read(jobs)
    assert [row["queue_name"] for row in found] == ["limner-illustrator"] * 2
    assert [row["args"] for row in found] == [{"task_id": second}, {"task_id": third}]
    assert found[0]["priority"] > found[1]["priority"]
    with pytest.raises(ZeroDivisionError):
        desk.write(enqueued_and_undone, desk.services.dispatcher.enqueue)
    assert len(desk.read(jobs)) == 2
    painter.run(opened(engine(painter)))
    assert until_finished(desk, made, third)["status"] == "completed"


def enqueued_and_undone(tx: Transaction, enqueue: tasks.Enqueue) -> None:
    enqueue(tx, "t", "limner-illustrator", 0)
    raise ZeroDivisionError


def test_cancelling_at_one_node_stops_the_work_at_another(desk: Live, painter: Live, made: Acquired) -> None:
    task = later(painter, made, prompt="held")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(post, desk, made, prompt="calm")
        headers = {"authorization": f"Bearer {made.key}"}
        assert httpx.post(f"{desk.url}/v1/tasks/{task}/cancel", headers=headers).json()["status"] == "cancelled"
        assert len(waiting.result().json()["data"]) == 1


def test_progress_at_one_node_is_seen_at_another(desk: Live, painter: Live, made: Acquired) -> None:
    task = later(painter, made, prompt="held delay:0.2")
    headers = {"authorization": f"Bearer {made.key}"}
    seen = []
    with httpx.stream("GET", f"{desk.url}/v1/tasks/{task}/events", headers=headers, timeout=30) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                seen.append(json.loads(line.removeprefix("data: ")))
            if len(seen) == 1:
                painter.run(opened(engine(painter)))
    assert [frame["type"] for frame in seen if frame["type"] != "status"] == [*["progress"] * 4, "completed"]
    assert [frame["fraction"] for frame in seen if frame["type"] == "progress"] == [0, 0.25, 0.5, 0.75]


def test_limits_hold_over_all_nodes(desk: Live, painter: Live, url: str, folder: Path) -> None:
    with ExitStack() as stack:
        strict = [node(stack, url, folder, paints="none", concurrent_images=2) for _ in range(2)]
        made = strict[0].acquire()
        held = [later(live, made, prompt="held") for live in strict]
        for live in strict:
            check(post(live, made, prompt="calm"), 429, "too_many_requests", None)
        painter.run(opened(engine(painter)))
        assert [until_finished(desk, made, task)["status"] for task in held] == ["completed"] * 2


def test_what_a_stopping_node_has_drawn_or_begun_is_done_by_another(
    desk: Live, painter: Live, made: Acquired, url: str, folder: Path
) -> None:
    later(painter, made, prompt="held")
    queued = later(desk, made, prompt="calm")
    with ExitStack() as stack:
        short_lived = node(stack, url, folder)
        begun = later(short_lived, made, prompt="held")
        drawn = later(desk, made, prompt="calm")
        assert record(desk, made, begun)["status"] == "in_progress"
    assert record(desk, made, begun)["status"] == "queued"
    painter.run(opened(engine(painter)))
    ended = [until_finished(desk, made, task) for task in (queued, begun, drawn)]
    assert [one["status"] for one in ended] == ["completed"] * 3
    assert "handed_back" in [event["kind"] for event in ended[1]["events"]]


async def drawn_by_a_dead_worker(url: str) -> None:
    """Let a worker draw the next ticket and die at once, before it could begin anything."""
    app = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=1))
    async with app.open_async():
        worker = await app.job_manager.register_worker()
        assert await app.job_manager.fetch_job(queues=["dead-letter"], worker_id=worker) is not None
        await app.job_manager.unregister_worker(worker)


def test_a_ticket_that_died_with_its_worker_is_drawn_again(desk: Live, painter: Live, url: str) -> None:
    desk.write(deferred, desk.services.dispatcher.enqueue)
    painter.run(drawn_by_a_dead_worker(url))
    assert statuses(desk) == ["doing"]
    painter.run(painter.services.dispatcher.tend())
    assert statuses(desk) == ["todo"]
    painter.run(painter.services.dispatcher.tend())
    assert statuses(desk) == ["todo"]


def deferred(tx: Transaction, enqueue: tasks.Enqueue) -> None:
    enqueue(tx, "t", "dead-letter", 0)


def statuses(live: Live) -> list[str]:
    return [row["status"] for row in live.read(jobs) if row["queue_name"] == "dead-letter"]


def test_a_worker_that_lost_the_database_goes_on_when_it_is_back(
    desk: Live, painter: Live, made: Acquired, url: str
) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    while (answer := post(desk, made, prompt="calm")).status_code == 500:
        pass  # the first units may find their connection gone
    assert len(answer.json()["data"]) == 1


def test_the_dead_are_noticed_and_their_work_is_done(desk: Live, painter: Live, made: Acquired) -> None:
    task = later(painter, made, prompt="held")
    desk.write(belongs_to_the_dead, task)
    painter.run(opened(engine(painter)))
    ended = until_finished(desk, made, task)
    assert [event["kind"] for event in ended["events"]] == ["created", "interrupted", "begun", "completed"]
    assert TASK == "generation"


def belongs_to_the_dead(tx: Transaction, task_id: str) -> None:
    tx.run(update(table).where(table.c.id == task_id).values(node="dead", attempt=7))
