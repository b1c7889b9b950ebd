"""Anchors: where on a drawing a hat sits, a prop is held and a rider's hips are, as shares of the drawing's box.

For bodies we draw they follow from the skeleton; for the likeliest whole drawings from a table measured by eye; for all
others from the outline.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from limner.engines.illustrator.figures import heads
from limner.engines.illustrator.figures.art import Drawings, Extent, extent, silhouette
from limner.engines.illustrator.figures.bodies import Wardrobe, has_rig, is_person, proportions, usual
from limner.engines.illustrator.figures.heads import HEADS, SKULLS
from limner.engines.illustrator.figures.poses import Legs, parsed
from limner.engines.illustrator.figures.skeleton import MIDDLE, Proportions, arms
from limner.engines.illustrator.figures.skeleton import legs as joints
from limner.engines.illustrator.pack import untoned

if TYPE_CHECKING:
    from limner.engines.illustrator.figures.limbs import Point


@dataclass(frozen=True, slots=True)
class Anchors:
    """Points of a drawing, x from the left and y from the top of its box, 0..1.

    `top` is where the skull ends above, `brow` how wide it is there, `girth` how wide body and arms are, in shares of
    the box's width; `head` is how tall the head is, in shares of its height. `left` and `right` are hands, `feet` where
    the ankles are.
    """

    top: Point
    brow: float
    girth: float
    head: float
    eyes: Point
    mouth: Point
    neck: Point
    chest: Point
    left: Point
    right: Point
    hips: Point
    feet: tuple[Point, ...] = ((0.34, 0.96), (0.66, 0.96))

    @property
    def hands(self) -> Point:
        """The middle between both hands."""
        return (self.left[0] + self.right[0]) / 2, (self.left[1] + self.right[1]) / 2

    def mirrored(self) -> Anchors:
        """Give the anchors of the mirrored drawing."""
        over: dict[str, Any] = {name: (1 - x, y) for name in _POINTS for x, y in [getattr(self, name)]}
        over["left"], over["right"] = over["right"], over["left"]
        over["feet"] = tuple((1 - x, y) for x, y in reversed(self.feet))
        return replace(self, **over)


_POINTS = ("top", "eyes", "mouth", "neck", "chest", "hips", "left", "right")


@dataclass(frozen=True, slots=True)
class Skull:
    """A head's drawing by itself, in shares of its square paper: its middle, top, brow width, eye line and mouth."""

    x: float
    top: float
    width: float
    eyes: float
    mouth: float


@lru_cache(maxsize=256)
def skull(pack: Drawings, art: str, *, bust: bool = False) -> Skull:
    """Give the measures of a head: from the table, of a person as all people have them, else measured."""
    told = SKULLS.get(untoned(art))
    if told is None:
        told = (heads.BUST if bust else heads.FACE) if is_person(art) else _measured(pack, art)
    box, (x, top, wide, eyes, mouth) = extent(pack, art), told
    return Skull(
        (box.x + x * box.width) / 128,
        (box.y + top * box.height) / 128,
        wide * box.width / 128,
        (box.y + eyes * box.height) / 128,
        (box.y + mouth * box.height) / 128,
    )


def _measured(pack: Drawings, art: str) -> tuple[float, float, float, float, float]:
    """Measure a head seen from the front: where it ends above, between its ears, and how wide it is at the brow."""
    mask = silhouette(pack, art)
    rows, columns = mask.shape
    middle = mask[:, round(0.44 * columns) : max(round(0.56 * columns), round(0.44 * columns) + 1)]
    first = float(np.median(np.where(middle.any(axis=0), middle.argmax(axis=0), rows))) / rows
    wide = float(mask[min(rows - 1, round((first + 0.3 * (1 - first)) * rows))].mean())
    return 0.5, first, min(wide, 0.8), first + 0.42 * (1 - first), first + 0.76 * (1 - first)


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
    body, box = proportions(pack.heads, art), extent(pack, name)
    bust = body.chin > body.shoulder
    head = skull(pack.heads, art, bust=bust)
    left, right = (_shared(chain[2], box) for chain in arms(body, hold))
    crown, x = body.chin - body.head, MIDDLE + (head.x - 0.5) * body.head
    return Anchors(
        top=_shared((x, crown + head.top * body.head), box),
        brow=head.width * body.head / box.width,
        girth=(2 * body.shoulders + 66) / box.width,
        head=body.head / box.height,
        eyes=_shared((x, crown + head.eyes * body.head), box),
        mouth=_shared((x, crown + head.mouth * body.head), box),
        neck=_shared((MIDDLE, _neck(body)), box),
        chest=_shared((MIDDLE, body.shoulder + 24), box),
        left=left,
        right=right,
        hips=_shared((MIDDLE, body.hip + (4 if legs == "astride" else 16)), box),
        feet=tuple(_shared(chain[2], box) for chain in joints(body, legs)),
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
        girth=min(1.4 * wide, 0.8),
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
