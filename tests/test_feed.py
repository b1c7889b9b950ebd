"""The feed: news of tasks reaches whoever watches, here and at other nodes, and a lost connection is no lost end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg
import pytest

from limner.dispatch.feed import MOST, Ended, LocalFeed, Missed, News, Progressed, Watch
from limner.dispatch.notify import FleetFeed
from limner.storage import Storage
from tests.databases import postgres_url

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 20.0


def step(fraction: float, preview: bytes | None = None) -> Progressed:
    return Progressed(task_id="t", position=0, stage="painting", fraction=fraction, preview=preview)


END = Ended(task_id="t", status="completed")


async def drained(watch: Watch) -> list[News]:
    found = []
    while (news := await watch.next(0)) is not None:
        found.append(news)
    return found


async def test_a_watch_sees_its_task_from_entering_it_until_leaving_it() -> None:
    feed = LocalFeed()
    feed.publish(step(0.1))
    with feed.watch("t") as watch, feed.watch("t") as other, feed.watch("another") as stranger:
        feed.publish(step(0.5))
        feed.publish(END)
        assert await drained(watch) == await drained(other) == [step(0.5), END]
        assert await drained(stranger) == []
    feed.publish(END)
    assert await drained(watch) == []


async def test_a_reader_who_is_slow_loses_the_oldest_and_never_the_end() -> None:
    feed = LocalFeed()
    with feed.watch("t") as watch:
        for number in range(MOST + 10):
            feed.publish(step(number / 1000))
        feed.publish(END)
        found = await drained(watch)
    assert len(found) == MOST
    assert found[-1] == END


async def test_an_ended_feed_tells_those_who_watch_and_those_who_come_later() -> None:
    feed = LocalFeed()
    await feed.start()
    with feed.watch("t") as watch:
        feed.publish(END)
        await feed.close()
        assert await watch.next(PATIENCE) == END
        assert await watch.next(PATIENCE) is None
        assert watch.closed
        assert await watch.next(PATIENCE) is None
    with feed.watch("t") as late:
        assert await late.next(PATIENCE) is None
        assert late.closed


@pytest.fixture
def url() -> Iterator[str]:
    with postgres_url() as made:
        yield made


async def test_news_goes_to_the_other_nodes_and_previews_by_the_store(url: str) -> None:
    storage = Storage.open("memory://")
    here, there = FleetFeed(url, "here", storage), FleetFeed(url, "there", storage)
    ends: list[Ended] = []
    there.on_end = ends.append
    await asyncio.gather(here.start(), there.start())
    try:
        with here.watch("t") as own, there.watch("t") as watch:
            for news in (step(0.2), step(0.4, b"so far"), END):
                here.publish(news)
            found = [await watch.next(PATIENCE) for _ in range(3)]
            assert found == [step(0.2), step(0.4, b"so far"), END]
            assert await drained(own) == [step(0.2), step(0.4, b"so far"), END]
            assert ends == [END]
            there.publish(step(0.9, b"unwatched"))
            there.publish(END)
            assert isinstance(await own.next(PATIENCE), Progressed)
            assert await own.next(PATIENCE) == END
    finally:
        await asyncio.gather(here.close(), there.close())
    assert await storage.size("previews/t-0") is None


async def test_a_node_that_lost_its_connection_says_that_it_may_have_missed_something(url: str) -> None:
    feed = FleetFeed(url, "here", Storage.open("memory://"))
    await feed.start()
    try:
        with feed.watch("t") as watch:
            hang_up(url)
            assert await watch.next(PATIENCE) == Missed()
            other = FleetFeed(url, "there", Storage.open("memory://"))
            await other.start()
            other.publish(END)
            assert await watch.next(PATIENCE) == END
            await other.close()
    finally:
        await feed.close()


def hang_up(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
