"""The way of a new user, in a real browser: from visitor to the first picture, by mouse and by keyboard alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from limner import accounts, quotas
from tests.people import PASSWORD, an_address
from tests.pictures import measure

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.conftest import Live
    from tests.console.conftest import Visit, Watch

API = "/apis/images-generations"
PROMPT = "three apples on a wooden table"
PRICE = 40_000
"""What a standard picture of the default size costs, micro-credits."""


def balance(server: Live, email: str) -> int:
    account = server.read(accounts.by_name, email)
    assert account is not None
    return int(server.read(quotas.balance, account.id))


def pixels(page: Page) -> list[int]:
    found: list[int] = page.locator(".picture img").first.evaluate(
        "async (image) => { await image.decode(); return [image.naturalWidth, image.naturalHeight] }"
    )
    return found


def wait_for_code(page: Page, text: str) -> None:
    page.locator("#code-text", has_text=text).wait_for()


def run(code: str, language: str, folder: Path) -> str:
    """Run what was copied as it is: without a key in the environment, for it holds the new one."""
    file = folder / f"copied.{language}"
    file.write_text(code, "utf-8")
    command = {"bash": ["bash", str(file)], "python": [sys.executable, str(file)]}[language]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]}, cwd=folder, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_visitor_acquires_tries_and_takes_the_code_along(
    server: Live, visit: Visit, watch: Watch, tmp_path: Path
) -> None:
    page = visit(f"{API}?quality=low", permissions=["clipboard-read", "clipboard-write"])
    email = an_address()
    page.get_by_label("prompt").fill(PROMPT)
    page.get_by_role("button", name="Acquire").click()
    register(page, email)
    page.wait_for_url(re.compile(re.escape(API)))
    assert page.get_by_label("prompt").input_value() == PROMPT
    assert page.get_by_label("quality").input_value() == "low"

    key = page.locator("#fresh-key").inner_text()
    assert re.fullmatch(r"lim_\w{38}", key)
    assert key not in page.url
    page.get_by_label("quality").select_option("")
    _try_at_once(server, page, email)
    _try_later(server, page, email)
    _take_along(page, key, tmp_path)

    page.reload()
    assert page.locator("#fresh-key").count() == 0, "the key is shown once"
    assert page.get_by_label("authorization").locator("option").first.inner_text().endswith(f"lim_…{key[-4:]}")
    wait_for_code(page, "LIMNER_KEY")
    page.get_by_role("button", name="Acquire").click()
    page.wait_for_url("**/console/credentials")
    assert watch.complaints == []


def register(page: Page, email: str) -> None:
    page.wait_for_url("**/register?*")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Register").click()


def _try_at_once(server: Live, page: Page, email: str) -> None:
    before = balance(server, email)
    assert "0.04 credits" in page.locator("#price").inner_text()
    with page.expect_request("**/v1/images/generations") as sent:
        page.get_by_role("button", name="Try").click()
    assert sent.value.post_data_json == {"model": "dall-e-3", "prompt": PROMPT}
    assert "authorization" not in sent.value.headers
    page.locator(".picture img").wait_for()
    assert pixels(page) == [1024, 1024]
    assert balance(server, email) == before - PRICE
    assert "4.96 left" in page.locator("#price").inner_text()


def _try_later(server: Live, page: Page, email: str) -> None:
    before = balance(server, email)
    page.get_by_label("async").check()
    page.get_by_role("button", name="Use my inbox").click()
    expect(page.get_by_label("callback_url")).to_have_value(re.compile(r"/inbox/[\w-]{32,}$"))
    assert "/inbox/" not in page.url, "whoever has the address of an inbox can read it"
    page.get_by_role("button", name="Try").click()
    page.get_by_text("Accepted: the answer comes later.").wait_for()
    page.locator(".cards").get_by_text("valid signature", exact=True).wait_for()
    page.locator(".picture img").wait_for()
    assert balance(server, email) == before - PRICE
    page.get_by_label("async").uncheck()
    page.get_by_label("callback_url").fill("")


def _take_along(page: Page, key: str, folder: Path) -> None:
    page.get_by_label("size").select_option("256x256")
    for tab, language in (("cURL", "bash"), ("Python (openai)", "python")):
        page.get_by_role("tab", name=tab, exact=True).click()
        wait_for_code(page, "256x256")
        wait_for_code(page, key)
        page.locator("#code").get_by_role("button", name="Copy").click()
        page.get_by_role("button", name="Copied").wait_for()
        told = run(page.evaluate("navigator.clipboard.readText()"), language, folder)
        link = re.search(r"http://127\.0\.0\.1:\d+/v1/files/[^\s\"]+", told.replace("\\/", "/"))
        assert link, told
        assert measure(page.request.get(link[0]).body()) == ("png", 256, 256)


class Keys:
    """Somebody without a mouse."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def go(self, name: str) -> None:
        """Press Tab until the element that goes by this name has the focus."""
        for _ in range(60):
            self._page.keyboard.press("Tab")
            if self._page.evaluate(NAMED) == name:
                assert self._page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
                return
        pytest.fail(f"{name} cannot be reached by Tab")

    def type(self, name: str, text: str) -> None:
        self.go(name)
        self._page.keyboard.type(text)

    def press(self, name: str, key: str = "Enter") -> None:
        self.go(name)
        self._page.keyboard.press(key)


NAMED = """() => {
  const focused = document.activeElement;
  return (focused.labels?.[0]?.innerText ?? focused.innerText ?? "").trim();
}"""


def test_the_same_without_a_mouse(server: Live, visit: Visit, watch: Watch) -> None:
    page: Any = visit(API)
    keys, email = Keys(page), an_address()
    keys.press("Acquire")
    page.wait_for_url("**/register?*")
    page.wait_for_function("document.activeElement.name === 'email'")  # the first field gets the focus by itself
    page.keyboard.type(email)
    keys.type("Password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(API)))
    page.locator("#fresh-key").wait_for()
    keys.go("prompt")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(PROMPT)
    keys.go("size")
    page.keyboard.type("512")
    keys.press("Try")
    page.locator(".picture img").wait_for()
    assert pixels(page) == [512, 512]
    assert balance(server, email) == 5_000_000 - PRICE
    # the code is below the form: its tabs by arrows
    page.get_by_role("tab", selected=True).focus()
    page.keyboard.press("ArrowRight")
    wait_for_code(page, "from openai import")
    assert page.get_by_role("tab", selected=True).inner_text() == "Python (openai)"
    assert watch.complaints == []
