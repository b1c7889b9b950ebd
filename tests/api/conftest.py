"""Servers of particular kinds: one that calls this machine back, one that is held, one that is never silent."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from limner.engines.illustrator import Illustrator
from limner.settings import Settings
from tests.conftest import serving
from tests.databases import DIALECTS, migrated
from tests.receivers import receiving
from tests.test_generations import Moody

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from limner.engines.base import Job, Picture, Progress, Setup
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


class Gated(Illustrator):
    """The illustrator, which begins with a prompt `held ...` when it is let."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup.workers)
        self.gate = asyncio.Event()

    async def generate(self, job: Job, progress: Progress) -> Picture:
        if job.prompt.startswith("held"):
            await self.gate.wait()
        return await super().generate(job, progress)


class Gate:
    """Opens the gate of an engine from the test's thread."""

    def __init__(self, live: Live, engine: Gated | Moody) -> None:
        self._live, self._gate = live, engine.gate

    def open(self) -> None:
        self._live.loop.call_soon_threadsafe(self._gate.set)

    def shut(self) -> None:
        self._live.loop.call_soon_threadsafe(self._gate.clear)


@contextmanager
def gate_of(live: Live, engine: str) -> Iterator[Gate]:
    """Give the gate of one of a server's engines, and shut it for the next test."""
    made = live.services.engines[engine]
    assert isinstance(made, Gated | Moody)
    gate = Gate(live, made)
    try:
        yield gate
    finally:
        gate.shut()


@pytest.fixture(scope="session", params=DIALECTS)
def held(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server whose engine makes one picture at a time, and only when it is let."""
    folder: Path = tmp_path_factory.mktemp(f"held-{request.param}")
    with migrated(request.param, folder) as url:
        settings = Settings(data=str(folder), database_url=url, log_level="error", sync_limit=60.0)
        with serving(settings, engines={"sandbox": Moody, "illustrator": Moody}) as live:
            yield live


@pytest.fixture(scope="session")
def restless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server that gives signs of life all the time; its illustrator is the real one, and waits for its gate."""
    folder: Path = tmp_path_factory.mktemp("restless")
    settings = Settings(data=str(folder), log_level="error", workers=1, sync_limit=60.0, heartbeat=0.05)
    with serving(settings, engines={"sandbox": Moody, "illustrator": Gated}) as live:
        yield live
