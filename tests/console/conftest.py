"""A real browser that sees nothing but this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

from limner.settings import Settings
from scripts.screens import opened
from tests.conftest import Live, serving
from tests.databases import migrated
from tests.letters import Letterbox, letterbox

Visit = Callable[..., "Page"]


class Watch:
    """What a page complained of and where it went; a test passes when there is nothing of the sort."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []

    def follow(self, page: Page) -> None:
        """Listen to a page from now on."""
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Serve on SQLite alone: pages do not touch the database, and a browser's tests are not cheap."""
    folder: Path = tmp_path_factory.mktemp("console")
    with (
        migrated("sqlite", folder) as url,
        serving(Settings(data=str(folder), database_url=url, workers=1, log_level="error")) as live,
    ):
        yield live


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., BrowserContext]]:
    """Open a browser once a file; call it for a profile of one's own. `BROWSER=none` leaves these tests out."""
    if os.environ.get("BROWSER") == "none":
        pytest.skip("BROWSER=none: the tests that need a browser are left out")
    folder: Path = tmp_path_factory.mktemp("browser")
    with sync_playwright() as playwright:
        started: Any = opened(playwright, downloads_path=folder)
        yield started.new_context
        started.close()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def visit(server: Live, browser: Callable[..., BrowserContext], watch: Watch) -> Iterator[Visit]:
    """Open a page of the server; keywords are those of a Playwright context, `width` that of the window."""
    contexts: list[BrowserContext] = []

    def _visit(path: str, width: int = 1280, **more: Any) -> Page:
        context = browser(viewport={"width": width, "height": 800}, base_url=server.url, **more)
        contexts.append(context)
        page = context.new_page()
        watch.follow(page)
        page.goto(path, wait_until="networkidle")
        return page

    yield _visit
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def box() -> Iterator[Letterbox]:
    """Have a mail server of one's own."""
    with letterbox() as opened:
        yield opened


@contextmanager
def mailing(dialect: str, folder: Path, box: Letterbox, **more: Any) -> Iterator[Live]:
    """Serve with mail for the length of a block; on PostgreSQL as a node that paints nothing."""
    with migrated(dialect, folder) as url:
        settings: dict[str, Any] = {
            "data": str(folder),
            "database_url": url,
            "smtp_url": f"smtp://127.0.0.1:{box.port}",
            "workers": 1,
            "log_level": "critical",
            "paints": "none" if dialect == "postgresql" else "all",
        }
        with serving(Settings(**settings | more)) as live:
            yield live
