"""The shelf: every solid there is, by the name of the drawing it stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from limner.engines.illustrator.figures.solids import profiles
from limner.engines.illustrator.figures.solids.lit_sphere import Finish
from limner.engines.illustrator.figures.solids.trimmings import Leaf, Tube
from limner.engines.illustrator.figures.solids.turning import Pose

if TYPE_CHECKING:
    from limner.engines.illustrator.figures.solids.trimmings import Trimming
    from limner.engines.illustrator.figures.solids.turning import Outline

LACQUER = Finish()
WAX = Finish(window=0.34, soft=0.13, sheen=0.7)
MATT = Finish(window=0.0, lustre=0.07, sheen=0.4, wrap=0.3)
RUBBER = Finish(window=0.10, soft=0.2, lustre=0.14, sheen=0.5, wrap=0.22)
GLAZE = Finish(window=0.75, soft=0.06, sheen=1.1, lustre=0.14)
GLASS = Finish(window=1.15, soft=0.03, sheen=1.5, lustre=0.2, bounce=1.4)


@dataclass(frozen=True, slots=True)
class Body:
    """A turned body of a solid: its outline, skin, finish, how far from above it is seen, and its pose.

    Without a colour it takes the solid's. `hollows` are (place on the outline, light that is left there): what lies
    deep is dim. `clear` is how much shows through, and `turns` whether any side of it may be in front.
    """

    outline: Outline
    skin: str = "plain"
    colour: str | None = None
    finish: Finish = LACQUER
    tilt: float = 0.36
    pose: Pose = Pose()
    hollows: tuple[tuple[float, float], ...] = ((0.0, 1.0), (1.0, 1.0))
    clear: float = 0.0
    turns: bool = True


@dataclass(frozen=True, slots=True)
class Solid:
    """Bodies and trimmings in the order they are painted, and the colour they have of themselves.

    `ripe` gives colours by name as they are on this thing: a green pear is no green paint.
    """

    colour: str
    parts: tuple[Body | Trimming, ...]
    ripe: tuple[tuple[str, str], ...] = ()


def _fruit(
    outline: Outline, skin: str, colour: str, finish: Finish = LACQUER, *rest: Trimming, **more: object
) -> Solid:
    return Solid(colour, (Body(outline, skin, finish=finish, **more), *rest))  # type: ignore[arg-type]


def _ball(skin: str, colour: str, finish: Finish = RUBBER, *, turns: bool = True) -> Solid:
    return Solid(colour, (Body(profiles.SPHERE, skin, finish=finish, turns=turns),))


DIMPLE = ((0.0, 0.30), (0.10, 0.55), (0.2, 1.0), (1.0, 1.0))
APPLE_STEM = Tube(
    ((0.0, 0.665), (0.02, 0.82), (0.08, 1.0), (0.19, 1.2)), (0.040, 0.034, 0.034, 0.054), "#5d4326", dark=0.7
)
PEAR_STEM = Tube(((0.0, 1.22), (0.01, 1.45), (0.06, 1.62), (0.16, 1.78)), (0.045, 0.036, 0.036, 0.062), "#6a4a28")
RED_APPLE = _fruit(profiles.APPLE, "apple", "#c5161a", LACQUER, APPLE_STEM, tilt=0.40, hollows=DIMPLE)
CALYX = tuple(
    Leaf((0.0, 0.60), 0.46, angle, 0.34, "#4d8a2c") for angle in (2.6, 0.55, -2.65, -0.45, 3.6, -1.55)
)  # fmt: skip
CHERRY = Body(profiles.CHERRY, "plain", finish=LACQUER, hollows=((0.0, 0.4), (0.12, 1.0), (1.0, 1.0)))


def _bunch() -> Solid:
    """Grapes in rows, the hindmost and lowest first."""
    rows = ((0, -2.55, 1), (0, -1.75, 2), (0, -0.95, 3), (0, -0.15, 4), (0, 0.65, 4), (0, 1.35, 3))
    grapes: list[Body] = []
    for depth in (1, 0):
        for _, y, count in rows:
            number = count - depth if count > 1 else count
            for i in range(max(1, number) if depth == 0 or count > 1 else 0):
                x = (i - (number - 1) / 2) * 1.06 + 0.09 * ((i * 7 + count * 3) % 3 - 1)
                lift = 0.40 * depth + 0.08 * ((i * 5 + count) % 3 - 1)
                grapes.append(Body(profiles.GRAPE, "plum", finish=replace(WAX, window=0.5, soft=0.08),
                                   pose=Pose((x, y + lift), 0.62)))  # fmt: skip
    stem = Tube(((0.0, 1.6), (0.02, 2.3), (0.12, 2.75)), (0.10, 0.08, 0.12), "#7a5a2e")
    leaf = Leaf((0.05, 2.3), 1.5, 0.35, 0.62, "#5c9a35")
    return Solid("#7a3a92", (stem, *grapes, leaf), (("green", "#8fb548"), ("red", "#a0223a")))


SOLIDS: dict[str, Solid] = {
    "red-apple": RED_APPLE,
    "green-apple": replace(RED_APPLE, colour="#7fae2c", ripe=(("green", "#6fa92c"), ("yellow", "#e6c12e"))),
    "pear": replace(
        _fruit(profiles.PEAR, "pear", "#a9b53a", WAX, PEAR_STEM), ripe=(("green", "#74aa2e"), ("yellow", "#e3bd2e"))
    ),
    "tangerine": _fruit(
        profiles.ORANGE,
        "orange",
        "#f28a17",
        WAX,
        Tube(((0.0, 0.84), (0.0, 0.90)), (0.05, 0.045), "#6d7a35"),
        Leaf((0.03, 0.90), 0.62, 0.42, 0.42, "#3f8a34"),
    ),
    "lemon": _fruit(profiles.LEMON, "lemon", "#f4cf1f", WAX, tilt=0.2, pose=Pose(lean=1.25)),
    "lime": _fruit(profiles.LEMON, "lemon", "#6cae2f", WAX, tilt=0.2, pose=Pose(lean=1.25)),
    "peach": _fruit(
        profiles.PEACH,
        "peach",
        "#f3a063",
        MATT,
        Leaf((0.02, 0.74), 0.78, 0.5, 0.34, "#5b9438"),
        tilt=0.40,
        hollows=((0.0, 0.45), (0.12, 0.9), (0.2, 1.0), (1.0, 1.0)),
    ),
    "plum": _fruit(
        profiles.PEACH,
        "plum",
        "#5b2a6e",
        WAX,
        Tube(((0.0, 0.74), (0.03, 0.95), (0.1, 1.08)), (0.03, 0.03, 0.045), "#5d4326"),
        tilt=0.36,
        hollows=((0.0, 0.45), (0.12, 0.9), (0.2, 1.0), (1.0, 1.0)),
    ),
    "cherries": Solid(
        "#b3122c",
        (
            Tube(((-0.72, 0.72), (-0.5, 1.6), (0.25, 2.45)), (0.05, 0.045, 0.07), "#6f8a35"),
            Tube(((0.78, 0.52), (0.85, 1.5), (0.25, 2.45)), (0.05, 0.045, 0.07), "#6f8a35"),
            replace(CHERRY, pose=Pose((-0.75, 0.12))),
            replace(CHERRY, pose=Pose((0.80, -0.12), 0.98)),
            Leaf((0.25, 2.42), 1.35, -0.12, 0.44, "#4f9238"),
        ),
    ),
    "tomato": Solid(
        "#d62718",
        (
            Body(profiles.TOMATO, "tomato", finish=LACQUER, hollows=DIMPLE, tilt=0.42),
            *CALYX,
            Tube(((0.0, 0.60), (0.03, 0.78), (0.10, 0.92)), (0.055, 0.05, 0.06), "#5c8a33"),
        ),
    ),
    "pumpkin": Solid(
        "#e8791a",
        (
            Body(
                profiles.PUMPKIN,
                "pumpkin",
                finish=WAX,
                hollows=((0.0, 0.35), (0.08, 0.6), (0.18, 1.0), (1.0, 1.0)),
                tilt=0.38,
            ),
            Tube(
                ((0.0, 0.50), (-0.02, 0.72), (0.10, 0.95), (0.28, 1.05)), (0.16, 0.10, 0.09, 0.12), "#7c7a36", dark=0.6
            ),
        ),
    ),
    "watermelon": _fruit(profiles.MELON, "watermelon", "#3f8a34", WAX, tilt=0.2, pose=Pose(lean=1.35)),
    "melon": _fruit(
        profiles.ORANGE,
        "melon",
        "#cfae6a",
        MATT,
        Tube(((0.0, 0.80), (0.0, 0.98), (0.08, 1.06)), (0.06, 0.05, 0.07), "#8a8448"),
    ),
    "coconut": _fruit(profiles.ORANGE, "coconut", "#6d4526", MATT),
    "grapes": _bunch(),
    "egg": _fruit(profiles.EGG, "egg", "#ecd2b4", MATT),
    "onion": _fruit(profiles.ONION, "onion", "#c9873e", WAX),
    "soccer-ball": _ball("football", "#f2f2ef"),
    "sports-ball": _ball("football", "#f2f2ef"),
    "basketball": _ball("basketball", "#d9702a"),
    "tennis-ball": _ball("tennis", "#c9dc2f", MATT),
    "baseball": _ball("baseball", "#f1ece0", MATT),
    "softball": _ball("baseball", "#e2e13c", MATT),
    "volleyball": _ball("volleyball", "#f4f1e4"),
    "pool-8-ball": _ball("billiard", "#1d1d20", LACQUER, turns=False),
    "sphere": _ball("plain", "#c94a3d", LACQUER),
}
