"""Places: one block brought on, into, under, above, before or behind another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.figures.poses import parsed
from limner.engines.illustrator.figures.seats import (
    BROAD,
    CLEAR,
    DISHES,
    ELSEWHERE,
    PERCHES,
    ROOMS,
    SHELTERS,
    STEMLESS,
    VESSELS,
    WINDOWS,
)
from limner.engines.illustrator.staging.acting import seated
from limner.engines.illustrator.staging.blocks import alone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from limner.engines.illustrator.figures.limbs import Point
    from limner.engines.illustrator.figures.seats import Seat
    from limner.engines.illustrator.scene import Subject
    from limner.engines.illustrator.staging.blocks import Block, Piece
    from limner.engines.illustrator.staging.measures import Measures

ROOMY = 1.06
"""How wide a vessel is, in widths of what is in it."""
ROOMIEST = 1.6
"""How many times as large a seat becomes for several to fit on it."""
CURLED = 0.5
"""Which share of a sofa or a bed a beast takes up."""
BACK = 0.44
"""How long the back of a mount is, in widths of its drawing."""
HIPS = 0.4
"""How high the hips of who sits are, in heights."""
TOWERING = 2.0
"""How many times as tall as who is under it a shelter is drawn at most, so that they stay the heroes."""
HIDDEN = 0.2
"""Which share of something what stands before it may hide."""
UPON = 0.6
"""How far above those below it a row of a heap is, in heights."""
FAN, WHOLE_FAN = 46.0, 132.0
"""How many degrees lie at most between flowers in a vase, and between the first and the last."""
STEM = 0.3
"""Which share of a flower is stem enough to stand in a vase."""
LEAST = 0.8
"""How tall what is behind is at least, in heights of what is before it."""


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
    beast = art in BROAD and len(child.pieces) == 1 and not child.pieces[0].art
    share = 0.8 if seat is None else CURLED if beast else 1.1
    child = child.moved(0, 0, scale=min(1.0, share * bearer.width / child.width))
    if seat is not None:
        if seat.fit is not None and (child.pieces[0].art or seat.legs == "seat"):
            child = child.moved(0, 0, scale=seat.fit * bearer.height / child.pieces[0].height)
        return seated(child, who, bearer, seat, measures).lifted(resting=seat.legs == "stand")
    share = min(0.9, 0.7 * child.width / bearer.width)
    flank, down = PERCHES.get(art) or support(measures.outline(art, bearer.tilt), share)
    down = min(0.9, down + 0.05)
    flank = 1 - flank if bearer.mirrored else flank
    y = max(bearer.top - down * bearer.height, 0.12 * bearer.height)
    return child.moved(bearer.left + flank * bearer.width - child.middle, y, bearer.z + 1).lifted(resting=True)


def settled(
    child: Block, whole: Block, bearer: Piece, art: str, measures: Measures, *, seat: Seat, who: Subject
) -> Block:
    """Seat several side by side, on a seat that grows, within reason, for all to fit; gives all of it."""
    left, right = breadth = _breadth(art, seat)
    at = whole.pieces.index(bearer)
    whole = whole.moved(0, 0, scale=float(np.clip(child.width / (right - left) / bearer.width, 1.0, ROOMIEST)))
    bearer = whole.pieces[at]
    return whole.joined(_side_by_side(on(child, bearer, art, measures, seat=seat, who=who), bearer, breadth))


def _breadth(art: str, seat: Seat) -> tuple[float, float]:
    """Give from where to where one sits on a drawing: on a mount, about its back."""
    if seat.legs == "astride":
        return seat.point[0] - BACK / 2, seat.point[0] + BACK / 2
    return BROAD.get(art, ELSEWHERE)


def _side_by_side(sitters: Block, bearer: Piece, breadth: tuple[float, float]) -> Block:
    """Bring several who sit into the breadth of their seat, as small as that asks for, at the height they sit at."""
    left, right = breadth
    size = min(1.0, (right - left) * bearer.width / sitters.width)
    share = (left + right) / 2
    middle = bearer.left + (1 - share if bearer.mirrored else share) * bearer.width
    hips = sitters.pieces[0].y + HIPS * sitters.pieces[0].height
    return sitters.moved(middle - size * sitters.middle, (1 - size) * hips, scale=size)


def served(child: Block, whole: Block, bearer: Piece, art: str) -> Block:
    """Lay a block on a flat dish that is large enough for it: what is served stands on its middle, its rim around."""
    at = whole.pieces.index(bearer)
    whole = whole.moved(0, 0, scale=float(np.clip(child.width / DISHES[art] / bearer.width, 0.5, 2.2)))
    dish = whole.pieces[at]
    child = child.moved(0, 0, scale=min(1.0, DISHES[art] * dish.width / child.width))
    x, y = dish.at(PERCHES[art])
    sunk = 0.06 * dish.height
    return whole.joined(child.moved(x - child.middle, y - sunk, dish.z + 1).lifted(resting=True))


def within(child: Block, bearer: Block, art: str, measures: Measures) -> Block:
    """Let a block look out of what holds it, a third of it hidden; in what one sees into, show it whole.

    A vessel is drawn as large as what is in it asks for, within reason. Gives all of it, the bearer first.
    """
    if art in WINDOWS and all(parsed(piece.art)[1] == "bust" for piece in child.pieces):
        return bearer.joined(*_at_windows(child, bearer.pieces[0], art))
    room = ROOMS.get(art, ROOMY) * child.width / bearer.pieces[0].width
    bearer = bearer.moved(0, 0, scale=float(np.clip(room, 0.25, 1.6)))
    vessel = bearer.pieces[0]
    if art in CLEAR:
        child = child.moved(0, 0, scale=min(0.7 * vessel.width / child.width, 0.45 * vessel.height / child.top))
        # Behind glass that is drawn as glass, before what is drawn as if one could not see into it.
        z = vessel.z + (-1 if vessel.art else 1)
        return bearer.joined(child.moved(vessel.x - child.middle, vessel.y + 0.18 * vessel.height, z).lifted())
    child = child.moved(0, 0, scale=min(1.0, 0.94 * vessel.width / child.width))
    flank, down = VESSELS.get(art) or support(measures.outline(art, vessel.tilt), 0.45)
    flank = 1 - flank if vessel.mirrored else flank
    reach = max(0.0, (vessel.width - child.width) / 2)
    x = vessel.x + float(np.clip((flank - 0.5) * vessel.width, -reach, reach)) - child.middle
    rim = vessel.top - min(0.9, down) * vessel.height
    sunk = min((0.2 if child.pieces[0].art else 0.3) * child.top, 0.95 * (rim - vessel.y))
    placed = child.moved(x, rim - sunk, vessel.z - 1).lifted()
    paws = [grip for piece in placed.pieces if (grip := measures.grip(piece))]
    return bearer.joined(placed, *(alone(replace(paw, z=vessel.z + 1)) for paw in paws))


def _at_windows(child: Block, vehicle: Piece, art: str) -> list[Block]:
    """Let all in a vehicle look out of its windows, each of one, or close together where they are more."""
    windows, sill, tall = WINDOWS[art]
    many = len(child.pieces)
    places = windows[:many] if many <= len(windows) else np.linspace(min(windows), max(windows), many)
    placed = []
    for piece, share in zip(child.pieces, places, strict=True):
        x, y = vehicle.at((1 - share if vehicle.mirrored else share, sill))
        size = tall * vehicle.height / piece.height * min(1.0, len(windows) / many) ** 0.5
        block = alone(piece).moved(-piece.x * size, -piece.y * size, scale=size)
        placed.append(block.moved(x, y, vehicle.z + 1).lifted())
    return placed


def heaped(blocks: Sequence[Block]) -> Block:
    """Heap things up: rows that get shorter upwards, those above behind the gaps of those below."""
    wide, high = max(block.width for block in blocks), max(block.top for block in blocks)
    long = 1
    while long * (long + 1) // 2 < len(blocks):
        long += 1
    placed, done, row = [], 0, 0
    while done < len(blocks):
        some = blocks[done : done + max(1, long - row)]
        start = -(len(some) - 1) / 2
        for i, block in enumerate(some):
            x = (start + i) * 0.94 * wide - block.middle
            placed.append(block.moved(x, row * UPON * high, -0.01 * row))
        done, row = done + len(some), row + 1
    return placed[0].joined(*placed[1:])


def fanned(blocks: Sequence[Block], art: str, measures: Measures) -> Block:
    """Fan flowers out from where their stems meet, longer and shorter ones in turn, the feet at the origin."""
    widest, reach = (60.0, 0.56) if art in STEMLESS else (FAN, 0.5)
    step = min(widest, WHOLE_FAN / max(1, len(blocks) - 1))
    placed = []
    for i, block in enumerate(blocks):
        aside = i - (len(blocks) - 1) / 2
        piece = measures.tilted(block.pieces[0], art, 0.0)
        long = reach * piece.height
        turned = measures.tilted(piece, art, round(step * aside, 1))
        turn = np.deg2rad(turned.tilt)
        foot = turned.x - long * float(np.sin(turn)), turned.y + turned.height / 2 - long * float(np.cos(turn))
        size = 0.8 if i % 2 != (len(blocks) // 2) % 2 else 1.0
        placed.append(alone(turned).moved(-foot[0] * size, -foot[1] * size, -0.01 * abs(aside), scale=size))
    return placed[0].joined(*placed[1:])


def standing_in(flowers: Block, bearer: Block, art: str, measures: Measures, *, stemmed: bool = True) -> Block:
    """Stand fanned flowers in a vessel about as wide as one of their heads, in a wide one side by side.

    Gives all of it, the bearer first.
    """
    vessel, longest = bearer.pieces[0], max(piece.height for piece in flowers.pieces)
    slim = vessel.width < vessel.height
    bearer = bearer.moved(0, 0, scale=(0.62 * longest if slim else 0.72 * flowers.width) / vessel.width)
    vessel = bearer.pieces[0]
    flank, down = VESSELS.get(art) or support(measures.outline(art, vessel.tilt), 0.45)
    x = vessel.left + (1 - flank if vessel.mirrored else flank) * vessel.width
    rim = vessel.top - min(0.9, down) * vessel.height
    sunk = min((STEM if stemmed else 0.0) * longest, 0.9 * (rim - vessel.y))
    return bearer.joined(flowers.moved(x, rim - sunk, vessel.z - 1).lifted())


def over(child: Block, bearer: Block) -> Block:
    """Put a block in the air above another."""
    y = bearer.top + 0.12 * max(child.top, bearer.top) + child.drop
    return child.moved(bearer.middle - child.middle, y, 0.5).lifted()


def below(child: Block, bearer: Block) -> Block:
    """Put a block nearer to the viewer than another, right under it on paper."""
    down = child.top - 0.12 * min(child.top, bearer.top)
    return child.moved(bearer.middle - child.middle, -bearer.drop - down, bearer.pieces[0].z + 2)


def shelters(art: str, those: Iterable[Subject]) -> bool:
    """Whether some are under a drawing by standing before its stem, as the living do under a tree."""
    return art in SHELTERS and any(one.material in ("fur", "skin", "cloth") for one in those)


def sheltered(child: Block, bearer: Block, art: str, side: int) -> Block:
    """Put a block under the cap of a thing that is made large enough for it: before its stem, a little aside.

    Gives all of it, the bearer first.
    """
    cap = bearer.pieces[0]
    x, down = SHELTERS[art]
    clear = (1 - down) * cap.height
    needed = max(1.06 * (child.top + child.drop) / clear, 1.3 * child.width / cap.width)
    bearer = bearer.moved(0, 0, scale=float(np.clip(1.0, needed, max(needed, TOWERING * child.top / cap.height))))
    cap = bearer.pieces[0]
    share = x if side < 0 else 1 - x
    at = cap.left + share * cap.width
    if art == "umbrella":
        # An umbrella has no foot of its own: it hovers over the head, its handle within reach.
        hover = bearer.moved(0, 0, scale=1.7 * child.width / cap.width)
        cap = hover.pieces[0]
        up = child.top - (1 - down) * cap.height
        return child.joined(hover.moved(child.middle - cap.x - 0.2 * side * child.width, up, -0.5).lifted())
    return bearer.joined(child.moved(at - child.middle, -0.05 * child.top, cap.z + 2))


def staggered(fronts: list[Block], rear: Block, side: int, towering: float = TOWERING) -> tuple[list[Block], Block]:
    """Put some blocks before another, to its left and right in turn, so that a fifth of it at most is hidden.

    What is behind is farther away: it stands higher on paper, and what would dwarf those before it shrinks. Gives the
    nearer blocks and the one behind, whose middle stays where it was.
    """
    tall = max(front.top for front in fronts)
    rear = rear.moved(0, 0, scale=_closer(rear.top, tall, towering))
    lift = 0.2 * min(tall, rear.top)
    shown = max(1e-6, min(tall - lift, rear.top))
    spare = HIDDEN * rear.width * rear.top / shown / len(fronts)
    if len(fronts) == 1:
        front = fronts[0]
        return [front.moved(_clearest(front, rear, lift, spare, side) - front.middle, -lift, 2)], rear
    edges = {side: 0.0, -side: 0.0}
    placed = []
    for i, front in enumerate(fronts):
        to = side * (-1) ** i
        out = max(rear.width / 2 - min(spare, 0.5 * front.width), edges[to], 0.1 * front.width)
        edges[to] = out + 1.08 * front.width
        placed.append(front.moved(rear.middle + to * (out + front.width / 2) - front.middle, -lift, 2))
    return placed, rear


def _clearest(front: Block, rear: Block, lift: float, spare: float, side: int) -> float:
    """Give where one block hides little of each drawing behind it: in their middle if it may be, else at the side."""
    outside = rear.middle + side * (rear.width / 2 - min(spare, front.width) + front.width / 2)
    middle = rear.middle if len(rear.pieces) > 1 else outside
    return middle if _worst(front, middle, rear, lift) < HIDDEN else outside


def _worst(front: Block, x: float, rear: Block, lift: float) -> float:
    """Give the largest share that a block would hide of any drawing behind it."""
    left, right, top = x - front.width / 2, x + front.width / 2, front.top - lift
    return max(
        max(0.0, min(right, p.right) - max(left, p.left)) * max(0.0, min(top, p.top) - p.y) / (p.width * p.height)
        for p in rear.pieces
    )


def _closer(tall: float, beside: float, towering: float) -> float:
    """How much something is drawn smaller or larger, so that it neither dwarfs nor vanishes beside another."""
    return float(np.clip(tall / beside, LEAST, towering)) * beside / tall
