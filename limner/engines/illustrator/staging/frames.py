"""Frames, bands and spots: what there is to fill, and what has been put there, in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from limner.engines.illustrator.staging.blocks import Block

Medium = Literal["ground", "water", "air"]


@dataclass(frozen=True, slots=True)
class Frame:
    """The picture to fill: its size in pixels, the ground's far and near line, what it is made of.

    `far`, `near` and `horizon` are fractions of the height; `surface` is a backdrop's surface.
    `margin` is the share of the width that stays free at each side; `top` and `bottom`, shares of the
    height, are where subjects may begin and must end; `fill` is how much larger than usual they may be.
    `pond` tells the rows of open water in a place whose stage is land, `banks` the columns it lies between (see
    `Backdrop`).
    """

    width: int
    height: int
    far: float
    near: float
    surface: str
    horizon: float = 0.5
    margin: float = 0.055
    top: float = 0.05
    bottom: float = 0.955
    fill: float = 1.0
    pond: tuple[float, float] | None = None
    banks: tuple[float, float] = (0.0, 1.0)

    def stage(self, setting: str) -> Stage:
        """Give what an arrangement in this frame has to know of it later."""
        lines = self.far, self.near, self.top, self.bottom
        return Stage(setting, self.width, self.height, *lines, self.surface, self.pond is not None)

    @property
    def sides(self) -> tuple[float, float]:
        """The columns that subjects keep between, in pixels."""
        return self.margin * self.width, (1 - self.margin) * self.width

    @property
    def unit(self) -> float:
        """The length everything is measured by: the height, or less in a tall picture."""
        return self.fill * min(float(self.height), 1.25 * self.width)


@dataclass(frozen=True, slots=True)
class Stage:
    """What an arrangement was made for: a frame's size in pixels, its setting, and its lines as shares of the height.

    `pond` tells whether it has open water in a place whose stage is land.
    """

    setting: str
    width: int
    height: int
    far: float
    near: float
    top: float
    bottom: float
    surface: str
    pond: bool


@dataclass(frozen=True, slots=True)
class Spot:
    """One instance in its place: its box in pixels (x0, y0, width, height), how it is turned, and what it is on.

    `art` is the drawing to paint; a `part` is no instance but belongs to instance `one` of its subject, painted before.
    `foot` is the row of the ground (or water) under it; a `medium` of "air" has none to touch. `resting` things
    lie on others. Spots are to be painted in the order they are given.
    """

    subject: int
    x: float
    y: float
    width: float
    height: float
    tilt: float
    mirrored: bool
    medium: Medium
    foot: float
    resting: bool
    order: tuple[float, float]
    art: str = ""
    one: int = 0
    part: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """A part of the picture that blocks are placed in, in pixels: from `top` to `near`, feet between `far` and `near`.

    `tallest` is how tall they may be; they keep between the columns `left` and `right`.
    """

    top: float
    far: float
    near: float
    medium: Medium
    tallest: float
    left: float
    right: float

    @property
    def width(self) -> float:
        """How wide it is."""
        return self.right - self.left


@dataclass(frozen=True, slots=True)
class Standing:
    """A block with its feet in the picture, and the scale in pixels per span that it is drawn at."""

    block: Block
    x: float
    foot: float
    scale: float
    medium: Medium
