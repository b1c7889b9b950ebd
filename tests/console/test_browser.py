"""The pages in a real browser: quiet, within bounds, and usable from the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from scripts.screens import LOADED

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.conftest import Live
    from tests.console.conftest import Visit, Watch

PAGES = ("/", "/docs", "/docs/guide", "/docs/guide/parameters", "/docs/guide/callbacks")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_renders_quietly_and_asks_nobody_else(visit: Visit, watch: Watch, path: str) -> None:
    page = visit(path)
    assert page.locator("h1").is_visible()
    # pictures further down would be loaded only when somebody scrolls to them
    page.evaluate(LOADED)
    assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(251, 250, 247)"
    assert watch.complaints == []
    assert {urlsplit(url).hostname for url in watch.requests} == {"127.0.0.1"}


def test_dark_mode_is_followed(visit: Visit) -> None:
    page = visit("/", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 17, 24)"


@pytest.mark.parametrize("width", [360, 768, 1024, 1600])
@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_wider_than_the_window(visit: Visit, path: str, width: int) -> None:
    page = visit(path, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_base_url_is_copied(server: Live, visit: Visit) -> None:
    page = visit("/", permissions=["clipboard-read", "clipboard-write"])
    box = page.locator(".address-box", has_text="/v1")
    box.get_by_role("button", name="Copy").click()
    box.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"{server.services.public_url}/v1"
    assert page.get_by_role("status").text_content() == "Copied"


def test_without_the_clipboard_interface_copying_works_too(visit: Visit) -> None:
    page = visit("/", permissions=["clipboard-read", "clipboard-write"])
    # What a page sees that comes over plain HTTP from another machine
    page.evaluate("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.locator(".address-box.small").get_by_role("button").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "limner credential create"


def test_a_browser_that_copies_nothing_says_so(visit: Visit) -> None:
    page = visit("/")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')) }")
    page.locator(".address-box.small").get_by_role("button").click()
    page.get_by_role("button", name="Press Ctrl+C").wait_for()


def test_tabs_work_from_the_keyboard(visit: Visit) -> None:
    page = visit("/", permissions=["clipboard-read", "clipboard-write"])
    tabs = page.get_by_role("tab")
    assert tabs.all_text_contents() == ["curl", "Python", "JavaScript"]
    tabs.first.focus()
    shown = [_shown(page)]
    for press in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "Home", "End"):
        page.keyboard.press(press)
        shown.append(_shown(page))
    assert shown == ["curl", "Python", "JavaScript", "curl", "JavaScript", "curl", "JavaScript"]
    tabs.nth(1).click()
    page.locator(".tabs").get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert "OpenAI(base_url=" in page.evaluate("navigator.clipboard.readText()")


def _shown(page: Page) -> str:
    """Give the language whose tab is selected, in the tab order and shown; there must be exactly one."""
    panel = page.get_by_role("tabpanel")
    assert panel.count() == 1
    selected = page.locator('[role=tab][aria-selected=true][tabindex="0"]')
    assert selected.get_attribute("aria-controls") == panel.get_attribute("id")
    assert page.locator("[role=tab][tabindex='-1']").count() == 2
    return selected.inner_text()


def test_the_first_tab_stop_skips_to_the_content(visit: Visit) -> None:
    page = visit("/docs")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_the_reference_lists_every_path(server: Live, visit: Visit) -> None:
    described = httpx.get(f"{server.url}/openapi.json").json()
    seen = visit("/docs").locator(".route code").all_text_contents()
    assert set(seen) == set(described["paths"])


def test_the_sidebar_leads_and_follows(visit: Visit) -> None:
    page = visit("/docs")
    contents = page.get_by_role("navigation", name="Contents", exact=True)
    contents.get_by_role("link", name="Errors", exact=True).click()
    contents.locator("[aria-current]", has_text="Errors").wait_for()
    assert page.locator("#errors h2").is_visible()
    page.keyboard.press("End")
    contents.locator("[aria-current]", has_text="Sandbox").wait_for()


def test_on_a_narrow_screen_the_contents_fold_away(visit: Visit) -> None:
    page = visit("/docs", width=360)
    assert not page.locator("#contents").is_visible()
    page.get_by_text("Contents", exact=True).click()
    page.locator("#folded").get_by_role("link", name="Sandbox").click()
    assert page.locator("#folded").get_attribute("open") is None
    assert page.evaluate("location.hash") == "#sandbox"


def test_the_guide_marks_chapter_and_section_and_folds(visit: Visit) -> None:
    page = visit("/docs/guide/errors")
    chapters = page.get_by_role("navigation", name="Chapters", exact=True)
    chapters.get_by_role("link", name="Practise").click()
    chapters.locator(".within [aria-current]", has_text="Practise").wait_for()
    assert chapters.locator("[aria-current=page]").inner_text() == "Errors"
    narrow = visit("/docs/guide/errors", width=360)
    assert not narrow.get_by_role("navigation", name="Chapters", exact=True).is_visible()
    narrow.get_by_text("Chapters", exact=True).click()
    narrow.locator("#folded").get_by_role("link", name="Catch one").click()
    assert narrow.locator("#folded").get_attribute("open") is None
    assert narrow.evaluate("location.hash") == "#catch"


def test_without_scripts_everything_can_be_read(visit: Visit) -> None:
    page = visit("/", java_script_enabled=False)
    assert page.get_by_text("curl -s").is_visible()
    assert page.get_by_text("new OpenAI").is_visible()
    assert page.locator("[data-copy]").filter(visible=True).count() == 0
