from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from limner.engines.illustrator.figures.anchors import anchors
from limner.engines.illustrator.figures.bodies import wardrobe
from limner.engines.illustrator.figures.heads import HEADS
from limner.engines.illustrator.pack import ArtPack
from limner.engines.illustrator.painter import paint
from limner.engines.illustrator.scene import Place, Relation, Scene, Subject
from limner.engines.illustrator.staging.composition import compose
from limner.engines.illustrator.staging.frames import Frame, Spot
from limner.engines.illustrator.staging.measures import Measures
from tests.engines.illustrator.paintbox import overlap, scene

ART = ArtPack.open()
PACK = wardrobe(ART)
SQUARE = Frame(1024, 1024, 0.68, 0.92, "ground")
FOX = Subject("fox", "fox", height=0.5, material="fur")
BOY = Subject("boy", "boy", height=1.3, material="cloth")
OWL = Subject("owl", "owl", height=0.4, material="fur")
DOG = Subject("dog", "dog", height=0.5, material="fur")
BOOK = Subject("open-book", "book", height=0.3, material="paper")
HAT = Subject("top-hat", "top hat", height=0.2, material="cloth")
SCARF = Subject("scarf", "scarf", height=0.3, material="cloth")
UMBRELLA = Subject("umbrella", "umbrella", height=0.9, material="cloth")
CASTLE = Subject("castle", "castle", height=20, material="stone")
MUSHROOM = Subject("mushroom", "mushroom", height=2.0, material="plant")
HORSE = Subject("horse", "horse", height=1.6, material="fur", faces="left")
BALL = Subject("soccer-ball", "ball", height=0.22, material="gloss")
Box = tuple[float, float, float, float]


class WithBranch:
    """The pack and a drawing that may be newer than it."""

    def svg(self, name: str) -> str:
        own = Path(__file__).resolve().parents[3] / "artpack" / "own" / f"{name}.svg"
        return own.read_text("utf-8") if name == "branch" else ART.svg(name)


def told(*subjects: Subject, relations: tuple[tuple[int, Place, int], ...]) -> Scene:
    return scene(*subjects, relations=tuple(Relation(*one) for one in relations))


def spots(what: Scene, frame: Frame = SQUARE, seed: int = 1) -> tuple[Spot, ...]:
    return compose(what, PACK, frame, np.random.default_rng(seed))


def of(found: tuple[Spot, ...], subject: int) -> list[Spot]:
    return [spot for spot in found if spot.subject == subject and not spot.part]


def box(spot: Spot) -> Box:
    return spot.x, spot.y, spot.x + spot.width, spot.y + spot.height


def point(spot: Spot, share: tuple[float, float]) -> tuple[float, float]:
    x = 1 - share[0] if spot.mirrored else share[0]
    return spot.x + x * spot.width, spot.y + share[1] * spot.height


READING = told(FOX, BOOK, relations=((1, "held", 0),))


@pytest.mark.parametrize("seed", range(4))
def test_a_reader_has_the_book_before_the_chest_and_paws_upon_it(seed: int) -> None:
    found = spots(READING, seed=seed)
    assert [(spot.subject, spot.part) for spot in found] == [(0, False), (1, False), (0, True)]
    fox, book, paws = found
    assert "read" in fox.art
    assert paws.art.endswith("+hands")
    assert point(fox, anchors(PACK, fox.art).eyes)[1] < book.y < point(fox, anchors(PACK, fox.art).chest)[1] + 30
    assert book.x < paws.x + paws.width / 4
    assert overlap(box(book), box(paws)) > 0.5


def test_each_of_several_has_its_own() -> None:
    found = spots(told(replace(FOX, count=3), replace(BOOK, count=3), relations=((1, "held", 0),)))
    assert [len(of(found, i)) for i in (0, 1)] == [3, 3]
    assert sum(spot.part for spot in found) == 3
    for fox, book in zip(sorted(of(found, 0), key=lambda s: s.x), sorted(of(found, 1), key=lambda s: s.x), strict=True):
        assert abs(fox.x + fox.width / 2 - book.x - book.width / 2) < 0.3 * fox.width


