"""The code of samples at work: it makes pictures on a live server, sends the very request, and knows who signed."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from PIL import Image

from limner.callbacks import sign
from limner.console.samples import LANGUAGES, Call, code
from tests.console.languages import RUNNABLE, files, start
from tests.console.test_samples import NESTED, ODD
from tests.receivers import answer, receiving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Live

BODY = {"model": "limner-sandbox", "prompt": 'it\'s a "card"'}
SECRETS = [f"whsec_{letter * 43}=" for letter in "EI"]
RECEIVERS = [language for language in RUNNABLE if language != "curl"]


class Done:
    """What came of a run."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.out, self.err = process.communicate(timeout=120)
        self.status = process.returncode


def run_all(folder: Path, call: Call, **environment: str) -> dict[str, Done]:
    """Run the code for a call in all languages that run here, side by side."""
    started = {
        language: start(language, code(language, call), folder / language, **environment) for language in RUNNABLE
    }
    return {language: Done(process) for language, process in started.items()}


def call_to(server: Live, **more: Any) -> Call:
    return Call(base=f"{server.url}/v1", body=BODY | more)


def test_links_are_printed_and_lead_to_pictures(server: Live, key: str, tmp_path: Path) -> None:
    for language, done in run_all(tmp_path, call_to(server, n=2), LIMNER_KEY=key).items():
        assert done.status == 0, (language, done.err)
        links = re.findall(r"https?://[^\s\"]+/v1/files/[^\s\"]+", done.out)
        assert len(set(links)) == 2
        assert httpx.get(links[1]).content.startswith(b"\x89PNG")
        assert done.out.count("A sandbox test card") == 2


def test_bytes_become_files(server: Live, key: str, tmp_path: Path) -> None:
    for language, done in run_all(tmp_path, call_to(server, n=2, response_format="b64_json"), LIMNER_KEY=key).items():
        assert done.status == 0, (language, done.err)
        for name in ("picture-1.png", "picture-2.png"):
            assert name in done.out
            assert (tmp_path / language / name).read_bytes().startswith(b"\x89PNG")


def test_a_task_is_asked_for_until_it_is_over(server: Live, key: str, tmp_path: Path) -> None:
    call = call_to(server, **{"async": True, "trace_id": "of-a-sample"})
    for language, done in run_all(tmp_path, call, LIMNER_KEY=key).items():
        assert done.status == 0, (language, done.err)
        assert re.match(r"[0-9a-f-]{36}\n", done.out)
        assert "/v1/files/" in done.out


def test_a_stream_becomes_files(server: Live, key: str, tmp_path: Path) -> None:
    call = call_to(server, stream=True, partial_images=2)
    for language, done in run_all(tmp_path, call, LIMNER_KEY=key).items():
        assert done.status == 0, (language, done.err)
        names = ["partial-1.png", "partial-2.png", "picture.png"]
        assert done.out.split() == names
        pictures = {(tmp_path / language / name).read_bytes() for name in names}
        assert len(pictures) == 3
        assert all(picture.startswith(b"\x89PNG") for picture in pictures)


def test_pictures_and_a_mask_are_sent(server: Live, key: str, tmp_path: Path) -> None:
    call = Call(
        base=f"{server.url}/v1", operation="edit", body=BODY, files=("a picture.png", "other.png"), mask="mask.png"
    )
    for language in RUNNABLE:
        (tmp_path / language).mkdir()
        for name in (*call.files, "mask.png"):
            Image.new("RGBA", (16, 16)).save(tmp_path / language / name)
    for language, done in run_all(tmp_path, call, LIMNER_KEY=key).items():
        assert done.status == 0, (language, done.err)
        assert "as an edit of a picture of 16 by 16 and a picture of 16 by 16 with a mask" in done.out


