"""Which language a prompt is written in, from its script and its small words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner.engines.illustrator.language.vocabulary import ENGLISH, LANGUAGES, Vocabulary

if TYPE_CHECKING:
    from limner.engines.illustrator.language.tokens import Token

LOOKED_AT = 200
SCRIPTS = (
    ("\u3040", "\u30ff", "ja"), ("\uac00", "\ud7a3", "ko"), ("\u3400", "\u9fff", "zh"), ("\u0400", "\u04ff", "ru"),
    ("\u0900", "\u097f", "hi"), ("\u0e00", "\u0e7f", "th"), ("\u0370", "\u03ff", "el"), ("\u0600", "\u06ff", "ar"),
    ("\u0590", "\u05ff", "he"),
)  # fmt: skip
# Letters of Ukrainian that Russian does not have.
UKRAINIAN = frozenset("\u0456\u0457\u0454\u0491")
FEW = 2
HEAD_FIRST = frozenset({"fr", "es", "it", "pt", "pl", "ru", "uk", "vi", "th", "el", "ar", "he"})
SMALL_KINDS = frozenset({"stop", "det", "join", "place", "not", "be", "or", "count"})
SMALL_WORTH = 3


def language_of(tokens: list[Token], words: Vocabulary) -> str:
    """Guess the language; English wins ties, and a prompt without any small words is in whichever language knows it."""
    head = tokens[:LOOKED_AT]
    script = _script("".join(token.text for token in head))
    if script:
        ukrainian = script == "ru" and any(UKRAINIAN & set(token.text) for token in head)
        return "uk" if ukrainian else script
    plain = [token.text for token in head if token.shape == "word"]
    if len(plain) <= FEW and _is_english(head, words):
        return ENGLISH
    scores = {language: _score(plain, words, language) for language in (ENGLISH, *words.signs) if language != "ja"}
    best = max(scores, key=lambda language: (scores[language], language == ENGLISH))
    if scores[best]:
        return best
    scripted = {language for _first, _last, language in SCRIPTS} | {"uk"}
    spelled = (language for language in (ENGLISH, *LANGUAGES) if language not in scripted)
    known = (language for language in spelled if _knows(head, words, language))
    return next(known, ENGLISH)


def _script(text: str) -> str | None:
    """Tell languages that have a script of their own; kana before ideographs, since Japanese has both."""
    for first, last, language in SCRIPTS:
        if sum(first <= character <= last for character in text) * 3 > len(text):
            return language
        if language == "ja" and sum(first <= character <= last for character in text) * 8 > len(text):
            return language
    return None


def _score(plain: list[str], words: Vocabulary, language: str) -> int:
    """Weigh the words of a language: its small words tell most, since every sentence has them."""
    table = words.signs[language]
    small = sum(word in table and table[word].kind in SMALL_KINDS for word in plain)
    return small * SMALL_WORTH + sum(word in table or (language == ENGLISH and word in words.nouns) for word in plain)


def _is_english(tokens: list[Token], words: Vocabulary) -> bool:
    """Whether every word has a meaning in English, so that "war" is no German verb."""
    starts = [at for at, token in enumerate(tokens) if token.shape == "word"]
    return all(words.concept(tokens, at)[0] or words.find(tokens, at, ENGLISH)[0] for at in starts)


def _knows(tokens: list[Token], words: Vocabulary, language: str) -> bool:
    """Whether a language has a meaning for the first word that says something."""
    starts = [at for at in range(min(4, len(tokens))) if tokens[at].shape == "word"]
    if language == ENGLISH and any(words.concept(tokens, at)[0] for at in starts):
        return True
    known = [words.find(tokens, at, language)[0] is not None for at in starts]
    return any(known) if language == ENGLISH else bool(known) and all(known)
