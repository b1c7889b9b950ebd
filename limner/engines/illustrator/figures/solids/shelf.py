"""The shelf: every solid there is, by the name of the drawing it stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, pi, sin
from typing import TYPE_CHECKING

from limner.engines.illustrator.figures.solids import profiles
from limner.engines.illustrator.figures.solids.finishes import Finish
from limner.engines.illustrator.figures.solids.trimmings import Flame, Leaf, Tube
from limner.engines.illustrator.figures.solids.turning import Pose

if TYPE_CHECKING:
    from limner.engines.illustrator.figures.solids.trimmings import Trimming
    from limner.engines.illustrator.figures.solids.turning import Outline

UPRIGHT = Pose()
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
    deep is dim. `clear` is how much shows through, `turns` whether any side of it may be in front, and
    `dyed` that it takes the colour that is asked for, though it has one of its own. A vessel is
    open up to `mouth` on its outline.
    """

    outline: Outline
    skin: str = "plain"
    colour: str | None = None
    finish: Finish = LACQUER
    tilt: float = 0.36
    pose: Pose = UPRIGHT
    hollows: tuple[tuple[float, float], ...] = ((0.0, 1.0), (1.0, 1.0))
    clear: float = 0.0
    turns: bool = True
    dyed: bool = False
    mouth: float = 0.0


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
RED_APPLE = replace(
    _fruit(profiles.APPLE, "apple", "#c2141a", LACQUER, APPLE_STEM, tilt=0.40, hollows=DIMPLE),
    ripe=(("red", "#c2141a"), ("green", "#6fa92c"), ("yellow", "#e6c12e")),
)
CALYX = tuple(
    Leaf((0.0, 0.60), 0.46, angle, 0.34, "#4d8a2c") for angle in (2.6, 0.55, -2.65, -0.45, 3.6, -1.55)
)  # fmt: skip
INSIDE = ((0.0, 0.10), (0.10, 0.25), (0.22, 0.9), (0.26, 1.0), (1.0, 1.0))
FILLED = ((0.0, 0.9), (0.20, 0.8), (0.26, 0.7), (0.36, 1.0), (1.0, 1.0))
WELL = ((0.0, 0.45), (0.10, 0.5), (0.38, 0.95), (1.0, 1.0))
MUG_HANDLE = Tube(
    ((0.80, 0.52), (1.30, 0.62), (1.42, 0.10), (1.22, -0.42), (0.78, -0.50)),
    (0.115, 0.10, 0.115),
    "#d9483b",
    takes=True,
    rough=0.0,
)
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


RINGS = ((1.42, 0.055, "#a98b66"), (1.58, 0.085, "#d8bd92"), (1.80, 0.075, "#c2a67e"), (1.98, 0.035, "#8f775a"))


def _ring(radius: float, wide: float, tone: str, *, behind: bool, flat: float = 0.24, lean: float = 0.35) -> Tube:
    """Half a ring about a planet, flattened to an ellipse."""
    start = 0.0 if behind else pi
    angles = [start + pi * i / 14 for i in range(15)]
    line = tuple(
        (
            radius * (cos(a) * cos(lean) - flat * sin(a) * sin(lean)),
            radius * (cos(a) * sin(lean) + flat * sin(a) * cos(lean)),
        )
        for a in angles
    )
    return Tube(line, (wide, wide * 0.5, wide), tone, dark=0.0, rough=0.1)


