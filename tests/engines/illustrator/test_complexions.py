"""People have skin: a tone of the prompt's or of their own, the same all over, and never an emoji's yellow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from limner.engines.illustrator.language.reading import read
from limner.engines.illustrator.language.telling import tell
from limner.engines.illustrator.pack import TONES, ArtPack, tone_of, untoned
from limner.engines.illustrator.painter import paint
from limner.engines.illustrator.staging.complexions import complexioned
from limner.engines.illustrator.staging.frames import Spot

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Scene

YELLOW = np.array([255, 202, 40])


@pytest.fixture(scope="module")
def pack() -> ArtPack:
    return ArtPack.open()


def spot(subject: int, one: int, art: str) -> Spot:
    return Spot(
        subject, 0, 0, 10, 10, 0, mirrored=False, medium="ground", foot=9, resting=False, order=(0, 0), art=art, one=one
    )


def test_all_parts_of_a_person_have_one_tone_and_things_have_none(pack: ArtPack) -> None:
    spots = (spot(0, 0, "boy@sit+read"), spot(0, 0, "boy@sit+read+hands"), spot(1, 0, "red-apple"), spot(0, 1, "boy"))
    given = [one.art for one in complexioned(spots, pack, np.random.default_rng(1))]
    assert tone_of(given[0]) == tone_of(given[1]) != ""
    assert given[0].endswith("@sit+read")
    assert given[1].endswith("@sit+read+hands")
    assert given[2] == "red-apple"
    assert {art.partition("@")[0] for art in given if "boy" in art} <= pack.names


def test_every_tone_comes_up(pack: ArtPack) -> None:
    many = [complexioned((spot(0, 0, "woman"),), pack, np.random.default_rng(seed))[0] for seed in range(60)]
    assert {tone_of(one.art) for one in many} == set(TONES)


def test_a_group_is_of_three_tones(pack: ArtPack) -> None:
    crowd = tuple(spot(0, one, "woman") for one in range(9))
    given = [tone_of(one.art) for one in complexioned(crowd, pack, np.random.default_rng(1))]
    assert [given.count(tone) for tone in dict.fromkeys(given)] == [3, 3, 3]


def test_a_tone_of_the_prompt_stays(pack: ArtPack) -> None:
    asked = (spot(0, 0, "man-dark-skin-tone-beard"),)
    assert complexioned(asked, pack, np.random.default_rng(1)) == asked


@pytest.mark.parametrize(
    ("prompt", "tone", "told"),
    [
        ("a dark-skinned woman in a garden", "dark", "A dark-skinned woman"),
        ("a man with fair skin", "light", "A light-skinned man"),
        ("a black boy riding a bicycle", "dark", "A dark-skinned boy"),
        ("a white woman and a dog", "light", "A light-skinned woman"),
        ("an olive-skinned girl", "medium", "An olive-skinned girl"),
        ("a woman", "", "A woman"),
        ("no dark-skinned woman, a man", "", "A man"),
    ],
)
def test_tones_are_read_and_told(pack: ArtPack, prompt: str, tone: str, told: str) -> None:
    scene = read(prompt, pack)
    assert tone_of(scene.subjects[0].art) == tone
    assert scene.subjects[0].colour is None
    assert tell(scene).startswith(told)


def test_a_black_cat_and_a_black_knight_are_black(pack: ArtPack) -> None:
    assert [one.colour for one in read("a black dog and a white wizard", pack).subjects] == ["black", "white"]


@pytest.mark.parametrize("name", ["person-with-crown", "princess", "samurai", "wizard", "firefighter"])
def test_gold_stays_gold_in_all_tones(pack: ArtPack, name: str) -> None:
    assert untoned(pack.toned(name, "dark")) == name
    kept = {part for part in pack.svg(name).split('"') if part.startswith("#") and part != part.lower()}
    assert kept
    assert kept <= set(pack.svg(pack.toned(name, "dark")).split('"'))


def face(scene: Scene, pack: ArtPack, seed: int) -> np.ndarray:
    """Give the median colour between brow and chin of the picture's only person, RGB."""
    painting = paint(scene, size=(256, 256), seed=seed, pack=pack)
    x0, y0, x1, y1 = painting.drawn[0].box
    middle, top, height = (x0 + x1) // 2, y0 + (y1 - y0) // 6, (y1 - y0) // 6
    return np.asarray(np.median(painting.pixels[top : top + height, middle - 12 : middle + 12], axis=(0, 1)))


def test_another_seed_shows_another_person(pack: ArtPack) -> None:
    scene = read("a photo of an old man, white background", pack)
    seen = [face(scene, pack, seed) for seed in range(6)]
    assert max(np.abs(one - other).max() for one in seen for other in seen) > 40
    assert all(np.abs(one - YELLOW).max() > 40 for one in seen)
