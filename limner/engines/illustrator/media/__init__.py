"""Media: what a picture is made with, from watercolour to pixels, laid over the finished rendering."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner.engines.illustrator.media.base import Manner, Proof
from limner.engines.illustrator.media.filters import flat, ink, poster, watercolour

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Medium

__all__ = ["MEDIA", "Manner", "Proof"]

MEDIA: dict[Medium, Manner] = {
    "render": Manner(),
    "photo": Manner(tweaks={"contrast": 0.16, "grain": 3}),
    "watercolour": Manner(watercolour, {"vignette": 0.0, "grain": 0, "bloom": 0.3}),
    "oil": Manner(watercolour, {"vignette": 0.0, "grain": 0, "bloom": 0.3}),
    "ink": Manner(ink, {"vignette": 0.0, "grain": 0}),
    "pencil": Manner(ink, {"vignette": 0.0, "grain": 0}),
    "pixel": Manner(flat, {"vignette": 0.0, "grain": 0, "bloom": 0.2}, "paper"),
    "flat": Manner(flat, {"vignette": 0.0, "grain": 0, "bloom": 0.2}, "paper"),
    "poster": Manner(poster, {"vignette": 0.05, "grain": 0, "bloom": 0.2}),
    "paper": Manner(flat, {"vignette": 0.0, "grain": 0, "bloom": 0.2}, "paper"),
    "glass": Manner(poster, {"vignette": 0.05, "grain": 0, "bloom": 0.2}),
    "blueprint": Manner(ink, {"vignette": 0.0, "grain": 0}),
    "book": Manner(watercolour, {"vignette": 0.0, "grain": 0, "bloom": 0.3}),
    "anime": Manner(flat, {"vignette": 0.0, "grain": 0, "bloom": 0.2}, "paper"),
}
