"""A small art pack of hand-written drawings, and scenes made of them, for the painter's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.pack import ArtPack
from limner.engines.illustrator.scene import Scene, Subject

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner.engines.illustrator.scene import Relation

DOCUMENT = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{}</svg>'
DRAWINGS = {
    "ball": '<circle cx="50" cy="50" r="40" fill="#e04030"/><circle cx="38" cy="36" r="8" fill="#fff0e0"/>',
    "box": '<rect x="10" y="30" width="80" height="60" fill="#9a9aa0"/>'
    '<rect x="20" y="45" width="20" height="20" fill="#333"/>',
    "cat": '<path d="M20 92V40L28 12L44 28H58L74 12L82 40V92Z" fill="#f2a020"/>'
    '<circle cx="38" cy="46" r="4" fill="#111"/>'
    '<circle cx="64" cy="46" r="4" fill="#111"/><path d="M44 60H58L51 68Z" fill="#402020"/>',
    "sofa": '<path d="M4 90V44H16V24H70V44H84V90Z" fill="#2080d0"/>'
    '<rect x="84" y="2" width="8" height="88" fill="#806030"/>',
    "boat": '<path d="M10 70H90L76 92H24Z" fill="#fff"/><path d="M48 8V66H14Z" fill="#f05030"/>',
    "nothing": "",
}


class Paintbox:
    """Hand-written drawings with the fonts of the real pack."""

    def __init__(self) -> None:
        self._real = ArtPack.open()
        self.fonts = self._real.fonts

    def svg(self, name: str) -> str:
        """Give a drawing; the real pack's where there is none by hand."""
        return DOCUMENT.format(DRAWINGS[name]) if name in DRAWINGS else self._real.svg(name)

    def font(self, family: str) -> bytes:
        """Give a font."""
        return self._real.font(family)

    def toned(self, name: str, tone: str) -> str:
        """Give a name in a tone of skin."""
        return self._real.toned(name, tone)


PACK = Paintbox()
CAT = Subject("cat", "cat", height=0.3, material="fur", faces="left")
BALL = Subject("ball", "ball", height=0.2, material="gloss")
BOX = Subject("box", "box", height=0.8, material="stone")
SOFA = Subject("sofa", "sofa", height=1.0, material="cloth")
BOAT = Subject("boat", "boat", height=5, stance="floats")


def scene(*subjects: Subject, relations: tuple[Relation, ...] = (), **more: object) -> Scene:
    """Make a scene of some subjects, in the studio where nothing else is said."""
    return Scene("", subjects, relations, **{"setting": "studio", **more})  # type: ignore[arg-type]


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Give the area two boxes (x0, y0, x1, y1) share, as a fraction of the smaller one's."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return max(0.0, wide) * max(0.0, high) / smaller


def detail(pixels: NDArray[np.uint8]) -> float:
    """Give the mean strength of a picture's finest detail: its difference from its own neighbourhood means."""
    grey = pixels[..., :3].astype(np.float32).mean(axis=2)
    around = (grey[1:-1, :-2] + grey[1:-1, 2:] + grey[:-2, 1:-1] + grey[2:, 1:-1]) / 4
    return float(np.abs(grey[1:-1, 1:-1] - around).mean())
