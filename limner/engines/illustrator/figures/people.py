"""The bodies of people: clothes with collars, buttons, belts and folds under a drawn head or bust."""

from __future__ import annotations

from limner.engines.illustrator.figures.beasts import Painted
from limner.engines.illustrator.figures.limbs import Point, limb, line, oval, shape
from limner.engines.illustrator.figures.palettes import Outfit, darker
from limner.engines.illustrator.figures.poses import ARMS, Legs
from limner.engines.illustrator.figures.skeleton import Chain, Proportions, arms, legs


def person(body: Proportions, outfit: Outfit, pose: Legs, hold: str) -> Painted:
    """Draw a person's body in a pose."""
    told = _crossed(body) if pose == "sit" else legs(body, pose)
    limbs_ = "".join(_leg(body, outfit, chain, pose, side) for side, chain in zip((-1, 1), told, strict=False))
    shirt = _shirt(body, outfit)
    gown = outfit.robe and pose in ("stand", "walk")
    skirt = _skirt(body, outfit, max(chain[2][1] for chain in told)) if gown else ""
    neck = "" if outfit.bust else _neck(body, outfit)
    back = neck + (shirt + limbs_ if pose == "astride" else limbs_ + skirt + shirt)
    if pose in ("sit", "seat"):
        back = neck + shirt + limbs_
    left, right = arms(body, hold)
    front = _sleeve(body, outfit, left) + _sleeve(body, outfit, right)
    ends = _hand(body, outfit, left, -1), _hand(body, outfit, right, 1)
    grips = "".join(
        _fist(body, outfit, one) for one, grips in zip((left, right), ARMS[hold].gripping, strict=True) if grips
    )
    return Painted(back, _details(body, outfit) + front + "".join(ends), grips)


def _crossed(body: Proportions) -> tuple[Chain, ...]:
    """Give the legs of somebody who sits on the ground cross-legged, as people do and beasts do not."""
    hip = body.hip
    return (
        ((84.0, hip + 6), (50.0, hip + 23), (104.0, hip + 33)),
        ((116.0, hip + 6), (151.0, hip + 22), (95.0, hip + 37)),
    )


def _neck(body: Proportions, outfit: Outfit) -> str:
    top, low = body.chin - 14, body.shoulder + 6
    return shape(
        f"M88 {top}C88 {low - 6} 82 {low - 4} 78 {low}H122C118 {low - 4} 112 {low - 6} 112 {top}Z", outfit.hands
    )


def _shirt(body: Proportions, outfit: Outfit) -> str:
    """Draw from the shoulders to the hips, with the shade of a fold at one side."""
    s, y0, hip = body.shoulders + 9, body.shoulder - 9, body.hip
    waist = body.hips + 21
    trunk = (
        f"M{100 - 15} {y0}C{100 - 30} {y0 + 2} {100 - s + 6} {y0 + 3} {100 - s} {y0 + 20}C{100 - s + 4} {hip - 34} "
        f"{100 - waist - 1} {hip - 26} {100 - waist} {hip + 8}C{100 - 20} {hip + 14} {100 + 20} {hip + 14} "
        f"{100 + waist} {hip + 8}C{101 + waist} {hip - 26} {100 + s - 4} {hip - 34} {100 + s} {y0 + 20}"
        f"C{100 + s - 6} {y0 + 3} {130} {y0 + 2} {115} {y0}Z"
    )
    fold = line(
        f"M{91 + waist} {hip - 4}C{86 + waist} {hip - 14} {88 + waist} {hip - 26} {94 + waist} {hip - 36}",
        darker(outfit.top),
        2.4,
        0.6,
    )
    return shape(trunk, outfit.top) + fold


def _details(body: Proportions, outfit: Outfit) -> str:
    """Add collar, buttons, pocket and belt: what makes a coloured shape a garment."""
    y0, hip, trim = body.shoulder - 9, body.hip, outfit.trim
    start = body.chin + 4 if outfit.bust else y0 + 26
    found = "".join(oval((100.5, y), (2.7, 2.7), trim) for y in range(round(start) + 6, round(hip) - 6, 16))
    if not outfit.bust:
        found += shape(f"M100 {y0 + 17}L{81} {y0 - 3}C{74} {y0 + 2} {74} {y0 + 10} {79} {y0 + 18}Z", trim)
        found += shape(f"M100 {y0 + 17}L{119} {y0 - 3}C{126} {y0 + 2} {126} {y0 + 10} {121} {y0 + 18}Z", trim)
        x, y = 115, y0 + 30
        found += shape(
            f"M{x} {y}H{x + 15}V{y + 11}C{x + 12} {y + 15} {x + 3} {y + 15} {x} {y + 11}Z", darker(outfit.top, 0.14)
        )
    waist = body.hips + 20
    belt = trim if outfit.robe else darker(outfit.legs, 0.5)
    found += line(
        f"M{100 - waist} {hip + 4}C{100 - 14} {hip + 9} {100 + 14} {hip + 9} {100 + waist} {hip + 4}", belt, 6
    )
    return found + f'<rect x="94.5" y="{hip + 2.5}" width="12" height="10" rx="2.5" fill="#e9c65a"/>'


