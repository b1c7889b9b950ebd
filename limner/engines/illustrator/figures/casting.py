"""Casting: who plays a drawing's part, a turned solid, a grown tree or the drawing itself, and what its shape is.

Staging and painting ask here and nowhere else, so that a box composed for a solid is the box the solid fills.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.colours import NAMED
from limner.engines.illustrator.figures import emission, foliage
from limner.engines.illustrator.figures.art import Drawings, extent, silhouette, sprite
from limner.engines.illustrator.figures.eyes import PROBED, Eye, catch_lights, find
from limner.engines.illustrator.figures.materials import Material, fitting
from limner.engines.illustrator.figures.patterns import patterned
from limner.engines.illustrator.figures.relief import Figure, relight
from limner.engines.illustrator.figures.repainting import recolour
from limner.engines.illustrator.figures.solids import rendering
from limner.engines.illustrator.figures.solids.shelf import SOLIDS
from limner.engines.illustrator.pixels import Array, array, resize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.backdrops.base import Light
    from limner.engines.illustrator.scene import Pattern

SUPERSAMPLING, LARGEST = 1.5, 960
EXACT, RIPE = 11.0, 16.0
LIVING = ("fur", "skin")


@dataclass(frozen=True, slots=True)
class Part:
    """What one instance is to look like: which drawing, in which named colour or its own, of what, how large.

    `size` is (width, height) in pixels, `tilt` in degrees; `material` says how it takes light, and `flesh` what it is
    made of in truth, where a medium makes all things of paper. `second` is a second colour on it, in a `pattern`.
    """

    art: str
    colour: str | None
    material: Material
    flesh: Material
    size: tuple[int, int]
    tilt: float = 0.0
    mirrored: bool = False
    second: str | None = None
    pattern: Pattern = "halves"


def is_solid(art: str) -> bool:
    """Tell whether a solid plays the part of a drawing."""
    return art in SOLIDS


def aspect(drawings: Drawings, art: str, tilt: float = 0.0) -> float:
    """Give the width over the height of what is shown for a drawing, tilted by degrees; solids stand upright.

    Raises KeyError where there is neither a solid nor a drawing of that name.
    """
    if foliage.is_grown(art):
        return foliage.aspect(art)
    return rendering.aspect(art) if is_solid(art) else extent(drawings, art, tilt).aspect


def outline(drawings: Drawings, art: str, tilt: float = 0.0) -> NDArray[np.bool_]:
    """Give a coarse mask of what is shown for a drawing, for reasoning about overlap and support; see `aspect`."""
    if foliage.is_grown(art):
        return foliage.outline(art)
    return rendering.outline(art) if is_solid(art) else silhouette(drawings, art, tilt)


def named_colour(art: str, colour: str | None) -> str | None:
    """Tell a part's named colour: the one asked for, or the one that the drawing's own name tells ("red-apple")."""
    told = art.partition("-")[0]
    return next((name for name in (colour, told) if name in NAMED), None)


def mouth(part: Part) -> Array | None:
    """Tell where one looks into a part (H, W), so that what is in it can be seen; None where it is not open."""
    return rendering.mouth(part.art, part.size, mirrored=part.mirrored) if is_solid(part.art) else None


def latitude(art: str, colour: str) -> float:
    """Tell how far (CIE76) a part's colour may end from the named one: ripe fruit has a green or a red of its own."""
    return RIPE if is_solid(art) and rendering.painted(art, colour) != NAMED[colour] else EXACT


def flat(drawings: Drawings, part: Part, scale: float = 1.0) -> tuple[Figure, Array | None]:
    """Give a part at a multiple of its size, in its colour, not lit; and where its colour was changed (H, W)."""
    size = max(4, round(part.size[0] * scale)), max(4, round(part.size[1] * scale))
    wanted = named_colour(part.art, part.colour)
    if foliage.is_grown(part.art):
        return foliage.flat(part.art, size, wanted)
    if is_solid(part.art):
        return rendering.flat(part.art, size, rendering.painted(part.art, wanted)), None
    drawing = sprite(drawings, part.art, *size, part.tilt)
    if part.mirrored:
        drawing = np.ascontiguousarray(drawing[:, ::-1])
    alpha = array(drawing[..., 3]) / np.float32(255)
    if not wanted:
        return Figure(array(drawing[..., :3]) / np.float32(255), alpha), None
    colour, changed = recolour(drawing, wanted)
    return Figure(array(colour) / np.float32(255), alpha), changed


def lit(
    drawings: Drawings, part: Part, light: Light, *, quality: str, rng: np.random.Generator, dark: bool = False
) -> tuple[Figure, Array | None]:
    """Give a part at exactly its size, in its colour and lit; and where its colour was asked for (H, W), if it was.

    When it is `dark`, what has lamps has them lit.
    """
    figure, own = _lit(drawings, part, light, quality=quality, rng=rng, dark=dark)
    first = named_colour(part.art, part.colour)
    if own is None or first is None or part.second not in NAMED:
        return figure, own
    return patterned(figure, own, (first, part.second), part.pattern)


def _lit(
    drawings: Drawings, part: Part, light: Light, *, quality: str, rng: np.random.Generator, dark: bool
) -> tuple[Figure, Array | None]:
    """Give a part lit in its first colour."""
    if is_solid(part.art):
        return _solid(part, light, quality, rng)
    if foliage.is_grown(part.art):
        wanted = named_colour(part.art, part.colour)
        return foliage.lit(part.art, part.size, wanted, light, fine=quality == "hd", mirrored=part.mirrored)
    finer = min(SUPERSAMPLING, max(1.0, LARGEST / max(part.size))) if quality == "hd" else 1.0
    plain, changed = flat(drawings, part, finer)
    figure = relight(plain.colour, plain.alpha, fitting(part.art, part.material), light, quality=quality, rng=rng)
    if part.material != "paper":
        figure = emission.shone(part.art, plain, figure, dark=dark)
    if part.flesh in LIVING:
        eyes = _eyes(drawings, part.art, part.tilt)
        catch_lights(figure.colour, [(1 - x, y, size) for x, y, size in eyes] if part.mirrored else list(eyes))
    figure = Figure(resize(figure.colour, *part.size), resize(figure.alpha, *part.size), figure.light)
    return figure, None if changed is None else resize(changed, *part.size)


@lru_cache(maxsize=256)
def _eyes(drawings: Drawings, art: str, tilt: float) -> tuple[Eye, ...]:
    """Find a drawing's eyes in its own colours: in a black cat's they are hard to see."""
    shape = extent(drawings, art, tilt).aspect
    size = round(PROBED * min(1.0, shape)), round(PROBED * min(1.0, 1 / shape))
    drawing = array(sprite(drawings, art, *size, tilt)) / np.float32(255)
    return tuple(find(np.ascontiguousarray(drawing[..., :3]), np.ascontiguousarray(drawing[..., 3])))


def _solid(part: Part, light: Light, quality: str, rng: np.random.Generator) -> tuple[Figure, Array | None]:
    wanted = named_colour(part.art, part.colour)
    colour = rendering.painted(part.art, wanted)
    figure, own = rendering.figure(part.art, part.size, colour, light, quality=quality, rng=rng, mirrored=part.mirrored)
    return figure, own if wanted else None
