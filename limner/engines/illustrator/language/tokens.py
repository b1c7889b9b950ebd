"""Cutting a prompt into words: any text, in any script, of any length, in linear time."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice
from typing import Literal, NamedTuple

Shape = Literal["word", "char", "stop", "comma", "dot"]

# More words than anybody reads in a picture; what comes after them is left unread, which bounds the time.
MOST_TOKENS = 3000
MOST_CHARACTERS = 40_000
MARKS_IN_A_ROW = 4
# Joiners, direction marks and variation selectors: people never see them, and emoji are known without them.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe0e\ufe0f]")
_QUOTES = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2014": ","}
)
# Scripts written without spaces: every character is a token of its own, and phrases are found among them.
_DENSE = "\u0e00-\u0e7f\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# What cutting would change in a word of letters.
_MIXED = re.compile(f"[{_DENSE}\u02bc\u0300-\u036f]")
_LETTER = rf"(?:(?![{_DENSE}])[^\W_]|[\u0300-\u036f\u0900-\u0dff])"
_TOKEN = re.compile(
    rf"(?P<skip>--[a-z]+(?:\s+[\d.:]+)?|\d+(?:[.:,]\d+)+|\b(?:[ldjcnsmt]|qu|dell|nell|sull|all)'(?={_LETTER}))"
    rf"|(?P<word>{_LETTER}+(?:'{_LETTER}+)*)"
    rf"|(?P<char>[{_DENSE}]|[^\x00-\x7f\w\s\u2000-\u206f\u3000-\u303f])"
    r"|(?P<join>[&+])"
    r"|(?P<comma>[,;:()\[\]{}|/\u3001\u00b7])"
    r"|(?P<dot>[.!?\n\u3002\u2026]+)"
)


class Token(NamedTuple):
    """One word, or one character of a script without spaces, or an emoji, or a mark that ends something."""

    text: str
    shape: Shape


def clean(prompt: str) -> str:
    """Make text safe: no lone surrogates, nothing unseen, compatibility forms unified, few marks on one letter."""
    text = prompt[:MOST_CHARACTERS]
    if text.isascii():
        return text
    text = text.encode("utf-8", "ignore").decode("utf-8")
    # Sorting a long run of combining marks takes quadratic time in NFKC, so runs are cut first.
    text = unicodedata.normalize("NFKC", _fewer_marks(text))
    return _UNSEEN.sub("", text).translate(_QUOTES)


def _fewer_marks(text: str) -> str:
    """Keep the first few combining marks of every run."""
    kept: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)


def cut(text: str) -> list[Token]:
    """Cut cleaned text into at most `MOST_TOKENS` lower-case tokens."""
    found = (_token(match) for match in _TOKEN.finditer(text.lower()) if match.lastgroup != "skip")
    return list(islice(found, MOST_TOKENS))


def _token(match: re.Match[str]) -> Token:
    if match.lastgroup == "join":
        return Token("&", "word")
    shape: Shape = match.lastgroup  # type: ignore[assignment]  # the pattern's groups are the shapes
    return Token(match[0], shape)


def joined(tokens: list[Token]) -> str:
    """Write tokens as one phrase: words with spaces between them, characters of dense scripts without."""
    phrase, before = "", "char"
    for token in tokens:
        space = "" if token.shape == "char" and before == "char" else " "
        phrase += space + token.text if phrase else token.text
        before = token.shape
    return phrase


def normal(phrase: str) -> str:
    """Write a phrase of a table the way `joined` writes the same phrase found in a prompt."""
    letters = phrase.replace(" ", "")
    plain = letters.isalpha() and phrase.islower() and "  " not in phrase and phrase[0] != " " and phrase[-1] != " "
    if plain and (phrase.isascii() or (unicodedata.is_normalized("NFKC", phrase) and not _MIXED.search(phrase))):
        # Most of the thousands of rows are plain words, for which all of this changes nothing.
        return phrase
    return joined(cut(clean(phrase)))
