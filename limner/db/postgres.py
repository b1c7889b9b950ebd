"""PostgreSQL: a few threads, each with a psycopg connection, fed from the same queue as SQLite's.

The transaction is spelled out on autocommitting connections, because `BEGIN` and the savepoints then
travel in one message each. Imported only by who uses PostgreSQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors
from psycopg.adapt import Loader
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8Dumper
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from limner.db.base import Duplicate
from limner.db.lanes import Lane
from limner.db.statements import Plans, Session

if TYPE_CHECKING:
    from psycopg.abc import Buffer

    from limner.db.statements import Cursor

PATIENT = 3
READERS = 2
READS = 32
BATCH = 32
BEGIN = "BEGIN"
# one snapshot for the whole of a read, as SQLite gives it
BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# A batch holds the locks of all its units, so the batches of two nodes may wait for each other where their units
# never would. The one that waits too long commits what it has; the unit that met the lock goes on by itself.
BEGIN_BATCH = "BEGIN; SET LOCAL lock_timeout = '30ms'"

_plans = Plans(PGDialect_psycopg(paramstyle="pyformat"))  # type: ignore[no-untyped-call]


class NumericLoader(Loader):
    """Reads `numeric` as SQLite would give it: an integer (a sum of integers) or a float (their mean)."""

    def load(self, data: Buffer) -> int | float:
        """Return the number."""
        text = bytes(data)
        return float(text) if b"." in text else int(text)


def connect(url: str) -> psycopg.Connection[Any]:
    """Connect; raises psycopg.OperationalError when the server cannot be reached within ten seconds."""
    connection = psycopg.connect(url, autocommit=True, connect_timeout=10, application_name="limner")
    connection.adapters.register_dumper(int, Int8Dumper)  # one size of integer, so one prepared plan per statement
    connection.adapters.register_loader("numeric", NumericLoader)
    return connection


class PostgresSession(Session):
    """One PostgreSQL connection, made anew when it was lost."""

    marks = True

    def __init__(self, url: str, begin: str = BEGIN) -> None:
        """Connect; `begin` is what opens a transaction."""
        super().__init__(_plans)
        self._wrote = False
        self._url, self._begin = url, begin
        self._marked = False
        self._connect()

    def _connect(self) -> None:
        self.connection = connect(self._url)
        # one for all statements: making one for each cost a fifth of the time of a statement
        self._cursor = self.connection.cursor()

    def execute(self, sql: str, params: dict[str, Any]) -> Cursor:
        """Run one statement; raises `Duplicate` for a unique key that is taken."""
        self._wrote = self._wrote or not sql.startswith("SELECT")
        try:
            return self._cursor.execute(sql.encode(), params)
        except errors.UniqueViolation as error:
            raise Duplicate(str(error)) from error

    def begin(self) -> None:
        """Open a transaction, connecting again where the server hung up while nobody was looking."""
        self._marked = False
        try:
            self._command(self._begin)
        except psycopg.OperationalError:
            self.connection.close()
            self._connect()
            self._command(self._begin)

    def commit(self) -> None:
        """Make the transaction durable; raises when a unit swallowed an error, for the server would roll back."""
        self._whole()
        self._command("COMMIT")

    def rollback(self) -> None:
        """Forget the transaction; a connection that cannot even do that is closed."""
        try:
            if self._status() is not TransactionStatus.IDLE:
                self._command("ROLLBACK")
        except psycopg.Error:
            self.connection.close()

    def savepoint(self) -> None:
        """Mark the place that `step_back` returns to, letting go of the mark before.

        It costs a round trip, and units refuse before they write, so there is nearly never anything to step back from.
        """
        self._wrote = False
        if self.careful:
            self._command("RELEASE unit; SAVEPOINT unit" if self._marked else "SAVEPOINT unit")
            self._marked = True

    def release(self) -> None:
        """Keep what was done since the mark; the next mark or the commit says so to the server."""
        self._whole()

    def step_back(self, error: BaseException) -> None:
        """Forget what was done since the mark; raises the unit's error when that is the whole transaction."""
        if self.connection.closed:
            raise error
        if self.careful:
            self._command("ROLLBACK TO unit")
        elif self._wrote or self._status() is TransactionStatus.INERROR:
            raise error

    def retryable(self, error: BaseException) -> bool:
        """Deadlocks, other people's locks and lost connections are worth another try."""
        if isinstance(error, (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)):
            return True
        return isinstance(error, psycopg.OperationalError) and self.connection.closed

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def _command(self, sql: str) -> None:
        self._cursor.execute(sql.encode(), prepare=False)

    def _status(self) -> TransactionStatus:
        return self.connection.info.transaction_status

    def _whole(self) -> None:
        if self._status() is TransactionStatus.INERROR:
            raise errors.InFailedSqlTransaction("an error of the database was swallowed in this transaction")


def lanes(url: str) -> tuple[Lane, Lane]:
    """Connect and return the writing lane and the reading lane.

    One thread writes, for two batches of one process would only lock each other out; what has to wait for
    someone else's lock does so in the lane beside it.
    """
    patient = Lane("patient", [PostgresSession(url) for _ in range(PATIENT)], most=1)
    writer = Lane("writer", [PostgresSession(url, BEGIN_BATCH)], most=BATCH, aside=patient)
    return writer, Lane("reader", [PostgresSession(url, BEGIN_READING) for _ in range(READERS)], most=READS)


def session(url: str) -> PostgresSession:
    """Connect for the command line."""
    return PostgresSession(url)
