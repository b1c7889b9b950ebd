"""Colours by name, and giving a drawing a named colour without losing its drawing.

All colour arithmetic is CIE L*a*b* (D65) as OpenCV scales it for float32: L 0..100, a and b about -127..127.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.pixels import Array, array, rgb, smoothstep

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAMED: dict[str, str] = {
    "red": "#d8231f",
    "green": "#37a033",
    "blue": "#2459e0",
    "yellow": "#fbd11c",
    "orange": "#f7841b",
    "purple": "#8a3cc9",
    "pink": "#f880b4",
    "brown": "#7d4b26",
    "black": "#232327",
    "white": "#f3f3f1",
    "grey": "#8b8e92",
    "gray": "#8b8e92",
    "teal": "#0f8587",
    "turquoise": "#31cfc4",
    "gold": "#d8a31f",
    "silver": "#bcc2ca",
}

BINS = 14
CHROMATIC = 18
SAMPLES = 3000
# How far beyond the wanted colour a region may be pushed, how near the median must come, and by which powers of the
# mask it is tried.
PUSHED, NEAR_ENOUGH, EASES = 45.0, 3.0, (1.0, 0.5, 0.25, 0.12)
# How much of a drawing a named colour must cover at least, and how many families of colours may be taken in for it.
MOSTLY, FAMILIES, HALF, TINTED = 0.68, 5, 0.36, 1.0
# How far `hold` draws a region's colours together, in L, a and b: its light and dark stay, stray tints go.
GATHERED = (0.0, 0.16, 0.16)


def lab(colours: Array) -> Array:
    """Turn sRGB 0..1 of any shape (..., 3) into L*a*b*."""
    flat = np.ascontiguousarray(np.clip(colours, 0, 1).reshape(-1, 1, 3))
    return array(cv2.cvtColor(flat, cv2.COLOR_RGB2Lab)).reshape(colours.shape)


def named_lab(name: str) -> Array:
    """Give a colour name's L*a*b*; raises KeyError for a name that is not in `NAMED`."""
    return lab(rgb(NAMED[name]))


