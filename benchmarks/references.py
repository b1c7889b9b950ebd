"""What limner's overhead is measured against: the least an application in its place would do.

`bare` is a Starlette app that parses the same JSON and gives an answer of the same shape. `durable` is `bare` with two
durable SQLite commits a request: an insert, as a hold would be, before the answer is made, and an update, as its
settling would be, before it is sent. One thread writes and commits together whatever waits (group commit).
`proxy` passes a request on to `REFERENCE_UPSTREAM` over kept connections and the answer back, piece by piece, and does
nothing else.
Run one with `uvicorn benchmarks.references:bare`.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

import aiohttp
import msgspec
from starlette.applications import Starlette
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

PATH = "/v1/images/generations"
TABLE = "CREATE TABLE IF NOT EXISTS holds (id TEXT PRIMARY KEY, prompt TEXT, amount INT, state TEXT)"
HOLD = "INSERT INTO holds (id, prompt, amount, state) VALUES (?, ?, ?, 'held')"
SETTLE = "UPDATE holds SET state = 'settled' WHERE id = ?"

Write = tuple[str, tuple[Any, ...], "asyncio.Future[None]"]


class Writer:
    """One thread that commits all waiting statements together: WAL, `synchronous=FULL`."""

    def __init__(self, path: str) -> None:
        """Open the file and start the thread."""
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(TABLE)
        self._queue: SimpleQueue[Write] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._work, daemon=True).start()

    async def write(self, sql: str, *values: Any) -> None:
        """Run a statement; it is durable when this returns."""
        written = self._loop.create_future()
        self._queue.put((sql, values, written))
        await written

    def _work(self) -> None:
        while True:
            batch = self._batch()
            self._connection.execute("BEGIN IMMEDIATE")
            for sql, values, _ in batch:
                self._connection.execute(sql, values)
            self._connection.execute("COMMIT")
            self._loop.call_soon_threadsafe(_settle, batch)

    def _batch(self) -> list[Write]:
        batch = [self._queue.get()]
        try:
            while True:
                batch.append(self._queue.get_nowait())
        except Empty:
            return batch


def _settle(batch: list[Write]) -> None:
    for _, _, written in batch:
        written.set_result(None)


def _answer() -> Response:
    picture = {"url": "http://127.0.0.1/v1/files/0.png?expires=0&signature=0", "revised_prompt": "A sandbox test card."}
    body = {"created": int(time.time()), "data": [picture]}
    return Response(msgspec.json.encode(body), media_type="application/json")


async def _bare(request: Request) -> Response:
    msgspec.json.decode(await request.body())
    return _answer()


class _Durable:
    """The endpoint of `durable`; opens its file at the first request."""

    _writer: Writer | None = None

    async def __call__(self, request: Request) -> Response:
        prompt = msgspec.json.decode(await request.body())["prompt"]
        if self._writer is None:
            self._writer = Writer(os.environ["REFERENCE_DATABASE"])
        hold = os.urandom(16).hex()
        await self._writer.write(HOLD, hold, prompt, 40_000)
        answer = _answer()
        await self._writer.write(SETTLE, hold)
        return answer


class _Proxy:
    """The endpoint of `proxy`; opens its client at the first request."""

    _session: aiohttp.ClientSession | None = None

    async def __call__(self, request: Request) -> Response:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        headers = {"Content-Type": "application/json", "Authorization": request.headers["authorization"]}
        url = os.environ["REFERENCE_UPSTREAM"]
        answer = await self._session.post(url, data=await request.body(), headers=headers)
        kept = {name: answer.headers[name] for name in ("content-type", "content-length")}
        return StreamingResponse(_pieces(answer), answer.status, kept)


async def _pieces(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    async with answer:
        async for piece in answer.content.iter_any():
            yield piece


async def _healthz(_: Request) -> Response:
    return Response(b"{}", media_type="application/json")


bare = Starlette(routes=[Route(PATH, _bare, methods=["POST"]), Route("/healthz", _healthz)])
# bound, for Starlette takes a bare instance for an ASGI application
durable = Starlette(routes=[Route(PATH, _Durable().__call__, methods=["POST"]), Route("/healthz", _healthz)])
proxy = Starlette(routes=[Route(PATH, _Proxy().__call__, methods=["POST"]), Route("/healthz", _healthz)])
