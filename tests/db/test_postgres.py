"""What only PostgreSQL does: locks of rows, connections that get lost, transactions worth another try."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import psycopg
import pytest
from sqlalchemy import text

from limner.db import Database, Duplicate, Transaction, transaction
from tests.db import units

pytestmark = pytest.mark.parametrize("url", ["postgresql"], indirect=True)

HANG_UP = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"


def hang_up(url: str) -> None:
    """End every other connection to the database, as a restart of the server would."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(HANG_UP, [connection.info.backend_pid])


async def test_a_row_locked_by_another_node_is_waited_for_and_nobody_else_waits(url: str, db: Database) -> None:
    await db.write(units.open_account, "bob")
    with transaction(url) as tx:
        tx.one(units.LOCK, id="ann")
        units.add(tx, "ann", 10)
        blocked = [asyncio.ensure_future(db.write(units.add_slowly, "ann", 1)) for _ in range(3)]
        others = [asyncio.ensure_future(db.write(units.add, "bob", 1)) for _ in range(5)]
        assert await asyncio.gather(*others) == [1] * 5
        assert not any(one.done() for one in blocked)
    await asyncio.gather(*blocked)
    assert await db.read(units.balance, "ann") == 13


async def test_two_nodes_lose_nothing_whatever_the_order_of_their_locks(url: str, db: Database) -> None:
    await db.write(units.open_account, "bob")

    def both(tx: Transaction, one: str, other: str) -> None:
        units.add_slowly(tx, one, 1)
        units.add_slowly(tx, other, 1)

    async def caller(node: Database, one: str, other: str) -> None:
        for _ in range(5):
            await node.write(both, one, other)

    node = Database.open(url, exclusive=False)
    callers = [(db, "ann", "bob"), (db, "bob", "ann"), (node, "ann", "bob"), (node, "bob", "ann")]
    await asyncio.gather(*(caller(*each) for each in callers))
    await node.close()
    assert [await db.read(units.balance, who) for who in ("ann", "bob")] == [20, 20]


async def test_connections_that_were_hung_up_while_idle_are_made_anew(url: str, db: Database) -> None:
    await db.ready()
    hang_up(url)
    await db.ready()
    assert await db.write(units.add, "ann", 1) == 1


async def test_work_whose_connection_is_lost_is_done_again(url: str, db: Database) -> None:
    tries = []

    def unlucky(tx: Transaction, amount: int) -> int:
        tries.append(amount)
        count = units.add(tx, "ann", amount)
        if tries.count(amount) == 1:
            with suppress(psycopg.OperationalError):
                tx.one(text("SELECT pg_terminate_backend(pg_backend_pid())"))
            units.balance(tx, "ann")
        return count

    async with units.held_up(db):
        waiting = asyncio.gather(*(db.write(unlucky, amount) for amount in (1, 10, 100)))
    assert await waiting == [1, 1, 1]
    assert await db.read(units.balance, "ann") == 111


async def test_a_connection_lost_at_the_commit_is_an_error_for_it_may_have_happened(url: str, db: Database) -> None:
    def hang_up_on_me(tx: Transaction) -> None:
        units.add(tx, "ann", 1)
        with suppress(psycopg.OperationalError):
            tx.one(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(psycopg.OperationalError):
        await db.write(hang_up_on_me)
    assert await db.write(units.add, "ann", 10) == 1
    assert await db.read(units.balance, "ann") == 10


@pytest.mark.parametrize("together", [False, True])
async def test_an_error_that_was_swallowed_comes_out(url: str, db: Database, *, together: bool) -> None:
    """The server would roll back where it is told to commit, and say so to nobody."""

    def swallow(tx: Transaction) -> None:
        units.add(tx, "ann", 1)
        with suppress(Duplicate):
            units.open_account(tx, "ann")

    async with units.held_up(db):
        waiting = asyncio.gather(*(db.write(swallow) for _ in range(1 + together)), return_exceptions=True)
    results = await waiting
    assert {type(result) for result in results} == {psycopg.errors.InFailedSqlTransaction}
    assert await db.read(units.balance, "ann") == 0


async def test_a_deadlock_is_tried_three_times_and_then_told(url: str, db: Database) -> None:
    tries = []

    def stuck(tx: Transaction) -> None:
        tries.append(1)
        raise psycopg.errors.DeadlockDetected

    with pytest.raises(psycopg.errors.DeadlockDetected):
        await db.write(stuck)
    assert len(tries) == 1 + 3


async def test_a_server_that_is_away_is_told_and_comes_back(url: str, db: Database) -> None:
    name = url.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(url.replace(f"/{name}", "/postgres"), autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        hang_up_all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        admin.execute(hang_up_all, [name])
        for _ in range(2):
            with pytest.raises(psycopg.OperationalError):
                await db.ready()
            results = await asyncio.gather(*(db.write(units.add, "ann", 1) for _ in range(9)), return_exceptions=True)
            assert {type(result) for result in results} == {psycopg.OperationalError}
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    await db.ready()
    assert await db.write(units.add, "ann", 1) == 1


async def test_several_processes_may_serve_a_database(url: str, db: Database) -> None:
    other = Database.open(url)
    assert await db.write(units.add, "ann", 1) == 1
    assert await other.write(units.add, "ann", 1) == 1
    await other.close()
    assert await db.write(units.add, "ann", 1) == 1
