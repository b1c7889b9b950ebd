"""An upstream that speaks OpenAI's Images dialect and misbehaves on cue: a process of its own, which tells its port.

    python -m tests.upstreams --port 0

    with upstream() as other:
        ... url = other.url("a") ...                    # any name is a server of its own, at /a/v1
        ... prompt = "a red fox a:500 b:429" ...        # a answers 500, b 429
        other.asked("red fox")                          # what was asked for with these words, as it came

A cue is `WHO:WHAT`: WHO is a server's name, `all` for any of them or `first` for the first call with this prompt. Cues
may be joined by `+`, as in `a:late+wrongsize`. Pictures are the sandbox's test cards, so their pixels and seeds are
true.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import re
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from limner.engines.base import Job
from limner.engines.sandbox import card, png

if TYPE_CHECKING:
    from collections.abc import Iterator

CUE = re.compile(r"(?<!\S)(\w+):([\w+.=-]+)")
USAGE = {"input_tokens": 30, "output_tokens": 1000, "total_tokens": 1030}
DETAILS = {"input_tokens_details": {"text_tokens": 20, "image_tokens": 10}}
REVISED = "A test card, as it was asked for."
ERRORS: dict[str, tuple[int, dict[str, Any]]] = {
    "refuse": (400, {"code": "moderation_blocked", "type": "image_generation_user_error"}),
    "oldrefuse": (400, {"code": None, "type": "invalid_request_error"}),
    "401": (401, {"code": "invalid_api_key", "type": "invalid_request_error"}),
    "403": (403, {"code": "used_up", "type": "insufficient_quota"}),
    "404": (404, {"code": "model_not_found", "type": "invalid_request_error"}),
    "413": (413, {"code": None, "type": "invalid_request_error"}),
    "spent": (429, {"code": "insufficient_quota", "type": "insufficient_quota"}),
    "badsize": (400, {"code": "invalid_value", "type": "invalid_request_error", "param": "size"}),
    "unknown": (400, {"code": "unknown_parameter", "type": "invalid_request_error", "param": "response_format"}),
    "unoffered": (400, {"code": "unsupported_parameter", "type": "invalid_request_error", "param": "background"}),
    "500": (500, {"code": None, "type": "server_error"}),
    "502": (502, {"code": "upstream_error", "type": "server_error"}),
    "503": (503, {"code": None, "type": "server_error"}),
    "504": (504, {"code": "timeout", "type": "server_error"}),
}
SAYS = {
    "refuse": "Your request was rejected by the safety system. safety_violations=[violence].",
    "oldrefuse": "Your request was rejected as a result of our content policy.",
    "401": "Incorrect API key provided: {key}.",
}


@dataclass
class Call:
    """One request as it came: where, with which headers, its parameters, and its files by field."""

    path: str
    headers: dict[str, str]
    fields: dict[str, Any] = field(default_factory=dict)
    files: list[tuple[str, str, str, bytes]] = field(default_factory=list)

    @property
    def server(self) -> str:
        """The name of the server that was asked."""
        return self.path.split("/")[1]

    def told(self) -> dict[str, Any]:
        """Give it as JSON; of a file its field, name, type and bytes."""
        files = [[name, file, kind, base64.b64encode(data).decode()] for name, file, kind, data in self.files]
        return {"path": self.path, "headers": self.headers, "fields": self.fields, "files": files}


class Answering:
    """Answers the requests of one connection at a time."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it ends."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await _body(reader, headers)
        method, path, _ = first.split(" ")
        if method == "GET":
            await self._look(path, writer)
            return True
        call = _call(path, headers, body)
        earlier = any(one.fields.get("prompt") == call.fields.get("prompt") for one in self.calls)
        self.calls.append(call)
        return await Act(call, writer, first=not earlier).done()

    async def _look(self, path: str, writer: asyncio.StreamWriter) -> None:
        """Give what was asked for, a picture that an answer linked to, or the models."""
        place, _, size = path.partition("?")
        if place == "/asked":
            writer.write(whole(200, json.dumps([call.told() for call in self.calls]).encode()))
        elif place == "/picture":
            width, height, seed = map(int, size.split(","))
            writer.write(whole(200, picture(width, height, seed), content_type="image/png"))
        elif place.endswith("/models") and not place.startswith("/shut/"):
            writer.write(whole(200, b'{"object": "list", "data": []}'))
        else:
            writer.write(whole(401 if place.startswith("/shut/") else 404, b"{}"))
        await writer.drain()


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", "0")))
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return body


