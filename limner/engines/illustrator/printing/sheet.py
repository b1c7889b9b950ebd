"""The sheet a picture is made on: where on it the picture itself is, and where its words are set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from limner.engines.illustrator.media import MEDIA
from limner.engines.illustrator.pixels import rgb
from limner.engines.illustrator.printing.typefaces import Fonts, drawable
from limner.engines.illustrator.printing.typesetting import Rect, extent, fit, letter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from limner.engines.illustrator.printing.finish import Pixels
    from limner.engines.illustrator.scene import Scene

PAPERS = ("#f3e3c3", "#efe6d2", "#f2dfc0")
INKS = ("#b3301d", "#1d3f63", "#235446", "#7a2348")
MOST_TEXTS = 4
EDGE = 0.055
"""How far words keep from the edge, as a share of the sheet, besides the bare border that some media leave."""
FILLED = 0.74
"""How much of the room below a poster's picture is ink at most, from the top of the first line to the last's foot."""
EMPTY = ("meadow", "studio")
"""Places that stand for none in particular: nothing in them is hidden when words are set across the middle."""
LONG = 48
"""How many letters a text has that needs more room than a title."""
# Things that are made to be written on, and where: shares of the drawing's box (left, top, right, bottom).
BOARDS: dict[str, tuple[float, float, float, float]] = {
    "placard": (0.09, 0.14, 0.88, 0.63),
    "closed-book": (0.23, 0.08, 0.84, 0.62),
    "blue-book": (0.23, 0.08, 0.84, 0.62),
    "green-book": (0.23, 0.08, 0.84, 0.62),
    "orange-book": (0.23, 0.08, 0.84, 0.62),
    "t-shirt": (0.29, 0.34, 0.71, 0.70),
}
LEAST = 0.026
"""How large the type on a board is at least, as a share of the sheet's shorter side; smaller words go above."""


class Placed(Protocol):
    """What lettering needs to know of something drawn: which drawing, and its box in the picture."""

    @property
    def art(self) -> str:
        """The drawing's name."""
        ...

    @property
    def box(self) -> Rect:
        """Left, top, right and bottom in pixels, counted from the picture's own corner."""
        ...


