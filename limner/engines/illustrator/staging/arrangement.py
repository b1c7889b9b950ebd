"""Who stands with whom: instances of subjects gathered into blocks.

A block is a thing with all that is on it, in it, above, under, before and behind it, and with what it holds and wears.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.figures.seats import AQUARIA, CLOSED, DISHES, LYING, SEATS, STAND_INS, STEMLESS, STEMMED
from limner.engines.illustrator.scene import Relation
from limner.engines.illustrator.staging.acting import cast_for, equipped, take_pose
from limner.engines.illustrator.staging.blocks import Block, Piece, abreast, alone
from limner.engines.illustrator.staging.measures import SMALLEST, Measures, single
from limner.engines.illustrator.staging.places import (
    TOWERING,
    below,
    fanned,
    heaped,
    on,
    over,
    served,
    settled,
    sheltered,
    shelters,
    staggered,
    standing_in,
    within,
)

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Place, Scene, Subject

STANDING = frozenset({"piano", "drum-kit", "harp", "easel", "telescope", "gramophone", "cannon", "microscope"})
"""What is played or used standing on the ground, before those who do."""
HEAP = 3
"""So many things in a vessel lie one on the other."""
LIVING = frozenset({"fur", "skin", "cloth"})
CARRIED: frozenset[Place] = frozenset({"held", "worn"})
STACKED: frozenset[Place] = CARRIED.union(("on", "in", "under", "above", "in_front", "behind"))


@dataclass(frozen=True, slots=True)
class Plan:
    """The blocks of a scene: `ranks` orders them from left to right where they are told to be, else None."""

    blocks: tuple[Block, ...]
    ranks: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class _Company:
    """A scene with what hangs on what, all that is needed to gather its blocks."""

    scene: Scene
    measures: Measures
    singles: list[list[Piece]]
    children: dict[int, list[Relation]]
    sides: list[int]


def bearers(scene: Scene, measures: Measures) -> dict[int, Relation]:
    """For every subject that hangs on another, the relation that says so; the first told wins, and none may circle."""
    found: dict[int, Relation] = {}
    for told in scene.relations:
        relation = _taken(scene, told, measures)
        if relation.place not in STACKED or relation.first in found or relation.first == relation.second:
            continue
        seen, at = {relation.first}, relation.second
        while at not in seen and at in found:
            seen.add(at)
            at = found[at].second
        if at != relation.first:
            found[relation.first] = relation
    return found


def _taken(scene: Scene, relation: Relation, measures: Measures) -> Relation:
    """Take a relation as it is meant, where it can be drawn better than it was told.

    Who is under an umbrella and has hands holds it; what a chair or a tree holds, who is there holds;
    a piano stands before its player, and so does what is in a cupboard drawn shut before its door; what is in a dish
    lies on it.
    """
    if relation.place in CARRIED and scene.subjects[relation.second].material not in LIVING:
        near = ("on", "in", "under")
        sitters = [one.first for one in scene.relations if one.place in near and one.second == relation.second]
        other = next((one for one in sitters if one != relation.first), relation.second)
        return Relation(relation.first, relation.place, other)
    who, what = scene.subjects[relation.first], scene.subjects[relation.second]
    if relation.place == "in" and what.art in CLOSED:
        return Relation(relation.first, "in_front", relation.second)
    if relation.place == "held" and who.art in STANDING:
        return Relation(relation.first, "in_front", relation.second)
    if relation.place == "under" and what.art == "umbrella" and measures.actor(who.art) and who.count <= what.count:
        return Relation(relation.second, "held", relation.first)
    return relation


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


def plan(scene: Scene, measures: Measures, rng: np.random.Generator) -> Plan:
    """Gather a scene's subjects into blocks; free instances become blocks of their own."""
    hung = bearers(scene, measures)
    company = _company(scene, measures, hung, rng)
    order, blocks, places = ranks(scene, hung), [], []
    for index in range(len(scene.subjects)):
        if index in hung:
            continue
        stacked = any(relation.place not in CARRIED for relation in company.children.get(index, []))
        made = [_grown(index, company)] if stacked else _figures(index, company)
        blocks += made
        places += [order.get(index)] * len(made)
    return Plan(tuple(blocks), tuple(places))


