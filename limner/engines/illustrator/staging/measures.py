"""Measures: how large subjects are drawn beside each other, and what is known of their drawings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.figures import casting
from limner.engines.illustrator.figures.anchors import Anchors, anchors
from limner.engines.illustrator.figures.art import Drawings, extent
from limner.engines.illustrator.figures.bodies import ACTORS, Wardrobe, has_rig, is_person
from limner.engines.illustrator.figures.garments import IN_USE
from limner.engines.illustrator.figures.poses import ARMS, parsed, posed, sibling
from limner.engines.illustrator.staging.blocks import Piece

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.scene import Subject

POWER = 0.29
SMALLEST, LARGEST = 0.04, 30.0
TILTING = frozenset({"plant", "gloss", "plain", "cloth"})


@dataclass(frozen=True, slots=True)
class Measures:
    """What arranging needs to know of the drawings in a pack."""

    pack: Drawings

    def aspect(self, art: str, tilt: float = 0.0) -> float:
        """Width over height of a drawing."""
        return casting.aspect(self.pack, art, tilt)

    def outline(self, art: str, tilt: float = 0.0) -> NDArray[np.bool_]:
        """Give a coarse mask of a drawing."""
        return casting.outline(self.pack, art, tilt)

    def anchors(self, piece: Piece, art: str) -> Anchors:
        """Give the anchors of a piece as it stands, mirrored or not."""
        found = anchors(self.pack, piece.art or art)
        return found.mirrored() if piece.mirrored else found

    def actor(self, art: str) -> str | None:
        """Tell which head with a body acts for a drawing: itself, another of the same creature, or none."""
        if not isinstance(self.pack, Wardrobe):
            return None
        name = ACTORS.get(art, art)
        return name if has_rig(name) else None

    def posed(self, piece: Piece, art: str, legs: str, arms: str) -> Piece:
        """Give a piece in a pose, its head as large as before; as it is where the creature has no body to pose."""
        actor = self.actor(art)
        if actor is None:
            return piece
        name = posed(actor, legs, arms, sibling=piece.one % 6 if is_person(actor) else 0)
        usual, now = (
            extent(self.pack, actor if actor != "unicorn" else posed(actor, "sit", "rest")),
            extent(self.pack, name),
        )
        height = piece.height * now.height / usual.height
        return Piece(
            piece.subject, piece.x, piece.y, height * now.aspect, height, z=piece.z, mirrored=piece.mirrored, art=name,
            one=piece.one,
        )  # fmt: skip

    def instead(self, piece: Piece, art: str) -> Piece:
        """Give a piece with another drawing, where there is one, as large as before."""
        if not art:
            return piece
        try:
            now = self.aspect(art)
        except KeyError:
            return piece
        size = (piece.width * piece.height) ** 0.5
        return replace(piece, art=art, width=size * now**0.5, height=size / now**0.5, tilt=0.0)

    def worn(self, piece: Piece, art: str) -> Piece:
        """Give a garment as it looks when worn, as wide as before, where there is a drawing of it so."""
        name = f"{art}@worn"
        if name not in IN_USE or not isinstance(self.pack, Wardrobe):
            return piece
        return replace(piece, art=name, height=piece.width / extent(self.pack, name).aspect, tilt=0.0)

    def tilted(self, piece: Piece, art: str, tilt: float) -> Piece:
        """Give a piece turned by degrees about its middle, its drawing as large as before."""
        name = piece.art or art
        if casting.is_solid(name):
            return piece
        was, now = extent(self.pack, name, piece.tilt), extent(self.pack, name, tilt)
        width, height = piece.width * now.width / was.width, piece.height * now.height / was.height
        return replace(piece, y=piece.y + (piece.height - height) / 2, width=width, height=height, tilt=tilt)

    def grip(self, piece: Piece) -> Piece | None:
        """Give the hands that a posed piece puts before its prop, or None where it has none."""
        art, legs, arms, _ = parsed(piece.art)
        if not piece.art or not any(ARMS[arms].gripping):
            return None
        name = posed(art, legs, arms, hands=True, sibling=sibling(piece.art))
        whole, hands = extent(self.pack, piece.art), extent(self.pack, name)
        unit = piece.height / whole.height
        aside = (hands.x + hands.width / 2 - whole.x - whole.width / 2) * unit
        x = piece.x + (-aside if piece.mirrored else aside)
        y = piece.y + (whole.y + whole.height - hands.y - hands.height) * unit
        return Piece(
            piece.subject, x, y, hands.width * unit, hands.height * unit, mirrored=piece.mirrored, held=True, art=name,
            one=piece.one, part=True,
        )  # fmt: skip


def span(subject: Subject) -> float:
    """How tall a subject is drawn, in spans: true heights drawn together, so that a mouse beside an elephant is seen.

    A power law (Stevens, "On the psychophysical law", 1957): 8 cm and 3 m differ by 2.9, not by 37.
    """
    return float(np.clip(subject.height, SMALLEST, LARGEST) ** POWER)


def single(index: int, subject: Subject, measures: Measures, rng: np.random.Generator, one: int = 0) -> Piece:
    """One instance of a subject at the origin; of several, each a little different.

    Draws the same random numbers for every subject, whatever it is.
    """
    size, lean, flip = rng.uniform(-0.08, 0.08), rng.uniform(-1, 1), rng.random() < 0.4
    several = subject.count > 1
    reach = 6.0 if subject.material in TILTING and subject.height < 0.6 else 1.5
    # Whole degrees, so that a crowd shares its measures.
    tilt = float(round(lean * reach)) if several else 0.0
    tall = span(subject) * (1 + size * several)
    shape = measures.aspect(subject.art, tilt)
    # Wide drawings (a crocodile, a train) get their size from the diagonal, or they would fill the picture.
    tall /= max(1.0, shape / 1.25) ** 0.5
    return Piece(index, 0, 0, tall * shape, tall, tilt=tilt, mirrored=several and bool(flip), one=one)
