"""Acting: who takes which pose, and props, hats and seats brought to the points where they belong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.figures.bodies import is_person, usual
from limner.engines.illustrator.figures.casting import is_solid
from limner.engines.illustrator.figures.poses import parsed
from limner.engines.illustrator.figures.props import BODY, GRIPS, LARGEST, OWN_GRIPS, PAIRED, SMALLEST, Grip, fit_of
from limner.engines.illustrator.figures.seats import CLEAR, SEATS, STAND_INS, VESSELS, WINDOWS
from limner.engines.illustrator.staging.blocks import Block, Piece, alone
from limner.engines.illustrator.staging.measures import Measures, span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from limner.engines.illustrator.figures.anchors import Anchors
    from limner.engines.illustrator.figures.limbs import Point
    from limner.engines.illustrator.figures.seats import Seat
    from limner.engines.illustrator.scene import Place, Relation, Scene, Subject

HURRIED = frozenset({"city", "street", "skyline", "kitchen", "studio"})
IDLE_PEOPLE = ("stand+rest", "stand+wave", "walk+rest", "stand+hips")
IDLE_BEASTS = ("sit+rest", "sit+wave", "stand+wave")
LIKELY_PEOPLE, LIKELY_BEASTS = (0.34, 0.64, 0.84), (0.5, 0.78)
STANDING = frozenset({"person-standing", "man-standing", "woman-standing"})
"""People drawn whole, but unlike all others; they get the bodies that the others have."""
TWO = 2
MIDDLE = 0.4
"""Paws farther to the left than this are left hands."""
STRING = 0.42
"""Which share of a balloon's drawing is string."""
NEAR = 0.15
"""Hands closer together than this are one and the same."""
WIDE = 0.72
"""Props wider than this, in heads, are carried with the hands apart."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a subject is to do: hold this, sit there, look out of a vessel or a window, stand there in its new coat.

    `chance` (0..1) picks among poses where nothing is told.
    """

    chance: float
    held: Subject | None = None
    seat: Seat | None = None
    hurried: bool = False
    swims: bool = False
    peeps: bool = False
    dressed: bool = False
    windowed: bool = False


def cast_for(
    scene: Scene, index: int, chance: float, at: Relation | None, carried: Mapping[Place, list[Subject]]
) -> Part:
    """Tell what a subject of a scene is to do: `at` what it is on, in or under, `carried` what it has held and worn."""
    held = next(iter(carried["held"]), None)
    dressed = any(fit_of(one.art).at in ("collar", "feet", "hands") for one in carried["worn"])
    subject = scene.subjects[index]
    where = scene.subjects[at.second].art if at else ""
    seat = SEATS.get(where) if at and at.place == "on" else None
    peeps = at is not None and at.place == "in" and (where in VESSELS or where in STAND_INS) and where not in CLEAR
    swims = subject.stance in ("floats", "swims", "flies") or scene.setting in ("sea", "underwater", "river")
    windowed = at is not None and at.place == "in" and where in WINDOWS
    return Part(chance, held, seat, scene.setting in HURRIED, swims, peeps or windowed, dressed, windowed)


def take_pose(piece: Piece, subject: Subject, part: Part, measures: Measures) -> Piece:
    """Put a piece into the pose of its part; drawings without a body to pose stay as they are."""
    actor = measures.actor(subject.art)
    told = part.held is not None or part.seat is not None or part.peeps or part.dressed
    if actor is None or (part.swims and not told):
        return piece
    own = actor == subject.art or subject.art in STANDING
    if not (own or part.held is not None or part.peeps or part.dressed or _climbs(actor, part.seat)):
        return piece
    legs, arms = _pose(actor, subject, part, measures)
    return measures.posed(replace(piece, tilt=0.0), subject.art, legs, arms)


def _pose(actor: str, subject: Subject, part: Part, measures: Measures) -> tuple[str, str]:
    """Tell how to stand or sit, and what to do with the arms."""
    if part.windowed:
        return "bust", "rest"
    legs, arms = ("peep", "rim") if part.peeps else ("stand", "rest") if part.dressed else _idle(actor, part.chance)
    if part.held is not None:
        grip = grip_of(part.held, subject)
        sits = (grip.sits and not part.hurried) or usual(actor) == "sit"
        legs = legs if part.peeps or part.dressed else "sit" if sits else "stand"
        arms = _reach(grip, part.held, measures)
    if part.seat is not None:
        legs = part.seat.legs
        arms = part.seat.arms if part.held is None else arms
    return legs, arms


def _climbs(actor: str, seat: Seat | None) -> bool:
    """Whether a creature drawn whole gives up its drawing to sit there: people always, beasts to ride astride."""
    return seat is not None and (is_person(actor) or seat.legs == "astride")


def _idle(art: str, chance: float) -> tuple[str, str]:
    """Pick a pose for one who has nothing to do."""
    person = is_person(art) or usual(art) == "stand"
    poses, likely = (IDLE_PEOPLE, LIKELY_PEOPLE) if person else (IDLE_BEASTS, LIKELY_BEASTS)
    legs, _, arms = poses[int(np.searchsorted(likely, chance, side="right"))].partition("+")
    return legs, arms


