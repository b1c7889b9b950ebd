"""Anchors: where on a drawing a hat sits, a prop is held and a rider's hips are, as shares of the drawing's box.

For bodies we draw they follow from the skeleton; for the likeliest whole drawings from a table measured by eye; for all
others from the outline.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import numpy as np

from limner.engines.illustrator.figures.art import Drawings, Extent, extent, silhouette
from limner.engines.illustrator.figures.bodies import Wardrobe, has_rig, proportions, usual
from limner.engines.illustrator.figures.heads import HEADS
from limner.engines.illustrator.figures.poses import Legs, parsed
from limner.engines.illustrator.figures.skeleton import MIDDLE, Proportions, arms

if TYPE_CHECKING:
    from limner.engines.illustrator.figures.limbs import Point


@dataclass(frozen=True, slots=True)
class Anchors:
    """Points of a drawing, x from the left and y from the top of its box, 0..1.

    `top` is where the skull ends above, `brow` how wide it is there, in shares of the box's width; `head` is how tall
    the head is, in shares of the box's height. `left` and `right` are the hands as seen.
    """

    top: Point
    brow: float
    head: float
    eyes: Point
    mouth: Point
    neck: Point
    chest: Point
    left: Point
    right: Point
    hips: Point

    @property
    def hands(self) -> Point:
        """The middle between both hands."""
        return (self.left[0] + self.right[0]) / 2, (self.left[1] + self.right[1]) / 2

    def mirrored(self) -> Anchors:
        """Give the anchors of the mirrored drawing."""
        over = {name: (1 - x, y) for name in _POINTS for x, y in [getattr(self, name)]}
        return replace(self, **over, left=over["right"], right=over["left"])  # type: ignore[arg-type]


_POINTS = ("top", "eyes", "mouth", "neck", "chest", "hips", "left", "right")


@dataclass(frozen=True, slots=True)
class Skull:
    """A head's drawing by itself, in shares of its square paper: the skull's top, its width at the brow, the eye line."""

    top: float
    width: float
    eyes: float


@lru_cache(maxsize=256)
def skull(pack: Drawings, art: str) -> Skull:
    """Measure a head seen from the front: where it ends above between its ears, and how wide it is at the brow."""
    box, mask = extent(pack, art), silhouette(pack, art)
    rows, columns = mask.shape
    middle = mask[:, round(0.44 * columns) : max(round(0.56 * columns), round(0.44 * columns) + 1)]
    first = float(np.median(np.where(middle.any(axis=0), middle.argmax(axis=0), rows))) / rows
    brow = mask[round((first + 0.3 * (1 - first)) * rows)]
    wide = float(brow.mean()) * box.width
    return Skull((box.y + first * box.height) / 128, wide / 128, (box.y + 0.52 * box.height) / 128)


@lru_cache(maxsize=512)
def anchors(pack: Drawings, name: str) -> Anchors:
    """Give a drawing's anchors; raises KeyError where the pack has no such drawing."""
    art, legs, hold, _ = parsed(name)
    if isinstance(pack, Wardrobe) and has_rig(art) and (art != "unicorn" or legs):
        return _rigged(pack, name, cast("Legs", legs or usual(art)), hold)
    return _whole(pack, art)


def _rigged(pack: Wardrobe, name: str, legs: Legs, hold: str) -> Anchors:
    """Anchors of a drawn body, from its skeleton and the measures of its head."""
    art = parsed(name)[0]
    body, box, head = proportions(pack.heads, art), extent(pack, name), skull(pack.heads, art)
    left, right = (_shared(chain[2], box) for chain in arms(body, hold))
    crown = body.chin - body.head
    bust = body.chin > body.shoulder
    return Anchors(
        top=_shared((MIDDLE, crown + head.top * body.head), box),
        brow=min(head.width, 0.82) * body.head / box.width,
        head=body.head / box.height,
        eyes=_shared((MIDDLE, crown + (0.47 if bust else head.eyes) * body.head), box),
        mouth=_shared((MIDDLE, crown + (0.64 if bust else 0.78) * body.head), box),
        neck=_shared((MIDDLE, _neck(body)), box),
        chest=_shared((MIDDLE, body.shoulder + 24), box),
        left=left,
        right=right,
        hips=_shared((MIDDLE, body.hip + (4 if legs == "astride" else 16)), box),
    )


def _neck(body: Proportions) -> float:
    return body.chin - 0.2 * body.head if body.chin > body.shoulder else body.chin


def _shared(point: Point, box: Extent) -> Point:
    return (point[0] - box.x) / box.width, (point[1] - box.y) / box.height


def _whole(pack: Drawings, art: str) -> Anchors:
    """Anchors of a whole drawing: from the table, or a fair guess."""
    x, top, wide, tall, eyes, px, py = HEADS.get(art) or _guess(pack, art)
    aspect = extent(pack, art).aspect
    chin = top + tall
    paw = (px, py)
    return Anchors(
        top=(x, top),
        brow=wide,
        head=max(tall, 0.3),
        eyes=(x, eyes),
        mouth=(x, top + 0.75 * tall),
        neck=(x, chin),
        chest=(x + 0.4 * (0.5 - x), min(0.9, chin + 0.15)),
        left=paw,
        right=(px + 0.02 / aspect, py),
        hips=(0.5, 0.9),
    )


def _guess(pack: Drawings, art: str) -> tuple[float, float, float, float, float, float, float]:
    """Guess the head as the uppermost third of the outline: its middle, width and, below it, a place for a prop."""
    mask = silhouette(pack, art)
    rows, columns = mask.shape
    upper = mask[: max(2, rows // 4)]
    filled = np.flatnonzero(upper.any(axis=0))
    if not len(filled):
        return 0.5, 0.0, 0.5, 0.35, 0.2, 0.5, 0.6
    middle, wide = float(filled.mean() + 0.5) / columns, len(filled) / columns
    at = mask[:, min(columns - 1, int(middle * columns))]
    top = float(at.argmax()) / rows if at.any() else 0.0
    return middle, top, min(wide, 0.7), 0.35, top + 0.17, middle + 0.2 * (0.5 - middle), min(0.85, top + 0.6)
