"""Who stands with whom: instances of subjects gathered into blocks, in lengths that know no picture yet.

A block is a thing with all that is on it, in it, above, under, before and behind it. Lengths are
in spans: one span is a thing a metre tall; x runs to the right, y upwards from the block's own feet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from limner.engines.illustrator.figures.bodies import RIDERS

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Place, Relation, Scene, Subject

POWER = 0.29
SMALLEST, LARGEST = 0.04, 30.0
STACKED = frozenset({"on", "in", "under", "above", "in_front", "behind"})
TILTING = frozenset({"plant", "gloss", "plain", "cloth"})

Outline = Callable[[str, float], NDArray[np.bool_]]
Aspect = Callable[[str, float], float]


@dataclass(frozen=True, slots=True)
class Piece:
    """One drawing: where its box is in the block (x of its middle, y of its bottom), and who is before whom (z)."""

    subject: int
    x: float
    y: float
    width: float
    height: float
    z: float = 0.0
    tilt: float = 0.0
    mirrored: bool = False
    held: bool = False
    resting: bool = False

    @property
    def left(self) -> float:
        """The left edge of its box."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """The right edge of its box."""
        return self.x + self.width / 2

    @property
    def top(self) -> float:
        """The upper edge of its box."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Block:
    """Pieces that belong together; the first is the one that bears the others."""

    pieces: tuple[Piece, ...]

    @property
    def left(self) -> float:
        """The left edge of the box around all pieces."""
        return min(piece.left for piece in self.pieces)

    @property
    def right(self) -> float:
        """The right edge of the box around all pieces."""
        return max(piece.right for piece in self.pieces)

    @property
    def width(self) -> float:
        """The width of the box around all pieces."""
        return self.right - self.left

    @property
    def top(self) -> float:
        """The height of the box above the feet of the first piece."""
        return max(piece.top for piece in self.pieces)

    @property
    def drop(self) -> float:
        """How far pieces reach below the feet of the first one: they stand nearer to the viewer."""
        return max(0.0, -min(piece.y for piece in self.pieces))

    def flipped(self) -> Block:
        """Give the mirror image of the block."""
        return Block(tuple(replace(piece, x=-piece.x, mirrored=not piece.mirrored) for piece in self.pieces))

    def moved(self, x: float, y: float, z: float = 0.0, scale: float = 1.0) -> Block:
        """Give the same block at another place: first scaled, then shifted."""
        return Block(
            tuple(
                replace(
                    p,
                    x=p.x * scale + x,
                    y=p.y * scale + y,
                    width=p.width * scale,
                    height=p.height * scale,
                    z=p.z + z,
                )
                for p in self.pieces
            )
        )


def span(subject: Subject) -> float:
    """How tall a subject is drawn, in spans: true heights drawn together, so that a mouse beside an elephant is seen.

    A power law (Stevens, "On the psychophysical law", 1957): 8 cm and 3 m differ by 2.9, not by 37.
    """
    return float(np.clip(subject.height, SMALLEST, LARGEST) ** POWER)


def single(index: int, subject: Subject, aspect: Aspect, rng: np.random.Generator) -> Piece:
    """One instance of a subject at the origin; of several, each a little different.

    Draws the same random numbers for every subject, whatever it is.
    """
    size, lean, flip = rng.uniform(-0.08, 0.08), rng.uniform(-1, 1), rng.random() < 0.4
    several = subject.count > 1
    reach = 6.0 if subject.material in TILTING and subject.height < 0.6 else 1.5
    tilt = round(lean * reach, 1) if several else 0.0
    tall = span(subject) * (1 + size * several)
    shape = aspect(subject.art, tilt)
    # Wide drawings (a crocodile, a train) get their size from the diagonal, or they would fill the picture.
    tall /= max(1.0, shape / 1.25) ** 0.5
    return Piece(index, 0, 0, tall * shape, tall, tilt=tilt, mirrored=several and bool(flip))


def row(pieces: list[Piece]) -> Block:
    """Pieces side by side with small gaps, the row's middle at the origin."""
    gap = 0.12 * float(np.mean([piece.width for piece in pieces]))
    total = sum(piece.width for piece in pieces) + gap * (len(pieces) - 1)
    placed, x = [], -total / 2
    for piece in pieces:
        placed.append(replace(piece, x=x + piece.width / 2))
        x += piece.width + gap
    return Block(tuple(placed))


def support(outline: NDArray[np.bool_], share: float) -> tuple[float, float]:
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


