"""Drawings from the art pack as sprites: the shape of a drawing, and its pixels at any size.

A sprite is uint8 RGBA, straight alpha, cropped to what is drawn, its colours bled outwards past
the outline so that blurring, warping and enlarging never pull in black.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import cv2
import numpy as np
import resvg
from numpy.typing import NDArray

from limner.engines.illustrator.pack import untoned

Sprite = NDArray[np.uint8]

PROBE = 160
CACHED_PIXELS = 1_000_000
_ROOT = re.compile(r"<svg\b[^>]*>", re.DOTALL)
_VIEW_BOX = re.compile(r'viewBox="([^"]+)"')
_SIBLING = re.compile(r"\+\d$")
_threads = threading.local()


class Drawings(Protocol):
    """What the painter needs of an art pack: SVG documents by name. It is hashable (by identity)."""

    def svg(self, name: str) -> str:
        """Give the drawing as a complete SVG document with a viewBox."""
        ...

    def __hash__(self) -> int:
        """Hash by identity."""
        ...


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a drawing has ink, in units of its own viewBox: left, top, width, height."""

    x: float
    y: float
    width: float
    height: float

    @property
    def aspect(self) -> float:
        """Width over height of the ink."""
        return self.width / self.height


def _options() -> resvg.usvg.Options:
    """Give the rasteriser's options; they belong to one thread and panic in another."""
    if not hasattr(_threads, "options"):
        _threads.options = resvg.usvg.Options.default()
    options: resvg.usvg.Options = _threads.options
    return options


def _draw(svg: str, window: tuple[float, float, float, float], tilt: float, width: int, height: int) -> Sprite:
    """Rasterise a window (x, y, w, h) of an SVG document, tilted by degrees about its middle, to exact pixels."""
    root = _ROOT.search(svg)
    if root is None:
        message = "not an SVG document"
        raise ValueError(message)
    x, y, w, h = _view_box(svg)
    body = svg[root.end() : svg.rindex("</svg>")]
    box = " ".join(f"{value:.4f}" for value in window)
    turn = f"rotate({tilt:.3f} {x + w / 2:.3f} {y + h / 2:.3f})"
    document = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="{box}" preserveAspectRatio="none">'
        f'<g transform="{turn}">{body}</g></svg>'
    )
    tree = resvg.usvg.Tree.from_str(document, _options())
    png = resvg.render(tree, (1, 0, 0, 0, 1, 0))
    drawn = np.asarray(cv2.imdecode(np.frombuffer(bytes(png), np.uint8), cv2.IMREAD_UNCHANGED))
    return np.asarray(cv2.cvtColor(drawn, cv2.COLOR_BGRA2RGBA), dtype=np.uint8)


def _view_box(svg: str) -> tuple[float, float, float, float]:
    found = _VIEW_BOX.search(svg)
    x, y, w, h = (float(value) for value in (found[1] if found else "0 0 128 128").replace(",", " ").split())
    return x, y, w, h


def extent(pack: Drawings, name: str, tilt: float = 0.0) -> Extent:
    """Measure where a drawing, tilted by `tilt` degrees, has ink; raises KeyError where the pack has no such name."""
    # Siblings ("boy@stand+wave+2") differ in their clothes' colours alone, and tones of skin in no more.
    return _extent(pack, untoned(_SIBLING.sub("", name)), tilt)


@lru_cache(maxsize=2048)
def _extent(pack: Drawings, name: str, tilt: float) -> Extent:
    svg = pack.svg(name)
    x, y, w, h = _view_box(svg)
    reach = 0.25 if tilt else 0.02
    window = (x - w * reach, y - h * reach, w * (1 + 2 * reach), h * (1 + 2 * reach))
    alpha = _draw(svg, window, tilt, PROBE, PROBE)[..., 3]
    if not (alpha > 24).any():
        return Extent(x, y, w, h)
    left, top, columns, rows = cv2.boundingRect(np.asarray(alpha > 24, dtype=np.uint8))
    unit_x, unit_y = window[2] / PROBE, window[3] / PROBE
    return Extent(
        window[0] + (left - 0.4) * unit_x,
        window[1] + (top - 0.4) * unit_y,
        (columns + 0.8) * unit_x,
        (rows + 0.8) * unit_y,
    )


def bleed(sprite: Sprite) -> Sprite:
    """Fill the colour of clear pixels from their neighbours, by normalised blurring at an eighth of the size.

    Source: Knutsson and Westin, "Normalized and differential convolution", 1993.
    """
    height, width = sprite.shape[:2]
    small = (max(2, width // 8), max(2, height // 8))
    alpha = sprite[..., 3]
    # what is clear is black as it comes from the rasteriser, and so adds nothing
    colour = cv2.resize(sprite, small, interpolation=cv2.INTER_AREA)[..., :3]
    weight = cv2.resize(np.asarray(alpha > 0, np.float32), small, interpolation=cv2.INTER_AREA)
    sums, weights = np.zeros((*small[::-1], 3), np.float32), np.full(small[::-1], 1e-6, np.float32)
    for sigma, share in ((1.0, 1.0), (4.0, 1e-2), (16.0, 1e-4)):
        sums += np.float32(share) * cv2.GaussianBlur(colour.astype(np.float32), (0, 0), sigma)
        weights += np.float32(share) * cv2.GaussianBlur(weight, (0, 0), sigma)
    fill = np.zeros((*small[::-1], 4), np.uint8)
    fill[..., :3] = np.clip(sums / weights[..., None], 0, 255)
    outside = cv2.resize(fill, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.copyTo(sprite, alpha, outside), np.uint8)


def _render(pack: Drawings, name: str, tilt: float, width: int, height: int) -> Sprite:
    found = extent(pack, name, tilt)
    return bleed(_draw(pack.svg(name), (found.x, found.y, found.width, found.height), tilt, width, height))


@lru_cache(maxsize=16)
def _kept(pack: Drawings, name: str, tilt: float, width: int, height: int) -> Sprite:
    sprite = _render(pack, name, tilt, width, height)
    sprite.flags.writeable = False
    return sprite


def sprite(pack: Drawings, name: str, width: int, height: int, tilt: float = 0.0) -> Sprite:
    """Rasterise the inked part of a drawing to exactly width x height pixels; small ones are remembered."""
    width, height = max(4, width), max(4, height)
    if width * height > CACHED_PIXELS:
        return _render(pack, name, tilt, width, height)
    return _kept(pack, name, tilt, width, height)


@lru_cache(maxsize=1024)
def silhouette(pack: Drawings, name: str, tilt: float = 0.0, rows: int = 48) -> NDArray[np.bool_]:
    """Make a coarse mask of a drawing, `rows` high, for reasoning about overlap and support."""
    columns = max(3, round(rows * extent(pack, name, tilt).aspect))
    found = extent(pack, name, tilt)
    alpha = _draw(pack.svg(name), (found.x, found.y, found.width, found.height), tilt, columns, rows)[..., 3]
    return np.asarray(alpha > 96)