def _company(scene: Scene, measures: Measures, hung: dict[int, Relation], rng: np.random.Generator) -> _Company:
    """Give every instance its size and pose, drawing the same random numbers whatever hangs on what."""
    children: dict[int, list[Relation]] = {}
    for relation in hung.values():
        children.setdefault(relation.second, []).append(relation)
    # A board that somebody stands on lies flat.
    borne = {relation.second for relation in hung.values() if relation.place == "on"}
    within_ = {relation.second: scene.subjects[relation.first] for relation in hung.values() if relation.place == "in"}
    trodden = {i for i in borne if scene.subjects[i].art in LYING}
    singles = []
    for i, subject in enumerate(scene.subjects):
        carried = {
            place: [scene.subjects[r.first] for r in children.get(i, []) if r.place == place] for place in CARRIED
        }
        made = []
        for one in range(max(1, subject.count)):
            piece, chance = single(i, subject, measures, rng, one), rng.random()
            part = cast_for(scene, i, chance, hung.get(i), carried)
            if i in within_:
                others = AQUARIA if within_[i].stance == "swims" else STAND_INS
                piece = measures.instead(piece, others.get(subject.art, ""))
            if i in trodden:
                piece = measures.tilted(piece, subject.art, LYING[subject.art])
            made.append(take_pose(piece, subject, part, measures))
        singles.append(made)
    sides = [1 if rng.random() < 0.5 else -1 for _ in scene.subjects]
    return _Company(scene, measures, singles, children, sides)


def _figures(index: int, company: _Company) -> list[Block]:
    """Give the instances of a subject, each with what it holds and wears."""
    pieces = company.singles[index]
    carried = [relation for relation in company.children.get(index, []) if relation.place in CARRIED]
    if not carried:
        return [alone(piece) for piece in pieces]
    loads: dict[str, list[list[tuple[Subject, Block]]]] = {place: [[] for _ in pieces] for place in ("held", "worn")}
    for relation in carried:
        prop = company.scene.subjects[relation.first]
        for share, blocks in zip(
            loads[relation.place], _shared(_props(relation.first, company), len(pieces)), strict=True
        ):
            share += [(prop, block) for block in blocks]
    subject = company.scene.subjects[index]
    return [
        equipped(piece, subject, held, worn, company.measures)
        for piece, held, worn in zip(pieces, loads["held"], loads["worn"], strict=True)
    ]


def _props(index: int, company: _Company) -> list[Block]:
    """Give the instances of what is carried; with what is on and in it, if anything, as one."""
    stacked = any(relation.place not in CARRIED for relation in company.children.get(index, []))
    return [_grown(index, company)] if stacked else _figures(index, company)


def _shared(blocks: list[Block], among: int) -> list[list[Block]]:
    """Share things out: one each where there are enough, all the rest to the middle one."""
    shares: list[list[Block]] = [[] for _ in range(among)]
    if len(blocks) >= among and len(blocks) % among == 0:
        for i, block in enumerate(blocks):
            shares[i % among].append(block)
    elif len(blocks) < among:
        start = (among - len(blocks)) // 2
        for i, block in enumerate(blocks):
            shares[start + i].append(block)
    else:
        for i, block in enumerate(blocks):
            shares[min(i, among - 1)].append(block)
    return shares


