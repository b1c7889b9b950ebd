"""SQLite: one file, one process that serves it, one thread that writes.

`docs/decisions/0002-one-writer-thread.md` tells why, and what the lock file and the command line do.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from limner.db.base import DatabaseLocked, Duplicate
from limner.db.lanes import Lane
from limner.db.statements import Plans, Session

if TYPE_CHECKING:
    from limner.db.statements import Cursor

PREFIX = "sqlite:///"
READERS = 2
BATCH = 256
UNIQUE = frozenset({"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"})
# full: a commit is on the disk before anybody hears of it. The cache holds 16 MB, temporary things stay in memory
PRAGMAS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA busy_timeout = 5000;
PRAGMA cache_size = -16000;
PRAGMA temp_store = MEMORY;
"""

_plans = Plans(SQLiteDialect_pysqlite(paramstyle="named"))


def path_of(url: str) -> Path:
    """Return the file that a URL such as `sqlite:////var/lib/limner/limner.db` names; raises ValueError for others."""
    path = url.removeprefix(PREFIX)
    if path == url or not path or path == ":memory:":
        raise ValueError(f"not the URL of an SQLite file: {url!r} (sqlite:////absolute/path.db)")
    return Path(path)


class SqliteSession(Session):
    """One SQLite connection."""

    def __init__(self, path: Path, *, query_only: bool = False) -> None:
        super().__init__(_plans)
        path.parent.mkdir(parents=True, exist_ok=True)
        # connected in one thread, used in another, never in two at once
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=1024)
        self._execute = self.connection.execute
        self._written = 0
        self._begin = "BEGIN" if query_only else "BEGIN IMMEDIATE"
        # the first thing on every connection, for switching to WAL may have to wait for another process's migration
        self.connection.execute("PRAGMA busy_timeout = 30000")
        self.connection.executescript(PRAGMAS)
        if query_only:
            self.connection.execute("PRAGMA query_only = ON")

    def execute(self, sql: str, params: dict[str, Any]) -> Cursor:
        """Run one statement; raises `Duplicate` for a unique key that is taken."""
        try:
            return self._execute(sql, params)
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorname in UNIQUE:
                raise Duplicate(str(error)) from error
            raise

    def begin(self) -> None:
        """Open a transaction; a writing one waits up to five seconds for another process."""
        self._execute(self._begin)

    def commit(self) -> None:
        """Write the transaction to the disk."""
        self._execute("COMMIT")

    def rollback(self) -> None:
        """Forget the transaction; that there is none any more is no fault."""
        with suppress(sqlite3.Error):
            self._execute("ROLLBACK")

    def savepoint(self) -> None:
        """Remember how much was written before a unit.

        An SQL savepoint and its release would cost every unit as much as two more rows. Units refuse before they
        write, so there is nothing to take back from nearly all that fail.
        """
        self._written = self.connection.total_changes

    def release(self) -> None:
        """Keep what the unit did; there is nothing to do."""

    def step_back(self, error: BaseException) -> None:
        """Go on after a unit that failed; raises its error when it had written, which costs the whole transaction."""
        if not self.connection.in_transaction or self.connection.total_changes != self._written:
            raise error

    def retryable(self, error: BaseException) -> bool:  # noqa: ARG002 - with one writer there is nothing to try again
        """Nothing is: there is one writer, so what failed would fail again."""
        return False

    def close(self) -> None:
        """Close the connection; the last one folds the log into the file."""
        self.connection.close()


class FileLock:
    """The lock that says which process serves a file: `limner.db.lock` beside `limner.db`, with the process id in it.

    The kernel frees it with its process, however that ends, so a lock file left behind locks nothing.
    """

    def __init__(self, path: Path) -> None:
        """Take the lock; raises `DatabaseLocked` naming the process that holds it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.with_name(path.name + ".lock").open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise DatabaseLocked(f"{path} is served by another process (pid {holder}); stop that one first") from error
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def release(self) -> None:
        """Give the lock back; the empty file stays, for deleting it would race with the next one."""
        self._file.truncate(0)
        self._file.close()


def lanes(url: str, *, exclusive: bool) -> tuple[Lane, Lane, FileLock | None]:
    """Open the file and return its writing lane, its reading lane and the lock held, if it was asked for."""
    path = path_of(url)
    lock = FileLock(path) if exclusive else None
    try:
        writer = SqliteSession(path)
        readers = [SqliteSession(path, query_only=True) for _ in range(READERS)]
    except BaseException:
        if lock is not None:
            lock.release()
        raise
    return Lane("writer", [writer], most=BATCH), Lane("reader", readers, most=BATCH), lock


def session(url: str) -> SqliteSession:
    """Connect for the command line: a short write beside the serving process, which waits for it."""
    return SqliteSession(path_of(url))
