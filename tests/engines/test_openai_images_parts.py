"""The parts of the engine with upstreams that need no upstream: reading, choosing, and the operator's tables."""

from __future__ import annotations

import asyncio
import binascii
import io
import random
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from limner.catalog import Catalogue
from limner.engines.base import Setup, Tokens
from limner.engines.openai_images import OpenAIImages, answers, failures, options, routing
from limner.engines.openai_images.events import Event, Events
from limner.outbound import Unreachable
from limner.room import Room

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def encoded(kind: str, mode: str = "RGB", **more: Any) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (37, 21), 1).save(file, kind, **more)
    return file.getvalue()


STREAM = (
    b"\xef\xbb\xbf: hello\r\nevent: one\r\ndata: a\r\ndata:b\r\nid: 3\r\n\r\n\r\n"
    b"data: c\n\nevent: lost\n\nretry: 10\rdata:  d\r\revent: last\ndata\ndata: e"
)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_events_are_read_whatever_the_pieces(step: int) -> None:
    events = Events()
    pieces = (STREAM[start : start + step] for start in range(0, len(STREAM), step))
    found = [event for piece in pieces for event in events.feed(piece)]
    assert events.size > 0
    last = events.finish()
    assert [*found, last] == [Event("one", b"a\nb"), Event("", b"c"), Event("", b" d"), Event("last", b"\ne")]
    assert (events.size, events.finish()) == (0, None)


def test_a_breaker_opens_tries_and_rests_longer() -> None:
    breaker = routing.Breaker(2, 10.0)
    breaker.failed(0.0)
    breaker.succeeded()
    breaker.failed(0.0)
    assert (breaker.lets(0.0), breaker.state(0.0), breaker.opens_in(0.0)) == (True, None, 0.0)
    breaker.failed(0.0)
    assert [breaker.lets(at) for at in (0.0, 9.9, 10.0)] == [False, False, True]
    assert breaker.enter(10.0)
    assert not breaker.enter(10.0)
    breaker.left()
    assert breaker.enter(11.0)
    breaker.failed(11.0)
    assert [breaker.lets(at) for at in (30.9, 31.0)] == [False, True]
    for at in (100.0, 200.0, 400.0, 800.0, 1600.0):
        assert breaker.enter(at)
        breaker.failed(at)
    assert breaker.opens_in(1600.0) == routing.LONGEST_REST
    # those that were let through before it opened do not open it again
    breaker.failed(1700.0)
    assert breaker.opens_in(1700.0) == routing.LONGEST_REST - 100
    assert breaker.enter(2000.0)
    breaker.succeeded()
    assert breaker.state(2000.0) is None


def test_a_pace_gives_a_minutes_worth_and_then_one_by_one() -> None:
    pace = routing.Pace(2)
    for wait in (0.0, 0.0, 30.0, 60.0):
        assert pace.ready_in(100.0) == wait
        pace.take(100.0)
    free = routing.Pace(0)
    free.take(100.0)
    assert free.ready_in(100.0) == 0
    free.rest(100.0, 5.0)
    free.rest(100.0, 1.0)
    assert free.ready_in(103.0) == 2


class Standing:
    """An upstream as the choice sees it."""

    def __init__(self) -> None:
        self.breaker, self.pace, self.full = routing.Breaker(1, 10.0), routing.Pace(0), False


def ways(*ranks: tuple[str, int, float]) -> list[options.Route]:
    tables = {name: {"url": "http://x"} for name, _, _ in ranks}
    given = [{"upstream": name, "model": "x", "priority": rank, "weight": weight} for name, rank, weight in ranks]
    return options.routes({"upstreams": given}, "m", tables)


