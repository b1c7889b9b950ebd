"""Skeletons: proportions of a drawn body, and where its joints are in every pose."""

from __future__ import annotations

from dataclasses import dataclass

from limner.engines.illustrator.figures.limbs import Point, elbow
from limner.engines.illustrator.figures.poses import ARMS, Legs

MIDDLE = 100.0
Chain = tuple[Point, Point, Point]


@dataclass(frozen=True, slots=True)
class Proportions:
    """A body's measures on its paper: heights of shoulders and hips, half their widths, lengths and widths of limbs.

    `head` is the width of the head's square and `chin` its lower edge.
    """

    head: float
    chin: float
    shoulder: float
    shoulders: float
    hip: float
    hips: float
    arm: tuple[float, float]
    arm_widths: tuple[float, float, float]
    leg: float
    leg_widths: tuple[float, float, float]
    foot: Point
    hand: Point


BEAST = Proportions(
    132, 124, 130, 27, 192, 27, (37, 35), (27, 24, 20), 54, (40, 35, 29), (21, 12.5), (12.5, 11.5)
)  # fmt: skip
PERSON = Proportions(
    118, 126, 140, 40, 206, 18, (36, 34), (27, 23, 18), 76, (36, 30, 25), (20, 10.5), (10.5, 10.5)
)  # fmt: skip
BUST = Proportions(
    136, 144, 138, 45, 206, 19, (37, 35), (28, 24, 19), 76, (37, 31, 26), (20, 10.5), (10.5, 10.5)
)  # fmt: skip


def arms(body: Proportions, pose: str) -> tuple[Chain, Chain]:
    """Give shoulder, elbow and hand of the left and the right arm, as seen."""
    told = ARMS[pose]
    chains = []
    for sign, reach, bend in ((-1, told.left, told.bends[0]), (1, told.right, told.bends[1])):
        shoulder = MIDDLE + sign * body.shoulders, body.shoulder + 4
        hand = MIDDLE + reach[0] + sign * 0.35 * (body.shoulders - 27), body.shoulder + reach[1]
        chains.append((shoulder, elbow(shoulder, hand, body.arm, side=bend), hand))
    return chains[0], chains[1]


def legs(body: Proportions, pose: Legs) -> tuple[Chain, ...]:
    """Give hip, knee and ankle of the legs to be seen: both, or the near one of a rider facing left."""
    h, long = body.hips, body.leg
    told: dict[Legs, tuple[Chain, ...]] = {
        "stand": (((-h, 0), (-h - 1, 0.5 * long), (-h - 2, long)), ((h, 0), (h + 2, 0.5 * long), (h + 3, long))),
        "walk": (
            ((-h, 0), (-h - 12, 0.48 * long), (-h - 12, 0.99 * long)),
            ((h, 0), (h + 4, 0.5 * long), (h + 17, 0.93 * long)),
        ),
        "sit": (
            ((-0.7 * h, 6), (-h - 18, 0.02 * long), (-h - 20, 0.40 * long)),
            ((0.7 * h, 6), (h + 19, 0.03 * long), (h + 20, 0.41 * long)),
        ),
        "seat": (
            ((-h, 0), (-h - 4, 0.30 * long), (-h - 4, 0.86 * long)),
            ((h, 0), (h + 4, 0.31 * long), (h + 5, 0.88 * long)),
        ),
        "peep": (),
        "bust": (),
        "astride": (((2, -2), (-20, 0.46 * long), (-5, 0.98 * long)),),
    }  # fmt: skip
    return tuple(tuple((MIDDLE + x, body.hip + y) for x, y in chain) for chain in told[pose])  # type: ignore[misc]


def lowest(body: Proportions, pose: Legs) -> float:
    """Give the row of the soles, or of where the body ends that is not seen whole."""
    if pose == "bust":
        return max(body.chin, body.shoulder) + 10
    if pose == "peep":
        return body.hip
    sole = body.foot[1] * (1.0 if pose != "sit" else 1.5)
    return max(chain[2][1] for chain in legs(body, pose)) + sole
