"""A solid as a figure: turned, clothed, lit and trimmed, at exactly the size asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from limner.engines.illustrator.figures.relief import Figure
from limner.engines.illustrator.figures.solids.canvas import Canvas, Skin
from limner.engines.illustrator.figures.solids.lit_sphere import LitSphere, lit_sphere
from limner.engines.illustrator.figures.solids.shelf import SOLIDS, Solid
from limner.engines.illustrator.figures.solids.skins import SKINS
from limner.engines.illustrator.figures.solids.trimmings import Frame, Trimming, placed
from limner.engines.illustrator.figures.solids.turning import Seen, Turned, seen, silhouette, turned
from limner.engines.illustrator.pixels import Array, array, fork, rgb

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.base import Light

FINEST = {"low": 256, "standard": 512, "hd": 1024}
BUMP = 1.0
GROUNDED = 0.55


@lru_cache(maxsize=64)
def frame(solid: Solid) -> Frame:
    """Give what a solid's box shows of the body's picture: left, top, right, bottom (y up)."""
    body = turned(solid.outline, solid.tilt)
    left, top, right, bottom = -body.radius, body.top, body.radius, body.bottom
    for trim in solid.trimmings:
        points = trim.shape()
        left, bottom = min(left, float(points[:, 0].min())), min(bottom, float(points[:, 1].min()))
        right, top = max(right, float(points[:, 0].max())), max(top, float(points[:, 1].max()))
    return left, top, right, bottom


def aspect(art: str) -> float:
    """Give the width over the height of a solid's box; raises KeyError where there is no such solid."""
    left, top, right, bottom = frame(SOLIDS[art])
    return (right - left) / (top - bottom)


@lru_cache(maxsize=64)
def outline(art: str, rows: int = 48) -> NDArray[np.bool_]:
    """Make a coarse mask of a solid, `rows` high; raises KeyError where there is no such solid."""
    solid = SOLIDS[art]
    shape = rows, max(3, round(rows * aspect(art)))
    mask = silhouette(turned(solid.outline, solid.tilt), shape, frame(solid)) > 0.4
    rng = np.random.default_rng(0)
    for trim in solid.trimmings:
        piece = placed(trim, shape, frame(solid), array([0, 0, 0]), rng)
        if piece is not None:
            mask[piece.window] |= piece.alpha > 0.4
    return mask


@lru_cache(maxsize=6)
def _skin(name: str, colour: str, height: int, *, fine: bool) -> Skin:
    """Paint a skin; it is kept, for a scene often has several of a thing."""
    return SKINS[name](Canvas(height, 2 * height, np.random.default_rng(20_001), fine), rgb(colour))


def _texels(wanted: int, quality: str) -> int:
    """Give the rows of a skin for a body so many pixels high."""
    return int(np.clip(2 ** int(np.ceil(np.log2(max(2, wanted * 0.9)))), 128, FINEST[quality]))


def figure(
    art: str, size: tuple[int, int], colour: str | None, light: Light, *, quality: str, rng: np.random.Generator
) -> tuple[Figure, Array]:
    """Make a solid at exactly `size` (width, height) pixels, in a colour ("#rrggbb") or its own, and light it.

    Gives the figure and how far each pixel shows the solid's own colour (not its stem), float32 (H, W). The generator
    turns it about its axis. Raises KeyError where there is no such solid.
    """
    solid, rng = SOLIDS[art], fork(rng)
    shape, view = (size[1], size[0]), frame(solid)
    body = turned(solid.outline, solid.tilt)
    look = seen(body, shape, view)
    lamp = lit_sphere(light, solid.finish)
    painted = _skin(solid.skin, colour or solid.colour, _texels(shape[0], quality), fine=quality == "hd")
    base = rgb(colour or solid.colour)
    spin = float(rng.uniform(0, 2 * np.pi))
    image = _lit(look, painted, solid, lamp, (spin, body.radius * size[0] / (view[2] - view[0])))
    image *= _standing(body, shape, view)[..., None]
    picture, alpha, own = array(cv2.sqrt(image)), look.alpha.copy(), look.alpha.copy()
    for trim in solid.trimmings:
        _trim(trim, (picture, alpha, own), view, base, lamp, rng)
    return Figure(array(np.clip(picture, 0, 1.25)), alpha), own


