"""Answering edits and variations: pictures of ours from their plans, foreign ones from their pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from limner.engines.illustrator.delivering import Order, delivered, described, made
from limner.engines.illustrator.editing.changes import Edit, changed
from limner.engines.illustrator.editing.foreign import Wanted, done_over, varied, wanted
from limner.engines.illustrator.editing.pictures import Box, area, covering, decoded, merged
from limner.engines.illustrator.editing.plans import Plan, plan_of
from limner.engines.illustrator.editing.understanding import unchanged
from limner.engines.illustrator.figures.foliage import in_season
from limner.engines.illustrator.language.vocabulary import vocabulary
from limner.engines.illustrator.painter import paint
from limner.engines.illustrator.printing.encoding import flattened
from limner.engines.illustrator.staging.keeping import Kept
from limner.errors import ApiNotImplemented, BadRequest

if TYPE_CHECKING:
    from limner.engines.base import Job, Picture
    from limner.engines.illustrator.pack import ArtPack
    from limner.engines.illustrator.painter import Pixels
    from limner.engines.illustrator.reporting import Reporter
    from limner.engines.illustrator.scene import Place, Scene
    from limner.engines.illustrator.staging.frames import Spot

OTHER_SEED = 2**31
PROBE = 96, 96
THIRD = 0.3
"""Where the middle of what is moved to the left is, as a share of the width."""
COVERED = 0.7
"""How much of somebody a mask has to cover for them to be what is painted over."""


def answered(job: Job, pack: ArtPack, reporter: Reporter) -> Picture:
    """Change the first of the job's pictures as its prompt says, or make a variation of it.

    Raises `ApiNotImplemented` for what is not understood or cannot be done, `BadRequest` for a picture or a mask that
    cannot be read.
    """
    if not job.images:
        raise BadRequest("An edit needs a picture to change.", param="image")
    plan = plan_of(job.images[0].plan, pack.names)
    if job.operation == "vary":
        return _varied(job, plan, pack, reporter)
    others = [plan_of(one.plan, pack.names) for one in job.images[1:]]
    known = tuple(other.scene for other in others if other is not None)
    if plan is None:
        if others:
            raise ApiNotImplemented(
                "Several pictures can be brought together only where all were made by this model.", param="image"
            )
        return _foreign(job, pack, reporter)
    if len(known) < len(others):
        raise ApiNotImplemented(
            "Only pictures that were made by this model can be brought into another one.", param="image"
        )
    return _own(job, plan, known, pack, reporter)


def _varied(job: Job, plan: Plan | None, pack: ArtPack, reporter: Reporter) -> Picture:
    """Paint the same scene with another seed, or a foreign picture in another medium and other colours."""
    if plan is None:
        return _retouched(job, varied(job.seed), pack, reporter)
    seed = job.seed if job.seed != plan.seed else job.seed + OTHER_SEED
    return delivered(job, Order(plan.scene, seed, retouch=plan.retouch), pack, reporter)


def _own(job: Job, plan: Plan, brought: tuple[Scene, ...], pack: ArtPack, reporter: Reporter) -> Picture:
    """Paint a picture of ours again, with its scene changed as the prompt says."""
    local = None if job.mask is None else _Local(decoded(job.images[0]), job.mask, (job.width, job.height))
    hidden = frozenset() if local is None else _hidden(plan, local.box)
    edit = changed(plan.scene, job.prompt, vocabulary(pack), brought=brought, hidden=hidden, retouch=plan.retouch)
    if local is not None and edit.retouch.moves and edit.retouch != plan.retouch:
        raise ApiNotImplemented("A mask and another cut do not go together.", param="mask")
    if edit.cut_out and job.output_format == "jpeg":
        raise BadRequest("JPEG has no transparency: ask for output_format png or webp.", param="background")
    now = replace(edit.draft.settled(), prompt=f"{plan.scene.prompt}; {job.prompt}")
    if _is_faint(plan.scene, now) and not _is_seen(plan, now, pack):
        raise unchanged(job.prompt)
    order = Order(
        now,
        plan.seed,
        _kept(plan, edit, local),
        None if local is None else local.over,
        edit.retouch,
        edit.cut_out,
        lasting=local is None or not edit.everywhere,
    )
    return delivered(job, order, pack, reporter)


def _is_faint(before: Scene, now: Scene) -> bool:
    """Whether a change may be one that the place does not show: there is no rain in a kitchen."""
    same = replace(now, weather=before.weather, details=before.details, mood=before.mood, palette=before.palette)
    return now != replace(before, prompt=now.prompt) and replace(same, prompt=before.prompt) == before


def _is_seen(plan: Plan, now: Scene, pack: ArtPack) -> bool:
    """Try in small whether a changed scene looks otherwise."""
    before, after = (
        paint(scene, size=PROBE, seed=plan.seed, quality="low", pack=pack).pixels for scene in (plan.scene, now)
    )
    return not np.array_equal(before, after)


class _Local:
    """The old pixels, and where a mask lets them be changed: shares (H, W), and the box around those."""

    def __init__(self, old: Pixels, mask: bytes, size: tuple[int, int]) -> None:
        self.old = covering(old, *size)
        self.share, self.box = area(mask, size)

    def over(self, pixels: Pixels) -> Pixels:
        """Give the old pixels with new ones where they may be."""
        return merged(self.old, pixels, self.share)


def _hidden(plan: Plan, box: Box) -> frozenset[int]:
    """Tell whom a mask covers, so that they are what is painted over."""
    x0, y0, x1, y1 = box
    wide, high = plan.stage.width, plan.stage.height
    found = set()
    for spot in plan.spots:
        across = min(x1 * wide, spot.x + spot.width) - max(x0 * wide, spot.x)
        down = min(y1 * high, spot.y + spot.height) - max(y0 * high, spot.y)
        if max(0.0, across) * max(0.0, down) >= COVERED * spot.width * spot.height:
            found.add(spot.subject)
    return frozenset(found)


def _kept(plan: Plan, edit: Edit, local: _Local | None) -> Kept:
    """Tell who keeps their place: all who were there and do not go elsewhere, as far as there are so many of them."""
    usual = in_season(plan.scene).subjects
    now = {one.was: at for at, one in enumerate(edit.draft.members) if one.was is not None and not one.moved}
    spots = []
    for spot in plan.places:
        at = now.get(spot.subject)
        if at is None or spot.one >= edit.draft.members[at].subject.count:
            continue
        # What is just its subject's drawing is drawn as that is now.
        art = "" if spot.art == usual[spot.subject].art else spot.art
        spots.append(replace(spot, subject=at, art=art))
    members = list(enumerate(edit.draft.members))
    for member, side in edit.draft.shifts:
        group = {at for at, one in members if one in edit.draft.together(member)}
        spots = _shifted(spots, group, side, plan.stage.width)
    return Kept(
        tuple(spots),
        plan.stage,
        frozenset(at for at, one in members if one.changed),
        {at: one.grown for at, one in members},
        None if local is None else local.box,
    )


def _shifted(spots: list[Spot], group: set[int], side: Place, width: int) -> list[Spot]:
    """Move a group that is alone in the picture to one side of it."""
    boxes = [(spot.x, spot.x + spot.width) for spot in spots if spot.subject in group]
    if not boxes:
        return spots
    left, right = min(box[0] for box in boxes), max(box[1] for box in boxes)
    aim = THIRD * width if side == "left" else (1 - THIRD) * width
    wide = right - left
    start = min(max(aim - wide / 2, 0.04 * width), max(0.0, 0.96 * width - wide))
    start = min(start, left) if side == "left" else max(start, left)
    return [replace(spot, x=spot.x + start - left) if spot.subject in group else spot for spot in spots]


def _foreign(job: Job, pack: ArtPack, reporter: Reporter) -> Picture:
    param = "prompt" if job.mask is None else "mask"
    return _retouched(job, wanted(job.prompt, vocabulary(pack), param=param), pack, reporter)


def _retouched(job: Job, what: Wanted, pack: ArtPack, reporter: Reporter) -> Picture:
    """Do to a foreign picture what can be done to pixels, and only where the mask lets it be."""
    if job.mask is not None and what.retouch.moves:
        raise ApiNotImplemented("A mask and another cut do not go together.", param="mask")
    size = job.width, job.height
    reporter.step("decode", 0.02)
    given = decoded(job.images[0])
    if given.shape[2] == 3 and job.background == "transparent":
        raise ApiNotImplemented(
            "Nothing can be cut out of a picture that was not made by this model.", param="background"
        )
    local = None if job.mask is None else _Local(given, job.mask, size)
    reporter.step("retouch", 0.15)
    small = covering(given, *size) if local is not None else given
    pixels = done_over(small, what, size, seed=job.seed, pack=pack, quality=job.quality)
    reporter.step("finish", 0.8)
    if local is not None:
        pixels = local.over(pixels)
    if job.background == "opaque":
        pixels = flattened(pixels)
    reporter.show("lit", lambda: flattened(pixels))
    sentence = what.told()
    scene = described(job, sentence, None, ()) | {"text": list(what.text)}
    # It is not of our making, so that nothing is said of how it came to be.
    return msgspec.structs.replace(made(job, pixels, sentence, scene, reporter, plan=None), origin=None)
