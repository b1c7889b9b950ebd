"""Poses: where a drawn body has its hands and feet, by name, so that everything else can be put into its hands.

Bodies are drawn on paper 200 wide with the middle at x = 100 and y downwards; `Anchors` tells the points that others
hold on to. A pose is a way to stand and a way to hold the arms: "sit+read", "stand+wave".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from limner.engines.illustrator.figures.limbs import Point

Legs = Literal["sit", "stand", "walk", "seat", "astride", "peep", "bust"]
LEGS: tuple[Legs, ...] = ("sit", "stand", "walk", "seat", "astride", "peep", "bust")


@dataclass(frozen=True, slots=True)
class Arms:
    """Where the hands are, from the middle of the shoulders: (left, right) as seen, and which of them are in front.

    `gripping` tells the hands that close upon a prop and are painted above it.
    """

    left: Point
    right: Point
    gripping: tuple[bool, bool] = (False, False)
    bends: tuple[float, float] = (1.0, -1.0)


ARMS: dict[str, Arms] = {
    "rest": Arms((-33, 67), (34, 66)),
    "lap": Arms((-24, 66), (25, 65)),
    "hips": Arms((-27, 52), (34, 66)),
    "wave": Arms((-33, 67), (64, -30), bends=(1, 1)),
    "hold": Arms((-24, 46), (24, 45), (True, True)),
    "carry": Arms((-40, 52), (40, 51), (True, True)),
    "read": Arms((-46, 56), (46, 55), (True, True)),
    "lift": Arms((-33, 67), (58, 22), (False, True), (1, 1)),
    "raise": Arms((-33, 67), (64, -8), (False, True), (1, 1)),
    "sip": Arms((-33, 67), (30, 30), (False, True)),
    "violin": Arms((-22, 34), (56, 12), (True, True), (1, 1)),
    "strum": Arms((-24, 48), (60, 18), (True, True), (1, 1)),
    "blow": Arms((-40, 24), (-6, 14), (True, True), (-1, -1)),
    "drum": Arms((-32, 40), (32, 38), (True, True)),
    "rim": Arms((-34, 34), (34, 34), (True, True)),
    "reins": Arms((-58, 36), (34, 64), bends=(-1, -1)),
    "balance": Arms((-84, 20), (84, 10), bends=(1, 1)),
    "drink": Arms((-20, 30), (20, 29), (True, True)),
    "hoist": Arms((-33, 67), (80, 6), (False, True), (1, 1)),
    "aloft": Arms((-33, 67), (70, -34), (False, True), (1, 1)),
    "bars": Arms((-70, 30), (62, -28), (True, False), (-1, 1)),
}


def parsed(name: str) -> tuple[str, str, str, bool]:
    """Take a posed drawing's name apart: drawing, legs, arms, and whether only the hands above a prop are meant.

    "fox@sit+read" is a fox sitting and reading; "fox@sit+read+hands" its paws on the book. What else there is, as the
    2 of "boy@sit+read+2", tells brothers apart; see `sibling`.
    """
    art, _, pose = name.partition("@")
    legs, arms, *rest = [*pose.split("+"), "", ""]
    return art, legs or "", arms or "rest", "hands" in rest


def sibling(name: str) -> int:
    """Tell which of several of a kind a posed drawing shows: the first (0) wears the usual, others something else."""
    last = name.rpartition("+")[2]
    return int(last) if last.isdigit() else 0


def posed(art: str, legs: str, arms: str, *, hands: bool = False, sibling: int = 0) -> str:
    """Give the name of a posed drawing."""
    return f"{art}@{legs}+{arms}{'+hands' if hands else ''}{f'+{sibling}' if sibling else ''}"
