"""A solid as a figure: turned, clothed, lit and trimmed, at exactly the size asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.colours import NAMED
from limner.engines.illustrator.figures.relief import Figure
from limner.engines.illustrator.figures.solids.canvas import Canvas, Skin
from limner.engines.illustrator.figures.solids.finishes import Finish, lit_sphere
from limner.engines.illustrator.figures.solids.shelf import SOLIDS, Body, Solid
from limner.engines.illustrator.figures.solids.skins import SKINS
from limner.engines.illustrator.figures.solids.trimmings import placed
from limner.engines.illustrator.figures.solids.turning import LARGE, Grid, seen, silhouette, turned
from limner.engines.illustrator.pixels import Array, array, blur, fork, rgb, smoothstep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.backdrops.base import Light
    from limner.engines.illustrator.figures.lit_sphere import LitSphere
    from limner.engines.illustrator.figures.solids.trimmings import Frame, Trimming
    from limner.engines.illustrator.figures.solids.turning import Seen

SMOOTH = {"glass": 0.0, "crystal": 0.2, "billiard": 0.2, "mug": 0.5, "bowl": 0.5, "coffee": 0.4, "tea": 0.4}
"""How much of the fine grain that hd gives to skins is left to smooth ones."""
TEXELS = (64, 96, 128, 192, 256, 384, 512, 768)
FINEST = {"low": 256, "standard": 512, "hd": 768}
BARK = Finish(window=0.0, sheen=0.5)
GROUNDED = 0.55
STAINED = 0.3
"""How much of its clearness is left to glass that has been asked for in a colour."""
STEEPEST = 0.86
"""How far a bump may turn a surface away that faces the viewer: beyond, it would mirror like an edge."""
NEAR = 0.16
"""How far a part's shade reaches on the parts behind it, in shares of its own size."""


def _extent(part: Body | Trimming) -> Array:
    """Give points around a part, in its solid's picture."""
    if isinstance(part, Body):
        return part.pose.moved(turned(part.outline, part.tilt).edge())
    return part.shape()


@lru_cache(maxsize=128)
def frame(art: str) -> Frame:
    """Give what a solid's box shows of its picture: left, top, right, bottom (y up); raises KeyError if unknown."""
    points = np.vstack([_extent(part) for part in SOLIDS[art].parts])
    (left, bottom), (right, top) = points.min(axis=0), points.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def aspect(art: str) -> float:
    """Give the width over the height of a solid's box; raises KeyError where there is no such solid."""
    left, top, right, bottom = frame(art)
    return (right - left) / (top - bottom)


@lru_cache(maxsize=128)
def outline(art: str, rows: int = 48) -> NDArray[np.bool_]:
    """Make a coarse mask of a solid, `rows` high; raises KeyError where there is no such solid."""
    return flat(art, (max(3, round(rows * aspect(art))), rows), None).alpha > 0.4


def painted(art: str, colour: str | None) -> str | None:
    """Give the colour ("#rrggbb") that a named one is on a solid: a green pear is no green paint; None for no name."""
    if colour is None:
        return None
    return dict(SOLIDS[art].ripe).get(colour, NAMED[colour])


@lru_cache(maxsize=8)
def _skin(name: str, colour: str, height: int, *, fine: bool) -> Skin:
    """Paint a skin; it is kept, for a scene often has several of a thing."""
    canvas = Canvas(height, 2 * height, np.random.default_rng(20_001), fine)
    painted = SKINS[name](canvas, rgb(colour))
    return canvas.grained(painted, SMOOTH.get(name, 1.0)) if fine else painted


def _texels(wanted: float, quality: str) -> int:
    """Give the rows of a skin for a body so many pixels high."""
    wanted *= 1.25 if quality == "hd" else 0.9
    return min(FINEST[quality], next((rows for rows in TEXELS if rows >= wanted), TEXELS[-1]))


