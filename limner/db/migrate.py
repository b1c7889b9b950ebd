"""Migrations: brings a database to the tables that this version of limner knows.

The versions are Alembic's (`migrations/versions`), but a database that is up to date is told so by one plain
query: neither Alembic nor an engine is touched then, for every start of the server asks.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limner.db import connect, dialect_of
from limner.db.base import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from limner.db.statements import Session

# the newest version; a test compares it with the folder
HEAD = "0004"
FOLDER = Path(__file__).parent / "migrations"
VERSION = "SELECT version_num FROM alembic_version"
HAS_VERSION = {
    "sqlite": "SELECT name FROM sqlite_master WHERE name = 'alembic_version'",
    "postgresql": "SELECT to_regclass('alembic_version')",
}
# whoever comes second waits here, and then finds the work done
LOCK = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(1818848622)"}


def version(url: str) -> str | None:
    """Return the version a database is at, None for an empty one; an SQLite file that is missing is made."""
    with closing(connect(url)) as session:
        return _version(session, dialect_of(url))


def upgrade(url: str) -> None:
    """Bring the database to `HEAD`; several processes may ask at once.

    Raises `DatabaseError` when the database is newer than this limner, for its columns are unknown here.
    """
    at = version(url)
    if at is not None and at > HEAD:
        raise DatabaseError(f"the database is at version {at}, this limner knows {HEAD}: install a newer limner")
    if at != HEAD:
        _run(url)


def _version(session: Session, dialect: str) -> str | None:
    found = session.execute(HAS_VERSION[dialect], {}).fetchone()
    if found is None or found[0] is None:
        return None
    row = session.execute(VERSION, {}).fetchone()
    return None if row is None else str(row[0])


def _run(url: str) -> None:
    """Run the missing versions in one transaction, which only one process can hold."""
    from alembic import command  # noqa: PLC0415 - as the module says: only where there is something to do
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import NullPool, create_engine  # noqa: PLC0415

    dialect = dialect_of(url)
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    engine = create_engine(_engine_url(dialect), creator=_creator(url), poolclass=NullPool)
    with engine.connect() as connection:
        if dialect == "sqlite":
            connection.exec_driver_sql("PRAGMA busy_timeout = 30000")  # who comes second waits for all of it
        connection.exec_driver_sql(LOCK[dialect])
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def _engine_url(dialect: str) -> str:
    return "sqlite://" if dialect == "sqlite" else "postgresql+psycopg://"


def _creator(url: str) -> Callable[[], Any]:
    """Return what opens the driver's connection: the engine knows the dialect, the URL stays with the driver."""
    if dialect_of(url) == "sqlite":
        from limner.db.sqlite import session  # noqa: PLC0415

        return lambda: session(url).connection
    import psycopg  # noqa: PLC0415 - only who uses PostgreSQL loads its driver

    return lambda: psycopg.connect(url)
