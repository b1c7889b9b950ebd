"""Each test of this folder runs on SQLite and on PostgreSQL, with one account in the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from limner.db import Database, transaction
from tests import databases
from tests.db import units

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


@pytest.fixture(params=databases.DIALECTS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with databases.migrated(request.param, tmp_path) as url:
        with transaction(url) as tx:
            units.open_account(tx, "ann")
        yield url


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    database = Database.open(url)
    yield database
    await database.close()
