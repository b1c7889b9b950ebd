"""Telling: one true and pleasant sentence for every scene."""

from __future__ import annotations

import pytest

from limner.engines.illustrator.language.reading import read
from limner.engines.illustrator.language.telling import tell
from limner.engines.illustrator.pack import ArtPack
from limner.engines.illustrator.scene import Relation, Scene, Subject

CAT = Subject("cat", "cat", height=0.3, material="fur")
DOG = Subject("dog", "dog", height=0.55, material="fur")
COUCH = Subject("couch", "couch", height=0.9, material="cloth")


@pytest.fixture(scope="module")
def pack() -> ArtPack:
    return ArtPack.open()


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        (
            "A purple elephant to the left of a yellow car in a snowy city at night",
            "A purple elephant to the left of a yellow car in a snowy city at night.",
        ),
        (
            "three red apples and two green pears on a wooden table",
            "Three red apples and two green pears on a wooden table.",
        ),
        (
            "a fox reading a book under a giant mushroom, watercolor",
            "A fox reading a book under a giant mushroom in a forest, painted in watercolour.",
        ),
        (
            "a robot playing the violin in a neon city at night in the rain",
            "A robot playing a violin in a rainy futuristic city at night.",
        ),
        (
            "a penguin wearing sunglasses and a scarf, holding an ice cream on the beach",
            "A penguin wearing a pair of sunglasses and a scarf and holding an ice cream on a beach.",
        ),
        (
            "two foxes and three owls in an autumn forest at dusk",
            "Two foxes and three owls in an autumn forest in golden evening light.",
        ),
        (
            "a man pushing a shopping cart full of pumpkins",
            "A man next to a shopping trolley with three pumpkins in it in a city.",
        ),
        (
            "a knight fighting a dragon in front of a castle",
            "A knight next to a dragon and in front of a castle among rolling hills.",
        ),
        ("an astronaut riding a horse on the moon", "An astronaut riding a horse on the moon."),
        ("a cat on a horse", "A cat on a horse in a meadow."),
        ("a bowl of oranges", "A bowl with three oranges in it on a wooden table."),
        ("a girl holding a balloon", "A girl holding a balloon in a meadow."),
        ("a girl in front of a boy behind a tree", "A girl in front of a boy behind a tree in a meadow."),
        ("two dogs with a ball in front of a house", "Two dogs and a ball in front of a house in a meadow."),
        ("a fox reading a newspaper", "A fox reading a newspaper in a forest."),
        ("a man wearing a top hat", "A man wearing a top hat in a city."),
        ("a bird in a nest on a tree", "A bird in a nest on a tree in a meadow."),
        ("cats and dogs", "Three cats and three dogs in a meadow."),
        ("a green skis and an hourglass", "A pair of green skis and an hourglass in the snow."),
        ("a giant red pair of scissors", "A giant pair of red scissors on a wooden table."),
        ("a tiny mouse on a huge turtle", "A tiny mouse on a giant turtle on a beach."),
        ("a marble statue of a horse", "A stone horse in a meadow."),
        ("a wooden robot", "A wooden robot in a city."),
        ("a big cup of tea", "A large cup of tea on a wooden table."),
        ("an orange mountain", "An orange mountain in the mountains."),
        ("a unicorn", "A unicorn in a meadow."),
        ("an suv", "An SUV in a city."),
        (
            "two knives, two cherries, two foxes, two boxes",
            "Two knives, two bunches of cherries, two foxes and two boxes",
        ),
        ("a yellow moon", "A yellow moon in space."),
        ("a fox, watercolor, fog", "A fox in a foggy forest, painted in watercolour."),
        (
            "a poster of a boat at dusk with the text 'SAIL'",
            "A boat on the water in golden evening light, as a printed poster, with the lettering \u201cSAIL\u201d.",
        ),
        ("a whale", "A whale in the water."),
        ("birds over the sea", "Three birds over the water."),
        ("birds over the mountains", "Three birds over the mountains."),
        ("a man by the sea", "A man on a beach."),
        ("a snowy forest", "A snowy forest."),
        ("stormy sea", "The open sea under a stormy sky."),
        ("a foggy harbour with boats", "Three boats on the water in fog."),
        ("misty mountains with a waterfall", "A foggy mountain landscape with a waterfall."),
        ("foggy hills", "Foggy rolling hills."),
        ("a garden in spring in the rain", "A rainy garden in blossom."),
        ("northern lights over the snow", "A snowy landscape at night under the northern lights."),
        ("an old street", "An old street."),
        ("a cat in the snow", "A cat in the snow."),
        ("a cat in the snow in a storm", "A cat in the snow under a stormy sky."),
        ("a beach in winter", "A snowy beach."),
        ("a room in winter", "A room while snow falls."),
        (
            "hope",
            "A seedling among rolling hills in golden evening light. The mood is serene, the colours are gold, green",
        ),
        ("\u6728\u306e\u4e0b\u3067\u672c\u3092\u8aad\u3080\u72d0", "A fox reading a book under a tree in a meadow."),
        ("a blue Eiffel Tower", "The blue Eiffel Tower in a city."),
        ("a tiny house on the back of a giant turtle", "A tiny house on a giant turtle on a beach."),
        ("sunrise over the mountains", "A mountain landscape in golden morning light."),
        ("a snowy village at christmas", "A row of houses in the snow"),
        ("a basket of vegetables", "A basket with a carrot, a tomato and a head of broccoli in it"),
        ("a chef cooking pasta", "A cook with a plate of spaghetti in front of them"),
        ("a stone bridge", "A river with a stone bridge."),
        ("autumn by the river", "An autumn river"),
        ("a sailboat in shades of blue", "A boat on the water. The colour is blue."),
    ],
)
def test_scenes_are_told(pack: ArtPack, prompt: str, sentence: str) -> None:
    assert tell(read(prompt, pack)).startswith(sentence)