def grip_of(prop: Subject, holder: Subject) -> Grip:
    """Tell how a thing is held: as the table says, else by its true size beside the holder's."""
    if (holder.art, prop.art) in OWN_GRIPS:
        return OWN_GRIPS[holder.art, prop.art]
    if prop.art in GRIPS:
        return GRIPS[prop.art]
    ratio = span(prop) / max(span(holder), 1e-3)
    return Grip("hold", "hands", (0.5, 0.66), float(np.clip(1.9 * ratio, SMALLEST, LARGEST)))


def _reach(grip: Grip, prop: Subject, measures: Measures) -> str:
    """Hands that hold something wide before the chest go apart."""
    wide = (grip.tall or 0.6) * measures.aspect(prop.art)
    return "carry" if grip.arms == "hold" and wide > WIDE else grip.arms


def equipped(
    base: Piece,
    subject: Subject,
    held: list[tuple[Subject, Block]],
    worn: list[tuple[Subject, Block]],
    measures: Measures,
) -> Block:
    """Give an instance with all that it holds and wears; the drawing's own left and right, mirrored at the end."""
    upright = replace(base, mirrored=False)
    points = measures.anchors(upright, subject.art)
    whole = alone(upright)
    for prop, block in _dressing(worn):
        if fit_of(prop.art).at in PAIRED:
            whole = whole.joined(_pair(upright, points, prop, block, measures))
            continue
        whole = whole.joined(_worn(upright, points, prop, block, measures))
    for i, (prop, block) in enumerate(held):
        whole = whole.joined(_held(upright, points, (subject, prop), block, measures, turn=(i, len(held))))
    hands = measures.grip(upright) if held else None
    if hands is not None:
        whole = whole.joined(alone(replace(hands, z=upright.z + 0.2)))
    return whole.flipped() if base.mirrored else whole


def _dressing(worn: list[tuple[Subject, Block]]) -> list[tuple[Subject, Block]]:
    """Give clothes in the order they are put on: what is worn behind or low first, hats last."""
    order = ("back", "collar", "chest", "neck", "eyes", "ears", "top", "feet", "hands")
    return sorted(worn, key=lambda one: order.index(fit_of(one[0].art).at))


@dataclass(frozen=True, slots=True)
class _Hold:
    """How a prop is brought to its holder: how large, how turned, and which of its points comes where."""

    scale: float
    tilt: float
    flip: bool
    behind: bool
    point: Point
    at: Point


def _held(
    base: Piece,
    points: Anchors,
    who: tuple[Subject, Subject],
    block: Block,
    measures: Measures,
    *,
    turn: tuple[int, int],
) -> Block:
    """Bring a prop to the hands; of several, the second goes to the other hand, more are spread out."""
    hold = _hold(base, points, who, block.pieces[0], turn)
    if not base.art:
        hold = _pawed(base, points, who, block.pieces[0], hold)
    to, z = (hold.point, hold.at), -0.1 if hold.behind else 0.1
    return _brought(block, who[1], hold.scale, hold.tilt, to, measures=measures, z=z, flip=hold.flip)


def _hold(base: Piece, points: Anchors, who: tuple[Subject, Subject], prop: Piece, turn: tuple[int, int]) -> _Hold:
    """Tell how somebody with hands holds the i-th of many."""
    grip, (i, many) = grip_of(who[1], who[0]), turn
    aside = grip.at == "right"
    scale = (grip.tall or 0.6) * points.head * base.height / prop.height * (0.8 if many > 1 and aside else 1.0)
    spots: dict[str, Point] = {
        "hands": points.hands, "right": points.right, "mouth": points.mouth, "chest": points.chest
    }  # fmt: skip
    spot, tilt, across = spots[grip.at], grip.tilt, 0.0
    if aside and is_solid(who[1].art):
        across = 1.0 * i
    elif aside:
        tilt -= 26.0 * (i - (many - 1) / 2)
    elif many == TWO:
        spot = (points.left, points.right)[i]
    else:
        across = 0.9 * (i - (many - 1) / 2)
    x, y = base.at(spot)
    return _Hold(scale, tilt, grip.flip, grip.behind, grip.point, (x + across * scale * prop.width, y))


