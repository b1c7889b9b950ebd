"""Tasks that wait, are begun again, overtaken or given up: the rows decide, whatever became of the first attempt."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest
from sqlalchemy import update

from limner import quotas, tasks
from limner.accounts import by_name
from limner.catalog import Catalogue, Fields
from limner.credentials import Caller
from limner.db.schema import tasks as table
from limner.generations import _new_task
from limner.settings import Settings
from tests.conftest import serving
from tests.databases import DIALECTS, migrated
from tests.test_generations import Moody, post, until_finished

if TYPE_CHECKING:
    from collections.abc import Iterator

    from limner.acquire import Acquired
    from limner.db import Transaction
    from tests.conftest import Live


@pytest.fixture(scope="module", params=DIALECTS)
def patient(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server with one slot and an engine that can be held."""
    folder = tmp_path_factory.mktemp("patient")
    with migrated(request.param, folder) as url:
        settings = Settings(data=str(folder), database_url=url, log_level="error", sync_limit=20.0)
        with serving(settings, engines={"sandbox": Moody, "illustrator": Moody}) as live:
            yield live


@pytest.fixture
def made(patient: Live) -> Acquired:
    engine(patient).gate = asyncio.Event()
    return patient.acquire()


def engine(patient: Live) -> Moody:
    found = patient.services.engines["illustrator"]
    assert isinstance(found, Moody)
    return found


async def opened(moody: Moody) -> None:
    """Open the gate for all who wait at it and all who will, until the next test."""
    moody.gate.set()


def later(patient: Live, made: Acquired, **body: Any) -> str:
    whole: dict[str, Any] = {"async": True} | body
    task_id: str = post(patient, made, **whole).json()["task_id"]
    return task_id


def record(patient: Live, made: Acquired, task_id: str) -> dict[str, Any]:
    answer = httpx.get(f"{patient.url}/v1/tasks/{task_id}", headers={"authorization": f"Bearer {made.key}"})
    found: dict[str, Any] = answer.json()
    return found


def movements(tx: Transaction, name: str) -> list[str]:
    account = by_name(tx, name)
    assert account is not None
    assert account.balance == sum(row["amount"] for row in quotas.entries(tx, account.id))
    return [row["kind"] for row in quotas.entries(tx, account.id)]


def test_tasks_wait_their_turn(patient: Live, made: Acquired) -> None:
    first = later(patient, made, prompt="held")
    second, third = (later(patient, made, prompt="calm") for _ in range(2))
    waiting = record(patient, made, second)
    assert (waiting["status"], waiting["started_at"], waiting["response"]) == ("queued", None, None)
    patient.run(opened(engine(patient)))
    ended = [until_finished(patient, made, task) for task in (first, second, third)]
    assert [one["status"] for one in ended] == ["completed"] * 3
    assert ended[1]["started_at"] <= ended[2]["started_at"]


def cut_off(tx: Transaction, made: Acquired, model: str, attempt: int) -> str:
    """Write what a process leaves that dies in the middle of a task: a hold and a row without an end."""
    account = by_name(tx, made.account)
    assert account is not None
    caller = Caller(account_id=account.id, application_id="a", credential_id=made.credential_id, scopes=frozenset())
    known = Catalogue.load().resolve("limner-illustrator")
    request = known.request(Fields(prompt="calm", size="64x64"), [])
    task = _new_task(caller, known, request, begun=True, trace_id="t", key=None, fingerprint=None)
    task = msgspec.structs.replace(task, model=model, attempt=attempt)
    quotas.hold(tx, account.id, task.id, cost=task.hold, images=1, limits=quotas.Limits())
    tasks.insert(tx, task)
    return task.id


@pytest.mark.parametrize(
    ("model", "attempt", "status", "last"),
    [
        ("limner-illustrator", 1, "completed", "settle"),
        ("limner-illustrator", 3, "failed", "release"),
        ("a-model-of-the-past", 1, "failed", "release"),
    ],
)
def test_what_a_dead_process_left_is_brought_to_an_end(
    patient: Live, made: Acquired, model: str, attempt: int, status: str, last: str
) -> None:
    task_id = patient.write(cut_off, made, model, attempt)
    assert patient.run(patient.services.generations.resume()) == 1
    ended = until_finished(patient, made, task_id)
    assert ended["status"] == status
    assert patient.read(movements, made.account) == ["grant", "hold", last]
    again = [event["detail"]["attempt"] for event in ended["events"] if event["kind"] == "begun_again"]
    assert again == ([2] if status == "completed" else [])


def overtake(tx: Transaction, task_id: str) -> None:
    tx.run(update(table).where(table.c.id == task_id).values(attempt=2))


@pytest.mark.parametrize("mood", ["held", "held fail:api_error"])
def test_an_attempt_that_was_overtaken_counts_for_nothing(patient: Live, made: Acquired, mood: str) -> None:
    task_id = later(patient, made, prompt=mood)
    patient.write(overtake, task_id)
    patient.run(opened(engine(patient)))
    patient.run(patient.services.dispatcher.drain(20))
    assert record(patient, made, task_id)["finished_at"] is None
    assert patient.read(movements, made.account) == ["grant", "hold"]
    assert patient.run(patient.services.generations.resume()) == 1
    assert until_finished(patient, made, task_id)["events"][-1]["kind"] in {"completed", "failed"}
    assert patient.read(movements, made.account)[2:] in (["settle"], ["release"])


def test_a_queued_task_that_somebody_else_has_begun_is_left_alone(patient: Live, made: Acquired) -> None:
    first = later(patient, made, prompt="held")
    second = later(patient, made, prompt="calm")
    patient.write(overtake, second)
    patient.run(opened(engine(patient)))
    patient.run(patient.services.dispatcher.drain(20))
    assert record(patient, made, first)["status"] == "completed"
    assert record(patient, made, second)["finished_at"] is None
    assert patient.run(patient.services.generations.resume()) == 1
    assert until_finished(patient, made, second)["status"] == "completed"


def test_a_stopping_server_cancels_what_takes_too_long_and_keeps_its_row(patient: Live, made: Acquired) -> None:
    first = later(patient, made, prompt="held")
    second = later(patient, made, prompt="calm")
    patient.run(patient.services.dispatcher.drain(0.01))
    assert record(patient, made, first)["finished_at"] is None
    assert patient.run(patient.services.generations.resume()) == 2
    patient.run(opened(engine(patient)))
    assert [until_finished(patient, made, task)["status"] for task in (first, second)] == ["completed"] * 2
