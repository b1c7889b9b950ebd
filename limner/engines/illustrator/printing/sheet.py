"""The sheet a picture is made on: where on it the picture itself is, and where its words are set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.media import MEDIA
from limner.engines.illustrator.pixels import rgb
from limner.engines.illustrator.printing.typesetting import Fonts, Rect, letter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.printing.finish import Pixels
    from limner.engines.illustrator.scene import Scene

PAPERS = ("#f3e3c3", "#efe6d2", "#f2dfc0")
INKS = ("#b3301d", "#1d3f63", "#235446", "#7a2348")
MOST_TEXTS = 4


@dataclass(frozen=True, slots=True)
class Sheet:
    """`picture` is the picture's own rectangle (x0, y0, x1, y1) in pixels; `texts` what is set where.

    Subjects keep out of `margin`, a share of the picture's width, at its sides, and between the shares `top` and
    `bottom` of its height; `framed` tells that there is paper around the picture.
    """

    width: int
    height: int
    picture: Rect
    texts: tuple[tuple[str, Rect], ...]
    margin: float
    top: float
    bottom: float
    framed: bool

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture itself."""
        x0, y0, x1, y1 = self.picture
        return x1 - x0, y1 - y0


def plan_sheet(scene: Scene, width: int, height: int, *, clear: bool) -> Sheet:
    """Lay out the sheet: posters have a frame and their words below, other media have their words in the picture."""
    texts = tuple(text.strip() for text in scene.text if text.strip())[:MOST_TEXTS]
    if scene.medium == "poster" and not clear:
        return _poster(texts, width, height)
    margin = 0.055 + (0.0 if clear else MEDIA[scene.medium].margin)
    edge = 0.10 if margin > 0.06 else 0.055
    areas = []
    rows = [(edge, edge + 0.16), (0.955 - edge - 0.10, 0.995 - edge), (edge + 0.16, edge + 0.25), (0.60, 0.70)]
    for text, (top, bottom) in zip(texts, rows, strict=False):
        areas.append((text, _rect((0.08, top, 0.92, bottom), width, height)))
    head = edge + (0.19 if texts else 0.0) + (0.09 if len(texts) > 2 else 0.0)
    return Sheet(
        width,
        height,
        (0, 0, width, height),
        tuple(areas),
        margin,
        head,
        0.79 if len(texts) > 1 else 0.955,
        framed=False,
    )


def _rect(shares: tuple[float, float, float, float], width: int, height: int) -> Rect:
    """Turn shares of a sheet (x0, y0, x1, y1) into pixels, at least one each way."""
    x0, y0, x1, y1 = shares
    left, top = round(x0 * width), round(y0 * height)
    return left, top, max(left + 1, round(x1 * width)), max(top + 1, round(y1 * height))


def _poster(texts: tuple[str, ...], width: int, height: int) -> Sheet:
    edge = max(2, round(0.042 * min(width, height)))
    if not texts:
        return Sheet(width, height, (edge, edge, width - edge, height - edge), (), 0.06, 0.06, 0.955, framed=True)
    band = round((0.165 + 0.045 * (len(texts) - 1)) * height) + edge
    bottom = height - band
    areas, top = [], bottom + 0.62 * edge
    room = height - 0.55 * edge - top
    shares = [1.0] if len(texts) == 1 else [0.62] + [0.38 / (len(texts) - 1)] * (len(texts) - 1)
    for text, share in zip(texts, shares, strict=True):
        areas.append((text, _rect((0.06, top / height, 0.94, (top + 0.93 * share * room) / height), width, height)))
        top += share * room
    return Sheet(width, height, (edge, edge, width - edge, bottom), tuple(areas), 0.06, 0.06, 0.955, framed=True)


def mounted(picture: Pixels, sheet: Sheet, rng: np.random.Generator) -> tuple[Pixels, str]:
    """Give the picture on its paper with rules around it, and the ink for its words."""
    paper, ink = PAPERS[int(rng.integers(len(PAPERS)))], INKS[int(rng.integers(len(INKS)))]
    if not sheet.framed:
        return picture, ink
    whole: NDArray[np.uint8] = np.empty((sheet.height, sheet.width, 3), np.uint8)
    whole[:] = np.round(rgb(paper) * 255).astype(np.uint8)
    x0, y0, x1, y1 = sheet.picture
    whole[y0:y1, x0:x1] = picture
    unit = min(sheet.width, sheet.height)
    tone = tuple(float(value) for value in np.round(rgb(ink) * 205))
    for out, thick in ((0.0, 0.006), (0.013, 0.0025)):
        shift, line = round(out * unit), max(1, round(thick * unit))
        cv2.rectangle(whole, (x0 - shift, y0 - shift), (x1 - 1 + shift, y1 - 1 + shift), tone, line, cv2.LINE_AA)
    return whole, ink


def lettered(pixels: Pixels, scene: Scene, sheet: Sheet, pack: Fonts, ink: str) -> None:
    """Set the sheet's words, in place: in ink on paper, in light or dark over a picture."""
    for text, area in sheet.texts:
        letter(pixels, text, area, pack, medium=scene.medium, ink=ink if sheet.framed else None)
