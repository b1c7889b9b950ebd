from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.engines.illustrator.figures.bodies import wardrobe
from limner.engines.illustrator.pack import ArtPack
from limner.engines.illustrator.scene import Place, Relation, Scene, Subject
from limner.engines.illustrator.staging.arrangement import plan
from limner.engines.illustrator.staging.composition import compose
from limner.engines.illustrator.staging.frames import Frame, Spot
from limner.engines.illustrator.staging.measures import Measures, span
from limner.engines.illustrator.staging.places import support
from tests.engines.illustrator.paintbox import BALL, BOAT, BOX, CAT, PACK, SOFA, overlap, scene

if TYPE_CHECKING:
    from limner.engines.illustrator.figures.art import Drawings

SQUARE = Frame(512, 512, 0.68, 0.92, "ground")
SKY = replace(SQUARE, surface="air")
SEA = replace(SQUARE, surface="water")
FRAMES = (SQUARE, SKY, SEA, replace(SQUARE, width=2048, height=320), replace(SQUARE, width=160, height=1400))
Box = tuple[float, float, float, float]


def composed(what: Scene, frame: Frame = SQUARE, seed: int = 1, pack: Drawings = PACK) -> list[list[Spot]]:
    """Compose, and give the spots of every subject's instances."""
    spots = compose(what, pack, frame, np.random.default_rng(seed))
    return [[spot for spot in spots if spot.subject == i and not spot.part] for i in range(len(what.subjects))]


def box(spot: Spot) -> Box:
    return spot.x, spot.y, spot.x + spot.width, spot.y + spot.height


def inside(spot: Spot, frame: Frame) -> bool:
    x0, y0, x1, y1 = box(spot)
    bottom = spot.foot if spot.medium == "water" else y1
    return x0 >= -0.5 and y0 >= -0.5 and x1 <= frame.width + 0.5 and bottom <= frame.height + 0.5


@pytest.mark.parametrize("count", range(1, 13))
@pytest.mark.parametrize("frame", FRAMES)
def test_counts_are_exact_and_instances_whole_and_hardly_hidden(count: int, frame: Frame) -> None:
    (spots,) = composed(scene(replace(BALL, count=count)), frame)
    assert len(spots) == count
    assert all(inside(spot, frame) for spot in spots)
    # Those painted later are nearer; together they hide at most a quarter of any.
    ordered = sorted(spots, key=lambda spot: spot.order)
    for i, rear in enumerate(ordered):
        assert sum(hidden(box(rear), box(front)) for front in ordered[i + 1 :]) < 0.25


def test_groups_fill_the_picture_the_near_ones_larger() -> None:
    for count, least in ((5, 0.24), (7, 0.20), (10, 0.18), (12, 0.17)):
        (spots,) = composed(scene(replace(BALL, count=count)))
        sizes = [spot.height / 512 for spot in sorted(spots, key=lambda spot: spot.foot)]
        assert np.mean(sizes) > least
        assert np.mean(sizes[-2:]) > 1.1 * np.mean(sizes[:2])


def test_a_group_is_no_catalogue() -> None:
    (spots,) = composed(scene(replace(BALL, count=9)))
    assert len({round(spot.width) for spot in spots}) > 4
    assert len({round(spot.foot) for spot in spots}) > 4
    assert len({spot.mirrored for spot in spots}) == 2
    assert len({spot.tilt for spot in spots}) > 4


def test_a_lone_subject_is_the_hero() -> None:
    ((spot,),) = composed(scene(CAT))
    assert 0.45 < spot.height / 512 < 0.62
    assert abs(spot.x + spot.width / 2 - 256) < 40


def test_a_lone_subject_stands_on_a_third_of_a_wide_picture_and_looks_into_it() -> None:
    wide = replace(SQUARE, width=1024)
    for seed in range(6):
        ((spot,),) = composed(scene(CAT), wide, seed)
        middle = (spot.x + spot.width / 2) / 1024
        assert 0.10 < abs(middle - 0.5) < 0.2
        assert spot.mirrored == (middle < 0.5)


