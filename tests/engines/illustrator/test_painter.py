from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import combinations
from typing import Any, get_args

import numpy as np
import pytest

from benchmarks.geneval import COLOURS
from limner.engines.illustrator.colours import NAMED, lab, named_lab
from limner.engines.illustrator.painter import Painting, paint
from limner.engines.illustrator.pixels import array
from limner.engines.illustrator.scene import Medium, Relation, Scene, Setting, Subject, Time
from tests.engines.illustrator.paintbox import BALL, BOAT, BOX, CAT, PACK, SOFA, detail, overlap, scene

SETTINGS: tuple[Setting, ...] = get_args(Setting)
MEDIA: tuple[Medium, ...] = get_args(Medium)


@lru_cache(maxsize=32)
def _painted(what: Scene, width: int, height: int, seed: int, options: tuple[tuple[str, Any], ...]) -> Painting:
    return paint(what, size=(width, height), seed=seed, pack=PACK, **dict(options))


def painted(what: Scene, size: tuple[int, int] = (256, 256), seed: int = 3, **options: Any) -> Painting:
    return _painted(what, *size, seed, tuple(sorted(options.items())))


def colours(pixels: np.ndarray) -> np.ndarray:
    return lab(array(pixels[..., :3]) / np.float32(255))


def chroma(painting: Painting) -> float:
    found = colours(painting.pixels)
    return float(np.hypot(found[..., 1], found[..., 2]).mean())


