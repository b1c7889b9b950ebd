"""The painter: a scene becomes pixels.

Backdrop, then subjects from far to near with their shadows, lit by the backdrop's light, then what
stands before their feet, then the finish of the medium, then the words, then the named colours are held.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from limner.engines.illustrator import previews
from limner.engines.illustrator.backdrops import BACKDROPS
from limner.engines.illustrator.backdrops.base import Backdrop, Footing, Haze, Light, View
from limner.engines.illustrator.colours import hold
from limner.engines.illustrator.easel import Easel
from limner.engines.illustrator.figures import casting
from limner.engines.illustrator.figures.bodies import wardrobe
from limner.engines.illustrator.figures.foliage import in_season
from limner.engines.illustrator.figures.shadows import cast
from limner.engines.illustrator.media import MEDIA, Manner, Proof
from limner.engines.illustrator.media.photo import lens
from limner.engines.illustrator.pixels import Array, array, fork, smoothstep
from limner.engines.illustrator.printing.finish import NATURAL, VIVID, crisp, printed, quantised
from limner.engines.illustrator.printing.sheet import Sheet, lettered, mounted, plan_sheet
from limner.engines.illustrator.staging.complexions import complexioned
from limner.engines.illustrator.staging.frames import Frame, Spot, Stage
from limner.engines.illustrator.staging.keeping import Kept, restaged

if TYPE_CHECKING:
    from limner.engines.illustrator.figures.art import Drawings
    from limner.engines.illustrator.figures.relief import Figure
    from limner.engines.illustrator.scene import Scene

Pixels = NDArray[np.uint8]
Quality = Literal["low", "standard", "hd"]
Style = Literal["vivid", "natural"]
Background = Literal["opaque", "transparent"]
Progress = Callable[[str, float], None]
Show = Callable[[str, Callable[[], Pixels]], None]
"""Told that a preview (`sketch`, `flat` or `lit`) can be made now, and how."""

CRISPNESS = 0.75
LEAST_HAZE = 0.02
DETAIL = {"low": 0.5, "standard": 0.6, "hd": 1.0}
# The share of its chroma a named colour is held to: the natural style calms it like all others.
HELD = {"vivid": 1.0, "natural": 0.60}


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

    def toned(self, name: str, tone: str) -> str:
        """Give the name of a drawing in a skin tone, or the same name where it has but one."""
        ...

    def __hash__(self) -> int:
        """Hash by identity."""
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
    """A finished picture: uint8 (H, W, 3) RGB or (H, W, 4) RGBA, and every instance drawn in it.

    `owner`, uint16 (H, W), tells for every pixel which instance is seen there, from 1 in the order drawn; 0 for none.
    `spots` are where everybody stands on `stage`.
    """

    pixels: Pixels
    drawn: tuple[Drawn, ...]
    owner: NDArray[np.uint16]
    spots: tuple[Spot, ...]
    stage: Stage


def paint(
    scene: Scene,
    *,
    size: tuple[int, int],
    seed: int,
    pack: Pack,
    quality: Quality = "standard",
    style: Style = "vivid",
    background: Background = "opaque",
    kept: Kept | None = None,
    progress: Progress = lambda _stage, _fraction: None,
    show: Show = lambda _name, _make: None,
) -> Painting:
    """Paint a scene at exactly `size` (width, height) pixels.

    The same scene, seed, size and options give the same pixels. `progress` is told the stages compose, backdrop,
    subjects and finish with the fraction done so far; what it raises ends the painting. `show` may make previews,
    uint8 RGB in the picture's size, which change nothing. `kept` tells who stands where already. Raises KeyError
    where the pack lacks a drawing.
    """
    scene, rng = in_season(scene), np.random.default_rng(seed)
    placing, land, texture, last, skin = (fork(rng) for _ in range(5))
    clear = background == "transparent"
    progress("compose", 0.02)
    sheet = plan_sheet(scene, *size, clear=clear)
    progress("backdrop", 0.05)
    backdrop = _place(scene, sheet.size, quality, land)
    frame = _frame(sheet, backdrop, clear=clear)
    drawings = wardrobe(pack)
    spots = complexioned(restaged(scene, drawings, frame, placing, kept), pack, skin)
    if MEDIA[scene.medium].lens:
        lens(backdrop.image, _focus(spots, frame), 0.012)
    troupe = _Troupe(scene, spots, backdrop, quality, drawings)
    show("sketch", lambda: previews.mounted(previews.sketch(_flat_picture(troupe, clear=clear)), sheet))
    show("flat", lambda: previews.mounted(_flat_picture(troupe, clear=clear), sheet))
    easel = _easel(backdrop, spots, clear=clear)
    progress("subjects", 0.45)
    drawn = _populate(troupe, easel, texture, progress)
    show("lit", lambda: previews.mounted(previews.laid(easel.straight(), easel.cover), sheet))
    progress("finish", 0.80)
    pixels = _printed(scene, easel, backdrop.light, (quality, style), last)
    _hold(pixels, easel, drawn, HELD[style])
    if MEDIA[scene.medium].over is not None and not (clear and MEDIA[scene.medium].margin):
        pixels = _done_over(pixels, easel, MEDIA[scene.medium], quality, fork(last))
        _hold(pixels, easel, drawn if MEDIA[scene.medium].held else [], HELD[style])
    if clear:
        pixels[pixels[..., 3] == 0] = 0
    pixels, ink = mounted(pixels, sheet, last)
    lettered(pixels, scene, sheet, pack, ink, drawn=drawn)
    progress("finish", 1.0)
    boxed = tuple(_shifted(one, sheet) for one in drawn)
    return Painting(pixels, boxed, _seen(easel.owner, sheet), spots, frame.stage(scene.setting))


def _place(scene: Scene, size: tuple[int, int], quality: Quality, rng: np.random.Generator) -> Backdrop:
    details = frozenset(scene.details)
    view = View(*size, scene.time, scene.weather, DETAIL[quality], rng, scene.palette, details, scene.subjects)
    return BACKDROPS[scene.setting](view)


def _frame(sheet: Sheet, backdrop: Backdrop, *, clear: bool) -> Frame:
    """Give the picture to compose in; words at the bottom lift the ground that is stood on, cut-outs fill it."""
    near = min(backdrop.ground[1], sheet.bottom)
    far = min(backdrop.ground[0], near - 0.08)
    margins = sheet.margin, sheet.top, sheet.bottom
    frame = Frame(*sheet.size, far, near, backdrop.surface, backdrop.horizon, *margins)
    if not clear:
        frame = replace(frame, pond=backdrop.pond, banks=backdrop.banks)
    return replace(frame, far=max(0.82, far), near=max(0.94, near), fill=1.4) if clear else frame


def _focus(spots: tuple[Spot, ...], frame: Frame) -> float:
    """Give the row a lens is set to: where the subjects stand."""
    if not spots:
        return 0.62
    return float(np.mean([spot.foot for spot in spots])) / frame.height


def _easel(backdrop: Backdrop, spots: tuple[Spot, ...], *, clear: bool) -> Easel:
    """Tell what to paint on: the place, or nothing. A clear picture without subjects shows the place in a soft oval."""
    if not clear:
        return Easel.on(backdrop.image)
    height, width = backdrop.image.shape[:2]
    easel = Easel.clear(width, height)
    if not spots:
        x, y = np.linspace(-1, 1, width, dtype=np.float32)[None], np.linspace(-1, 1, height, dtype=np.float32)[:, None]
        oval = smoothstep(0.98, 0.62, np.sqrt(x * x + y * y))
        easel.cover, easel.canvas = oval, array(np.minimum(backdrop.image, 1) * oval[..., None])
    return easel


@dataclass(frozen=True, slots=True)
class _Troupe:
    """All that is needed to paint the subjects of a scene."""

    scene: Scene
    spots: tuple[Spot, ...]
    backdrop: Backdrop
    quality: Quality
    drawings: Drawings


def _populate(troupe: _Troupe, easel: Easel, rng: np.random.Generator, progress: Progress) -> list[Drawn]:
    """Paint all subjects: first the shadows of those on the ground, then the figures, far ones first."""
    light = troupe.backdrop.light
    if easel.cover is not None:
        # A long shadow would be cut off at the edge of a picture that will be laid on something else.
        light = replace(light, shadow_lean=0.0, shadow=0.7 * light.shadow)
    figures = [_figure(troupe, spot, rng) for spot in troupe.spots]
    for spot, (figure, _) in zip(troupe.spots, figures, strict=True):
        if spot.medium == "ground":
            easel.shade(cast(figure.alpha, round(spot.x), round(spot.y), light))
    drawn: list[Drawn] = []
    numbers: dict[tuple[int, int], int] = {}
    for done, (spot, (figure, changed)) in enumerate(zip(troupe.spots, figures, strict=True), 1):
        x, y = round(spot.x), round(spot.y)
        # The hands before a prop belong to the instance painted behind it.
        number = numbers.setdefault((spot.subject, spot.one), len(drawn) + 1)
        if spot.resting:
            easel.shade(cast(figure.alpha, x, y, light, touches_only=True))
        if spot.medium == "ground" and troupe.backdrop.surface == "table" and easel.cover is None:
            easel.polish(figure, x, y)
        easel.lay(_opened(troupe, easel, spot, figure, numbers), x, y, number, changed)
        _ground(troupe.backdrop, easel, spot, figure, number)
        if not spot.part:
            drawn.append(_drawn(troupe.scene, spot, figure))
        progress("subjects", 0.45 + 0.35 * done / len(figures))
    return drawn


def _opened(troupe: _Troupe, easel: Easel, spot: Spot, figure: Figure, numbers: dict[tuple[int, int], int]) -> Figure:
    """Leave free in a vessel's mouth what has been put into it, which is painted already."""
    put = [one.first for one in troupe.scene.relations if one.place == "in" and one.second == spot.subject]
    inside = casting.mouth(_part(troupe, spot)) if put else None
    found = easel.window(round(spot.x), round(spot.y), figure.width, figure.height)
    if inside is None or found is None:
        return figure
    here, there = found
    contents = [number for (subject, _), number in numbers.items() if subject in put]
    free = cv2.blur(np.isin(easel.owner[here], contents).astype(np.float32), (3, 3))
    alpha = figure.alpha.copy()
    alpha[there] *= 1 - free * inside[there]
    return replace(figure, alpha=alpha)


