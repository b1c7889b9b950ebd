"""A place where callbacks arrive: a real HTTP server on 127.0.0.1 that keeps what it is sent and answers by a script.

    with receiving() as receiver:
        receiver.on("/flaky", answer(500), answer(200))
        ... callback_url=receiver.url("/flaky") ...
        first, second = receiver.wait(2)

Every receiver is an origin of its own. `/ok`, `/hang`, `/closes`, `/garbage`, `/redirect` and a status (`/500`) need no
script.
"""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 60.0
Behaviour = Literal["hang", "close"] | bytes
"""What a receiver does: hang until its gate is opened, close at once, or send these bytes."""


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """Write an HTTP answer; underscores in the names of headers become dashes."""
    lines = [f"HTTP/1.1 {status} So", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


KNOWN: dict[str, Behaviour] = {
    "/ok": answer(200, b"thanks"),
    "/hang": "hang",
    "/closes": "close",
    "/garbage": b"\0\xff this is no HTTP\r\n\r\n",
    "/redirect": answer(302, location="http://169.254.169.254/latest/meta-data"),
}


@dataclass(frozen=True)
class Received:
    """One POST as it came in; the names of headers are lower case, `at` is Unix seconds."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    def json(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """What arrived so far, and the script of the answers to come."""

    def __init__(self) -> None:
        self.deliveries: list[Received] = []
        self.gate = threading.Event()
        self.port = 0
        self._news = threading.Condition()
        self._scripts: dict[str, deque[Behaviour]] = {}

    def url(self, path: str = "/ok") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def on(self, path: str, *behaviours: Behaviour) -> str:
        """Do these one after another at a path, the last of them for ever; gives the URL."""
        self._scripts[path] = deque(behaviours)
        return self.url(path)

    def wait(self, count: int, seconds: float = PATIENCE, *, path: str | None = None) -> list[Received]:
        """Wait until so many have arrived (at one path, if it is named), and give them all."""
        with self._news:
            if not self._news.wait_for(lambda: len(self.at(path)) >= count, seconds):
                raise AssertionError(f"{len(self.at(path))} of {count} deliveries came")
            return self.at(path)

    def at(self, path: str | None) -> list[Received]:
        """Give what has arrived so far at a path, or anywhere."""
        return [one for one in self.deliveries if path in {None, one.path}]

    def take(self, received: Received) -> Behaviour:
        """Keep a delivery, and say what to do."""
        with self._news:
            self.deliveries.append(received)
            self._news.notify_all()
            script = self._scripts.get(received.path)
            if script:
                return script[0] if len(script) == 1 else script.popleft()
        path = received.path
        return answer(int(path[1:])) if path[1:].isdigit() else KNOWN.get(path, answer(404))


class _Handler(socketserver.StreamRequestHandler):
    """Reads one request, does as the receiver says, and closes."""

    def handle(self) -> None:
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        with suppress(ConnectionError):
            path = self.rfile.readline().decode().split(" ")[1]
            headers = {}
            while line := self.rfile.readline().decode("latin-1").strip():
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
            body = self.rfile.read(int(headers.get("content-length", "0")))
            behaviour = receiver.take(Received(path, headers, body, time.time()))
            if behaviour == "hang":
                receiver.gate.wait(PATIENCE)
                behaviour = answer(200, b"at last")
            if behaviour != "close":
                self.wfile.write(behaviour)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256
    block_on_close = False


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive callbacks for the length of a block; at its end all that hang are let go."""
    receiver = Receiver()
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.receiver = receiver  # type: ignore[attr-defined]
        receiver.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.gate.set()
            server.shutdown()
            thread.join()
