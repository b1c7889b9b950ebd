"""The colours of bodies: coats of beasts, clothes of people; reviewed for the likely ones, else taken from the head."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from limner.engines.illustrator.figures.art import Drawings, sprite
from limner.engines.illustrator.pack import skinned, tone_of, untoned

Tail = Literal["bushy", "tufted", "stub", "long", "curly", "horse", "none"]
LOOK = 64


@dataclass(frozen=True, slots=True)
class Coat:
    """A beast's colours: coat, its shaded parts, belly and paws; `arms` where they are not the coat's."""

    coat: str
    shaded: str
    belly: str
    paws: str
    tail: Tail = "stub"
    arms: str = ""
    machine: bool = False


COATS: dict[str, Coat] = {
    "fox": Coat("#f2671c", "#cf4d10", "#fdeee0", "#5a352c", "bushy"),
    "wolf": Coat("#a3a5a8", "#808388", "#e2e3e5", "#77797d", "bushy"),
    "bear": Coat("#85605a", "#64453d", "#a98577", "#5d4037", "stub"),
    "panda": Coat("#f4f4f4", "#c9ccd0", "#ffffff", "#2b2e32", "stub", "#3a3d42"),
    "polar-bear": Coat("#f2f6f9", "#c5d5e0", "#ffffff", "#c8d8e2", "stub"),
    "koala": Coat("#a2a4a8", "#7f8287", "#dfe0e2", "#7c7f84", "none"),
    "hamster": Coat("#f2a964", "#d5873f", "#fff3e4", "#f6b9a0", "none"),
    "lion": Coat("#f2b21e", "#cd8c12", "#fbdc86", "#e0a11a", "tufted"),
    "moose": Coat("#7a5548", "#5c3e35", "#94705f", "#4a332c", "stub"),
    "frog": Coat("#a9c81e", "#86a510", "#dfec94", "#9dbd18", "none"),
    "cat-face": Coat("#ffc022", "#e59a12", "#fff3d0", "#ffd659", "long"),
    "dog-face": Coat("#f8e6d4", "#dcb99a", "#fffaf2", "#b57e62", "long"),
    "mouse-face": Coat("#9aa0a4", "#7b8286", "#d3d8da", "#f3a9b4", "long"),
    "rabbit-face": Coat("#b7c1c8", "#939fa8", "#f2f5f7", "#d5dde2", "stub"),
    "pig-face": Coat("#fcc4a8", "#e89a86", "#fddccb", "#ee8f86", "curly"),
    "tiger-face": Coat("#fb8c1d", "#d46a08", "#fff1dd", "#f9a53f", "long"),
    "monkey-face": Coat("#a0733f", "#7d572c", "#fbd29a", "#e9b678", "long"),
    "cow-face": Coat("#f3efe8", "#cbbfb1", "#ffffff", "#6b4a3c", "tufted"),
    "horse-face": Coat("#dd9a5c", "#b9763f", "#eeb884", "#6f4a3e", "horse"),
    "unicorn": Coat("#f3f1f6", "#cfc8da", "#ffffff", "#b9a8cf", "horse"),
    "dragon-face": Coat("#22a845", "#14803a", "#f9d54a", "#12753a", "tufted"),
    "boar": Coat("#7a5a50", "#5b4038", "#94705f", "#4a332c", "stub"),
    "chicken": Coat("#e8e6e1", "#c3beb5", "#f7f5f1", "#f2a83a", "stub"),
    "robot": Coat("#90a4ae", "#5f747f", "#607d8b", "#b0bec5", "none", "#9fb1ba", machine=True),
}
COATS |= dict.fromkeys(
    (
        "grinning-cat", "grinning-cat-with-smiling-eyes", "smiling-cat-with-heart-eyes", "cat-with-wry-smile",
        "kissing-cat", "crying-cat", "pouting-cat", "weary-cat", "cat-with-tears-of-joy",
    ),
    COATS["cat-face"],
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outfit:
    """What a person wears below a drawn head or bust: the colours of top, legs, shoes and hands ("" is the skin's).

    `bust` tells that the drawing has shoulders already; a `robe` falls to the feet; `trim` is the colour of buttons,
    collar and belt.
    """

    top: str = ""
    legs: str = "#4a5568"
    shoes: str = "#3b3f4a"
    hands: str = ""
    bust: bool = True
    robe: bool = False
    trim: str = ""


OUTFITS: dict[str, Outfit] = {
    "boy": Outfit("#3f8fe0", "#4a5568", "#c0392b", bust=False, trim="#ffe08a"),
    "girl": Outfit("#e85a8f", "#e85a8f", "#7a3b6b", bust=False, robe=True, trim="#fff0f5"),
    "child": Outfit("#4caf72", "#4a5568", bust=False, trim="#f7f3df"),
    "baby": Outfit("#8fd0f0", "#8fd0f0", "#ffffff", bust=False, trim="#ffffff"),
    "baby-angel": Outfit("#f4f6fa", "#f4f6fa", "#f7d774", bust=False, robe=True, trim="#f7d774"),
    "person": Outfit("#f0923a", "#56616f", bust=False, trim="#fff3df"),
    "man": Outfit("#1f9e86", "#55606b", "#5b4034", bust=False, trim="#eef7f4"),
    "woman": Outfit("#6a55c8", "#4d4a63", "#3d3450", bust=False, trim="#efeaff"),
    "man-beard": Outfit("#b5492e", "#465a78", "#5b4034", bust=False, trim="#f6e2c4"),
    "old-man": Outfit("#7d8f5a", "#6b5b4a", bust=False, trim="#eee7cf"),
    "old-woman": Outfit("#8a6bb0", "#8a6bb0", bust=False, robe=True, trim="#f2ebf8"),
    "older-person": Outfit("#4f7f96", "#5a5f66", bust=False, trim="#e8eef0"),
    "santa-claus": Outfit("#e02d2d", "#d42626", "#26262b", "#ffffff", bust=False, trim="#ffffff"),
    "mrs-claus": Outfit("#d82f3a", "#d82f3a", "#26262b", bust=False, robe=True, trim="#ffffff"),
    "mx-claus": Outfit("#e02d2d", "#d42626", "#26262b", bust=False, trim="#ffffff"),
    "prince": Outfit("#2b5fb8", "#e8e3d5", "#5b3a22", bust=False, trim="#f5cf4a"),
    "princess": Outfit("#f06ea8", "#f06ea8", "#f8d34a", bust=False, robe=True, trim="#f8d34a"),
    "person-with-crown": Outfit("#8e2f5e", "#3d3a4a", trim="#f5cf4a"),
    "alien": Outfit("#8fa3ad", "#78909c", "#607d8b", "#b0bec5", bust=False, trim="#5fd4c4"),
    "astronaut": Outfit("#dfe3e6", "#e6e9ec", "#9aa0a6", "#b9bec4", trim="#f07a28"),
    "cook": Outfit("#f2f2f2", "#4f5b62", trim="#c9ced2"),
    "mage": Outfit("#78808a", "#78808a", robe=True, trim="#a9b4c0"),
    "ninja": Outfit("#43474d", "#36393e", "#25272b", "#43474d", trim="#b7352d"),
    "police-officer": Outfit("#2f59c8", "#28407a", "#1d2233", trim="#f5cf4a"),
    "firefighter": Outfit("#d33a2e", "#8b2a22", "#2a2a2e", trim="#f6d94a"),
    "farmer": Outfit("#3f7fc0", "#3f7fc0", "#6b4a2f", trim="#f6d94a"),
    "construction-worker": Outfit("#f5a12c", "#3f5f90", "#5b4034", trim="#ffe27a"),
    "artist": Outfit("#3e8e5a", "#4a4f5a"),
    "scientist": Outfit("#eef2f5", "#55606b", trim="#c3cdd6"),
    "health-worker": Outfit("#eef2f5", "#5c86a8", "#f2f2f2", trim="#c3cdd6"),
    "teacher": Outfit("#ee7a24", "#4f5b73"),
    "student": Outfit("#2d3036", "#2d3036", robe=True, trim="#f2c53d"),
    "judge": Outfit("#2f3238", "#2f3238", robe=True),
    "guard": Outfit("#d9342b", "#26282e", trim="#f5cf4a"),
    "in-tuxedo": Outfit("#2a2c31", "#26282d", "#17181b", trim="#e9e9ec"),
    "with-veil": Outfit("#f1f1f4", "#f1f1f4", "#ffffff", robe=True, trim="#e8c8d4"),
    "woman-beard": Outfit("#6a55c8", "#4d4a63", "#3d3450", bust=False, trim="#efeaff"),
    "vampire": Outfit("#26262c", "#26262c", trim="#b3202a"),
    "zombie": Outfit("#f07c1e", "#5a5f52", hands="#8bc34a"),
    "elf": Outfit("", "#4f7a4a", "#5b4034"),
    "pilot": Outfit("#26282e", "#26282e", trim="#f5cf4a"),
    "detective": Outfit("#5d6066", "#4a4d53", "#2d2f33"),
    "clown-face": Outfit("#3f8fe0", "#f2c230", "#d9342b", "#ffffff", bust=False, trim="#d9342b"),
    "cowboy-hat-face": Outfit("#b5492e", "#3f5f90", "#6b4a2f", bust=False, trim="#f5cf4a"),
    "goblin": Outfit("#5a4a3a", "#5a4a3a", bust=False),
    "ogre": Outfit("#5a4a3a", "#5a4a3a", bust=False),
}
TOPS = ("#3f8fe0", "#d95f4e", "#4c9f70", "#8a6bb0", "#e09a3a", "#3d8f9c")
"""What those wear of whom nothing is known."""

Hues = tuple[NDArray[np.float32], NDArray[np.float32]]


def mixed(colour: str, other: str, share: float) -> str:
    """Mix two colours in sRGB: all of the first at 0, all of the other at 1."""
    a, b = (np.array([int(one[i : i + 2], 16) for i in (1, 3, 5)], float) for one in (colour, other))
    return _hexed(a * (1 - share) + b * share)


def darker(colour: str, share: float = 0.22) -> str:
    """Give a colour's shade: darker, a little warmer."""
    return mixed(colour, "#2a1622", share)


def lighter(colour: str, share: float = 0.55) -> str:
    """Give a colour's tint."""
    return mixed(colour, "#fffaf2", share)


def _hexed(colour: NDArray[np.floating]) -> str:
    r, g, b = (int(np.clip(round(float(value)), 0, 255)) for value in colour)
    return f"#{r:02x}{g:02x}{b:02x}"


def _hues(sprite_: NDArray[np.uint8]) -> Hues:
    """Give a drawing's colours, the commonest first, and the share of the drawing that each of them covers."""
    solid = sprite_[sprite_[..., 3] > 200][:, :3]
    if not len(solid):
        return np.full((1, 3), 150, np.float32), np.ones(1, np.float32)
    _, member, counts = np.unique(solid // 28, axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(-counts)
    means = [solid[member.ravel() == i].mean(0) for i in order]
    return np.array(means, np.float32), (counts[order] / len(solid)).astype(np.float32)


def _lightness(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(colours @ np.array([0.30, 0.59, 0.11], np.float32), np.float32)


@lru_cache(maxsize=256)
def coat(pack: Drawings, art: str) -> Coat:
    """Give the coat for a beast's head: a reviewed one, or the head's commonest, lightest and darkest colours."""
    if art in COATS:
        return COATS[art]
    colours, shares = _hues(sprite(pack, art, LOOK, LOOK))
    main = _hexed(colours[0])
    tones, often = _lightness(colours), shares > 0.03
    light = colours[often][int(np.argmax(tones[often]))] if often.any() else colours[0]
    belly = _hexed(light) if float(_lightness(light[None])[0]) > float(tones[0]) + 18 else lighter(main, 0.5)
    return Coat(main, darker(main), belly, darker(main, 0.35))


def skin(pack: Drawings, art: str) -> str:
    """Give a face's colour: the commonest within its middle."""
    face = sprite(pack, art, LOOK, LOOK)[int(0.34 * LOOK) : int(0.74 * LOOK), int(0.28 * LOOK) : int(0.72 * LOOK)]
    return _hexed(_hues(np.ascontiguousarray(face))[0][0])


def shoulders(pack: Drawings, art: str) -> tuple[bool, str]:
    """Tell whether a person's drawing is a bust, cut off straight below, and the commonest colour along the cut."""
    low = sprite(pack, art, LOOK, LOOK)[-4:]
    wide = float((low[-2, :, 3] > 128).mean())
    return wide > 0.88, _hexed(_hues(np.ascontiguousarray(low[:, 10:-10]))[0][0])


def outfit(pack: Drawings, art: str) -> Outfit:
    """Give the clothes for a person's head or bust: the reviewed ones, completed by what the drawing shows."""
    worn, tone = _outfit(pack, untoned(art)), tone_of(art)
    return replace(worn, hands=skinned(worn.hands, tone)) if tone else worn


@lru_cache(maxsize=256)
def _outfit(pack: Drawings, plain: str) -> Outfit:
    told = OUTFITS.get(plain) or OUTFITS.get(plain.removeprefix("woman-").removeprefix("man-").removeprefix("person-"))
    bust, cut = shoulders(pack, plain)
    if told is None:
        guess = TOPS[zlib.crc32(plain.encode()) % len(TOPS)]
        told = Outfit(cut if bust else guess, bust=bust)
    top = told.top or cut
    return Outfit(
        top, told.legs, told.shoes, told.hands or skin(pack, plain), told.bust, told.robe, told.trim or lighter(top)
    )


def changed(clothes: Outfit, which: int) -> Outfit:
    """Give the clothes of the first, second ... sibling of somebody: as theirs, with another top."""
    if clothes.bust or not which:
        return clothes
    top = [colour for colour in TOPS if colour != clothes.top][(which - 1) % (len(TOPS) - 1)]
    return replace(clothes, top=top, legs=top if clothes.robe else clothes.legs)
