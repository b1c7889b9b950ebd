"""What the rest of limner knows of a database: rows, transactions and the errors of the room itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from sqlalchemy import Executable, Table

Row: TypeAlias = Mapping[str, Any]


class DatabaseError(Exception):
    """The database could not do what it was asked to."""


class DatabaseLocked(DatabaseError):  # noqa: N818 - it reads as what happened
    """Another process serves this SQLite file."""


class DatabaseClosed(DatabaseError):  # noqa: N818 - it reads as what happened
    """The database was closed before this piece of work could run."""


class Duplicate(DatabaseError):  # noqa: N818 - it reads as what happened
    """A row with this key exists already.

    Let it leave the unit of work: on PostgreSQL the unit cannot go on after it (SQLite would let it).
    """


class Transaction(Protocol):
    """An open transaction, used only in the database's own threads and only while the unit of work runs.

    Statements are SQLAlchemy Core elements built once at module level, with `bindparam` for what changes;
    each is compiled once. A unit may be run again (after a deadlock, say), so it does nothing but work here.
    """

    def one(self, statement: Executable, /, **params: Any) -> Row | None:
        """Return the first row, or None."""
        ...

    def all(self, statement: Executable, /, **params: Any) -> list[Row]:
        """Return every row."""
        ...

    def run(self, statement: Executable, /, **params: Any) -> int:
        """Run an INSERT, UPDATE or DELETE and return how many rows it touched."""
        ...

    def insert(self, table: Table, /, **values: Any) -> None:
        """Insert one row; raises `Duplicate` when a unique key is taken. Columns left out are NULL."""
        ...
