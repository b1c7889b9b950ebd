"""Code to copy: one template a language, filled in with this server's address."""

from __future__ import annotations

import msgspec

from limner.console.html import render


class Sample(msgspec.Struct, frozen=True):
    """A piece of code: what its tab says, the language's name for Pygments, the text."""

    title: str
    language: str
    code: str


LANGUAGES: dict[str, tuple[str, str]] = {
    "curl": ("curl", "bash"),
    "python": ("Python", "python"),
    "javascript": ("JavaScript", "javascript"),
}
"""The template's name in `templates/samples`, with what its tab says and what Pygments calls it."""


def begin(base: str) -> list[Sample]:
    """Give the first call in every language; `base` is the API's base URL."""
    return [Sample(title, language, _filled(name, base)) for name, (title, language) in LANGUAGES.items()]


def _filled(name: str, base: str) -> str:
    return render(f"samples/{name}.txt", base=base).strip()
