"""Colours by name, and bringing what was painted in one back to it in the finished picture.

All colour arithmetic is CIE L*a*b* (D65) as OpenCV scales it for float32: L 0..100, a and b about -127..127.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.pixels import Array, array, rgb

if TYPE_CHECKING:
    from collections.abc import Callable

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

SAMPLES = 3000
# How far beyond the wanted colour a region may be pushed, how near the median must come in shares of the tolerance, by
# which powers of the mask it is tried, and how far the region's lights and its hues are drawn together: stray tints
# go first.
PUSHED, NEAR_ENOUGH = 45.0, 0.6
EASES = (
    (1.0, 0.0, 0.16), (1.0, 0.0, 0.4), (1.0, 0.12, 0.5), (1.0, 0.24, 0.6), (1.0, 0.4, 0.7),
    (0.5, 0.2, 0.5), (0.25, 0.2, 0.5), (0.12, 0.3, 0.6),
)  # fmt: skip
# How much lighter a calm colour is, in L per lost chroma, where it is dark.
LIGHTER = 0.35


def lab(colours: Array) -> Array:
    """Turn sRGB 0..1 of any shape (..., 3) into L*a*b*."""
    flat = np.ascontiguousarray(np.clip(colours, 0, 1).reshape(-1, 1, 3))
    return array(cv2.cvtColor(flat, cv2.COLOR_RGB2Lab)).reshape(colours.shape)


def named_lab(name: str) -> Array:
    """Give a colour name's L*a*b*; raises KeyError for a name that is not in `NAMED`."""
    return lab(rgb(NAMED[name]))


def by_colour(image: NDArray[np.uint8], change: Callable[[Array], Array]) -> NDArray[np.uint8]:
    """Change an image (uint8, RGB or RGBA) by its colours alone, each worked out but once; gives uint8 (H, W, 4).

    `change` takes colours (N, 3), sRGB 0..1, and gives four values 0..1 for each. Two neighbouring levels count as one
    colour, so that a print of half a million pixels is some ten thousand colours.
    """
    packed = np.ascontiguousarray(cv2.cvtColor(image, cv2.COLOR_RGB2RGBA) if image.shape[2] == 3 else image)
    bits = packed.view(np.uint32)[..., 0]
    place = (bits >> 1 & 0x7F | bits >> 2 & 0x3F80 | bits >> 3 & 0x1FC000).astype(np.intp)
    occurs = np.zeros(1 << 21, np.bool_)
    occurs[place] = True
    found = np.flatnonzero(occurs)
    colours = np.column_stack([found & 0x7F, found >> 7 & 0x7F, found >> 14]).astype(np.float32)
    changed = np.round(np.clip(change((2 * colours + np.float32(0.5)) / np.float32(255)), 0, 1) * 255)
    table = np.zeros(1 << 21, np.uint32)
    table[found] = np.ascontiguousarray(changed.astype(np.uint8)).view(np.uint32)[:, 0]
    return table.take(place).view(np.uint8).reshape(packed.shape)


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
    own = shares > 0.5
    if int(own.sum()) * step < 12:
        return
    if float(own.mean()) < 0.5:
        # A tractor that was drawn green stays as it was drawn, though most of it is tyres.
        samples, shares = samples[own], shares[own]
    target = _calmed(named_lab(name), chroma)
    change = _change(lab(array(samples) * np.float32(1 / 255)), shares, target, tolerance)
    if change is None:
        return
    middle, goal, ease, gathered = change

    def held(colours: Array) -> Array:
        moved = cv2.cvtColor(_moved(lab(colours), middle, goal, gathered)[None], cv2.COLOR_Lab2RGB)[0]
        return np.column_stack([np.clip(moved, 0, 1), np.ones(len(colours), np.float32)])

    share = mask if ease == 1 else array(mask ** np.float32(ease))
    new = cv2.cvtColor(by_colour(image, held), cv2.COLOR_RGBA2RGB)
    image[:] = cv2.blendLinear(new, image, share, 1 - share)


def _calmed(colour: Array, chroma: float) -> Array:
    """Give a colour with a share of its chroma, and lighter for it: red would else be brown."""
    lost = (1 - chroma) * float(np.hypot(colour[1], colour[2]))
    lighter = LIGHTER * lost * (1 - float(colour[0]) / 100)
    return array((colour[0] + lighter, chroma * colour[1], chroma * colour[2]))


def _moved(colours: Array, middle: Array, goal: Array, gathered: Array) -> Array:
    """Move L*a*b* colours (..., 3) so that the middle one becomes the goal; black stays black and white white."""
    moved = colours + (middle - colours) * gathered
    light = np.clip(moved[..., 0], 0.5, 99.5)
    power = np.log(np.clip(goal[0], 2, 98) / 100) / np.log(np.clip(middle[0], 2, 98) / 100)
    share = np.minimum(np.minimum(light / middle[0], (100 - light) / max(1.0, 100 - float(middle[0]))), 1)
    moved[..., 0] = 100 * (light / 100) ** np.float32(power)
    moved[..., 1:] += share[..., None] * (goal - middle)[1:]
    return array(moved)


def _change(samples: Array, shares: Array, target: Array, tolerance: float) -> tuple[Array, Array, float, Array] | None:
    """Find from which colour to which to move, and how (see `EASES`); None where all is well already.

    `shares` tells how far each sample moves. Where the median does not arrive, what is only tinted is tinted more.
    """
    seen = array(np.median(samples, axis=0))
    distance = float(np.linalg.norm(target - seen))
    if distance <= tolerance + 0.5:
        return None
    wanted = array(target + (seen - target) * np.float32(tolerance / distance))
    middle = array(np.median(samples[shares > 0.5], axis=0))
    middle[0] = np.clip(middle[0], 3, 97)
    ease, gathered, goal = 1.0, np.zeros(3, np.float32), middle
    for ease, lights, hues in EASES:
        gathered = array((lights, hues, hues))
        eased = shares ** np.float32(ease)
        goal, missed = _goal((samples, eased), middle, array(middle + wanted - seen), wanted, gathered)
        if missed < NEAR_ENOUGH * tolerance:
            break
    return middle, goal, ease, gathered


def _goal(seen: tuple[Array, Array], middle: Array, goal: Array, wanted: Array, gathered: Array) -> tuple[Array, float]:
    """Push a goal on until the median arrives where it is wanted; give the goal and how far off the median ends.

    What leaves the gamut is clipped and falls short, and what does not move holds the median back.
    """
    samples, shares = seen
    missed = np.zeros(3, np.float32)
    for _ in range(5):
        moved = samples + (_moved(samples, middle, goal, gathered) - samples) * shares[:, None]
        shown = np.clip(cv2.cvtColor(array(moved)[None], cv2.COLOR_Lab2RGB), 0, 1)
        missed = array(wanted - np.median(lab(array(shown))[0], axis=0))
        goal = array(np.clip(goal + missed, wanted - PUSHED, wanted + PUSHED))
    return goal, float(np.linalg.norm(missed))
