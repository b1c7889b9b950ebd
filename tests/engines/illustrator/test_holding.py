"""Holding, wearing and being somewhere: what people do with things, and what a place, a medium and its details are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from limner.engines.illustrator.language.reading import read
from limner.engines.illustrator.pack import ArtPack

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Scene


@pytest.fixture(scope="module")
def pack() -> ArtPack:
    return ArtPack.open()


def test_animals_are_drawn_whole_unless_they_do_something(pack: ArtPack) -> None:
    assert [subject.art for subject in read("a fox and a panda in a forest", pack).subjects] == [
        "fox-standing",
        "panda-sitting",
    ]
    assert read("a fox reading a book", pack).subjects[0].art == "fox"
    assert read("a bear on a bicycle", pack).subjects[0].art == "bear"


def bonds(scene: Scene) -> list[tuple[str, str, str]]:
    names = [subject.name for subject in scene.subjects]
    return [(names[relation.first], relation.place, names[relation.second]) for relation in scene.relations]


@pytest.mark.parametrize(
    ("prompt", "relations"),
    [
        ("fox reading a book", [("book", "held", "fox")]),
        ("robot playing the violin", [("violin", "held", "robot")]),
        ("a bear playing the piano", [("piano", "in_front", "bear")]),
        ("a bear playing football", [("soccer ball", "next_to", "bear")]),
        ("knight holding a sword", [("sword", "held", "knight")]),
        ("a girl holding a kitten", [("cat", "held", "girl")]),
        ("a man holding a horse", [("horse", "next_to", "man")]),
        ("chef with a pizza in his hands", [("pizza", "held", "cook")]),
        ("bear drinking tea", [("tea", "held", "bear")]),
        ("wizard with a wand", [("magic wand", "held", "wizard")]),
        ("two dogs with a ball", []),
        ("cat wearing a top hat", [("top hat", "worn", "cat")]),
        ("a cat wearing glasses, a bow tie and a scarf", ["glasses", "bow tie", "scarf"]),
        ("a dog in a bow tie", [("bow tie", "worn", "dog")]),
        ("a cat with a crown on its head", [("crown", "worn", "cat")]),
        ("a cat with a bird on its head", [("bird", "on", "cat")]),
        ("a boy with a teapot on his head", [("teapot", "on", "boy")]),
        ("a tiger in a leather jacket", [("jacket", "worn", "tiger")]),
        ("a man in a leather jacket", []),
        ("a dog wearing a bucket", [("bucket", "held", "dog")]),
        ("a dog wearing a house", [("house", "on", "dog")]),
        ("a chef with a pizza on his head and a cat", [("pizza", "on", "cook")]),
        ("in his hands a pizza", []),
        ("a man holding an umbrella and a suitcase", [("umbrella", "held", "man"), ("suitcase", "held", "man")]),
        ("a fox reading a book and a bear drinking tea", [("book", "held", "fox"), ("tea", "held", "bear")]),
        ("a girl reading a children's book", [("book", "held", "girl")]),
        ("a girl hugging a teddy bear", [("teddy bear", "next_to", "girl")]),
        (
            "a man wearing a top hat and under an umbrella",
            [("top hat", "worn", "man"), ("man", "under", "umbrella")],
        ),
        (
            "a squirrel shouting into a microphone while standing on a stump",
            [("microphone", "held", "squirrel"), ("squirrel", "on", "tree stump")],
        ),
        ("a woman walking a dog", [("dog", "next_to", "woman")]),
        (
            "a boy pushing a wheelbarrow of pears",
            [("pear", "in", "wheelbarrow"), ("wheelbarrow", "next_to", "boy")],
        ),
        ("a vase with three roses", [("rose", "in", "vase")]),
        ("a stop sign with a tree behind it", [("tree", "behind", "stop sign")]),
        ("a tree behind it", []),
        ("a man has an umbrella", [("umbrella", "held", "man")]),
        ("a bear wearing an orange zzz and sunglasses", [("sunglasses", "worn", "bear")]),
        (
            "a tiger wearing a train conductor's hat and holding a skateboard that has a flag on it",
            [("top hat", "worn", "tiger"), ("skateboard", "held", "tiger"), ("flag", "on", "skateboard")],
        ),
        ("a bear in a suit holding a briefcase", [("briefcase", "held", "bear")]),
        ("no man holding a ball", []),
    ],
)
def test_who_holds_and_wears_what(pack: ArtPack, prompt: str, relations: list[Any]) -> None:
    found = bonds(read(prompt, pack))
    if relations and isinstance(relations[0], str):
        assert [(first, place) for first, place, _ in found] == [(name, "worn") for name in relations]
    else:
        assert sorted(found) == sorted(relations)


@pytest.mark.parametrize(
    ("prompt", "setting", "medium", "details"),
    [
        ("a shark in a coral reef", "underwater", "render", ()),
        ("a duck by the bank of a river", "river", "render", ()),
        ("a bench in a park in spring", "garden", "render", ("blossom",)),
        ("a cow on a farm, oil painting", "farm", "oil", ()),
        ("a lighthouse among rolling hills, pencil sketch", "hills", "pencil", ()),
        ("goats in the alps", "mountains", "render", ()),
        ("a taxi in a cyberpunk city street", "street", "render", ("futuristic",)),
        ("a futuristic city at night, pixel art", "skyline", "pixel", ("futuristic",)),
        ("vintage travel poster of Santorini", "village", "poster", ("rays", "boat")),
        ("an astronaut on the lunar surface", "moon", "render", ()),
        ("a toaster in a kitchen, stained glass", "kitchen", "glass", ()),
        ("an owl in an old library, storybook illustration", "library", "book", ("old",)),
        ("blueprint of a submarine", "underwater", "blueprint", ()),
        ("an anime fox in an autumn forest", "forest", "anime", ("autumn",)),
        ("a papercut deer under the northern lights", "forest", "paper", ("aurora",)),
        ("a toy car, digital art", "city", "render", ()),
        ("a cartoon of a robot, watercolour", "city", "watercolour", ()),
        ("a waterfall", "river", "render", ("waterfall",)),
        ("castle ruins in the desert", "desert", "render", ("ruins",)),
        ("ruins", "hills", "render", ("ruins",)),
        ("no ruins, a castle", "hills", "render", ()),
    ],
)
def test_places_media_and_details(
    pack: ArtPack, prompt: str, setting: str, medium: str, details: tuple[str, ...]
) -> None:
    scene = read(prompt, pack)
    assert (scene.setting, scene.medium, scene.details) == (setting, medium, details)
