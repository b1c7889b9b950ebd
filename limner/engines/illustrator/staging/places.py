"""Places: one block brought on, into, under, above, before or behind another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.figures.seats import CLEAR, SHELTERS, VESSELS
from limner.engines.illustrator.staging.acting import seated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.figures.limbs import Point
    from limner.engines.illustrator.figures.seats import Seat
    from limner.engines.illustrator.scene import Subject
    from limner.engines.illustrator.staging.blocks import Block, Piece
    from limner.engines.illustrator.staging.measures import Measures

FLANK = 0.78
"""How wide a rider is at most, in widths of the mount."""


def support(outline: NDArray[np.bool_], share: float) -> Point:
    """Where on top of a drawing something can rest: the middle (0..1 from the left) and the height (0..1 from the top).

    The flattest stretch of its upper edge that is `share` of its width, higher ones and middle ones preferred; a
    sofa with a lamp offers the sofa.
    """
    rows, columns = outline.shape
    first = np.where(outline.any(axis=0), outline.argmax(axis=0), rows) / rows
    wide = int(np.clip(round(share * columns), 2, columns))
    best, found = np.inf, (0.5, 0.1)
    for start in range(columns - wide + 1):
        edge = first[start : start + wide]
        middle = (start + wide / 2) / columns
        badness = float(np.ptp(edge)) * 2 + float(edge.mean()) * 0.8 + abs(middle - 0.5) * 0.5
        if badness < best:
            best, found = badness, (middle, float(np.median(edge)))
    return found


def on(child: Block, bearer: Piece, art: str, measures: Measures, *, seat: Seat | None, who: Subject) -> Block:
    """Put a block on a drawing: on its seat, where it has one, else on the flattest stretch of its upper edge."""
    child = child.moved(0, 0, scale=min(1.0, (0.8 if seat is None else 1.1) * bearer.width / child.width))
    if seat is not None:
        return seated(child, who, bearer, seat, measures).lifted(resting=seat.legs == "stand")
    flank, down = support(measures.outline(art, bearer.tilt), min(0.9, 0.7 * child.width / bearer.width))
    down = min(0.9, down + 0.05)
    flank = 1 - flank if bearer.mirrored else flank
    y = max(bearer.top - down * bearer.height, 0.12 * bearer.height)
    return child.moved(bearer.left + flank * bearer.width - child.middle, y, bearer.z + 1).lifted(resting=True)


def within(child: Block, bearer: Piece, art: str, measures: Measures) -> Block:
    """Let a block look out of a drawing that holds it, a fifth of it hidden; in what one sees into, show it whole."""
    if art in CLEAR:
        child = child.moved(0, 0, scale=min(0.6 * bearer.width / child.width, 0.6 * bearer.height / child.top))
        return child.moved(bearer.x - child.middle, bearer.y + 0.12 * bearer.height, bearer.z + 1).lifted()
    child = child.moved(0, 0, scale=min(1.0, 0.75 * bearer.width / child.width))
    flank, down = VESSELS.get(art) or support(measures.outline(art, bearer.tilt), 0.45)
    flank = 1 - flank if bearer.mirrored else flank
    reach = max(0.0, (bearer.width - child.width) / 2)
    x = bearer.x + float(np.clip((flank - 0.5) * bearer.width, -reach, reach)) - child.middle
    rim = bearer.top - min(0.9, down) * bearer.height
    return child.moved(x, rim - 0.22 * child.top, bearer.z - 1).lifted()


def over(child: Block, bearer: Block) -> Block:
    """Put a block in the air above another."""
    y = bearer.top + 0.12 * max(child.top, bearer.top) + child.drop
    return child.moved(bearer.middle - child.middle, y, 0.5).lifted()


def below(child: Block, bearer: Block) -> Block:
    """Put a block nearer to the viewer than another, right under it on paper."""
    return child.moved(bearer.middle - child.middle, -bearer.drop - 0.88 * child.top, bearer.pieces[0].z + 2)


def shelters(art: str, who: Subject) -> bool:
    """Whether one is under a drawing by standing before its stem, as the living do under a tree."""
    return art in SHELTERS and who.material in ("fur", "skin", "cloth")


def sheltered(child: Block, bearer: Block, art: str, side: int) -> Block:
    """Put a block under the cap of a thing that is made large enough for it: before its stem, a little aside.

    Gives all of it, the bearer first.
    """
    cap = bearer.pieces[0]
    x, down = SHELTERS[art]
    clear = (1 - down) * cap.height
    grown = max(1.0, 1.06 * (child.top + child.drop) / clear, 1.15 * child.width / (0.9 * cap.width))
    bearer = bearer.moved(0, 0, scale=grown)
    cap = bearer.pieces[0]
    share = x if side < 0 else 1 - x
    at = cap.left + share * cap.width
    if art == "umbrella":
        # An umbrella has no foot of its own: it hovers over the head, its handle within reach.
        hover = bearer.moved(child.middle - cap.x - 0.18 * side * child.width, child.top * 0.98 - clear, -0.5).lifted()
        return child.joined(hover)
    return bearer.joined(child.moved(at - child.middle, -0.05 * child.top, cap.z + 2))


def aside(child: Block, bearer: Block, *, nearer: bool, side: int) -> Block:
    """Before or behind, and so far aside that little of the hinder one is hidden."""
    hinder = bearer if nearer else child
    covered = 0.2 * min(hinder.width, child.width, bearer.width)
    x = (bearer.width + child.width) / 2 - covered
    step = 0.14 * min(bearer.top, child.top) * (-1 if nearer else 1)
    return child.moved(bearer.middle + side * x - child.middle, step, 2 if nearer else -2)
