"""Where everything stands: a scene's subjects placed in a picture, in pixels.

Blocks (see `arrangement`) are put into rows on the ground, in the air or on the water. One scale holds
for all that stands together, so relative sizes stay true; it is the largest at which all fit with room around.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from limner.engines.illustrator.staging.arrangement import Plan, plan
from limner.engines.illustrator.staging.blocks import Block, Piece
from limner.engines.illustrator.staging.measures import Measures

if TYPE_CHECKING:
    from limner.engines.illustrator.figures.art import Drawings
    from limner.engines.illustrator.scene import Scene

Medium = Literal["ground", "water", "air"]

ROWS = 4
SUNK = {"floats": 0.24, "swims": 0.36, "stands": 0.30, "flies": 0.0}
HULL = 0.10
HERO = 1.3
LONE, PAIR, MANY = 0.60, 0.56, 0.46


@dataclass(frozen=True, slots=True)
class Frame:
    """The picture to fill: its size in pixels, the ground's far and near line, what it is made of.

    `far`, `near` and `horizon` are fractions of the height; `surface` is a backdrop's surface.
    `margin` is the share of the width that stays free at each side; `top` and `bottom`, shares of the
    height, are where subjects may begin and must end; `fill` is how much larger than usual they may be.
    """

    width: int
    height: int
    far: float
    near: float
    surface: str
    horizon: float = 0.5
    margin: float = 0.055
    top: float = 0.05
    bottom: float = 0.955
    fill: float = 1.0

    @property
    def unit(self) -> float:
        """The length everything is measured by: the height, or less in a tall picture."""
        return self.fill * min(float(self.height), 1.25 * self.width)


@dataclass(frozen=True, slots=True)
class Spot:
    """One instance in its place: its box in pixels (x0, y0, width, height), how it is turned, and what it is on.

    `art` is the drawing to paint; a `part` is no instance but belongs to instance `one` of its subject, painted before.
    `foot` is the row of the ground (or water) under it; a `medium` of "air" has none to touch. `resting` things
    lie on others. Spots are to be painted in the order they are given.
    """

    subject: int
    x: float
    y: float
    width: float
    height: float
    tilt: float
    mirrored: bool
    medium: Medium
    foot: float
    resting: bool
    order: tuple[float, float]
    art: str = ""
    one: int = 0
    part: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """A part of the picture that blocks are placed in: from `top` to `near` (px), feet between `far` and `near`."""

    top: float
    far: float
    near: float
    medium: Medium
    tallest: float


@dataclass(frozen=True, slots=True)
class Standing:
    """A block with its feet in the picture, and the scale in pixels per span that it is drawn at."""

    block: Block
    x: float
    foot: float
    scale: float
    medium: Medium


@dataclass(frozen=True, slots=True)
class _RowAt:
    """Which row it is, of how many, in which band; the scale of the nearest row, and its group's tallest, in pixels."""

    band: Band
    frame: Frame
    scale: float
    depth: int
    deep: int
    tallest: float


def compose(scene: Scene, pack: Drawings, frame: Frame, rng: np.random.Generator) -> tuple[Spot, ...]:
    """Place every instance of every subject; the spots come in the order to paint them, far things first.

    Counts are exact, free instances have boxes that do not touch, nothing leaves the frame.
    """
    if not scene.subjects:
        return ()
    made = plan(scene, Measures(pack), rng)
    grounded, flying = _parted(scene, made, frame)
    standing: list[Standing] = []
    if flying.blocks:
        standing += _filled(scene, flying, _air(frame, bool(grounded.blocks)), frame, rng)
    if grounded.blocks:
        band = _ground(frame, len(grounded.blocks), crowned=bool(flying.blocks))
        standing += _filled(scene, grounded, band, frame, rng)
    standing = [_faced(scene, one, frame) for one in standing]
    spots = [_spot(scene, one, piece, frame) for one in standing for piece in one.block.pieces]
    return tuple(sorted(spots, key=lambda spot: spot.order))


def _parted(scene: Scene, made: Plan, frame: Frame) -> tuple[Plan, Plan]:
    """Tell what stands on the ground and what is in the air; what has a told neighbour stays with its neighbours."""
    airy = frame.surface == "air"
    up = [
        airy or (rank is None and scene.subjects[block.pieces[0].subject].stance == "flies")
        for block, rank in zip(made.blocks, made.ranks, strict=True)
    ]
    related = [rank is not None for rank in made.ranks]
    if any(related) and not airy:
        told = [block for block, yes in zip(made.blocks, related, strict=True) if yes]
        flying = [scene.subjects[block.pieces[0].subject].stance == "flies" for block in told]
        up = [u or (r and all(flying)) for u, r in zip(up, related, strict=True)]
    return _picked(made, [not u for u in up]), _picked(made, up)


