"""Rubbish in: a clear error out, with its status, code and parameter, and nothing charged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from limner import quotas
from limner.accounts import by_name
from limner.settings import Settings
from tests.conftest import serving
from tests.pictures import png

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from limner.acquire import Acquired
    from tests.conftest import Live

PATH = "/v1/images/generations"
GOOD = {"model": "limner-illustrator", "prompt": "a fox"}

BAD_VALUES: list[tuple[dict[str, Any], str, str, str]] = [
    ({"prompt": None}, "bad_request", "prompt", "required"),
    ({"prompt": "  \n\t "}, "bad_request", "prompt", "empty"),
    ({"prompt": 7}, "bad_request", "prompt", "a string"),
    ({"prompt": "x" * 32_001}, "bad_request", "prompt", "32000"),
    ({"model": "dall-e-3", "prompt": "x" * 4_001}, "bad_request", "prompt", "4000"),
    ({"model": "dall-e-2", "prompt": "x" * 1_001}, "bad_request", "prompt", "1000"),
    ({"n": 0}, "bad_request", "n", "between 1 and 10"),
    ({"n": 11}, "bad_request", "n", "between 1 and 10"),
    ({"n": "two"}, "bad_request", "n", "an integer"),
    ({"n": 1.5}, "bad_request", "n", "an integer"),
    ({"size": "abc"}, "bad_request", "size", "WIDTHxHEIGHT"),
    ({"size": "0x0"}, "bad_request", "size", "64 to 3840"),
    ({"size": "99999x99999"}, "bad_request", "size", "64 to 3840"),
    ({"size": "3840x3840"}, "bad_request", "size", "8294400"),
    ({"size": "-5x10"}, "bad_request", "size", "WIDTHxHEIGHT"),
    ({"size": 1024}, "bad_request", "size", "a string"),
    ({"quality": "ultra"}, "bad_request", "quality", "standard"),
    ({"style": "anime"}, "bad_request", "style", "vivid or natural"),
    ({"response_format": "tiff"}, "bad_request", "response_format", "url or b64_json"),
    ({"output_format": "gif"}, "bad_request", "output_format", "png, jpeg or webp"),
    ({"output_compression": -1}, "bad_request", "output_compression", "between 0 and 100"),
    ({"output_compression": 101}, "bad_request", "output_compression", "between 0 and 100"),
    ({"background": "blue"}, "bad_request", "background", "transparent"),
    ({"background": "transparent", "output_format": "jpeg"}, "bad_request", "background", "png or webp"),
    ({"moderation": "high"}, "bad_request", "moderation", "auto or low"),
    ({"seed": -1}, "bad_request", "seed", "between 0 and"),
    ({"seed": "seven"}, "bad_request", "seed", "an integer"),
    ({"partial_images": 4}, "bad_request", "partial_images", "between 0 and 3"),
    ({"stream": True, "n": 2}, "bad_request", "n", "Streaming is only supported with n=1."),
    ({"callback_url": "ftp://example.org/hook"}, "bad_request", "callback_url", "http"),
    ({"callback_url": "http://127.0.0.1:9000/hook"}, "bad_request", "callback_url", "callback_url must"),
    ({"trace_id": "no\nnewline"}, "bad_request", "trace_id", "printable"),
    ({"trace_id": ""}, "bad_request", "trace_id", "printable"),
    ({"async": "yes"}, "bad_request", "async", "true or false"),
    ({"user": ["a"]}, "bad_request", "user", "a string"),
]


def check(answer: httpx.Response, status: int, code: str, param: str | None, words: str = "") -> None:
    """An error is the one envelope: these keys, no more; a message that helps; the trace in body and header."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"success", "error", "trace_id"}
    assert set(body["error"]) == {"code", "message", "type", "param"}
    assert body["success"] is False
    assert (body["error"]["code"], body["error"]["param"]) == (code, param), body
    assert words in body["error"]["message"]
    assert body["trace_id"] == answer.headers["x-trace-id"]
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize(("change", "code", "param", "words"), BAD_VALUES)
def test_bad_values(
    client: httpx.Client, server: Live, account: Acquired, change: dict[str, Any], code: str, param: str, words: str
) -> None:
    check(client.post(PATH, json=GOOD | change), 400, code, param, words)
    assert balance(server, account) == account.granted


def balance(server: Live, account: Acquired) -> int:
    held: int = server.read(_balance_of, account.account)
    return held


def _balance_of(tx: Any, name: str) -> int:
    account = by_name(tx, name)
    assert account is not None
    assert quotas.audit(tx) == []
    return account.balance


def test_an_unknown_model(client: httpx.Client) -> None:
    check(client.post(PATH, json=GOOD | {"model": "midjourney"}), 404, "not_found", "model", "limner-illustrator")
    check(client.get("/v1/models/midjourney"), 404, "not_found", "model", "limner-illustrator")


BODIES: list[tuple[bytes, str, str]] = [
    (b"", "application/json", "empty"),
    (b"{", "application/json", "line 1, column 2"),
    (b"[1]", "application/json", "JSON object"),
    (b'"text"', "application/json", "JSON object"),
    (b'{"n": NaN}', "application/json", "not valid JSON"),
    (b'{"prompt": "\xff"}', "application/json", "not valid JSON"),
    (b"[" * 100_000, "application/json", "not valid JSON"),
    (b'{"prompt": "x"}', "application/x-www-form-urlencoded", "Content-Type: application/json"),
    (b"prompt=x", "text/plain", "application/json"),
    (b"--x", "multipart/form-data", "could not be read"),
    (b"garbage", "multipart/form-data; boundary=x", "could not be read"),
    (
        b'--x\r\nContent-Disposition: form-data; name="prompt"; filename="a"\r\n\r\n1\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
        "is a file",
    ),
]


