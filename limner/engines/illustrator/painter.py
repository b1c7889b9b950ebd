"""The painter: a scene becomes pixels.

Backdrop, then subjects from far to near with their shadows, lit by the backdrop's light, then what
stands before their feet, then the finish of the medium, then the words, then the named colours are held.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from limner.engines.illustrator.art import sprite
from limner.engines.illustrator.backdrops import BACKDROPS
from limner.engines.illustrator.backdrops.base import Backdrop, Footing, Light, View
from limner.engines.illustrator.colours import NAMED, hold, recolour
from limner.engines.illustrator.composition import Frame, Spot, compose
from limner.engines.illustrator.finish import NATURAL, VIVID, bloom, grade, sharpen
from limner.engines.illustrator.pixels import Array, array, fork, over
from limner.engines.illustrator.relief import Figure, relight
from limner.engines.illustrator.scene import Scene
from limner.engines.illustrator.shadows import Shade, cast

Pixels = NDArray[np.uint8]
Quality = Literal["low", "standard", "hd"]
Style = Literal["vivid", "natural"]
Background = Literal["opaque", "transparent"]
Progress = Callable[[str, float], None]

DETAIL = {"low": 0.5, "standard": 0.6, "hd": 1.0}
TOLERANCE = 14.0


class Pack(Protocol):
    """What the painter needs of an art pack: drawings and fonts by name. It is hashable (by identity)."""

    @property
    def fonts(self) -> tuple[str, ...]:
        """The families there are."""
        ...

    def svg(self, name: str) -> str:
        """Give a drawing as a complete SVG document; raises KeyError where there is none."""
        ...

    def font(self, family: str) -> bytes:
        """Give a font as a TrueType file; raises KeyError where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Drawn:
    """One thing in the finished picture: what it is and where, box = (x0, y0, x1, y1) in pixels."""

    name: str
    art: str
    colour: str | None
    box: tuple[int, int, int, int]
    count: int = 1


@dataclass(frozen=True, slots=True)
class Painting:
    """A finished picture: uint8 (H, W, 3) RGB or (H, W, 4) RGBA, and every instance drawn in it."""

    pixels: Pixels
    drawn: tuple[Drawn, ...]


@dataclass(slots=True)
class _Easel:
    """The picture while it is painted: light so far, who is seen where, how much is covered (where clear)."""

    canvas: Array
    owner: NDArray[np.uint8]
    tinted: Array
    cover: Array | None

    def window(self, x: int, y: int, w: int, h: int) -> tuple[tuple[slice, slice], tuple[slice, slice]] | None:
        """The part of a (w, h) image at (x, y) that is inside: as slices of the picture and of the image."""
        height, width = self.owner.shape
        x0, y0, x1, y1 = max(0, x), max(0, y), min(width, x + w), min(height, y + h)
        if x1 <= x0 or y1 <= y0:
            return None
        return (slice(y0, y1), slice(x0, x1)), (slice(y0 - y, y1 - y), slice(x0 - x, x1 - x))

    def shade(self, shade: Shade, warmth: float) -> None:
        """Take light away from the ground; a clear picture gets a dark veil instead."""
        found = self.window(shade.x, shade.y, shade.amount.shape[1], shade.amount.shape[0])
        if found is None:
            return
        here, there = found
        amount = shade.amount[there]
        keep = [1 - amount * np.float32(tint) for tint in (0.95, 0.94, 0.88 + 0.06 * max(0.0, warmth))]
        if self.cover is not None:
            self.canvas[here] *= (1 - amount)[..., None]
            self.cover[here] += (1 - self.cover[here]) * amount
            return
        self.canvas[here] = cv2.multiply(np.ascontiguousarray(self.canvas[here]), cv2.merge([array(k) for k in keep]))

    def lay(self, figure: Figure, x: int, y: int, number: int, changed: Array | None) -> None:
        """Paint a figure over what is there, and note that it is seen there."""
        found = self.window(x, y, figure.width, figure.height)
        if found is None:
            return
        here, there = found
        alpha = np.ascontiguousarray(figure.alpha[there])
        over(self.canvas[here], figure.colour[there], alpha)
        if self.cover is not None:
            self.cover[here] += (1 - self.cover[here]) * alpha
        solid = alpha > 0.5
        self.owner[here][solid] = number
        tint = changed[there] * alpha if changed is not None else np.zeros_like(alpha)
        self.tinted[here] = np.where(alpha > 0.02, tint, self.tinted[here])