@pytest.mark.parametrize(("props", "holders"), [(1, 3), (2, 3), (2, 1), (3, 1), (5, 2)])
def test_counts_of_what_is_held_are_exact(props: int, holders: int) -> None:
    balloon = Subject("balloon", "balloon", count=props, height=0.5)
    for thing in (balloon, replace(BALL, count=props)):
        found = spots(told(replace(FOX, count=holders), thing, relations=((1, "held", 0),)))
        assert [len(of(found, i)) for i in (0, 1)] == [holders, props]
        assert all(overlap(box(a), box(b)) < 0.7 for a, b in combinations(of(found, 1), 2))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("who", [FOX, BOY, DOG, OWL], ids=lambda who: who.art)
def test_a_hat_sits_on_the_head_and_fits(who: Subject, seed: int) -> None:
    found = spots(told(who, HAT, relations=((1, "worn", 0),)), seed=seed)
    (wearer,), (hat,) = of(found, 0), of(found, 1)
    head = anchors(PACK, wearer.art)
    x, y = point(wearer, head.top)
    assert abs(hat.x + hat.width / 2 - x) < 0.2 * hat.width
    assert hat.y < y < hat.y + 1.05 * hat.height
    assert 0.7 < hat.width / (head.brow * wearer.width) < 1.4
    assert found.index(hat) > found.index(wearer)


@pytest.mark.parametrize("art", sorted(set(HEADS) & ART.names)[::4])
def test_hats_fit_whole_drawings(art: str) -> None:
    found = spots(told(Subject(art, art, material="fur"), HAT, relations=((1, "worn", 0),)))
    (wearer,), (hat,) = of(found, 0), of(found, 1)
    assert wearer.x - 0.6 * hat.width < hat.x + hat.width / 2 < wearer.x + wearer.width + 0.6 * hat.width
    assert hat.width < 1.1 * wearer.width
    assert hat.y + hat.height < wearer.y + 0.8 * wearer.height


def test_several_garments_go_where_they_belong() -> None:
    cape = Subject("backpack", "backpack", material="cloth")
    glasses = Subject("glasses", "glasses", material="plain")
    worn: tuple[tuple[int, Place, int], ...] = tuple((i, "worn", 0) for i in range(1, 5))
    found = spots(told(BOY, HAT, SCARF, cape, glasses, relations=worn))
    (boy,), (hat,), (scarf,), (pack,), (specs,) = (of(found, i) for i in range(5))
    assert hat.y < specs.y < scarf.y
    assert found.index(pack) < found.index(boy) < found.index(scarf)
    assert scarf.art == "scarf@worn"


def test_who_is_drawn_with_a_sword_holds_no_second_one() -> None:
    sword = Subject("dagger", "sword", height=0.9)
    found = spots(told(Subject("knight", "knight", height=1.9, material="gloss"), sword, relations=((1, "held", 0),)))
    (knight,), (blade,) = of(found, 0), of(found, 1)
    grip = point(knight, anchors(PACK, "knight").left)
    assert abs(blade.x + blade.width / 2 - grip[0]) < 0.15 * knight.width
    assert blade.y < grip[1] < blade.y + blade.height
    assert blade.height > 1.3 * blade.width


def test_what_a_left_paw_holds_leans_to_the_left() -> None:
    wand = Subject("magic-wand", "wand", height=0.4)
    found = spots(told(Subject("penguin", "penguin", material="fur"), wand, relations=((1, "held", 0),)))
    (penguin,), (held,) = of(found, 0), of(found, 1)
    assert held.mirrored != penguin.mirrored


@pytest.mark.parametrize("art", ["running-shoe", "gloves"])
@pytest.mark.parametrize("who", [BOY, OWL])
def test_shoes_and_gloves_come_in_pairs_that_count_as_one(art: str, who: Subject) -> None:
    found = spots(told(who, Subject(art, art, height=0.2, colour="red"), relations=((1, "worn", 0),)))
    (wearer,), (first,) = of(found, 0), of(found, 1)
    (second,) = [spot for spot in found if spot.subject == 1 and spot.part]
    middle = wearer.x + wearer.width / 2
    assert (first.x + first.width / 2 - middle) * (second.x + second.width / 2 - middle) < 0
    assert first.mirrored != second.mirrored
    assert first.y > wearer.y + 0.4 * wearer.height