def test_nothing_at_all_is_a_landscape() -> None:
    assert tell(Scene(prompt="")) == "A meadow."


def test_more_than_a_dozen_is_a_number() -> None:
    assert tell(Scene(prompt="", subjects=(Subject("fly", "fly", 30, height=0.03),))) == "30 flies in a meadow."


def test_relations_that_turn_in_a_circle_end() -> None:
    ring = (Relation(0, "left", 1), Relation(1, "left", 0), Relation(0, "left", 0))
    assert tell(Scene(prompt="", subjects=(CAT, DOG), relations=ring)) == ("A cat to the left of a dog in a meadow.")


def test_two_who_share_a_place_are_told_together() -> None:
    trio = (CAT, DOG, COUCH)
    both = (Relation(0, "on", 2), Relation(1, "on", 2))
    assert tell(Scene(prompt="", subjects=trio, relations=both, setting="room")) == (
        "A cat and a dog on a couch in a room."
    )


def test_chains_are_told_to_their_end() -> None:
    trio = (CAT, DOG, COUCH)
    chain = (Relation(1, "on", 2), Relation(0, "on", 1), Relation(2, "left", 0))
    assert tell(Scene(prompt="", subjects=trio, relations=chain, setting="room")) == (
        "A cat on a dog on a couch in a room."
    )


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        ("a teapot", "A teapot on a transparent background."),
        (
            "two foxes in the snow at night, watercolor",
            "Two foxes on a transparent background, painted in watercolour.",
        ),
        ("the open sea at night", "The open sea at night on a transparent background."),
    ],
)
def test_cut_out_pictures_tell_of_no_place_that_is_not_seen(pack: ArtPack, prompt: str, sentence: str) -> None:
    assert tell(read(prompt, pack), cut_out=True) == sentence


def test_what_is_with_a_place_is_said_together(pack: ArtPack) -> None:
    sentence = tell(read("vintage travel poster of the Amalfi coast", pack))
    assert "with rays of sunlight and a boat in the distance" in sentence
    assert sentence.count(" with ") == 1
