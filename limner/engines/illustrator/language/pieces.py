"""Pieces of meaning: a prompt's tokens grouped into the phrases that the vocabulary knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from limner.engines.illustrator.language.vocabulary import ENGLISH, Concept, Meaning, Noun, Sign, Vocabulary

if TYPE_CHECKING:
    from limner.engines.illustrator.language.tokens import Token

# Numbers that no table spells out stand for "very many", drawn as a dozen; those of four digits are years.
YEAR = 4
# Kinds of signs that can be the noun itself: "a baby elephant" and "a baby".
DOUBLE = frozenset({"size", "material", "loose"})
VERY_MANY = Sign("count", "12")


class Piece(NamedTuple):
    """One meaning found in the prompt: a noun, a sign, or neither (a word that says nothing to us).

    `spare` is the noun that a sign can also be, where what it describes never comes.
    """

    text: str
    noun: Noun | None = None
    sign: Sign | None = None
    concept: Concept | None = None
    details: tuple[str, ...] = ()
    spare: Noun | None = None

    @property
    def kind(self) -> str:
        """The sign's kind, or `noun`, or `other`."""
        if self.sign:
            return self.sign.kind
        return "noun" if self.noun else "other"

    @property
    def value(self) -> str:
        """What the sign says; empty for everything else."""
        return self.sign.value if self.sign else ""


def pieces(tokens: list[Token], words: Vocabulary, language: str) -> list[Piece]:
    """Turn tokens into pieces of meaning, longest phrases first."""
    found: list[Piece] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.shape in ("dot", "comma"):
            found.append(Piece(token.text, sign=Sign(token.shape, "")))
            at += 1
            continue
        meaning, length = words.find(tokens, at, language)
        concept, named = words.concept(tokens, at) if language == ENGLISH else (None, 0)
        if named < length and isinstance(meaning, Noun):
            # A "magic wand" says nothing of magic.
            concept = None
        text = " ".join(part.text for part in tokens[at : at + length])
        besides = (words.detail(tokens, inner, language) for inner in range(at, at + length))
        spare = words.spare(text) if isinstance(meaning, Sign) and meaning.kind in DOUBLE else None
        found.append(_piece(text, meaning, concept)._replace(details=tuple(filter(None, besides)), spare=spare))
        at += length
    return found


def _piece(text: str, meaning: Meaning | None, concept: Concept | None) -> Piece:
    """Tell nouns from signs, and take digits that no table has for a number."""
    if isinstance(meaning, Noun):
        return Piece(text, noun=meaning, concept=concept)
    if meaning is None and text.isdecimal() and text.strip("0") and len(text) != YEAR:
        return Piece(text, sign=VERY_MANY)
    return Piece(text, sign=meaning, concept=concept)