def test_who_has_a_new_coat_stands_up_in_it() -> None:
    coat = Subject("jacket", "jacket", height=0.7, material="cloth")
    found = spots(told(Subject("rabbit", "rabbit", height=0.4, material="fur"), coat, relations=((1, "worn", 0),)))
    (rabbit,), (jacket,) = of(found, 0), of(found, 1)
    assert rabbit.art == "rabbit-face@stand+rest"
    assert 0.6 < jacket.width / rabbit.width < 1.4


def test_a_beast_drawn_whole_gets_hands_to_hold_with_and_others_hold_by_the_paw() -> None:
    (dog,) = of(spots(told(DOG, BOOK, relations=((1, "held", 0),))), 0)
    assert dog.art == "dog-face@sit+read"
    found = spots(told(Subject("penguin", "penguin", material="fur"), BALL, relations=((1, "held", 0),)))
    (penguin,), (ball,) = of(found, 0), of(found, 1)
    assert penguin.art == "penguin"
    assert overlap(box(penguin), box(ball)) > 0.3


def test_who_is_under_an_umbrella_holds_it_overhead() -> None:
    for who in (BOY, FOX):
        (holder,), (umbrella,) = (of(spots(told(who, UMBRELLA, relations=((0, "under", 1),))), i) for i in (0, 1))
        assert umbrella.y < holder.y
        assert umbrella.x < holder.x + holder.width / 2 < umbrella.x + umbrella.width
    found = spots(
        told(Subject("elephant", "elephant", height=3, material="fur"), UMBRELLA, relations=((1, "held", 0),))
    )
    (elephant,), (umbrella,) = of(found, 0), of(found, 1)
    assert umbrella.y < elephant.y
    found = spots(told(Subject("penguin", "penguin", material="fur"), UMBRELLA, relations=((0, "under", 1),)))
    assert of(found, 1)[0].y < of(found, 0)[0].y


@pytest.mark.parametrize("seed", range(4))
def test_a_mushroom_shelters_who_is_under_it(seed: int) -> None:
    found = spots(told(FOX, BOOK, MUSHROOM, relations=((1, "held", 0), (0, "under", 2))), seed=seed)
    (fox,), (cap,) = of(found, 0), of(found, 2)
    assert cap.y < fox.y - 0.3 * fox.height
    assert cap.x < fox.x + fox.width / 2 < cap.x + cap.width
    assert fox.y + fox.height >= cap.y + cap.height
    assert fox.height > 0.25 * 1024
    assert found.index(cap) < found.index(fox)


@pytest.mark.parametrize("seed", range(4))
def test_heroes_before_a_castle_are_large_and_the_castle_is_seen(seed: int) -> None:
    found = spots(told(replace(OWL, count=2), CASTLE, relations=((0, "in_front", 1),)), seed=seed)
    owls, (castle,) = of(found, 0), of(found, 1)
    assert all(owl.height > 0.25 * 1024 for owl in owls)
    assert all(owl.y + owl.height > castle.y + castle.height for owl in owls)
    hidden = sum(
        max(0.0, min(o.x + o.width, castle.x + castle.width) - max(o.x, castle.x)) * (castle.y + castle.height - o.y)
        for o in owls
    )
    assert hidden < 0.25 * castle.width * castle.height
    assert overlap(box(owls[0]), box(owls[1])) == 0


def test_a_ball_before_two_stands_in_their_gap() -> None:
    found = spots(told(BALL, replace(BOY, count=2), relations=((0, "in_front", 1),)))
    (ball,), boys = of(found, 0), sorted(of(found, 1), key=lambda spot: spot.x)
    assert boys[0].x + boys[0].width / 2 < ball.x + ball.width / 2 < boys[1].x + boys[1].width / 2
    assert ball.height < 0.6 * boys[0].height


def test_things_before_several_or_behind_them_are_counted() -> None:
    for place in ("in_front", "behind"):
        found = spots(told(replace(BALL, count=5), FOX, relations=((0, place, 1),)))
        assert len(of(found, 0)) == 5
        assert all(overlap(box(a), box(b)) < 0.01 for a, b in combinations(of(found, 0), 2) if place == "in_front")


