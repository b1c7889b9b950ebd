"""The feed: what happens to tasks, told to whoever watches one: a waiting request, a stream of events, a second node.

It is news, not truth: whoever must not miss the end of a task looks at its row when the feed says so, and now and then.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self


class Progressed(msgspec.Struct, frozen=True, kw_only=True, tag="progressed"):
    """A picture has come so far: `fraction` is 0..1; `preview`, where there is one, is it as it is now, encoded."""

    task_id: str
    position: int
    stage: str
    fraction: float
    preview: bytes | None = None


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag="ended"):
    """A task has come to its end."""

    task_id: str
    status: str


class Missed(msgspec.Struct, frozen=True, kw_only=True, tag="missed"):
    """Something may have been missed: look at the row."""


News = Progressed | Ended | Missed
MOST = 100
"""How much news may wait for one slow reader; older news than that is dropped, except that the reader is told so."""


class Watch:
    """One reader's view of one task; a context manager, for it has to be taken down."""

    def __init__(self, feed: LocalFeed, task_id: str) -> None:
        self._feed, self.task_id = feed, task_id
        self._news: asyncio.Queue[News | None] = asyncio.Queue()
        self.closed = False

    def __enter__(self) -> Self:
        self.put_up()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.take_down()

    def put_up(self) -> None:
        """See what happens from now on."""
        self._feed.put_up(self)

    def take_down(self) -> None:
        """See no more."""
        self._feed.take_down(self)

    def tell(self, news: News | None) -> None:
        """Take news; None says that there will be no more."""
        if news is None:
            self.closed = True
        elif self._news.qsize() >= MOST:
            self._news.get_nowait()
        self._news.put_nowait(news)

    async def next(self, seconds: float) -> News | None:
        """Wait for news for so long; None when there is none, or never will be (`closed`)."""
        if self.closed and self._news.empty():
            return None
        try:
            async with asyncio.timeout(seconds):
                return await self._news.get()
        except TimeoutError:
            return None


class LocalFeed:
    """A feed within one process; built once in `bootstrap`."""

    def __init__(self) -> None:
        """Nobody watches yet."""
        self._watches: dict[str, set[Watch]] = {}
        self._closed = False
        self.on_end: Callable[[Ended], None] = _unheard

    async def start(self) -> None:
        """Do nothing: there is nobody to connect to."""

    def watch(self, task_id: str) -> Watch:
        """Make a watch for a task; it sees what happens from entering it on."""
        return Watch(self, task_id)

    def put_up(self, watch: Watch) -> None:
        """Let a watch see what happens from now on."""
        self._watches.setdefault(watch.task_id, set()).add(watch)
        if self._closed:
            watch.tell(None)

    def take_down(self, watch: Watch) -> None:
        """Forget a watch."""
        left = self._watches.get(watch.task_id, set())
        left.discard(watch)
        if not left:
            self._watches.pop(watch.task_id, None)

    def publish(self, news: Progressed | Ended) -> None:
        """Tell everybody."""
        self._tell(news)

    def nudge(self, what: str) -> None:
        """Tell who watches it in this process to look at its rows; other nodes are not told."""
        for watch in self._watches.get(what, ()):
            watch.tell(Missed())

    def _tell(self, news: Progressed | Ended) -> None:
        for watch in self._watches.get(news.task_id, ()):
            watch.tell(news)
        if isinstance(news, Ended):
            self.on_end(news)

    def _everybody(self) -> list[Watch]:
        return [watch for watches in self._watches.values() for watch in watches]

    def end(self) -> None:
        """Tell every watch that there will be no more, now and from now on: the server stops."""
        self._closed = True
        for watch in self._everybody():
            watch.tell(None)

    async def close(self) -> None:
        """End, and let go of connections."""
        self.end()


def _unheard(_: Ended) -> None:
    """Nobody has asked to hear of every end."""
