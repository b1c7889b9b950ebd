"""A real browser that sees nothing but this machine."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
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


def person() -> tuple[str, str]:
    """Give an e-mail address that nobody has yet, and a password."""
    return f"{uuid.uuid4()}@example.com", "correct horse battery"
