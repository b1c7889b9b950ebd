"""Every page there is, furnished as after some days of use: accessible, light, quiet, and nobody else's business."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from limner.console import routes
from limner.settings import Settings
from scripts.screens import DOOR, PAGES, Furnished, furnish
from tests.conftest import serving
from tests.databases import migrated
from tests.house.source import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

    from tests.console.conftest import Watch

HEAVIEST = 150_000
"""Bytes of a page with its style and scripts, before pictures."""

IMPACTS = {"serious", "critical"}
SHOWN: dict[str, str] = {**PAGES, **DOOR}
NO_PAGES = {
    *("/static/{name}", "/static/guide/{name}", "/inbox/{token}/events", "/console/tasks/{id}/now"),
    "/console/tasks/{id}/inputs/{place}",
    *("/console/usage.csv", "/console/ledger.csv", "/apis", "/login/oidc", "/login/oidc/callback"),
}
"""What is got and is no page to look at."""


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    folder: Path = tmp_path_factory.mktemp("furnished")
    with migrated("sqlite", folder) as url:
        settings = Settings(data=str(folder), database_url=url, log_level="error", workers=2)
        with serving(settings) as live:
            yield furnish(live.url)


@pytest.fixture(scope="module")
def contexts(furnished: Furnished, browser: Callable[..., BrowserContext]) -> Callable[[str], BrowserContext]:
    """Give the profile that a page is looked at with: the admin's, or a visitor's."""

    @cache
    def profile(kind: str) -> Any:
        context: Any = browser(viewport={"width": 1280, "height": 900}, base_url=furnished.url, reduced_motion="reduce")
        if kind == "admin":
            context.add_cookies(furnished.cookies)
        return context

    return lambda name: profile("visitor" if name in DOOR else "admin")


@cache
def axe() -> str:
    return (ROOT / "tests/javascript/node_modules/axe-core/axe.min.js").read_text("utf-8")


def where(furnished: Furnished, name: str) -> str:
    return SHOWN[name].format(**furnished.places)


def serious(page: Page, *rules: str) -> list[str]:
    """What axe-core finds wrong with a page as it stands, by all its rules or by some."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe())
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in IMPACTS
        for node in one["nodes"]
    ]


class Scales:
    """Weighs what crosses the wire for a page, as a browser with an empty cache gets it."""

    def __init__(self, page: Page) -> None:
        self._weights: dict[str, float] = {}
        self._kinds: dict[str, str] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.on("Network.responseReceived", self._received)
        session.on("Network.loadingFinished", self._finished)

    def _received(self, event: dict[str, Any]) -> None:
        self._kinds[event["requestId"]] = event["type"]

    def _finished(self, event: dict[str, Any]) -> None:
        self._weights[event["requestId"]] = event["encodedDataLength"]

    def read(self) -> float:
        """Give the bytes so far: the page, its style and scripts."""
        kinds = {request: self._kinds.get(request) for request in self._weights}
        assert "Document" in kinds.values()
        assert "Stylesheet" in kinds.values()
        counted = ("Document", "Stylesheet", "Script")
        return sum(weight for request, weight in self._weights.items() if kinds[request] in counted)


@pytest.mark.parametrize("name", SHOWN)
def test_a_page_is_accessible_quiet_narrow_and_light(
    furnished: Furnished, contexts: Callable[[str], BrowserContext], watch: Watch, name: str
) -> None:
    page = contexts(name).new_page()
    watch.follow(page)
    scales = Scales(page)
    page.goto(where(furnished, name), wait_until="load")
    assert scales.read() < HEAVIEST
    assert page.locator("h1").count() == 1
    assert serious(page) == []
    page.emulate_media(color_scheme="dark")
    assert serious(page, "color-contrast") == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert watch.complaints == []
    page.close()


def test_axe_would_find_a_fault(furnished: Furnished, contexts: Callable[[str], BrowserContext]) -> None:
    page = contexts("login").new_page()
    page.goto(where(furnished, "login"))
    page.evaluate("document.querySelector('label').remove()")
    assert any("label" in fault for fault in serious(page))
    page.close()


def test_no_page_is_left_out(furnished: Furnished) -> None:
    """Every route that shows something is among the pages above."""
    given: list[Any] = list(routes)
    paths = {route.path for route in given if "GET" in (route.methods or ())} - NO_PAGES
    shown = {SHOWN[name].partition("?")[0] for name in SHOWN}
    missing = {path for path in paths if not any(_same(path, one) for one in shown)}
    assert missing == set()


def _same(route: str, path: str) -> bool:
    parts, given = route.split("/"), path.split("/")
    return len(parts) == len(given) and all(a == b or a[:1] == "{" for a, b in zip(parts, given, strict=True))


def test_pages_of_users_are_kept_from_visitors(furnished: Furnished) -> None:
    with httpx.Client(base_url=furnished.url) as visitor:
        for name in PAGES:
            path = where(furnished, name)
            if path.startswith(("/console", "/admin")):
                answer = visitor.get(path)
                assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/login")
