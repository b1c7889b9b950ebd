"""The engine with upstreams, against a scripted one that misbehaves on cue (`tests/upstreams.py`)."""

from __future__ import annotations

import asyncio
import io
import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from limner.addresses import parse_networks
from limner.engines.base import Called, Given, Job, Setup, Step, Tokens
from limner.engines.openai_images import OpenAIImages
from limner.errors import (
    ApiError,
    ApiNotImplemented,
    BadRequest,
    LimnerError,
    ModerationBlocked,
    RequestTooLarge,
    Timeout,
    TooManyRequests,
    UpstreamError,
)
from limner.outbound import Outbound
from limner.room import Room
from tests.upstreams import picture, upstream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.upstreams import Other

NOBODY = "http://127.0.0.1:9/v1"
B64 = {"response_format": "b64_json"}
CARD = picture(64, 64)
GIVEN = Given(data=CARD, content_type="image/png", width=64, height=64)


@pytest.fixture(scope="module")
def other() -> Iterator[Other]:
    with upstream() as running:
        yield running


@asynccontextmanager
async def engine(
    other: Other, *routes: dict[str, Any], setup: dict[str, Any] | None = None, **upstreams: dict[str, Any]
) -> AsyncIterator[OpenAIImages]:
    """An engine for the model `m`, by default with the way to the server `a` alone, of the family limner."""
    given = [{"upstream": "a", "model": "x", "family": "limner"} | route for route in routes or ({},)]
    names = {route["upstream"] for route in given}
    tables = {name: {"url": other.url(name)} | upstreams.get(name, {}) for name in names}
    made = OpenAIImages(
        Setup(**{"models": {"m": {"upstreams": given}}, "upstreams": tables} | (setup or {})), chance=random.Random(1)
    )
    try:
        yield made
    finally:
        await made.close()


def job(prompt: str = "a red fox", **more: Any) -> Job:
    told: dict[str, Any] = {"prompt": prompt, "width": 64, "height": 64, "seed": 7, "model": "m"}
    return Job(**told | more)


class Story:
    """What an engine tells of a job."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def __call__(self, step: Step) -> None:
        self.steps.append(step)

    @property
    def calls(self) -> list[tuple[str, str, int | None]]:
        told = [step.call for step in self.steps if step.call is not None]
        return [(call.upstream, call.outcome, call.status) for call in told]

    @property
    def last(self) -> Called:
        return [step.call for step in self.steps if step.call is not None][-1]


def quiet(step: Step) -> None:
    """Nobody listens."""


TWO: tuple[dict[str, Any], ...] = ({}, {"upstream": "b", "priority": 1})


async def failure(other: Other, prompt: str, *routes: dict[str, Any], **more: Any) -> tuple[LimnerError, Story]:
    """What a prompt's cues lead to, and the story of it."""
    story = Story()
    async with engine(other, *(routes or TWO), **more) as made:
        with pytest.raises(LimnerError) as raised:
            await made.generate(job(prompt), story)
    return raised.value, story


async def test_a_picture_comes_as_it_is_with_what_was_counted(other: Other) -> None:
    story = Story()
    async with engine(other, a={"key": "env:LIMNER_TEST_UNSET", "headers": {"x-team": "blue"}}) as made:
        with pytest.raises(UpstreamError, match="has no key"):
            await made.generate(job(), story)
        health = await made.check()
        assert (health.ok, health.detail) == (False, "a: no key: LIMNER_TEST_UNSET is not set")
    async with engine(other, a={"headers": {"x-team": "blue"}}) as made:
        came = await made.generate(job("a quiet fox", user="ann"), story)
    assert came.data == picture(64, 64, 7)
    assert (came.content_type, came.width, came.height, came.warnings) == ("image/png", 64, 64, ())
    assert (came.version, came.origin, came.revised_prompt) == ("a x", None, "A test card, as it was asked for.")
    assert came.usage == Tokens(input_text=20, input_image=10, output_image=1000)
    (call,) = other.asked("a quiet fox")
    assert (call.path, call.headers["x-team"]) == ("/a/v1/images/generations", "blue")
    assert "authorization" not in call.headers
    assert call.fields == {
        "model": "x",
        "prompt": "a quiet fox",
        "size": "64x64",
        "seed": 7,
        "quality": "standard",
        "response_format": "b64_json",
        "user": "ann",
    }
    assert story.calls[-1] == ("a", "ok", 200)