VESSELS: dict[str, Solid] = {
    "vase": Solid("#2f7f95", (Body(profiles.VASE, "vase", finish=GLAZE, tilt=0.26, hollows=INSIDE, mouth=0.454),)),
    "amphora": Solid(
        "#b5633a",
        (
            Tube(
                ((-0.42, 0.98), (-0.90, 0.80), (-0.78, 0.28), (-0.70, 0.10)),
                (0.085, 0.075, 0.08),
                "#b5633a",
                takes=True,
            ),
            Tube(
                ((0.42, 0.98), (0.90, 0.80), (0.78, 0.28), (0.70, 0.10)),
                (0.085, 0.075, 0.08),
                "#b5633a",
                takes=True,
                rough=0.1,
            ),
            Body(profiles.VASE, "amphora", finish=WAX, tilt=0.24, hollows=INSIDE),
        ),
    ),
    "bowl": Solid(
        "#4f86b8",
        (
            Body(
                profiles.BOWL, "bowl", finish=GLAZE, tilt=0.40, mouth=0.458, hollows=((0.0, 0.62), (0.30, 0.95), (1, 1))
            ),
        ),
    ),
    "cup": Solid(
        "#d9483b", (MUG_HANDLE, Body(profiles.MUG, "mug", finish=GLAZE, tilt=0.34, mouth=0.481, hollows=WELL))
    ),
    "hot-beverage": Solid(
        "#f1ece2",
        (
            MUG_HANDLE,
            Body(profiles.FULL_MUG, "coffee", finish=GLAZE, tilt=0.38, hollows=FILLED),
        ),
    ),
    "teacup-without-handle": Solid(
        "#e9e4d6", (Body(profiles.FULL_BOWL, "tea", finish=GLAZE, tilt=0.40, hollows=FILLED),)
    ),
    "bottle": Solid(
        "#1f5a3a",
        (
            Body(profiles.BOTTLE, "bottle", finish=GLASS, tilt=0.16, turns=False),
            Body(profiles.CAP, "plain", "#8c2230", WAX, 0.16, Pose((0.0, 1.55)), dyed=True),
        ),
    ),
    "wine-glass": Solid(
        "#dfe8ee",
        (
            Body(profiles.WINE, "plain", "#7c1226", LACQUER, 0.22, dyed=True),
            Body(profiles.GOBLET, "glass", finish=GLASS, tilt=0.22, clear=0.86),
        ),
    ),
    "glass-of-milk": Solid(
        "#e3edf2",
        (
            Body(profiles.MILK, "plain", "#f7f4ec", WAX, 0.28),
            Body(profiles.TUMBLER, "glass", finish=GLASS, tilt=0.28, clear=0.84),
        ),
    ),
    "tumbler-glass": Solid(
        "#e3edf2",
        (
            Body(profiles.MILK, "plain", "#c27a22", replace(LACQUER, window=0.5), 0.28, Pose((0.0, -0.22), 0.86)),
            Body(profiles.TUMBLER, "glass", finish=GLASS, tilt=0.28, clear=0.84),
        ),
    ),
    "jar": Solid(
        "#dbe7ec",
        (
            Body(profiles.HONEY, "plain", "#e09a1c", replace(LACQUER, window=0.4), 0.24, dyed=True),
            Body(profiles.JAR, "glass", finish=GLASS, tilt=0.24, clear=0.80),
            Body(profiles.LID, "thread", "#c9a24a", WAX, 0.24, Pose((0.0, 0.86)), dyed=True),
        ),
    ),
    "candle": Solid(
        "#f0e4cb",
        (
            Body(
                profiles.CANDLE, "candle", finish=replace(MATT, wrap=0.45), tilt=0.26, hollows=((0.0, 0.9), (1.0, 1.0))
            ),
            Tube(((0.0, 1.06), (0.01, 1.22)), (0.035, 0.03), "#3a2a20"),
            Flame((0.0, 1.16), 0.62),
        ),
    ),
    "light-bulb": Solid(
        "#fbe9a8",
        (
            Body(profiles.SCREW, "thread", "#a8adb3", GLAZE, 0.12, Pose((0.0, 0.0))),
            Body(profiles.BULB, "plain", finish=GLASS, tilt=0.12, clear=0.30),
            Tube(
                ((-0.16, -0.30), (-0.22, 0.22), (-0.08, 0.36), (0.0, 0.22), (0.08, 0.36), (0.22, 0.22), (0.16, -0.30)),
                (0.022, 0.026, 0.022),
                "#f08a1c",
                dark=0.0,
            ),
        ),
    ),
    "crystal-ball": Solid(
        "#8a6fd0",
        (
            Body(profiles.FOOT, "plain", "#5a3a22", WAX, 0.24, Pose((0.0, -0.95))),
            Body(profiles.SPHERE, "crystal", finish=GLASS, tilt=0.24, pose=Pose((0.0, 0.10)), clear=0.12),
        ),
    ),
    "balloon": Solid(
        "#d8231f",
        (
            Tube(((0.0, -1.16), (0.10, -1.6), (-0.10, -2.1), (0.06, -2.6)), (0.014, 0.014), "#e8e4da", dark=0.0),
            Body(profiles.BALLOON, "balloon", finish=LACQUER, tilt=0.12),
        ),
    ),
    "cone": Solid("#e8792b", (Body(profiles.CONE, "plain", finish=WAX, tilt=0.34),)),
    "cylinder": Solid("#3f8fc9", (Body(profiles.CYLINDER, "plain", finish=WAX, tilt=0.36),)),
}

SOLIDS: dict[str, Solid] = {
    "red-apple": RED_APPLE,
    "green-apple": replace(RED_APPLE, colour="#7fae2c"),
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
    "egg": _fruit(profiles.EGG, "egg", "#ecd2b4", MATT, tilt=0.25, pose=Pose(lean=0.9)),
    "onion": _fruit(profiles.ONION, "onion", "#c9873e", WAX),
    "soccer-ball": _ball("football", "#f2f2ef"),
    "sports-ball": _ball("football", "#f2f2ef"),
    "basketball": _ball("basketball", "#d9702a"),
    "tennis-ball": _ball("tennis", "#c9dc2f", MATT),
    "baseball": _ball("baseball", "#f1ece0", MATT),
    "softball": _ball("baseball", "#e2e13c", MATT),
    "volleyball": _ball("volleyball", "#f4f1e4"),
    "ringed-planet": Solid(
        "#d9b27a",
        (
            *(_ring(radius, wide, tone, behind=True) for radius, wide, tone in RINGS),
            Body(profiles.SPHERE, "planet", finish=MATT, tilt=0.3, pose=Pose(lean=0.35)),
            *(_ring(radius, wide, tone, behind=False) for radius, wide, tone in RINGS),
        ),
    ),
    "pool-8-ball": _ball("billiard", "#1d1d20", LACQUER, turns=False),
    "sphere": _ball("plain", "#c94a3d", LACQUER),
    **VESSELS,
}