def flat(art: str, size: tuple[int, int], colour: str | None) -> Figure:
    """Give a solid at `size` (width, height) in one colour, not lit; raises KeyError where there is no such solid."""
    solid, shape = SOLIDS[art], (size[1], size[0])
    base, view = rgb(colour or solid.colour), frame(solid)
    picture = np.tile(base, (*shape, 1)).astype(np.float32)
    alpha = silhouette(turned(solid.outline, solid.tilt), shape, view)
    for trim in solid.trimmings:
        piece = placed(trim, shape, view, base, np.random.default_rng(0))
        if piece is not None:
            picture[piece.window] += (piece.colours - picture[piece.window]) * piece.alpha[..., None]
            alpha[piece.window] = np.maximum(alpha[piece.window], piece.alpha)
    return Figure(picture, alpha)


def _lit(look: Seen, painted: Skin, solid: Solid, lamp: LitSphere, place: tuple[float, float]) -> Array:
    """Clothe and light what is seen; linear colours (H, W, 3). `place` is the turn and the radius in pixels."""
    spin, radius = place
    h, w = painted.colours.shape[:2]
    across = (look.around + np.float32(np.pi + spin)) * np.float32(w / (2 * np.pi))
    across = array(np.mod(across, np.float32(w)))
    down = look.along * np.float32(h) - np.float32(0.5)
    colours = array(cv2.remap(painted.colours, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP))
    colours *= np.float32(1 / 255)
    normals = look.normals
    if painted.bump is not None:
        bump = cv2.remap(painted.bump, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        normals = _bumped(normals, array(bump) * np.float32(BUMP * radius))
    diffuse, added = lamp.seen(normals)
    places, left = zip(*solid.hollows, strict=True)
    dim = array(np.interp(look.along, places, left))
    lit = cv2.multiply(cv2.multiply(colours, colours), diffuse)
    return array(cv2.multiply(array(lit + added), cv2.merge([dim, dim, dim])))


def _bumped(normals: Array, height: Array) -> Array:
    """Tip normals by the slope of a height (pixels) as it is seen.

    Source: Blinn, "Simulation of wrinkled surfaces", 1978; by differences on the screen as in Mikkelsen, "Bump
    mapping unparametrized surfaces on the GPU", 2010.
    """
    tipped = normals.copy()
    tipped[..., 0] -= array(cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3)) * np.float32(1 / 8)
    tipped[..., 1] -= array(cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3)) * np.float32(1 / 8)
    return tipped


def _standing(body: Turned, shape: tuple[int, int], view: Frame) -> Array:
    """Tell how much light is left near the ground, per row (H, 1): the table keeps it from the underside."""
    y = view[1] - (np.arange(shape[0], dtype=np.float32) + 0.5) * np.float32((view[1] - view[3]) / shape[0])
    share = np.clip((y - body.bottom) / (0.34 * (body.top - body.bottom)), 0, 1)
    return array(1 - GROUNDED * (1 - share) ** 2.2)[:, None]


def _trim(
    trim: Trimming, canvases: tuple[Array, Array, Array], view: Frame, base: Array, lamp: LitSphere,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Paint a trimming into a picture, its alpha and its mask of own colour, in place."""
    picture, alpha, own = canvases
    shape = alpha.shape[0], alpha.shape[1]
    piece = placed(trim, shape, view, base, rng)
    if piece is None:
        return
    diffuse, added = lamp.seen(piece.normals)
    colour = np.sqrt(piece.colours**2 * diffuse + np.float32(0.5) * added)
    here, cover = piece.window, piece.alpha
    shown = cover * (1 - alpha[here]) if trim.behind else cover
    picture[here] += (colour - picture[here]) * np.where(alpha[here] > 0, shown, np.minimum(shown * 9, 1))[..., None]
    alpha[here] = np.maximum(alpha[here], cover)
    if not trim.takes:
        own[here] *= 1 - shown
    else:
        own[here] = np.maximum(own[here], cover)
