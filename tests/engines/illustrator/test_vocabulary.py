"""The vocabulary: the reviewed tables hold together, and words mean what people mean by them."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from limner.engines.illustrator.colours import NAMED
from limner.engines.illustrator.language.spelling import spelt
from limner.engines.illustrator.language.things import Thing
from limner.engines.illustrator.language.tokens import cut
from limner.engines.illustrator.language.vocabulary import Noun, Sign, Vocabulary, flagged, vocabulary
from limner.engines.illustrator.language.words import phrases, rows
from limner.engines.illustrator.pack import TONES, ArtPack
from limner.engines.illustrator.scene import Detail, Medium, Place, Setting, Subject, Time, Weather

OWN = Path(__file__).parents[3] / "artpack" / "own"
# The 80 classes of COCO under GenEval's names, with the drawing judged right for each, by eye.
COCO = {
    "person": "person-standing", "bicycle": "bicycle", "car": "automobile", "motorcycle": "motorcycle",
    "airplane": "airplane", "bus": "bus", "train": "train", "truck": "delivery-truck", "boat": "sailboat",
    "traffic light": "vertical-traffic-light", "fire hydrant": "fire-hydrant", "stop sign": "stop-sign",
    "parking meter": "parking-meter", "bench": "bench", "bird": "bird", "cat": "cat", "dog": "dog", "horse": "horse",
    "sheep": "ewe", "cow": "cow", "elephant": "elephant", "bear": "bear", "zebra": "zebra", "giraffe": "giraffe",
    "backpack": "backpack", "umbrella": "umbrella", "handbag": "handbag", "tie": "tie", "suitcase": "luggage",
    "frisbee": "frisbee", "skis": "ski-pair", "snowboard": "snowboard", "sports ball": "sports-ball", "kite": "kite",
    "baseball bat": "baseball-bat", "baseball glove": "baseball-glove", "skateboard": "skateboard",
    "surfboard": "surfboard", "tennis racket": "tennis-racket", "bottle": "bottle", "wine glass": "wine-glass",
    "cup": "cup",
    "fork": "fork", "knife": "kitchen-knife", "spoon": "spoon", "bowl": "bowl", "banana": "banana",
    "apple": "red-apple", "sandwich": "sandwich", "orange": "tangerine", "broccoli": "broccoli", "carrot": "carrot",
    "hot dog": "hot-dog", "pizza": "pizza", "donut": "doughnut", "cake": "birthday-cake", "chair": "chair",
    "couch": "couch", "potted plant": "potted-plant", "bed": "double-bed", "dining table": "dining-table",
    "toilet": "toilet", "tv": "flat-television", "laptop": "laptop", "computer mouse": "computer-mouse",
    "tv remote": "remote", "computer keyboard": "keyboard", "cell phone": "mobile-phone", "microwave": "microwave",
    "oven": "oven", "toaster": "toaster", "sink": "sink", "refrigerator": "refrigerator", "book": "closed-book",
    "clock": "wall-clock", "vase": "vase", "scissors": "scissors", "teddy bear": "teddy-bear",
    "hair drier": "hair-drier", "toothbrush": "toothbrush",
}  # fmt: skip
VALUES = {
    "setting": (*get_args(Setting), "lake", "cliff"), "time": get_args(Time), "weather": get_args(Weather),
    "medium": get_args(Medium),
    "place": get_args(Place), "reverse": get_args(Place), "holds": get_args(Place), "wears": get_args(Place),
    "reads": get_args(Place), "plays": get_args(Place), "carried": get_args(Place), "detail": get_args(Detail),
    "loose": get_args(Medium), "tone": tuple(TONES),
    "takes": get_args(Place), "studies": get_args(Place),
    "post": get_args(Place), "side": get_args(Place), "colour": tuple(NAMED), "count": tuple(map(str, range(1, 13))),
}  # fmt: skip


@pytest.fixture(scope="module")
def pack() -> ArtPack:
    return ArtPack.open()


@pytest.fixture(scope="module")
def words(pack: ArtPack) -> Vocabulary:
    return vocabulary(pack)


def meaning(words: Vocabulary, phrase: str, language: str = "en") -> Noun | Sign | None:
    tokens = cut(phrase)
    found, length = words.find(tokens, 0, language)
    return found if length == len(tokens) else None


@pytest.mark.parametrize("name", COCO)
def test_the_classes_of_coco_have_the_right_drawing_and_name(words: Vocabulary, name: str) -> None:
    found = meaning(words, name)
    if name == "orange":
        assert found == Sign("colour", "orange")
        return
    assert isinstance(found, Noun)
    assert (found.thing.art, found.thing.name) == (COCO[name], name)


def test_all_drawings_of_the_tables_are_in_the_pack(pack: ArtPack) -> None:
    own = {drawing.stem for drawing in OWN.glob("*.svg")}
    assert {row[0] for row in rows("things")} <= pack.names | own
    assert {row[0] for row in rows("beings")} <= pack.names | own
    assert {row[1] for row in rows("labels")} <= pack.names
    assert {row[0] for row in rows("aliases")} <= pack.names


def test_things_have_sensible_natures() -> None:
    for art, _name, metres, stance, material, faces, home, _words in rows("things"):
        assert 0.01 <= float(metres) <= 50, art
        assert stance in ("stands", "floats", "flies", "swims"), art
        assert material in ("fur", "skin", "gloss", "stone", "plant", "cloth", "paper", "plain"), art
        assert faces in ("left", "right", "front"), art
        assert home in get_args(Setting), art


def test_signs_say_what_a_scene_can_hold() -> None:
    for kind, value, _phrases in [*rows("signs"), *(row[1:] for row in rows("foreign"))]:
        if kind in VALUES:
            assert value in VALUES[kind], (kind, value)
        if kind == "palette":
            assert set(value.split()) <= set(NAMED)


def test_ideas_can_be_drawn(words: Vocabulary) -> None:
    assert len(list(rows("concepts"))) > 50
    for word, idea in words.concepts.items():
        assert idea.setting in get_args(Setting), word
        assert idea.time in get_args(Time), word
        assert idea.weather in get_args(Weather), word
        assert set(idea.palette) <= set(NAMED), word
        assert all(words.named(name) for name in idea.symbols), word


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("wolves", "wolf"),
        ("mice", "mouse"),
        ("knives", "knife"),
        ("cherries", "cherries"),
        ("strawberries", "strawberry"),
        ("foxes", "fox"),
        ("wine glasses", "wine glass"),
        ("teddy bears", "teddy bear"),
        ("buses", "bus"),
        ("women", "woman"),
        ("sofa", "couch"),
        ("mobile phone", "cell phone"),
        ("fridge", "refrigerator"),
        ("aeroplane", "airplane"),
        ("hot air balloon", "hot-air balloon"),
        ("saxophone", "saxophone"),
    ],
)
def test_words_find_their_thing(words: Vocabulary, phrase: str, name: str) -> None:
    found = meaning(words, phrase)
    assert isinstance(found, Noun)
    assert found.thing.name == name


def test_the_long_tail_takes_its_nature_from_its_kind(words: Vocabulary) -> None:
    ledger = Thing("ledger", "ledger", 0.2, "stands", "paper", "front", "table", "prop")
    assert meaning(words, "ledger") == Noun(ledger)
    assert meaning(words, "ledgers") == Noun(ledger, plural=True)


@pytest.mark.parametrize("phrase", ["the", "red car", "running", "xyzzy", "ok", "of"])
def test_what_is_no_thing_is_no_noun(words: Vocabulary, phrase: str) -> None:
    assert not isinstance(meaning(words, phrase), Noun)


@pytest.mark.parametrize(
    ("phrase", "language", "name"),
    [
        ("schmetterlinge", "de", "butterfly"),
        ("renard", "fr", "fox"),
        ("mariposas", "es", "butterfly"),
        ("大象", "zh", "elephant"),
        ("キツネ", "ja", "fox"),
        ("лиса", "ru", "fox"),
        ("고양이는", "ko", "cat"),
    ],
)
def test_other_languages(words: Vocabulary, phrase: str, language: str, name: str) -> None:
    found = meaning(words, phrase, language)
    assert isinstance(found, Noun)
    assert found.thing.name == name


@pytest.mark.parametrize(
    ("emoji", "art", "name"),
    [
        ("\N{FOX FACE}", "fox", "fox"),
        ("\N{CAT FACE}", "cat", "cat"),
        ("\N{COUCH AND LAMP}", "couch", "couch"),
        ("\N{MAN}\N{ZERO WIDTH JOINER}\N{ROCKET}", "man-astronaut", "astronaut"),
        ("\N{GRINNING FACE}", "grinning-face", "grinning face"),
    ],
)
def test_emoji(words: Vocabulary, emoji: str, art: str, name: str) -> None:
    found = meaning(words, emoji.replace("\N{ZERO WIDTH JOINER}", ""))
    assert isinstance(found, Noun)
    assert (found.thing.art, found.thing.name) == (art, name)


def test_a_tone_of_skin_keeps_the_nature(words: Vocabulary) -> None:
    found = meaning(words, "\N{FATHER CHRISTMAS}\N{EMOJI MODIFIER FITZPATRICK TYPE-5}")
    assert isinstance(found, Noun)
    assert (found.thing.art, found.thing.home) == ("santa-claus-medium-dark-skin-tone", "snow")


def test_a_thing_makes_a_subject(words: Vocabulary) -> None:
    fox = words.named("fox")
    assert fox is not None
    assert fox.subject(count=2, colour="red") == Subject("fox", "fox", 2, "red", 0.5, "stands", "fur", "left")
    assert words.home(fox.subject()) == "forest"
    assert words.named("nothing of the kind") is None


def test_one_vocabulary_for_one_pack(pack: ArtPack) -> None:
    assert vocabulary(pack) is vocabulary(pack)


def test_lists_of_words_that_may_be_verbs() -> None:
    assert "can" in flagged("always")
    assert "fish" in flagged("verbish")
    assert phrases("a, b c , ,d") == ["a", "b c", "d"]


def test_misspelt_words_are_put_right() -> None:
    assert spelt("Teh astronot on a horese, THEN coffee") == "the astronaut on a horse, THEN coffee"
    assert spelt("a goldfish bowl") == "a goldfish in a bowl"
