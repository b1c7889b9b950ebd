"""The shelf: every solid there is, by the name of the drawing it stands for."""

from __future__ import annotations

from dataclasses import dataclass, field

from limner.engines.illustrator.figures.solids.lit_sphere import Finish
from limner.engines.illustrator.figures.solids.trimmings import Trimming, Tube
from limner.engines.illustrator.figures.solids.turning import Outline


@dataclass(frozen=True, slots=True)
class Solid:
    """A turned body: its outline, skin, own colour and finish, how far from above it is seen, and what is put on it.

    `hollows` are (place on the outline, light that is left there): what lies deep is dim.
    """

    outline: Outline
    skin: str
    colour: str
    finish: Finish = field(default_factory=Finish)
    tilt: float = 0.36
    trimmings: tuple[Trimming, ...] = ()
    hollows: tuple[tuple[float, float], ...] = ((0.0, 1.0), (1.0, 1.0))


APPLE: Outline = (
    (0, 0.50), (0.05, 0.55), (0.14, 0.69), (0.34, 0.82), (0.62, 0.79), (0.88, 0.52), (1.0, 0.12), (0.96, -0.24),
    (0.80, -0.62), (0.56, -0.86), (0.34, -0.91), (0.15, -0.84), (0, -0.78),
)  # fmt: skip
PEAR: Outline = (
    (0, 1.28), (0.06, 1.36), (0.18, 1.37), (0.33, 1.18), (0.42, 0.86), (0.54, 0.50), (0.76, 0.14), (0.93, -0.26),
    (0.90, -0.62), (0.68, -0.93), (0.40, -1.05), (0.15, -1.04), (0, -1.0),
)  # fmt: skip

WAXED, MATT, SATIN = (
    Finish(),
    Finish(window=0.0, lustre=0.06, sheen=0.4, wrap=0.3),
    Finish(window=0.32, soft=0.13, sheen=0.7),
)

STEM = Tube(((0.0, 0.665), (0.02, 0.82), (0.08, 1.0), (0.19, 1.2)), (0.040, 0.034, 0.034, 0.054), "#5d4326", dark=0.7)
PEAR_STEM = Tube(((0.0, 1.22), (0.01, 1.45), (0.06, 1.62), (0.16, 1.78)), (0.045, 0.036, 0.036, 0.062), "#6a4a28")

RED_APPLE = Solid(APPLE, "apple", "#c5161a", WAXED, 0.40, (STEM,), ((0.0, 0.30), (0.10, 0.55), (0.2, 1.0), (1, 1)))

SOLIDS: dict[str, Solid] = {
    "red-apple": RED_APPLE,
    "green-apple": Solid(APPLE, "apple", "#86ab2c", WAXED, 0.40, (STEM,), RED_APPLE.hollows),
    "pear": Solid(PEAR, "pear", "#a9b53a", SATIN, 0.36, (PEAR_STEM,)),
}