@pytest.mark.parametrize(
    ("model", "more", "expected", "warned"),
    [
        (
            "dall-e-3",
            {"asked_quality": "high", "quality": "hd", "style": "natural"},
            {"quality": "hd", "style": "natural", **B64},
            [],
        ),
        ("dall-e-3", {"asked_quality": "low", "quality": "low"}, {"quality": "standard", **B64}, ["quality"]),
        ("dall-e-2", {"asked_quality": "hd", "quality": "hd"}, B64, ["quality"]),
        (
            "gpt-image-1",
            {"style": "natural", "moderation": "low", "background": "transparent"},
            {"quality": "medium", "moderation": "low", "background": "transparent"},
            ["style"],
        ),
        ("gpt-image-1", {"asked_quality": "hd", "quality": "hd"}, {"quality": "high", "background": "opaque"}, []),
        ("flux", {"style": "natural", "moderation": "auto"}, {"seed": 7, **B64}, ["style"]),
    ],
)
async def test_each_family_is_asked_in_its_own_words(
    other: Other, model: str, more: dict[str, Any], expected: dict[str, Any], warned: list[str]
) -> None:
    prompt = f"words of {model} {sorted(more.items())}"
    async with engine(other, {"model": model, "family": None}) as made:
        came = await made.generate(job(prompt, **more), quiet)
    (call,) = other.asked(prompt)
    assert call.fields == {"model": model, "prompt": prompt, "size": "64x64"} | expected
    assert [warning.param for warning in came.warnings] == warned


async def test_a_table_renames_maps_drops_and_fixes(other: Other) -> None:
    parameters = {
        "seed": "noise",
        "user": False,
        "size": {"name": "resolution", "values": {"64x64": "64"}},
        "quality": {"name": "steps", "values": {"standard": 4, "hd": 8}},
        "style": {"values": {"vivid": "loud"}},
        "output_format": True,
    }
    options = {"upstreams": [{"upstream": "a", "model": "flux"}], "parameters": parameters, "fixed": {"lora": "ink"}}
    async with engine(other, setup={"models": {"m": options}}) as made:
        with pytest.raises(ApiNotImplemented) as raised:
            await made.generate(job("renamed", output_format="webp", user="ann"), quiet)
    assert raised.value.param == "output_format"
    (call,) = other.asked("renamed")
    del call.fields["model"], call.fields["prompt"], call.fields["response_format"]
    assert call.fields == {
        "noise": 7,
        "resolution": "64",
        "steps": 4,
        "style": "loud",
        "output_format": "webp",
        "lora": "ink",
    }


