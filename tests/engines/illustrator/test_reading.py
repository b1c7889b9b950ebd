"""Reading: prompts become the scenes that people meant, and no text at all is too odd to read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from limner.engines.illustrator.language.reading import read
from limner.engines.illustrator.language.telling import tell
from limner.engines.illustrator.pack import ArtPack
from limner.engines.illustrator.scene import Medium, Place, Scene, Setting, Time, Weather

GENEVAL = Path(__file__).parents[3] / "benchmarks" / "geneval.jsonl"
POSITIONS = {"left of": "left", "right of": "right", "above": "above", "below": "under"}


@pytest.fixture(scope="module")
def pack() -> ArtPack:
    return ArtPack.open()


def who(scene: Scene) -> list[tuple[str, int, str | None]]:
    return [(subject.name, subject.count, subject.colour) for subject in scene.subjects]


def bonds(scene: Scene) -> list[tuple[str, str, str]]:
    names = [subject.name for subject in scene.subjects]
    return [(names[relation.first], relation.place, names[relation.second]) for relation in scene.relations]


def agrees(scene: Scene, wanted: dict[str, Any]) -> bool:
    """Whether a scene shows exactly what a line of GenEval asks for: classes, counts, colours, positions, medium."""
    include = wanted["include"]
    objects = sorted(str((item["class"], item["count"], item.get("color"))) for item in include)
    positions = [
        (item["class"], POSITIONS[item["position"][0]], include[item["position"][1]]["class"])
        for item in include
        if "position" in item
    ]
    return sorted(map(str, who(scene))) == objects and bonds(scene) == positions and scene.medium == "photo"


def test_geneval(pack: ArtPack) -> None:
    lines = [json.loads(line) for line in GENEVAL.read_text("utf-8").splitlines()]
    assert len(lines) == 553
    wrong = [line["prompt"] for line in lines if not agrees(read(line["prompt"], pack), line)]
    assert wrong == []


@pytest.mark.parametrize(
    ("prompt", "subjects"),
    [
        ("three red apples and two green pears on a wooden table", [("apple", 3, "red"), ("pear", 2, "green")]),
        ("a couple of dogs", [("dog", 2, None)]),
        ("a dozen eggs", [("egg", 12, None)]),
        ("half a dozen eggs", [("egg", 6, None)]),
        ("several balloons", [("balloon", 5, None)]),
        ("25 balloons", [("balloon", 12, None)]),
        ("0 cats", [("cat", 3, None)]),
        ("dogs", [("dog", 3, None)]),
        ("12 sheep", [("sheep", 12, None)]),
        ("apples, three of them", [("apple", 3, None)]),
        ("a flock of birds", [("bird", 7, None)]),
        ("four red and green apples", [("apple", 2, "red"), ("apple", 2, "green")]),
        ("a red and green parrot", [("parrot", 1, "red")]),
        ("an orange and an orange cat", [("orange", 1, None), ("cat", 1, "orange")]),
        ("oranges", [("orange", 3, None)]),
        ("the car is orange", [("car", 1, "orange")]),
        ("the car is red and orange", [("car", 1, "red")]),
        ("the car is yellow and the bus is blue", [("car", 1, "yellow"), ("bus", 1, "blue")]),
        ("A car next to a dog. The car is red.", [("car", 1, "red"), ("dog", 1, None)]),
        ("a black cat", [("cat", 1, "black")]),
        ("a golden retriever", [("dog", 1, None)]),
        ("sports car", [("sports car", 1, None)]),
        ("a robot dog", [("dog", 1, None)]),
        ("birds fly over the sea", [("bird", 3, None)]),
        ("can you draw a duck", [("duck", 1, None)]),
        ("time flies like an arrow", [("hourglass", 1, None)]),
        ("a girl's bicycle", [("bicycle", 1, None)]),
        ("a slice of pizza", [("pizza", 1, None)]),
        ("three pairs of skis", [("skis", 3, None)]),
        ("a pair of scissors", [("scissors", 1, None)]),
        ("a pair of owls", [("owl", 2, None)]),
        (
            "three cats, one black, one white and one orange",
            [("cat", 1, "black"), ("cat", 1, "white"), ("cat", 1, "orange")],
        ),
        ("a black and white cat", [("cat", 1, "black")]),
        ("an orange cat eating an orange", [("cat", 1, "orange"), ("orange", 1, None)]),
        ("a house with a red roof and a blue door", [("house", 1, None)]),
        ("a dog in a black turtleneck", [("dog", 1, None)]),
        ("a heart made of wood and stone", [("heart", 1, None)]),
        ("a dragon made of", [("dragon", 1, None)]),
        ("a glass of orange juice", [("glass of juice", 1, None)]),
        ("a baby and a glass", [("baby", 1, None), ("glass", 1, None)]),
        ("a baby elephant in a glass house", [("elephant", 1, None), ("house", 1, None)]),
        ("a bamboo", [("bamboo", 1, None)]),
        ("a painting", [("painting", 1, None)]),
        ("a man looking at a painting", [("man", 1, None), ("painting", 1, None)]),
        ("an owl family", [("owl", 4, None)]),
        ("a family of four", [("man", 1, None), ("woman", 1, None), ("girl", 1, None), ("boy", 1, None)]),
        ("two cups of coffee", [("coffee", 2, None)]),
        ("a corgi's head", [("corgi", 1, None)]),
        ("an orange beanie", []),
        ("a horse with a mane made of rope", [("horse", 1, None)]),
        ("a baseball player's helmet", [("helmet", 1, None)]),
        ("a mountain and its reflection in a lake", []),
        ("a family", [("man", 1, None), ("woman", 1, None), ("girl", 1, None), ("boy", 1, None)]),
        ("a teddy bear and a polar bear", [("teddy bear", 1, None), ("polar bear", 1, None)]),
        ("a cup of coffee and a croissant", [("coffee", 1, None), ("croissant", 1, None)]),
        ("a mouse and a keyboard", [("computer mouse", 1, None), ("computer keyboard", 1, None)]),
        ("a mouse and a cheese", [("mouse", 1, None), ("cheese", 1, None)]),
        ("a wolf howling at the moon", [("wolf", 1, None)]),
        ("two moons", [("moon", 2, None)]),
        ("a mountain", []),
        ("a woman in a red dress", [("woman", 1, None)]),
        ("a red dress", [("dress", 1, "red")]),
        ("\N{ELEPHANT}\N{ELEPHANT}\N{ELEPHANT}", [("elephant", 3, None)]),
        ("cat\N{GRINNING FACE}dog", [("cat", 1, None), ("dog", 1, None)]),
        ("\N{GRINNING FACE}", [("grinning face", 1, None)]),
    ],
)
def test_who_is_in_it(pack: ArtPack, prompt: str, subjects: list[tuple[str, int, str | None]]) -> None:
    assert who(read(prompt, pack)) == subjects


@pytest.mark.parametrize(
    ("prompt", "relations"),
    [
        ("a dog to the left of a cat", [("dog", "left", "cat")]),
        ("a dog on the right side of a cat", [("dog", "right", "cat")]),
        ("a cat sitting on a sofa", [("cat", "on", "couch")]),
        ("a ball under a chair", [("sports ball", "under", "chair")]),
        ("a bird over a house", [("bird", "above", "house")]),
        ("six eggs in a basket", [("egg", "in", "basket")]),
        ("a bowl of apples", [("apple", "in", "bowl")]),
        ("a snowman in front of a house", [("snowman", "in_front", "house")]),
        ("a wine glass behind a bottle", [("wine glass", "behind", "bottle")]),
        ("a cat beside a dog", [("cat", "next_to", "dog")]),
        ("an astronaut riding a horse", [("astronaut", "on", "horse")]),
        ("a cat and a dog on a sofa", [("cat", "on", "couch"), ("dog", "on", "couch")]),
        ("a dog wearing a top hat", [("top hat", "worn", "dog")]),
        (
            "a man wearing a top hat and holding an umbrella next to a car",
            [("top hat", "worn", "man"), ("umbrella", "held", "man"), ("man", "next_to", "car")],
        ),
        ("wearing a hat", []),
        ("On the sofa sits a cat.", [("cat", "on", "couch")]),
        ("A dog. On the sofa sits a cat.", [("cat", "on", "couch")]),
        ("a cat on the left and a dog on the right", [("cat", "left", "dog")]),
        ("On the left a cat, on the right a dog", [("cat", "left", "dog")]),
        ("a cat and a dog, a bird in the foreground", [("bird", "in_front", "cat"), ("bird", "in_front", "dog")]),
        ("a cat between a dog and a horse", [("cat", "right", "dog"), ("cat", "left", "horse")]),
        ("between a dog and a horse", []),
        ("a cat on a mat, a dog under a tree", [("dog", "under", "tree")]),
        ("a cup of tea on a table", []),
        ("a cat on a horse under a tree", [("cat", "on", "horse"), ("horse", "under", "tree")]),
        ("a cat under a table", [("cat", "under", "dining table")]),
        ("a cat near the sea", []),
        ("two red and blue balls on a bed", [("sports ball", "on", "bed"), ("sports ball", "on", "bed")]),
    ],
)
def test_who_stands_where(pack: ArtPack, prompt: str, relations: list[tuple[str, str, str]]) -> None:
    assert bonds(read(prompt, pack)) == relations


@pytest.mark.parametrize(
    ("prompt", "setting", "time", "weather", "medium"),
    [
        ("a boat", "sea", "day", "clear", "render"),
        ("an apple", "table", "day", "clear", "render"),
        ("a cat on a sofa", "room", "day", "clear", "render"),
        ("an elephant and a couch", "meadow", "day", "clear", "render"),
        ("a cactus", "desert", "day", "clear", "render"),
        ("a penguin", "snow", "day", "clear", "render"),
        ("a balloon", "sky", "day", "clear", "render"),
        ("a planet", "space", "day", "clear", "render"),
        ("a tie", "studio", "day", "clear", "render"),
        ("a purple elephant in a snowy city at night", "city", "night", "snow", "render"),
        ("a corgi on a beach at sunset", "beach", "golden", "clear", "render"),
        ("a fox in a foggy forest, watercolor", "forest", "day", "fog", "watercolour"),
        ("vintage travel poster of the Amalfi coast in the rain", "village", "day", "rain", "poster"),
        ("ink drawing of a sailboat in a storm", "sea", "day", "storm", "ink"),
        ("flat logo of a rocket", "studio", "day", "clear", "flat"),
        ("a photorealistic horse in the snow", "snow", "day", "clear", "photo"),
        ("the moon over the sea", "sea", "night", "clear", "render"),
        ("snow", "snow", "day", "snow", "render"),
        ("a dog in winter", "snow", "day", "snow", "render"),
        ("a city bus", "city", "day", "clear", "render"),
        ("a cat on a desk", "room", "day", "clear", "render"),
        ("not in the city but in a forest", "forest", "day", "clear", "render"),
    ],
)
def test_where_and_when(pack: ArtPack, prompt: str, setting: str, time: str, weather: str, medium: str) -> None:
    scene = read(prompt, pack)
    assert (scene.setting, scene.time, scene.weather, scene.medium) == (setting, time, weather, medium)


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("a beach with no people", []),
        ("a beach without people and umbrellas", []),
        ("a dog without a hat and a cat", ["dog", "cat"]),
        ("no cars, a horse", ["horse"]),
        ("not a cat but a dog", ["dog"]),
        ("a street. No cars. A bicycle.", ["bicycle"]),
        ("a sky without clouds or birds", []),
        ("a room without red chairs, two beds", ["bed"]),
    ],
)
def test_what_shall_not_be_there_is_not(pack: ArtPack, prompt: str, names: list[str]) -> None:
    assert [subject.name for subject in read(prompt, pack).subjects] == names


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ('a poster with the text "AMALFI"', ("AMALFI",)),
        ("a sign that says 'Joe's Diner' above a door", ("Joe's Diner",)),
        ("\u201cHello\u201d and \u00ab Monde \u00bb on a wall", ("Hello", "Monde")),
        ("a sign that says OPEN NOW above a blue door", ("OPEN NOW",)),
        ("a banner saying happy birthday in the sky", ("happy birthday",)),
        ("write the word HELLO on a poster", ("HELLO",)),
        ('"a cat on a sofa"', ()),
        ("a dog's bone and a cat's toy", ()),
        ("a sign that says", ()),
        ("a sign saying !!!", ()),
        ('"A" "B" "C" "D" "E" "F" "G" "A"', ("A", "B", "C", "D", "E", "F")),
        ('a cat "  "', ()),
    ],
)
def test_lettering(pack: ArtPack, prompt: str, text: tuple[str, ...]) -> None:
    assert read(prompt, pack).text == text


def test_lettered_words_are_not_drawn_as_things(pack: ArtPack) -> None:
    assert who(read('a poster that says "CATS AND DOGS"', pack)) == []
    assert who(read('"a cat on a sofa"', pack)) == [("cat", 1, None), ("couch", 1, None)]
    assert read("x" * 10 + '"' + "y" * 120 + '"', pack).text == ("y" * 80,)


@pytest.mark.parametrize(
    ("prompt", "symbols", "mood"),
    [
        ("nostalgia", ["swing", "teddy bear"], "melancholy"),
        ("freedom", ["dove"], "joyful"),
        ("artificial intelligence", ["robot"], "mysterious"),
    ],
)
def test_ideas_become_scenes(pack: ArtPack, prompt: str, symbols: list[str], mood: str) -> None:
    scene = read(prompt, pack)
    assert [subject.name for subject in scene.subjects] == symbols
    assert scene.mood == mood
    assert scene.palette


def test_an_idea_beside_a_thing_only_colours_it(pack: ArtPack) -> None:
    scene = read("a lonely dog dreaming of freedom", pack)
    assert who(scene) == [("dog", 1, None)]
    assert scene.palette
    assert read("no war", pack).subjects == ()


@pytest.mark.parametrize(
    ("prompt", "palette"),
    [
        ("a sailboat in shades of blue and gold", ("blue", "gold")),
        ("a sailboat in pink and teal tones", ("pink", "teal")),
        ("a neon sign", ("purple", "turquoise", "pink")),
        ("a sailboat", ()),
    ],
)
def test_palettes(pack: ArtPack, prompt: str, palette: tuple[str, ...]) -> None:
    assert read(prompt, pack).palette == palette


def test_a_book_that_is_read_is_open(pack: ArtPack) -> None:
    assert [subject.art for subject in read("an owl reading a big book", pack).subjects] == ["owl", "open-book"]
    assert read("a book", pack).subjects[0].art == "closed-book"


def test_what_comes_along(pack: ArtPack) -> None:
    assert bonds(read("a frog with a crown on a lily pad", pack)) == [
        ("crown", "worn", "frog"),
        ("frog", "on", "lily pad"),
    ]
    assert bonds(read("a frog on a rock and a crab under a tree", pack)) == [
        ("frog", "on", "rock"),
        ("crab", "under", "tree"),
    ]
    assert bonds(read("a bicycle on a zzz with flowers in its basket", pack)) == [("flower", "in", "basket")]


def test_numbers_that_count_nothing(pack: ArtPack) -> None:
    assert who(read("a clock showing 3 o'clock", pack)) == [("clock", 1, None)]
    assert who(read("a car from 1967", pack)) == [("car", 1, None)]
    assert who(read("a dog and a cat, both asleep", pack)) == [("dog", 1, None), ("cat", 1, None)]
    assert read("the number 7", pack).text == ("7",)


def test_colours_of_the_surroundings_colour_nobody(pack: ArtPack) -> None:
    assert who(read("an otter in calm blue water", pack)) == [("otter", 1, None)]
    assert who(read("a white cat, blue sky", pack)) == [("cat", 1, "white")]


def test_size_and_material_change_the_subject(pack: ArtPack) -> None:
    plain, giant = read("a mouse", pack).subjects[0], read("a giant marble mouse", pack).subjects[0]
    assert giant.height == 6 * plain.height
    assert (plain.material, giant.material) == ("fur", "stone")
    assert read("a tiny little baby mini cat", pack).subjects[0].height == pytest.approx(0.3 * 0.12)


def test_colours_that_have_a_drawing_of_their_own(pack: ArtPack) -> None:
    assert read("a green apple", pack).subjects[0].art == "green-apple"
    assert read("a black cat", pack).subjects[0].art == "black-cat"
    assert read("a blue apple", pack).subjects[0].art == "red-apple"


@pytest.mark.parametrize(
    ("prompt", "subjects", "setting"),
    [
        ("Drei rote \u00c4pfel auf einem Holztisch", [("apple", 3, "red")], "table"),
        (
            "un \u00e9l\u00e9phant violet \u00e0 gauche d'une voiture jaune",
            [("elephant", 1, "purple"), ("car", 1, "yellow")],
            "meadow",
        ),
        ("un gato negro en la playa al atardecer", [("cat", 1, "black")], "beach"),
        ("una volpe rossa nella foresta", [("fox", 1, "red")], "forest"),
        ("um barco azul no mar", [("boat", 1, "blue")], "sea"),
        ("рыжая лиса в лесу", [("fox", 1, "orange")], "forest"),
        ("赤いりんごが三つ", [("apple", 3, "red")], "table"),
        ("ソファの上の猫", [("couch", 1, None), ("cat", 1, None)], "room"),
        ("大象在汽车的左边", [("elephant", 1, None), ("car", 1, None)], "meadow"),
        ("没有猫", [], "sea"),
        ("숲속의 여우", [("fox", 1, None)], "forest"),
        ("een kat zonder hond", [("cat", 1, None)], "room"),
        ("renard", [("fox", 1, None)], "forest"),
        ("हाथी", [("elephant", 1, None)], "meadow"),
    ],
)
def test_other_languages(pack: ArtPack, prompt: str, subjects: list[tuple[str, int, str | None]], setting: str) -> None:
    scene = read(prompt, pack)
    assert (who(scene), scene.setting) == (subjects, setting)


def test_relations_in_other_languages(pack: ArtPack) -> None:
    assert bonds(read("ソファの上の猫", pack)) == [("cat", "on", "couch")]
    assert bonds(read("大象在汽车的左边", pack)) == [("elephant", "left", "car")]
    assert bonds(read("Eine Katze auf dem Sofa", pack)) == [("cat", "on", "couch")]


def is_whole(scene: Scene) -> bool:
    """Whether every field of a scene holds what its type says, and no relation points astray."""
    everybody = range(len(scene.subjects))
    return (
        scene.setting in get_args(Setting)
        and scene.time in get_args(Time)
        and scene.weather in get_args(Weather)
        and scene.medium in get_args(Medium)
        and all(1 <= subject.count <= 12 and 0 < subject.height < 200 for subject in scene.subjects)
        and all(
            relation.first in everybody
            and relation.second in everybody
            and relation.first != relation.second
            and relation.place in get_args(Place)
            for relation in scene.relations
        )
    )


ODD = [
    "", " ", "\n\t", "\x00\x01\x02", "\ud800", "a \udfff cat", "\u202eelephant", "a\u200bcat", "1", "0", "12 12 12",
    "-1", "3.14 cats", "\N{FULLWIDTH DIGIT THREE} cats", "\u00b2 cats", "\u0663 cats",
    "' OR 1=1; DROP TABLE pictures; --", "<script>alert('cat')</script>", "{{7*7}} ${jndi:ldap} %s %n",
    "../../etc/passwd", "a" * 32_000, "a " * 16_000, "cat and " * 4_000, "((((" * 8_000, '"' * 32_000, "'" * 32_000,
    '"a' * 16_000, "on on on on on", "left of left of", "of of of", "the the the", "and and and", "a cat on", "on a",
    "\u0301" * 32_000, "a\u0301\u0323" * 8_000, "\N{ELEPHANT}" * 32_000, "\u732b" * 32_000, "\u0e0a" * 5_000,
    "\u0915\u094d" * 5_000, "the word " * 3_000, "that says " * 3_000, "--ar 16:9 --v 6", "(cat:1.2), [dog], {bird}",
    "no no no", "not", "without", "between", "red", "red and", "orange orange orange", "is is is", "a cat is",
    "\N{REGIONAL INDICATOR SYMBOL LETTER D}" * 7, "#\ufe0f\u20e3",
    "\u0642\u0637\u0629 \u0639\u0644\u0649 \u0637\u0627\u0648\u0644\u0629", "\u05d7\u05ea\u05d5\u05dc",
    "\u03b3\u03ac\u03c4\u03b1", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "\ufdfa" * 2_000,
    "\u1e9b\u0323" * 2_000, "x" * 40_001 + " cat", "l'" * 8_000, "d'un " * 4_000, "\u300c\u732b", "\u00ab" * 32_000,
    "`" * 32_000, "\u201c" * 32_000, "99999999999999999999999 cats",
]  # fmt: skip


@pytest.mark.untraced
@pytest.mark.parametrize("prompt", ODD, ids=range(len(ODD)))
def test_odd_prompts_are_read_and_told(pack: ArtPack, prompt: str) -> None:
    scene = read(prompt, pack)
    assert is_whole(scene)
    assert tell(scene)
    assert read(prompt, pack) == scene


WORDS = [
    "a", "the", "two", "three", "cat", "dogs", "car", "orange", "red", "blue", "on", "under", "left of", "between",
    "and", ",", ".", "on the left", "in the background", "no", "without", "but", "wearing", "holding", "hat", "of",
    "bowl", "is", "in shades of", "tones", "night", "snow", "forest", "poster", '"', "'", "that says", "the word",
    "\N{FOX FACE}", "\u732b", "\u306e\u4e0a\u306e", "Katze", "auf", "tiny", "marble", "fish", "can", "moon", "love",
    "table", "dress", "man", "7", "city", "bus", "or", "\ud83d",
]  # fmt: skip


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(parts=st.lists(st.sampled_from(WORDS), max_size=24))
def test_any_sequence_of_words_makes_a_whole_scene(pack: ArtPack, parts: list[str]) -> None:
    scene = read(" ".join(parts), pack)
    assert is_whole(scene)
    assert tell(scene).endswith(".")


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(prompt=st.text(st.characters(codec=None), max_size=200))
def test_any_text_makes_a_whole_scene(pack: ArtPack, prompt: str) -> None:
    assert is_whole(read(prompt, pack))


@pytest.mark.parametrize(
    ("prompt", "subjects", "setting"),
    [
        ("a camel caravan in the desert", [("camel", 3, None)], "desert"),
        ("a village in the mountains", [("row of houses", 1, None)], "mountains"),
        ("a sign beside a bakery in an old street", [("sign", 1, None), ("bakery", 1, None)], "street"),
        ("a house by a lake", [("house", 1, None)], "mountains"),
        ("a duck on a lake", [("duck", 1, None)], "river"),
        ("a sailboat on a lake", [("boat", 1, None)], "sea"),
        ("a mermaid sitting on a rock", [("mermaid", 1, None), ("rock", 1, None)], "beach"),
        ("logo of a mountain", [("mountain", 1, None)], "studio"),
        ("a yellow heart-shaped sign", [("sign", 1, "yellow")], None),
        ("a woman with long black hair", [("woman", 1, None)], None),
        ("swirls of blue behind a cat", [("cat", 1, None)], None),
        ("un gato naranja en un sof\u00e1", [("cat", 1, "orange"), ("couch", 1, None)], "room"),
        ('poster of a film called "The Last Whale"', [("whale", 1, None)], None),
        ("a bouquet of tulips", [("bouquet", 1, None)], "table"),
        ("three lion cubs", [("lion", 3, None)], None),
        ("two cubs", [("bear", 2, None)], None),
        ("vegetables", [("carrot", 1, None), ("tomato", 1, None), ("broccoli", 1, None)], None),
    ],
)
def test_what_people_ask_for_is_there(
    pack: ArtPack, prompt: str, subjects: list[tuple[str, int, str | None]], setting: str | None
) -> None:
    scene = read(prompt, pack)
    assert who(scene) == subjects
    assert setting in (None, scene.setting)


def test_a_number_alone_is_lettered(pack: ArtPack) -> None:
    assert read("42", pack).text == ("42",)


def test_young_animals_are_half_as_high_as_their_parents(pack: ArtPack) -> None:
    bear, cubs = read("a bear and her two cubs", pack).subjects
    assert (bear.count, cubs.count, cubs.height) == (1, 2, bear.height / 2)


@pytest.mark.parametrize(
    ("prompt", "stance"),
    [
        ("a dragon above a village on a cliff", "flies"),
        ("a dragon flying over a castle", "flies"),
        ("a flying pig", "flies"),
        ("a pig soaring", "flies"),
        ("a man crossing a bridge over a valley", "stands"),
    ],
)
def test_who_is_above_a_place_flies(pack: ArtPack, prompt: str, stance: str) -> None:
    assert read(prompt, pack).subjects[0].stance == stance


@pytest.mark.parametrize(
    ("prompt", "bond"),
    [
        ("a cat in a couch", (0, "on", 1)),
        ("a knight in a castle", (0, "in_front", 1)),
        ("a woman driving a car", (0, "in", 1)),
        ("a boy flying a kite", (1, "held", 0)),
        ("a mouse chef", (1, "worn", 0)),
        ("a wizard cat", (1, "worn", 0)),
        ("a sloth in front of a van and wearing a cowboy hat", (2, "worn", 0)),
    ],
)
def test_who_is_with_whom(pack: ArtPack, prompt: str, bond: tuple[int, str, int]) -> None:
    found = [(relation.first, relation.place, relation.second) for relation in read(prompt, pack).relations]
    assert bond in found
