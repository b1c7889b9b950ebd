"""Seats, mounts, shelters and vessels: where on a drawing one sits, stands under or looks out, as readable tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limner.engines.illustrator.figures.limbs import Point
    from limner.engines.illustrator.figures.poses import Legs


@dataclass(frozen=True, slots=True)
class Seat:
    """Where one sits: a point in shares of the drawing's box from the left and from the top, and how one holds oneself.

    `fit` is how tall a rider is, in heights of what is ridden, where the hands have to reach the bars or ropes.
    """

    point: Point
    legs: Legs = "seat"
    arms: str = "lap"
    fit: float | None = None


SEATS: dict[str, Seat] = {
    "couch-and-lamp": Seat((0.42, 0.72)),
    "couch": Seat((0.62, 0.60)),
    "armchair": Seat((0.50, 0.60)),
    "bed": Seat((0.50, 0.68)),
    "chair": Seat((0.52, 0.46)),
    "bench": Seat((0.50, 0.50)),
    "seat": Seat((0.52, 0.58)),
    "tree-stump": Seat((0.50, 0.12)),
    "throne": Seat((0.50, 0.60)),
    "stool": Seat((0.50, 0.13)),
    "deck-chair": Seat((0.45, 0.62)),
    "hammock": Seat((0.50, 0.66)),
    "sleigh": Seat((0.50, 0.44)),
    "rocking-horse": Seat((0.55, 0.40), "astride", "reins"),
    "double-bed": Seat((0.50, 0.68)),
    "rocking-chair": Seat((0.52, 0.58)),
    "rug": Seat((0.50, 0.45), "sit", "lap"),
    "toilet": Seat((0.32, 0.52)),
    "swing": Seat((0.50, 0.74), fit=0.56),
    "manual-wheelchair": Seat((0.60, 0.48)),
    "sled": Seat((0.52, 0.36)),
    "wood": Seat((0.44, 0.10)),
    "dining-table": Seat((0.50, 0.12), "sit"),
    "horse": Seat((0.60, 0.36), "astride", "reins"),
    "carousel-horse": Seat((0.64, 0.42), "astride", "reins"),
    "unicorn": Seat((0.60, 0.38), "astride", "reins"),
    "unicorn-standing": Seat((0.60, 0.38), "astride", "reins"),
    "donkey": Seat((0.55, 0.40), "astride", "reins"),
    "camel": Seat((0.68, 0.22), "astride", "reins"),
    "two-hump-camel": Seat((0.68, 0.22), "astride", "reins"),
    "elephant": Seat((0.66, 0.16), "astride", "reins"),
    "mammoth": Seat((0.62, 0.14), "astride", "reins"),
    "zebra": Seat((0.60, 0.36), "astride", "reins"),
    "cow": Seat((0.62, 0.26), "astride", "reins"),
    "ox": Seat((0.62, 0.30), "astride", "reins"),
    "bison": Seat((0.66, 0.28), "astride", "reins"),
    "deer": Seat((0.62, 0.52), "astride", "reins"),
    "llama": Seat((0.62, 0.45), "astride", "reins"),
    "ewe": Seat((0.60, 0.16), "astride", "reins"),
    "pig": Seat((0.58, 0.22), "astride", "reins"),
    "tiger": Seat((0.62, 0.36), "astride", "reins"),
    "leopard": Seat((0.55, 0.38), "astride", "reins"),
    "rhinoceros": Seat((0.60, 0.30), "astride", "reins"),
    "hippopotamus": Seat((0.62, 0.20), "astride", "reins"),
    "turtle": Seat((0.66, 0.14), "astride", "reins"),
    "sauropod": Seat((0.45, 0.56), "astride", "reins"),
    "t-rex": Seat((0.55, 0.48), "astride", "reins"),
    "dragon": Seat((0.50, 0.55), "astride", "reins"),
    "dolphin": Seat((0.55, 0.20), "astride", "reins"),
    "whale": Seat((0.45, 0.20), "sit", "rest"),
    "bicycle": Seat((0.67, 0.17), "astride", "bars", 1.4),
    "motorcycle": Seat((0.62, 0.36), "astride", "bars", 1.45),
    "motor-scooter": Seat((0.68, 0.42), "astride", "bars", 1.05),
    "broom": Seat((0.58, 0.40), "astride", "reins"),
    "rocket": Seat((0.50, 0.50), "astride", "reins"),
    "crescent-moon": Seat((0.55, 0.80), "seat"),
    "kick-scooter": Seat((0.58, 0.86), "stand", "bars", 1.2),
    "skateboard": Seat((0.50, 0.42), "stand", "balance"),
    "snowboard": Seat((0.50, 0.42), "stand", "balance"),
    "surfboard": Seat((0.50, 0.42), "stand", "balance"),
}
LYING: dict[str, float] = {"surfboard": 74.0, "snowboard": 62.0, "skateboard": 22.0, "broom": 36.0}
"""Boards drawn at a slant, and by how many degrees they are turned to lie flat underfoot when somebody is on them."""

BROAD: dict[str, tuple[float, float]] = {
    "couch": (0.14, 0.86),
    "bench": (0.06, 0.94),
    "bed": (0.12, 0.88),
    "double-bed": (0.12, 0.88),
    "rug": (0.05, 0.95),
    "dining-table": (0.05, 0.95),
    "iceberg": (0.12, 0.88),
    "stone-bridge": (0.22, 0.78),
}
"""From where to where several may sit side by side, in shares of the drawing's width; `ELSEWHERE` on other seats."""
ELSEWHERE = (0.15, 0.85)
PERCHES: dict[str, tuple[float, float]] = {
    "branch": (0.42, 0.42),
    "plate": (0.50, 0.62),
    "lily-pad": (0.40, 0.58),
    "stone-bridge": (0.50, 0.30),
    "iceberg": (0.50, 0.93),
    "couch": (0.40, 0.58),
    "bench": (0.50, 0.44),
    "bed": (0.50, 0.62),
    "double-bed": (0.50, 0.62),
    "chair": (0.52, 0.42),
    "armchair": (0.50, 0.56),
}
"""Where things rest on a drawing of which the upper edge does not tell."""
DISHES: dict[str, float] = {"plate": 0.60}
"""Flat dishes, and which share of their width is for what is served on them."""
CLOSED = frozenset({"refrigerator", "oven", "microwave", "washing-machine", "wardrobe"})
"""Furniture drawn shut: what is in it stands before it, seen."""
SHELTERS: dict[str, tuple[float, float]] = {
    "mushroom": (0.28, 0.48),
    "brown-mushroom": (0.28, 0.48),
    "deciduous-tree": (0.30, 0.58),
    "evergreen-tree": (0.24, 0.62),
    "palm-tree": (0.40, 0.46),
    "oak": (0.26, 0.60),
    "apple-tree": (0.26, 0.60),
    "cherry-tree": (0.26, 0.60),
    "autumn-tree": (0.26, 0.60),
    "birch": (0.26, 0.62),
    "willow": (0.26, 0.62),
    "bonsai": (0.28, 0.60),
    "christmas-tree": (0.20, 0.62),
    "leafless-tree": (0.30, 0.60),
    "umbrella": (0.50, 0.50),
    "beach-with-umbrella": (0.40, 0.50),
    "dining-table": (0.50, 0.26),
    "rainbow": (0.50, 0.62),
    "bridge-at-night": (0.50, 0.70),
    "suspension-bridge": (0.50, 0.68),
    "stone-bridge": (0.50, 0.46),
    "swing": (0.50, 0.30),
    "desk": (0.50, 0.30),
    "treehouse": (0.34, 0.66),
}
"""What one is under by standing before its stem: the point where the head goes, in shares of the drawing's box."""

