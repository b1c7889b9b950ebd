from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from limner.engines.illustrator.figures.anchors import anchors
from limner.engines.illustrator.figures.art import extent, silhouette, sprite
from limner.engines.illustrator.figures.bodies import ACTORS, has_rig, is_person, proportions, usual, wardrobe
from limner.engines.illustrator.figures.heads import HEADS
from limner.engines.illustrator.figures.limbs import curve, elbow, tapered
from limner.engines.illustrator.figures.palettes import COATS, coat, darker, lighter, outfit
from limner.engines.illustrator.figures.poses import ARMS, LEGS, parsed, posed, sibling
from limner.engines.illustrator.figures.props import FITS, GRIPS, fit_of
from limner.engines.illustrator.figures.seats import SEATS, VESSELS
from limner.engines.illustrator.figures.skeleton import BEAST, arms, legs, lowest
from limner.engines.illustrator.pack import ArtPack

PACK = ArtPack.open()
CLOTHES = wardrobe(PACK)
HEX = re.compile(r"#[0-9a-f]{6}")
EVERYBODY = sorted(name for name in PACK.names if has_rig(name) and "skin-tone" not in name)


def test_no_head_of_a_beast_or_bust_of_a_person_stays_without_a_body() -> None:
    assert {"fox", "bear", "cat-face", "pig-face", "boy", "woman-astronaut", "man-cook", "robot"} <= set(EVERYBODY)
    assert len(EVERYBODY) > 110
    for name in set(EVERYBODY) - {"unicorn"}:
        assert extent(CLOTHES, name).aspect < 0.9 * extent(PACK, name).aspect, name


@pytest.mark.parametrize("art", ["fox", "panda", "robot", "boy", "girl", "cook", "woman-medium-dark-skin-tone"])
def test_every_pose_can_be_drawn_and_differs(art: str) -> None:
    seen = set()
    for stands, holds in product(LEGS, ARMS):
        drawing = CLOTHES.svg(posed(art, stands, holds))
        assert "nan" not in drawing
        seen.add(drawing)
    assert len(seen) == len(LEGS) * len(ARMS)


def test_hands_alone_lie_where_the_whole_has_them() -> None:
    whole, hands = "fox@sit+read", "fox@sit+read+hands"
    a, b = extent(CLOTHES, whole), extent(CLOTHES, hands)
    assert b.x > a.x
    assert b.y > a.y + 0.4 * a.height
    assert b.x + b.width < a.x + a.width
    spot = anchors(CLOTHES, whole)
    assert spot.left[0] < 0.5 < spot.right[0]
    assert abs(a.y + spot.left[1] * a.height - (b.y + b.height / 2)) < 0.1 * a.height


def test_unknown_poses_and_drawings_are_key_errors() -> None:
    for name in ("fox@swim+rest", "fox@sit+juggle", "no-such-thing", "no-such-thing@sit+rest"):
        with pytest.raises(KeyError):
            CLOTHES.svg(name)


def test_names_of_poses_come_apart_as_they_were_put_together() -> None:
    assert parsed(posed("dog-face", "walk", "wave")) == ("dog-face", "walk", "wave", False)
    assert parsed(posed("fox", "sit", "read", hands=True)) == ("fox", "sit", "read", True)
    assert parsed("apple") == ("apple", "", "rest", False)


def test_bodies_are_in_the_heads_own_colours() -> None:
    for name in ("pumpkin", "goblin", "jack-o-lantern"):
        made = coat(PACK, name)
        assert all(HEX.fullmatch(colour) for colour in (made.coat, made.shaded, made.belly, made.paws))
    assert coat(PACK, "fox") is COATS["fox"]
    red, green, _ = (int(coat(PACK, "tomato").coat[i : i + 2], 16) for i in (1, 3, 5))
    assert red > 2 * green


def test_people_keep_their_skin_and_wear_what_their_bust_shows() -> None:
    light, dark = outfit(PACK, "boy-medium-light-skin-tone"), outfit(PACK, "boy-medium-dark-skin-tone")
    assert int(light.hands[1:3], 16) > int(dark.hands[1:3], 16) + 40
    assert outfit(PACK, "boy").top == light.top
    bald = outfit(PACK, "woman-bald")
    assert bald.bust
    assert int(bald.top[5:], 16) > int(bald.top[1:3], 16)
    assert not outfit(PACK, "man").bust


def test_shades_are_darker_and_tints_lighter() -> None:
    assert darker("#808080") < "#808080" < lighter("#808080")


def test_persons_stand_and_beasts_sit() -> None:
    assert (usual("boy"), usual("robot"), usual("fox")) == ("stand", "stand", "sit")
    assert is_person("man-cook")
    assert not is_person("fox")
    assert proportions(PACK, "fox") is BEAST


