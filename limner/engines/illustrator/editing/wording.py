"""What is lettered in a picture, and how an instruction changes that."""

from __future__ import annotations

import re

from limner.engines.illustrator.language.lettering import LONGEST_TEXT, MOST_TEXTS, QUOTED
from limner.errors import ApiNotImplemented

NAMED = re.compile(
    r"\b(?:text|texts|words?|letters|lettering|caption|title|headline|slogan|writing|inscription|label)\b",
    re.IGNORECASE,
)


def quoted(phrase: str) -> tuple[str, ...]:
    """Give what stands in quotes."""
    texts = (next(group for group in match.groups() if group is not None) for match in QUOTED.finditer(phrase))
    tidy = (" ".join(text.split())[:LONGEST_TEXT] for text in texts)
    return tuple(text for text in tidy if text)


def added(had: tuple[str, ...], texts: tuple[str, ...], *, afresh: bool) -> tuple[str, ...]:
    """Give the texts with some more; `afresh`: with those instead."""
    return _kept(texts if afresh else (*had, *texts))


def removed(had: tuple[str, ...], texts: tuple[str, ...]) -> tuple[str, ...]:
    """Give the texts without some, or no texts at all where none are named.

    Raises `ApiNotImplemented` for one that is not there.
    """
    left = tuple(text for text in had if texts and text not in texts)
    if not had or left == had:
        said = ", ".join(had) or "nothing"
        raise ApiNotImplemented(f"The picture has no such lettering; what it says is: {said}.", param="prompt")
    return left


def exchanged(had: tuple[str, ...], old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    """Give the texts with a named one, or else the first ones, exchanged. Raises as `removed`."""
    if old and old[0] not in had:
        return removed(had, old)
    if old:
        return _kept(tuple(new[0] if text == old[0] else text for text in had))
    return _kept((*new, *had[len(new) :]))


def _kept(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))[:MOST_TEXTS]
