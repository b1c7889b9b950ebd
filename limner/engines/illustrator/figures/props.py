"""Props: how things are held, read, played and worn, as two readable tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from limner.engines.illustrator.figures.limbs import Point

Spot = Literal["hands", "right", "mouth", "chest"]


@dataclass(frozen=True, slots=True)
class Grip:
    """How a thing is held: the pose of the arms, and which `point` of its drawing is at which spot of the holder.

    `tall` is its height in heads of the holder (None: from its true size), `tilt` how it is turned, in degrees.
    `sits` tells that one sits down for it where there is time; `flip` mirrors its drawing;
    `behind` puts it behind the holder's head.
    """

    arms: str
    at: Spot
    point: Point
    tall: float | None = None
    tilt: float = 0.0
    sits: bool = False
    flip: bool = False
    behind: bool = False


GRIPS: dict[str, Grip] = {
    "open-book": Grip("read", "hands", (0.5, 0.60), 0.62, sits=True),
    "closed-book": Grip("hold", "hands", (0.5, 0.62), 0.58, sits=True),
    "books": Grip("carry", "hands", (0.5, 0.78), 0.66),
    "notebook": Grip("hold", "hands", (0.5, 0.62), 0.56, sits=True),
    "newspaper": Grip("read", "hands", (0.5, 0.62), 0.66, sits=True),
    "rolled-up-newspaper": Grip("lift", "right", (0.5, 0.7), 0.5),
    "scroll": Grip("read", "hands", (0.5, 0.60), 0.70, sits=True),
    "world-map": Grip("read", "hands", (0.5, 0.60), 0.66),
    "violin": Grip("violin", "right", (0.80, 0.26), 0.92),
    "guitar": Grip("strum", "right", (0.74, 0.30), 1.12),
    "banjo": Grip("strum", "right", (0.74, 0.30), 1.05),
    "trumpet": Grip("blow", "mouth", (0.97, 0.16), 0.66),
    "saxophone": Grip("blow", "mouth", (0.96, 0.12), 0.80),
    "flute": Grip("blow", "mouth", (0.88, 0.12), 0.70),
    "drum": Grip("drum", "chest", (0.5, 0.10), 0.60),
    "long-drum": Grip("drum", "chest", (0.5, 0.05), 0.72),
    "accordion": Grip("carry", "hands", (0.5, 0.55), 0.72),
    "harp": Grip("carry", "hands", (0.5, 0.60), 1.05),
    "microphone": Grip("sip", "right", (0.30, 0.66), 0.46),
    "musical-keyboard": Grip("carry", "hands", (0.5, 0.25), 0.40),
    "balloon": Grip("hoist", "right", (0.5, 0.99), 1.45, behind=True),
    "kite": Grip("hoist", "right", (0.02, 0.70), 1.25, behind=True),
    "umbrella": Grip("aloft", "right", (0.50, 0.86), 1.95, -13),
    "closed-umbrella": Grip("lift", "right", (0.10, 0.16), 0.95, 12),
    "sword": Grip("raise", "right", (0.13, 0.87), 1.0),
    "staff": Grip("lift", "right", (0.5, 0.45), 1.5, -18),
    "cane": Grip("lift", "right", (0.14, 0.12), 0.95, 4),
    "flag": Grip("lift", "right", (0.06, 0.80), 1.15),
    "tennis-racket": Grip("raise", "right", (0.14, 0.88), 0.9),
    "coffee-cup": Grip("drink", "hands", (0.45, 0.62), 0.50),
    "mug": Grip("drink", "hands", (0.38, 0.62), 0.46),
    "teacup": Grip("drink", "hands", (0.42, 0.55), 0.46),
    "glass": Grip("drink", "hands", (0.5, 0.62), 0.46),
    "placard": Grip("hold", "hands", (0.5, 0.84), 1.0),
    "sign": Grip("hold", "hands", (0.52, 0.84), 1.0),
    "doll": Grip("hold", "hands", (0.5, 0.62), 0.75),
    "tuba": Grip("carry", "mouth", (0.04, 0.46), 0.95),
    "cello": Grip("violin", "right", (0.55, 0.22), 1.35),
    "frisbee": Grip("hold", "hands", (0.5, 0.55), 0.36),
    "frying-pan": Grip("lift", "right", (0.90, 0.85), 0.55),
    "magic-wand": Grip("raise", "right", (0.13, 0.88), 0.72),
    "dagger": Grip("raise", "right", (0.82, 0.20), 0.98, 186),
    "crossed-swords": Grip("hold", "hands", (0.5, 0.72), 0.85),
    "bow-and-arrow": Grip("lift", "right", (0.55, 0.45), 0.90),
    "shield": Grip("lift", "right", (0.5, 0.45), 0.80),
    "broom": Grip("lift", "right", (0.66, 0.34), 1.25),
    "hammer": Grip("lift", "right", (0.80, 0.80), 0.70),
    "axe": Grip("lift", "right", (0.70, 0.72), 0.80),
    "wrench": Grip("lift", "right", (0.72, 0.72), 0.60),
    "paintbrush": Grip("raise", "right", (0.70, 0.30), 0.60),
    "pencil": Grip("raise", "right", (0.40, 0.60), 0.50),
    "pen": Grip("raise", "right", (0.40, 0.60), 0.50),
    "artist-palette": Grip("lift", "right", (0.65, 0.70), 0.60),
    "fishing-pole": Grip("lift", "right", (0.16, 0.72), 1.10),
    "telescope": Grip("hold", "hands", (0.5, 0.55), 0.80),
    "magnifying-glass-tilted-left": Grip("lift", "right", (0.78, 0.78), 0.60),
    "candle": Grip("lift", "right", (0.5, 0.72), 0.62),
    "lantern": Grip("lift", "right", (0.5, 0.08), 0.62),
    "red-paper-lantern": Grip("lift", "right", (0.5, 0.03), 0.62),
    "flashlight": Grip("lift", "right", (0.68, 0.66), 0.50),
    "key": Grip("lift", "right", (0.70, 0.32), 0.44),
    "camera": Grip("hold", "hands", (0.5, 0.62), 0.48),
    "mobile-phone": Grip("sip", "right", (0.5, 0.72), 0.42),
    "laptop": Grip("carry", "hands", (0.5, 0.80), 0.60, sits=True),
    "pizza": Grip("hold", "hands", (0.5, 0.72), 0.60),
    "bouquet": Grip("hold", "hands", (0.5, 0.74), 0.78),
    "rose": Grip("lift", "right", (0.5, 0.86), 0.60),
    "tulip": Grip("lift", "right", (0.5, 0.86), 0.62),
    "sunflower": Grip("lift", "right", (0.5, 0.86), 0.80),
    "blossom": Grip("lift", "right", (0.5, 0.80), 0.52),
    "hibiscus": Grip("lift", "right", (0.5, 0.80), 0.52),
    "cherry-blossom": Grip("lift", "right", (0.5, 0.80), 0.52),
    "lollipop": Grip("lift", "right", (0.20, 0.82), 0.60),
    "soft-ice-cream": Grip("lift", "right", (0.5, 0.80), 0.56),
    "hot-beverage": Grip("drink", "hands", (0.45, 0.62), 0.50),
    "teacup-without-handle": Grip("drink", "hands", (0.5, 0.6), 0.42),
    "cup": Grip("drink", "hands", (0.45, 0.6), 0.44),
    "cup-with-straw": Grip("drink", "hands", (0.5, 0.7), 0.55),
    "glass-of-milk": Grip("drink", "hands", (0.5, 0.6), 0.44),
    "bubble-tea": Grip("drink", "hands", (0.5, 0.7), 0.55),
    "beer-mug": Grip("drink", "hands", (0.45, 0.6), 0.52),
    "wine-glass": Grip("hoist", "right", (0.5, 0.70), 0.55),
    "cocktail-glass": Grip("hoist", "right", (0.5, 0.70), 0.55),
    "fork": Grip("lift", "right", (0.80, 0.80), 0.55),
    "spoon": Grip("lift", "right", (0.80, 0.80), 0.55),
    "tennis": Grip("raise", "right", (0.30, 0.86), 0.85),
    "baseball-bat": Grip("raise", "right", (0.14, 0.86), 0.95),
    "triangular-flag": Grip("lift", "right", (0.08, 0.86), 1.10),
    "pirate-flag": Grip("raise", "right", (0.04, 0.90), 0.80),
    "white-flag": Grip("lift", "right", (0.05, 0.90), 1.00),
    "teddy-bear": Grip("hold", "hands", (0.5, 0.62), 0.72),
    "skateboard": Grip("carry", "hands", (0.5, 0.5), 0.55),
    "red-heart": Grip("hold", "hands", (0.5, 0.62), 0.58),
}
OWN_GRIPS: dict[tuple[str, str], Grip] = {
    ("knight", "sword"): Grip("rest", "right", (0.13, 0.87), 1.16, -45),
    ("knight", "dagger"): Grip("rest", "right", (0.82, 0.20), 1.16, 135),
    ("viking", "axe"): Grip("rest", "right", (0.70, 0.72), 1.35, 42, flip=True),
    ("wizard", "staff"): Grip("rest", "right", (0.5, 0.4), 1.9),
}
"""Of holders drawn with such a thing in hand already: theirs is covered, so that there are not two."""
LARGEST, SMALLEST = 0.82, 0.34
"""Between which heights, in heads, things of no line in the table are held."""

Wear = Literal["top", "eyes", "ears", "neck", "collar", "chest", "back", "hands", "feet"]
BODY = frozenset({"collar", "chest", "back"})


@dataclass(frozen=True, slots=True)
class Fit:
    """How a thing is worn: where, how wide, and which point of its drawing comes there.

    Widths are in brows of the wearer for what is worn on head and neck, in girths for the rest; `tall` is how much
    taller than drawn it is, as wide as that.
    """

    at: Wear
    wide: float
    point: Point
    tilt: float = 0.0
    behind: bool = False
    tall: float = 1.0


FITS: dict[str, Fit] = {
    "top-hat": Fit("top", 0.98, (0.5, 0.86), -4),
    "womans-hat": Fit("top", 1.35, (0.46, 0.62)),
    "billed-cap": Fit("top", 1.06, (0.56, 0.72)),
    "crown": Fit("top", 0.82, (0.5, 0.80)),
    "graduation-cap": Fit("top", 1.18, (0.5, 0.62)),
    "rescue-workers-helmet": Fit("top", 1.10, (0.5, 0.52)),
    "military-helmet": Fit("top", 1.08, (0.5, 0.62)),
    "chef-hat": Fit("top", 0.96, (0.5, 0.88)),
    "cowboy-hat": Fit("top", 1.36, (0.5, 0.76)),
    "party-hat": Fit("top", 0.56, (0.5, 0.92), 8),
    "santa-hat": Fit("top", 1.06, (0.5, 0.84), -4),
    "wizard-hat": Fit("top", 1.28, (0.5, 0.86)),
    "space-helmet": Fit("top", 1.62, (0.5, 0.22)),
    "helmet": Fit("top", 1.04, (0.48, 0.45)),
    "cape": Fit("collar", 1.25, (0.5, 0.05), behind=True),
    "jacket": Fit("collar", 1.08, (0.5, 0.06)),
    "bow-tie": Fit("neck", 0.42, (0.5, 0.42)),
    "glasses": Fit("eyes", 0.84, (0.5, 0.5)),
    "sunglasses": Fit("eyes", 0.84, (0.5, 0.5)),
    "goggles": Fit("eyes", 0.90, (0.5, 0.5)),
    "scarf": Fit("neck", 0.98, (0.5, 0.22)),
    "tie": Fit("neck", 0.26, (0.5, 0.06)),
    "ribbon": Fit("neck", 0.50, (0.5, 0.35)),
    "reminder-ribbon": Fit("chest", 0.16, (0.5, 0.3)),
    "backpack": Fit("back", 0.92, (0.20, 0.44)),
    "headphone": Fit("ears", 1.18, (0.5, 0.48)),
    "t-shirt": Fit("collar", 1.06, (0.5, 0.08)),
    "coat": Fit("collar", 1.16, (0.5, 0.06), tall=0.80),
    "dress": Fit("collar", 0.92, (0.5, 0.12)),
    "kimono": Fit("collar", 1.10, (0.5, 0.04)),
    "lab-coat": Fit("collar", 1.0, (0.5, 0.06)),
    "sports-medal": Fit("chest", 0.28, (0.5, 0.2)),
    "diving-mask": Fit("eyes", 0.95, (0.5, 0.5)),
    "running-shoe": Fit("feet", 0.42, (0.62, 0.42)),
    "mans-shoe": Fit("feet", 0.40, (0.64, 0.46)),
    "flat-shoe": Fit("feet", 0.40, (0.64, 0.46)),
    "high-heeled-shoe": Fit("feet", 0.38, (0.70, 0.50)),
    "womans-sandal": Fit("feet", 0.38, (0.64, 0.50)),
    "ballet-shoes": Fit("feet", 0.36, (0.5, 0.55)),
    "hiking-boot": Fit("feet", 0.42, (0.66, 0.62)),
    "womans-boot": Fit("feet", 0.36, (0.62, 0.66)),
    "socks": Fit("feet", 0.34, (0.5, 0.55)),
    "gloves": Fit("hands", 0.32, (0.46, 0.62)),
    "boxing-glove": Fit("hands", 0.42, (0.5, 0.5)),
    "baseball-glove": Fit("hands", 0.42, (0.5, 0.5)),
    "red-heart": Fit("chest", 0.3, (0.5, 0.3)),
}
PAIRED = frozenset({"hands", "feet"})
"""Where one wears two: a garment drawn once goes to the left and to the right."""
ELSEWHERE = Fit("chest", 0.5, (0.5, 0.4))
"""Where things are worn of which no line tells: small, before the chest."""
ENDINGS: dict[str, Fit] = {
    "hat": Fit("top", 1.1, (0.5, 0.82)),
    "cap": Fit("top", 1.05, (0.5, 0.75)),
    "helmet": Fit("top", 1.08, (0.5, 0.55)),
    "crown": Fit("top", 0.82, (0.5, 0.80)),
    "glasses": Fit("eyes", 0.84, (0.5, 0.5)),
    "shoe": Fit("feet", 0.40, (0.64, 0.46)),
    "shoes": Fit("feet", 0.40, (0.64, 0.46)),
    "boot": Fit("feet", 0.40, (0.64, 0.60)),
    "mask": Fit("eyes", 0.9, (0.5, 0.5)),
    "tie": Fit("neck", 0.3, (0.5, 0.1)),
}
"""How things are worn by the last word of their name."""


def fit_of(art: str) -> Fit:
    """Tell how a thing is worn."""
    return FITS.get(art) or ENDINGS.get(art.rpartition("-")[2], ELSEWHERE)
