"""Words as they are often misspelt, put right before anything is read."""

from __future__ import annotations

import re
from functools import cache

from limner.engines.illustrator.language.words import rows


def spelt(text: str) -> str:
    """Give text with the words of `spellings.txt` written as they are meant; lettered words were taken out before."""
    table, pattern = _table()
    return pattern.sub(lambda match: table[match[0].lower()], text)


@cache
def _table() -> tuple[dict[str, str], re.Pattern[str]]:
    table = {row[0]: row[1] for row in rows("spellings")}
    longest_first = sorted(table, key=len, reverse=True)
    return table, re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)
