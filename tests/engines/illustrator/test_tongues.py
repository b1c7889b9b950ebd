"""Other languages: prompts in a dozen of them become the scenes that people meant."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from limner.engines.illustrator.language.reading import read
from limner.engines.illustrator.language.tokens import cut
from limner.engines.illustrator.language.tongues import language_of
from limner.engines.illustrator.language.vocabulary import vocabulary
from limner.engines.illustrator.pack import ArtPack

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Scene

PROMPTS = [
    tuple(field.strip() for field in line.split("|"))
    for line in Path(__file__).with_name("prompts_tongues.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
MEANT = 8
TONGUES = ("de", "fr", "es", "it", "pt", "nl", "pl", "ru", "ja", "zh", "ko")


@pytest.fixture(scope="module")
def pack() -> ArtPack:
    return ArtPack.open()


def who(scene: Scene) -> str:
    counted = (f"{subject.count} " if subject.count > 1 else "" for subject in scene.subjects)
    coloured = (f"{subject.colour} {subject.name}" if subject.colour else subject.name for subject in scene.subjects)
    return "; ".join(map("".join, zip(counted, coloured, strict=True))) or "-"


def bonds(scene: Scene) -> str:
    names = [subject.name for subject in scene.subjects]
    return "; ".join(f"{names[bond.first]} {bond.place} {names[bond.second]}" for bond in scene.relations) or "-"


def agrees(scene: Scene, place: str) -> bool:
    """Whether setting, time, weather and medium are as asked, where something is asked."""
    told = (scene.setting, scene.time, scene.weather, scene.medium)
    return all(wanted in ("-", found) for wanted, found in zip(place.split("/"), told, strict=False))


@pytest.mark.parametrize(
    ("language", "prompt", "subjects", "relations", "place"), PROMPTS, ids=[row[1] for row in PROMPTS]
)
def test_prompts_are_understood(
    pack: ArtPack, language: str, prompt: str, subjects: str, relations: str, place: str
) -> None:
    scene = read(prompt, pack)
    assert language_of(cut(prompt.lower()), vocabulary(pack)) == language
    assert (who(scene), bonds(scene)) == (subjects, relations)
    assert agrees(scene, place), scene


def test_every_tongue_has_its_prompts() -> None:
    prompts = Counter(row[0] for row in PROMPTS)
    assert all(prompts[language] >= MEANT for language in TONGUES)