@pytest.mark.parametrize(("body", "content_type", "words"), BODIES)
def test_bad_bodies(client: httpx.Client, body: bytes, content_type: str, words: str) -> None:
    answer = client.post(PATH, content=body, headers={"content-type": content_type})
    assert answer.status_code == 400
    check(answer, 400, "bad_request", answer.json()["error"]["param"], words)


def test_a_body_of_twenty_megabytes(client: httpx.Client) -> None:
    check(client.post(PATH, json=GOOD | {"prompt": "x" * 20_000_000}), 413, "request_too_large", None, "1048576")


def test_lone_surrogates_become_replacement_characters(client: httpx.Client) -> None:
    answer = client.post(
        PATH,
        content=b'{"model": "limner-sandbox", "prompt": "fox \\ud800"}',
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 200
    task = client.get(f"/v1/tasks/{answer.json()['task_id']}").json()
    assert task["request"]["prompt"] == "fox \ufffd"


def test_framework_errors_have_the_envelope(client: httpx.Client) -> None:
    check(client.get("/nope"), 404, "api_not_implemented", None, "/docs")
    check(client.get("/v1/models/"), 404, "api_not_implemented", None)
    answer = client.put(PATH, json=GOOD)
    check(answer, 405, "api_not_implemented", None, "method")
    assert "POST" in answer.headers["allow"]


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server whose catalogue is narrowed to OpenAI's own tables."""
    folder: Path = tmp_path_factory.mktemp("narrow")
    names = ("dall-e-3", "dall-e-2", "gpt-image-1", "gpt-image-2")
    (folder / "models.toml").write_text(
        "\n".join(f'[models.{name}]\nengine = "sandbox"\nlimits = "openai"' for name in names)
        + "\n[models.limner-illustrator]\nenabled = false"
    )
    with serving(Settings(data=str(folder), models=str(folder / "models.toml"), log_level="error", workers=1)) as live:
        yield live


OPENAI: list[tuple[str, dict[str, Any], str, str]] = [
    ("dall-e-3", {"n": 2}, "bad_request", "n"),
    ("dall-e-3", {"size": "512x512"}, "bad_request", "size"),
    ("dall-e-3", {"quality": "low"}, "bad_request", "quality"),
    ("dall-e-3", {"background": "transparent"}, "api_not_implemented", "background"),
    ("dall-e-3", {"output_compression": 5}, "api_not_implemented", "output_compression"),
    ("dall-e-2", {"size": "1792x1024"}, "bad_request", "size"),
    ("dall-e-2", {"style": "vivid"}, "api_not_implemented", "style"),
    ("dall-e-2", {"quality": "hd"}, "bad_request", "quality"),
    ("gpt-image-1", {"response_format": "url"}, "api_not_implemented", "response_format"),
    ("gpt-image-1", {"size": "1792x1024"}, "bad_request", "size"),
    ("gpt-image-1", {"seed": 5}, "api_not_implemented", "seed"),
    ("gpt-image-2", {"size": "1000x1000"}, "bad_request", "size"),
    ("gpt-image-2", {"size": "3200x800"}, "bad_request", "size"),
]


@pytest.mark.parametrize(("model", "change", "code", "param"), OPENAI)
def test_openais_own_limits(narrow: Live, model: str, change: dict[str, Any], code: str, param: str) -> None:
    headers = {"authorization": f"Bearer {narrow.acquire().key}"}
    answer = httpx.post(narrow.url + PATH, json={"model": model, "prompt": "a fox"} | change, headers=headers)
    check(answer, 400, code, param)


def test_openais_own_operations(narrow: Live) -> None:
    headers = {"authorization": f"Bearer {narrow.acquire().key}"}
    image = {"image": ("a.png", png(64, 64))}
    for model, operation, size in [
        ("dall-e-3", "edits", None),
        ("dall-e-3", "variations", None),
        ("gpt-image-1", "variations", None),
        ("gpt-image-1", "edits", "1024x1024"),
        ("dall-e-2", "variations", "256x256"),
        (None, "edits", "256x256"),  # the default does not, so the first does that offers it
    ]:
        form = {"prompt": "a fox"} | ({"model": model} if model else {})
        answer = httpx.post(f"{narrow.url}/v1/images/{operation}", data=form, files=image, headers=headers)
        if size is None:
            check(answer, 400, "api_not_implemented", "model", operation)
            continue
        assert answer.status_code == 200, answer.text
        task = httpx.get(f"{narrow.url}/v1/tasks/{answer.headers['x-task-id']}", headers=headers).json()
        assert task["request"]["size"] == size
        assert model in {None, task["request"]["model"]}


@pytest.mark.parametrize(
    ("model", "size"),
    [("dall-e-3", "1792x1024"), ("dall-e-2", "256x256"), ("gpt-image-1", "auto"), ("gpt-image-2", "1600x800")],
)
def test_openais_own_limits_admit_what_openai_admits(narrow: Live, model: str, size: str) -> None:
    headers = {"authorization": f"Bearer {narrow.acquire().key}"}
    answer = httpx.post(narrow.url + PATH, json={"model": model, "prompt": "a fox", "size": size}, headers=headers)
    assert answer.status_code == 200, answer.text
