"""Limbs and paths: the few shapes that all drawn bodies are made of, as SVG text.

An arm is reached, not drawn: told where the hand is, the elbow follows from the lengths of upper arm and forearm by the
law of cosines. Source: two-bone inverse kinematics, e.g. Parent, "Computer Animation: Algorithms and Techniques", 2002.
"""

from __future__ import annotations

import math

Point = tuple[float, float]

STEPS = 7
RIM = 1.5
"""How far a limb's shaded edge shows around it: enough for the relief to tell the limb from what is behind it."""


def elbow(shoulder: Point, hand: Point, lengths: tuple[float, float], *, side: float) -> Point:
    """Give where an arm bends; `side` > 0 bends it to the right of the way from shoulder to hand, seen on paper.

    A hand out of reach stretches the arm straight, one too near leaves the elbow a little way out.
    """
    upper, lower = lengths
    dx, dy = hand[0] - shoulder[0], hand[1] - shoulder[1]
    far = max(1e-3, math.hypot(dx, dy))
    along = (upper**2 - lower**2 + far**2) / (2 * far)
    along = min(max(along, -upper), upper)
    out = math.sqrt(max(0.0, upper**2 - along**2)) * side
    return shoulder[0] + (dx * along - dy * out) / far, shoulder[1] + (dy * along + dx * out) / far


def curve(points: tuple[Point, ...]) -> list[Point]:
    """Sample a smooth curve through points. Source: Catmull and Rom, "A class of local interpolating splines", 1974."""
    first, last = points[0], points[-1]
    ends = [
        (2 * first[0] - points[1][0], 2 * first[1] - points[1][1]),
        (2 * last[0] - points[-2][0], 2 * last[1] - points[-2][1]),
    ]
    knots = [ends[0], *points, ends[1]]
    found: list[Point] = []
    for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        found += [_between(a, b, c, d, i / STEPS) for i in range(STEPS)]
    return [*found, last]


def _between(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    x, y = (
        0.5 * (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t * t + (3 * q - p - 3 * r + s) * t**3)
        for p, q, r, s in zip(a, b, c, d, strict=True)
    )
    return x, y


def tapered(points: tuple[Point, ...], widths: tuple[float, ...]) -> str:
    """Give the outline of a limb along a curve, round at both ends, as path data; one width for each point."""
    way = curve(points)
    steps = len(way) - 1
    left, right = [], []
    for i, (x, y) in enumerate(way):
        before, after = way[max(0, i - 1)], way[min(steps, i + 1)]
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = max(1e-6, math.hypot(dx, dy))
        half = _width(widths, i / steps) / 2
        left.append((x - dy / length * half, y + dx / length * half))
        right.append((x + dy / length * half, y - dx / length * half))
    start, end = widths[0] / 2, widths[-1] / 2
    to = "L".join(_at(p) for p in left)
    fro = "L".join(_at(p) for p in reversed(right))
    cap = f"A{end:.1f} {end:.1f} 0 0 0 {_at(right[-1])}"
    return f"M{to}{cap}L{fro}A{start:.1f} {start:.1f} 0 0 0 {_at(left[0])}Z"


def _width(widths: tuple[float, ...], t: float) -> float:
    """Give the width at a share of the way, eased between the told ones."""
    at = t * (len(widths) - 1)
    i = min(int(at), len(widths) - 2)
    share = at - i
    share = share * share * (3 - 2 * share)
    return widths[i] * (1 - share) + widths[i + 1] * share


def _at(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def shape(data: str, fill: str) -> str:
    """Give a filled path."""
    return f'<path d="{data}" fill="{fill}"/>'


def limb(points: tuple[Point, ...], widths: tuple[float, ...], fill: str, edge: str) -> str:
    """Give a limb with a thin edge of its shaded colour."""
    outer = tuple(width + 2 * RIM for width in widths)
    return shape(tapered(points, outer), edge) + shape(tapered(points, widths), fill)


def line(data: str, colour: str, width: float, opacity: float = 1.0) -> str:
    """Give an open line with round ends."""
    return (
        f'<path d="{data}" fill="none" stroke="{colour}" stroke-width="{width:.1f}" stroke-linecap="round" '
        f'stroke-linejoin="round" stroke-opacity="{opacity:.2f}"/>'
    )


def oval(middle: Point, radii: Point, fill: str, turn: float = 0.0) -> str:
    """Give an ellipse, turned by degrees."""
    x, y = middle
    turned = f' transform="rotate({turn:.0f} {x:.1f} {y:.1f})"' if turn else ""
    return f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{radii[0]:.1f}" ry="{radii[1]:.1f}" fill="{fill}"{turned}/>'


def paw(middle: Point, size: Point, fill: str, edge: str, turn: float = 0.0) -> str:
    """Give a paw with three toes, its toes downwards unless turned."""
    x, y = middle
    w, h = size
    toes = "".join(
        line(f"M{x + dx * w:.1f} {y + 0.25 * h:.1f}L{x + dx * 1.12 * w:.1f} {y + 0.85 * h:.1f}", edge, 0.11 * w, 0.75)
        for dx in (-0.34, 0.34)
    )
    turned = f'<g transform="rotate({turn:.0f} {x:.1f} {y:.1f})">' if turn else "<g>"
    return turned + oval(middle, (w + RIM, h + RIM), edge) + oval(middle, size, fill) + toes + "</g>"