def _on(child: Block, bearer: Piece, art: str, outline: Outline, *, rides: bool) -> Block:
    """Seat a block on a drawing; people on mounts sit astride, their legs before its flank."""
    scale = min(1.0, 0.8 * bearer.width / child.width)
    child = child.moved(0, 0, scale=scale)
    if art in SEATS:
        flank, down = SEATS[art]
    else:
        flank, down = support(outline(art, bearer.tilt), min(0.9, 0.7 * child.width / bearer.width))
        down = min(0.9, down + 0.05)
    flank = 1 - flank if bearer.mirrored else flank
    sink = ASTRIDE * child.top if rides and art in MOUNTS else 0.0
    y = bearer.top - down * bearer.height - sink
    return child.moved(bearer.left + flank * bearer.width, max(y, 0.12 * bearer.height), bearer.z + 1)


def _in(child: Block, bearer: Piece, art: str, outline: Outline) -> Block:
    """Let a block look out of a drawing that holds it, a fifth of it hidden."""
    child = child.moved(0, 0, scale=min(1.0, 0.75 * bearer.width / child.width))
    flank, down = support(outline(art, bearer.tilt), 0.45)
    flank = 1 - flank if bearer.mirrored else flank
    reach = max(0.0, (bearer.width - child.width) / 2)
    x = bearer.x + float(np.clip((flank - 0.5) * bearer.width, -reach, reach))
    return child.moved(x, bearer.top - min(0.5, down) * bearer.height - 0.2 * child.top, bearer.z - 1)


def _over(child: Block, bearer: Block) -> Block:
    middle = (bearer.left + bearer.right) / 2
    return child.moved(middle, bearer.top + 0.12 * max(child.top, bearer.top) + child.drop, 0.5)


def _below(child: Block, bearer: Block) -> Block:
    middle = (bearer.left + bearer.right) / 2
    return child.moved(middle, -bearer.drop - 0.88 * child.top, bearer.pieces[0].z + 2)


def _aside(child: Block, bearer: Block, *, nearer: bool, side: int) -> Block:
    """Before or behind, and so far aside that little of the hinder one is hidden."""
    hinder = bearer if nearer else child
    covered = 0.2 * min(hinder.width, child.width, bearer.width)
    x = (bearer.width + child.width) / 2 - covered
    middle = (bearer.left + bearer.right) / 2
    step = 0.14 * min(bearer.top, child.top) * (-1 if nearer else 1)
    return child.moved(middle + side * x, step, 2 if nearer else -2)


# Where one sits on a drawing: shares of its box from the left and from the top. Others offer their upper edge.
SEATS: dict[str, tuple[float, float]] = {
    "couch-and-lamp": (0.42, 0.62),
    "couch": (0.62, 0.60),
    "bed": (0.58, 0.42),
    "chair": (0.52, 0.52),
    "bench": (0.50, 0.54),
    "seat": (0.45, 0.55),
    "toilet": (0.32, 0.52),
    "swing": (0.50, 0.75),
    "dining-table": (0.50, 0.12),
    "horse": (0.58, 0.44),
    "donkey": (0.50, 0.42),
    "camel": (0.60, 0.28),
    "elephant": (0.62, 0.14),
}
MOUNTS = frozenset({"horse", "donkey", "camel", "two-hump-camel", "elephant", "zebra", "cow", "deer"})
ASTRIDE = 0.30


@dataclass(frozen=True, slots=True)
class Plan:
    """The blocks of a scene: `ranks` orders them from left to right where they are told to be, else None."""

    blocks: tuple[Block, ...]
    ranks: tuple[int | None, ...]


def bearers(scene: Scene) -> dict[int, Relation]:
    """For every subject that hangs on another, the relation that says so; the first told wins, and none may circle."""
    found: dict[int, Relation] = {}
    for relation in scene.relations:
        if relation.place not in STACKED or relation.first in found or relation.first == relation.second:
            continue
        seen, at = {relation.first}, relation.second
        while at not in seen and at in found:
            seen.add(at)
            at = found[at].second
        if at != relation.first:
            found[relation.first] = relation
    return found


def root(index: int, hung: dict[int, Relation]) -> int:
    """Give the subject at the bottom of it all, on which this one hangs at last."""
    while index in hung:
        index = hung[index].second
    return index