def boxes(place: Place, a: Subject = CAT, b: Subject = BOX, frame: Frame = SQUARE, seed: int = 1) -> tuple[Box, Box]:
    (first, *_), (second, *_) = composed(scene(a, b, relations=(Relation(0, place, 1),)), frame, seed)
    assert inside(first, frame)
    assert inside(second, frame)
    return box(first), box(second)


def hidden(rear: Box, front: Box) -> float:
    """Give the share of a box that another covers."""
    wide, high = min(rear[2], front[2]) - max(rear[0], front[0]), min(rear[3], front[3]) - max(rear[1], front[1])
    return max(0.0, wide) * max(0.0, high) / ((rear[2] - rear[0]) * (rear[3] - rear[1]))


def middle(one: Box) -> tuple[float, float]:
    return (one[0] + one[2]) / 2, (one[1] + one[3]) / 2


SEEDS = pytest.mark.parametrize("seed", range(5))
SHAPES = pytest.mark.parametrize("frame", [SQUARE, SKY, replace(SQUARE, width=900), replace(SQUARE, width=300)])


@SEEDS
@SHAPES
def test_left_and_right(seed: int, frame: Frame) -> None:
    a, b = boxes("left", frame=frame, seed=seed)
    assert a[2] < b[0] + 1
    a, b = boxes("right", frame=frame, seed=seed)
    assert b[2] < a[0] + 1


@SEEDS
@SHAPES
def test_above_and_under(seed: int, frame: Frame) -> None:
    a, b = boxes("above", frame=frame, seed=seed)
    assert a[3] < b[1] + 1
    a, b = boxes("under", frame=frame, seed=seed)
    (ax, ay), (bx, by) = middle(a), middle(b)
    assert ay - by > 2 * abs(ax - bx)
    assert overlap(a, b) < 0.25


@SEEDS
@SHAPES
def test_on_rests_on_the_upper_part(seed: int, frame: Frame) -> None:
    a, b = boxes("on", CAT, SOFA, frame, seed)
    assert b[1] < a[3] < b[1] + 0.9 * (b[3] - b[1])
    assert b[0] < middle(a)[0] < b[2]
    # The lamp on the sofa's right is no seat.
    assert middle(a)[0] < b[0] + 0.8 * (b[2] - b[0])


@SEEDS
def test_in_is_half_sunk_and_behind_and_in_front_hide_little(seed: int) -> None:
    a, b = boxes("in", BALL, BOX, seed=seed)
    assert a[1] < b[1] < a[3]
    assert b[0] - 1 <= a[0]
    assert a[2] <= b[2] + 1
    front, rear = boxes("in_front", seed=seed)
    assert front[3] > rear[3]
    assert hidden(rear, front) < 0.25
    rear, front = boxes("behind", seed=seed)
    assert front[3] > rear[3]
    assert hidden(rear, front) < 0.25


def test_the_one_in_front_is_painted_last() -> None:
    for place, order in (("in_front", [1, 0]), ("behind", [0, 1]), ("on", [1, 0]), ("in", [0, 1])):
        what = scene(CAT, BOX, relations=(Relation(0, place, 1),))  # type: ignore[arg-type]
        assert [spot.subject for spot in compose(what, PACK, SQUARE, np.random.default_rng(3))] == order


@SEEDS
def test_next_to_touches_nothing(seed: int) -> None:
    a, b = boxes("next_to", seed=seed)
    assert overlap(a, b) == 0
    assert abs(middle(a)[0] - middle(b)[0]) < 400


def test_a_row_of_three_keeps_its_order() -> None:
    told = (Relation(2, "left", 0), Relation(0, "left", 1))
    (a,), (b,), (c,) = composed(scene(CAT, BOX, BALL, relations=told))
    assert c.x + c.width < a.x
    assert a.x + a.width < b.x


@SEEDS
@pytest.mark.parametrize("place", ["on", "in", "above", "under", "in_front", "behind"])
def test_two_at_the_same_place_have_room_there(place: Place, seed: int) -> None:
    told = (Relation(0, place, 2), Relation(1, place, 2), Relation(1, "left", 0))
    (a,), (b,), _ = composed(scene(CAT, BALL, SOFA, relations=told), seed=seed)
    assert overlap(box(a), box(b)) == 0
    assert place in ("in_front", "behind") or b.x < a.x


