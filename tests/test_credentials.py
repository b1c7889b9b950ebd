"""When credentials were last used: remembered in memory, written down now and then, and not lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from limner import accounts, credentials
from limner.credentials import Verifier
from limner.db import Database, DatabaseError, transaction
from limner.ids import now
from limner.settings import Settings
from tests.conftest import serving
from tests.databases import migrated

if TYPE_CHECKING:
    from pathlib import Path


class Broken:
    """A database that fails once and then keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[dict[str, int]] = []
        self._failed = False

    async def write(self, _: Any, used: dict[str, int]) -> None:
        if not self._failed:
            self._failed = True
            raise DatabaseError
        self.told.append(used)


async def test_what_could_not_be_written_is_written_the_next_time() -> None:
    broken = Broken()
    verifier = Verifier(cast("Database", broken))
    await verifier.write_down()
    begun = now()
    verifier.used("a")
    with pytest.raises(DatabaseError):
        await verifier.write_down()
    verifier.used("b")
    await verifier.write_down()
    await verifier.write_down()
    (told,) = broken.told
    assert sorted(told) == ["a", "b"]
    assert begun <= told["a"] <= told["b"] <= now()


def test_a_node_writes_it_down_before_it_ends(tmp_path: Path) -> None:
    with migrated("sqlite", tmp_path) as url:
        with serving(Settings(data=str(tmp_path), database_url=url, workers=1, log_level="error")) as live:
            made = live.acquire()
            begun = now()
            answer = httpx.get(f"{live.url}/v1/models", headers={"authorization": f"Bearer {made.key}"})
            assert answer.status_code == 200
        with transaction(url) as tx:
            account = accounts.by_name(tx, made.account)
            assert account is not None
            (listed,) = credentials.of_account(tx, account.id)
    assert listed.last_used_at is not None
    assert begun <= listed.last_used_at <= now()