def _call(path: str, headers: dict[str, str], body: bytes) -> Call:
    kind = headers.get("content-type", "")
    if not kind.startswith("multipart/"):
        return Call(path, headers, json.loads(body))
    call = Call(path, headers)
    parsed = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    for part in parsed.iter_parts():
        name, file = str(part.get_param("name", header="content-disposition")), part.get_filename()
        data: Any = part.get_payload(decode=True)
        if file is None:
            call.fields[name] = data.decode()
        else:
            call.files.append((name, file, part.get_content_type(), data))
    return call


def whole(status: int, body: bytes, *, content_type: str = "application/json", **headers: str) -> bytes:
    """Write an answer; underscores in the names of headers become dashes."""
    lines = [f"HTTP/1.1 {status} So", f"content-length: {len(body)}", f"content-type: {content_type}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def picture(width: int, height: int, seed: int = 1, background: str = "opaque") -> bytes:
    """Paint a test card."""
    sheet: Any = background if background == "transparent" else "opaque"
    return png(Job(prompt="", width=width, height=height, seed=seed, background=sheet), card(width, height))


class Act:
    """What is done about one call."""

    def __init__(self, call: Call, writer: asyncio.StreamWriter, *, first: bool) -> None:
        self._call, self._writer, self._fields = call, writer, call.fields
        self._cues: dict[str, str] = {}
        for who, what in CUE.findall(str(call.fields.get("prompt", ""))):
            if who in {call.server, "all"} or (who == "first" and first):
                for one in what.split("+"):
                    name, _, value = one.partition("=")
                    self._cues[name] = value
            elif who == "delay":
                self._cues["late"] = what

    async def done(self) -> bool:
        """Answer; whether the connection is still good."""
        await asyncio.sleep(float(self._cues.get("late") or 0))
        if "hangup" in self._cues:
            return False
        error = next((cue for cue in self._cues if cue in ERRORS), None)
        if error or "429" in self._cues:
            return await self._say(self._error(error))
        return await self._made()

    async def _made(self) -> bool:
        if self._fields.get("output_format", "png") != "png":
            told = {"code": "api_not_implemented", "param": "output_format", "message": "PNG only."}
            return await self._say(whole(400, json.dumps({"error": told}).encode()))
        answer = self._answer()
        if "garbage" in self._cues:
            return await self._say(whole(200, b'{"data": [{"b64_json": "'))
        if "cut" in self._cues:
            body = json.dumps(answer).encode()
            await self._say(whole(200, body)[:-40])
            return False
        if "sse" in self._cues or str(self._fields.get("stream")).lower() == "true":
            return await self._stream(answer)
        return await self._say(whole(200, json.dumps(answer).encode()))

    async def _say(self, data: bytes) -> bool:
        self._writer.write(data)
        await self._writer.drain()
        return True

    def _error(self, cue: str | None) -> bytes:
        if cue is None:
            wait = {"retry_after": self._cues["429"]} if self._cues["429"] else {}
            told = {"code": "rate_limit_exceeded", "type": "requests", "message": "Slow down."}
            return whole(429, json.dumps({"error": told}).encode(), **wait)
        status, told = ERRORS[cue]
        key = self._call.headers.get("authorization", "").removeprefix("Bearer ")
        message = SAYS.get(cue, f"It is {cue}.").format(key=key)
        retry = {"x_should_retry": self._cues["retry"]} if "retry" in self._cues else {}
        return whole(status, json.dumps({"error": {"message": message, "param": None} | told}).encode(), **retry)

    def _answer(self) -> dict[str, Any]:
        if "empty" in self._cues:
            return {"created": 1, "data": []}
        if "inside" in self._cues:
            return {"error": {"message": "It broke."}}
        if "late-refuse" in self._cues:
            return {"error": {"code": "content_policy_violation", "message": "No."}}
        data = [self._item(number) for number in range(int(self._fields.get("n", 1)))]
        if "fewer" in self._cues:
            del data[1:]
        usage = {} if "free" in self._cues else {"usage": USAGE | DETAILS}
        return {"created": 1.5, "data": data, "unheard_of": {"a": [1]}, "created_by": 7} | usage

    def _item(self, number: int) -> dict[str, Any]:
        width, height = map(int, str(self._fields.get("size", "64x64")).split("x"))
        seed = int(self._fields.get("seed", 1)) + number
        if "wrongsize" in self._cues:
            width *= 2
        if "nowhere" in self._cues:
            return {"url": "/nowhere"}
        if "url" in self._cues:
            place = self._fields.get("link", "")
            return {"url": f"{place}/picture?{width},{height},{seed}", "revised_prompt": REVISED}
        data = picture(width, height, seed, str(self._fields.get("background")))
        if "big" in self._cues:
            data += bytes(20_000_000)
        if "noise" in self._cues and number == 0:
            data = b"this is no picture"
        text = base64.b64encode(data).decode() + "*" * ("torn" in self._cues)
        if "dataurl" in self._cues:
            return {"url": f"data:image/png;base64,{text}"}
        text = "data:image/png;base64," + text.rstrip("=") if "loose" in self._cues else text
        return {"b64_json": text, "revised_prompt": REVISED, "unheard_of": None}

    async def _stream(self, answer: dict[str, Any]) -> bool:
        """Send events, in pieces as odd as the cue `odd` asks for; the connection ends with it."""
        kind = "image_edit" if "edits" in self._call.path else "image_generation"
        events = [
            {"type": f"{kind}.partial_image", **self._item(0), "partial_image_index": index} for index in range(4)
        ]
        wanted = int(self._fields.get("partial_images", 0))
        last = answer.get("data") or [answer]
        final = {"type": f"{kind}.completed", **last[0], "usage": answer.get("usage")}
        if "flat" in self._cues:
            final = {"type": "error", "code": "moderation_blocked", "message": "No."}
        told = b"".join(map(self._event, [*events[:wanted], *([] if "broken" in self._cues else [final])]))
        end = b"" if "odd" in self._cues else b"data: [DONE]\n\n"
        head = "HTTP/1.1 200 So\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
        self._writer.write(head.encode())
        step = 777 if "odd" in self._cues else 65_536
        body = told.rstrip(b"\r\n") if "odd" in self._cues else told + end
        for start in range(0, len(body), step):
            self._writer.write(body[start : start + step])
            await self._writer.drain()
            await asyncio.sleep(0)
        return False

    def _event(self, told: dict[str, Any]) -> bytes:
        data = json.dumps(told)
        if "odd" not in self._cues:
            return f"event: {told['type']}\ndata: {data}\n\n".encode()
        before, after = data[: len(data) // 2], data[len(data) // 2 :]
        # JSON may be broken over lines where there is a space
        cut = before.rfind(", ") + 1
        noise = ": still here\r\nid: 1\r\ndata: ping\r\n\r\n"
        return f"{noise}data: {before[:cut]}\r\ndata:{before[cut:]}{after}\r\n\r\n".encode()


class Other:
    """A scripted upstream that runs."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"

    def url(self, name: str = "a") -> str:
        """Give the address of one of its servers."""
        return f"{self.origin}/{name}/v1"

    def asked(self, words: str) -> list[Call]:
        """Give the calls so far whose parameters hold these words."""
        with urlopen(f"{self.origin}/asked") as answer:  # noqa: S310 - it is ours
            told = json.load(answer)
        calls = [
            Call(one["path"], one["headers"], one["fields"], [_file(*file) for file in one["files"]]) for one in told
        ]
        return [call for call in calls if words in json.dumps(call.fields)]


def _file(name: str, file: str, kind: str, data: str) -> tuple[str, str, str, bytes]:
    return name, file, kind, base64.b64decode(data)


@contextmanager
def upstream() -> Iterator[Other]:
    """Run one for the length of a block."""
    command = [sys.executable, "-m", "tests.upstreams", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]) as process:
        try:
            assert process.stdout is not None
            yield Other(int(process.stdout.readline()))
        finally:
            process.kill()


async def serve(port: int) -> None:
    """Listen until killed, and print the port."""
    server = await asyncio.start_server(Answering().connected, "127.0.0.1", port, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await server.serve_forever()


def main() -> None:
    """Serve as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