def dominant(colours: Array, inside: NDArray[np.bool_]) -> Array:
    """Find the colour that a picture in L*a*b* is mostly made of: the fullest bin, chromatic ones preferred."""
    samples = colours[inside]
    samples = samples[:: max(1, len(samples) // 6000)]
    lively = samples[(samples[:, 0] > 16) & (samples[:, 0] < 97)]
    samples = lively if len(lively) > len(samples) // 12 else samples
    if not len(samples):
        return array([60, 0, 0])
    bins, member, sizes = np.unique(
        np.round(samples / BINS).astype(int), axis=0, return_inverse=True, return_counts=True
    )
    chroma = np.hypot(bins[:, 1], bins[:, 2]) * BINS
    fullest = int(np.argmax(sizes * (1 + 0.018 * np.minimum(chroma, 60)) * _paintable(bins)))
    return array(samples[member.ravel() == fullest].mean(0))


def _paintable(bins: NDArray[np.int_]) -> Array:
    """Tell how likely colours (bins of L*a*b*) are paint: panes of glass and tyres keep theirs longer than bodywork."""
    light, a, b = (array(bins[:, i] * BINS) for i in range(3))
    chroma = np.hypot(a, b)
    glass = (light > 66) & (b < -4) & (a < 4) & (chroma < 40)
    rubber = (light < 46) & (chroma < 22)
    return array(np.where(glass, 0.4, np.where(rubber, 0.6, 1.0)))


def _membership(colours: Array, base: Array) -> Array:
    """How far every pixel belongs to the family of the base colour, 0..1: same hue, or alike in greyness."""
    chroma = array(cv2.magnitude(np.ascontiguousarray(colours[..., 1]), np.ascontiguousarray(colours[..., 2])))
    base_chroma = float(np.hypot(base[1], base[2]))
    lightness = colours[..., 0]
    if base_chroma > CHROMATIC:
        alike = (colours[..., 1] * base[1] + colours[..., 2] * base[2]) / (chroma * base_chroma + 1e-3)
        return smoothstep(0.72, 0.90, alike) * smoothstep(7, 20, chroma)
    reach = np.abs(lightness - base[0])
    return smoothstep(28, 13, chroma) * smoothstep(12, 24, lightness) * smoothstep(58, 38, reach)


def _widened(colours: Array, inside: NDArray[np.bool_], weight: Array) -> Array:
    """Take in further families, the largest first, until most of the drawing is of the family.

    A red telephone is mostly red, though its drawing is mostly black. What is hardly paint only takes a tint, once
    about half of the drawing has the colour.
    """
    whole = max(1, int(inside.sum()))
    done = weight > 0.5
    for _ in range(FAMILIES):
        rest = inside & ~done
        painted = float(weight[inside].sum()) / whole
        if painted > MOSTLY or int(rest.sum()) < 0.04 * whole:
            break
        samples = colours[rest]
        bins, sizes = np.unique(
            np.round(samples[:: max(1, len(samples) // SAMPLES)] / BINS).astype(int), axis=0, return_counts=True
        )
        likely = _paintable(bins)
        first = int(np.argmax(sizes * likely))
        near = smoothstep(28, 18, np.sqrt(((colours - array(bins[first] * BINS)) ** 2).sum(axis=2)))
        light, a, b = (float(value) * BINS for value in bins[first])
        # white is as often lettering as paint
        least = 0.6 if light > 88 and a * a + b * b < 100 else float(likely[first])
        strength = TINTED - least if painted > HALF and least < 1 else 1.0
        weight, done = np.maximum(weight, np.float32(strength) * near), done | (near > 0.5)
    return weight


def recolour(colours: Array, alpha: Array, name: str) -> tuple[Array, Array]:
    """Repaint a drawing's main colour as the named one; give the picture (H, W, 3) and where it changed (H, W).

    The main colour's family moves to the target's hue; its shades keep their distance in lightness, so that the
    drawing's own light and dark stay. Source: after Reinhard et al., "Color transfer between images", 2001, with
    one cluster in place of the whole picture.
    """
    target, old = named_lab(name), lab(colours)
    inside = alpha > 0.9
    base = dominant(old, inside)
    weight = _membership(old, base)
    if (inside & (weight > 0.5)).sum() < 0.12 * max(1, inside.sum()):
        weight = np.ones_like(weight)
    weight = _widened(old, inside, weight)
    family = inside & (weight > 0.5)
    # Grown by a pixel and softened, so that no rim of the old colour stays and no steps show.
    weight = array(cv2.blur(cv2.dilate(weight, np.ones((3, 3), np.uint8)), (3, 3)))
    middle = float(np.median(old[..., 0][family])) if family.any() else float(base[0])
    swing = 0.55 if target[0] > 85 or target[0] < 22 else 0.8
    lightness = np.clip(target[0] + (old[..., 0] - middle) * swing, 5, 97)
    strength = np.clip(lightness / target[0], 0.6, 1.12)
    new = array(cv2.merge([array(lightness), array(strength * target[1]), array(strength * target[2])]))
    mixed = old + (new - old) * weight[..., None]
    return array(np.clip(cv2.cvtColor(array(mixed), cv2.COLOR_Lab2RGB), 0, 1)), weight


def hold(
    image: NDArray[np.uint8],
    mask: Array,
    name: str,
    tolerance: float,
    *,
    chroma: float = 1.0,
    whole: Array | None = None,
) -> None:
    """Move a region's median colour to within `tolerance` (CIE76) of the named colour, in place.

    `image` is uint8 RGB and `mask` (0..1) of the same height and width. Night and golden light would else turn a
    yellow car brown; people who ask for a yellow car want it seen as yellow. Lightness follows a power curve through
    the median, so that the deepest shade stays deep and the highlight bright; hues move less in both.
    `chroma` is the share of the colour's own chroma that is wanted, less than 1 in a calm picture.
    `whole` is a mask of the whole thing of which the region is the painted part: it is the whole that shall be seen so.
    """
    inside = (mask if whole is None else whole) > 0.5
    step = max(1, int(inside.sum()) // SAMPLES)
    samples, shares = image[inside][::step], mask[inside][::step]
    if int((shares > 0.5).sum()) * step < 12:
        return
    target = named_lab(name) * array((1.0, chroma, chroma))
    change = _change(lab(array(samples) * np.float32(1 / 255)), shares, target, tolerance)
    if change is None:
        return
    middle, goal, ease = change
    colours = lab(array(image) * np.float32(1 / 255))
    moved = colours + (_moved(colours, middle, goal) - colours) * (mask ** np.float32(ease))[..., None]
    image[:] = np.round(np.clip(cv2.cvtColor(array(moved), cv2.COLOR_Lab2RGB), 0, 1) * 255).astype(np.uint8)


def _moved(colours: Array, middle: Array, goal: Array) -> Array:
    """Move L*a*b* colours (..., 3) so that the middle one becomes the goal; black stays black and white white."""
    light = np.clip(colours[..., 0], 0.5, 99.5)
    power = np.log(np.clip(goal[0], 2, 98) / 100) / np.log(np.clip(middle[0], 2, 98) / 100)
    share = np.minimum(np.minimum(light / middle[0], (100 - light) / max(1.0, 100 - float(middle[0]))), 1)
    moved = colours + (middle - colours) * array(GATHERED)
    moved[..., 0] = 100 * (light / 100) ** np.float32(power)
    moved[..., 1:] += share[..., None] * (goal - middle)[1:]
    return array(moved)


def _change(samples: Array, shares: Array, target: Array, tolerance: float) -> tuple[Array, Array, float] | None:
    """Find from which colour to which to move, and the power to raise masks to; None where all is well already.

    `shares` tells how far each sample moves. Where the median does not arrive, what is only tinted is tinted more.
    """
    seen = array(np.median(samples, axis=0))
    distance = float(np.linalg.norm(target - seen))
    if distance <= tolerance + 0.5:
        return None
    wanted = array(target + (seen - target) * np.float32(tolerance / distance))
    middle = array(np.median(samples[shares > 0.5], axis=0))
    middle[0] = np.clip(middle[0], 3, 97)
    ease, goal = 1.0, middle
    for ease in EASES:
        goal, missed = _goal(samples, shares ** np.float32(ease), middle, array(middle + wanted - seen), wanted)
        if missed < NEAR_ENOUGH:
            break
    return middle, goal, ease


def _goal(samples: Array, shares: Array, middle: Array, goal: Array, wanted: Array) -> tuple[Array, float]:
    """Push a goal on until the median arrives where it is wanted; give the goal and how far off the median ends.

    What leaves the gamut is clipped and falls short, and what does not move holds the median back.
    """
    missed = np.zeros(3, np.float32)
    for _ in range(5):
        moved = samples + (_moved(samples, middle, goal) - samples) * shares[:, None]
        shown = np.clip(cv2.cvtColor(array(moved)[None], cv2.COLOR_Lab2RGB), 0, 1)
        missed = array(wanted - np.median(lab(array(shown))[0], axis=0))
        goal = array(np.clip(goal + missed, wanted - PUSHED, wanted + PUSHED))
    return goal, float(np.linalg.norm(missed))