def _pawed(base: Piece, points: Anchors, who: tuple[Subject, Subject], prop: Piece, hold: _Hold) -> _Hold:
    """Change a hold for one drawn whole: nothing hides behind it, and what a left paw has leans to the left."""
    grip, left = grip_of(who[1], who[0]), points.left[0] < MIDDLE
    if who[1].art == "umbrella":
        # Who has no arm to raise has it over the head all the same, its stem behind the back.
        x = (hold.at[0] + base.x) / 2
        scale, over = 1.4 * base.width / prop.width, base.at((0.5, min(points.top[1], 0.08) - 0.06))
        return replace(hold, scale=scale, tilt=6.0 if left else -6.0, behind=True, point=(0.5, 0.62), at=(x, over[1]))
    if who[1].art == "balloon":
        return replace(hold, scale=min(1.4, points.right[1] / STRING) * base.height / prop.height, behind=False)
    if grip.behind:
        x, y = hold.at
        wide = prop.width * hold.scale
        beside = min(x, base.left - 0.2 * wide) if left else max(x, base.right + 0.2 * wide)
        return replace(hold, at=(beside, y), behind=False)
    own = (who[0].art, who[1].art) in OWN_GRIPS
    return replace(hold, flip=hold.flip != (grip.at == "right" and left and not own))


def _apart(left: Point, right: Point) -> tuple[Point, Point]:
    """Give both hands; of those who are drawn with one, the forefeet."""
    return (left, right) if right[0] - left[0] > NEAR else ((0.34, 0.90), (0.66, 0.90))


def _pair(base: Piece, points: Anchors, prop: Subject, block: Block, measures: Measures) -> Block:
    """Bring a garment to both hands or feet, the right one the mirror image of the left; both are one instance."""
    fit = fit_of(prop.art)
    spots = points.feet if fit.at == "feet" else _apart(points.left, points.right)
    block = Block((measures.worn(block.pieces[0], prop.art), *block.pieces[1:]))
    scale = fit.wide * points.brow * base.width / block.pieces[0].width
    to = [(fit.point, base.at(spot)) for spot in spots] or [(fit.point, base.at((0.5, 0.9)))]
    pair = [_brought(block, prop, scale, 0.0, one, measures=measures, z=0.15, flip=bool(i)) for i, one in enumerate(to)]
    others = [Block(tuple(replace(piece, part=True) for piece in other.pieces)) for other in pair[1:]]
    return pair[0].joined(*others)


def _worn(base: Piece, points: Anchors, prop: Subject, block: Block, measures: Measures) -> Block:
    """Bring a garment to where it is worn, as wide as it has to be."""
    fit = fit_of(prop.art)
    garment = measures.worn(block.pieces[0], prop.art)
    block = Block((replace(garment, height=fit.tall * garment.height), *block.pieces[1:]))
    across = (points.girth if fit.at in BODY else points.brow) * base.width
    spots: dict[str, Point] = {
        "top": points.top, "eyes": points.eyes, "neck": points.neck, "chest": points.chest, "back": points.chest,
        "collar": points.neck, "ears": (points.top[0], (points.eyes[1] + points.top[1]) / 2),
    }  # fmt: skip
    if fit.at == "neck" and not base.art:
        # Of beasts drawn whole, the neck is wider than the brow.
        across *= 1.3
    scale = fit.wide * across / block.pieces[0].width
    at = base.at(spots[fit.at])
    z = -0.1 if fit.behind or fit.at == "back" else 0.05
    return _brought(block, prop, scale, fit.tilt, (fit.point, at), measures=measures, z=z)


def _brought(
    block: Block,
    prop: Subject,
    scale: float,
    tilt: float,
    to: tuple[Point, Point],
    *,
    measures: Measures,
    z: float,
    flip: bool = False,
) -> Block:
    """Scale and tilt a block, and move it so that a point of its first drawing comes to a place."""
    point, (x, y) = to
    block = block.moved(0, 0, scale=scale)
    first = replace(block.pieces[0], mirrored=flip)
    if tilt and len(block.pieces) == 1 and not is_solid(prop.art):
        first = measures.tilted(replace(first, tilt=0.0), prop.art, tilt)
        rad = np.deg2rad(tilt)
        before = block.pieces[0]
        dx, dy = (point[0] - 0.5) * before.width, (point[1] - 0.5) * before.height
        px, py = dx * np.cos(rad) - dy * np.sin(rad), dx * np.sin(rad) + dy * np.cos(rad)
        point = 0.5 + float(px) / first.width, 0.5 + float(py) / first.height
    # Drawings are turned first and mirrored then.
    point = (1 - point[0], point[1]) if flip else point
    block = Block((first, *block.pieces[1:]))
    px_, py_ = first.at(point)
    return block.moved(x - px_, y - py_, z).lifted()


def seated(child: Block, subject: Subject, bearer: Piece, seat: Seat, measures: Measures) -> Block:
    """Bring the hips of who sits to the seat; who stands there, the soles; looking the way the mount looks."""
    if bearer.mirrored:
        child = child.flipped()
    first = child.pieces[0]
    x, y = bearer.at((1 - seat.point[0] if bearer.mirrored else seat.point[0], seat.point[1]))
    legs = parsed(first.art)[1]
    if legs in ("seat", "astride", "sit"):
        px, py = first.at(measures.anchors(first, subject.art).hips)
    else:
        # Beasts drawn whole lie or stand a little into the cushion.
        px, py = first.x, first.y + 0.03 * first.height
    return child.moved(x - px, y - py, bearer.z + 1)