def _picked(made: Plan, wanted: list[bool]) -> Plan:
    return Plan(
        tuple(block for block, yes in zip(made.blocks, wanted, strict=True) if yes),
        tuple(rank for rank, yes in zip(made.ranks, wanted, strict=True) if yes),
    )


def _ground(frame: Frame, count: int, *, crowned: bool) -> Band:
    """Give the band that things stand in; under flying things it keeps to the lower part."""
    share = (LONE, PAIR)[count - 1] if count <= 2 else MANY
    medium: Medium = "water" if frame.surface == "water" else "ground"
    top = max(0.40, frame.top + 0.25) if crowned else frame.top
    return Band(top * frame.height, frame.far * frame.height, frame.near * frame.height, medium, share * frame.unit)


def _air(frame: Frame, over_ground: bool) -> Band:
    """Give the band that things fly in: all of an empty sky, or what is above the heads of those who stand."""
    bottom = 0.38 if over_ground else 0.90 if frame.surface == "air" else min(0.78, frame.far)
    height, top = frame.height, frame.top * frame.height
    tallest = 0.26 if over_ground else 0.62
    return Band(top, top, bottom * height, "air", tallest * frame.unit)


def _lines(scene: Scene, made: Plan, rng: np.random.Generator) -> list[list[Block]]:
    """Give the blocks in groups from left to right: one group for each told place, all free ones mixed in one.

    A hero among free ones gets a group to itself, with the others to both sides.
    """
    order = rng.permutation(len(made.blocks))
    last = rng.random() < 0.5
    groups: dict[int, list[Block]] = {}
    free: list[Block] = []
    for i in order:
        place = made.ranks[i]
        (free if place is None else groups.setdefault(place, [])).append(made.blocks[i])
    ordered = [groups[place] for place in sorted(groups)]
    if not ordered and _has_hero(scene, free):
        hero = next(block for block in free if block.pieces[0].subject == 0)
        others = [block for block in free if block is not hero]
        half = (len(others) + last) // 2
        return [others[:half], [hero.moved(0, 0, scale=HERO)], others[half:]]
    if free:
        ordered.insert(len(ordered) if last else 0, free)
    return ordered


def _has_hero(scene: Scene, free: list[Block]) -> bool:
    """Whether the first subject is one among several others, and not dwarfed by them."""
    if scene.subjects[0].count != 1 or not 3 <= len(free) <= 9 or all(block.pieces[0].subject for block in free):
        return False
    tallest = max(block.top for block in free)
    return any(block.pieces[0].subject == 0 and HERO * block.top >= 0.8 * tallest for block in free)


