"""Words that shall stand in the picture itself: quoted text, and what a sign is said to say."""

from __future__ import annotations

import re

MOST_TEXTS = 6
LONGEST_TEXT = 80
LONGEST_GUESS = 5

# Every pattern has a bounded reach from each start, so that no text makes the search quadratic.
QUOTED = re.compile(
    r"\"([^\"\n]{1,160})\""
    r"|\u201c([^\u201c\u201d\"\n]{1,160})[\u201d\"]"
    r"|\u201e([^\u201e\u201c\u201d\"\n]{1,160})[\u201c\u201d\"]"
    r"|\u00ab\s?([^\u00ab\u00bb\n]{1,160}?)\s?\u00bb"
    r"|\u300c([^\u300c\u300d\n]{1,160})\u300d"
    r"|\u300e([^\u300e\u300f\n]{1,160})\u300f"
    r"|(?<!\w)\u2018([^\u2018\n]{1,160}?)\u2019(?!\w)"
    r"|(?<![\w'])'([^'\n]{1,160}(?:(?<=\w)'(?=\w)[^'\n]{1,160}){0,4})'(?![\w'])"
    r"|`([^`\n]{1,160})`"
)
_SAID = re.compile(
    r"\b(?:(?:that|which)\s(?:says|reads)|saying|sign\sreading|reads\sas|labell?ed|titled|captioned|inscribed|lettered|"
    r"with\sthe\s(?:text|lettering|words|caption|title|slogan|inscription)|"
    r"the\s(?:text|lettering|words|slogan|caption))\s?:?\s",
    re.IGNORECASE,
)
_WORD = re.compile(r"\b(?:the|a|one)\s(?:word|number|letter|name)\s?:?\s+(\w[\w'\u2019-]{0,40})", re.IGNORECASE)
_ENDS = frozenset(
    [
        "in",
        "on",
        "at",
        "with",
        "by",
        "over",
        "under",
        "above",
        "below",
        "next",
        "and",
        "near",
        "behind",
        "from",
        "of",
        "against,",
        "for",
        "while",
        "which",
        "that",
        "to",
    ]
)


def lettering(prompt: str) -> tuple[tuple[str, ...], str]:
    """Take the texts to be lettered out of a prompt; give them, and the prompt without them.

    A prompt that stands in quotes as a whole is a prompt, not a text.
    """
    prompt = _unwrapped(prompt.strip())
    texts: list[str] = []

    def keep(match: re.Match[str]) -> str:
        texts.append(next(group for group in match.groups() if group is not None))
        return " , "

    rest = _WORD.sub(keep, QUOTED.sub(keep, prompt))
    rest = _said(rest, texts)
    tidy = (" ".join(text.split())[:LONGEST_TEXT] for text in texts)
    return tuple(dict.fromkeys(text for text in tidy if text))[:MOST_TEXTS], rest


def _unwrapped(prompt: str) -> str:
    """Drop quotes around the whole prompt."""
    pairs = {'"': '"', "'": "'", "\u201c": "\u201d", "\u00ab": "\u00bb", "`": "`"}
    if len(prompt) > 2 and pairs.get(prompt[0]) == prompt[-1] and not set(prompt[1:-1]) & {prompt[0], prompt[-1]}:
        return prompt[1:-1]
    return prompt


def _said(rest: str, texts: list[str]) -> str:
    """Take what follows "that says" and the like without quotes: words in capitals, or a few up to a preposition."""
    match = _SAID.search(rest)
    if match is None:
        return rest
    words = re.split(r"(?<=[.,;!?\n])\s", rest[match.end() : match.end() + 200])[0].split()
    count = _spoken(words)
    said = " ".join(words[:count])
    if not any(letter.isalnum() for letter in said):
        return rest
    texts.append(said.strip(" ,.;:"))
    return f"{rest[: match.start()]} , {rest[rest.index(said, match.end()) + len(said) :]}" if said in rest else rest


def _spoken(words: list[str]) -> int:
    """Count the words that belong to an unquoted text."""
    capitals = 0
    while capitals < len(words) and words[capitals].isupper():
        capitals += 1
    if capitals:
        return capitals
    count = 0
    while count < min(len(words), LONGEST_GUESS) and (count == 0 or words[count].lower() not in _ENDS):
        count += 1
    return count
