"""Policies: what a model's prompts and pictures must pass, as the catalogue's tables below `moderation` say.

    [moderation.words]                     # whole words and phrases, in any case, with or without accents
    kind = "words"
    words = ["..."]
    file = "/etc/limner/words.txt"         # one a line

    [moderation.openai]                    # prompts, by any OpenAI-compatible POST /moderations
    kind = "endpoint"
    url = "https://api.openai.com/v1"
    key = "env:OPENAI_API_KEY"
    model = "omni-moderation-latest"

    [moderation.seen]                      # pictures, by the same endpoint
    kind = "picture"
    url = "https://api.openai.com/v1"

    [moderation.ours]                      # pictures, by a server of one's own: POST the bytes, get {"allow": true}
    kind = "hook"
    url = "http://127.0.0.1:9000/judge"

A model names those that hold for it: `moderation = ["words", "openai"]`. Here they are data; `moderation` judges.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from limner.variables import VARIABLE, meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WORD = re.compile(r"[^\W_]+")
# scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, kana, Han
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="words"):
    """Words and phrases that no prompt may have; those of `file`, one a line, are added."""

    words: tuple[str, ...] = ()
    file: str = ""


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A server that judges: where it is, its key (`env:NAME`), and what to do where it gives no verdict."""

    url: str
    key: str = ""
    timeout: Annotated[float, Meta(gt=0, le=600)] = 10.0
    on_failure: Literal["refuse", "allow"] = "refuse"


class Endpoint(Asked, frozen=True, kw_only=True, tag_field="kind", tag="endpoint"):
    """An OpenAI-compatible moderation endpoint for prompts; `url` ends before `/moderations`.

    What it flags is refused. With `categories` only these count; with `threshold` what counts is not what is flagged,
    but every score (0..1) that is as high.
    """

    model: str = ""
    categories: tuple[str, ...] = ()
    threshold: Annotated[float, Meta(gt=0, le=1)] | None = None


class Seen(Endpoint, frozen=True, kw_only=True, tag_field="kind", tag="picture"):
    """The same endpoint, shown the pictures made."""


class Hook(Asked, frozen=True, kw_only=True, tag_field="kind", tag="hook"):
    """A server of the operator's own, sent the bytes of the pictures made."""


Policy = Words | Endpoint | Seen | Hook


def read(tables: Mapping[str, Any]) -> dict[str, Policy]:
    """Read the tables by their names; raises `ValueError` naming the one at fault."""
    policies: dict[str, Policy] = {}
    for name, table in tables.items():
        try:
            policy: Policy = msgspec.convert(table, Policy)
        except msgspec.ValidationError as error:
            raise ValueError(f"[moderation.{name}]: {error}") from error
        problem = _problem(policy)
        if problem:
            raise ValueError(f"[moderation.{name}]: {problem}")
        policies[name] = policy
    return policies


def _problem(policy: Policy) -> str | None:
    if isinstance(policy, Words):
        return None if policy.words or policy.file else "it needs `words` or a `file`"
    parts = urlsplit(policy.url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "url must be an http or https URL"
    if policy.key and not VARIABLE.fullmatch(policy.key):
        return 'key must name a variable of the environment: "env:NAME"'
    return None


def key_of(policy: Asked) -> str:
    """Give the key that a policy's server wants, empty for none; raises `ValueError` naming the missing variable."""
    key = meant(policy.key)
    if key is None:
        raise ValueError(f"key: there is no variable {policy.key.removeprefix('env:')} in the environment")
    return key


class Blocklist:
    """Words and phrases to be found in prompts: whole ones, in any case, with or without accents.

    Of scripts that put no spaces between words, they are found anywhere.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        """Each entry is a word or a phrase; empty ones are none."""
        plain = [" ".join(_words(entry)) for entry in entries]
        self._anywhere = tuple(entry.replace(" ", "") for entry in plain if _UNSPACED.search(entry))
        self._phrases = frozenset(entry for entry in plain if entry and not _UNSPACED.search(entry))
        self._lengths = {entry.count(" ") + 1 for entry in self._phrases}

    @classmethod
    def of(cls, policy: Words) -> Blocklist:
        """Make the list that a table asks for; raises `ValueError` naming a file that cannot be read."""
        try:
            lines = Path(policy.file).expanduser().read_text("utf-8").splitlines() if policy.file else []
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"cannot read {policy.file}: {getattr(error, 'strerror', None) or error}") from error
        return cls([*policy.words, *lines])

    def has(self, text: str) -> bool:
        """Whether one of them is in a text."""
        words = _words(text)
        if any(
            " ".join(words[start : start + length]) in self._phrases
            for length in self._lengths
            for start in range(len(words) - length + 1)
        ):
            return True
        whole = "".join(words) if self._anywhere else ""
        return any(entry in whole for entry in self._anywhere)


def _words(text: str) -> list[str]:
    """Split a text into its words, all small, without accents, points, marks that are not seen, and wide letters."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    # combining classes from 200 on are accents, 10 to 35 the vowel points of Hebrew and Arabic (UAX 44, table 15)
    kept = [
        letter
        for letter in apart
        if unicodedata.category(letter) != "Cf"
        and not (unicodedata.combining(letter) >= 200 or 10 <= unicodedata.combining(letter) <= 35)
    ]
    return _WORD.findall(unicodedata.normalize("NFC", "".join(kept)).casefold())