def test_people_sit_astride_and_beasts_on_top() -> None:
    rider = Subject("astronaut", "astronaut", height=1.8, material="cloth")
    horse = Subject("horse", "horse", height=1.6, material="fur")
    (person,), (mount,) = composed(scene(rider, horse, relations=(Relation(0, "on", 1),)), pack=wardrobe(PACK))
    (cat,), (other,) = composed(scene(CAT, horse, relations=(Relation(0, "on", 1),)))
    depth = [(top.y + top.height - under.y) / under.height for top, under in ((person, mount), (cat, other))]
    assert 0.6 < depth[0] < 0.9
    assert 0.35 < depth[1] < 0.55


def test_groups_keep_to_their_sides() -> None:
    cats, boxes_ = composed(scene(replace(CAT, count=4), replace(BOX, count=3), relations=(Relation(0, "right", 1),)))
    assert (len(cats), len(boxes_)) == (4, 3)
    assert max(spot.x + spot.width for spot in boxes_) < min(spot.x for spot in cats)


def test_contradictions_circles_and_self_reference_do_no_harm() -> None:
    told = (
        Relation(0, "on", 1),
        Relation(1, "on", 0),
        Relation(0, "left", 1),
        Relation(1, "left", 0),
        Relation(0, "in", 0),
    )
    assert [len(spots) for spots in composed(scene(CAT, BOX, relations=told))] == [1, 1]
    circle = (Relation(0, "left", 1), Relation(1, "left", 2), Relation(2, "left", 0))
    assert [len(spots) for spots in composed(scene(CAT, BOX, BALL, relations=circle))] == [1, 1, 1]


def test_true_sizes_are_drawn_together_but_kept_in_order() -> None:
    mouse, elephant = Subject("ball", "mouse", height=0.06), Subject("box", "elephant", height=3)
    (small,), (large,) = composed(scene(mouse, elephant))
    assert 2 < large.height / small.height < 5
    assert small.height > 40
    assert span(replace(mouse, height=0)) > 0


def test_what_flies_is_in_the_air_and_what_stands_on_the_ground() -> None:
    bird = Subject("ball", "bird", count=2, height=0.2, stance="flies")
    birds, (box_,) = composed(scene(bird, BOX))
    assert all(spot.medium == "air" and spot.y + spot.height < box_.y + 1 for spot in birds)
    assert box_.medium == "ground"
    assert box_.foot > 0.68 * 512
    (alone,) = composed(scene(bird))
    assert all(spot.y + spot.height < 0.8 * 512 for spot in alone)


def test_related_flyers_fly_and_a_mixed_pair_keeps_its_order() -> None:
    bird = Subject("ball", "bird", height=0.2, stance="flies")
    (a,), (b,) = composed(scene(bird, replace(bird, art="box"), relations=(Relation(0, "left", 1),)))
    assert (a.medium, b.medium) == ("air", "air")
    (a,), (b,) = composed(scene(bird, BOX, relations=(Relation(0, "left", 1),)))
    assert a.x + a.width < b.x + 1


def test_floating_things_have_their_waterline_above_their_bottom() -> None:
    ((boat,),) = composed(scene(BOAT), SEA)
    assert boat.medium == "water"
    assert 0.02 < (boat.y + boat.height - boat.foot) / boat.height < 0.2
    ((otter,),) = composed(scene(replace(CAT, stance="floats")), SEA)
    assert 0.2 < (otter.y + otter.height - otter.foot) / otter.height < 0.3


def test_what_floats_beside_land_floats_on_its_pond_and_keeps_the_told_side() -> None:
    shore = replace(SQUARE, pond=(0.55, 0.62), banks=(0.1, 0.9))
    ((boat,),) = composed(scene(BOAT), shore)
    assert boat.medium == "water"
    assert boat.foot < 0.68 * 512
    (boats, cats) = composed(scene(replace(BOAT, count=2), replace(CAT, count=2)), shore)
    assert {one.medium for one in boats} == {"water"}
    assert {one.medium for one in cats} == {"ground"}
    (herd,) = composed(scene(replace(CAT, count=9)), shore)
    assert min(one.foot for one in herd) > 0.6 * 512
    for seed in range(4):
        (boat,), (cat,) = composed(scene(BOAT, CAT, relations=(Relation(0, "right", 1),)), shore, seed)
        assert (boat.medium, cat.medium) == ("water", "ground")
        assert box(boat)[0] > box(cat)[2] - 1
        (boat,), (cat,) = composed(scene(BOAT, CAT, relations=(Relation(0, "left", 1),)), shore, seed)
        assert box(cat)[0] > box(boat)[2] - 1


