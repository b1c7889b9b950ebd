"""The engine with a tiny model in a real child process, which is killed, cancelled and asked for its health."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from limner.engines.base import Job, Setup, Step
from limner.engines.diffusion import Diffusion
from limner.errors import ApiError, ApiNotImplemented
from tests.pipelines import near, pipelines

if TYPE_CHECKING:
    from pathlib import Path

    from limner.engines.base import Picture


def job(**more: Any) -> Job:
    told: dict[str, Any] = {"prompt": "a fox", "width": 64, "height": 64, "seed": 1, "model": "house"} | more
    return Job(**told)


def quiet(step: Step) -> None:
    """Progress that nobody watches."""


def pid(engine: Diffusion) -> int:
    (worker,) = engine._models["house"]._pool.workers
    assert worker.pid is not None
    return worker.pid


async def well(engine: Diffusion) -> str:
    while not (health := await engine.check()).ok:
        assert "still starting" in health.detail  # and it has waited a second
    return health.detail


async def painting(engine: Diffusion) -> asyncio.Task[Picture]:
    """Give the engine a long job and return as soon as it is being painted."""
    at_it = asyncio.Event()

    def tell(step: Step) -> None:
        if step.stage == "painting" and step.fraction:
            at_it.set()

    task = asyncio.create_task(engine.generate(job(quality="hd"), tell))
    await asyncio.wait_for(at_it.wait(), 120)
    return task


async def test_a_model_in_its_process_from_its_start_to_its_end() -> None:
    """One test, for starting is the dear part: health, cancelling between steps, kill -9 in the middle, the end."""
    table = {
        "model": str(pipelines() / "sd"),
        "steps": {"low": 2, "standard": 2, "hd": 60},
        "max_batch": 2,
        "threads": 1,
    }
    engine = Diffusion(Setup(models={"house": table}))
    await engine.start()
    detail = await well(engine)
    assert detail.startswith("house: Stable Diffusion, ")
    assert " on cpu in " in detail or " on cuda in " in detail
    assert engine.slots == 2

    first = pid(engine)
    task = await painting(engine)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    one, two = await asyncio.gather(engine.generate(job(), quiet), engine.generate(job(prompt="a boat"), quiet))
    assert pid(engine) == first  # it left the cancelled job by itself

    task = await painting(engine)
    os.kill(first, signal.SIGKILL)
    assert (await task).width == 64  # tried once more, by another process
    assert pid(engine) != first
    assert (await engine.check()).ok
    again = [await engine.generate(job(prompt=prompt), quiet) for prompt in ("a fox", "a boat")]
    assert [near(made.data, before.data) for made, before in zip(again, (one, two), strict=True)] == [True, True]

    last = pid(engine)
    await engine.close()
    with pytest.raises(ProcessLookupError):
        os.kill(last, 0)


async def test_models_that_cannot_be_are_told_of_and_their_jobs_fail(tmp_path: Path) -> None:
    engine = Diffusion(Setup(folder=tmp_path, models={"house": {"model": "owner/name"}, "other": {}}))
    await engine.start()
    health = await engine.check()
    assert not health.ok
    assert "run `limner pull owner/name`" in health.detail
    assert "missing required field `model`" in health.detail
    for name in ("house", "other"):
        with pytest.raises(ApiError, match="not charged"):
            await engine.generate(job(model=name), quiet)
    with pytest.raises(ApiNotImplemented) as refusal:
        await engine.generate(job(background="transparent"), quiet)
    assert refusal.value.param == "background"
    (worker,) = engine._models["house"]._pool.workers
    await worker.start()
    assert "run `limner pull owner/name`" in (worker.problem or "")
    await engine.close()
    assert (await Diffusion(Setup()).check()).ok
