"""Ideas: what cannot be drawn becomes a scene that means it, or at least a landscape in its mood."""

from __future__ import annotations

import pytest

from limner.engines.illustrator.language.feelings import felt
from limner.engines.illustrator.language.reading import read
from limner.engines.illustrator.language.words import phrases, rows
from limner.engines.illustrator.pack import ArtPack

IDEAS = [(phrases(row[0])[0], *row[1:]) for row in rows("concepts")]
FACES = ("face", "emotion", "cat-face")


@pytest.fixture(scope="module")
def pack() -> ArtPack:
    return ArtPack.open()


def test_there_are_sixty_ideas_and_each_is_complete() -> None:
    assert len(IDEAS) >= 60
    assert all(len(row) == 7 and all(row) for row in IDEAS)


@pytest.mark.parametrize("idea", IDEAS, ids=[row[0] for row in IDEAS])
def test_every_idea_becomes_its_scene(pack: ArtPack, idea: tuple[str, ...]) -> None:
    word, setting, time, weather, mood, palette, symbols = idea
    scene = read(word, pack)
    assert [subject.name for subject in scene.subjects] == phrases(symbols)
    assert (scene.setting, scene.time, scene.weather, scene.mood) == (setting, time, weather, mood)
    assert scene.palette == tuple(palette.split())


@pytest.mark.parametrize(
    ("prompt", "mood"),
    [
        ("overwhelming enthusiasm", "joyful"),
        ("supercalifragilisticexpialidocious", "joyful"),
        ("quiet harmony of the mind", "serene"),
        ("gentle contentment", "serene"),
        ("derision", "dramatic"),
        ("seething indignation and contempt", "dramatic"),
        ("hopelessness", "melancholy"),
        ("disenchantment", "melancholy"),
        ("weariness", "melancholy"),
        ("no hope at all", "melancholy"),
        ("not a happy feeling", "melancholy"),
        ("a dreamy kind of derision", "dreamy"),
    ],
)
def test_moods_are_felt(pack: ArtPack, prompt: str, mood: str) -> None:
    assert read(prompt, pack).mood == mood


@pytest.mark.parametrize(
    "prompt", ["bond", "element", "42", "0", "inertia", "gender", "bias", "emotion", "feeling", "Incomprehensibilities",
               "qwertz", "golden ratio", "meaning of life", "smile", "happy", "sad", "angry", "love",
               "the colour of hope"],
)  # fmt: skip
def test_no_idea_becomes_a_face(pack: ArtPack, prompt: str) -> None:
    kinds = pack.words("kinds")
    scene = read(prompt, pack)
    assert not any(kinds.get(subject.art, "").startswith(FACES) for subject in scene.subjects)
    assert scene == read(prompt, pack)


def test_words_that_feel_like_nothing_choose_a_place_of_their_own() -> None:
    places = {felt([word]).setting for word in ("bond", "element", "qwertz", "xylem", "42", "ohm", "abc", "zig")}
    assert len(places) > 2
