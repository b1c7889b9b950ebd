"""What a drawing or a place has already is not drawn once more, and what is seen whole is not only a place."""

from __future__ import annotations

import pytest

from limner.engines.illustrator.language.reading import read
from limner.engines.illustrator.language.vocabulary import vocabulary
from limner.engines.illustrator.language.words import phrases, rows
from limner.engines.illustrator.pack import ArtPack


@pytest.fixture(scope="module")
def pack() -> ArtPack:
    return ArtPack.open()


def names(prompt: str, pack: ArtPack) -> list[str]:
    return [subject.name for subject in read(prompt, pack).subjects]


def bonds(prompt: str, pack: ArtPack) -> list[tuple[str, str, str]]:
    scene = read(prompt, pack)
    shown = [subject.name for subject in scene.subjects]
    return [(shown[one.first], one.place, shown[one.second]) for one in scene.relations]


def test_the_table_names_things_there_are(pack: ArtPack) -> None:
    words = vocabulary(pack)
    named = {noun.thing.name for noun in words.nouns.values()}
    assert {row[0] for row in rows("owned")} <= named
    assert {thing for row in rows("owned") for thing in phrases(row[1])} <= named


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        ("a king with a golden crown", ["king"]),
        ("a king wearing a crown and a scarf", ["king", "scarf"]),
        ("a cat wearing a crown", ["cat", "crown"]),
        ("a snowman with a carrot nose and a top hat", ["snowman"]),
        ("a birthday cake with candles", ["cake"]),
        ("a cake and a candle", ["cake", "candle"]),
        ("a tree house in a giant oak tree", ["tree house"]),
        ("a witch on a broom", ["witch"]),
        ("a nest with three blue eggs", ["nest"]),
    ],
)
def test_nothing_is_drawn_twice(pack: ArtPack, prompt: str, shown: list[str]) -> None:
    assert names(prompt, pack) == shown


@pytest.mark.parametrize(
    ("prompt", "shown", "setting"),
    [
        ("a cat by the window", ["cat"], "room"),
        ("a man looking out of a window", ["man"], "room"),
        ("a cat next to a red window", ["cat", "window"], "room"),
        ("a window", ["window"], "room"),
        ("a reading nook by a rainy window with a stack of books", ["stack of books"], "room"),
    ],
)
def test_a_room_has_its_window(pack: ArtPack, prompt: str, shown: list[str], setting: str) -> None:
    assert (names(prompt, pack), read(prompt, pack).setting) == (shown, setting)


@pytest.mark.parametrize(
    ("prompt", "related", "setting"),
    [
        ("a train crossing a bridge", [("train", "on", "stone bridge")], "river"),
        ("a train on a stone bridge in the mountains", [("train", "on", "stone bridge")], "mountains"),
        ("penguins on an iceberg", [("penguin", "on", "iceberg")], "sea"),
        ("a dog in front of a bakery", [("dog", "in_front", "bakery")], "street"),
        ("a duck by a bridge", [], "river"),
    ],
)
def test_what_is_crossed_or_stood_before_is_seen(
    pack: ArtPack, prompt: str, related: list[tuple[str, str, str]], setting: str
) -> None:
    assert (bonds(prompt, pack), read(prompt, pack).setting) == (related, setting)


@pytest.mark.parametrize(
    ("prompt", "shown", "setting"),
    [
        ("a bakery on a cobblestone street", ["bakery"], "street"),
        ("a cosy cafe on a rainy night", ["cafe"], "street"),
        ("the interior of a cafe", [], "room"),
        ("a cat in a bakery", ["cat"], "kitchen"),
        ("people at a restaurant", ["person"], "room"),
    ],
)
def test_a_shop_by_itself_is_seen_from_the_street(pack: ArtPack, prompt: str, shown: list[str], setting: str) -> None:
    assert (list(dict.fromkeys(names(prompt, pack))), read(prompt, pack).setting) == (shown, setting)


@pytest.mark.parametrize(
    ("prompt", "colour"),
    [("a spoon on a blue background", None), ("a red apple on a bright yellow background", "red")],
)
def test_a_backdrop_has_the_colour_that_is_said_of_it(pack: ArtPack, prompt: str, colour: str | None) -> None:
    scene = read(prompt, pack)
    assert scene.setting == "studio"
    assert scene.palette in (("blue",), ("yellow",))
    assert scene.subjects[0].colour == colour