def main_colour(painting: Painting, number: int) -> np.ndarray:
    """Give the median colour of the middle of a ball or a box: nine tenths of what was recoloured."""
    x0, y0, x1, y1 = painting.drawn[number].box
    wide, high = x1 - x0, y1 - y0
    part = painting.pixels[y0 + high // 4 : y1 - high // 4, x0 + wide // 4 : x1 - wide // 4]
    return np.asarray(np.median(colours(part).reshape(-1, 3), axis=0))


@pytest.mark.parametrize("size", [(64, 64), (2048, 96), (80, 1500), (301, 177)])
@pytest.mark.parametrize("medium", ["render", "poster", "watercolour"])
def test_the_size_is_exact(size: tuple[int, int], medium: Medium) -> None:
    painting = painted(scene(CAT, medium=medium, text=("HELLO", "and more")), size, quality="low")
    assert painting.pixels.shape == (size[1], size[0], 3)
    assert painting.pixels.dtype == np.uint8
    (cat,) = painting.drawn
    assert 0 <= cat.box[0] < cat.box[2] <= size[0]
    assert 0 <= cat.box[1] < cat.box[3] <= size[1]


def test_a_photo_of_a_place_has_a_focus() -> None:
    assert painted(scene(setting="meadow", medium="photo")).pixels.std() > 8


def test_every_instance_is_told_with_its_box() -> None:
    painting = painted(
        scene(replace(BALL, count=3, colour="red"), replace(BOX, count=2, colour="green"), setting="table")
    )
    assert sorted((one.name, one.art, one.count, one.colour) for one in painting.drawn) == [
        *[("ball", "ball", 1, "red")] * 3,
        *[("box", "box", 1, "green")] * 2,
    ]
    # Rows may overlap by a fifth.
    assert all(overlap(a.box, b.box) < 0.2 for a, b in combinations(painting.drawn, 2))


def test_boxes_hold_what_was_painted() -> None:
    (cat,) = painted(scene(CAT), seed=5).drawn
    difference = (
        np.abs(painted(scene(CAT), seed=5).pixels.astype(int) - painted(scene(), seed=5).pixels).max(axis=2) > 60
    )
    x0, y0, x1, y1 = cat.box
    assert difference[y0:y1, x0:x1].mean() > 0.3
    difference[y0 - 3 : y1 + 3, x0 - 3 : x1 + 3] = False
    assert difference.mean() < 0.03


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_place_takes_subjects_and_stands_alone(setting: Setting) -> None:
    peopled, empty = painted(scene(CAT, BOAT, setting=setting)), painted(scene(setting=setting))
    assert len(peopled.drawn) == 2
    assert empty.drawn == ()
    assert empty.pixels.std() > 8
    assert (peopled.pixels != empty.pixels).mean() > 0.1


@pytest.mark.parametrize("time", ["day", "golden", "night"])
@pytest.mark.parametrize("colour", ["purple", "yellow", "red", "green", "blue", "white", "black", "orange", "pink"])
def test_named_colours_stay_in_any_light(colour: str, time: Time) -> None:
    """In the natural style a colour is calmer than its name's, by design, but never nearer to another name's."""
    what = scene(replace(BALL, colour=colour), setting="city", time=time)
    vivid, natural = (painted(what, (200, 200), style=style) for style in ("vivid", "natural"))
    assert np.linalg.norm(main_colour(vivid, 0) - named_lab(colour)) < 25
    calm = main_colour(natural, 0)
    assert min(COLOURS, key=lambda name: float(np.linalg.norm(calm - named_lab(name)))) == colour


@pytest.mark.parametrize("medium", [medium for medium in MEDIA if medium != "blueprint"])
def test_named_colours_stay_in_any_medium(medium: Medium) -> None:
    painting = painted(scene(replace(BALL, colour="purple"), medium=medium, setting="meadow"))
    assert np.linalg.norm(main_colour(painting, 0) - named_lab("purple")) < 25


def test_a_colour_in_a_drawings_own_name_is_meant() -> None:
    apple = Subject("red-apple", "apple", height=0.08, material="gloss")
    (drawn,) = (painting := painted(scene(apple, setting="table"))).drawn
    assert drawn.colour is None
    assert np.linalg.norm(main_colour(painting, 0) - named_lab("red")) < 25
    assert "teal" in NAMED


def test_unknown_colours_are_passed_over() -> None:
    assert painted(scene(replace(BALL, colour="invisible"))).drawn[0].colour == "invisible"


def test_the_same_seed_gives_the_same_picture_and_another_another() -> None:
    what = scene(replace(CAT, count=2), BALL, setting="meadow")
    first = paint(what, size=(160, 120), seed=1, pack=PACK)
    again = paint(what, size=(160, 120), seed=1, pack=PACK)
    other = paint(what, size=(160, 120), seed=2, pack=PACK)
    assert (first.pixels == again.pixels).all()
    assert first.drawn == again.drawn
    assert (first.pixels != other.pixels).mean() > 0.3


@pytest.mark.parametrize("medium", MEDIA)
def test_media_are_deterministic_and_differ(medium: Medium) -> None:
    what = scene(BOX, setting="meadow", medium=medium)
    first = painted(what, (192, 192))
    again = paint(what, size=(192, 192), seed=3, pack=PACK)
    assert (first.pixels == again.pixels).all()
    others = [painted(replace(what, medium=other), (192, 192)) for other in MEDIA if other != medium]
    assert all((first.pixels != other.pixels).mean() > 0.3 for other in others)


@pytest.mark.parametrize("setting", ["city", "sea", "meadow", "table"])
def test_vivid_is_more_colourful_than_natural(setting: Setting) -> None:
    what = scene(CAT, setting=setting)
    assert chroma(painted(what)) > 1.5 * chroma(painted(what, style="natural"))


@pytest.mark.parametrize("setting", ["city", "sea", "meadow", "room", "studio"])
@pytest.mark.parametrize("medium", ["render", "photo"])
def test_hd_has_more_detail_than_standard(setting: Setting, medium: Medium) -> None:
    what, size = scene(CAT, setting=setting, medium=medium), (384, 384)
    assert detail(painted(what, size, quality="hd").pixels) > 1.15 * detail(painted(what, size).pixels)


@pytest.mark.parametrize("medium", ["watercolour", "poster", "ink", "flat"])
def test_hd_has_more_detail_in_every_medium(medium: Medium) -> None:
    what, size = scene(CAT, setting="room", medium=medium), (384, 384)
    assert detail(painted(what, size, quality="hd").pixels) > 1.15 * detail(painted(what, size).pixels)


def test_relations_hold_in_the_finished_picture() -> None:
    what = scene(CAT, SOFA, relations=(Relation(0, "on", 1),), setting="room")
    cat, sofa = sorted(painted(what).drawn, key=lambda one: one.name)
    assert sofa.box[1] < cat.box[3] < sofa.box[3]
    what = scene(CAT, BOX, relations=(Relation(0, "left", 1),), setting="city", time="night")
    cat, box = sorted(painted(what).drawn, key=lambda one: one.name, reverse=True)
    assert cat.box[2] <= box.box[0] + 1


def test_clear_pictures_hold_only_the_subjects_and_a_soft_shadow() -> None:
    painting = painted(scene(CAT), background="transparent")
    alpha = painting.pixels[..., 3]
    x0, y0, x1, y1 = painting.drawn[0].box
    assert painting.pixels.shape == (256, 256, 4)
    assert alpha[: y0 - 4].max() == 0
    assert (alpha[y0:y1, x0:x1] > 250).mean() > 0.4
    veil = alpha[y1 - 8 : y1 + 12]
    assert ((veil > 10) & (veil < 200)).mean() > 0.05
    assert painting.pixels[8, 8, :3].max() == 0


def test_clear_pictures_of_places_fade_out_to_the_corners() -> None:
    pixels = painted(scene(setting="meadow"), background="transparent").pixels
    assert pixels[0, 0, 3] == 0
    assert pixels[128, 128, 3] == 255
    assert pixels[128, 128, :3].max() > 40
    poster = painted(scene(CAT, medium="poster", text=("HI",)), background="transparent").pixels
    assert poster[0, 0, 3] == 0
    assert poster[20:60, 60:200, 3].max() == 255


def test_clear_water_is_no_water() -> None:
    painting = painted(scene(BOAT, setting="sea"), background="transparent")
    assert painting.pixels[..., 3].max() == 255


def test_a_floating_thing_is_mirrored_in_the_water() -> None:
    (boat,) = painted(scene(replace(BOAT, colour="red"), setting="sea"), (320, 320)).drawn
    with_boat, without = (
        painted(scene(*who, setting="sea"), (320, 320)) for who in ((replace(BOAT, colour="red"),), ())
    )
    below = slice(boat.box[3] + 6, boat.box[3] + 30), slice(boat.box[0] + 20, boat.box[2] - 20)
    assert np.abs(with_boat.pixels[below].astype(int) - without.pixels[below]).mean() > 3


def test_words_are_set_into_the_picture() -> None:
    plain = painted(scene(BALL, setting="sky"), (320, 240))
    worded = painted(scene(BALL, setting="sky", text=("OPEN", "daily")), (320, 240))
    top = np.abs(worded.pixels[10:54].astype(int) - plain.pixels[10:54]).max(axis=2)
    assert (top > 60).mean() > 0.08
    assert worded.drawn[0].box[1] >= 44


def test_progress_is_told_in_order() -> None:
    told: list[tuple[str, float]] = []
    paint(scene(CAT, BOX), size=(96, 96), seed=0, pack=PACK, progress=lambda stage, done: told.append((stage, done)))
    assert list(dict.fromkeys(stage for stage, _ in told)) == ["compose", "backdrop", "subjects", "finish"]
    assert [done for _, done in told] == sorted(done for _, done in told)
    assert told[-1] == ("finish", 1.0)


def test_an_unknown_drawing_is_an_error() -> None:
    with pytest.raises(KeyError):
        paint(scene(replace(CAT, art="no such thing")), size=(64, 64), seed=0, pack=PACK)


def test_heads_have_bodies() -> None:
    (fox,) = painted(scene(Subject("fox", "fox", height=0.5, material="fur"), setting="forest")).drawn
    assert (fox.box[3] - fox.box[1]) / (fox.box[2] - fox.box[0]) > 1.25
    for art in ("astronaut", "princess", "boy", "unicorn"):
        (drawn,) = painted(scene(Subject(art, art, height=1.5, material="cloth"), setting="studio")).drawn
        assert (drawn.box[3] - drawn.box[1]) / (drawn.box[2] - drawn.box[0]) > (0.8 if art == "unicorn" else 1.5)
    (robot,) = painted(scene(Subject("robot", "robot", height=1.2, material="gloss"), setting="studio")).drawn
    assert (robot.box[3] - robot.box[1]) / (robot.box[2] - robot.box[0]) > 1.25


def test_twelve_of_a_kind_are_twelve() -> None:
    painting = painted(scene(replace(BALL, count=12), setting="meadow"))
    assert len(painting.drawn) == 12
    assert len({one.box for one in painting.drawn}) == 12