def paint(
    scene: Scene,
    *,
    size: tuple[int, int],
    seed: int,
    pack: Pack,
    quality: Quality = "standard",
    style: Style = "vivid",
    background: Background = "opaque",
    progress: Progress = lambda stage, fraction: None,
) -> Painting:
    """Paint a scene at exactly `size` (width, height) pixels.

    The same scene, seed, size and options give the same pixels. `progress` is told the stages compose,
    backdrop, subjects and finish with the fraction done so far. Raises KeyError where the pack lacks a drawing.
    """
    rng = np.random.default_rng(seed)
    placing, land, texture, last = fork(rng), fork(rng), fork(rng), fork(rng)
    progress("compose", 0.02)
    width, height = size
    view = View(width, height, scene.time, scene.weather, DETAIL[quality], land, scene.palette)
    progress("backdrop", 0.08)
    backdrop = BACKDROPS[scene.setting](view)
    frame = Frame(width, height, backdrop.ground[0], backdrop.ground[1], backdrop.surface)
    spots = compose(scene, pack, frame, placing)
    clear = background == "transparent"
    canvas = np.zeros_like(backdrop.image) if clear else backdrop.image
    easel = _Easel(
        canvas, np.zeros((height, width), np.uint8), np.zeros((height, width), np.float32),
        np.zeros((height, width), np.float32) if clear else None,
    )
    progress("subjects", 0.5)
    drawn = _populate(scene, spots, easel, backdrop, quality, pack, texture)
    progress("finish", 0.85)
    look = VIVID if style == "vivid" else NATURAL
    if quality == "hd":
        sharpen(easel.canvas, 0.3)
    if easel.cover is None:
        bloom(easel.canvas, look.bloom)
    pixels = grade(easel.canvas, look, backdrop.light.warmth, last)
    for number, one in enumerate(drawn, 1):
        if one.colour in NAMED:
            x0, y0, x1, y1 = one.box
            inside = (slice(y0, y1), slice(x0, x1))
            hold(pixels[inside], easel.tinted[inside] * (easel.owner[inside] == number), one.colour, TOLERANCE)
    progress("finish", 1.0)
    return Painting(pixels, tuple(drawn))


def _populate(
    scene: Scene,
    spots: tuple[Spot, ...],
    easel: _Easel,
    backdrop: Backdrop,
    quality: Quality,
    pack: Pack,
    rng: np.random.Generator,
) -> list[Drawn]:
    """Paint all subjects: first the shadows of those on the ground, then the figures, far ones first."""
    figures = [_figure(scene, spot, backdrop.light, quality, pack, rng) for spot in spots]
    for spot, (figure, _) in zip(spots, figures, strict=True):
        if spot.medium == "ground":
            easel.shade(cast(figure.alpha, round(spot.x), round(spot.y), backdrop.light), backdrop.light.warmth)
    drawn = []
    for number, (spot, (figure, changed)) in enumerate(zip(spots, figures, strict=True), 1):
        x, y = round(spot.x), round(spot.y)
        if spot.held:
            easel.shade(cast(figure.alpha, x, y, backdrop.light, touches_only=True), backdrop.light.warmth)
        easel.lay(figure, x, y, number, changed)
        if backdrop.front is not None and spot.medium != "air" and easel.cover is None:
            backdrop.front(easel.canvas, (Footing(spot.x, spot.x + spot.width, spot.foot),))
        subject = scene.subjects[spot.subject]
        box = (x, y, x + figure.width, y + figure.height)
        drawn.append(Drawn(subject.name, subject.art, subject.colour, box))
    return drawn


def _figure(
    scene: Scene, spot: Spot, light: Light, quality: Quality, pack: Pack, rng: np.random.Generator
) -> tuple[Figure, Array | None]:
    """A spot's drawing at its size, in its colour and lit; and where its colour was changed."""
    subject = scene.subjects[spot.subject]
    drawing = sprite(pack, subject.art, round(spot.width), round(spot.height), spot.tilt)
    if spot.mirrored:
        drawing = np.ascontiguousarray(drawing[:, ::-1])
    colour, alpha = array(drawing[..., :3]) / np.float32(255), array(drawing[..., 3]) / np.float32(255)
    changed = None
    if subject.colour in NAMED:
        colour, changed = recolour(colour, alpha, subject.colour)
    return relight(colour, alpha, subject.material, light, quality, rng), changed
