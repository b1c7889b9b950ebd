"""Bodies for creatures of which the art set draws only the head or bust, in its own colours: beasts sit, people stand.

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


@dataclass(frozen=True, slots=True)
class Outfit:
    """What a person wears below a drawn head or bust: the colours of top, legs, shoes and hands.

    `bust` tells that the drawing has shoulders already; a `robe` falls to the feet.
    """

    top: str
    legs: str
    shoes: str = "#3b3f4a"
    hands: str = "#fcc21b"
    bust: bool = True
    robe: bool = False


OUTFITS: dict[str, Outfit] = {
    "boy": Outfit("#3f8fe0", "#4a5568", "#c0392b", bust=False),
    "girl": Outfit("#e85a8f", "#e85a8f", "#7a3b6b", bust=False, robe=True),
    "child": Outfit("#4caf72", "#4a5568", bust=False),
    "baby": Outfit("#8fd0f0", "#8fd0f0", "#ffffff", bust=False),
    "old-man": Outfit("#7d8f5a", "#6b5b4a", bust=False),
    "old-woman": Outfit("#8a6bb0", "#8a6bb0", bust=False, robe=True),
    "santa-claus": Outfit("#e02d2d", "#e02d2d", "#26262b", "#ffffff", bust=False),
    "prince": Outfit("#2b5fb8", "#e8e3d5", "#5b3a22", bust=False),
    "princess": Outfit("#f06ea8", "#f06ea8", "#f8d34a", bust=False, robe=True),
    "person-with-crown": Outfit("#8e2f5e", "#3d3a4a", bust=False),
    "alien": Outfit("#8fa3ad", "#78909c", "#607d8b", "#b0bec5", bust=False),
    "astronaut": Outfit("#dfe3e6", "#eef0f2", "#b0b4b8", "#c8ccd0"),
    "cook": Outfit("#f2f2f2", "#4f5b62"),
    "mage": Outfit("#78808a", "#78808a", robe=True),
    "woman-mage": Outfit("#78808a", "#78808a", robe=True),
    "ninja": Outfit("#43474d", "#36393e", "#25272b", "#43474d"),
    "police-officer": Outfit("#2f59c8", "#28407a", "#1d2233"),
    "firefighter": Outfit("#c8b23c", "#a8942f", "#2a2a2e"),
    "farmer": Outfit("#3f7fc0", "#3f7fc0", "#6b4a2f"),
    "artist": Outfit("#3e8e5a", "#4a4f5a"),
    "scientist": Outfit("#eef2f5", "#55606b"),
    "health-worker": Outfit("#eef2f5", "#5c86a8", "#f2f2f2"),
    "teacher": Outfit("#ee7a24", "#4f5b73"),
    "student": Outfit("#2d3036", "#2d3036", robe=True),
    "singer": Outfit("#f08a2c", "#5a4a86", "#c23b6a"),
    "vampire": Outfit("#26262c", "#26262c"),
    "zombie": Outfit("#f07c1e", "#5a5f52", hands="#8bc34a"),
    "elf": Outfit("#e8642e", "#e8642e", robe=True),
    "pilot": Outfit("#26282e", "#26282e"),
    "detective": Outfit("#5d6066", "#4a4d53", "#2d2f33"),
}
RIDERS = frozenset(OUTFITS) | {"person-standing", "man-standing", "woman-standing", "knight"}
"""Drawings of people upright, who sit astride a mount when they are on one."""

SEAM = 'stroke="#000" stroke-opacity="0.22" stroke-width="2.5"'
ARMS = (
    '<path d="M56 112C42 120 36 150 38 176C39 186 55 186 57 176C58 160 64 140 70 130Z" fill="{top}" {seam}/>'
    '<path d="M144 112C158 120 164 150 162 176C161 186 145 186 143 176C142 160 136 140 130 130Z" fill="{top}" {seam}/>'
    '<circle cx="47" cy="184" r="11" fill="{hands}"/><circle cx="153" cy="184" r="11" fill="{hands}"/>'
)
TRUNK = '<path d="M58 108C58 108 52 160 60 204H140C148 160 142 108 142 108Z" fill="{top}"/>'
TROUSERS = (
    '<path d="M60 198H98V268H64C62 240 58 220 60 198Z" fill="{legs}"/>'
    '<path d="M102 198H140C142 220 138 240 136 268H102Z" fill="{legs}"/>'
    '<path d="M98 262V282H56C54 270 64 264 72 262Z" fill="{shoes}"/>'
    '<path d="M102 262V282H144C146 270 136 264 128 262Z" fill="{shoes}"/>'
)
ROBE = (
    '<path d="M72 274H96V284H66C64 278 68 274 72 274ZM128 274H104V284H134C136 278 132 274 128 274Z" fill="{shoes}"/>'
    '<path d="M60 108C54 160 44 220 34 272C60 280 140 280 166 272C156 220 146 160 140 108Z" fill="{legs}"/>'
)


def clothed(drawing: str, outfit: Outfit) -> str:
    """Give a person's head or bust a standing body in clothes."""
    colours = {"top": outfit.top, "legs": outfit.legs, "shoes": outfit.shoes, "hands": outfit.hands}
    colours["seam"] = SEAM
    body = (ROBE + ARMS if outfit.robe else TROUSERS + TRUNK + ARMS).format(**colours)
    return _document(body, drawing, 134 if outfit.bust else 116, 142 if outfit.bust else 124, (-16, 304))


