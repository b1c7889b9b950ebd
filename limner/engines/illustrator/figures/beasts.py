"""The bodies of beasts: a pear-shaped trunk with a lighter belly, round limbs and paws with toes, as of a soft toy."""

from __future__ import annotations

from dataclasses import dataclass

from limner.engines.illustrator.figures.limbs import Point, limb, line, oval, paw, shape
from limner.engines.illustrator.figures.palettes import Coat, Tail, darker
from limner.engines.illustrator.figures.poses import ARMS, Legs
from limner.engines.illustrator.figures.skeleton import Chain, Proportions, arms, legs

TAILS: dict[Tail, str] = {
    "bushy": '<path d="M132 214C170 230 204 198 197 152C194 132 178 118 166 122C178 142 170 172 140 188Z" '
    'fill="{shaded}"/><path d="M134 210C168 224 198 196 192 156C190 138 178 126 169 126C180 146 171 176 142 192Z" '
    'fill="{coat}"/><path d="M193 158C191 136 178 122 167 123C174 134 176 144 173 154C178 150 181 158 185 153C187 159 '
    '190 156 193 158Z" fill="{belly}"/>',
    "tufted": '<path d="M140 208C172 214 188 194 181 164" fill="none" stroke="{shaded}" stroke-width="8.5" '
    'stroke-linecap="round"/><path d="M172 172C166 152 176 138 183 135C192 147 194 162 187 174C182 170 177 '
    '170 172 172Z" '
    'fill="{paws}"/>',
    "long": '<path d="M138 206C172 216 192 190 179 166C172 152 182 140 192 146" fill="none" stroke="{shaded}" '
    'stroke-width="15" stroke-linecap="round"/><path d="M138 206C172 216 192 190 179 166C172 152 182 140 192 146" '
    'fill="none" stroke="{coat}" stroke-width="12" stroke-linecap="round"/>',
    "curly": '<path d="M142 200C160 196 168 184 160 178C152 174 148 186 158 190C170 194 178 184 176 176" fill="none" '
    'stroke="{shaded}" stroke-width="6.5" stroke-linecap="round"/>',
    "horse": '<path d="M136 196C172 196 184 216 180 244C174 236 168 240 164 246C164 226 152 216 136 214Z" '
    'fill="{paws}"/>',
    "stub": '<circle cx="147" cy="202" r="15" fill="{shaded}"/><circle cx="147" cy="201" r="13" fill="{coat}"/>',
    "none": "",
}


@dataclass(frozen=True, slots=True)
class Painted:
    """A body in layers: behind the head, before it, and the hands that go above a prop."""

    back: str
    front: str
    hands: str


def beast(body: Proportions, coat: Coat, pose: Legs, hold: str) -> Painted:
    """Draw a beast's body in a pose."""
    told = legs(body, pose)
    tail = (
        ""
        if pose in ("peep", "bust")
        else TAILS[coat.tail].format(coat=coat.coat, shaded=coat.shaded, belly=coat.belly, paws=coat.paws)
    )
    hind = "".join(_leg(body, coat, chain, pose, side) for side, chain in zip((-1, 1), told, strict=False))
    trunk = _machine(body, coat) if coat.machine else _trunk(body, coat, pose)
    # Who sits on the ground shows the soles before the belly; who stands has the belly before the legs.
    back = tail + (trunk + hind if pose in ("sit", "seat", "astride") else hind + trunk)
    left, right = arms(body, hold)
    gripping = ARMS[hold].gripping
    front = _arm(body, coat, left) + _arm(body, coat, right)
    ends = _hand(body, coat, left, -1), _hand(body, coat, right, 1)
    grips = "".join(hand for hand, grips in zip(ends, gripping, strict=True) if grips)
    return Painted(back, front + "".join(ends), grips)