@dataclass(frozen=True, slots=True)
class Sheet:
    """`picture` is the picture's own rectangle (x0, y0, x1, y1) in pixels; `texts` what is set where.

    Subjects keep out of `margin`, a share of the picture's width, at its sides, and between the shares `top` and
    `bottom` of its height; `framed` tells that there is paper around the picture. `signed` is the text that stands
    on a sign in the picture, with where to set it should the sign turn out too small.
    """

    width: int
    height: int
    picture: Rect
    texts: tuple[tuple[str, Rect], ...]
    margin: float
    top: float
    bottom: float
    framed: bool
    signed: tuple[tuple[str, Rect], ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture itself."""
        x0, y0, x1, y1 = self.picture
        return x1 - x0, y1 - y0


def plan_sheet(scene: Scene, width: int, height: int, *, clear: bool) -> Sheet:
    """Lay out the sheet: posters have a frame and their words below, other media have their words in the picture.

    The first text of a picture with a sign, a book or a T-shirt is left for that: `lettered` is told what was drawn
    where.
    """
    texts = tuple(text.strip() for text in scene.text if text.strip())[:MOST_TEXTS]
    edge = EDGE + (0.0 if clear else MEDIA[scene.medium].margin)
    signed: tuple[tuple[str, Rect], ...] = ()
    if texts and any(subject.art in BOARDS for subject in scene.subjects):
        signed = ((texts[0], _rect((0.08, edge, 0.92, edge + 0.16), width, height)),)
        texts = texts[1:]
    if scene.medium == "poster" and not clear:
        return replace(_poster(texts, width, height), signed=signed)
    if len(texts) == 1 and not scene.subjects and scene.setting in EMPTY:
        return _titled(texts[0], width, height)
    return replace(_plain(texts, width, height, edge), signed=signed)


def _titled(text: str, width: int, height: int) -> Sheet:
    """Set a text that is all there is to see: large, and a little above the middle, as the eye sees the middle."""
    area = _rect((0.08, 0.26, 0.92, 0.62), width, height)
    return Sheet(width, height, (0, 0, width, height), ((text, area),), 0.08, 0.06, 0.955, framed=False)


def _plain(texts: tuple[str, ...], width: int, height: int, edge: float) -> Sheet:
    """Lay out a sheet that is all picture: a title at the head, the last words at the foot, others next to those."""
    low = 0.955 - edge - 0.10
    high = 0.16 if len("".join(texts[:1])) < LONG else 0.22
    title, below = (edge, edge + high), (edge + high, edge + high + 0.09)
    above, foot = (low - 0.09, low - 0.01), (low, 0.995 - edge)
    rows = ([title], [title, foot], [title, below, foot], [title, below, above, foot])[max(0, len(texts) - 1)]
    side = max(0.08, edge + 0.02)
    areas = [
        (text, _rect((side, top, 1 - side, bottom), width, height))
        for text, (top, bottom) in zip(texts, rows, strict=bool(texts))
    ]
    head = edge + (high + 0.03 if texts else 0.0) + (0.09 if len(texts) > 2 else 0.0)
    near = low - 0.02 - (0.09 if len(texts) > 3 else 0.0) if len(texts) > 1 else 0.955
    return Sheet(width, height, (0, 0, width, height), tuple(areas), min(edge, 0.10), head, near, framed=False)


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
        areas.append((text, _rect((0.06, top / height, 0.94, (top + 0.88 * share * room) / height), width, height)))
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


def lettered(
    pixels: Pixels, scene: Scene, sheet: Sheet, pack: Fonts, ink: str, *, drawn: Sequence[Placed] = ()
) -> None:
    """Set the sheet's words, in place: in ink on paper, in light or dark over a picture, painted on a sign.

    `drawn` is all that is in the picture: signs are looked for among it.
    """
    for text, area in _stacked(scene, sheet, pack) if sheet.framed and len(sheet.texts) > 1 else sheet.texts:
        letter(pixels, text, area, pack, medium=scene.medium, ink=ink if sheet.framed else None, mood=scene.mood)
    for text, spare in sheet.signed:
        board = _board(text, scene, sheet, pack, drawn)
        tone = _paint(pixels, board) if board else None
        letter(pixels, text, board or spare, pack, medium=scene.medium, ink=tone, mood=scene.mood)


def _stacked(scene: Scene, sheet: Sheet, pack: Fonts) -> list[tuple[str, Rect]]:
    """Set a poster's lines below each other: the title as large as it goes, the others all of one size, even gaps.

    Source: the proportioned space of Tschichold, "Die neue Typographie", 1928.
    """
    inks = []
    for text, (x0, y0, x1, y1) in sheet.texts:
        setting = fit(pack, scene.medium, drawable(pack, text) or text, x1 - x0, y1 - y0, mood=scene.mood)
        inks.append((extent(pack, setting)[1], setting.size))
    smallest = min(size for _, size in inks[1:])
    heights = [inks[0][0], *(height * smallest / size for height, size in inks[1:])]
    first, last = sheet.texts[0][1], sheet.texts[-1][1]
    room = last[3] - first[1]
    heights = [height * min(1.0, FILLED * room / sum(heights)) for height in heights]
    gap = (room - sum(heights)) / (len(heights) + 1)
    placed, top = [], first[1] + gap
    for (text, (x0, _, x1, _)), height in zip(sheet.texts, heights, strict=True):
        free = 0.032 * height  # what `fit` leaves above and below
        placed.append((text, (x0, round(top - free), x1, max(round(top - free) + 1, round(top + height + free)))))
        top += height + gap
    return placed


def _board(text: str, scene: Scene, sheet: Sheet, pack: Fonts, drawn: Sequence[Placed]) -> Rect | None:
    """Find the largest thing to write on; None where the words would be too small there to be read."""
    boards = [_surface(one, sheet) for one in drawn if one.art in BOARDS]
    if not boards:
        return None
    x0, y0, x1, y1 = largest = max(boards, key=lambda board: (board[2] - board[0]) * (board[3] - board[1]))
    inside = x0 >= 0 and y0 >= 0 and x1 <= sheet.width and y1 <= sheet.height
    size = fit(pack, scene.medium, drawable(pack, text) or text, x1 - x0, y1 - y0, mood=scene.mood).size
    return largest if inside and size >= LEAST * min(sheet.width, sheet.height) else None


def _surface(one: Placed, sheet: Sheet) -> Rect:
    """Give the part of a thing that is written on, in pixels of the sheet."""
    (x0, y0, x1, y1), (left, top, right, bottom) = one.box, BOARDS[one.art]
    dx, dy = sheet.picture[:2]
    wide, high = x1 - x0, y1 - y0
    return (
        round(x0 + dx + left * wide),
        round(y0 + dy + top * high),
        round(x0 + dx + right * wide),
        round(y0 + dy + bottom * high),
    )


def _paint(pixels: Pixels, board: Rect) -> str:
    """Choose dark paint for a light board, cream for a dark one."""
    x0, y0, x1, y1 = board
    return "#22242c" if float(pixels[y0:y1, x0:x1, :3].mean()) > 118 else "#fff6dc"
