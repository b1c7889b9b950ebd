"""Skins of fruit: painted unrolled, from a base colour, so that any fruit may have any colour."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from limner.engines.illustrator.figures.solids.canvas import Canvas, Skin, blend, skin
from limner.engines.illustrator.pixels import Colour, array, mix, rgb, smoothstep

Painter = Callable[[Canvas, Colour], Skin]


def warmer(base: Colour, share: float) -> Colour:
    """Give a base colour's ripe side: lighter and turned towards yellow."""
    return mix(base, mix(base * 1.25, rgb("#f2c04a"), 0.55), share)


def deeper(base: Colour, share: float) -> Colour:
    """Give a base colour's shaded side: darker and fuller."""
    return array(base * (1 - share * (0.55 + 0.45 * (1 - base / max(1e-3, float(base.max()))))))


def apple(canvas: Canvas, base: Colour) -> Skin:
    """Streaks from pole to pole over flares of the ripe side, a russet hollow, and lenticels."""
    t = canvas.along()
    streaks = 0.55 * canvas.noise(44, 3) + 0.35 * canvas.noise(110, 5) + 0.30 * canvas.noise(9, 2)
    streaks += 0.22 * canvas.noise(300, 9)
    colours = blend(canvas.filled(base), deeper(base, 0.62), smoothstep(-0.1, 1.0, streaks))
    flare = smoothstep(0.25, 1.5, 0.9 * canvas.noise(5, 2) - 0.7 * streaks)
    colours = blend(colours, warmer(base, 0.9), 0.62 * flare)
    rim = smoothstep(0.185, 0.05, t + 0.022 * streaks)
    colours = blend(colours, mix(warmer(base, 0.6), rgb("#a8a83c"), 0.62), 0.9 * rim)
    colours = blend(colours, "#77662c", smoothstep(0.06, 0.0, t) * 0.8 + smoothstep(0.93, 1.0, t))
    specks = canvas.dots(700 if canvas.fine else 420, (0.0016, 0.0042), (0.12, 0.9))
    colours = blend(colours, mix(warmer(base, 0.8), rgb("#f4dba0"), 0.5), specks * 0.6)
    return skin(colours, array(0.0012 * canvas.noise(30, 20) + 0.0002 * canvas.noise(200, 100)))


def pear(canvas: Canvas, base: Colour) -> Skin:
    """A mottled skin with a blush on one side, russet at the ends and many small freckles."""
    t, u = canvas.along(), canvas.around()
    clouds = 0.7 * canvas.noise(7, 5) + 0.45 * canvas.noise(18, 12) + 0.25 * canvas.noise(60, 36)
    colours = blend(canvas.filled(base), warmer(base, 0.55), 0.75 * smoothstep(-0.2, 1.1, clouds))
    colours = blend(colours, deeper(base, 0.4), 0.6 * smoothstep(0.1, 1.2, -clouds))
    blush = smoothstep(0.35, 1.0, np.cos(u - 1.2) + 0.25 * clouds) * smoothstep(0.2, 0.45, t) * smoothstep(0.95, 0.7, t)
    colours = blend(colours, mix(base, rgb("#c9642f"), 0.55), 0.42 * blush)
    colours = blend(colours, "#9a7434", 0.6 * smoothstep(0.09, 0.01, t + 0.02 * clouds) + smoothstep(0.95, 1, t))
    freckles = canvas.dots(2400 if canvas.fine else 1500, (0.0014, 0.0036))
    colours = blend(colours, mix(deeper(base, 0.6), rgb("#6a5a20"), 0.5), 0.62 * freckles)
    return skin(colours, array(0.005 * canvas.noise(20, 12) + 0.0012 * canvas.noise(70, 46) - 0.0008 * freckles))


def plain(canvas: Canvas, base: Colour) -> Skin:
    """One colour, hardly clouded."""
    clouds = canvas.noise(6, 4) + 0.4 * canvas.noise(24, 16)
    colours = blend(canvas.filled(base), warmer(base, 0.25), 0.5 * smoothstep(-0.2, 1.2, clouds))
    return skin(blend(colours, deeper(base, 0.22), 0.5 * smoothstep(0, 1.2, -clouds)))


def rind(canvas: Canvas, base: Colour, *, pores: int = 2600, size: float = 0.0075, depth: float = 0.011) -> Skin:
    """A citrus rind: pores close together, each a small pit with a lighter edge."""
    dots = canvas.dots(pores, (0.5 * size, size), (0.02, 0.98))
    clouds = canvas.noise(6, 4) + 0.5 * canvas.noise(22, 14)
    colours = blend(canvas.filled(base), warmer(base, 0.5), 0.5 * smoothstep(-0.4, 1.2, clouds))
    colours = blend(colours, deeper(base, 0.3), 0.5 * dots)
    t = canvas.along()
    colours = blend(colours, mix(base, rgb("#7f8a2a"), 0.7), 0.75 * smoothstep(0.05, 0.012, t))
    return skin(colours, array(0.006 * canvas.noise(26, 18) - depth * dots))


def orange(canvas: Canvas, base: Colour) -> Skin:
    """An orange's rind."""
    return rind(canvas, base)


def lemon(canvas: Canvas, base: Colour) -> Skin:
    """A lemon's rind: larger, softer pores."""
    return rind(canvas, base, pores=1700, size=0.010, depth=0.009)


def peach(canvas: Canvas, base: Colour) -> Skin:
    """Velvet with a broad blush."""
    u, t = canvas.around(), canvas.along()
    clouds = 0.7 * canvas.noise(5, 4) + 0.4 * canvas.noise(16, 10) + 0.2 * canvas.noise(70, 50)
    blush = smoothstep(-0.5, 1.0, np.cos(u - 0.9) + 0.8 * clouds)
    colours = blend(canvas.filled(warmer(base, 0.3)), mix(base, rgb("#c22f2f"), 0.62), 0.8 * blush)
    colours = blend(colours, warmer(base, 0.9), 0.7 * smoothstep(0.16, 0.04, t))
    return skin(colours, array(0.0016 * canvas.noise(320, 200)))


def plum(canvas: Canvas, base: Colour) -> Skin:
    """A smooth skin with a breath of bloom on it."""
    bloom = 0.6 * canvas.noise(6, 4) + 0.4 * canvas.noise(20, 12) + 0.25 * canvas.noise(80, 50)
    colours = blend(canvas.filled(base), deeper(base, 0.3), smoothstep(0.1, 1.2, -bloom))
    return skin(blend(colours, mix(base, rgb("#c8cdf0"), 0.6), 0.5 * smoothstep(-0.1, 1.2, bloom)))


SKINS: dict[str, Painter] = {
    "apple": apple,
    "pear": pear,
    "plain": plain,
    "orange": orange,
    "lemon": lemon,
    "peach": peach,
    "plum": plum,
}
