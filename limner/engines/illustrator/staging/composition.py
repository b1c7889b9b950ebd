"""Where everything stands: a scene's subjects placed in a picture, in pixels.

Blocks (see `arrangement`) are put into rows (see `rows`) on the ground, in the air or on the water. One scale holds
for all that stands together, so relative sizes stay true; it is the largest at which all fit with room around.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.staging.arrangement import Plan, plan
from limner.engines.illustrator.staging.blocks import Block, Piece
from limner.engines.illustrator.staging.frames import Band, Frame, Medium, Spot, Standing
from limner.engines.illustrator.staging.measures import Measures
from limner.engines.illustrator.staging.rows import filled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from limner.engines.illustrator.figures.art import Drawings
    from limner.engines.illustrator.scene import Scene, Subject

SUNK = {"floats": 0.24, "swims": 0.36, "stands": 0.30, "flies": 0.0}
HULL, CALYX = 0.10, 0.20
LONE, PAIR, MANY = 0.60, 0.56, 0.46
ROOTED = frozenset({"branch"})
AFLOAT = frozenset({"floats", "swims"})
DIVERS = frozenset({"turtle", "frog", "penguin", "seal", "otter", "beaver", "crocodile", "hippopotamus", "polar-bear"})
"""Those who walk on land but swim under water."""
NEARER = 1.3
"""How much larger what is on the ground of the sea is drawn than what swims above it: it is a little nearer."""


def compose(scene: Scene, pack: Drawings, frame: Frame, rng: np.random.Generator) -> tuple[Spot, ...]:
    """Place every instance of every subject; the spots come in the order to paint them, far things first.

    Counts are exact, of free instances no one hides more than a fifth of another, nothing leaves the frame.
    """
    if not scene.subjects:
        return ()
    made = plan(scene, Measures(pack), rng)
    standing: list[Standing] = []
    for part, band in _bands(_parted(scene, made, frame), frame, rng):
        placed = filled(scene, part, _truer(scene, part, band, standing), frame, rng)
        alone = len(placed) == 1
        standing += [_thirds(scene, placed[0], band, frame, rng)] if alone else [inside(p, band, frame) for p in placed]
    standing = [_rooted(scene, _faced(scene, one, frame), frame) for one in standing]
    spots = [spotted(scene, one, piece, frame) for one in standing for piece in one.block.pieces]
    return tuple(sorted(spots, key=lambda spot: spot.order))


def _parted(scene: Scene, made: Plan, frame: Frame) -> dict[Medium, Plan]:
    """Tell what stands on the ground, what is in the air and what on a pond; told neighbours stay together.

    Only those on a pond may be told to be beside those on its shore.
    """
    subjects = [scene.subjects[block.pieces[0].subject] for block in made.blocks]
    media = [home_of(scene, one, frame) for one in subjects]
    related = [i for i, rank in enumerate(made.ranks) if rank is not None]
    there = {media[i] for i in related}
    if len(there) > 1 and not (there == {"ground", "water"} and _sides(made, media)):
        for i in related:
            media[i] = "ground" if frame.surface != "air" else "air"
    kinds: tuple[Medium, ...] = ("air", "water", "ground")
    return {kind: _picked(made, [medium == kind for medium in media]) for kind in kinds}


def home_of(scene: Scene, subject: Subject, frame: Frame) -> Medium:
    """Tell where a subject is at home; what neither floats nor swims stands on the ground of the sea."""
    if frame.surface == "air":
        sinks = subject.stance == "stands" and subject.art not in DIVERS
        return "ground" if scene.setting == "underwater" and sinks else "air"
    if frame.pond is not None and subject.stance in AFLOAT:
        return "water"
    return "air" if subject.stance == "flies" else "ground"


def _truer(scene: Scene, part: Plan, band: Band, swimmers: Sequence[Standing]) -> Band:
    """Let those on the ground of the sea be truly as large beside those who swim: a crab is no giant to a fish."""
    if scene.setting != "underwater" or band.medium == "air" or not swimmers:
        return band
    scale = NEARER * max(one.scale for one in swimmers)
    return replace(band, tallest=min(band.tallest, scale * max(block.top for block in part.blocks)))


def _sides(made: Plan, media: Sequence[Medium]) -> int:
    """Tell on which side of the others those on the water are told to be: -1 left, 1 right, 0 neither."""
    pairs = list(zip(made.ranks, media, strict=True))
    wet = [rank for rank, medium in pairs if rank is not None and medium == "water"]
    dry = [rank for rank, medium in pairs if rank is not None and medium == "ground"]
    if not wet or not dry:
        return 0
    return -1 if max(wet) < min(dry) else 1 if min(wet) > max(dry) else 0


def _picked(made: Plan, wanted: list[bool]) -> Plan:
    return Plan(
        tuple(block for block, yes in zip(made.blocks, wanted, strict=True) if yes),
        tuple(rank for rank, yes in zip(made.ranks, wanted, strict=True) if yes),
    )


def _bands(parts: dict[Medium, Plan], frame: Frame, rng: np.random.Generator) -> list[tuple[Plan, Band]]:
    """Give every part of a plan its part of the picture: flying things above, the shore beside the water."""
    flying, afloat, grounded = parts["air"], parts["water"], parts["ground"]
    found = []
    if flying.blocks:
        found.append((flying, _air(frame, bool(afloat.blocks or grounded.blocks))))
    crowned = bool(flying.blocks)
    land = _ground(frame, len(grounded.blocks), crowned=crowned)
    if afloat.blocks and frame.pond is not None:
        pond = _pond(frame, frame.pond, len(afloat.blocks), crowned=crowned)
        if grounded.blocks:
            side = _told_side(afloat, grounded) or (1 if rng.random() < 0.5 else -1)
            pond, land = _beside(pond, land, side)
        found.append((afloat, pond))
    if grounded.blocks:
        found.append((grounded, land))
    return found


def _told_side(afloat: Plan, grounded: Plan) -> int:
    """Tell on which side those on the water are told to be, 0 where nothing is told."""
    wet, dry = ([rank for rank in part.ranks if rank is not None] for part in (afloat, grounded))
    return (1 if min(wet) > min(dry) else -1) if wet and dry else 0


def _beside(pond: Band, land: Band, side: int) -> tuple[Band, Band]:
    """Share the width out between what is on the water and what is on its shore."""
    middle, gap = (land.left + land.right) / 2, 0.03 * land.width
    if side > 0:
        return replace(pond, left=max(middle + gap, pond.left)), replace(land, right=middle - gap)
    return replace(pond, right=min(middle - gap, pond.right)), replace(land, left=middle + gap)


def _ground(frame: Frame, count: int, *, crowned: bool) -> Band:
    """Give the band that things stand in; under flying things it keeps to the lower part."""
    share = LONE if count <= 1 else PAIR if count == 2 else MANY
    medium: Medium = "water" if frame.surface == "water" else "ground"
    top = max(0.40, frame.top + 0.25) if crowned else frame.top
    rows = top * frame.height, frame.far * frame.height, frame.near * frame.height
    return Band(*rows, medium, share * frame.unit, *frame.sides)


def _pond(frame: Frame, rows: tuple[float, float], count: int, *, crowned: bool) -> Band:
    """Give the band of those who float in a place whose stage is land."""
    land, (left, right) = _ground(frame, count, crowned=crowned), frame.sides
    banks = max(left, frame.banks[0] * frame.width), min(right, frame.banks[1] * frame.width)
    far, near = rows[0] * frame.height, rows[1] * frame.height
    return Band(land.top, far, near, "water", land.tallest, *banks)


def _air(frame: Frame, over_ground: bool) -> Band:
    """Give the band that things fly in: all of an empty sky, or what is above the heads of those who stand."""
    bottom = 0.38 if over_ground else 0.90 if frame.surface == "air" else min(0.78, frame.far)
    height, top = frame.height, frame.top * frame.height
    tallest = 0.26 if over_ground else 0.62
    return Band(top, top, bottom * height, "air", tallest * frame.unit, *frame.sides)


def _thirds(scene: Scene, one: Standing, band: Band, frame: Frame, rng: np.random.Generator) -> Standing:
    """Place a lone block: on a third of a wide picture, about the middle of others, and now and then mirrored."""
    side, stray, size, turned = rng.uniform(-1, 1), rng.uniform(-0.06, 0.06), rng.uniform(0.92, 1.0), rng.random() < 0.5
    told = any(relation.place in ("left", "right") for relation in scene.relations)
    faces = scene.subjects[one.block.pieces[0].subject].faces
    if turned and not told and (len(one.block.pieces) > 1 or faces != "front"):
        one = replace(one, block=one.block.flipped())
    one = replace(one, scale=one.scale * size)
    whole = band.width / (1 - 2 * frame.margin)
    narrow = one.block.width * one.scale < 0.42 * whole
    wide = whole > 1.3 * frame.height and narrow
    shift = 0.14 * float(np.sign(side)) if wide and len(one.block.pieces) == 1 else 0.0
    stray *= 0.6 if shift else 1.0
    centre = (band.left + band.right) / 2 - (one.block.left + one.block.right) / 2 * one.scale
    return inside(replace(one, x=centre + (shift + stray) * whole), band, frame)


def inside(one: Standing, band: Band, frame: Frame) -> Standing:
    """Move it back into its part of the picture where jitter has led out of it."""
    loose = 0.4 * frame.margin * frame.width
    left, right = one.x + one.block.left * one.scale, one.x + one.block.right * one.scale
    x = one.x + max(0.0, band.left - loose - left) - max(0.0, right - band.right - loose)
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


def _rooted(scene: Scene, one: Standing, frame: Frame) -> Standing:
    """Let what grows on something outside the picture come in from the side: a branch without its tree."""
    first = one.block.pieces[0]
    if scene.subjects[first.subject].art not in ROOTED or scene.subjects[first.subject].count > 1:
        return one
    edge = frame.width - first.right * one.scale if first.mirrored else -first.left * one.scale
    return replace(one, x=edge)


def spotted(scene: Scene, one: Standing, piece: Piece, frame: Frame) -> Spot:
    """Make a piece of a standing block in pixels; on water it goes in up to its waterline."""
    subject = scene.subjects[piece.subject]
    width, height = piece.width * one.scale, piece.height * one.scale
    bottom = one.foot - piece.y * one.scale
    hovers = one.medium == "ground" and subject.stance == "flies"
    medium: Medium = "air" if piece.held or hovers else one.medium
    foot = bottom
    if medium == "water":
        living = subject.material in ("fur", "skin") or subject.stance != "floats"
        deep = height * (SUNK[subject.stance] if living else CALYX if subject.material == "plant" else HULL)
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
