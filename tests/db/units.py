"""Units of work for the tests of the database, built as the nouns build theirs."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select, update

from limner.db.schema import accounts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from limner.db import Database, Row, Transaction

GET = select(accounts).where(accounts.c.id == bindparam("id"))
LOCK = GET.with_for_update()
NAMED = select(accounts.c.id).where(accounts.c.id.in_(bindparam("ids", expanding=True))).order_by(accounts.c.id)
RICHER_THAN_TEN = select(accounts.c.id).where(accounts.c.balance > 10).order_by(accounts.c.id)
SUM = select(func.sum(accounts.c.balance).label("sum"), func.avg(accounts.c.balance).label("mean"))
COUNT = select(func.count().label("n")).select_from(accounts)
ADD = (
    update(accounts)
    .where(accounts.c.id == bindparam("who"))
    .values(balance=accounts.c.balance + bindparam("amount"), running=accounts.c.running + 1)
)
ADD_AND_TELL = ADD.returning(accounts.c.balance)


class OutOfLuckError(Exception):
    """What a unit of the tests raises."""


def open_account(tx: Transaction, name: str, balance: int = 0) -> str:
    tx.insert(accounts, id=name, name=name, created_at=1, balance=balance, requests_tat=0, images_tat=0, running=0)
    return name


def add(tx: Transaction, who: str, amount: int) -> int:
    return tx.run(ADD, who=who, amount=amount)


def add_slowly(tx: Transaction, who: str, amount: int) -> None:
    """Read, then write what was read: right only when nobody else can come between."""
    row = tx.one(LOCK, id=who)
    assert row is not None
    add(tx, who, row["balance"] + amount - balance(tx, who))


def add_then_fail(tx: Transaction, who: str, amount: int) -> None:
    add(tx, who, amount)
    raise OutOfLuckError(who)


def balance(tx: Transaction, who: str) -> int:
    return int(account(tx, who)["balance"])


def account(tx: Transaction, who: str) -> Row:
    row = tx.one(GET, id=who)
    assert row is not None
    return row


@asynccontextmanager
async def held_up(db: Database) -> AsyncIterator[None]:
    """Keep the writer busy for the length of the block: what is asked for inside is one batch afterwards."""
    entered, gate = threading.Event(), threading.Event()

    def wait(tx: Transaction) -> None:
        entered.set()
        assert gate.wait(10)

    first = asyncio.ensure_future(db.write(wait))
    await asyncio.to_thread(entered.wait, 10)
    yield
    await asyncio.sleep(0)
    gate.set()
    await first
