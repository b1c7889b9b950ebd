"""Tasks that wait, are begun again, overtaken, handed back or given up: the rows decide, whatever was tried before."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest
from sqlalchemy import update

from limner import quotas, tasks
from limner.accounts import by_name, prioritise
from limner.admission import new_task
from limner.catalog import Catalogue, Fields
from limner.credentials import Caller
from limner.db.schema import tasks as table
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


def cut_off(tx: Transaction, made: Acquired, model: str, crashes: int, node: str = "a node of the past") -> str:
    """Write what a process leaves that dies in the middle of a task: a hold and a row without an end."""
    account = by_name(tx, made.account)
    assert account is not None
    caller = Caller(account_id=account.id, application_id="a", credential_id=made.credential_id, scopes=frozenset())
    known = Catalogue.load().resolve("limner-illustrator")
    request = known.request(Fields(prompt="calm", size="64x64"), [])
    task = new_task(caller, known, request, trace_id="t", node=node)
    task = msgspec.structs.replace(task, model=model, crashes=crashes)
    quotas.hold(tx, quotas.lock(tx, account.id), task.id, cost=task.hold, images=1, limits=quotas.Limits())
    tasks.insert(tx, task)
    return task.id


def begun_again(patient: Live) -> None:
    """Do what a node does at its start and then every few seconds; it may just have been done."""
    patient.run(patient.services.generations.take_back([]))
    patient.run(patient.services.generations.refuse_unoffered())


@pytest.mark.parametrize(
    ("model", "crashes", "status", "last", "words"),
    [
        ("limner-illustrator", 0, "completed", "settle", ""),
        ("limner-illustrator", 1, "completed", "settle", ""),
        ("limner-illustrator", 2, "failed", "release", "cut off too often"),
        ("a-model-of-the-past", 0, "failed", "release", "no longer on offer"),
    ],
)
def test_what_a_dead_process_left_is_brought_to_an_end(
    patient: Live, made: Acquired, model: str, crashes: int, status: str, last: str, words: str
) -> None:
    task_id = patient.write(cut_off, made, model, crashes)
    begun_again(patient)
    ended = until_finished(patient, made, task_id)
    assert ended["status"] == status
    assert words in str(ended["response"])
    assert patient.read(movements, made.account) == ["grant", "hold", last]
    assert ("interrupted" in [event["kind"] for event in ended["events"]]) == (crashes < 2)


def elsewhere(tx: Transaction, task_id: str) -> None:
    """Let another node have begun the task."""
    values = {"attempt": 2, "status": "in_progress", "node": "another", "started_at": 1}
    tx.run(update(table).where(table.c.id == task_id).values(**values))


@pytest.mark.parametrize("mood", ["held", "held fail:api_error"])
def test_an_attempt_that_was_overtaken_counts_for_nothing(patient: Live, made: Acquired, mood: str) -> None:
    task_id = later(patient, made, prompt=mood)
    patient.write(elsewhere, task_id)
    patient.run(opened(engine(patient)))
    patient.run(settled(patient, task_id))
    assert record(patient, made, task_id)["finished_at"] is None
    assert patient.read(movements, made.account) == ["grant", "hold"]
    begun_again(patient)
    assert until_finished(patient, made, task_id)["events"][-1]["kind"] in {"completed", "failed"}
    assert patient.read(movements, made.account)[2:] in (["settle"], ["release"])


async def settled(patient: Live, task_id: str) -> None:
    """Wait until this process works on the task no more."""
    while task_id in patient.services.generations.running:  # noqa: ASYNC110 - nobody tells of it
        await asyncio.sleep(0)


def test_a_queued_task_that_somebody_else_has_begun_is_left_alone(patient: Live, made: Acquired) -> None:
    first = later(patient, made, prompt="held")
    second = later(patient, made, prompt="calm")
    patient.write(elsewhere, second)
    patient.run(opened(engine(patient)))
    assert until_finished(patient, made, first)["status"] == "completed"
    assert record(patient, made, second)["finished_at"] is None
    begun_again(patient)
    assert until_finished(patient, made, second)["status"] == "completed"


def test_a_task_that_its_own_node_has_lost_track_of_is_put_back(patient: Live, made: Acquired) -> None:
    task_id = patient.write(cut_off, made, "limner-illustrator", 0, patient.services.node.id)
    assert patient.run(patient.services.generations.take_back([])) == 0
    assert patient.run(patient.services.generations.hand_back(3600.0)) == 0
    assert patient.run(patient.services.generations.hand_back()) == 1
    ended = until_finished(patient, made, task_id)
    assert [event["kind"] for event in ended["events"]] == ["created", "handed_back", "begun", "completed"]


def test_a_stopping_server_cancels_what_takes_too_long_and_keeps_its_row(patient: Live, made: Acquired) -> None:
    first = later(patient, made, prompt="held")
    second = later(patient, made, prompt="calm")
    patient.run(patient.services.dispatcher.drain(0.01))
    assert record(patient, made, first)["finished_at"] is None
    patient.run(opened(engine(patient)))
    assert until_finished(patient, made, second)["status"] == "completed"  # its slot is free
    assert patient.run(patient.services.generations.hand_back()) == 1
    assert until_finished(patient, made, first)["status"] == "completed"
    assert record(patient, made, first)["events"][1]["kind"] == "handed_back"


def test_a_cancelled_task_is_left_alone_by_whoever_works_on_it(patient: Live, made: Acquired) -> None:
    first = later(patient, made, prompt="held")
    headers = {"authorization": f"Bearer {made.key}"}
    answer = httpx.post(f"{patient.url}/v1/tasks/{first}/cancel", headers=headers)
    assert answer.json()["status"] == "cancelled"
    patient.run(settled(patient, first))
    second = later(patient, made, prompt="calm")
    assert until_finished(patient, made, second)["status"] == "completed"
    assert patient.read(movements, made.account) == ["grant", "hold", "release", "hold", "settle"]


def test_accounts_take_turns_and_priority_goes_first(patient: Live, made: Acquired) -> None:
    others = [patient.acquire() for _ in range(2)]
    patient.write(prioritise, others[1].account, 1)
    held = later(patient, made, prompt="held")
    counts = zip([made, *others], [4, 2, 2], strict=True)
    mine_, theirs, urgent = ([later(patient, who, prompt="calm") for _ in range(count)] for who, count in counts)
    owners = {task: who for who, found in zip([made, *others], (mine_, theirs, urgent), strict=True) for task in found}
    waiting = {task: record(patient, who, task)["queue_position"] for task, who in owners.items()}
    expected = [*urgent, mine_[0], theirs[0], mine_[1], theirs[1], mine_[2], mine_[3]]
    assert sorted(waiting, key=lambda task: waiting[task]) == expected
    patient.run(opened(engine(patient)))
    ended = [until_finished(patient, owners.get(task, made), task) for task in expected]
    starts = [one["started_at"] for one in ended]
    assert starts == sorted(starts)
    assert until_finished(patient, made, held)["status"] == "completed"


def test_whoever_waits_for_the_answer_goes_before_those_who_do_not(patient: Live, made: Acquired) -> None:
    later(patient, made, prompt="held")
    background = later(patient, made, prompt="calm")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(post, patient, patient.acquire(), prompt="calm")
        while record(patient, made, background)["queue_position"] != 1:
            pass
        patient.run(opened(engine(patient)))
        assert len(waiting.result().json()["data"]) == 1
    assert until_finished(patient, made, background)["status"] == "completed"
