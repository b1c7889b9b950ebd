"""Transfer: brings the rows of one database into another with the same schema.

The rows are staged in temporary tables of the target, so that a statement or two for each table compare both sides and
bring them together. Everything here runs in the caller's transaction on the target: all of it happens, or nothing.

Each table that was brought over carries a mark, a digest of its rows in its comment. As long as the mark fits, nobody
has changed a row since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.sql import SQL, Composed, Identifier, Literal
from sqlalchemy import bindparam, func, select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import LiteralString

    from sqlalchemy import Table

    from limner.db.base import Transaction
    from limner.db.postgres import PostgresSession

BATCH = 500
"""How many rows are read at once."""

PATIENCE = "SET LOCAL lock_timeout = '10s'"
# the files are brought over while the transaction is open, which takes as long as it takes
ENDLESS = (
    "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
)
MARK = "as limner migrate left it: "

_STAGE = "CREATE TEMPORARY TABLE {staged} (LIKE {table}) ON COMMIT DROP"
_COPY = "COPY {staged} ({columns}) FROM STDIN"
_STRANGERS = "SELECT count(*) FROM {table} old WHERE NOT EXISTS (SELECT FROM {staged} new WHERE new.id = old.id)"
_DIFFERENT = "SELECT count(*) FROM {table} old JOIN {staged} new USING (id) WHERE (old.*) IS DISTINCT FROM (new.*)"
_CHANGE = """
UPDATE {table} old SET ({columns}) = ROW ({newer}) FROM {staged} new
WHERE new.id = old.id AND (old.*) IS DISTINCT FROM (new.*)
"""
_ADD = """
INSERT INTO {table} ({columns}) SELECT {columns} FROM {staged} new
WHERE NOT EXISTS (SELECT FROM {table} old WHERE old.id = new.id)
"""
_DIGEST = """SELECT md5(coalesce(string_agg(md5(one::text), '' ORDER BY one.id COLLATE "C"), '')) FROM {table} one"""
_EMPTY = "SELECT NOT EXISTS (SELECT FROM {table})"
_MARK = "COMMENT ON TABLE {table} IS {mark}"
_MARKED = "SELECT obj_description(to_regclass({name}), 'pg_class')"


def lock(target: PostgresSession, tables: Iterable[Table]) -> None:
    """Keep everybody else from writing to these tables until the transaction ends; whoever only reads may go on.

    Waits ten seconds at most for those who are writing; then raises psycopg's `LockNotAvailable`.
    """
    names = SQL(", ").join(Identifier(table.name) for table in tables)
    target.connection.execute(PATIENCE)
    target.connection.execute(SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(names))
    target.connection.execute(ENDLESS)


def count(source: Transaction, table: Table) -> int:
    """Count the rows of a table."""
    row = source.one(select(func.count().label("number")).select_from(table))
    return int(row["number"]) if row else 0


def stage(source: Transaction, target: PostgresSession, table: Table, told: Callable[[int], None]) -> int:
    """Bring all rows of a table into a temporary one beside it and give their number; `told` hears of every batch."""
    staged = 0
    _run(target, _STAGE, table)
    with target.connection.cursor() as cursor, cursor.copy(_sql(_COPY, table)) as copy:
        for batch in _batches(source, table):
            for row in batch:
                copy.write_row(row)
            staged += len(batch)
            told(len(batch))
    return staged


def _batches(source: Transaction, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    statement = select(table).where(table.c.id > bindparam("after")).order_by(table.c.id).limit(BATCH)
    after = ""
    while rows := source.all(statement, after=after):
        yield [tuple(map(_writable, row.values())) for row in rows]
        after = rows[-1]["id"]


def _writable(value: Any) -> Any:
    """Replace what PostgreSQL takes in no text, and SQLite in any."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value


def strangers(target: PostgresSession, table: Table) -> int:
    """Count the target's rows that were not staged."""
    return int(_one(target, _STRANGERS, table))


def different(target: PostgresSession, table: Table) -> int:
    """Count the target's rows that were staged with other values."""
    return int(_one(target, _DIFFERENT, table))


def touched(target: PostgresSession, table: Table) -> bool:
    """Whether the target's table holds rows other than those that `mark` was told of last."""
    mark = target.connection.execute(SQL(_MARKED).format(name=Literal(table.name))).fetchone()
    return not _one(target, _EMPTY, table) and (mark is None or mark[0] != MARK + digest(target, table.name))


def merge(target: PostgresSession, table: Table) -> int:
    """Change the target's rows that differ from the staged ones and add those that it lacks; how many.

    Rows are added in one statement, so that they may refer to each other in any order.
    """
    # first the changes: a row may let go of a unique key that a new one takes
    return _run(target, _CHANGE, table) + _run(target, _ADD, table)


def equal(target: PostgresSession, table: Table) -> bool:
    """Whether the target's table holds exactly the staged rows."""
    return digest(target, table.name) == digest(target, _staged(table))


def mark(target: PostgresSession, table: Table) -> None:
    """Remember the rows that the table has now."""
    value = Literal(MARK + digest(target, table.name))
    target.connection.execute(SQL(_MARK).format(table=Identifier(table.name), mark=value))


def digest(target: PostgresSession, table: str) -> str:
    """Sum up all rows of a table in a few digits (MD5: it finds changes, and is no proof against forgery)."""
    row = target.connection.execute(SQL(_DIGEST).format(table=Identifier(table))).fetchone()
    return str(row[0]) if row else ""


def _one(target: PostgresSession, statement: LiteralString, table: Table) -> Any:
    row = target.connection.execute(_sql(statement, table)).fetchone()
    return row[0] if row else None


def _run(target: PostgresSession, statement: LiteralString, table: Table) -> int:
    return target.connection.execute(_sql(statement, table)).rowcount


def _sql(statement: LiteralString, table: Table) -> Composed:
    return SQL(statement).format(
        table=Identifier(table.name),
        staged=Identifier(_staged(table)),
        columns=SQL(", ").join(Identifier(column.name) for column in table.columns),
        newer=SQL(", ").join(Identifier("new", column.name) for column in table.columns),
    )


def _staged(table: Table) -> str:
    return f"staged_{table.name}"
