"""What every engine owes its caller (`limner.engines.base.Engine`), asked of each one in the registry."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from PIL import Image

from limner.engines import ENGINES
from limner.engines.base import Job, Picture, Setup, Step
from limner.errors import ApiNotImplemented, LimnerError
from tests.pipelines import pipelines

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from limner.engines.base import Engine

in_one_loop = pytest.mark.asyncio(loop_scope="module")
PROMPT = "a red fox beside a blue boat"
SIZES = [(64, 64), (256, 256), (321, 97), (96, 333)]
WEIRD = [
    "",
    " \t\n ",
    "\0\x1b[31m\x07",
    "🦊" * 40,
    "half a fox \ud83e",
    "żółć 狐狸 キツネ ثعلب שועל \u202egnp.exe",
    "<svg onload=alert(1)>&amp;{{7*7}}%s%n../../etc/passwd'; DROP TABLE tasks; --",
    '"' * 99,
    'a sign that says "' + "W" * 300,
    "-1 apples, 0 pears, 99999999999999999999 plums and " + "1e308 " * 9,
    "not not not without no never " * 20,
    "left of right of above below " * 20,
    "a cat " * 3000,
    "x" * 32_000,
    "a\u0301" * 500,
]


@pytest_asyncio.fixture(scope="module", params=list(ENGINES), loop_scope="module")
async def engine(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    """One engine for the whole file: starting is the dear part."""
    made = ENGINES[request.param](Setup(workers=1, models=models(request.param)))
    await made.start()
    yield made
    await made.close()


def models(engine: str) -> dict[str, dict[str, object]]:
    """Give the options of the model that an engine is judged by, where it needs one."""
    if engine != "diffusion":
        return {}
    return {"": {"model": str(pipelines() / "sd"), "steps": {"low": 2, "standard": 2, "hd": 2}, "threads": 1}}


def job(**more: object) -> Job:
    told = {"prompt": PROMPT, "width": 128, "height": 128, "seed": 7, "quality": "low"}
    return Job(**(told | more))  # type: ignore[arg-type]


def quiet(step: Step) -> None:
    """Progress that nobody watches."""


def image(picture: Picture) -> Image.Image:
    read = Image.open(io.BytesIO(picture.data))
    read.load()
    return read


@pytest.mark.parametrize("size", SIZES, ids=str)
@in_one_loop
async def test_the_pixels_are_exactly_those_asked_for(engine: Engine, size: tuple[int, int]) -> None:
    picture = await engine.generate(job(width=size[0], height=size[1]), quiet)
    assert image(picture).size == size == (picture.width, picture.height)


@in_one_loop
async def test_the_same_job_gives_the_same_bytes(engine: Engine) -> None:
    first, second = [await engine.generate(job(), quiet) for _ in range(2)]
    assert first == second


@in_one_loop
async def test_another_seed_gives_another_picture(engine: Engine) -> None:
    pictures = [await engine.generate(job(seed=seed), quiet) for seed in (0, 1, 2**31 - 1, 2**53)]
    assert len({picture.data for picture in pictures}) == 4


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
@in_one_loop
async def test_the_content_type_is_that_of_the_bytes(engine: Engine, output_format: str) -> None:
    try:
        picture = await engine.generate(job(output_format=output_format, output_compression=80), quiet)
    except ApiNotImplemented as refusal:
        assert (refusal.param, output_format != "png") == ("output_format", True)  # noqa: PT017
    else:
        assert picture.content_type == f"image/{output_format}" == Image.MIME[image(picture).format or ""]


@pytest.mark.parametrize("output_format", ["png", "webp"])
@in_one_loop
async def test_a_transparent_background_is_transparent_where_it_can_be(engine: Engine, output_format: str) -> None:
    try:
        picture = await engine.generate(job(background="transparent", output_format=output_format), quiet)
    except ApiNotImplemented as refusal:
        assert refusal.param in {"output_format", "background"}  # noqa: PT017
    else:
        lowest, highest = image(picture).convert("RGBA").getchannel("A").getextrema()
        assert (lowest, highest) == (0, 255)


@in_one_loop
async def test_an_opaque_background_is_opaque(engine: Engine) -> None:
    assert image(await engine.generate(job(), quiet)).convert("RGBA").getchannel("A").getextrema() == (255, 255)


@pytest.mark.parametrize("quality", ["low", "standard", "hd"])
@pytest.mark.parametrize("style", ["vivid", "natural"])
@in_one_loop
async def test_every_quality_and_style_is_taken(engine: Engine, quality: str, style: str) -> None:
    assert image(await engine.generate(job(quality=quality, style=style), quiet)).size == (128, 128)


@in_one_loop
async def test_progress_rises_from_0_to_1(engine: Engine) -> None:
    steps: list[tuple[str, float]] = []
    await engine.generate(job(), lambda step: steps.append((step.stage, step.fraction)))
    fractions = [fraction for _, fraction in steps]
    assert fractions == sorted(fractions)
    assert fractions[0] >= 0
    assert fractions[-1] == 1
    assert all(stage for stage, _ in steps)


@pytest.mark.parametrize("wanted", [0, 1, 2, 3])
@in_one_loop
async def test_previews_are_pictures_of_the_size_and_no_more_than_wanted(engine: Engine, wanted: int) -> None:
    steps: list[Step] = []
    picture = await engine.generate(job(partial_images=wanted, width=160, height=96), steps.append)
    previews = [Image.open(io.BytesIO(step.preview)) for step in steps if step.preview is not None]
    assert len(previews) <= wanted
    assert all((preview.size, preview.format) == ((160, 96), "PNG") for preview in previews)
    assert picture == await engine.generate(job(width=160, height=96), quiet)


@in_one_loop
async def test_a_cancelled_job_leaves_the_engine_usable(engine: Engine) -> None:
    for patience in (0, 1, 3):
        task = asyncio.create_task(engine.generate(job(prompt=f"{PROMPT} delay:9", width=512, height=512), quiet))
        for _ in range(patience):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (await engine.generate(job(), quiet)).data


@in_one_loop
async def test_a_job_cancelled_in_the_middle_leaves_the_engine_usable(engine: Engine) -> None:
    at_it = asyncio.Event()
    work = engine.generate(job(prompt=f"{PROMPT} delay:9", width=512, height=512), lambda *_: at_it.set())
    task = asyncio.create_task(work)
    await asyncio.wait_for(at_it.wait(), 30)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert (await engine.generate(job(), quiet)).data


@in_one_loop
async def test_more_jobs_than_slots_all_get_done(engine: Engine) -> None:
    jobs = [job(seed=seed, width=64, height=64) for seed in range(min(4, 2 * engine.slots))]
    pictures = await asyncio.gather(*(engine.generate(one, quiet) for one in jobs))
    again = [await engine.generate(one, quiet) for one in jobs]
    assert pictures == again


@pytest.mark.parametrize("prompt", WEIRD, ids=range(len(WEIRD)))
@in_one_loop
async def test_a_weird_prompt_gives_a_picture_or_an_error_of_the_catalogue(engine: Engine, prompt: str) -> None:
    try:
        assert image(await engine.generate(job(prompt=prompt, width=64, height=64), quiet)).size == (64, 64)
    except LimnerError as refusal:
        assert refusal.default_status < 500  # noqa: PT017  a prompt is never our fault


@in_one_loop
async def test_what_is_said_of_a_picture_fits_it(engine: Engine) -> None:
    picture = await engine.generate(job(), quiet)
    assert picture.revised_prompt or engine.name == "diffusion"  # which paints a prompt as it is
    for subject in (picture.scene or {"subjects": []})["subjects"]:
        x0, y0, x1, y1 = subject["box"]
        assert 0 <= x0 < x1 <= 128
        assert 0 <= y0 < y1 <= 128


@in_one_loop
async def test_it_knows_its_name_and_its_health(engine: Engine) -> None:
    health = await engine.check()
    assert engine.name in ENGINES
    assert engine.slots >= 1
    assert (health.ok, bool(health.detail)) == (True, True)


@pytest.mark.parametrize("name", ENGINES)
@in_one_loop
async def test_closing_may_be_repeated_and_needs_no_start(name: str) -> None:
    unused = ENGINES[name](Setup())
    await unused.close()
    await unused.close()


def test_the_serving_process_never_loads_what_computes_with_pixels() -> None:
    ran = subprocess.run([sys.executable, "-c", SERVING], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.split() == ["True", "[]"]


SERVING = """
import asyncio, sys
from limner.engines import ENGINES
from limner.engines.base import Job, Setup

async def main():
    engine = ENGINES["illustrator"](Setup(workers=1))
    await engine.start()
    picture = await engine.generate(Job(prompt="an apple", width=64, height=64, seed=1), lambda *_: None)
    await engine.close()
    print(picture.data[:4] == b"\\x89PNG", sorted({"numpy", "cv2", "PIL", "resvg"} & sys.modules.keys()))

asyncio.run(main())
"""
