"""`POST /console/samples`, as the playground calls it."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from limner.console import samples
from limner.console.sampling import MAX_BODY
from tests.console.test_samples import ODD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Live


@pytest.fixture
def visitor(server: Live) -> Iterator[httpx.Client]:
    """Open a client that nobody knows."""
    with httpx.Client(base_url=server.url, timeout=60) as opened:
        yield opened


def ask(visitor: httpx.Client, **more: Any) -> httpx.Response:
    return visitor.post("/console/samples", json={"language": "go", "body": {"prompt": "a red fox"}} | more)


@pytest.mark.parametrize("language", samples.LANGUAGES)
def test_a_visitor_gets_code_as_text_and_marked_up(server: Live, visitor: httpx.Client, language: str) -> None:
    options: dict[str, Any] = {"callback": True, "retry": True, "literal_key": True}
    answer = ask(visitor, language=language, body={"prompt": ODD, "async": True}, **options)
    assert answer.status_code == 200
    given = answer.json()
    call = samples.Call(base=f"{server.services.public_url}/v1", body={"prompt": ODD, "async": True}, **options)
    assert given["code"] == samples.code(language, call)
    assert (given["language"], given["title"]) == (language, samples.LANGUAGES[language].title)
    first, second = given["files"]
    assert (first["name"], second["name"].lower().partition(".")[0]) == ("", "callback")
    assert given["code"].startswith(unescape(re.sub(r"<[^>]+>", "", first["html"])))
    assert given["code"].endswith(unescape(re.sub(r"<[^>]+>", "", second["html"])))
    assert "</script>" not in first["html"] + second["html"]
    assert re.findall(r"<(?!/?span\b)[^>]*>", first["html"] + second["html"]) == []
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers


def test_the_model_says_what_comes_of_a_call(visitor: httpx.Client) -> None:
    assert "URL)" in ask(visitor).json()["code"]
    assert "URL)" in ask(visitor, body={"prompt": "x", "model": "of-nobody"}).json()["code"]
    assert "WriteFile" in ask(visitor, body={"prompt": "x", "model": "gpt-image-1"}).json()["code"]
    asked = {"prompt": "x", "model": "gpt-image-1", "response_format": "url"}
    assert "WriteFile" not in ask(visitor, body=asked).json()["code"]


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"language": "cobol"}, "language"),
        ({"language": 7}, "language"),
        ({"language": "../docs"}, "language"),
        ({"body": []}, "body"),
        ({"body": "{}"}, "body"),
        ({"callback": "yes"}, "callback"),
        ({"retry": 1}, "retry"),
        ({"literal_key": None}, "literal_key"),
        ({"body": {"x": json.loads("[" * 32 + "1" + "]" * 32)}}, "body"),
    ],
)
def test_what_cannot_be_written_is_named(visitor: httpx.Client, more: dict[str, Any], param: str) -> None:
    answer = ask(visitor, **more)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")
    assert answer.json()["error"]["param"] == param
    assert param in answer.json()["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"language": "go", "body": {"n": 1e999}}', b"[" * 9000])
def test_what_is_no_object_of_json_is_refused(visitor: httpx.Client, body: bytes) -> None:
    answer = visitor.post("/console/samples", content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_what_lies_within_the_bounds_is_written(visitor: httpx.Client) -> None:
    nested = "[]any{" * 31 + "1" + "}" * 31
    assert nested in ask(visitor, body={"x": json.loads("[" * 31 + "1" + "]" * 31)}).json()["code"]


def test_long_prompts_fit_and_longer_ones_do_not(visitor: httpx.Client) -> None:
    prompt = "\N{FOX FACE}" * 31_000
    written = ask(visitor, body={"prompt": prompt}).json()
    assert prompt in written["code"]
    assert "<span" not in written["files"][0]["html"], "so much is not coloured"
    answer = ask(visitor, body={"prompt": "x" * MAX_BODY})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")
