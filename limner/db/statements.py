"""Statements: compiled once per dialect, then run on the bare driver with a dict of parameters.

SQLAlchemy builds and spells the SQL; its engine, pool and result machinery are left out, for they cost
more than the statements themselves (`docs/decisions/0002-one-writer-thread.md`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

from sqlalchemy import insert

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Executable, Table
    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql.compiler import SQLCompiler

    from limner.db.base import Row


class Cursor(Protocol):
    """The part of a DB-API cursor that sqlite3 and psycopg share."""

    @property
    def description(self) -> Sequence[Any] | None:
        """One sequence per column of the result, its name first."""
        ...

    @property
    def rowcount(self) -> int:
        """How many rows were touched."""
        ...

    def fetchone(self) -> Any:
        """Return the next row or None."""
        ...

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        ...


class Plan:
    """One compiled statement: its SQL, the values written into it, and the names of its columns."""

    __slots__ = ("compiled", "defaults", "names", "sql")

    def __init__(self, compiled: SQLCompiler) -> None:
        self.sql = compiled.string
        self.compiled = compiled if compiled.post_compile_params else None
        self.names: tuple[str, ...] | None = None
        self.defaults = {name: bind.effective_value for bind, name in compiled.bind_names.items() if not bind.required}

    def bind(self, params: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the SQL and all parameters; lists for `IN` are spelled out anew each time."""
        if self.compiled is not None:
            state = self.compiled.construct_expanded_state(params)
            return state.statement, dict(state.parameters)
        return self.sql, {**self.defaults, **params} if self.defaults else params

    def columns(self, cursor: Cursor) -> tuple[str, ...]:
        """Return the names of the result's columns, asked of the driver once."""
        if self.names is None:
            self.names = tuple(column[0] for column in cursor.description or ())
        return self.names


class Plans:
    """Every statement compiled so far for one dialect; shared by its threads."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._plans: WeakKeyDictionary[Executable, Plan] = WeakKeyDictionary()
        self._inserts: dict[tuple[Table, tuple[str, ...]], str] = {}

    def of(self, statement: Executable) -> Plan:
        """Return the statement's plan."""
        plan = self._plans.get(statement)
        if plan is None:
            plan = self._plans[statement] = Plan(self._compile(statement))
        return plan

    def insert(self, table: Table, values: Mapping[str, Any]) -> str:
        """Return the SQL that inserts a row of these columns; raises KeyError for a column the table lacks."""
        key = (table, tuple(values))
        sql = self._inserts.get(key)
        if sql is None:
            for name in values:
                table.c[name]
            sql = self._inserts[key] = self._compile(insert(table), column_keys=list(values)).string
        return sql

    def _compile(self, statement: Any, **options: Any) -> SQLCompiler:
        compiled: SQLCompiler = statement.compile(dialect=self._dialect, **options)
        return compiled


class Session(ABC):
    """A connection as a `Transaction`; the dialects add how it begins, ends and steps back."""

    marks = False
    """Whether units of a batch can be given marks of their own to step back to."""

    def __init__(self, plans: Plans) -> None:
        self._plans = plans
        self.careful = False
        """Whether they are; a batch is run without first, and again with them when that cost it."""

    @abstractmethod
    def execute(self, sql: str, params: dict[str, Any]) -> Cursor:
        """Run one statement on the driver; raises `Duplicate` for a unique key that is taken."""

    def one(self, statement: Executable, /, **params: Any) -> Row | None:
        """Return the first row, or None."""
        plan = self._plans.of(statement)
        cursor = self.execute(*plan.bind(params))
        row = cursor.fetchone()
        return None if row is None else dict(zip(plan.columns(cursor), row, strict=True))

    def all(self, statement: Executable, /, **params: Any) -> list[Row]:
        """Return every row."""
        plan = self._plans.of(statement)
        cursor = self.execute(*plan.bind(params))
        rows = cursor.fetchall()
        names = plan.columns(cursor)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def run(self, statement: Executable, /, **params: Any) -> int:
        """Run an INSERT, UPDATE or DELETE and return how many rows it touched."""
        return self.execute(*self._plans.of(statement).bind(params)).rowcount

    def insert(self, table: Table, /, **values: Any) -> None:
        """Insert one row."""
        self.execute(self._plans.insert(table, values), values)

    @abstractmethod
    def begin(self) -> None:
        """Open a transaction, connecting again where the connection was lost."""

    @abstractmethod
    def commit(self) -> None:
        """Make everything since `begin` durable."""

    @abstractmethod
    def rollback(self) -> None:
        """Forget everything since `begin`; never raises for a transaction that is gone already."""

    @abstractmethod
    def savepoint(self) -> None:
        """Mark the place that `step_back` returns to."""

    @abstractmethod
    def release(self) -> None:
        """Keep what was done since the mark."""

    @abstractmethod
    def step_back(self, error: BaseException) -> None:
        """Forget what was done since the mark; raises the unit's error on when it cost the whole transaction."""

    @abstractmethod
    def retryable(self, error: BaseException) -> bool:
        """Whether the unit that met this error may simply be run again."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""
