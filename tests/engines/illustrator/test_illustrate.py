"""From a job to a picture, and the worker around it, here in the test's own process."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from PIL import Image

from limner.engines.base import Job, Picture, Step, child, frames
from limner.engines.base.frames import At, Done, Failed, Message, Ready
from limner.engines.illustrator import Illustrator, worker
from limner.engines.illustrator.illustrate import illustrate
from limner.engines.illustrator.pack import ArtPack
from limner.errors import ApiError, ModerationBlocked
from tests.engines.illustrator.test_pool import STAND_IN

if TYPE_CHECKING:
    from limner.engines.base import Progress

SHOWN = ["sketch", "flat", "lit"]
FOXES = Job(prompt='two red foxes and a boat at the sea, a sign that says "AHOY"', width=256, height=192, seed=5)


@pytest.fixture(scope="module")
def pack() -> ArtPack:
    return ArtPack.open()


def quiet(step: Step) -> None:
    """Progress that nobody watches."""


def test_a_picture_comes_with_what_was_drawn_as_data(pack: ArtPack) -> None:
    picture = illustrate(FOXES, pack, quiet)
    scene = picture.scene
    assert scene is not None
    assert list(scene) == ["prompt", "revised_prompt", "size", "setting", "subjects", "text"]
    assert (scene["prompt"], scene["size"], scene["setting"]) == (FOXES.prompt, [256, 192], "beach")
    assert scene["revised_prompt"] == picture.revised_prompt
    assert scene["text"] == ["AHOY"]
    assert [one["name"] for one in scene["subjects"]].count("fox") == 2
    assert all(list(one) == ["name", "count", "colour", "box"] for one in scene["subjects"])
    assert {one["count"] for one in scene["subjects"]} == {1}
    assert msgspec.json.decode(msgspec.json.encode(scene)) == scene


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
def test_the_bytes_are_of_the_format_asked_for(pack: ArtPack, output_format: str) -> None:
    picture = illustrate(msgspec.structs.replace(FOXES, output_format=output_format), pack, quiet)
    with Image.open(io.BytesIO(picture.data)) as read:
        assert (read.format, read.size) == (output_format.upper(), (256, 192))


def test_progress_rises_to_one(pack: ArtPack) -> None:
    fractions: list[float] = []
    illustrate(FOXES, pack, lambda step: fractions.append(step.fraction))
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1


@pytest.mark.parametrize("style", ["", ", travel poster", ", transparent"])
def test_previews_come_as_sketch_flat_and_lit_and_grow_alike_to_the_picture(pack: ArtPack, style: str) -> None:
    background = "transparent" if "transparent" in style else "opaque"
    job = msgspec.structs.replace(FOXES, prompt=FOXES.prompt + style, partial_images=3, background=background)
    steps: list[Step] = []
    picture = illustrate(job, pack, steps.append)
    shown = [(step.stage, np.asarray(Image.open(io.BytesIO(step.preview)))) for step in steps if step.preview]
    assert [stage for stage, _ in shown] == SHOWN
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    last = np.asarray(Image.open(io.BytesIO(picture.data)).convert("RGB"), np.float32)
    apart = [np.abs(pixels[..., :3] - last).mean() for _, pixels in shown]
    assert all(pixels.shape == last.shape for _, pixels in shown)
    assert style or apart[0] > apart[1] > apart[2]


@pytest.mark.parametrize(
    ("wanted", "stages"), [(0, []), (1, ["flat"]), (2, ["sketch", "lit"]), (9, ["sketch", "flat", "lit"])]
)
def test_fewer_previews_are_the_telling_ones(pack: ArtPack, wanted: int, stages: list[str]) -> None:
    steps: list[Step] = []
    illustrate(msgspec.structs.replace(FOXES, partial_images=wanted), pack, steps.append)
    assert [step.stage for step in steps if step.preview] == stages


def orders(*bodies: bytes) -> child.Orders:
    made = child.Orders()
    for body in bodies:
        made.take(body)
    made.end()
    return made


def served(*bodies: bytes, make: child.Make | None = None) -> list[Message]:
    """Give what a worker answers to these frames, after it said that it is ready."""
    sink = io.BytesIO()
    assert (
        child.serve(orders(*bodies), sink, lambda: (Ready(""), child.each(make)) if make else worker.illustrator()) == 0
    )
    sink.seek(0)
    first, *answers = [frames.message(body) for body in frames.bodies(sink)]
    assert isinstance(first, Ready)
    return answers


def body(job: Job = FOXES) -> bytes:
    return frames.frame((job,))[frames.LENGTH :]


def test_the_worker_paints_what_the_function_paints(pack: ArtPack) -> None:
    *steps, done = served(body())
    assert all(isinstance(step, At) for step in steps)
    assert done == Done(illustrate(FOXES, pack, quiet))


def test_a_job_that_fails_is_answered_and_the_next_one_done(caplog: pytest.LogCaptureFixture) -> None:
    failures = [ModerationBlocked(param="prompt"), KeyError(FOXES.prompt)]

    def make(job: Job, progress: Progress) -> Picture:
        if failures:
            raise failures.pop(0)
        return Picture(data=b"", content_type="image/png", width=1, height=1)

    with caplog.at_level(logging.DEBUG):
        refused, broken, nonsense, done = served(body(), body(), b"\xc1", body(), make=make)
    assert refused == Failed("moderation_blocked", ModerationBlocked().message, "prompt")
    assert broken == nonsense == Failed("api_error", ApiError().message)
    assert isinstance(done, Done)
    assert "KeyError" in caplog.text
    assert "foxes" not in caplog.text


def test_a_worker_that_cannot_get_warm_says_why_and_ends() -> None:
    def warm() -> tuple[Ready, child.MakeAll]:
        raise OSError("no art pack")

    sink = io.BytesIO()
    assert child.serve(orders(body()), sink, warm) == 1
    sink.seek(0)
    assert [frames.message(body) for body in frames.bodies(sink)] == [Failed("api_error", "OSError: no art pack")]


def test_the_listener_hands_on_whole_frames_and_notices_the_end() -> None:
    book, ended = child.Orders(), []
    frame = frames.frame((FOXES,))
    child.listen(io.BytesIO(frame + frame + frame[:-1]), book, lambda: ended.append(True))
    assert (list(book), ended) == ([body(), body()], [True])
    assert frames.jobs(body()) == (FOXES,)


def test_a_job_that_is_not_wanted_any_more_is_left_at_its_next_step() -> None:
    steps: list[str] = []

    def make(job: Job, progress: Progress) -> Picture:
        for stage in ("compose", "backdrop"):
            progress(Step(stage, 0.5))
            steps.append(stage)
            if job.prompt == "unwanted" and stage == "compose":
                book.take(b"")
        return Picture(data=b"", content_type="image/png", width=1, height=1)

    book, sink = child.Orders(), io.BytesIO()
    book.take(body(msgspec.structs.replace(FOXES, prompt="unwanted")))
    assert child.serve(_ended(book), sink, lambda: (Ready(""), child.each(make))) == 0
    book.take(body())
    assert child.serve(_ended(book), sink, lambda: (Ready(""), child.each(make))) == 0
    sink.seek(0)
    told = [type(frames.message(one)).__name__ for one in frames.bodies(sink)]
    assert told == ["Ready", "At", "Failed", "Ready", "At", "At", "Done"]
    assert steps == ["compose", "compose", "backdrop"]


def _ended(book: child.Orders) -> child.Orders:
    book.end()
    return book


def test_a_frame_has_a_limit() -> None:
    with pytest.raises(ValueError, match="longer"):
        frames.frame((msgspec.structs.replace(FOXES, prompt="x" * frames.LARGEST),))


async def test_the_engine_says_how_it_is() -> None:
    engine = Illustrator(workers=2)
    while not (health := await engine.check()).ok:
        pass  # it waits a second by itself
    pack = ArtPack.open()
    assert health.ok
    assert f"art pack with {len(pack.names):,} drawings, {len(pack.fonts)} fonts" in health.detail
    await engine.close()
    assert not (await engine.check()).ok


@pytest.mark.parametrize(
    ("manner", "detail"),
    [
        (["broken"], "the workers do not start: FileNotFoundError: no art pack"),
        (["dumb"], "the workers are still starting"),
        ([], "1 worker, art pack with 3 drawings, 2 fonts"),
    ],
)
async def test_the_engine_says_what_ails_it(manner: list[str], detail: str) -> None:
    engine = Illustrator(workers=1, command=(*STAND_IN, *manner))
    assert (await engine.check()).detail == detail
    await engine.close()
