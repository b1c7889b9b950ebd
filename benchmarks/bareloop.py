"""The floor for everything durable: one process that inserts one row a transaction, one after the other, no HTTP.

    python -m benchmarks.bareloop URL SECONDS < row.json

The row is a task as limner writes it, the table has the same columns and indices, the connection the same pragmas; the
statement goes straight to the driver. What is printed is how many rows a second were committed.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, cast

import msgspec

from limner.db import connect, dialect_of
from limner.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Callable


def inserting(url: str, columns: list[str]) -> Callable[[dict[str, Any]], object]:
    """Give the function that inserts a row and commits it: a statement on an autocommitting connection."""
    connection = cast("Any", connect(url)).connection
    postgres = dialect_of(url) == "postgresql"
    places = ", ".join(f"%({name})s" if postgres else f":{name}" for name in columns)
    sql = f"INSERT INTO tasks ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - the names of our own columns
    if postgres:
        return lambda row: connection.execute(sql, row, prepare=True)
    return lambda row: connection.execute(sql, row)


def rate(url: str, row: dict[str, Any], seconds: float) -> float:
    """Insert for so long; how many rows a second."""
    insert, inserted = inserting(url, list(row)), 0
    begun = at = time.perf_counter()
    while at < begun + seconds:
        insert(row | {"id": new_id()})
        inserted += 1
        at = time.perf_counter()
    return inserted / (at - begun)


if __name__ == "__main__":
    print(rate(sys.argv[1], msgspec.json.decode(sys.stdin.buffer.read()), float(sys.argv[2])))