@dataclass(slots=True, eq=False)
class _Bench:
    """A solid in the making: the picture (sRGB), its alpha, and how far each pixel shows the solid's own colour."""

    solid: Solid
    view: Frame
    base: str
    dyed: bool
    quality: str
    picture: Array
    alpha: Array
    own: Array

    @property
    def unit(self) -> tuple[float, float]:
        """Pixels per unit, across and down."""
        left, top, right, bottom = self.view
        return self.alpha.shape[1] / (right - left), self.alpha.shape[0] / (top - bottom)

    def window(self, points: Array) -> tuple[slice, slice]:
        """Give the rectangle of pixels around points of the picture."""
        at = (points - array(self.view[:2])) * array([self.unit[0], -self.unit[1]])
        (x0, y0), (x1, y1) = np.floor(at.min(axis=0)).astype(int) - 1, np.ceil(at.max(axis=0)).astype(int) + 1
        h, w = self.alpha.shape
        return slice(max(0, int(y0)), min(h, int(y1))), slice(max(0, int(x0)), min(w, int(x1)))

    def paint(self, here: tuple[slice, slice], colour: Array, cover: Array, *, own: Array | np.float32) -> None:
        """Lay a part over what is there."""
        part, under = self.picture[here], self.alpha[here]
        full = cover + under * (1 - cover)
        part += (colour - part) * (cover / np.maximum(full, 1e-4))[..., None]
        self.alpha[here] = full
        self.own[here] += (own - self.own[here]) * cover


def figure(
    art: str,
    size: tuple[int, int],
    colour: str | None,
    light: Light,
    *,
    quality: str,
    rng: np.random.Generator,
    mirrored: bool = False,
) -> tuple[Figure, Array]:
    """Make a solid at exactly `size` (width, height) pixels, in a colour ("#rrggbb") or its own, and light it.

    Gives the figure and how far each pixel shows the solid's own colour (not its stem), float32 (H, W). The generator
    turns its bodies about their axes; a `mirrored` one is still lit from where the light is. Raises KeyError where
    there is no such solid.
    """
    solid, rng = SOLIDS[art], fork(rng)
    empty = np.zeros((size[1], size[0]), np.float32)
    base = colour or solid.colour
    picture = np.tile(rgb(base) * np.float32(0.5), (size[1], size[0], 1)).astype(np.float32)
    bench = _Bench(solid, frame(art), base, colour is not None, quality, picture, empty, empty.copy())
    for part in solid.parts:
        lamp = lit_sphere(light, part.finish if isinstance(part, Body) else BARK)
        lamp = lamp.turned_over() if mirrored else lamp
        spin = float(rng.uniform(0, 2 * np.pi))
        if isinstance(part, Body):
            _body(bench, part, lamp, spin if part.turns else 0.0)
        else:
            _trimming(bench, part, lamp, rng)
    _stand(bench)
    if mirrored:
        bench.picture, bench.alpha, bench.own = (
            np.ascontiguousarray(a[:, ::-1]) for a in (picture, bench.alpha, bench.own)
        )
    return Figure(array(np.clip(bench.picture, 0, 1.25)), bench.alpha), bench.own


def flat(art: str, size: tuple[int, int], colour: str | None) -> Figure:
    """Give a solid at `size` (width, height) in flat colours, not lit; raises KeyError where there is no such solid."""
    solid, view, shape = SOLIDS[art], frame(art), (size[1], size[0])
    base = colour or solid.colour
    picture = np.tile(rgb(base), (*shape, 1)).astype(np.float32)
    alpha = np.zeros(shape, np.float32)
    unit = shape[1] / (view[2] - view[0]), shape[0] / (view[1] - view[3])
    for part in solid.parts:
        if isinstance(part, Body):
            cover = silhouette(turned(part.outline, part.tilt), Grid.over(shape, view[:2], unit, part.pose))
            tone = rgb(part.colour or base)
            here: tuple[slice, slice] = slice(None), slice(None)
        else:
            piece = placed(part, shape, view, rgb(base), np.random.default_rng(0))
            if piece is None:
                continue
            here, cover, tone = piece.window, piece.alpha, piece.colours
        picture[here] += (tone - picture[here]) * cover[..., None]
        alpha[here] = np.maximum(alpha[here], cover)
    return Figure(picture, alpha)


