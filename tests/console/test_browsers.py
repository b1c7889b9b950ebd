"""Browsers in words."""

from __future__ import annotations

import pytest

from limner.console.browsers import in_words

LIKE_CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36{}"

LIKE_SAFARI = "Mozilla/5.0 ({}) AppleWebKit/605.1.15 (KHTML, like Gecko) {} Mobile/15E148 Safari/604.1"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (LIKE_CHROME.format("X11; Linux x86_64", ""), "Chrome or Chromium on Linux"),
        (LIKE_CHROME.format("Windows NT 10.0; Win64; x64", " Edg/140.0.0.0"), "Edge on Windows"),
        (LIKE_CHROME.format("X11; CrOS x86_64 14541.0.0", ""), "Chrome or Chromium on ChromeOS"),
        (LIKE_CHROME.format("Linux; Android 10; K", " EdgA/140.0.0.0"), "Edge on Android"),
        (LIKE_CHROME.format("Macintosh; Intel Mac OS X 10_15_7", " OPR/120.0.0.0"), "Opera on macOS"),
        (
            LIKE_CHROME.format("X11; Linux x86_64", "").replace("Chrome/", "HeadlessChrome/"),
            "Headless Chromium on Linux",
        ),
        ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Linux"),
        (LIKE_SAFARI.format("iPhone; CPU iPhone OS 18_6 like Mac OS X", "Version/18.6"), "Safari on iPhone"),
        (LIKE_SAFARI.format("iPad; CPU OS 18_6 like Mac OS X", "CriOS/140.0.0.0"), "Chrome on iPad"),
        ("python-httpx/0.28.1", "python-httpx"),
        ("curl/8.5.0", "curl"),
        ("Mozilla/5.0 (compatible)", "An unknown browser"),
        ("<script>alert(1)</script>", "An unknown browser"),
        ("", "An unknown browser"),
    ],
)
def test_a_browser_is_called_what_it_says_it_is(user_agent: str, words: str) -> None:
    assert in_words(user_agent) == words
