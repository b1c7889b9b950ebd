"""Nouns: the three hundred commonest of PartiPrompts, and COCO's classes in every number and colour."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner.engines.illustrator.colours import NAMED
from limner.engines.illustrator.language.reading import COMPLEXIONS, read
from limner.engines.illustrator.language.telling import plural
from limner.engines.illustrator.pack import ArtPack
from tests.engines.illustrator.test_vocabulary import COCO

NOUNS = [
    [field.strip() for field in line.split("|")]
    for line in Path(__file__).with_name("nouns.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
SHARE = 0.95
PLURAL_ALREADY = ("sunglasses", "headphones", "goggles", "jeans", "pants")


@pytest.fixture(scope="module")
def pack() -> ArtPack:
    return ArtPack.open()


def is_right(noun: str, accepted: str, pack: ArtPack) -> bool:
    """Whether a noun alone makes a scene of nothing but drawings (or the setting) that are right for it."""
    scene = read(noun if noun in PLURAL_ALREADY else f"a {noun}", pack)
    shown = {subject.art for subject in scene.subjects} or {f"@{scene.setting}"}
    return shown <= {name.strip() for name in accepted.split(",")}


def test_the_nouns_are_three_hundred_of_which_a_third_was_kept_aside() -> None:
    assert len(NOUNS) == 300
    assert sum(part == "unseen" for _noun, _accepted, part in NOUNS) == 100


@pytest.mark.parametrize("part", ["seen", "unseen"])
def test_common_nouns_show_the_right_thing(pack: ArtPack, part: str) -> None:
    judged = {noun: is_right(noun, accepted, pack) for noun, accepted, kept in NOUNS if kept == part}
    wrong = [noun for noun, right in judged.items() if not right]
    assert len(wrong) <= (1 - SHARE) * len(judged), wrong


@pytest.mark.parametrize("name", COCO)
def test_the_classes_of_coco_in_number_and_colour(pack: ArtPack, name: str) -> None:
    colours = [colour for at, colour in enumerate(NAMED) if (at + len(name)) % 3 == 0 and colour != "gray"]
    many = read(f"a photo of three {plural(name)}", pack).subjects
    assert [(subject.name, subject.count) for subject in many] == [(name, 3)]
    for colour in colours:
        one = read(f"a photo of a {colour} {name}", pack).subjects
        worn = None if name == "person" and colour in COMPLEXIONS else colour
        assert [(subject.name, subject.count, subject.colour) for subject in one] == [(name, 1, worn)], colour