def mouth(art: str, size: tuple[int, int], *, mirrored: bool) -> Array | None:
    """Tell where one looks into a vessel of `size` (width, height): 1 inside it, (H, W); None where it is not open."""
    view = frame(art)
    unit = size[0] / (view[2] - view[0]), size[1] / (view[1] - view[3])
    for part in SOLIDS[art].parts:
        if isinstance(part, Body) and part.mouth:
            shape = turned(part.outline, part.tilt, fine=size[1] > LARGE)
            look = seen(shape, Grid.over((size[1], size[0]), view[:2], unit, part.pose))
            far = np.asarray(np.abs(look.around) > np.float32(np.pi / 2), np.float32)
            inside = look.alpha * np.maximum(far, smoothstep(part.mouth, part.mouth - 0.01, look.along))
            return array(inside[:, ::-1] if mirrored else inside)
    return None


def _body(bench: _Bench, body: Body, lamp: LitSphere, spin: float) -> None:
    """Paint a body: first the shade it throws on what is behind it, then itself."""
    tall = (bench.view[1] - bench.view[3]) * bench.unit[1]
    shape = turned(body.outline, body.tilt, fine=tall * body.pose.scale > LARGE)
    here = bench.window(body.pose.moved(shape.edge()))
    h, w = here[0].stop - here[0].start, here[1].stop - here[1].start
    corner = bench.view[0] + here[1].start / bench.unit[0], bench.view[1] - here[0].start / bench.unit[1]
    look = seen(shape, Grid.over((h, w), corner, bench.unit, body.pose))
    texels = _texels((shape.top - shape.bottom) * body.pose.scale * bench.unit[1], bench.quality)
    own_colour = None if body.dyed and bench.dyed else body.colour
    skin = _skin(body.skin, own_colour or bench.base, texels, fine=bench.quality == "hd")
    radius = shape.radius * body.pose.scale * bench.unit[0]
    colours, colour, added = _lit(look, skin, body, lamp, (spin, radius))
    own = _own(colours, rgb(bench.base)) if own_colour is None else np.float32(0)
    if body.clear:
        clear = body.clear * (STAINED if bench.dyed else 1.0)
        bench.paint(here, *_glassy(look, colour, added, clear), own=own)
        return
    if bench.alpha[here].any():
        _shade(bench, here, look.alpha, NEAR * min(h, w))
    bench.paint(here, array(cv2.sqrt(colour + added)), look.alpha, own=own)


def _shade(bench: _Bench, here: tuple[slice, slice], alpha: Array, reach: float) -> None:
    """Darken what lies behind a part and close to it."""
    pad = round(2 * reach) + 1
    h, w = bench.alpha.shape
    y0, x0 = max(0, here[0].start - pad), max(0, here[1].start - pad)
    y1, x1 = min(h, here[0].stop + pad), min(w, here[1].stop + pad)
    veil = np.zeros((y1 - y0, x1 - x0), np.float32)
    veil[here[0].start - y0 : here[0].stop - y0, here[1].start - x0 : here[1].stop - x0] = alpha
    bench.picture[y0:y1, x0:x1] *= (1 - np.float32(0.55) * blur(veil, reach))[..., None]