def _grown(index: int, company: _Company) -> Block:
    """Make a subject's row with everything that hangs on it."""
    figures = _figures(index, company)
    whole = abreast(figures, 0.12)
    hanging = [r for r in company.children.get(index, []) if r.place not in CARRIED]
    for place, members in _by_place(company.scene, hanging).items():
        if place in ("in_front", "behind"):
            whole = _in_depth(whole, index, place, members, company)
            continue
        bearer = [piece for piece in whole.pieces if piece.subject == index and not piece.part][len(figures) // 2]
        touch = place in ("on", "in")
        close: Place = "in" if company.scene.subjects[index].art in DISHES else place
        grown = [
            _true(_crowd(one, company, close), one, index, company) if touch else _grown(one, company)
            for one in members
        ]
        child = abreast(grown)
        whole = _stacked(whole, bearer, child, company, place=place, members=members)
    return whole


def _crowd(index: int, company: _Company, place: Place) -> Block:
    """Put a subject's instances close together in a vessel: flowers fanned out, many things heaped up."""
    if place != "in" or company.children.get(index):
        return _grown(index, company)
    figures, subject = _figures(index, company), company.scene.subjects[index]
    if subject.art in STEMMED:
        return fanned(figures, subject.art, company.measures)
    heap = len(figures) >= HEAP and subject.material not in LIVING
    return heaped(figures) if heap else abreast(figures, -0.12)


def _true(block: Block, child: int, bearer: int, company: _Company) -> Block:
    """Things that touch show their sizes more truly than things apart: a cat is small on a sofa."""
    small, large = company.scene.subjects[child].height, company.scene.subjects[bearer].height
    return block.moved(0, 0, scale=float(np.clip((small / max(SMALLEST, large)) ** 0.16, 0.70, 1.0)))


def _beside(block: Block, child: int, bearer: int, company: _Company) -> Block:
    """Give what is before or behind something smaller than itself at a truer size, but for heroes before buildings."""
    return block if company.scene.subjects[child].material in LIVING else _true(block, child, bearer, company)


def _in_depth(whole: Block, index: int, place: Place, members: list[int], company: _Company) -> Block:
    """Join what is before or behind; the first piece stays the one that bears the others."""
    side = company.sides[index]
    others = [_beside(block, one, index, company) for one in members for block in _props(one, company)]
    if place == "in_front":
        alive = any(company.scene.subjects[one].material in LIVING for one in members)
        fronts, rear = staggered(others, whole, side, TOWERING if alive else 2 * TOWERING)
        return rear.joined(*fronts)
    for i, other in enumerate(others):
        (whole,), rear = staggered([whole], other, -side * (-1) ** i)
        # Back to where it was, and what is behind it with it.
        home = whole.pieces[0]
        whole, rear = whole.moved(-home.x, -home.y, -2), rear.moved(-home.x, -home.y, -2)
        whole = whole.joined(rear)
    return whole


def _stacked(
    whole: Block, bearer: Piece, child: Block, company: _Company, *, place: Place, members: list[int]
) -> Block:
    """Join what is on, in, above or under a bearer to its block."""
    subject = company.scene.subjects[bearer.subject]
    if place in ("on", "in") and subject.art in DISHES:
        return served(child, whole, bearer, subject.art)
    if place == "on":
        return _put_on(whole, bearer, child, company, members)
    if place == "in":
        return _put_in(whole, bearer, child, company, members)
    if place == "above":
        return whole.joined(over(child, whole))
    if shelters(subject.art, (company.scene.subjects[piece.subject] for piece in child.pieces)):
        return sheltered(child, whole, subject.art, company.sides[bearer.subject])
    return whole.joined(below(child, whole))


def _put_on(whole: Block, bearer: Piece, child: Block, company: _Company, members: list[int]) -> Block:
    """Join what is on a bearer: side by side on its seat, if it has one, else on the flattest stretch of its edge."""
    art, who, measures = (
        company.scene.subjects[bearer.subject].art,
        company.scene.subjects[members[0]],
        company.measures,
    )
    sitters = [piece for piece in child.pieces if piece.subject in members and not piece.part]
    seat = SEATS.get(art) if _may_sit(company.scene, sitters) else None
    if seat is not None and len(sitters) > 1:
        return settled(_level(child, company), whole, bearer, art, measures, seat=seat, who=who)
    return whole.joined(on(child, bearer, art, measures, seat=seat, who=who))


def _put_in(whole: Block, bearer: Piece, child: Block, company: _Company, members: list[int]) -> Block:
    """Join what is in a bearer: flowers stand in it with their stems, others look out of it."""
    art, who, measures = bearer.art or company.scene.subjects[bearer.subject].art, members[0], company.measures
    if all(company.scene.subjects[one].art in STEMMED for one in members):
        stemmed = company.scene.subjects[who].art not in STEMLESS
        return standing_in(child, whole, art, measures, stemmed=stemmed)
    return within(child, whole, art, measures)


def _may_sit(scene: Scene, sitters: list[Piece]) -> bool:
    """Whether some take a seat rather than the highest stretch: all in a pose, and the living on any furniture."""
    return all(piece.art or scene.subjects[piece.subject].material in ("fur", "skin") for piece in sitters)


def _level(child: Block, company: _Company) -> Block:
    """Bring the feet of those who stand on a seat to the hips of those who sit on it."""
    posed = [piece for piece in child.pieces if piece.art]
    if not posed:
        return child
    first = posed[0]
    hips = first.at(company.measures.anchors(first, company.scene.subjects[first.subject].art).hips)[1]
    return Block(tuple(piece if piece.art else replace(piece, y=piece.y + hips) for piece in child.pieces))


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
