"""Browsers in words, from what they say of themselves. Nobody is told more than that: it is easily made up."""

from __future__ import annotations

import re

# the first that fits: all of them say Mozilla, and whoever is made of Chromium says Chrome and Safari too
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Vivaldi", "Vivaldi"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("HeadlessChrome", "Headless Chromium"),
    ("Chromium", "Chromium"),
    ("Chrome", "Chrome or Chromium"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
_PRODUCT = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,39}(?=/)")


def in_words(user_agent: str) -> str:
    """Say which browser on which system sent this `User-Agent` header, as far as it can be told."""
    browser = next((name for mark, name in _BROWSERS if re.search(rf"\b{mark}\w{{0,3}}/", user_agent)), None)
    if browser is None:
        program = _PRODUCT.match(user_agent)
        browser = program[0] if program and program[0] != "Mozilla" else "An unknown browser"
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    return f"{browser} on {system}" if system else browser
