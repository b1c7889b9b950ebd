"""What only SQLite does: the lock of the file, the write beside the server, the disk that fails."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from limner.db import Database, DatabaseLocked, Transaction, transaction
from limner.db.sqlite import path_of
from tests.db import units

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


def open_elsewhere(url: str) -> subprocess.CompletedProcess[str]:
    """Open the database in a process that ends without closing it."""
    code = "import sys; from limner.db import Database; Database.open(sys.argv[1])"
    return subprocess.run([sys.executable, "-c", code, url], capture_output=True, text=True, check=False)


async def test_a_second_process_is_told_who_serves_the_file(url: str, db: Database) -> None:
    second = await asyncio.to_thread(open_elsewhere, url)
    assert second.returncode != 0
    assert f"DatabaseLocked: {path_of(url)} is served by another process (pid {os.getpid()})" in second.stderr


async def test_the_lock_goes_with_its_holder(url: str) -> None:
    assert (await asyncio.to_thread(open_elsewhere, url)).returncode == 0
    first = Database.open(url)
    with pytest.raises(DatabaseLocked):
        Database.open(url)
    beside = Database.open(url, exclusive=False)
    await beside.close()
    await first.close()
    await Database.open(url).close()


async def test_the_command_line_may_write_beside_the_server(url: str, db: Database) -> None:
    with transaction(url) as tx:
        units.add(tx, "ann", 3)
        waiting = asyncio.ensure_future(db.write(units.add, "ann", 4))
        await asyncio.sleep(0)
    assert await waiting == 1
    assert await db.read(units.balance, "ann") == 7


def test_the_settings_of_a_connection(url: str) -> None:
    with transaction(url) as tx:
        settings = {name: tx.one(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")}
        assert tx.one(text("PRAGMA busy_timeout")) == {"timeout": 5000}
    assert settings == {
        "journal_mode": {"journal_mode": "wal"},
        "synchronous": {"synchronous": 2},
        "foreign_keys": {"foreign_keys": 1},
    }


async def test_a_full_disk_is_the_error_of_whoever_meets_it(url: str, db: Database) -> None:
    """SQLite throws the whole transaction away then, so the others of the batch are run again."""

    def no_more_pages(tx: Transaction) -> None:
        tx.one(text("PRAGMA max_page_count = 1"))

    def hog(tx: Transaction) -> None:
        units.open_account(tx, "x" * 1_000_000)

    await db.write(no_more_pages)
    async with units.held_up(db):
        waiting = asyncio.gather(
            db.write(units.add, "ann", 1), db.write(hog), db.write(units.add, "ann", 2), return_exceptions=True
        )
    results = await waiting
    assert results[0] == results[2] == 1
    assert "full" in str(results[1])
    assert await db.read(units.balance, "ann") == 3


async def test_a_commit_that_fails_fails_everybody_in_it(url: str, db: Database) -> None:
    """A foreign key checked as late as the commit is the plainest commit that fails."""

    def stray(tx: Transaction) -> None:
        tx.run(text("PRAGMA defer_foreign_keys = ON"))
        tx.run(text("INSERT INTO applications (id, account_id, api, created_at) VALUES ('a', 'nobody', 'images', 1)"))

    async with units.held_up(db):
        waiting = asyncio.gather(db.write(units.add, "ann", 1), db.write(stray), return_exceptions=True)
    results = await waiting
    assert ["FOREIGN KEY" in str(result) for result in results] == [True, True]
    assert await db.read(units.balance, "ann") == 0
    assert await db.write(units.add, "ann", 1) == 1


def test_a_file_that_is_no_database_gives_the_lock_back(tmp_path: Path, url: str) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Ann, this is not a database. " * 99)
    for exclusive in (True, True, False):
        with pytest.raises(Exception, match="not a database"):
            Database.open(f"sqlite:///{path}", exclusive=exclusive)


def test_only_files(url: str) -> None:
    for other in ("sqlite://", "sqlite:///:memory:", "sqlite:limner.db"):
        with pytest.raises(ValueError, match="not the URL of an SQLite file"):
            Database.open(other)