def _ground(backdrop: Backdrop, easel: Easel, spot: Spot, figure: Figure, number: int) -> None:
    """Tell what comes before the feet: grass, snow, or the water a figure floats in, with its reflection."""
    if spot.medium == "air" or easel.cover is not None:
        return
    if backdrop.front is not None:
        backdrop.front(easel.canvas, (Footing(spot.x, spot.x + spot.width, spot.foot),))
    if spot.medium == "water":
        easel.mirror(figure, round(spot.x), round(spot.y), round(spot.foot), number)


def _drawn(scene: Scene, spot: Spot, figure: Figure) -> Drawn:
    subject, x, y = scene.subjects[spot.subject], round(spot.x), round(spot.y)
    bottom = y + figure.height
    if spot.medium == "water":
        bottom = round((bottom + spot.foot) / 2)
    return Drawn(subject.name, subject.art, subject.colour, (x, y, x + figure.width, bottom))


def _flat_picture(troupe: _Troupe, *, clear: bool) -> Array:
    """Give the place, or paper, with the figures in their flat colours, for previews."""
    place = troupe.backdrop.image
    if clear and troupe.spots:
        place = previews.laid(place, array(np.zeros(place.shape[:2])))
    scale = previews.SCALE
    figures = [(_flat(troupe, spot, scale)[0], round(spot.x * scale), round(spot.y * scale)) for spot in troupe.spots]
    return previews.flat(place, figures)