def ranks(scene: Scene, hung: dict[int, Relation]) -> dict[int, int]:
    """Order from left to right for all subjects that have a told neighbour, by longest paths; circles are let be."""
    rank: dict[int, int] = {}
    pairs = []
    for relation in scene.relations:
        a, b = root(relation.first, hung), root(relation.second, hung)
        if a != b and relation.place in ("left", "right", "next_to"):
            pairs.append((b, a) if relation.place == "right" else (a, b))
    for index in {index for pair in pairs for index in pair}:
        rank[index] = 0
    for _ in range(len(rank)):
        for a, b in pairs:
            rank[b] = min(max(rank[b], rank[a] + 1), len(rank))
    return rank


def plan(scene: Scene, aspect: Aspect, outline: Outline, rng: np.random.Generator) -> Plan:
    """Gather a scene's subjects into blocks; free instances become blocks of their own."""
    hung = bearers(scene)
    children: dict[int, list[Relation]] = {}
    for relation in hung.values():
        children.setdefault(relation.second, []).append(relation)
    singles = [
        [single(i, subject, aspect, rng) for _ in range(max(1, subject.count))]
        for i, subject in enumerate(scene.subjects)
    ]
    sides = [1 if rng.random() < 0.5 else -1 for _ in scene.subjects]
    order, blocks, places = ranks(scene, hung), [], []
    for index in range(len(scene.subjects)):
        if index in hung:
            continue
        if index in children:
            made = [_grown(index, scene, singles, children, sides=sides, outline=outline)]
        else:
            made = [Block((piece,)) for piece in singles[index]]
        blocks += made
        places += [order.get(index)] * len(made)
    return Plan(tuple(blocks), tuple(places))


def _grown(
    index: int,
    scene: Scene,
    singles: list[list[Piece]],
    children: dict[int, list[Relation]],
    *,
    sides: list[int],
    outline: Outline,
) -> Block:
    """Make a subject's row with everything that hangs on it."""
    whole = row(singles[index])
    bearer = whole.pieces[len(whole.pieces) // 2]
    subject = scene.subjects[index]
    for place, members in _by_place(scene, children.get(index, [])).items():
        grown = [_grown(one, scene, singles, children, sides=sides, outline=outline) for one in members]
        grown = [
            block.moved(0, 0, scale=_truer(scene.subjects[one], subject))
            for one, block in zip(members, grown, strict=True)
        ]
        if place in ("in_front", "behind"):
            for i, child in enumerate(grown):
                placed = _aside(child, whole, nearer=place == "in_front", side=sides[index] * (-1) ** i)
                whole = Block(whole.pieces + placed.pieces)
            continue
        child = _abreast(grown)
        if place == "on":
            rides = any(scene.subjects[one].art in RIDERS for one in members)
            placed = _held(_on(child, bearer, subject.art, outline, rides=rides), resting=True)
        elif place == "in":
            placed = _held(_in(child, bearer, subject.art, outline))
        else:
            placed = _held(_over(child, whole)) if place == "above" else _below(child, whole)
        whole = Block(whole.pieces + placed.pieces)
    return whole


def _by_place(scene: Scene, hanging: list[Relation]) -> dict[Place, list[int]]:
    """Group what hangs on one thing by its place there; at one place, what is told to be left comes first."""
    found: dict[Place, list[int]] = {}
    for relation in hanging:
        found.setdefault(relation.place, []).append(relation.first)
    for members in found.values():
        for relation in scene.relations:
            pair = (relation.first, relation.second) if relation.place == "left" else (relation.second, relation.first)
            if relation.place in ("left", "right") and set(pair) <= set(members):
                i, j = members.index(pair[0]), members.index(pair[1])
                members[min(i, j)], members[max(i, j)] = pair
    return found


def _abreast(blocks: list[Block]) -> Block:
    """Put blocks side by side, with their middle at the origin."""
    if len(blocks) == 1:
        return blocks[0]
    gap = 0.1 * float(np.mean([block.width for block in blocks]))
    x = -(sum(block.width for block in blocks) + gap * (len(blocks) - 1)) / 2
    pieces: tuple[Piece, ...] = ()
    for block in blocks:
        pieces += block.moved(x - block.left, 0).pieces
        x += block.width + gap
    return Block(pieces)


def _truer(child: Subject, bearer: Subject) -> float:
    """Things that touch show their sizes more truly than things apart: a cat is small on a sofa."""
    return float(np.clip((child.height / max(SMALLEST, bearer.height)) ** 0.16, 0.55, 1.0))


def _held(block: Block, *, resting: bool = False) -> Block:
    """Give the block as something that does not touch the ground; `resting` where it touches what bears it."""
    lowest = min(piece.y for piece in block.pieces)
    return Block(tuple(replace(piece, held=True, resting=resting and piece.y == lowest) for piece in block.pieces))