def test_a_picture_of_ours_is_named(server: Live, key: str, tmp_path: Path) -> None:
    headers = {"authorization": f"Bearer {key}"}
    made = httpx.post(f"{server.url}/v1/images/generations", json=BODY | {"size": "8x8"}, headers=headers).json()
    name = made["data"][0]["url"].partition("?")[0].rpartition("/")[2]
    body = BODY | {"images": [{"file_id": name}], "stream": True}
    call = Call(base=f"{server.url}/v1", operation="edit", body=body)
    for language, done in run_all(tmp_path, call, LIMNER_KEY=key).items():
        assert done.status == 0, (language, done.err)
        assert (tmp_path / language / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_a_refused_call_says_why(server: Live, key: str, tmp_path: Path) -> None:
    for language, done in run_all(tmp_path, call_to(server, n=99), LIMNER_KEY=key).items():
        assert done.status != 0, language
        assert "n must be between 1 and 10" in done.out + done.err


def test_a_missing_key_is_named(server: Live, tmp_path: Path) -> None:
    for language, done in run_all(tmp_path, call_to(server)).items():
        assert done.status != 0, language
        assert "LIMNER_KEY" in done.err


def test_the_very_request_is_sent(tmp_path: Path) -> None:
    body = {"prompt": ODD, "n": 2, "seed": 7, "callback_url": "https://me.example/c?a=1&b=2", "odd name": NESTED}
    with receiving() as receiver:
        told = answer(200, b'{"success":true,"task_id":"the-task"}', content_type="application/json")
        receiver.on("/v1/images/generations", told)
        call = Call(base=receiver.url("/v1"), body=body, retry=True)
        for language in RUNNABLE:
            done = Done(start(language, code(language, call), tmp_path / language, LIMNER_KEY="lim_x"))
            assert "the-task" in done.out, (language, done.err)
            sent = receiver.deliveries[-1]
            assert sent.json() == body
            assert sent.headers["authorization"] == "Bearer lim_x"
            assert sent.headers["content-type"].startswith("application/json")
            assert len(sent.headers["idempotency-key"]) >= 32
        assert len({sent.headers["idempotency-key"] for sent in receiver.deliveries}) == len(RUNNABLE)


def signed(body: bytes, secrets: list[str], age: int = 0) -> dict[str, str]:
    return sign(secrets, "msg_1", int(time.time()) - age, body)


@contextmanager
def listening(language: str, folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start the receiver of a sample; gives its URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    call = Call(base="http://127.0.0.1:9/v1", body=BODY, callback=True)
    receiver = files(language, code(language, call))[f"callback.{LANGUAGES[language].ending}"]
    secret = {"LIMNER_CALLBACK_SECRET": SECRETS[0], "PORT": str(port)}
    process = start(language, receiver, folder, "callback", **secret)
    try:
        while process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                threading.Event().wait(0.05)
        yield f"http://127.0.0.1:{port}/", process
    finally:
        process.kill()
        process.communicate(timeout=60)


@pytest.mark.parametrize("language", RECEIVERS)
def test_a_receiver_takes_only_what_was_signed(language: str, tmp_path: Path) -> None:
    body = json.dumps({"success": True, "task_id": "the-task", "note": ODD}, ensure_ascii=False).encode()
    good = signed(body, SECRETS[:1])
    attempts = {
        "genuine": (body, good, 200),
        "while a secret is changed": (body, signed(body, SECRETS[::-1]), 200),
        "another body": (body + b" ", good, 400),
        "another secret": (body, signed(body, SECRETS[1:]), 400),
        "too old": (body, signed(body, SECRETS[:1], age=301), 400),
        "too early": (body, signed(body, SECRETS[:1], age=-3600), 400),
        "another id": (body, good | {"webhook-id": "msg_2"}, 400),
        "no time": (body, good | {"webhook-timestamp": "soon"}, 400),
        "another version": (body, good | {"webhook-signature": good["webhook-signature"].replace("v1,", "v2,")}, 400),
        "no signature": (body, {name: good[name] for name in ("webhook-id", "webhook-timestamp")}, 400),
        "no headers": (body, {}, 400),
    }
    with listening(language, tmp_path) as (url, process):
        answers = {
            name: httpx.post(url, content=sent, headers=headers) for name, (sent, headers, _) in attempts.items()
        }
        process.terminate()
        out, err = process.communicate(timeout=60)
    assert {name: one.status_code for name, one in answers.items()} == {
        name: status for name, (_, _, status) in attempts.items()
    }, err
    assert out.count("the-task") == 2


def test_the_shell_tells_genuine_from_forged(tmp_path: Path) -> None:
    body = b'{"success":true}\n'
    call = Call(base="http://127.0.0.1:9/v1", body=BODY, callback=True)
    (tmp_path / "callback.sh").write_text(files("curl", code("curl", call))["callback.sh"], "utf-8")

    def _says(body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        done = subprocess.run(
            ["bash", "callback.sh", *headers.values()],
            cwd=tmp_path,
            input=body,
            env={"PATH": "/usr/bin:/bin", "LIMNER_CALLBACK_SECRET": SECRETS[0]},
            capture_output=True,
            check=False,
        )
        return done.returncode, done.stdout

    good = signed(body, SECRETS[:1])
    assert _says(body, good) == (0, b"genuine\n")
    assert _says(body, signed(body, SECRETS[::-1])) == (0, b"genuine\n")
    assert _says(body[:-1], good) == (1, b"")
    assert _says(body, signed(body, SECRETS[1:])) == (1, b"")
    assert _says(body, signed(body, SECRETS[:1], age=400)) == (1, b"")
    assert _says(body, good | {"webhook-timestamp": "x[$(touch${IFS}broken)]"}) == (1, b"")
    assert not (tmp_path / "broken").exists()