def test_what_stands_under_water_stands_on_the_sand() -> None:
    (fish, *_), (crab,) = composed(replace(scene(replace(BOAT, stance="swims"), CAT), setting="underwater"), SKY)
    assert (fish.medium, crab.medium) == ("air", "ground")
    assert crab.foot > 0.6 * 512 > fish.foot


def test_turtles_swim_under_water_and_crabs_are_no_giants_beside_fish() -> None:
    fish, turtle = replace(BOAT, art="fish", stance="swims", count=4, height=0.3), replace(CAT, art="turtle")
    swarm, (swimmer,) = composed(replace(scene(fish, turtle), setting="underwater"), SKY, pack=ArtPack.open())
    assert {one.medium for one in (*swarm, swimmer)} == {"air"}
    swarm, (crab,) = composed(
        replace(scene(fish, replace(CAT, art="crab", height=0.15)), setting="underwater"), SKY, pack=ArtPack.open()
    )
    assert crab.height < 1.6 * max(one.height for one in swarm)


def test_a_hero_stands_between_the_others() -> None:
    (hero,), others = composed(scene(CAT, replace(BALL, count=4)))
    assert sorted(spot.x < hero.x for spot in others) == [False, False, True, True]


def test_words_above_and_margins_are_kept_free() -> None:
    ((spot,),) = composed(scene(BOX), replace(SQUARE, top=0.3, margin=0.1))
    assert spot.y > 0.29 * 512


def test_nobody_needs_no_place() -> None:
    assert compose(scene(), PACK, SQUARE, np.random.default_rng(0)) == ()


def test_the_same_at_every_size() -> None:
    what = scene(replace(BALL, count=5), CAT)
    small = compose(what, PACK, SQUARE, np.random.default_rng(9))
    large = compose(what, PACK, replace(SQUARE, width=1024, height=1024), np.random.default_rng(9))
    for a, b in zip(small, large, strict=True):
        assert (2 * a.x, 2 * a.y, 2 * a.width) == pytest.approx((b.x, b.y, b.width))


def test_support_is_flat_and_wide() -> None:
    outline = np.zeros((40, 60), bool)
    outline[20:, 5:40] = True
    outline[2:, 50:54] = True
    middle_, down = support(outline, 0.4)
    assert 0.2 < middle_ < 0.65
    assert down == pytest.approx(0.5)


PLACES: tuple[Place, ...] = ("left", "right", "on", "under", "above", "in", "in_front", "behind", "next_to")
SUBJECTS = st.builds(
    Subject,
    art=st.sampled_from(["ball", "box", "cat", "sofa", "boat"]),
    name=st.just("x"),
    count=st.integers(1, 12),
    height=st.floats(0.01, 300),
    stance=st.sampled_from(["stands", "floats", "flies", "swims"]),
    faces=st.sampled_from(["left", "right", "front"]),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(SUBJECTS, min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(PLACES), st.integers(0, 3)), max_size=4),
    st.sampled_from(FRAMES),
)
def test_any_scene_is_composed_in_full(
    subjects: list[Subject], told: list[tuple[int, Place, int]], frame: Frame
) -> None:
    relations = tuple(Relation(a, place, b) for a, place, b in told if max(a, b) < len(subjects))
    found = composed(scene(*subjects, relations=relations), frame)
    assert [len(spots) for spots in found] == [subject.count for subject in subjects]
    assert all(inside(spot, frame) for spots in found for spot in spots)
    assert all(np.isfinite(spot.width) and spot.width > 0 for spots in found for spot in spots)


def test_a_plan_tells_ranks_only_where_told() -> None:
    made = plan(scene(CAT, BOX), Measures(PACK), np.random.default_rng(0))
    assert made.ranks == (None, None)
