"""The pool with workers that are real processes; what they do for a picture is a stand-in (`stand_in.py`)."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from limner.engines.base import Job, Step
from limner.engines.base.processes import Pool
from limner.errors import ApiError, ModerationBlocked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

STAND_IN = (sys.executable, str(Path(__file__).with_name("stand_in.py")))


def quiet(step: Step) -> None:
    """Progress that nobody watches."""


def job(prompt: str) -> Job:
    return Job(prompt=prompt, width=64, height=64, seed=1)


@asynccontextmanager
async def pool(workers: int = 1, *arguments: str, grace: float = 20, patience: float = 20) -> AsyncIterator[Pool]:
    made = Pool(workers, (*STAND_IN, *arguments), grace, patience)
    try:
        yield made
    finally:
        await made.close()


def pids(pool: Pool) -> set[int]:
    return {worker.pid for worker in pool.workers if worker.pid is not None}


def alive(pid: int) -> bool:
    """Say whether there is such a process; a zombie counts."""
    return Path(f"/proc/{pid}").exists()


def running(pid: int) -> bool:
    """Say whether there is such a process and it is no zombie, which would be its new parent's affair."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


async def gone(pid: int) -> None:
    while running(pid):  # noqa: ASYNC110  what we wait for is another process
        await asyncio.sleep(0.01)


async def until(true: asyncio.Event) -> None:
    await asyncio.wait_for(true.wait(), 20)


async def started(pool: Pool, prompt: str) -> asyncio.Task[object]:
    """Give the pool a job and return as soon as a worker is at it."""
    at_it = asyncio.Event()
    task: asyncio.Task[object] = asyncio.create_task(pool.run(job(prompt), lambda *_: at_it.set()))
    await until(at_it)
    return task


async def test_a_job_runs_in_another_process_and_tells_its_progress() -> None:
    steps: list[tuple[str, float]] = []
    async with pool() as one:
        picture = await one.run(job("apple"), lambda step: steps.append((step.stage, step.fraction)))
        assert picture.data == b"%d apple" % next(iter(pids(one)))
        assert (picture.width, picture.height) == (64, 64)
    assert steps == [("reading", 0.25), ("painting", 0.75)]


async def test_nothing_is_started_before_it_is_needed() -> None:
    async with pool(2) as two:
        assert not pids(two)
        two.start()
        await asyncio.gather(*(worker.start() for worker in two.workers))
        assert len(pids(two)) == 2


async def test_jobs_are_served_in_the_order_they_came() -> None:
    served: list[int] = []

    async def one_job(pool: Pool, number: int) -> None:
        await pool.run(job(str(number)), quiet)
        served.append(number)

    async with pool() as one:
        await asyncio.gather(*(one_job(one, number) for number in range(12)))
    assert served == list(range(12))


async def test_workers_work_at_the_same_time() -> None:
    async with pool(2) as two:
        tasks = [await started(two, "hang") for _ in range(2)]
        assert len(pids(two)) == 2
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def test_large_pictures_arrive_whole() -> None:
    async with pool() as one:
        assert len((await one.run(job("big"), quiet)).data) == 8_000_000


async def test_an_error_of_the_catalogue_comes_through_and_the_worker_stays() -> None:
    async with pool() as one:
        with pytest.raises(ModerationBlocked) as refusal:
            await one.run(job("refuse"), quiet)
        before = pids(one)
        assert refusal.value.param == "prompt"
        await one.run(job("apple"), quiet)
        assert pids(one) == before


async def test_a_bug_is_an_api_error_and_the_worker_stays() -> None:
    async with pool() as one:
        with pytest.raises(ApiError, match="on our side"):
            await one.run(job("bug"), quiet)
        before = pids(one)
        await one.run(job("apple"), quiet)
        assert pids(one) == before


async def test_what_libraries_print_does_not_reach_the_pool() -> None:
    async with pool() as one:
        assert (await one.run(job("odd"), quiet)).data.endswith(b"odd")


async def test_a_job_whose_worker_dies_is_tried_once_more(tmp_path: Path) -> None:
    fractions: list[float] = []
    async with pool() as one:
        prompt = f"die-once {tmp_path / 'died'}"
        picture = await one.run(job(prompt), lambda step: fractions.append(step.fraction))
        assert picture.data.endswith(prompt.encode())
    assert fractions == [0.25, 0.25, 0.75]


async def test_a_job_that_kills_every_worker_fails_and_the_pool_goes_on() -> None:
    async with pool() as one:
        with pytest.raises(ApiError):
            await one.run(job("die"), quiet)
        assert (await one.run(job("apple"), quiet)).data.endswith(b"apple")


async def test_a_worker_killed_at_work_is_replaced() -> None:
    async with pool() as one:
        task = await started(one, "hang")
        first = next(iter(pids(one)))
        os.kill(first, signal.SIGKILL)
        while pids(one) <= {first}:  # noqa: ASYNC110  what we wait for is another process
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])
        assert (await one.run(job("apple"), quiet)).data.endswith(b"apple")


async def test_a_worker_killed_in_its_sleep_is_replaced() -> None:
    async with pool() as one:
        await one.run(job("apple"), quiet)
        (worker,) = one.workers
        os.kill(next(iter(pids(one))), signal.SIGKILL)
        assert (await one.run(job("pear"), quiet)).data.endswith(b"pear")
        assert worker.ended
        (fresh,) = one.workers
        os.kill(next(iter(pids(one))), signal.SIGKILL)
        while not fresh.ended:  # noqa: ASYNC110  what we wait for is another process
            await asyncio.sleep(0.01)
        assert (await one.run(job("plum"), quiet)).data.endswith(b"plum")


