"""What most tests need: a live server on either database, an account with a key, and a client that carries it."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
import threading
import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import certifi
import httpx
import pytest
import uvicorn

from limner.acquire import Acquired, acquire
from limner.app import create_app
from limner.db import connect
from limner.engines import ENGINES
from limner.engines.illustrator import WORKER, Illustrator
from limner.settings import Settings
from tests.databases import DIALECTS, migrated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from limner.bootstrap import Services
    from limner.db import Transaction
    from limner.engines.base import Setup

UNTRACED = (
    "e2e",
    *(f"console/test_{name}.py" for name in ("browser", "every_page", "guide", "playground", "sample_runs", "walk")),
    *(f"engines/illustrator/test_{name}.py" for name in ("backdrops", "geneval", "lettering_read_back", "odd_prompts")),
    "api/test_other_clients.py",
    "test_benchmarks.py",
)
"""Tests that are run without coverage: they paint much, look at much in a browser or start many processes, for which
tracing takes nearly as long again, and go where other tests go too."""

TRUSTED = tempfile.NamedTemporaryFile("w", prefix="limner-trusted-", suffix=".pem")  # noqa: SIM115 - as long as we live
"""One certificate instead of all that the world trusts: to read those takes every HTTP client 30 ms of CPU, and no test
calls anything beyond this machine. Processes that are started inherit it."""
END = "-----END CERTIFICATE-----\n"
TRUSTED.write(Path(certifi.where()).read_text("utf-8").partition(END)[0] + END)
TRUSTED.flush()
os.environ["SSL_CERT_FILE"] = TRUSTED.name


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that are run without coverage."""
    places = [Path(__file__).parent / name for name in UNTRACED]
    for item in items:
        if any(item.path.is_relative_to(place) for place in places):
            item.add_marker("untraced")


class Unhurried(Illustrator):
    """The illustrator, whose workers are started by the first picture and not traced for coverage.

    Most servers of the tests paint little or nothing; the engine's own tests start and trace it as it is.
    """

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup.workers, ("env", "-u", "COVERAGE_PROCESS_CONFIG", *WORKER))

    async def start(self) -> None:
        """Leave the workers to the first picture."""


@dataclass
class Live:
    """A server that listens on 127.0.0.1 in a thread of its own; `run` awaits something in its event loop."""

    url: str
    services: Services
    loop: asyncio.AbstractEventLoop

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def write(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self.run(self.services.database.write(fn, *args, **kwargs))

    def read(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self.run(self.services.database.read(fn, *args, **kwargs))

    def acquire(self, **more: Any) -> Acquired:
        """Make a fresh account with a key."""
        made: Acquired = self.write(acquire, f"account-{uuid.uuid4()}", **{"free_credits": 5_000_000} | more)
        return made


@contextmanager
def serving(settings: Settings, **more: Any) -> Iterator[Live]:
    """Serve in a thread for the length of a block."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    standing: list[tuple[Services, asyncio.AbstractEventLoop]] = []

    async def ready(services: Services) -> None:
        standing.append((services, asyncio.get_running_loop()))

    chosen = Settings(**{field: getattr(settings, field) for field in Settings.__struct_fields__} | {"port": port})
    app = create_app(chosen, ready=ready, **({"engines": ENGINES | {"illustrator": Unhurried}} | more))
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="error", access_log=False, lifespan="on", server_header=False)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started and thread.is_alive():
            threading.Event().wait(0.01)
        services, loop = standing[0]
        yield Live(f"http://127.0.0.1:{port}", services, loop)
    finally:
        server.should_exit = True
        thread.join(60)
        listener.close()


@pytest.fixture(scope="session", params=DIALECTS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The server of most tests, once on each database; tests keep apart by their accounts."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    with migrated(request.param, folder) as url:
        settings = Settings(data=str(folder), database_url=url, workers=1, log_level="error", engine_timeout=60.0)
        with serving(settings) as live:
            yield live


@pytest.fixture(scope="module", params=DIALECTS)
def empty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database with all tables and no rows, for the tests of one file."""
    with migrated(request.param, tmp_path_factory.mktemp("empty")) as url:
        yield url


@pytest.fixture
def tx(empty: str) -> Iterator[Transaction]:
    """A transaction on either database that is taken back when the test is over."""
    with closing(connect(empty)) as session:
        session.begin()
        yield session
        session.rollback()


@pytest.fixture
def account(server: Live) -> Acquired:
    """A fresh account with the free grant."""
    return server.acquire()


@pytest.fixture
def key(account: Acquired) -> str:
    """The fresh account's key."""
    return account.key


@pytest.fixture
def client(server: Live, key: str) -> Iterator[httpx.Client]:
    """An HTTP client that carries the key."""
    with httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {key}"}, timeout=60) as opened:
        yield opened