@pytest.mark.parametrize("seed", range(4))
def test_riders_sit_astride_and_look_ahead(seed: int) -> None:
    found = spots(told(BOY, HORSE, relations=((0, "on", 1),)), seed=seed)
    (boy,), (horse,) = of(found, 0), of(found, 1)
    assert boy.art == "boy@astride+reins"
    assert boy.mirrored == horse.mirrored
    hips = point(boy, anchors(PACK, boy.art).hips)
    assert horse.y < hips[1] < horse.y + 0.6 * horse.height
    assert hips[1] < boy.y + boy.height < horse.y + horse.height


def test_seats_are_sat_on() -> None:
    for art in ("chair", "couch", "bench", "swing"):
        found = spots(told(BOY, Subject(art, art, height=1.0), relations=((0, "on", 1),)))
        (boy,), (seat,) = of(found, 0), of(found, 1)
        assert boy.art == "boy@seat+lap"
        hips = point(boy, anchors(PACK, boy.art).hips)
        assert seat.y < hips[1] < seat.y + seat.height


@pytest.mark.parametrize("count", [2, 3, 5])
def test_several_share_a_seat_that_has_room_for_all(count: int) -> None:
    for bearer in (Subject("couch", "couch", height=0.9), HORSE):
        found = spots(told(replace(BOY, count=count), bearer, relations=((0, "on", 1),)))
        seat = of(found, 1)[0]
        hips = [point(boy, anchors(PACK, boy.art).hips) for boy in of(found, 0)]
        assert len(hips) == count
        assert all(seat.x < x < seat.x + seat.width and seat.y < y < seat.y + seat.height for x, y in hips)


def test_who_stands_on_a_seat_has_its_feet_where_others_have_their_hips() -> None:
    dog = replace(DOG, art="dog")
    found = spots(told(BOY, dog, Subject("bench", "bench", height=0.9), relations=((0, "on", 2), (1, "on", 2))))
    (boy,), (dog_,) = of(found, 0), of(found, 1)
    assert point(boy, anchors(PACK, boy.art).hips)[1] == pytest.approx(dog_.y + dog_.height, abs=0.1 * dog_.height)


@pytest.mark.parametrize("place", ["on", "in"])
def test_what_is_served_lies_on_the_middle_of_its_plate(place: Place) -> None:
    plate = Subject("plate", "plate", height=0.03, material="gloss")
    for count in (1, 4):
        found = spots(told(replace(BALL, count=count), plate, relations=((0, place, 1),)))
        (dish,) = of(found, 1)
        lowest = max(ball.y + ball.height for ball in of(found, 0))
        assert dish.y + 0.5 * dish.height < lowest < dish.y + 0.8 * dish.height
        assert all(dish.x < ball.x and ball.x + ball.width < dish.x + dish.width for ball in of(found, 0))
        assert all(ball.order > dish.order for ball in of(found, 0))


def test_what_is_in_a_shut_cupboard_stands_before_it_in_full() -> None:
    fridge = Subject("refrigerator", "refrigerator", height=1.8, material="gloss")
    (ball,), (shut,) = (of(spots(told(BALL, fridge, relations=((0, "in", 1),))), i) for i in (0, 1))
    assert ball.order > shut.order
    assert ball.y + ball.height > shut.y + shut.height


def test_what_a_chair_is_said_to_hold_its_sitter_holds() -> None:
    chair = Subject("chair", "chair", height=1.0)
    found = spots(told(BOY, chair, BOOK, relations=((0, "on", 1), (2, "held", 1))))
    assert of(found, 0)[0].art == "boy@seat+read"


def test_a_piano_is_not_held_but_stands_before_the_player() -> None:
    found = spots(told(FOX, Subject("piano", "piano", height=1.1), relations=((1, "held", 0),)))
    (fox,), (piano,) = of(found, 0), of(found, 1)
    assert piano.y + piano.height > fox.y + fox.height
    assert found.index(piano) > found.index(fox)


