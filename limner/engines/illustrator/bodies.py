"""Bodies for creatures of which the art set draws only the head: seated, in the head's own colours.

A head lying on the grass is the commonest blemish of pictures made from emoji; a plain body cures it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol

_OPENING = re.compile(r"<svg\b[^>]*>", re.DOTALL)

Tail = Literal["bushy", "tufted", "stub", "none"]


class Drawings(Protocol):
    """SVG documents by name. It is hashable (by identity)."""

    def svg(self, name: str) -> str:
        """Give the drawing as a complete SVG document."""
        ...

    def __hash__(self) -> int:
        """Hash by identity."""
        ...


@dataclass(frozen=True, slots=True)
class Build:
    """A body in colours: coat, shaded coat, chest and paws.

    `head` is how wide the head is, of 200; `arms` the colour of the forelegs where it is not the coat's.
    """

    coat: str
    shaded: str
    chest: str
    paws: str
    tail: Tail = "none"
    head: float = 132
    arms: str = ""


BUILDS: dict[str, Build] = {
    "fox": Build("#f2671c", "#d24f10", "#fdeee0", "#4a2f2a", "bushy", 138),
    "wolf": Build("#a3a5a8", "#85888c", "#e2e3e5", "#77797d", "bushy", 136),
    "bear": Build("#85605a", "#6d4c44", "#a17d70", "#5d4037", "stub", 128),
    "panda": Build("#f4f4f4", "#dcdee0", "#ffffff", "#2b2e32", "stub", 132, "#3a3d42"),
    "polar-bear": Build("#f2f6f9", "#d8e4ec", "#ffffff", "#c8d8e2", "stub", 124),
    "koala": Build("#a2a4a8", "#888b90", "#dfe0e2", "#7c7f84", "none", 140),
    "hamster": Build("#f2a964", "#dd8f47", "#fff3e4", "#f6b9a0", "none", 140),
    "lion": Build("#f2b21e", "#d99813", "#fbdc86", "#e0a11a", "tufted", 142),
    "moose": Build("#7a5548", "#64443a", "#94705f", "#4a332c", "stub", 140),
    "frog": Build("#a9c81e", "#8fae12", "#dfec94", "#9dbd18", "none", 132),
}

TAILS: dict[Tail, str] = {
    "bushy": '<path d="M138 214C176 226 200 196 192 158C188 142 176 132 166 134C176 150 170 178 146 190Z" '
    'fill="{shaded}"/>'
    '<path d="M192 158C188 142 176 132 166 134C171 142 172 150 170 158C176 154 179 161 183 158C186 163 190 162 192 '
    '158Z" '
    'fill="{chest}"/>',
    "tufted": '<path d="M142 210C172 214 186 194 180 166" fill="none" stroke="{shaded}" stroke-width="9" '
    'stroke-linecap="round"/><path d="M172 170C166 152 176 140 182 138C190 148 192 162 186 172Z" fill="#6d4c41"/>',
    "stub": '<circle cx="150" cy="204" r="13" fill="{shaded}"/>',
    "none": "",
}

TORSO = (
    '<path d="M100 88C68 88 54 148 50 184C47 214 64 226 100 226C136 226 153 214 150 184C146 148 132 88 100 88Z" '
    'fill="{coat}"/>'
    '<path d="M50 226C32 226 30 196 46 184C60 175 74 186 76 204C77 218 70 226 60 226Z" fill="{shaded}"/>'
    '<path d="M150 226C168 226 170 196 154 184C140 175 126 186 124 204C123 218 130 226 140 226Z" fill="{shaded}"/>'
    '<path d="M100 96C82 98 73 128 75 158C77 182 88 192 100 192C112 192 123 182 125 158C127 128 118 98 100 96Z" '
    'fill="{chest}"/>'
)
LIMBS = (
    '<path d="M70 138C64 166 68 200 70 214C72 226 96 226 97 214C98 196 96 164 90 142C86 132 73 130 70 138Z" '
    'fill="{shaded}"/>'
    '<path d="M72 139C67 166 71 200 73 212C75 222 93 222 94 212C95 196 93 166 88 144C85 135 75 132 72 139Z" '
    'fill="{arms}"/>'
    '<path d="M130 138C136 166 132 200 130 214C128 226 104 226 103 214C102 196 104 164 110 142C114 132 127 130 130 '
    '138Z" fill="{shaded}"/>'
    '<path d="M128 139C133 166 129 200 127 212C125 222 107 222 106 212C105 196 107 166 112 144C115 135 125 132 128 '
    '139Z" fill="{arms}"/>'
    '<path d="M69 208C64 222 72 230 84 230C96 230 101 222 96 208C88 203 77 203 69 208Z" fill="{paws}"/>'
    '<path d="M131 208C136 222 128 230 116 230C104 230 99 222 104 208C112 203 123 203 131 208Z" fill="{paws}"/>'
    '<ellipse cx="47" cy="223" rx="19" ry="8.5" fill="{paws}"/><ellipse cx="153" cy="223" rx="19" ry="8.5" '
    'fill="{paws}"/>'
)
MACHINE = (
    '<rect x="62" y="112" width="76" height="66" rx="9" fill="#90a4ae"/><rect x="74" y="124" width="52" height="34" '
    'rx="5" '
    'fill="#607d8b"/><circle cx="87" cy="141" r="7" fill="#f44336"/><circle cx="105" cy="141" r="5" fill="#ffca28"/>'
    '<circle cx="118" cy="141" r="4" fill="#66bb6a"/><rect x="40" y="118" width="18" height="48" rx="8" '
    'fill="#78909c"/>'
    '<rect x="142" y="118" width="18" height="48" rx="8" fill="#78909c"/><circle cx="49" cy="172" r="12" '
    'fill="#b0bec5"/>'
    '<circle cx="151" cy="172" r="12" fill="#b0bec5"/><rect x="72" y="176" width="20" height="38" rx="5" '
    'fill="#78909c"/>'
    '<rect x="108" y="176" width="20" height="38" rx="5" fill="#78909c"/><rect x="62" y="208" width="36" '
    'height="18" rx="7" '
    'fill="#546e7a"/><rect x="102" y="208" width="36" height="18" rx="7" fill="#546e7a"/>'
)


def dressed(head: str, build: Build | None) -> str:
    """Make a head's SVG document with a body under it; without a build, a robot's."""
    if build is None:
        return _document(MACHINE, head, 118)
    colours = {"coat": build.coat, "shaded": build.shaded, "chest": build.chest, "paws": build.paws}
    colours["arms"] = build.arms or build.coat
    return _document((TAILS[build.tail] + TORSO + LIMBS).format(**colours), head, build.head)


def _document(body: str, head: str, size: float) -> str:
    opening = _OPENING.search(head)
    inner = head[opening.end() : head.rindex("</svg>")] if opening else ""
    place = f'x="{100 - size / 2}" y="{124 - size}" width="{size}" height="{size}" viewBox="0 0 128 128"'
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 -24 200 260">{body}<svg {place}>{inner}</svg></svg>'
    )


class Wardrobe:
    """An art pack whose heads have bodies. Like the pack it hashes by identity; see `wardrobe`."""

    def __init__(self, pack: Drawings) -> None:
        self._pack = pack

    def svg(self, name: str) -> str:
        """Give a drawing, with a body where the pack has only a head; raises KeyError where it has none at all."""
        drawing = self._pack.svg(name)
        if name == "robot":
            return dressed(drawing, None)
        return dressed(drawing, BUILDS[name]) if name in BUILDS else drawing


@lru_cache(maxsize=4)
def wardrobe(pack: Drawings) -> Wardrobe:
    """Give the wardrobe of a pack, always the same one, so that caches keyed by it hold."""
    return Wardrobe(pack)