async def test_starting_again_replaces_the_dead_and_leaves_the_living() -> None:
    async with pool(2) as two:
        two.start()
        dead, living = two.workers
        await asyncio.gather(dead.start(), living.start())
        os.kill(dead.pid or 0, signal.SIGKILL)
        while not dead.ended:  # noqa: ASYNC110  what we wait for is another process
            await asyncio.sleep(0.01)
        two.start()
        assert dead not in two.workers
        assert living in two.workers
        assert len(two.workers) == 2


async def test_cancelling_a_job_leaves_its_worker_warm() -> None:
    """The worker notices at its next step; the next job waits for that, not for a new worker."""
    async with pool() as one:
        task = await started(one, "steps")
        before = pids(one)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await one.run(job("apple"), quiet)).data.endswith(b"apple")
        assert pids(one) == before


async def test_cancelling_again_and_again_keeps_the_worker() -> None:
    async with pool() as one:
        before: set[int] = set()
        for _ in range(3):
            task = await started(one, "steps")
            before = before or pids(one)
            task.cancel()
            await asyncio.wait([task])
            waiting = asyncio.create_task(one.run(job("pear"), quiet))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])
        assert (await one.run(job("apple"), quiet)).data.endswith(b"apple")
        assert pids(one) == before


async def test_a_job_goes_to_a_free_worker_rather_than_to_one_that_is_leaving() -> None:
    async with pool(2) as two:
        two.start()
        await asyncio.gather(*(worker.start() for worker in two.workers))
        task = await started(two, "hang")
        task.cancel()
        await asyncio.wait([task])
        assert (await two.run(job("apple"), quiet)).data.endswith(b"apple")


async def test_a_worker_that_does_not_leave_a_cancelled_job_is_stopped_and_the_pool_goes_on() -> None:
    async with pool(patience=0.05) as one:
        task = await started(one, "hang")
        before = next(iter(pids(one)))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await one.run(job("apple"), quiet)).data.endswith(b"apple")
        await asyncio.wait_for(gone(before), 20)


async def test_cancelling_a_job_that_waits_leaves_the_worker_alone() -> None:
    async with pool() as one:
        waiting = asyncio.create_task(one.run(job("apple"), quiet))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        (worker,) = one.workers
        assert (await one.run(job("pear"), quiet)).data.endswith(b"pear")
        assert one.workers == {worker}


async def test_a_worker_that_cannot_start_says_why_and_fails_the_job() -> None:
    async with pool(1, "broken") as one:
        with pytest.raises(ApiError, match="on our side"):
            await one.run(job("apple"), quiet)
        (worker,) = one.workers
        await worker.start()
        assert worker.problem == "FileNotFoundError: no art pack"


@pytest.mark.parametrize("manner", ["dead", "odd"])
async def test_a_worker_that_dies_or_babbles_at_the_start_fails_the_job(manner: str) -> None:
    async with pool(1, manner) as one:
        with pytest.raises(ApiError):
            await one.run(job("apple"), quiet)


async def test_a_command_that_is_not_there_fails_the_job() -> None:
    nowhere = Pool(1, ("/nowhere/python",))
    with pytest.raises(ApiError):
        await nowhere.run(job("apple"), quiet)
    await nowhere.close()


async def test_closing_ends_all_workers_and_fails_what_runs() -> None:
    async with pool(2) as two:
        task = await started(two, "hang")
        await two.run(job("apple"), quiet)
        everyone = pids(two)
        await two.close()
        with pytest.raises(ApiError, match="shutting down"):
            await task
        assert not any(alive(pid) for pid in everyone)
        await two.close()
        with pytest.raises(ApiError, match="shutting down"):
            await two.run(job("apple"), quiet)


async def test_closing_does_not_wait_for_workers_that_are_starting() -> None:
    async with pool(1, "dumb") as one:
        task = asyncio.create_task(one.run(job("apple"), quiet))
        await asyncio.sleep(0)
        await one.close()
        with pytest.raises(ApiError):
            await task


async def test_workers_die_with_their_parent() -> None:
    """The parent is killed in the middle of a job, so nothing of it gets to tidy up."""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", ORPHANED, *STAND_IN, stdout=PIPE)
    told, _ = await asyncio.wait_for(parent.communicate(), 60)
    assert parent.returncode == -signal.SIGKILL
    await asyncio.wait_for(gone(int(told)), 20)


async def test_a_worker_that_ignores_the_end_of_its_input_is_killed() -> None:
    async with pool(1, "stubborn", grace=0.05) as one:
        one.start()
        (worker,) = one.workers
        await worker.start()
        assert not worker.ended
        await one.close()
        assert worker.ended


ORPHANED = """
import asyncio, os, signal, sys
from limner.engines.base import Job, Step
from limner.engines.base.processes import Pool

async def main():
    pool = Pool(1, sys.argv[1:])
    def doomed(*_):
        print(*(worker.pid for worker in pool.workers), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    await pool.run(Job(prompt="hang", width=64, height=64, seed=1), doomed)

asyncio.run(main())
"""