def _trunk(body: Proportions, coat: Coat, pose: Legs) -> str:
    """Draw a pear, a little fuller to one side than to the other, with its belly."""
    top, hip = body.shoulder - 30, body.hip
    wide = 50 if pose == "sit" else 44
    low = hip + (30 if pose == "sit" else 24)
    pear = (
        f"M100 {top}C70 {top} 66 {top + 26} {100 - wide + 8} {hip - 30}"
        f"C{100 - wide - 6} {hip - 6} {100 - wide} {low} 100 {low}"
        f"C{101 + wide} {low} {108 + wide} {hip - 8} {93 + wide} {hip - 30}C134 {top + 26} 130 {top} 100 {top}Z"
    )
    half = 0.62 * wide
    belly = (
        f"M100 {top + 20}C{100 - 0.8 * half:.1f} {top + 20} {100 - half:.1f} {hip - 34} {100 - half:.1f} {hip - 14}"
        f"C{100 - half:.1f} {hip + 8} {100 - 0.6 * half:.1f} {low - 7} 101 {low - 7}"
        f"C{101 + 0.62 * half:.1f} {low - 7} {101 + half:.1f} {hip + 7} {101 + half:.1f} {hip - 15}"
        f"C{101 + half:.1f} {hip - 35} {100 + 0.8 * half:.1f} {top + 20} 100 {top + 20}Z"
    )
    return shape(pear, coat.coat) + shape(belly, coat.belly)


def _machine(body: Proportions, coat: Coat) -> str:
    """Draw a robot's casing with its panel, dial and lamps."""
    top, low = body.shoulder - 14, body.hip + 12
    return (
        f'<rect x="84" y="{top - 10}" width="32" height="18" rx="5" fill="{coat.shaded}"/>'
        f'<rect x="57" y="{top}" width="86" height="{low - top}" rx="16" fill="{coat.coat}"/>'
        f'<rect x="70" y="{top + 13}" width="60" height="36" rx="7" fill="{coat.belly}"/>'
        f'<circle cx="84" cy="{top + 31}" r="8.5" fill="#eceff1"/>'
        + line(f"M84 {top + 31}L88 {top + 25}", "#e53935", 2.4)
        + f'<circle cx="104" cy="{top + 24}" r="4.6" fill="#ffca28"/><circle cx="118" cy="{top + 24}" r="4.6" '
        f'fill="#66bb6a"/><rect x="98" y="{top + 34}" width="26" height="7" rx="3" fill="#26c6da"/>'
        f'<circle cx="66" cy="{low - 8}" r="2.8" fill="{coat.shaded}"/><circle cx="134" cy="{low - 8}" r="2.8" '
        f'fill="{coat.shaded}"/>'
    )


def _leg(body: Proportions, coat: Coat, chain: Chain, pose: Legs, side: int) -> str:
    """Draw one hind leg with its foot; from the front a sitter shows the sole, a rider's foot points forward."""
    fill = coat.arms or coat.coat
    upper = limb(chain, body.leg_widths, fill, coat.shaded)
    ankle, (w, h) = chain[2], body.foot
    if pose == "sit":
        return upper + _sole(coat, (ankle[0] + 2 * side, ankle[1]), side)
    if pose == "astride":
        return upper + paw((ankle[0] - 8, ankle[1] + 3), (w, h), coat.paws, darker(coat.paws), 12)
    return upper + paw((ankle[0] + 3 * side, ankle[1] + 2), (w, h), coat.paws, darker(coat.paws))


def _sole(coat: Coat, at: Point, side: int) -> str:
    """Draw a foot seen from below, with its pads."""
    x, y = at
    fill = coat.arms or coat.coat
    pad = coat.paws if coat.paws != fill else coat.belly
    foot = oval(at, (20.5, 24.5), coat.shaded, 12 * side) + oval(at, (19, 23), fill, 12 * side)
    if coat.machine:
        return foot
    pads = oval((x - side, y + 6), (10.5, 9), pad, 12 * side)
    for dx, dy in ((-9, -7), (0, -12), (9, -8)):
        pads += oval((x + dx + 2 * side, y + dy), (4.2, 4.6), pad)
    return foot + pads


def _arm(body: Proportions, coat: Coat, chain: Chain) -> str:
    return limb(chain, body.arm_widths, coat.arms or coat.coat, coat.shaded)


def _hand(body: Proportions, coat: Coat, chain: Chain, side: int) -> str:
    """Draw a forepaw at the end of an arm, its toes away from the forearm."""
    x, y = chain[2]
    over = -62 if y < chain[1][1] - 10 else 0
    if coat.machine:
        return _claw((x, y), coat)
    return paw((x, y), body.hand, coat.paws, darker(coat.paws), over * -side * 2.2 if over else -18 * side)


def _claw(at: Point, coat: Coat) -> str:
    """Draw a robot's hand: a ball with a dark joint."""
    return oval(at, (13, 13), coat.shaded) + oval(at, (11.4, 11.4), coat.paws) + oval(at, (4.2, 4.2), coat.shaded)
