"""Media: what a picture is made with, from watercolour to pixels, laid over the finished rendering.

One file for each family: `watercolour`, `oil`, `drawing` (ink, pencil, blueprint), `prints` (flat, poster), `pixel`,
`paper`, `glass`, `book`, `anime` and `photo`. They share `areas`, `contours` and `grounds`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner.engines.illustrator.media.anime import anime
from limner.engines.illustrator.media.base import Manner, Proof
from limner.engines.illustrator.media.book import book
from limner.engines.illustrator.media.drawing import blueprint, ink, pencil
from limner.engines.illustrator.media.glass import glass
from limner.engines.illustrator.media.oil import oil
from limner.engines.illustrator.media.paper import paper
from limner.engines.illustrator.media.photo import photo
from limner.engines.illustrator.media.pixel import pixel, squared
from limner.engines.illustrator.media.prints import flat, poster
from limner.engines.illustrator.media.watercolour import watercolour

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Medium

__all__ = ["MEDIA", "Manner", "Proof"]

EVEN = {"vignette": 0.0, "grain": 0}

MEDIA: dict[Medium, Manner] = {
    "render": Manner(),
    "photo": Manner(photo, {"contrast": 0.16, "vignette": 0.24, "grain": 3}, lens=True),
    "watercolour": Manner(watercolour, {**EVEN, "bloom": 0.3}, margin=0.045, crispness=0.45),
    "oil": Manner(oil, {**EVEN, "bloom": 0.2}, crispness=0.38),
    "ink": Manner(ink, EVEN, crispness=0.3),
    "pencil": Manner(pencil, {**EVEN, "bloom": 0.1}, crispness=0.3),
    "pixel": Manner(pixel, {**EVEN, "bloom": 0.2}, edge=squared),
    "flat": Manner(flat, {**EVEN, "bloom": 0.2}, "paper"),
    "poster": Manner(poster, {"vignette": 0.05, "grain": 0, "bloom": 0.2}, crispness=0.2),
    "paper": Manner(paper, {**EVEN, "bloom": 0.0}, "paper"),
    "glass": Manner(glass, {**EVEN, "bloom": 0.2}, "paper", held=False),
    "blueprint": Manner(blueprint, {**EVEN, "bloom": 0.0}, held=False),
    "book": Manner(book, {**EVEN, "bloom": 0.3}, margin=0.05, crispness=0.4),
    "anime": Manner(anime, {**EVEN, "bloom": 0.2}, "paper", crispness=0.35),
}
