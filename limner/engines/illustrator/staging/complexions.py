"""Skin: everybody in a picture has a tone of their own, and other people in another picture."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from limner.engines.illustrator.pack import TONES

if TYPE_CHECKING:
    import numpy as np

    from limner.engines.illustrator.staging.frames import Spot

VARIETY = 3


class Toned(Protocol):
    """What is needed of an art pack: names of drawings in tones of skin."""

    def toned(self, name: str, tone: str) -> str:
        """Give the name of a drawing in a skin tone, or the same name where it has but one."""
        ...


def complexioned(spots: tuple[Spot, ...], pack: Toned, rng: np.random.Generator) -> tuple[Spot, ...]:
    """Give all people whose skin the prompt leaves open one of its tones, the same to all parts of one person.

    A group has up to three, so that a crowd is of several kinds and yet not every one has to be drawn anew.
    """
    tones: dict[tuple[int, int], str] = {}
    for subject in sorted({spot.subject for spot in spots}):
        group = sorted({spot.one for spot in spots if spot.subject == subject})
        chosen = rng.permutation(list(TONES))[:VARIETY]
        tones |= {(subject, one): str(chosen[at % VARIETY]) for at, one in enumerate(group)}
    return tuple(replace(spot, art=_in_tone(spot.art, pack, tones[spot.subject, spot.one])) for spot in spots)


def _in_tone(name: str, pack: Toned, tone: str) -> str:
    """Put a tone into the name of a drawing, posed or not: "boy@sit+read" becomes "boy-dark-skin-tone@sit+read"."""
    art, at, pose = name.partition("@")
    return pack.toned(art, tone) + at + pose
