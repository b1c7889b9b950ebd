"""What a medium is: how a rendering is done over, and what its parts are made of meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from limner.engines.illustrator.printing.finish import Pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.figures.relief import Material


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """A finished rendering: `pixels` uint8 RGB (H, W, 3); `owner` (H, W), whose figure is seen where, 0 for the place.

    `detail` is how much fine drawing is wanted, 0.5 (low) to 1.0 (hd).
    """

    pixels: Pixels
    owner: NDArray[np.uint16]
    detail: float


Over = Callable[[Proof, np.random.Generator], Pixels]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a medium works: `over` does a rendering over, if anything does.

    `tweaks` are the fields of `Grade` that it wants otherwise, `material` what all figures are made of.
    """

    over: Over | None = None
    tweaks: dict[str, Any] = field(default_factory=dict)
    material: Material | None = None
