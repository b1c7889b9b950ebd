"""Which jobs go together into one order; the process is real, what it does for a picture a stand-in."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from limner.engines.base import Given, Job, Step
from limner.engines.base.frames import LARGEST
from limner.engines.base.machine import cores
from limner.engines.base.processes import Pool
from limner.engines.diffusion.batching import Batches
from limner.errors import ApiError, RequestTooLarge

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

STAND_IN = (sys.executable, str(Path(__file__).with_name("stand_in.py")))


def quiet(step: Step) -> None:
    """Progress that nobody watches."""


def job(prompt: str, **more: Any) -> Job:
    told: dict[str, Any] = {"prompt": prompt, "width": 64, "height": 64, "seed": 1} | more
    return Job(**told)


@asynccontextmanager
async def line(command: tuple[str, ...] = STAND_IN) -> AsyncIterator[Batches]:
    pool = Pool(1, command, name="stand-in")
    made = Batches(pool)
    yield made
    await pool.close()
    await made.close()


async def started(batches: Batches, *prompts: str) -> list[asyncio.Task[Any]]:
    """Give jobs to the line and return as soon as the first is under way."""
    at_it = asyncio.Event()
    tasks = [asyncio.create_task(batches.run(job(prompt), lambda *_: at_it.set())) for prompt in prompts]
    await asyncio.wait_for(at_it.wait(), 30)
    return tasks


async def test_jobs_of_one_shape_go_together_and_the_others_in_their_turn() -> None:
    heavy = Given(data=bytes(9_000_000), content_type="image/png", width=1, height=1)
    jobs = [
        job("a"), job("b", width=32), job("c"), job("d"), job("e", images=(heavy,), operation="edit"),
        job("f", images=(heavy,), operation="edit"),
    ]  # fmt: skip
    async with line() as batches:
        pictures = await asyncio.gather(*(batches.run(one, quiet) for one in jobs))
    assert [picture.data.decode() for picture in pictures] == ["a c", "b", "a c", "d", "e", "f"]
    assert [picture.width for picture in pictures] == [64, 32, 64, 64, 64, 64]


async def test_one_that_is_cancelled_leaves_the_other_and_when_all_are_the_order_is_left() -> None:
    async with line() as batches:
        one, other = await started(batches, "hang 1", "hang 2")
        waiting = asyncio.create_task(batches.run(job("waits", width=32), quiet))
        unwanted = asyncio.create_task(batches.run(job("unwanted"), quiet))
        one.cancel()
        unwanted.cancel()
        await asyncio.wait([one, unwanted])
        assert not other.done()
        other.cancel()
        await asyncio.wait([other])
        assert (await waiting).data == b"waits"


async def test_closing_fails_what_waits_and_what_runs() -> None:
    async with line() as batches:
        tasks = await started(batches, "hang 1", "hang 2", "waits")
    for task in tasks:
        with pytest.raises(ApiError, match="shutting down"):
            await task


async def test_a_process_that_does_not_come_up_fails_the_jobs() -> None:
    async with line(("/nowhere/python",)) as batches:
        with pytest.raises(ApiError):
            await batches.run(job("a"), quiet)


async def test_what_no_frame_holds_is_too_large() -> None:
    huge = Given(data=bytes(LARGEST), content_type="image/png", width=1, height=1)
    async with line() as batches:
        with pytest.raises(RequestTooLarge):
            await batches.run(job("a", images=(huge,)), quiet)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "50000 100000"}, 1),
        ({"cpu.max": "max 100000"}, cores(Path("/nowhere"))),
        ({"cpu/cpu.cfs_quota_us": "100000", "cpu/cpu.cfs_period_us": "100000"}, 1),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, cores(Path("/nowhere"))),
    ],
)
def test_a_containers_quota_counts_as_its_cores(tmp_path: Path, files: dict[str, str], expected: int) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert cores(tmp_path) == expected
