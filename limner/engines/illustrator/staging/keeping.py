"""Who stands where already: an arrangement kept while a scene is changed.

Whoever is not touched by the change keeps their place. Whoever is changed is made anew in the same place; whoever comes
goes where there is room. Only where that cannot be the scene is composed afresh.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.staging.arrangement import plan
from limner.engines.illustrator.staging.composition import compose, home_of, spotted
from limner.engines.illustrator.staging.finding import Room, place_for
from limner.engines.illustrator.staging.frames import Frame, Spot, Stage, Standing
from limner.engines.illustrator.staging.measures import Measures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from limner.engines.illustrator.figures.art import Drawings
    from limner.engines.illustrator.scene import Scene
    from limner.engines.illustrator.staging.arrangement import Plan
    from limner.engines.illustrator.staging.blocks import Block, Piece
    from limner.engines.illustrator.staging.frames import Medium

OTHER_SHAPE = 1.3
"""How much wider or taller a picture may become, by its ratio, before it is composed afresh."""
DIGITS = 3
LOOSE = 0.02
"""By how much of the height a title may cover who was under it already."""
LEAST = 0.55
"""How small all may become to make room for a title, before the scene is composed afresh."""
CLOSER = (0.86, 0.74, 0.62)
"""How much smaller all may become to make room for somebody, before the scene is composed afresh."""
SETTLED = {"ground": "ground", "grass": "ground", "snow": "ground", "sand": "ground", "leaves": "ground"}
"""Surfaces that one stands on alike; the others are like themselves only."""

Key = tuple[int, int]
"""A subject's index and which of its instances."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An arrangement to keep: `spots` on a `stage`, of subjects of the scene to paint now.

    `changed` are subjects that look or do something else now, or are new; `grown` tells how many times as large as
    before some of them are drawn. `within` is a box (x0, y0, x1, y1), in shares of the picture, that whoever is new
    goes into.
    """

    spots: tuple[Spot, ...]
    stage: Stage
    changed: frozenset[int] = frozenset()
    grown: Mapping[int, float] = field(default_factory=dict)
    within: tuple[float, float, float, float] | None = None


def restaged(
    scene: Scene, pack: Drawings, frame: Frame, rng: np.random.Generator, kept: Kept | None
) -> tuple[Spot, ...]:
    """Place every instance of every subject as `compose` does, but those in their places who have one.

    Places are told to a thousandth of a pixel, so that they can be written down and are the same when read.
    """
    return tuple(_written(spot) for spot in _restaged(scene, pack, frame, rng, kept))


def _written(spot: Spot) -> Spot:
    x, y, width, height, foot = (
        round(float(value), DIGITS) for value in (spot.x, spot.y, spot.width, spot.height, spot.foot)
    )
    order = round(float(spot.order[0]), DIGITS), float(spot.order[1])
    return replace(spot, x=x, y=y, width=width, height=height, foot=foot, order=order)


def _restaged(
    scene: Scene, pack: Drawings, frame: Frame, rng: np.random.Generator, kept: Kept | None
) -> tuple[Spot, ...]:
    stage = frame.stage(scene.setting)
    if kept is None or not scene.subjects:
        return compose(scene, pack, frame, rng)
    carried = _carried(kept, stage)
    made = plan(scene, Measures(pack), rng)
    for closer in () if carried is None else _closer(carried, frame):
        spots = _arranged(scene, made, closer, kept, frame)
        if spots is not None:
            return spots
    return compose(scene, pack, frame, rng)


def _closer(spots: tuple[Spot, ...], frame: Frame) -> Iterator[tuple[Spot, ...]]:
    """Yield an arrangement as it is, and then ever smaller at one side or the other, to make room for who comes."""
    yield spots
    if not spots:
        return
    ground = max(spot.order[0] for spot in spots) or frame.near * frame.height
    edges = min(spot.x for spot in spots), max(spot.x + spot.width for spot in spots)
    for scale in CLOSER:
        for side, edge in zip(frame.sides, edges, strict=True):
            shrunk = (_shrunk(spot, scale, edge, ground, ground) for spot in spots)
            yield tuple(replace(spot, x=spot.x + side - edge) for spot in shrunk)


def _carried(kept: Kept, now: Stage) -> tuple[Spot, ...] | None:
    """Bring an arrangement onto another stage; None where nobody could stand there as they did."""
    was = kept.stage
    if was == now:
        return kept.spots
    if was.setting != now.setting and (_settled(was) != _settled(now) or was.pond or now.pond):
        return None
    shape = (now.width / now.height) / (was.width / was.height)
    if not 1 / OTHER_SHAPE <= shape <= OTHER_SHAPE:
        return None
    return _under(tuple(_moved(spot, was, now) for spot in kept.spots), was, now)


def _settled(stage: Stage) -> str:
    return SETTLED.get(stage.surface, stage.surface)


def _moved(spot: Spot, was: Stage, now: Stage) -> Spot:
    """Give a spot at the same place of another stage: as far from the viewer, as far from the middle."""
    scale = min(now.width / was.width, now.height / was.height)
    foot = spot.order[0]
    if foot:
        depth = (foot / was.height - was.far) / max(1e-3, was.near - was.far)
        there = now.far + float(np.clip(depth, -0.5, 1.1)) * (now.near - now.far)
        there = foot / was.height if (was.far, was.near) == (now.far, now.near) else there
        ground = there * now.height
        down = ground - foot * scale
    else:
        ground = 0.0
        down = (spot.y + spot.height / 2) * (now.height / was.height - scale)
    x = now.width / 2 + (spot.x - was.width / 2) * scale
    return replace(
        spot,
        x=x,
        y=spot.y * scale + down,
        width=spot.width * scale,
        height=spot.height * scale,
        foot=spot.foot * scale + down,
        order=(ground, spot.order[1]),
    )


def _under(spots: tuple[Spot, ...], was: Stage, now: Stage) -> tuple[Spot, ...] | None:
    """Make all smaller, towards their feet, where a new title would cover them; None where that leaves too little."""
    top, bottom = now.top * now.height, now.bottom * now.height
    highest, lowest = min(spot.y for spot in spots), max(spot.y + spot.height for spot in spots)
    titled = now.top > was.top + LOOSE or now.bottom < was.bottom - LOOSE
    if not titled or (highest >= top - LOOSE * now.height and lowest <= bottom + LOOSE * now.height):
        return spots
    low = min(lowest, bottom)
    scale = (low - top) / max(1.0, lowest - highest)
    if scale >= 1:
        return tuple(_shrunk(spot, 1.0, now.width / 2, lowest, low) for spot in spots)
    return tuple(_shrunk(spot, scale, now.width / 2, lowest, low) for spot in spots) if scale >= LEAST else None


def _shrunk(spot: Spot, scale: float, middle: float, lowest: float, low: float) -> Spot:
    """Make a spot smaller about a point on the ground, which itself moves from one row to another."""
    foot = spot.order[0]
    return replace(
        spot,
        x=middle + (spot.x - middle) * scale,
        y=low + (spot.y - lowest) * scale,
        width=spot.width * scale,
        height=spot.height * scale,
        foot=low + (spot.foot - lowest) * scale,
        order=(low + (foot - lowest) * scale if foot else 0.0, spot.order[1]),
    )


def _arranged(scene: Scene, made: Plan, carried: tuple[Spot, ...], kept: Kept, frame: Frame) -> tuple[Spot, ...] | None:
    """Put together who stays, who is changed in their place, and who comes; None where somebody finds no room."""
    at = {(spot.subject, spot.one): spot for spot in reversed(carried) if not spot.part}
    spots: list[Spot] = []
    coming: list[int] = []
    for i, block in enumerate(made.blocks):
        keys = {(piece.subject, piece.one) for piece in block.pieces}
        if keys <= at.keys() and not {subject for subject, _ in keys} & kept.changed:
            spots += [spot for spot in carried if (spot.subject, spot.one) in keys]
        elif keys & at.keys():
            one = _remade(block, at, kept, frame)
            spots += [spotted(scene, one, piece, frame) for piece in one.block.pieces]
        else:
            coming.append(i)
    for i in coming:
        first = scene.subjects[made.blocks[i].pieces[0].subject]
        home = "water" if frame.surface == "water" else home_of(scene, first, frame)
        found = place_for(made.blocks[i], home, _room(made, i, spots, kept, frame), frame)
        if found is None:
            return None
        spots += [spotted(scene, found, piece, frame) for piece in found.block.pieces]
    return tuple(sorted((_drawn(scene, spot) for spot in spots), key=lambda spot: spot.order))


def _drawn(scene: Scene, spot: Spot) -> Spot:
    """Give a spot the drawing that its subject has now, where it has none of its own."""
    return spot if spot.art else replace(spot, art=scene.subjects[spot.subject].art)


def _remade(block: Block, at: Mapping[Key, Spot], kept: Kept, frame: Frame) -> Standing:
    """Put a block where the first of its pieces was that has a place already, as large as that was."""
    anchor = next(piece for piece in block.pieces if (piece.subject, piece.one) in at and not piece.part)
    spot = at[anchor.subject, anchor.one]
    if spot.mirrored != anchor.mirrored:
        block = block.flipped()
        anchor = next(one for one in block.pieces if (one.subject, one.one) == (anchor.subject, anchor.one))
    hangs = spot.medium == "air" and spot.order[0]
    medium: Medium = ("water" if frame.surface == "water" else "ground") if hangs else spot.medium
    scale = _size(spot, anchor) * kept.grown.get(anchor.subject, 1.0)
    # A flying thing has no ground; what was borne and stands now comes down to the ground of what bore it.
    foot = spot.order[0] or spot.y + spot.height + anchor.y * scale
    loose = 0.4 * frame.margin * frame.width
    top, left, right = frame.top * frame.height, frame.sides[0] - loose, frame.sides[1] + loose
    scale = min(scale, (foot - top) / max(1e-6, block.top), (right - left) / max(1e-6, block.width))
    x = spot.x + spot.width / 2 - anchor.x * scale
    x += max(0.0, left - x - block.left * scale) - max(0.0, x + block.right * scale - right)
    return Standing(block, x, foot, scale, medium)


def _size(spot: Spot, piece: Piece) -> float:
    """Give how many pixels a span is where a piece is as large as its spot."""
    return float(np.sqrt(spot.width * spot.height / max(1e-9, piece.width * piece.height)))


def _room(made: Plan, i: int, spots: Sequence[Spot], kept: Kept, frame: Frame) -> Room:
    """Tell what room there is for a block: beside all who have their places, on the side where it is told to be."""
    pieces = {(piece.subject, piece.one): piece for block in made.blocks for piece in block.pieces if not piece.part}
    at = {(spot.subject, spot.one): spot for spot in spots if not spot.part}
    sizes = [_size(spot, pieces[key]) for key, spot in at.items() if key in pieces]
    left, right = frame.sides
    rank = made.ranks[i]
    near = None
    for block, other in zip(made.blocks, made.ranks, strict=True):
        root = at.get((block.pieces[0].subject, block.pieces[0].one))
        if rank is None or other is None or root is None or other == rank:
            continue
        near = root.x + root.width / 2
        left, right = (max(left, near), right) if other < rank else (left, min(right, near))
    within = None
    if kept.within is not None:
        x0, y0, x1, y1 = kept.within
        within = x0 * frame.width, y0 * frame.height, x1 * frame.width, y1 * frame.height
    taken = tuple((spot.x, spot.y, spot.x + spot.width, spot.y + spot.height) for spot in spots)
    feet = tuple(sorted({spot.order[0] for spot in spots if spot.order[0]}))
    return Room(taken, float(np.median(sizes)) if sizes else None, left, right, near, within, feet)
