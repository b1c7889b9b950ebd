"""What a medium is: how a rendering is done over, and what its parts are made of meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from limner.engines.illustrator.printing.finish import Pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.figures.materials import Material


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """A finished rendering: `pixels` uint8 RGB (H, W, 3); `owner` (H, W), whose figure is seen where, 0 for the place.

    `detail` is how much fine drawing is wanted, 0.5 (low) to 1.0 (hd).
    """

    pixels: Pixels
    owner: NDArray[np.uint16]
    detail: float

    @property
    def unit(self) -> int:
        """The shorter side in pixels, which all widths of strokes and lines are told in."""
        height, width = self.owner.shape
        return int(min(height, width))

    @property
    def figures(self) -> NDArray[np.bool_]:
        """Where any figure is seen."""
        return self.owner > 0

    def at(self, width: int, height: int) -> Proof:
        """Give the same at another size, for media that are coarser than pixels."""
        if (height, width) == self.owner.shape:
            return self
        shrinks = width <= self.owner.shape[1] and height <= self.owner.shape[0]
        pixels = cv2.resize(self.pixels, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        owner = cv2.resize(self.owner, (width, height), interpolation=cv2.INTER_NEAREST)
        return Proof(np.asarray(pixels, np.uint8), np.asarray(owner, np.uint16), self.detail)

    def half(self) -> Proof:
        """Give the same at half the size, at least 2 x 2."""
        height, width = self.owner.shape
        return self.at(max(2, width // 2), max(2, height // 2))


Over = Callable[[Proof, np.random.Generator], Pixels]
Edge = Callable[[Pixels, Proof], Pixels]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a medium works: `over` does a rendering over, if anything does.

    `tweaks` are the fields of `Grade` that it wants otherwise, `material` what all figures are made of. `held` tells
    whether named colours are held in what it makes of them, `margin` which share of the sides is bare paper, `lens`
    whether what lies far from the subjects is out of focus, and `crispness` how far the finest pictures are sharpened
    afterwards. `edge` gives the cover (H, W) of a cut-out in the medium, where it has edges of its own.
    """

    over: Over | None = None
    tweaks: dict[str, Any] = field(default_factory=dict)
    material: Material | None = None
    held: bool = True
    margin: float = 0.0
    lens: bool = False
    crispness: float = 0.0
    edge: Edge | None = None