def test_who_is_in_a_vessel_looks_over_its_rim() -> None:
    cat, basket = Subject("cat", "cat", count=3, height=0.3, material="fur"), Subject("basket", "basket", height=0.4)
    found = spots(told(cat, basket, relations=((0, "in", 1),)))
    cats, (vessel,) = of(found, 0), of(found, 1)
    assert all(one.art == "cat-face@peep+rim" for one in cats)
    assert all(one.y < vessel.y < one.y + one.height for one in cats)
    assert sum(spot.part for spot in found) == 3
    assert all(found.index(one) < found.index(vessel) < max(i for i, s in enumerate(found) if s.part) for one in cats)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_passengers_look_out_of_the_windows(count: int) -> None:
    car = Subject("automobile", "car", height=1.5, material="gloss")
    found = spots(told(replace(FOX, count=count), car, relations=((0, "in", 1),)))
    (body,) = of(found, 1)
    assert len(of(found, 0)) == count
    for one in of(found, 0):
        assert one.art == "fox@bust+rest"
        assert found.index(one) > found.index(body)
        assert body.y - 0.1 * body.height < one.y < one.y + one.height < body.y + 0.5 * body.height
        assert body.x < one.x < one.x + one.width < body.x + body.width


def test_flowers_stand_in_a_vase_and_fruit_is_heaped_up() -> None:
    vase = Subject("vase", "vase", height=0.35, material="gloss")
    rose = Subject("rose", "rose", count=5, height=0.5, material="plant")
    found = spots(told(vase, rose, relations=((1, "in", 0),)))
    (vessel,), roses = of(found, 0), of(found, 1)
    assert all(0.6 < one.width / vessel.width < 2.2 for one in roses)
    assert all(one.y < vessel.y < one.y + one.height for one in roses)
    assert len({one.tilt for one in roses}) == 5
    blossoms = of(spots(told(vase, replace(rose, art="blossom"), relations=((1, "in", 0),))), 1)
    assert all(one.y < vessel.y + 0.2 * vessel.height for one in blossoms)
    bowl, ball = Subject("basket", "basket", height=0.3), replace(BALL, count=6)
    heap = of(spots(told(bowl, ball, relations=((1, "in", 0),))), 1)
    assert max(one.y for one in heap) - min(one.y for one in heap) > 0.9 * heap[0].height


def test_who_swings_under_a_tree_is_before_its_stem() -> None:
    bear = Subject("teddy-bear", "teddy bear", height=0.35, material="fur")
    swing, tree = Subject("swing", "swing", height=2.2), Subject("oak", "oak", height=7.0, material="plant")
    found = spots(told(bear, swing, tree, relations=((0, "on", 1), (1, "under", 2))))
    (one,), (seat,), (crown,) = of(found, 0), of(found, 1), of(found, 2)
    assert crown.height > 0.6 * SQUARE.height
    assert one.height > 0.4 * seat.height
    assert crown.x < seat.x < seat.x + seat.width < crown.x + crown.width


def test_birds_rest_on_a_branch_that_comes_in_from_the_side() -> None:
    pack = wardrobe(WithBranch())
    branch = Subject("branch", "branch", height=0.6, stance="flies", material="plant")
    what = told(replace(OWL, count=2), branch, relations=((0, "on", 1),))
    edges = set()
    for seed in range(8):
        found = compose(what, pack, SQUARE, np.random.default_rng(seed))
        (bough,), owls = of(found, 1), of(found, 0)
        edges.add(bough.x < 1)
        assert bough.x < 1 or bough.x + bough.width > SQUARE.width - 1
        assert all(bough.y < one.y + one.height < bough.y + 0.6 * bough.height for one in owls)
    assert edges == {True, False}


def test_a_balloon_is_before_its_holder_and_an_umbrella_over_it() -> None:
    hedgehog = Subject("hedgehog", "hedgehog", height=0.2, material="fur", faces="left")
    found = spots(told(hedgehog, UMBRELLA, relations=((1, "held", 0),)))
    (who,), (shade,) = of(found, 0), of(found, 1)
    assert shade.width > 1.2 * who.width
    assert shade.y + 0.62 * shade.height < who.y + 0.15 * who.height
    balloon = Subject("balloon", "balloon", height=0.4, material="gloss", stance="flies")
    found = spots(told(hedgehog, balloon, relations=((1, "held", 0),)))
    assert of(found, 1)[0].y < of(found, 0)[0].y


