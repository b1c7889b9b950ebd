"""A hub of models as the hub's own client wants it, on this machine: what a revision is, what is in it, and the files.

It answers ranges, and does wrong on cue: it breaks off in the middle of a file, fails, or gives other bytes.
"""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMIT = "c0ffee" + "0" * 34


class FakeHub(ThreadingHTTPServer):
    """A hub with one model, `name`, whose files are `files`.

    `large` files are told with their SHA-256, the others as git tells blobs. What `troubles` holds for a file's path
    happens once each, in order: `break`, `fail` or `spoil`. `asked` are the files fetched, with the range wanted.
    """

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files, self.commit = files, COMMIT
        self.troubles: dict[str, list[str]] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.name, self.status = "owner/name", 200

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def tree(self) -> list[dict[str, object]]:
        """List the files as the hub does."""
        return [_entry(name, data) for name, data in self.files.items()]


def _entry(name: str, data: bytes) -> dict[str, object]:
    blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
    entry = {"type": "file", "path": name, "size": len(data), "oid": blob}
    if name.endswith(".safetensors"):
        lfs = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
        return entry | {"oid": "0" * 40, "lfs": lfs}
    return entry


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeHub

    def do_GET(self) -> None:
        hub, path = self.server, unquote(urlsplit(self.path).path)
        if hub.status != 200:
            code = {401: "RepoNotFound", 403: "GatedRepo", 404: "RevisionNotFound"}.get(hub.status, "")
            self._answer(b"{}", hub.status, {"X-Error-Code": code})
        elif path.startswith(f"/api/models/{hub.name}/tree/"):
            self._answer(json.dumps(hub.tree()).encode())
        elif path.startswith(f"/api/models/{hub.name}"):
            self._answer(json.dumps({"id": hub.name, "sha": hub.commit}).encode())
        else:
            self._file(path.removeprefix(f"/{hub.name}/resolve/{hub.commit}/"))

    def _file(self, name: str) -> None:
        hub, wanted = self.server, self.headers.get("Range")
        hub.asked.append((name, wanted))
        data, trouble = hub.files[name], (hub.troubles.get(name) or [""]).pop(0)
        start = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted else 0
        if trouble == "fail":
            self._answer(b"", 500)
        elif trouble == "spoil":
            self._answer(bytes(len(data)))
        else:
            half = (start + len(data)) // 2 if trouble == "break" else len(data)
            there = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if wanted else {}
            self._answer(data[start:half], 206 if wanted else 200, there, length=len(data) - start)
            self.close_connection = trouble == "break"

    def _answer(
        self, body: bytes, status: int = 200, headers: dict[str, str] | None = None, *, length: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        pass


@contextmanager
def hub_of(files: dict[str, bytes]) -> Iterator[FakeHub]:
    """Run a hub with these files."""
    with FakeHub(files) as hub:
        threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield hub
        hub.shutdown()