def test_the_choice_goes_by_who_can_then_priority_then_weight() -> None:
    routes = ways(("a", 0, 3), ("b", 0, 1), ("c", 1, 1))
    upstreams = {name: Standing() for name in "abc"}
    chance = random.Random(1)

    def chosen() -> str | None:
        route = routing.choose(routes, upstreams, 0.0, chance)
        return None if route is None else route.upstream

    found = [chosen() for _ in range(2000)]
    assert 1400 < found.count("a") < 1600
    assert found.count("a") + found.count("b") == 2000
    upstreams["a"].full = True
    upstreams["b"].pace.rest(0.0, 9.0)
    assert chosen() == "c"
    upstreams["c"].pace.rest(0.0, 3.0)
    assert chosen() == "a"
    upstreams["a"].breaker.failed(0.0)
    assert chosen() == "c"
    upstreams["b"].breaker.failed(0.0)
    upstreams["c"].breaker.failed(0.0)
    assert chosen() is None


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        (None, None),
        ("much", None),
        ({"total_tokens": 5}, None),
        ({"input_tokens": 5, "output_tokens": 7.0}, Tokens(input_text=5, output_image=7)),
        (
            {
                "input_tokens": 10,
                "input_tokens_details": {"image_tokens": 4, "text_tokens": None},
                "output_tokens": 9,
                "output_tokens_details": {"text_tokens": 2},
            },
            Tokens(input_text=6, input_image=4, output_text=2, output_image=7),
        ),
        ({"input_tokens": float("nan"), "output_tokens": -4, "output_tokens_details": []}, None),
    ],
)
def test_what_was_counted_is_read_tolerantly(usage: Any, tokens: Tokens | None) -> None:
    assert answers.counted(usage) == tokens


@pytest.mark.parametrize(
    "given", ["aGVsbG8", "aGVsbG8=", "data:image/png;base64,aGVs\nbG8=", b"aGVsbG8="[:-1].decode()]
)
def test_base64_is_read_as_it_is_found_in_the_wild(given: str) -> None:
    assert answers.decoded(given) == b"hello"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ('"/+8="', b"\xff\xef"),
        (r'"\/+8="', b"\xff\xef"),
        (r'"data:image\/png;base64,_-8"', b"\xff\xef"),
        ('""', b""),
        ("null", None),
        ("5", None),
    ],
)
def test_base64_is_read_as_json_may_hold_it(sent: str, read: bytes | None) -> None:
    assert answers.parsed(b'{"data": [{"b64_json": %s}]}' % sent.encode()).data == [answers.Item(read)]


def test_pictures_are_cut_out_of_the_right_places() -> None:
    told = rb'{"y": "\"b64_json\":\"", "data": [{"b64_json" : "/+8="}, {"b64_\u006ason": "9"}, {"b64_json":"AA=="}]}'
    assert [item.b64_json for item in answers.parsed(told).data] == [b"\xff\xef", None, b"\0"]


def test_base64_that_is_none_is_an_error() -> None:
    for wrong in ("a", "é!", "aGVs*bG8"):
        with pytest.raises(binascii.Error):
            answers.decoded(wrong)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ({}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "7", "retry-after-ms": "250"}, 0.25),
        ({"retry-after": "Thu, 26 Nov 2026 00:01:00 GMT"}, 60.0),
        ({"retry-after": "Wed, 25 Nov 2026 00:00:00 -0000"}, 0.0),
    ],
)
def test_how_long_to_wait_is_read_in_all_its_forms(given: dict[str, str], seconds: float | None) -> None:
    assert failures.waiting(given, NOW) == seconds


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<html>", {}),
        (b"[1]", {}),
        (b'{"error": "no such model"}', {"message": "no such model"}),
        (b'{"detail": "Not Found"}', {"message": "Not Found"}),
        (b'{"detail": [{"loc": ["body", "size"], "msg": "bad"}]}', {"message": "bad", "param": "size"}),
        (b'{"detail": [{"msg": 5}]}', {}),
        (b'{"error": {"message": "m", "code": 7, "param": null}}', {"message": "m"}),
        (
            b'{"error": {"innererror": {"code": "content_filter"}, "type": "t"}}',
            {"code": "content_filter", "type": "t"},
        ),
    ],
)
def test_an_error_is_read_in_every_shape(body: bytes, expected: dict[str, str]) -> None:
    assert failures.said(body) == failures.Said(**expected)


@pytest.mark.parametrize(
    "reason", ["refused", "name", "connect", "tls", "timeout", "closed", "answer", "size", "failed"]
)
def test_only_what_was_never_sent_may_go_elsewhere(reason: Any) -> None:
    failed = failures.unreached(Unreachable(reason, "So."), "a")
    unsent = reason in {"refused", "name", "connect", "tls"}
    assert failed.again is unsent
    assert failed.error.headers == ({} if unsent else {"x-should-retry": "false"})