def _flat(troupe: _Troupe, spot: Spot, scale: float) -> tuple[Figure, Array | None]:
    """Make a spot's part at a multiple of its size, in its colour, not lit; and where its colour was changed."""
    return casting.flat(troupe.drawings, _part(troupe, spot), scale)


def _part(troupe: _Troupe, spot: Spot) -> casting.Part:
    """Tell what a spot's instance is to look like."""
    subject = troupe.scene.subjects[spot.subject]
    material = MEDIA[troupe.scene.medium].material or subject.material
    size = max(4, round(spot.width)), max(4, round(spot.height))
    # A black cat that reads has another drawing, which does not tell its colour.
    colour = casting.named_colour(subject.art, subject.colour) if spot.art != subject.art else subject.colour
    two_tone = subject.second, subject.pattern
    return casting.Part(spot.art, colour, material, subject.material, size, spot.tilt, spot.mirrored, *two_tone)


def _figure(troupe: _Troupe, spot: Spot, rng: np.random.Generator) -> tuple[Figure, Array | None]:
    """Make a spot's part at its size, in its colour and lit; and where its colour was changed."""
    light, quality = troupe.backdrop.light, troupe.quality
    dark = troupe.scene.time == "night"
    lit, changed = casting.lit(troupe.drawings, _part(troupe, spot), light, quality=quality, rng=rng, dark=dark)
    if troupe.backdrop.haze is not None:
        lit = _hazed(lit, troupe.backdrop.haze, spot.foot / troupe.backdrop.image.shape[0])
    return (_sunk(lit, spot) if spot.medium == "water" else lit), changed


