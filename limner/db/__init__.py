"""The database: transactions on SQLite or PostgreSQL, chosen by URL.

`await db.write(fn, *args)` runs `fn(tx, *args)` in the database's own thread, inside one transaction that is
committed before the await returns; `db.read` does the same without the right to write. Nothing slow can be
awaited in there, because `fn` is a plain function.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, TypeVar, cast

from sqlalchemy import literal, select

from limner.db import sqlite
from limner.db.base import DatabaseClosed, DatabaseError, DatabaseLocked, Duplicate, Row, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from limner.db.lanes import Lane
    from limner.db.sqlite import FileLock
    from limner.db.statements import Session

__all__ = [
    "Database",
    "DatabaseClosed",
    "DatabaseError",
    "DatabaseLocked",
    "Duplicate",
    "Row",
    "Transaction",
    "connect",
    "dialect_of",
    "transaction",
]

P = ParamSpec("P")
T = TypeVar("T")
Dialect = Literal["sqlite", "postgresql"]

_PING = select(literal(1).label("one"))


def dialect_of(url: str) -> Dialect:
    """Return which database a URL names; raises ValueError for one that limner does not speak to."""
    if url.startswith("sqlite:"):
        return "sqlite"
    if url.startswith(("postgresql:", "postgres:")):
        return "postgresql"
    raise ValueError(f"not a database URL: {url.partition('://')[0]!r} (sqlite:////file.db or postgresql://host/name)")


class Database:
    """An open database; built once in `bootstrap`, closed by it."""

    def __init__(self, dialect: Dialect, writes: Lane, reads: Lane, lock: FileLock | None) -> None:
        """Use `open`."""
        self.dialect: Dialect = dialect
        self._writes, self._reads, self._lock = writes, reads, lock

    @classmethod
    def open(cls, url: str, *, exclusive: bool = True) -> Database:
        """Open `sqlite:////file.db` (its folder is made) or `postgresql://...`.

        An SQLite file is served by one process at a time: raises `DatabaseLocked` when another holds it,
        unless `exclusive` is False. Raises ValueError for an unknown kind of URL.
        """
        dialect = dialect_of(url)
        if dialect == "sqlite":
            return cls(dialect, *sqlite.lanes(url, exclusive=exclusive))
        from limner.db import postgres  # noqa: PLC0415 - its driver is loaded only by who uses it

        return cls(dialect, *postgres.lanes(url), None)

    @property
    def shared(self) -> bool:
        """Whether several processes may serve it at once: PostgreSQL, not an SQLite file."""
        return self.dialect == "postgresql"

    @property
    def commits(self) -> int:
        """How many commits made all the writes so far durable."""
        return self._writes.commits

    async def write(self, fn: Callable[Concatenate[Transaction, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(tx, *args)` in one transaction; it is committed when this returns.

        What `fn` raises is raised here and takes back its own work only. When the waiter is cancelled,
        the work is done and committed all the same.
        """
        return cast("T", await self._writes.submit(fn, args, kwargs))

    async def read(self, fn: Callable[Concatenate[Transaction, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(tx, *args)` on one snapshot of what is committed; a write in there fails."""
        return cast("T", await self._reads.submit(fn, args, kwargs))

    async def ready(self) -> None:
        """Return when both reading and writing answer; raises the driver's error when they do not."""
        await self.read(_ping)
        await self.write(_ping)

    async def close(self) -> None:
        """Finish what was asked for so far, then let go of the database; twice is once."""
        await self._writes.close()
        await self._reads.close()
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()


@contextmanager
def transaction(url: str) -> Iterator[Transaction]:
    """Open one transaction without an event loop, for the command line; it is committed at the end of the block.

    It takes no lock file: SQLite lets the serving process wait for a short write, five seconds at most.
    """
    session = connect(url)
    try:
        session.begin()
        yield session
        session.commit()
    finally:
        session.rollback()
        session.close()


def connect(url: str) -> Session:
    """Connect without an event loop; raises what the driver raises, ValueError for an unknown kind of URL."""
    if dialect_of(url) == "sqlite":
        return sqlite.session(url)
    from limner.db import postgres  # noqa: PLC0415 - as above

    return postgres.session(url)


def _ping(tx: Transaction) -> Any:
    return tx.one(_PING)
