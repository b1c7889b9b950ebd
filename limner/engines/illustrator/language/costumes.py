"""Animals in human roles: a mouse chef is a mouse in a chef's hat, and so is a chef mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limner.engines.illustrator.language.vocabulary import Noun

# What somebody in a role is known by that anybody can wear.
WEAR = {
    "cook": "chef's hat", "wizard": "wizard hat", "king": "crown", "queen": "crown", "prince": "crown",
    "princess": "crown", "cowboy": "cowboy hat", "Santa Claus": "Santa hat", "construction worker": "helmet",
    "knight": "helmet", "soldier": "army helmet", "student": "graduation cap", "police officer": "cap",
    "pilot": "goggles", "scientist": "lab coat", "doctor": "lab coat", "superhero": "cape", "detective": "top hat",
    "teacher": "glasses", "astronaut": "space helmet", "witch": "wizard hat",
}  # fmt: skip


def dressed(first: Noun, second: Noun) -> tuple[Noun, str] | None:
    """Tell an animal in a role from two nouns in a row: who it is, and the name of what it wears."""
    sorts = (first.thing.sort, second.thing.sort)
    if first.plural or second.plural or sorted(sorts) != ["being", "person"]:
        return None
    being, person = (first, second) if sorts[0] == "being" else (second, first)
    wear = WEAR.get(person.thing.name)
    return (being, wear) if wear else None