def _hazed(figure: Figure, haze: Haze, row: float) -> Figure:
    """Give a figure as it is seen through the air before it."""
    share = haze.at(row)
    if share < LEAST_HAZE:
        return figure
    kept: Any = figure.colour * np.float32(1 - share)
    air: Any = (*(float(value) * share for value in haze.colour), 0.0)
    return replace(figure, colour=array(cv2.add(kept, air)))


def _sunk(figure: Figure, spot: Spot) -> Figure:
    """Fade what is deep under water."""
    depth = (np.arange(figure.height, dtype=np.float32) + round(spot.y) - spot.foot)[:, None]
    reach = min(0.45 * spot.width, 0.8 * (spot.y + spot.height - spot.foot) + 2)
    return replace(figure, alpha=array(figure.alpha * smoothstep(reach, 0.35 * reach, depth)))


def _printed(
    scene: Scene, easel: Easel, light: Light, wanted: tuple[Quality, Style], rng: np.random.Generator
) -> Pixels:
    """Give the painted light as print: sharpened, bloomed and graded as the scene's medium wants it."""
    quality, style = wanted
    look = replace(VIVID if style == "vivid" else NATURAL, **MEDIA[scene.medium].tweaks)
    canvas = easel.straight()
    crispness = CRISPNESS if quality == "hd" else 0.0
    if easel.cover is not None:
        look = replace(look, bloom=0.0, vignette=0.0, grain=0)
        _fill(canvas, easel.cover)
        pixels = printed(canvas, look, light.warmth, rng, crispness=crispness)
        return np.dstack([pixels, quantised(easel.cover)])
    return printed(canvas, look, light.warmth, rng, crispness=crispness)


def _done_over(pixels: Pixels, easel: Easel, manner: Manner, quality: Quality, rng: np.random.Generator) -> Pixels:
    """Give a print, RGB or RGBA, as the medium makes it, crisp in hd where it softens."""
    proof = Proof(np.ascontiguousarray(pixels[..., :3]), easel.owner, DETAIL[quality])
    done = manner.over(proof, rng) if manner.over else proof.pixels
    if quality == "hd" and manner.crispness:
        done = crisp(done, manner.crispness)
    if pixels.shape[2] == 3:
        return done
    cover = np.ascontiguousarray(pixels[..., 3])
    return np.dstack([done, manner.edge(cover, proof) if manner.edge else cover])


def _fill(canvas: Array, cover: Array) -> None:
    """Give what is clear the mean colour of what is not, in place, so that it leads no meter and no palette astray."""
    inside = cover > 0.5
    if inside.any():
        canvas[cover < 1 / 255] = canvas[inside].mean(axis=0)


def _hold(pixels: Pixels, easel: Easel, drawn: Sequence[Drawn], chroma: float) -> None:
    """Bring all subjects back to the colours that were asked for."""
    for number, one in enumerate(drawn, 1):
        _hold_one(pixels, easel, one, number, chroma)


def _hold_one(pixels: Pixels, easel: Easel, one: Drawn, number: int, chroma: float) -> None:
    """Bring a subject back to the colour that was asked for, wherever the light has led it."""
    wanted = casting.named_colour(one.art, one.colour)
    if not wanted:
        return
    height, width = easel.owner.shape
    x0, y0, x1, y1 = one.box
    inside = slice(max(0, y0), min(height, y1)), slice(max(0, x0), min(width, x1))
    own = np.asarray(easel.owner[inside] == number, np.uint8)
    # The soft pixels along the outline belong to nobody; they follow their neighbour, or they would show as a fringe.
    own |= cv2.dilate(own, np.ones((3, 3), np.uint8)) & (easel.owner[inside] == 0)
    mask = array(cv2.blur(easel.tinted[inside] * own, (3, 3)))
    colours = np.ascontiguousarray(pixels[inside][..., :3])
    hold(colours, mask, wanted, casting.latitude(one.art, wanted) * chroma**4, chroma=chroma, whole=array(own))
    pixels[inside][..., :3] = colours


def _seen(owner: NDArray[np.uint16], sheet: Sheet) -> NDArray[np.uint16]:
    """Give who is seen where on the whole sheet."""
    x0, y0, x1, y1 = sheet.picture
    whole = np.zeros((sheet.height, sheet.width), np.uint16)
    whole[y0:y1, x0:x1] = owner
    return whole


def _shifted(one: Drawn, sheet: Sheet) -> Drawn:
    """Give the same with its box counted from the sheet's corner."""
    dx, dy = sheet.picture[:2]
    x0, y0, x1, y1 = one.box
    box = (max(0, x0 + dx), max(0, y0 + dy), min(sheet.width, x1 + dx), min(sheet.height, y1 + dy))
    return replace(one, box=box)