def _lit(
    look: Seen, painted: Skin, body: Body, lamp: LitSphere, place: tuple[float, float]
) -> tuple[Array, Array, Array]:
    """Clothe and light what is seen: the skin's colours (sRGB), the same lit (linear), and light thrown back.

    `place` is the turn about the axis and the radius in pixels.
    """
    spin, radius = place
    h, w = painted.colours.shape[:2]
    across = array(np.mod((look.around + np.float32(np.pi + spin)) * np.float32(w / (2 * np.pi)), np.float32(w)))
    down = look.along * np.float32(h) - np.float32(0.5)
    skin = cv2.remap(painted.colours, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    colours = array(skin[..., :3]) * np.float32(1 / 255)
    normals, left = look.normals, array(skin[..., 3]) * np.float32(1 / 255)
    if painted.bump is not None:
        bump = cv2.remap(painted.bump, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        normals = _bumped(normals, array(bump) * np.float32(radius))
    if min(share for _, share in body.hollows) < 1:
        places, shares = zip(*body.hollows, strict=True)
        left *= array(np.interp(look.along, places, shares))
    diffuse, added = lamp.seen(normals[..., 0], normals[..., 1])
    dim = cv2.merge([left, left, left])
    lit = cv2.multiply(cv2.multiply(colours, colours), cv2.multiply(diffuse, dim))
    return colours, array(lit), array(cv2.multiply(added, dim))


def _own(colours: Array, base: Array) -> Array:
    """Tell where a skin shows its base colour or shades of it: not on a label, nor on a ball's black patches."""
    away = cv2.absdiff(colours, np.broadcast_to(base, colours.shape).astype(np.float32))
    red, green, blue = cv2.split(away)
    return smoothstep(0.52, 0.36, cv2.max(cv2.max(red, green), blue))


def _bumped(normals: Array, height: Array) -> Array:
    """Tip normals by the slope of a height (pixels) as it is seen.

    Source: Blinn, "Simulation of wrinkled surfaces", 1978; by differences on the screen as in Mikkelsen, "Bump
    mapping unparametrized surfaces on the GPU", 2010.
    """
    x, y, z = cv2.split(normals)
    most = np.maximum(cv2.magnitude(x, y), STEEPEST)
    x -= cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    y -= cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    long = np.maximum(cv2.magnitude(x, y) / most, 1)
    return array(cv2.merge([x / long, y / long, z]))


def _glassy(look: Seen, colour: Array, added: Array, clear: float) -> tuple[Array, Array]:
    """Make a body of glass: its edges show, its middle shows what is behind, its reflections are opaque."""
    edge = np.clip(1 - look.normals[..., 2], 0, 1) ** np.float32(1.6)
    shine = np.clip(added.mean(axis=2) * np.float32(1.6), 0, 1)
    cover = (1 - clear) + clear * np.maximum(edge * np.float32(0.72), shine)
    rgb_ = np.sqrt(colour * (1 - np.float32(0.35) * edge)[..., None] + added / np.maximum(cover, 0.25)[..., None])
    return array(rgb_), array(look.alpha * cover)


def _trimming(bench: _Bench, part: Trimming, lamp: LitSphere, rng: np.random.Generator) -> None:
    """Paint a stem, a leaf or a handle."""
    shape = bench.alpha.shape[0], bench.alpha.shape[1]
    piece = placed(part, shape, bench.view, rgb(bench.base), rng)
    if piece is None:
        return
    if piece.glows:
        bench.paint(piece.window, piece.colours, piece.alpha, own=np.float32(0))
        return
    diffuse, added = lamp.seen(piece.normals[..., 0], piece.normals[..., 1])
    colour = np.sqrt(piece.colours**2 * diffuse + added)
    bench.paint(piece.window, array(colour), piece.alpha, own=np.float32(part.takes))


def _stand(bench: _Bench) -> None:
    """Take light from the underside: the ground keeps it away."""
    h = bench.alpha.shape[0]
    share = np.clip((h - np.arange(h, dtype=np.float32) - 0.5) / np.float32(0.30 * h), 0, 1)
    bench.picture *= np.sqrt(1 - np.float32(GROUNDED) * (1 - share) ** np.float32(2.2))[:, None, None]
