"""What a transaction promises, on either database."""

from __future__ import annotations

import asyncio
import threading

import pytest
from sqlalchemy import insert, text

from limner.db import Database, DatabaseClosed, Duplicate, Transaction, transaction
from limner.db.schema import accounts
from tests.db import units


async def test_a_write_is_there_after_it_returns_and_after_reopening(url: str) -> None:
    db = Database.open(url)
    assert await db.write(units.add, "ann", amount=7) == 1
    assert await db.read(units.balance, "ann") == 7
    await db.close()
    with transaction(url) as tx:
        assert units.balance(tx, "ann") == 7


async def test_statements_of_every_kind(db: Database) -> None:
    def work(tx: Transaction) -> None:
        units.open_account(tx, "bob", balance=11)
        units.open_account(tx, "cy", balance=12)
        assert tx.one(units.GET, id="nobody") is None
        assert tx.one(units.ADD_AND_TELL, who="bob", amount=1) == {"balance": 12}
        assert tx.all(units.NAMED, ids=["cy", "ann", "nobody"]) == [{"id": "ann"}, {"id": "cy"}]
        assert tx.all(units.NAMED, ids=[]) == []
        assert tx.all(units.RICHER_THAN_TEN) == [{"id": "bob"}, {"id": "cy"}]
        assert tx.one(units.SUM) == {"sum": 24, "mean": 8.0}
        assert tx.one(text("SELECT name FROM accounts WHERE id = :id"), id="cy") == {"name": "cy"}
        assert tx.run(units.ADD, who="nobody", amount=1) == 0
        assert tx.run(insert(accounts), **{**units.account(tx, "cy"), "id": "dee", "name": "dee 100%"}) == 1
        assert units.account(tx, "dee")["name"] == "dee 100%"
        assert units.account(tx, "dee")["disabled_at"] is None

    await db.write(work)


async def test_a_column_that_is_not_there_is_a_mistake(db: Database) -> None:
    with pytest.raises(KeyError, match="surname"):
        await db.write(lambda tx: tx.insert(accounts, id="x", surname="y"))


async def test_who_fails_takes_back_only_his_own_work(db: Database) -> None:
    async with units.held_up(db):
        waiting = asyncio.gather(
            db.write(units.add, "ann", 1),
            db.write(units.add_then_fail, "ann", 10),
            db.write(units.open_account, "ann"),
            db.write(units.add, "ann", 100),
            return_exceptions=True,
        )
    results = await waiting
    assert results[0] == results[3] == 1
    assert isinstance(results[1], units.OutOfLuckError)
    assert isinstance(results[2], Duplicate)
    assert await db.read(units.balance, "ann") == 101


async def test_one_alone_fails_with_its_own_error(db: Database) -> None:
    with pytest.raises(units.OutOfLuckError, match="ann"):
        await db.write(units.add_then_fail, "ann", 10)
    with pytest.raises(Duplicate):
        await db.write(units.open_account, "ann")
    assert await db.read(units.balance, "ann") == 0


async def test_stop_iteration_arrives_as_something_a_future_can_carry(db: Database) -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        await db.write(lambda tx: next(iter(tx.all(units.NAMED, ids=[]))))


async def test_a_reference_to_nothing_is_refused(db: Database) -> None:
    def stray(tx: Transaction) -> None:
        tx.run(text("INSERT INTO applications (id, account_id, api, created_at) VALUES ('a', 'nobody', 'images', 1)"))

    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await db.write(stray)


async def test_what_waits_is_committed_together(db: Database) -> None:
    async with units.held_up(db):
        before = db.commits
        waiting = [asyncio.ensure_future(db.write(units.add, "ann", 1)) for _ in range(20)]
    assert await asyncio.gather(*waiting) == [1] * 20
    assert db.commits - before == 2
    assert await db.read(units.balance, "ann") == 20


async def test_many_callers_lose_nothing(db: Database) -> None:
    async def caller() -> None:
        for _ in range(10):
            await db.write(units.add_slowly, "ann", 1)

    await asyncio.gather(*(caller() for _ in range(16)))
    row = await db.read(units.account, "ann")
    assert (row["balance"], row["running"]) == (160, 160)


async def test_whoever_stops_waiting_is_served_all_the_same(db: Database) -> None:
    async with units.held_up(db):
        waiter = asyncio.ensure_future(db.write(units.add, "ann", 5))
        await asyncio.sleep(0)
        waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    await db.write(units.add, "ann", 1)
    assert await db.read(units.balance, "ann") == 6


async def test_a_read_cannot_write_and_sees_one_snapshot(db: Database) -> None:
    seen, go_on = threading.Event(), threading.Event()

    def look_twice(tx: Transaction) -> tuple[int, int]:
        first = units.balance(tx, "ann")
        seen.set()
        assert go_on.wait(10)
        return first, units.balance(tx, "ann")

    look = asyncio.ensure_future(db.read(look_twice))
    await asyncio.to_thread(seen.wait, 10)
    await db.write(units.add, "ann", 1)
    go_on.set()
    assert await look == (0, 0)
    with pytest.raises(Exception, match=r"(?i)read.?only"):
        await db.read(units.add, "ann", 1)
    assert await db.read(units.balance, "ann") == 1


async def test_closing_finishes_what_was_asked_for(url: str) -> None:
    db = Database.open(url)
    await db.ready()
    writes = [asyncio.ensure_future(db.write(units.add, "ann", 1)) for _ in range(40)]
    reads = [asyncio.ensure_future(db.read(units.balance, "ann")) for _ in range(5)]
    await asyncio.sleep(0)
    await db.close()
    assert await asyncio.gather(*writes) == [1] * 40
    await asyncio.gather(*reads)
    with pytest.raises(DatabaseClosed):
        await db.write(units.add, "ann", 1)
    await db.close()
    with transaction(url) as tx:
        assert units.balance(tx, "ann") == 40


async def test_two_loops_share_a_database(db: Database) -> None:
    def elsewhere() -> int:
        return asyncio.run(db.write(units.add, "ann", 1))

    assert await asyncio.to_thread(elsewhere) == await db.write(units.add, "ann", 1) == 1


def test_a_block_that_fails_is_taken_back(url: str) -> None:
    with pytest.raises(units.OutOfLuckError), transaction(url) as tx:
        units.add_then_fail(tx, "ann", 1)
    with transaction(url) as tx:
        assert units.balance(tx, "ann") == 0


def test_only_known_databases() -> None:
    for url in ("mysql://host/name", "limner.db"):
        with pytest.raises(ValueError, match="not a database URL"):
            Database.open(url)
