"""The feed of a fleet: news goes to every node by PostgreSQL's NOTIFY.

It carries 8,000 bytes, so previews lie in the store and only their names travel.

A notification is not kept for those who are away; a node that lost its connection tells its watches that they may have
missed something.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import msgspec
import psycopg

from limner.dispatch.feed import Ended, LocalFeed, Missed, Progressed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

CHANNEL = "limner_tasks"
SEND = "SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) AS payload"
KEPT = 30.0
"""Seconds for which the previews of a finished task are kept."""

AGAIN = 1.0
"""Seconds before a lost connection is made anew."""


class Blobs(Protocol):
    """Where previews lie for the other nodes; `Storage` is it."""

    async def put(self, key: str, data: bytes) -> None:
        """Store bytes."""

    async def get(self, key: str) -> bytes | None:
        """Fetch bytes, None when there are none."""

    async def delete(self, keys: list[str]) -> None:
        """Remove what is there."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What goes over the wire: who says it, the news, and where its preview lies."""

    node: str
    news: Progressed | Ended
    preview: str | None = None


class FleetFeed(LocalFeed):
    """A feed between the nodes of one database; built once in `bootstrap`."""

    def __init__(self, url: str, node: str, store: Blobs) -> None:
        """`node` is this node's id: what it says itself it does not have to hear again."""
        super().__init__()
        self._url, self._node, self._store = url, node, store
        self._outbox: asyncio.Queue[Progressed | Ended] = asyncio.Queue()
        self._previews: dict[str, list[str]] = {}
        self._deleting: set[asyncio.Task[None]] = set()
        self._closing = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Connect and listen; returns when this node hears what is said from now on."""
        connection = await self._connect()
        self._loops = [
            asyncio.create_task(_forever(self._hear, connection)),
            asyncio.create_task(_forever(self._speak, None)),
        ]

    def publish(self, news: Progressed | Ended) -> None:
        """Tell everybody here at once, and the other nodes in a moment."""
        self._tell(news)
        self._outbox.put_nowait(news)

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True, application_name="limner feed")
        await connection.execute(f"LISTEN {CHANNEL}")
        return connection

    async def _hear(self, connection: psycopg.AsyncConnection[Any] | None) -> None:
        if connection is None:
            connection = await self._connect()
            for watch in self._everybody():
                watch.tell(Missed())
        async with connection:
            async for notification in connection.notifies():
                letter = msgspec.json.decode(notification.payload, type=Letter)
                if letter.node != self._node:
                    self._tell(await self._whole(letter))

    async def _whole(self, letter: Letter) -> Progressed | Ended:
        """Fetch a preview where somebody here watches for it."""
        if letter.preview is None or not isinstance(letter.news, Progressed):
            return letter.news
        if letter.news.task_id not in self._watches:
            return letter.news
        return msgspec.structs.replace(letter.news, preview=await self._store.get(letter.preview))

    async def _speak(self, _: None) -> None:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            while True:
                news = [await self._outbox.get()]
                while not self._outbox.empty():
                    news.append(self._outbox.get_nowait())
                letters = [await self._letter(one) for one in news]
                await connection.execute(SEND, (CHANNEL, letters))

    async def _letter(self, news: Progressed | Ended) -> str:
        key = None
        if isinstance(news, Ended):
            self._forget(news.task_id)
        elif news.preview is not None:
            kept = self._previews.setdefault(news.task_id, [])
            key = f"previews/{news.task_id}-{len(kept)}"
            await self._store.put(key, news.preview)
            kept.append(key)
            news = msgspec.structs.replace(news, preview=None)
        return msgspec.json.encode(Letter(node=self._node, news=news, preview=key)).decode()

    def _forget(self, task_id: str) -> None:
        """Delete a task's previews once everybody has had the time to fetch them."""
        keys = self._previews.pop(task_id, [])
        if keys:
            waiting = asyncio.create_task(self._delete_later(keys))
            self._deleting.add(waiting)
            waiting.add_done_callback(self._deleting.discard)

    async def _delete_later(self, keys: list[str]) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), KEPT)
        await self._store.delete(keys)

    async def close(self) -> None:
        """End, and let go of the connections and of the previews."""
        self.end()
        self._closing.set()
        await asyncio.gather(*self._deleting, return_exceptions=True)
        for loop in self._loops:
            loop.cancel()
            with suppress(asyncio.CancelledError):
                await loop


async def _forever(step: Callable[[Any], Coroutine[Any, Any, None]], first: Any) -> None:
    """Run a loop again whenever it breaks off; what it was given the first time is of use only once."""
    while True:
        with suppress(psycopg.Error, OSError):
            await step(first)
        first = None
        await asyncio.sleep(AGAIN)