@pytest.mark.parametrize("status", [*range(300, 600, 7), 400, 401, 404, 408, 429, 500, 504, 524])
def test_every_status_is_translated_and_never_to_a_credential_error(status: int) -> None:
    failed = failures.answered(status, {}, failures.Said(), upstream="a", names={}, now=NOW)
    assert failed.error.status in {400, 413, 429, 502, 504}
    assert failed.again is (failed.error.status in {429, 502})


async def test_room_shrinks_to_what_is_kept_and_a_crowd_that_blocks_itself_is_let_in_one_by_one() -> None:
    room = Room(100, patience=0.02)
    occupied = await room.enter(80)
    occupied.shrink(30)
    occupied.shrink(90)
    assert (room.used, occupied.size) == (30, 30)
    given_up = asyncio.create_task(room.enter(90))
    await asyncio.sleep(0)
    given_up.cancel()
    crowd = [asyncio.create_task(room.enter(90)) for _ in range(2)]
    done, _ = await asyncio.wait(crowd, return_when=asyncio.FIRST_COMPLETED)
    assert (done, room.used) == ({crowd[0]}, 120)
    crowd[0].result().leave()
    occupied.leave()
    occupied.shrink(10)
    occupied.leave()
    (await crowd[1]).leave()
    assert room.used == 0


ROUTE = {"upstream": "a", "model": "x"}
AZURE = {"url": "http://x", "dialect": "azure", "api_version": "1"}


@pytest.mark.parametrize(
    ("model", "upstream", "told"),
    [
        ({}, {}, r"\[models.m.options\].*upstreams"),
        ({"upstreams": []}, {}, "length >= 1"),
        ({"upstreams": [ROUTE], "paramters": {}}, {}, "unknown field `paramters`"),
        ({"upstreams": [ROUTE | {"upstream": "b"}]}, {}, r"there is no \[upstreams.b\]; there are: a"),
        ({"upstreams": [ROUTE | {"weight": 0}]}, {}, "> 0"),
        ({"upstreams": [{"upstream": "a"}]}, {}, r"\[models.m.options.upstreams\[0\]\]: model must name"),
        ({"upstreams": [ROUTE | {"deployment": "d"}]}, {}, "deployment is for"),
        ({"upstreams": [ROUTE]}, AZURE, "deployment is for"),
        ({"upstreams": [ROUTE], "parameters": {"colour": True}}, {}, "Invalid enum value 'colour'"),
        ({"upstreams": [ROUTE]}, {"api_version": "1"}, "api_version is for"),
        ({"upstreams": [ROUTE]}, {"key": "sk-12345"}, "key must be"),
        ({"upstreams": [ROUTE]}, {"url": "ftp://x"}, "is no http or https URL"),
        ({"upstreams": [ROUTE]}, {"speed": 1}, r"\[upstreams.a\]: .*`speed`"),
    ],
)
def test_what_is_wrong_with_a_table_is_told_at_the_start(
    model: dict[str, Any], upstream: dict[str, Any], told: str
) -> None:
    with pytest.raises(ValueError, match=told) as raised:
        OpenAIImages(Setup(models={"m": model}, upstreams={"a": {"url": "http://x"} | upstream}))
    assert "sk-12345" not in str(raised.value)


def test_the_examples_of_the_page_are_accepted(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/upstreams.md").read_text("utf-8")
    first, upstreams, flux, ways = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "models.toml").write_text(first)
    catalogue = Catalogue.load(tmp_path / "models.toml")
    tables = catalogue.tables("upstreams") | tomllib.loads(upstreams)["upstreams"]
    (way,) = options.routes(catalogue.models["gpt-image-2"].options, "gpt-image-2", tables)
    assert (way.streams, way.rules["quality"].values["hd"]) == (True, "high")
    for name, text in {"flux": flux, "dall-e-3": ways}.items():
        assert options.routes(tomllib.loads(text)["models"][name]["options"], name, tables)
    assert {options.upstream_table(tables, name).key is None for name in tables} == {True, False}