def test_a_lighthouse_stands_by_the_sea_wherever_its_cliff_is(pack: ArtPack) -> None:
    assert read("a lighthouse on a cliff", pack).setting == "beach"
    assert read("a goat on a rocky cliff", pack).setting == "mountains"


def test_large_instruments_are_played_where_they_stand(pack: ArtPack) -> None:
    assert bonds("a skeleton playing the piano", pack) == [("piano", "in_front", "skeleton")]
    assert bonds("a bear playing the drums", pack) == [("drum kit", "in_front", "bear")]
    assert bonds("a bear playing the violin", pack) == [("violin", "held", "bear")]


def test_a_costume_is_for_one(pack: ArtPack) -> None:
    assert bonds("an astronaut and a cat astronaut on the moon", pack) == [("space helmet", "worn", "cat")]
    assert bonds("a mouse chef and a dog", pack) == [("chef's hat", "worn", "mouse")]


def test_neon_signs_light_a_street_and_smoking_chimneys_make_no_fog(pack: ArtPack) -> None:
    street = read("a street at night with neon signs and rain", pack)
    assert (street.subjects, street.weather) == ((), "rain")
    assert "futuristic" in street.details
    assert names('a neon sign that says "OPEN"', pack) == ["sign"]
    assert read("a cabin with smoke coming from the chimney", pack).weather == "clear"


@pytest.mark.parametrize(
    "prompt", ["a girl in a sunflower field", "a girl in a field of sunflowers", "a girl in a garden of sunflowers"]
)
def test_a_field_of_flowers_shows_some(pack: ArtPack, prompt: str) -> None:
    scene = read(prompt, pack)
    assert [(one.name, one.count) for one in scene.subjects] == [("girl", 1), ("sunflower", 3)]
    assert scene.relations == ()
    assert scene.setting in ("meadow", "garden")


def test_who_howls_at_the_moon_sees_it(pack: ArtPack) -> None:
    assert (read("a wolf howling at the moon", pack).setting, read("a wolf", pack).setting) == ("hills", "forest")


def test_a_bride_and_a_groom_are_dressed_for_it(pack: ArtPack) -> None:
    assert names("a bride and groom in front of a church", pack) == ["bride", "groom", "church"]


@pytest.mark.parametrize(
    ("prompt", "shown", "setting"),
    [
        ("three friends around a campfire", ["person", "campfire"], "forest"),
        ("a man and a horse", ["man", "horse"], "meadow"),
        ("a man next to a car", ["man", "car"], "city"),
        ("a cat under cherry blossoms", ["cat"], "garden"),
        ("a woman walking her dog in autumn", ["woman", "dog"], "meadow"),
        ("a hedgehog in an autumn forest, light falling through the trees", ["hedgehog"], "forest"),
        ("three trees in a forest", ["tree"], "forest"),
    ],
)
def test_people_go_where_the_others_are_at_home(pack: ArtPack, prompt: str, shown: list[str], setting: str) -> None:
    assert (names(prompt, pack), read(prompt, pack).setting) == (shown, setting)


@pytest.mark.parametrize(
    ("prompt", "palette"),
    [
        ("abstract colorful shapes", ()),
        ("abstract painting in blue and gold", ("blue", "gold")),
        ("a geometric pattern in teal", ("teal",)),
    ],
)
def test_abstract_pictures_are_of_shapes_in_the_colours_named(
    pack: ArtPack, prompt: str, palette: tuple[str, ...]
) -> None:
    scene = read(prompt, pack)
    assert (scene.setting, scene.subjects) == ("abstract", ())
    if palette:
        assert scene.palette == palette


def test_whoever_is_abstract_stands_before_shapes(pack: ArtPack) -> None:
    assert (names("an abstract cat", pack), read("an abstract cat", pack).setting) == (["cat"], "abstract")


@pytest.mark.parametrize(
    ("prompt", "setting", "weather"),
    [
        ("a street in the snow", "street", "snow"),
        ("a red telephone box in London in the snow", "city", "snow"),
        ("a fox in the snow", "snow", "clear"),
        ("a snow field under a blue sky", "snow", "clear"),
    ],
)
def test_a_place_in_the_snow_is_snowed_in(pack: ArtPack, prompt: str, setting: str, weather: str) -> None:
    scene = read(prompt, pack)
    assert (scene.setting, scene.weather) == (setting, weather)