def test_anchors_of_drawn_bodies_are_on_them() -> None:
    for name in ("fox@sit+hold", "boy@stand+rest", "cook@seat+lap", "robot", "horse-face@stand+wave"):
        found = anchors(CLOTHES, name)
        assert found.top[1] < found.eyes[1] < found.mouth[1]
        assert found.eyes[1] < found.chest[1] < found.hips[1] < 1
        assert 0.15 < found.brow < 1
        mask = silhouette(CLOTHES, name)
        for x, y in (found.eyes, found.chest, found.left, found.right):
            assert mask[int(y * mask.shape[0]), int(x * mask.shape[1])], (name, x, y)


def test_mirrored_anchors_change_hands() -> None:
    found = anchors(CLOTHES, "fox@sit+lift")
    other = found.mirrored()
    assert other.left == (1 - found.right[0], found.right[1])
    assert other.feet[0][0] == pytest.approx(1 - found.feet[1][0])
    assert replace(other.mirrored(), feet=found.feet) == found


@pytest.mark.parametrize("art", sorted(HEADS))
def test_heads_in_the_table_are_where_there_is_ink(art: str) -> None:
    assert art in PACK.names
    found = anchors(CLOTHES, art)
    mask = silhouette(CLOTHES, art)
    rows, columns = mask.shape
    y = min(rows - 1, round((found.top[1] + 0.4 * (found.neck[1] - found.top[1])) * rows))
    x = round(found.top[0] * columns)
    assert mask[y, max(0, x - 2) : x + 3].any()


def test_unknown_drawings_have_their_head_above() -> None:
    found = anchors(CLOTHES, "palm-tree")
    assert found.top[1] < 0.3
    assert 0 < found.brow < 1
    empty = anchors(_Blank(), "nothing")
    assert empty.top == (0.5, 0.0)


class _Blank:
    def svg(self, name: str) -> str:
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" id="{name}"></svg>'


def test_an_arm_reaches_its_hand_and_no_farther() -> None:
    at = elbow((0, 0), (30, 40), (36, 34), side=1)
    assert np.hypot(*at) == pytest.approx(36)
    assert np.hypot(at[0] - 30, at[1] - 40) == pytest.approx(34)
    assert elbow((0, 0), (30, 40), (36, 34), side=-1) != at
    straight = elbow((0, 0), (0, 200), (36, 34), side=1)
    assert straight == pytest.approx((0, 36))


def test_limbs_are_smooth_closed_outlines() -> None:
    points = ((0.0, 0.0), (20.0, 30.0), (0.0, 60.0))
    way = curve(points)
    assert way[0] == points[0]
    assert way[-1] == points[-1]
    outline = tapered(points, (20, 16, 10))
    assert outline.startswith("M")
    assert outline.endswith("Z")


def test_skeletons_have_as_many_legs_as_are_seen() -> None:
    assert [len(legs(BEAST, stance)) for stance in LEGS] == [2, 2, 2, 2, 1, 0, 0]
    assert lowest(BEAST, "stand") > lowest(BEAST, "sit") > lowest(BEAST, "peep")
    left, right = arms(BEAST, "read")
    assert left[2][0] < 100 < right[2][0]


def test_tables_name_poses_there_are() -> None:
    assert {grip.arms for grip in GRIPS.values()} <= set(ARMS)
    assert {seat.arms for seat in SEATS.values()} <= set(ARMS)
    assert {seat.legs for seat in SEATS.values()} <= set(LEGS)
    assert all(0 <= value <= 1 for grip in GRIPS.values() for value in grip.point)
    assert all(0 <= value <= 1 for point in VESSELS.values() for value in point)
    assert all(has_rig(head) for head in ACTORS.values())


def test_what_no_line_tells_of_is_worn_by_its_last_word() -> None:
    assert fit_of("top-hat") is FITS["top-hat"]
    assert fit_of("straw-hat").at == "top"
    assert fit_of("mystery").at == "chest"


def test_a_worn_scarf_goes_around_the_neck() -> None:
    assert extent(CLOTHES, "scarf@worn").aspect > 1.2
    assert sprite(CLOTHES, "scarf@worn", 40, 30)[..., 3].any()


def test_siblings_wear_other_tops_but_uniforms_stay() -> None:
    assert sibling("boy@stand+wave+2") == 2
    assert sibling("boy@stand+wave") == sibling("boy") == 0
    drawings = {CLOTHES.svg(posed("boy", "stand", "wave", sibling=i)) for i in range(4)}
    assert len(drawings) == 4
    assert CLOTHES.svg(posed("police-officer", "stand", "wave", sibling=2)) == CLOTHES.svg("police-officer@stand+wave")
    assert CLOTHES.svg("girl@sit+read+hands+3") != CLOTHES.svg("girl@sit+read+3")


def test_a_head_in_no_table_is_measured_and_a_horse_becomes_a_unicorn() -> None:
    found = anchors(CLOTHES, "chicken")
    assert 0 < found.top[1] < found.eyes[1] < found.mouth[1] < found.neck[1] + 0.05
    assert "#f3c33c" in CLOTHES.svg("unicorn")
    assert anchors(CLOTHES, "unicorn").head == 0.4