def _in_rows(blocks: list[Block], count: int) -> list[list[Block]]:
    """Share blocks out to rows, the nearest row first and shortest; small blocks come forward, big ones stay behind."""
    count = min(count, len(blocks))
    weights = np.cumsum([1 + 0.28 * i for i in range(count)])
    ends = [round(float(end)) for end in weights / weights[-1] * len(blocks)]
    by_height = sorted(range(len(blocks)), key=lambda i: round(blocks[i].top, 1))
    rows = [sorted(by_height[start:end]) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    return [[blocks[i] for i in row] for row in rows if row]


def _receding(depth: int) -> float:
    """How much smaller things look in the rows behind."""
    return float(0.92**depth)


def _gap(row: list[Block]) -> float:
    return 0.16 * float(np.mean([block.width for block in row]))


def _extent(row: list[Block], depth: int = 0) -> float:
    return (sum(block.width for block in row) + _gap(row) * (len(row) - 1)) * _receding(depth)


def _breadth(rows: list[list[Block]]) -> float:
    """Give the width of the widest row of a group."""
    return max(_extent(row, depth) for depth, row in enumerate(rows))


def _scale(groups: list[list[list[Block]]], band: Band, frame: Frame) -> float:
    """Give the largest scale at which groups of rows fit into the band: in width, in height and in depth."""
    blocks = [block for rows in groups for row in rows for block in row]
    wide = sum(_breadth(rows) for rows in groups) + 0.3 * (len(groups) - 1) * max(block.width for block in blocks)
    loose = 0.94 if len(blocks) > 3 else 1.0
    scale = loose * min(frame.width * (1 - 2 * frame.margin), 2.1 * frame.height) / wide
    tall, drop = max(block.top + block.drop for block in blocks), max(block.drop for block in blocks)
    joined = 1.42 if any(len(block.pieces) > 1 for block in blocks) else 1.0
    scale = min(scale, band.tallest * joined / tall, (band.near - band.top) / tall)
    deep = max(len(rows) for rows in groups)
    if band.medium == "air":
        return min(scale, (band.near - band.top) / (deep * 1.12 * tall))
    if drop:
        scale = min(scale, 1.6 * (band.near - band.far) / drop)
    for depth in range(1, deep):
        behind = max((b.top for rows in groups if len(rows) > depth for b in rows[depth]), default=0.0)
        room = _reach(band, frame, deep)[0] - _step(band, frame, deep) * depth - band.top
        scale = min(scale, 0.9 * room / max(1e-6, behind * _receding(depth)))
        before = max(block.top for rows in groups if len(rows) > depth for block in rows[depth - 1])
        scale = min(scale, _step(band, frame, deep) / (1.09 * before * _receding(depth - 1)))
    return scale


def _step(band: Band, frame: Frame, deep: int) -> float:
    """Give the distance between rows on the ground, in pixels."""
    near, far = _reach(band, frame, deep)
    return (near - far) / max(1, deep - 1)


def _reach(band: Band, frame: Frame, deep: int) -> tuple[float, float]:
    """Give the nearest and the farthest row of pixels to stand on; several rows use more of the ground than one."""
    near = max(band.near, (frame.bottom - 0.005) * frame.height) if band.medium == "ground" else band.near
    beyond = (0.0, 0.0, 0.2, 0.5, 0.6)[min(deep, ROWS)]
    return near, band.far - beyond * max(0.0, band.far - frame.horizon * frame.height)


def _filled(scene: Scene, made: Plan, band: Band, frame: Frame, rng: np.random.Generator) -> list[Standing]:
    """Put blocks into a band, in as many rows as make them largest."""
    lines = _lines(scene, made, rng)
    layouts = [[_in_rows(group, count) for group in lines] for count in range(1, ROWS + 1)]
    scales = [_scale(groups, band, frame) for groups in layouts]
    best = int(np.argmax([scale * 0.94**i for i, scale in enumerate(scales)]))
    return _spread(scene, layouts[best], scales[best], band, frame=frame, rng=rng)


def _spread(
    scene: Scene, groups: list[list[list[Block]]], scale: float, band: Band, *, frame: Frame, rng: np.random.Generator
) -> list[Standing]:
    """Give every block its feet: groups from left to right, the slack shared out between and around them."""
    widths = [_breadth(rows) * scale for rows in groups]
    slack = frame.width * (1 - 2 * frame.margin) - sum(widths)
    gap = min(slack / (len(groups) + 0.4), 0.45 * float(np.mean(widths))) if len(groups) > 1 else 0.0
    x = (frame.width - sum(widths) - gap * (len(groups) - 1)) / 2
    placed: list[Standing] = []
    for rows, wide in zip(groups, widths, strict=True):
        room = min(wide * 1.25, wide + slack / len(groups) * 0.5)
        tallest = max(block.top for row in rows for block in row) * scale
        for depth, row in enumerate(rows):
            placed += _row(row, x + wide / 2, room, _RowAt(band, frame, scale, depth, len(rows), tallest), rng)
        x += wide + gap
    if len(placed) == 1:
        return [_thirds(scene, placed[0], frame, rng)]
    return [_inside(one, frame) for one in placed]


def _row(row: list[Block], middle: float, room: float, spot: _RowAt, rng: np.random.Generator) -> list[Standing]:
    """One row of a group around its middle, irregular in spacing and in depth."""
    scale = spot.scale * _receding(spot.depth)
    extent_ = sum(block.width for block in row) * scale
    shares = rng.uniform(0.2, 1.8, len(row))[1:]
    spare = min(max(0.0, room - extent_), 1.8 * _gap(row) * scale * len(shares))
    gaps = [0.0, *(shares / max(1e-6, float(shares.sum())) * spare)]
    x = middle - (extent_ + sum(gaps)) / 2
    placed = []
    for i, block in enumerate(row):
        x += gaps[i]
        foot = _foot(block, spot, scale, rng, i=i, count=len(row))
        placed.append(Standing(block, x - block.left * scale, foot, scale, spot.band.medium))
        x += block.width * scale
    return placed


def _foot(block: Block, spot: _RowAt, scale: float, rng: np.random.Generator, *, i: int, count: int) -> float:
    """Give the row of pixels a block stands on: single rows go to and fro in depth, many keep clear of each other."""
    wander, band = float(rng.uniform(-1, 1)), spot.band
    zigzag = (-1.0) ** i if count > 1 else 0.0
    if band.medium == "air":
        cell = (band.near - band.top) / spot.deep
        spare = max(0.0, cell - (block.top + block.drop) * scale)
        return band.near - spot.depth * cell - spare * float(np.clip(0.5 + 0.26 * zigzag + 0.22 * wander, 0.04, 0.96))
    if spot.deep > 1:
        full = _step(band, spot.frame, spot.deep)
        step = min(full, 1.3 * spot.tallest)
        nearest = _reach(band, spot.frame, spot.deep)[0] - 0.5 * (full - step) * (spot.deep - 1)
        # The hindmost row may wander where nobody stands; the others keep clear of those behind.
        loose = 0.10 if spot.depth == spot.deep - 1 else 0.035
        return nearest - step * spot.depth - loose * block.top * scale * (wander + 1)
    stagger = 0.24 * zigzag if count > 2 else 0.0
    share = float(np.clip(0.66 + stagger + 0.10 * wander, 0.1, 1.0))
    return max(band.top + block.top * scale, band.far + (band.near - band.far) * share - 0.5 * block.drop * scale)


def _thirds(scene: Scene, one: Standing, frame: Frame, rng: np.random.Generator) -> Standing:
    """Place a lone block: on a third of a wide picture, about the middle of others, and now and then mirrored."""
    side, stray, size, turned = rng.uniform(-1, 1), rng.uniform(-0.06, 0.06), rng.uniform(0.92, 1.0), rng.random() < 0.5
    told = any(relation.place in ("left", "right") for relation in scene.relations)
    faces = scene.subjects[one.block.pieces[0].subject].faces
    if turned and not told and (len(one.block.pieces) > 1 or faces != "front"):
        one = replace(one, block=one.block.flipped())
    one = replace(one, scale=one.scale * size)
    wide = frame.width > 1.3 * frame.height and one.block.width * one.scale < 0.42 * frame.width
    shift = 0.14 * float(np.sign(side)) if wide and len(one.block.pieces) == 1 else 0.0
    stray *= 0.6 if shift else 1.0
    centre = frame.width / 2 - (one.block.left + one.block.right) / 2 * one.scale
    return _inside(replace(one, x=centre + (shift + stray) * frame.width), frame)


def _inside(one: Standing, frame: Frame) -> Standing:
    """Move it back into the picture where jitter has led out of it."""
    margin = 0.6 * frame.margin * frame.width
    left, right = one.x + one.block.left * one.scale, one.x + one.block.right * one.scale
    x = one.x + max(0.0, margin - left) - max(0.0, right - (frame.width - margin))
    lowest = one.foot + one.block.drop * one.scale
    foot = one.foot - max(0.0, lowest - frame.bottom * frame.height)
    return replace(one, x=x, foot=foot)


def _faced(scene: Scene, one: Standing, frame: Frame) -> Standing:
    """Turn it so that a subject at the side looks into the picture, where the drawing is known to look aside."""
    first = one.block.pieces[0]
    faces, several = scene.subjects[first.subject].faces, scene.subjects[first.subject].count > 1
    if faces == "front" or several or len(one.block.pieces) > 1:
        return one
    aside = one.x - frame.width / 2
    if abs(aside) < 0.06 * frame.width:
        return one
    looks_out = (faces == "left") == (aside < 0)
    return replace(one, block=Block((replace(first, mirrored=looks_out),)))


def _spot(scene: Scene, one: Standing, piece: Piece, frame: Frame) -> Spot:
    """Make a piece of a standing block in pixels; on water it goes in up to its waterline."""
    subject = scene.subjects[piece.subject]
    width, height = piece.width * one.scale, piece.height * one.scale
    bottom = one.foot - piece.y * one.scale
    medium: Medium = "air" if piece.held or (one.medium == "ground" and subject.stance == "flies") else one.medium
    foot = bottom
    if medium == "water":
        living = subject.material in ("fur", "skin") or subject.stance != "floats"
        deep = height * (SUNK[subject.stance] if living else HULL)
        foot, bottom = bottom - deep / 2, bottom + deep / 2
    return Spot(
        piece.subject,
        one.x + piece.x * one.scale - width / 2,
        min(bottom, frame.height + (0.0 if medium != "water" else height)) - height,
        width,
        height,
        piece.tilt,
        piece.mirrored,
        medium,
        foot,
        piece.resting,
        (0.0 if one.medium == "air" else one.foot, piece.z),
        piece.art or subject.art,
        piece.one,
        piece.part,
    )