async def test_azure_is_asked_by_deployment_version_and_its_own_header(
    other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMNER_TEST_KEY", "azure-secret")
    table = {"url": other.origin + "/a", "key": "env:LIMNER_TEST_KEY", "dialect": "azure", "api_version": "2025-04-01"}
    async with engine(other, {"model": "dall-e-3", "deployment": "ours", "family": None}, a=table) as made:
        assert (await made.check()).ok
        await made.generate(job("azure"), quiet)
    (call,) = other.asked("azure")
    assert call.path == "/a/openai/deployments/ours/images/generations?api-version=2025-04-01"
    assert call.headers["api-key"] == "azure-secret"
    assert "authorization" not in call.headers
    assert "model" not in call.fields


async def test_an_edit_is_a_form_with_its_pictures_and_mask(other: Other) -> None:
    async with engine(other, {"model": "gpt-image-1", "family": None}) as made:
        await made.generate(
            job("edited", operation="edit", images=(GIVEN,) * 2, mask=CARD, input_fidelity="high"), quiet
        )
        await made.generate(job("edited once", operation="edit", images=(GIVEN,)), quiet)
        with pytest.raises(ApiNotImplemented) as raised:
            await made.generate(job("", operation="vary", images=(GIVEN,)), quiet)
    assert raised.value.param == "model"
    two, one = other.asked("edited")
    assert two.path == "/a/v1/images/edits"
    assert two.files == [
        ("image[]", "image-0.png", "image/png", CARD),
        ("image[]", "image-1.png", "image/png", CARD),
        ("mask", "mask.png", "image/png", CARD),
    ]
    assert two.fields["input_fidelity"] == "high"
    assert [name for name, *_ in one.files] == ["image"]


async def test_a_variation_has_a_picture_and_no_prompt(other: Other) -> None:
    async with engine(other, {"model": "dall-e-2", "family": None, "parameters": {"image": "picture"}}) as made:
        await made.generate(job(operation="vary", images=(GIVEN,), user="varying"), quiet)
    (call,) = other.asked("varying")
    assert call.path == "/a/v1/images/variations"
    assert call.files == [("picture", "image-0.png", "image/png", CARD)]
    assert "prompt" not in call.fields


@pytest.mark.parametrize(
    ("model", "more", "param"),
    [
        ("dall-e-3", {"output_format": "webp"}, "output_format"),
        ("dall-e-3", {"background": "transparent"}, "background"),
        ("dall-e-3", {"operation": "edit", "images": (GIVEN,)}, "model"),
        ("dall-e-2", {"operation": "edit", "images": (GIVEN, GIVEN)}, "image"),
        ("flux", {"operation": "edit", "images": (GIVEN,), "input_fidelity": "high"}, "input_fidelity"),
    ],
)
async def test_what_no_way_offers_is_refused_and_not_dropped(
    other: Other, model: str, more: dict[str, Any], param: str
) -> None:
    async with engine(other, {"model": model, "family": None}) as made:
        with pytest.raises(ApiNotImplemented) as raised:
            await made.generate(job(**more), quiet)
    assert raised.value.param == param


async def test_the_way_that_offers_it_is_taken(other: Other) -> None:
    story = Story()
    ways = (
        {"model": "dall-e-3", "family": None},
        {"upstream": "b", "model": "gpt-image-1", "family": None, "priority": 9},
    )
    async with engine(other, *ways) as made:
        came = await made.generate(job(background="transparent"), story)
    assert story.calls == [("b", "ok", 200)]
    assert Image.open(io.BytesIO(came.data)).convert("RGBA").getpixel((0, 0))[3] == 0  # type: ignore[index]


async def test_links_to_the_upstream_itself_are_followed_and_sloppy_base64_is_read(other: Other) -> None:
    async with engine(other, {"parameters": {"output_compression": False}}) as made:
        for cue in ("a:url", "a:dataurl", "a:loose"):
            came = await made.generate(job(f"linked {cue}"), quiet)
            assert came.data == picture(64, 64, 7)


async def test_a_link_to_another_private_place_is_refused(other: Other) -> None:
    outbound = Outbound(parse_networks(""))
    elsewhere = other.origin.replace("127.0.0.1", "localhost")
    route = {"fixed": {"link": elsewhere}}
    try:
        async with engine(other, route, setup={"outbound": outbound}) as made:
            with pytest.raises(UpstreamError, match="leads nowhere") as raised:
                await made.generate(job("a:url"), quiet)
        async with engine(other, route, a={"origins": (elsewhere,)}) as made:
            assert (await made.generate(job("a:url"), quiet)).data == picture(64, 64, 7)
    finally:
        await outbound.close()
    assert raised.value.headers["x-should-retry"] == "false"


async def test_20_mb_of_base64_and_a_wrong_size_come_with_a_warning_and_take_room(other: Other) -> None:
    room = Room()
    async with engine(other, setup={"room": room}) as made:
        came = await made.generate(job("a:big+wrongsize"), quiet)
        assert len(came.data) > 20_000_000
        assert room.used == len(came.data)
    assert (came.width, came.height) == (128, 64)
    (warning,) = came.warnings
    assert (warning.param, "128x64 came instead of 64x64" in warning.message) == ("size", True)
    del came
    assert room.used == 0


async def test_several_come_in_one_call_or_in_as_many_as_it_takes(other: Other) -> None:
    async with engine(other, {"model": "gpt-image-1", "family": None}) as made:
        many = await made.generate_several(job("three at once", n=3), quiet)
        fewer = await made.generate_several(job("a:fewer only one", n=3), quiet)
        sound = await made.generate_several(job("a:noise one is none", n=3), quiet)
    assert [len(many), len(fewer), len(sound)] == [3, 1, 2]
    counted = [one.usage for one in many if one.usage is not None]
    assert [usage.output_image for usage in counted] == [334, 333, 333]
    assert [call.fields["n"] for call in other.asked("three at once")] == [3]
    story = Story()
    async with engine(other, {"model": "dall-e-3", "family": None}) as made:
        assert len(await made.generate_several(job("first:500 one by one", n=3), story)) == 2
        with pytest.raises(ModerationBlocked):
            await made.generate_several(job("a:refuse", n=2), quiet)
    assert len(other.asked("one by one")) == 3
    fractions = [step.fraction for step in story.steps]
    assert fractions == sorted(fractions)


@pytest.mark.parametrize("cue", ["", "a:odd"])
async def test_pictures_under_way_are_passed_on_as_they_come(other: Other, cue: str) -> None:
    story = Story()
    async with engine(other, {"model": "gpt-image-1", "family": None}) as made:
        came = await made.generate(job(f"{cue} streamed", partial_images=2), story)
    previews = [step for step in story.steps if step.preview is not None]
    assert [step.preview for step in previews] == [picture(64, 64)] * 2
    assert [round(step.fraction, 2) for step in previews] == [0.33, 0.67]
    assert (came.data, came.usage) == (picture(64, 64), Tokens(input_text=20, input_image=10, output_image=1000))
    assert other.asked("streamed")[-1].fields["stream"] is True


@pytest.mark.parametrize(
    ("cue", "kind"),
    [
        ("broken", UpstreamError),
        ("flat", ModerationBlocked),
        ("inside", UpstreamError),
        ("late-refuse", ModerationBlocked),
        ("empty", UpstreamError),
    ],
)
async def test_a_stream_that_ends_badly_is_an_error_and_final(other: Other, cue: str, kind: type[LimnerError]) -> None:
    error, story = await failure(other, f"a:sse+{cue}")
    assert type(error) is kind
    assert len(story.calls) == 1


@pytest.mark.parametrize("cue", ["refuse", "oldrefuse", "late-refuse"])
async def test_a_refusal_stays_one_and_nobody_else_is_asked(other: Other, cue: str) -> None:
    error, story = await failure(other, f"a:{cue}")
    assert isinstance(error, ModerationBlocked)
    assert error.policy == "a"
    assert [(upstream, outcome) for upstream, outcome, _ in story.calls] == [("a", "moderation_blocked")]


@pytest.mark.parametrize("cue", ["500", "502", "503", "404", "401", "403", "spent", "429=60"])
async def test_another_is_asked_where_nothing_was_billed(other: Other, cue: str) -> None:
    story = Story()
    async with engine(other, *TWO) as made:
        assert (await made.generate(job(f"a:{cue}"), story)).version == "b x"
    status = {"spent": 429, "429=60": 429}.get(cue) or int(cue)
    assert [call[0::2] for call in story.calls] == [("a", status), ("b", 200)]


@pytest.mark.parametrize(
    ("cue", "kind"),
    [
        ("hangup", UpstreamError),
        ("cut", UpstreamError),
        ("garbage", UpstreamError),
        ("empty", UpstreamError),
        ("inside", UpstreamError),
        ("noise", UpstreamError),
        ("torn", UpstreamError),
        ("torn a:dataurl", UpstreamError),
        ("nowhere", UpstreamError),
        ("504", Timeout),
        ("502+retry=false", UpstreamError),
        ("late=9", Timeout),
    ],
)
async def test_nobody_is_asked_again_where_something_may_have_been_billed(
    other: Other, cue: str, kind: type[LimnerError]
) -> None:
    table = {"timeout": 0.2} if "late" in cue else {}
    error, story = await failure(other, f"a:{cue}", a=table)
    assert type(error) is kind
    assert error.headers == {"x-should-retry": "false"}
    assert "not charged" in error.message
    assert [(upstream, outcome) for upstream, outcome, _ in story.calls] == [("a", error.code)]


@pytest.mark.parametrize(
    ("cue", "kind", "param"),
    [
        ("badsize", BadRequest, "size"),
        ("unoffered", ApiNotImplemented, "background"),
        ("unknown", UpstreamError, None),
        ("413", RequestTooLarge, None),
    ],
)
async def test_what_is_wrong_with_the_request_is_told_with_its_parameter(
    other: Other, cue: str, kind: type[LimnerError], param: str | None
) -> None:
    error, story = await failure(other, f"a:{cue}", {"fixed": B64}, TWO[1])
    assert (type(error), error.param) == (kind, param)
    assert len(story.calls) == 1


async def test_our_key_is_in_no_message_and_not_the_clients_fault(
    other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMNER_TEST_KEY", "very-secret")
    error, story = await failure(other, "a:401", {}, a={"key": "env:LIMNER_TEST_KEY"})
    assert (error.status, error.headers) == (502, {})
    assert "very-secret" not in f"{error.message}{story.last.detail}"
    assert other.asked("a:401")[-1].headers["authorization"] == "Bearer very-secret"
    async with engine(other, {"upstream": "shut"}) as made:
        assert (await made.check()).detail == "shut: does not accept the key"


async def test_who_cannot_be_reached_is_passed_over_and_after_a_while_not_asked(other: Other) -> None:
    now = 1000.0
    story = Story()
    tables: dict[str, dict[str, Any]] = {"a": {"url": NOBODY, "failures": 2}, "b": {"url": other.url("b")}}
    ways = [{"upstream": name, "model": "x", "priority": rank} for rank, name in enumerate(tables)]
    made = OpenAIImages(Setup(models={"m": {"upstreams": ways}}, upstreams=tables), clock=lambda: now)
    for _ in range(3):
        assert (await made.generate(job(), story)).version == "b x"
    assert [call[0] for call in story.calls] == ["a", "b", "a", "b", "b"]
    health = await made.check()
    assert (health.ok, health.detail) == (True, "a: failed 2 times, is tried again in 10 s; b: well")
    await made.close()


async def test_when_nobody_is_well_it_is_told_when_to_come_again(other: Other) -> None:
    async with engine(other, a={"url": NOBODY, "failures": 1}) as made:
        assert "could not be connected" in (await made.check()).detail
        with pytest.raises(UpstreamError, match="cannot be reached"):
            await made.generate(job(), quiet)
        with pytest.raises(UpstreamError, match="No upstream of 'm' is well") as raised:
            await made.generate(job(), quiet)
        assert not (await made.check()).ok
    assert raised.value.headers["retry-after"] == "10"


async def test_a_short_wait_is_waited_and_a_long_one_is_told(other: Other) -> None:
    story = Story()
    async with engine(other) as made:
        await made.generate(job("first:429=0.05"), story)
        assert [call[2] for call in story.calls] == [429, 200]
        with pytest.raises(TooManyRequests) as raised:
            await made.generate(job("a:429=90"), quiet)
        with pytest.raises(TooManyRequests):
            await made.generate(job("not asked while it rests"), quiet)
    assert raised.value.headers["retry-after"] in {"89", "90"}
    assert other.asked("not asked while") == []


async def test_no_more_calls_at_once_than_allowed_and_the_rest_go_elsewhere(other: Other) -> None:
    story = Story()
    async with engine(other, *TWO, a={"concurrency": 1}) as made:
        assert made.slots == 1001
        await asyncio.gather(*(made.generate(job("at once delay:0.1"), story) for _ in range(3)))
    assert sorted(call[0] for call in story.calls) == ["a", "b", "b"]


async def test_who_gets_no_turn_in_time_was_billed_nothing(other: Other) -> None:
    story = Story()
    async with engine(other, a={"concurrency": 1}, setup={"seconds": 0.2}) as made:
        await made._upstreams["a"].turn()
        with pytest.raises(Timeout, match="had no time") as raised:
            await made.generate(job("no turn"), story)
    assert (raised.value.headers, story.calls, other.asked("no turn")) == ({}, [], [])


async def test_a_model_that_is_no_more_and_one_without_upstreams(other: Other) -> None:
    async with engine(other) as made:
        with pytest.raises(ApiError, match="No upstream is known"):
            await made.generate(job(model="gone"), quiet)
    empty = OpenAIImages(Setup())
    assert (empty.slots, (await empty.check()).ok) == (1, True)
