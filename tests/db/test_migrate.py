"""Migrations: their sum is the schema, a second start costs one query, and two may start at once."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, text

from limner.db import DatabaseError, connect, migrate, transaction
from limner.db.schema import metadata
from tests import databases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture(params=databases.DIALECTS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with databases.fresh(request.param, tmp_path) as url:
        yield url


def engine_of(url: str) -> Engine:
    def open_driver() -> Any:
        return psycopg.connect(url)

    if url.startswith("sqlite"):
        return create_engine(url, poolclass=NullPool)
    return create_engine("postgresql+psycopg://", creator=open_driver, poolclass=NullPool)


def index_texts(url: str) -> dict[str, str]:
    """Return the SQL of every index, partial ones with their condition, which Alembic does not compare."""
    tables = {"sqlite": ("name", "sql", "sqlite_master"), "postgresql": ("indexname", "indexdef", "pg_indexes")}
    name, sql, table = tables["sqlite" if url.startswith("sqlite") else "postgresql"]
    with transaction(url) as tx:
        rows = tx.all(text(f"SELECT {name} AS name, {sql} AS sql FROM {table}"))  # noqa: S608 - two fixed words
    return {row["name"]: row["sql"] for row in rows if any(row["name"] == index.name for index in indexes())}


def indexes() -> list[Any]:
    return [index for table in metadata.tables.values() for index in table.indexes]


def test_the_schema_is_the_sum_of_the_migrations(empty: str, tmp_path: Path) -> None:
    migrate.upgrade(empty)
    with engine_of(empty).connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_object": ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def ours(thing: Any, name: str, *_: Any) -> bool:
    """Leave out the queue's own tables, which its library makes and migrates."""
    table = getattr(thing, "table", thing)
    return not str(table.name).startswith("procrastinate")


def test_the_indexes_are_the_same_to_the_letter(empty: str, tmp_path: Path) -> None:
    migrate.upgrade(empty)
    (tmp_path / "other").mkdir()
    with databases.fresh("sqlite" if empty.startswith("sqlite") else "postgresql", tmp_path / "other") as other:
        metadata.create_all(engine_of(other))
        assert index_texts(empty) == index_texts(other)
    assert len(index_texts(empty)) == len(indexes())


def test_the_head_is_the_newest_version() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.FOLDER))
    assert ScriptDirectory.from_config(config).get_current_head() == migrate.HEAD


def test_it_knows_where_it_is_and_a_second_time_changes_nothing(empty: str) -> None:
    assert migrate.version(empty) is None
    migrate.upgrade(empty)
    migrate.upgrade(empty)
    assert migrate.version(empty) == migrate.HEAD


def test_several_may_start_at_once(empty: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrate.upgrade, [empty] * 3))
    assert migrate.version(empty) == migrate.HEAD


def test_a_database_from_the_future_is_refused(empty: str) -> None:
    migrate.upgrade(empty)
    with transaction(empty) as tx:
        tx.run(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match="install a newer limner"):
        migrate.upgrade(empty)


def test_an_empty_version_table_counts_as_empty(tmp_path: Path) -> None:
    with databases.fresh("sqlite", tmp_path) as url, closing(connect(url)) as session:
        session.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)", {})
        assert migrate.version(url) is None


def test_a_database_that_is_up_to_date_costs_no_imports(tmp_path: Path) -> None:
    with databases.migrated("sqlite", tmp_path) as url:
        code = (
            "import sys; from limner.db import migrate; migrate.upgrade(sys.argv[1]);"
            "print([name for name in ('alembic', 'psycopg') if name in sys.modules])"
        )
        output = subprocess.run([sys.executable, "-c", code, url], check=True, capture_output=True, text=True).stdout
    assert output == "[]\n"