def test_boats_have_room_and_jars_are_seen_into() -> None:
    boat = Subject("sailboat", "boat", height=6, stance="floats")
    found = spots(told(FOX, boat, relations=((0, "in", 1),)), replace(SQUARE, surface="water"))
    assert of(found, 1)[0].art in ("rowing-boat", "sailboat")
    assert of(found, 1)[0].width > 1.5 * of(found, 0)[0].width
    bee = Subject("honeybee", "bee", height=0.02, stance="flies")
    found = spots(told(bee, Subject("jar", "jar", height=0.2), relations=((0, "in", 1),)))
    assert found.index(of(found, 0)[0]) > found.index(of(found, 1)[0])


def test_boards_lie_flat_underfoot() -> None:
    board = Subject("surfboard", "surfboard", height=2.0)
    found = spots(told(BOY, board, relations=((0, "on", 1),)))
    assert of(found, 1)[0].width > 2 * of(found, 1)[0].height
    assert of(found, 0)[0].art == "boy@stand+balance"


def test_idlers_differ_from_each_other_and_from_seed_to_seed() -> None:
    crowd = of(spots(scene(replace(BOY, count=8))), 0)
    assert len({spot.art for spot in crowd}) > 2
    assert len({spots(scene(FOX), seed=seed)[0].art for seed in range(8)}) > 1


@pytest.mark.parametrize("ratio", [(1, 1), (3, 1), (1, 3), (16, 9)])
def test_composition_is_the_same_at_every_size(ratio: tuple[int, int]) -> None:
    what = told(FOX, BOOK, MUSHROOM, replace(OWL, count=2), relations=((1, "held", 0), (0, "under", 2)))
    wide, high = (480 * side // max(ratio) for side in ratio)
    sizes = [Frame(wide * times, high * times, 0.68, 0.92, "ground") for times in (1, 2, 4)]
    made = [spots(what, frame, seed=5) for frame in sizes]
    for frame, found in zip(sizes, made, strict=True):
        assert len(found) == len(made[0])
        for spot, first in zip(found, made[0], strict=True):
            grown = [value * frame.height / sizes[0].height for value in (first.x, first.y, first.width, first.height)]
            assert (spot.x, spot.y, spot.width, spot.height) == pytest.approx(grown, abs=0.01)
            assert spot.x >= -0.5
            assert spot.x + spot.width <= frame.width + 0.5
            assert spot.y >= -0.5


def test_hands_are_painted_but_not_counted() -> None:
    found = paint(replace(READING, setting="studio"), size=(192, 192), seed=2, pack=ART)
    assert [one.art for one in found.drawn] == ["fox", "open-book"]


def test_a_black_cat_that_reads_is_still_black() -> None:
    cat = Subject("black-cat", "cat", height=0.3, material="fur")
    made = paint(told(cat, BOOK, relations=((1, "held", 0),)), size=(192, 192), seed=2, pack=ART)
    x0, y0, x1, y1 = made.drawn[0].box
    upper = made.pixels[y0 : (y0 + y1) // 2, x0:x1]
    brow = upper[upper.shape[0] // 2, upper.shape[1] // 2 - 8 : upper.shape[1] // 2 + 8].astype(float)
    assert np.median(np.ptp(brow, axis=1)) < 40
    assert np.median(brow) < 110


def test_measures_without_a_wardrobe_pose_nobody() -> None:
    assert Measures(ART).actor("fox") is None
    assert Measures(PACK).actor("cat") == "cat-face"
    assert Measures(PACK).actor("chair") is None


def test_fish_swim_in_glass_and_trees_do_not_read() -> None:
    fish = Subject("fish", "fish", height=0.15, stance="swims")
    found = spots(told(fish, Subject("bowl", "bowl", height=0.2), relations=((0, "in", 1),)))
    (swimmer,), (bowl,) = of(found, 0), of(found, 1)
    assert bowl.art == "bowl@glass"
    assert overlap(box(swimmer), box(bowl)) > 0.99
    assert found.index(swimmer) < found.index(bowl)
    tree = Subject("deciduous-tree", "tree", height=6.0, material="plant")
    found = spots(told(FOX, tree, BOOK, relations=((0, "under", 1), (2, "held", 1))))
    assert of(found, 0)[0].art == "fox@sit+read"


def test_what_there_is_no_drawing_of_stays_as_it_was() -> None:
    measures = Measures(PACK)
    (piece,) = (spot for spot in spots(scene(FOX)))
    assert piece.art.startswith("fox@")
    assert measures.actor("deciduous-tree") is None
