"""Pieces of meaning: a prompt's tokens grouped into the phrases that the vocabulary knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from limner.engines.illustrator.language.costumes import dressed
from limner.engines.illustrator.language.vocabulary import ENGLISH, Concept, Meaning, Noun, Sign, Vocabulary, flagged

if TYPE_CHECKING:
    from limner.engines.illustrator.language.tokens import Token

# Numbers that no table spells out stand for "very many", drawn as a dozen; those of four digits are years.
YEAR = 4
# How much lower young animals stand than their parents, and whose young they are where nobody says.
YOUNG = 0.5
PARENT = "bear"
# Kinds of signs that can be the noun itself: "a baby elephant" and "a baby".
DOUBLE = frozenset({"size", "material", "loose", "setting"})
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
        if language == ENGLISH and text in flagged("young"):
            meaning = _young(text, meaning, found, words)
        besides = (words.detail(tokens, inner, language) for inner in range(at, at + length))
        spare = words.spare(text) if isinstance(meaning, Sign) and meaning.kind in DOUBLE else None
        found.append(_piece(text, meaning, concept)._replace(details=tuple(filter(None, besides)), spare=spare))
        at += length
    return _costumed(found, words) if language == ENGLISH else found


def _young(text: str, meaning: Meaning | None, found: list[Piece], words: Vocabulary) -> Meaning | None:
    """Give a young animal: its own drawing, or its parent's, which was named before it ("a bear and her cubs")."""
    beings = [piece.noun for piece in found if piece.noun and piece.noun.thing.sort == "being"]
    parent = meaning or (beings[-1] if beings else words.spare(PARENT))
    if not isinstance(parent, Noun):
        return meaning
    plural = parent.plural if meaning else text.endswith("s")
    return Noun(parent.thing._replace(height=parent.thing.height * YOUNG), plural=plural)


def _costumed(found: list[Piece], words: Vocabulary) -> list[Piece]:
    """Dress animals in roles, for which two nouns in a row become an animal that wears something."""
    played: list[Piece] = []
    for piece in found:
        before = played[-1] if played else None
        role = dressed(before.noun, piece.noun) if before and before.noun and piece.noun else None
        wear = words.spare(role[1]) if role else None
        if role is None or wear is None:
            played.append(piece)
            continue
        played[-1:] = [Piece(piece.text, noun=role[0]), Piece("with", sign=Sign("join", "with"))]
        played.append(Piece(role[1], noun=wear))
    return played


def _piece(text: str, meaning: Meaning | None, concept: Concept | None) -> Piece:
    """Tell nouns from signs, and take digits that no table has for a number."""
    if isinstance(meaning, Noun):
        return Piece(text, noun=meaning, concept=concept)
    if meaning is None and text.isdecimal() and text.strip("0") and len(text) != YEAR:
        return Piece(text, sign=VERY_MANY)
    return Piece(text, sign=meaning, concept=concept)