def _skirt(body: Proportions, outfit: Outfit, low: float) -> str:
    """Draw a robe or skirt down to the ankles, with two folds and a hem."""
    hip, waist = body.hip, body.hips + 20
    hem = low - 2
    robe = (
        f"M{100 - waist} {hip}C{100 - waist - 10} {hip + 30} {100 - waist - 20} {hem - 24} {100 - waist - 24} {hem - 4}"
        f"C{100 - 30} {hem + 8} {100 + 30} {hem + 8} {100 + waist + 24} {hem - 4}"
        f"C{100 + waist + 20} {hem - 24} {100 + waist + 10} {hip + 30} {100 + waist} {hip}Z"
    )
    folds = line(f"M82 {hip + 22}C80 {hip + 40} 74 {hem - 22} 71 {hem - 6}", darker(outfit.legs), 2.6, 0.6)
    folds += line(f"M121 {hip + 18}C123 {hip + 38} 128 {hem - 24} 131 {hem - 6}", darker(outfit.legs), 2.6, 0.6)
    band = line(
        f"M{100 - waist - 21} {hem - 9}C{100 - 30} {hem + 2} {100 + 30} {hem + 2} {100 + waist + 21} {hem - 9}",
        outfit.trim,
        4.5,
    )
    return shape(robe, outfit.legs) + folds + band


def _leg(body: Proportions, outfit: Outfit, chain: Chain, pose: Legs, side: int) -> str:
    """Draw a trouser leg and its shoe."""
    dark = darker(outfit.legs, 0.3)
    trouser = limb(chain, body.leg_widths, outfit.legs, dark)
    x, y = chain[2]
    if pose == "sit":
        return _shoe((x - 9 * side, y + 3), body.foot, outfit, -6 * side) + trouser
    if pose == "astride":
        return trouser + _shoe((x - 9, y + 6), body.foot, outfit, 8)
    return trouser + _shoe((x + 5 * side, y + 5), body.foot, outfit, 4 * side)


def _shoe(at: Point, size: Point, outfit: Outfit, turn: float) -> str:
    x, y = at
    w, h = size
    upper = (
        f"M{x - w:.1f} {y + 0.5 * h:.1f}C{x - w:.1f} {y - 0.6 * h:.1f} {x - 0.5 * w:.1f} {y - h:.1f} "
        f"{x:.1f} {y - h:.1f}"
        f"C{x + 0.5 * w:.1f} {y - h:.1f} {x + w:.1f} {y - 0.6 * h:.1f} {x + w:.1f} {y + 0.5 * h:.1f}Z"
    )
    sole = (
        f'<rect x="{x - w - 1:.1f}" y="{y + 0.35 * h:.1f}" width="{2 * w + 2:.1f}" height="{0.65 * h:.1f}" '
        f'rx="{0.3 * h:.1f}" fill="{darker(outfit.shoes, 0.45)}"/>'
    )
    return f'<g transform="rotate({turn:.0f} {x:.1f} {y:.1f})">{sole}{shape(upper, outfit.shoes)}</g>'


def _sleeve(body: Proportions, outfit: Outfit, chain: Chain) -> str:
    """Draw a sleeve with its cuff."""
    (ex, ey), (hx, hy) = chain[1], chain[2]
    long = max(1e-3, ((hx - ex) ** 2 + (hy - ey) ** 2) ** 0.5)
    ux, uy = (hx - ex) / long, (hy - ey) / long
    wrist = hx - 9 * ux, hy - 9 * uy
    half = body.arm_widths[2] / 2 + 1
    cuff = line(
        f"M{wrist[0] - uy * half:.1f} {wrist[1] + ux * half:.1f}L{wrist[0] + uy * half:.1f} {wrist[1] - ux * half:.1f}",
        darker(outfit.top, 0.35),
        4,
    )
    return limb((chain[0], chain[1], wrist), body.arm_widths, outfit.top, darker(outfit.top, 0.3)) + cuff


def _hand(body: Proportions, outfit: Outfit, chain: Chain, side: int) -> str:
    """Draw an open hand with its thumb to the inner side."""
    (_ex, ey), (x, y) = chain[1], chain[2]
    r = body.hand[0]
    up = y < ey - 12
    thumb = (x - side * 0.75 * r, y - 0.25 * r) if not up else (x - side * 0.85 * r, y - 0.1 * r)
    edge = darker(outfit.hands, 0.25)
    return (
        oval(thumb, (0.46 * r, 0.34 * r), edge, -40 * side)
        + oval((x, y), (r + 1.2, r + 1.2), edge)
        + oval((x, y), (r, r), outfit.hands)
        + oval(thumb, (0.38 * r, 0.28 * r), outfit.hands, -40 * side)
    )


def _fist(body: Proportions, outfit: Outfit, chain: Chain) -> str:
    """Draw a hand closed upon something, seen from its fingers."""
    x, y = chain[2]
    r = body.hand[0] * 1.02
    edge = darker(outfit.hands, 0.28)
    fingers = "".join(
        line(f"M{x - 0.55 * r:.1f} {y + dy:.1f}L{x + 0.62 * r:.1f} {y + dy:.1f}", edge, 1.5, 0.8)
        for dy in (-0.42 * r, 0.06 * r, 0.5 * r)
    )
    return oval((x, y), (r + 1.3, r + 1.3), edge) + oval((x, y), (r, r), outfit.hands) + fingers
