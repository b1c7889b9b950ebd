"""What every backdrop takes and gives: the view asked for, and the place with its light that comes of it.

Lengths inside a backdrop are told in units: the picture's height, or less where the picture is very
tall, so that a hill keeps its shape in every format. Sideways they count from the middle, so that a
wider picture shows more of the same place.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from limner.engines.illustrator.pixels import Array, Colour, array, rgb

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.scene import Detail, Subject, Time, Weather

Surface = Literal["ground", "grass", "water", "snow", "table", "floor", "air", "sand", "leaves"]

SMALLEST_FAR = 300
LEVELS = 190.0
ON_TABLE, PETS = 0.45, 0.2
"""How tall a thing may be, in metres, to stand on a table or worktop; and a beast, for a cat has the floor."""


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """The light of a place. A surface of colour c facing the key light ends at about c * (0.74 key + up).

    `direction` points towards the key light (x right, y down, z towards the viewer; unit length); `up` is
    the ambient light that falls from above, `down` what the ground throws back, `rim` the light from
    behind, seen from `rim_direction` (x, y). `warmth` is -1 (cold) .. 1 (warm), `shadow` how dark cast
    shadows are (0..1), and `shadow_lean` how far the top of a shadow falls aside per unit of height.
    """

    key: Colour
    direction: tuple[float, float, float]
    up: Colour
    down: Colour
    rim: Colour
    rim_direction: tuple[float, float]
    warmth: float = 0.0
    shadow: float = 0.5
    shadow_lean: float = 0.4


@dataclass(frozen=True, slots=True)
class Footing:
    """Where a subject meets the ground, in pixels: from x0 to x1 at the height y.

    On water y is the waterline, and whatever the subject has below it is under water.
    """

    x0: float
    x1: float
    y: float


@dataclass(frozen=True, slots=True, eq=False)
class Haze:
    """The air of a place: its colour, and how much of it lies before things on its `far` and `near` row.

    Rows are fractions of the height; the amounts are shares of the colour, 0..1.
    """

    colour: Colour
    far: float
    near: float
    thick: float
    thin: float

    def at(self, row: float) -> float:
        """Tell what share of a thing standing at this row (a fraction of the height) is lost in the haze."""
        away = float(np.clip((self.near - row) / max(1e-3, self.near - self.far), 0, 1))
        return self.thin + (self.thick - self.thin) * away * math.sqrt(away)


@dataclass(frozen=True, slots=True, eq=False)
class Clean:
    """The picture of a place without its subjects, kept in bytes: a quarter of the size, fine enough for print."""

    pixels: NDArray[np.uint8]

    @classmethod
    def of(cls, image: Array) -> Clean:
        """Keep a picture; light above 1.3 is kept as 1.3."""
        return cls(np.asarray(cv2.convertScaleAbs(image, alpha=LEVELS), np.uint8))

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows, columns and channels."""
        return self.pixels.shape

    def __getitem__(self, box: tuple[slice, slice]) -> Array:
        """Give a part of the picture."""
        return array(self.pixels[box]) * np.float32(1 / LEVELS)


Front = Callable[[Array, tuple[Footing, ...]], None]
Cover = Callable[[Array, Clean | Array, tuple[Footing, ...]], None]


@dataclass(frozen=True, slots=True)
class View:
    """What is asked of a backdrop.

    `detail` is how fine, 0.6 (standard) to 1.0 (hd); `palette` holds names of colours, `details` what the place is to
    show besides (see `scene.Detail`), of which a backdrop takes what suits it. `company` is who will be in the place.
    """

    width: int
    height: int
    time: Time
    weather: Weather
    detail: float
    rng: np.random.Generator
    palette: tuple[str, ...] = ()
    details: frozenset[Detail] = frozenset()
    company: tuple[Subject, ...] = ()

    @property
    def unit(self) -> float:
        """The length in pixels that stands for one unit: the height, less in very tall pictures."""
        return min(float(self.height), 1.4 * self.width)

    @property
    def middle(self) -> float:
        """The column in the middle, in pixels."""
        return self.width / 2

    @property
    def small(self) -> bool:
        """Whether there is company, and all of it small enough to stand on a table."""
        return bool(self.company) and all(
            one.height < (PETS if one.material in ("fur", "skin") else ON_TABLE) for one in self.company
        )

    @property
    def afloat(self) -> float:
        """The share of the company that swims or floats, 0..1."""
        return sum(one.stance in ("floats", "swims") for one in self.company) / max(1, len(self.company))

    @property
    def fine(self) -> bool:
        """Whether the finest textures are wanted."""
        return self.detail > 0.8

    def far(self) -> View:
        """Give the same view on the smaller canvas that is enough for what lies out of focus."""
        return self.scaled(min(1.0, max(self.detail, SMALLEST_FAR / min(self.width, self.height))))

    def scaled(self, scale: float) -> View:
        """Give the same view on a canvas `scale` times as large."""
        return replace(self, width=max(2, round(self.width * scale)), height=max(2, round(self.height * scale)))

    def x(self, units: float) -> float:
        """Give the column that lies so many units to the right of the middle, in pixels."""
        return self.middle + units * self.unit

    def across(self) -> Array:
        """Give the place of every column in units from the middle, shape (1, W)."""
        return ((np.arange(self.width, dtype=np.float32) + 0.5 - self.middle) / self.unit)[None].astype(np.float32)

    def rows(self) -> Array:
        """Give the height of every row as a fraction of the picture, shape (H, 1)."""
        return ((np.arange(self.height, dtype=np.float32) + 0.5) / self.height)[:, None].astype(np.float32)

    def blank(self, colour: str = "#000000") -> Array:
        """Give a canvas of one colour, float32 (H, W, 3)."""
        return np.tile(rgb(colour), (self.height, self.width, 1)).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """A place to put subjects into.

    `image` is float32 (H, W, 3), sRGB 0..1 and above where light should bloom; `horizon` and `ground` (far,
    near) are fractions of the height; on the far line things are small, on the near one large. `front`, where
    there is one, paints in place what hides the subjects' feet: grass, snow, the waterline. `haze` is the air
    between the viewer and what stands far off. `pond` tells the rows (far, near; fractions of the height) of open
    water in a place whose stage is land, `banks` the columns (left, right; fractions of the width) it lies between.
    """

    image: Array
    horizon: float
    ground: tuple[float, float]
    light: Light
    surface: Surface
    front: Front | None = None
    haze: Haze | None = None
    pond: tuple[float, float] | None = None
    banks: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Scenery:
    """A backdrop in the making, before weather falls through it.

    As a `Backdrop`, but `cover(picture, clean, feet)` paints over the feet with the help of the clean picture,
    `sun` is where the sun or moon stands, in pixels, if it is seen. Puddles lie within `open` units of the middle.
    """

    image: Array
    horizon: float
    ground: tuple[float, float]
    light: Light
    surface: Surface
    cover: Cover | None = None
    sun: tuple[float, float] | None = None
    open: float = 9.0
    pond: tuple[float, float] | None = None
    banks: tuple[float, float] = (0.0, 1.0)