STAND_INS: dict[str, str] = {"sailboat": "rowing-boat", "ship": "rowing-boat"}
"""Vessels drawn from too far away to sit in, and others of their kind."""
AQUARIA: dict[str, str] = {"bowl": "bowl@glass", "bowl-with-spoon": "bowl@glass"}
"""Vessels that are of glass when something swims in them."""
CLEAR = frozenset({"bowl@glass", "jar", "bubbles", "crystal-ball", "shopping-cart", "wastebasket"})
"""Vessels one sees into: what is in them is drawn upon them."""
VESSELS: dict[str, tuple[float, float]] = {
    "teacup": (0.46, 0.10),
    "mug": (0.42, 0.08),
    "coffee-cup": (0.44, 0.08),
    "basket": (0.5, 0.12),
    "bowl": (0.5, 0.38),
    "bucket": (0.5, 0.16),
    "vase": (0.5, 0.04),
    "amphora": (0.5, 0.04),
    "cup": (0.42, 0.14),
    "bathtub": (0.42, 0.42),
    "canoe": (0.42, 0.50),
    "rowing-boat": (0.40, 0.30),
    "sailboat": (0.30, 0.86),
    "speedboat": (0.45, 0.40),
    "motor-boat": (0.55, 0.46),
    "ship": (0.5, 0.4),
    "hot-air-balloon": (0.5, 0.86),
    "nest-with-eggs": (0.5, 0.35),
    "package": (0.5, 0.22),
    "wrapped-gift": (0.5, 0.30),
    "treasure-chest": (0.5, 0.45),
    "automobile": (0.45, 0.12),
    "house": (0.5, 0.4),
    "taxi": (0.45, 0.12),
    "sport-utility-vehicle": (0.45, 0.12),
    "racing-car": (0.5, 0.25),
    "bus": (0.5, 0.1),
    "flying-saucer": (0.55, 0.3),
}
"""Where the rim of a vessel is: what is in it comes out above."""
STEMMED = frozenset(
    {
        "sunflower", "rose", "tulip", "lily", "daisy", "lavender", "blossom", "hyacinth", "hibiscus", "cherry-blossom",
        "wilted-flower", "herb", "branch", "bouquet", "orchid", "poppy", "seedling", "sheaf-of-rice",
    }
)  # fmt: skip
"""What stands in a vase with its stem."""
STEMLESS = frozenset({"blossom", "hibiscus", "cherry-blossom"})
"""Flowers drawn without one: their heads crowd about a vessel's mouth."""
WINDOWS: dict[str, tuple[tuple[float, ...], float, float]] = {
    "automobile": ((0.46, 0.71), 0.39, 0.42),
    "taxi": ((0.45, 0.71), 0.49, 0.34),
    "sport-utility-vehicle": ((0.49, 0.76), 0.38, 0.38),
    "bus": ((0.55, 0.79), 0.50, 0.30),
    "minibus": ((0.54, 0.78), 0.45, 0.30),
    "police-car": ((0.43, 0.68), 0.41, 0.30),
    "pickup-truck": ((0.44,), 0.34, 0.34),
    "camper-van": ((0.70, 0.42, 0.18), 0.44, 0.27),
    "fire-engine": ((0.25,), 0.47, 0.25),
    "sports-car": ((0.62, 0.42), 0.27, 0.36),
    "vintage-car": ((0.66, 0.42), 0.39, 0.34),
    "school-bus": ((0.45, 0.60, 0.29, 0.14), 0.37, 0.26),
    "dump-truck": ((0.80,), 0.49, 0.27),
    "locomotive": ((0.79,), 0.54, 0.26),
    "tractor": ((0.61,), 0.47, 0.34),
}
"""Of vehicles: the middles of the windows one looks out of, where they end below, and how tall head and shoulders are.

In shares of the drawing's box from the left, from the top, and of its height.
"""
ROOMS: dict[str, float] = {
    "bowl": 1.25,
    "automobile": 2.3,
    "taxi": 2.3,
    "sport-utility-vehicle": 2.4,
    "racing-car": 2.6,
    "bus": 3.4,
    "rowing-boat": 1.9,
    "canoe": 2.0,
    "speedboat": 2.2,
    "motor-boat": 2.4,
    "bathtub": 1.7,
    "house": 3.6,
    "flying-saucer": 2.0,
    "hot-air-balloon": 2.2,
}
"""How wide a vessel is, in widths of what is in it, where it is wider than that asks for."""
