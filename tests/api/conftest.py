"""A server whose callbacks may go to this machine, and a receiver for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from limner.settings import Settings
from tests.conftest import serving
from tests.databases import DIALECTS, migrated
from tests.receivers import receiving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Live
    from tests.receivers import Receiver


@pytest.fixture(scope="session", params=DIALECTS)
def calling(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """It tries each callback three times in a moment, and gives receivers all the time they want."""
    folder: Path = tmp_path_factory.mktemp(f"calling-{request.param}")
    with migrated(request.param, folder) as url:
        settings = Settings(
            data=str(folder),
            database_url=url,
            workers=1,
            log_level="error",
            callback_networks="127.0.0.0/8",
            callback_schedule="0,0.05,0.05",
            callback_timeout=60.0,
        )
        with serving(settings) as live:
            yield live


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of the test's own."""
    with receiving() as opened:
        yield opened