def dressed(head: str, build: Build | None) -> str:
    """Make a head's SVG document with a body under it; without a build, a robot's."""
    if build is None:
        return _document(MACHINE, head, 118)
    colours = {"coat": build.coat, "shaded": build.shaded, "chest": build.chest, "paws": build.paws}
    colours["arms"] = build.arms or build.coat
    return _document((TAILS[build.tail] + TORSO + LIMBS).format(**colours), head, build.head)


def _document(body: str, head: str, size: float, chin: float = 124, view: tuple[float, float] = (-24, 260)) -> str:
    """Put a head of a size over a body, its lower edge at `chin`; `view` is the document's top and height."""
    opening = _OPENING.search(head)
    inner = head[opening.end() : head.rindex("</svg>")] if opening else ""
    place = f'x="{100 - size / 2}" y="{chin - size}" width="{size}" height="{size}" viewBox="0 0 128 128"'
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 {view[0]} 200 {view[1]}">{body}<svg {place}>{inner}</svg></svg>'
    )


HORN = (
    '<path d="M8 27L-3 -2L16 20Z" fill="#f3c33c"/><path d="M5 18L11 15M2 10L7 8" stroke="#c48a1c" stroke-width="1.6"/>'
)
COAT_OF_UNICORN = (
    ('fill="#865b52"', 'fill="#e8609c"'),
    ("#865b52", "#b9b2c2"),
    ("#feaf5f", "#f6f3f7"),
    ("#dd985b", "#dcd6e0"),
    ("#e09a5c", "#e2dce6"),
    ("#b3875d", "#cdc6d4"),
    ("#916656", "#aaa2b4"),
)


def unicorn(horse: str) -> str:
    """Make a horse a unicorn: a white coat, a pink mane and a horn."""
    for old, new in COAT_OF_UNICORN:
        horse = horse.replace(old, new)
    opening = _OPENING.search(horse)
    body = horse[opening.end() : horse.rindex("</svg>")] if opening else ""
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-6 -6 140 134">{body}{HORN}</svg>'


class Wardrobe:
    """An art pack whose heads have bodies. Like the pack it hashes by identity; see `wardrobe`."""

    def __init__(self, pack: Drawings) -> None:
        self._pack = pack

    def svg(self, name: str) -> str:
        """Give a drawing, with a body where the pack has only a head; raises KeyError where it has none at all."""
        drawing = self._pack.svg(name)
        if name == "robot":
            return dressed(drawing, None)
        if name == "unicorn":
            return unicorn(self._pack.svg("horse"))
        if name in OUTFITS:
            return clothed(drawing, OUTFITS[name])
        return dressed(drawing, BUILDS[name]) if name in BUILDS else drawing


@lru_cache(maxsize=4)
def wardrobe(pack: Drawings) -> Wardrobe:
    """Give the wardrobe of a pack, always the same one, so that caches keyed by it hold."""
    return Wardrobe(pack)
