"""Skins of vessels and other made things: glaze, glass, labels, threads, wax, coffee."""

from __future__ import annotations

import numpy as np

from limner.engines.illustrator.figures.solids.canvas import Canvas, Skin, blend, skin
from limner.engines.illustrator.pixels import Array, Colour, array, mix, rgb, smoothstep


def _band(t: Array, start: float, end: float, soft: float = 0.004) -> Array:
    """Give 1 between two places on the outline."""
    return array(smoothstep(start - soft, start + soft, t) * smoothstep(end + soft, end - soft, t))


def vase(canvas: Canvas, base: Colour) -> Skin:
    """Paint a glaze that has run down from the neck, darker in its folds, over a bare foot."""
    t = canvas.along()
    runs = canvas.noise(26, 2) + 0.5 * canvas.noise(60, 2)
    clouds = 0.6 * canvas.noise(9, 14) + 0.4 * canvas.noise(40, 60)
    colours = blend(canvas.filled(base), mix(base * 0.62, base, 0.2), smoothstep(0.0, 1.1, clouds))
    poured = smoothstep(0.02, -0.02, t - 0.60 - 0.035 * runs)
    colours = blend(colours, mix(base, rgb("#f2eee2"), 0.42), 0.75 * poured * smoothstep(0.2, 0.5, t))
    for at in (0.70, 0.725):
        colours = blend(colours, base * 0.5, _band(t, at, at + 0.008))
    bare = smoothstep(-0.006, 0.006, t - 0.885 - 0.006 * runs)
    return skin(blend(colours, "#a9825c", bare), array(0.006 * poured + 0.0008 * canvas.noise(30, 40)))


def amphora(canvas: Canvas, base: Colour) -> Skin:
    """Paint terracotta with dark bands and a meander."""
    t, u = canvas.along(), canvas.around()
    clay = 0.5 * canvas.noise(10, 60) + 0.4 * canvas.noise(120, 90)
    colours = blend(canvas.filled(base), base * 0.8, smoothstep(0, 1.2, clay) * 0.7)
    ink = _band(t, 0.585, 0.597) + _band(t, 0.685, 0.697) + _band(t, 0.80, 0.83) + _band(t, 0.44, 0.47)
    key = np.mod(u * (14 / np.pi), 1)
    step = (np.abs(key - 0.5) < 0.33) & (np.abs(t - 0.641) < 0.030) & ~((np.abs(key - 0.42) < 0.22) & (t > 0.628))
    return skin(blend(colours, "#221712", np.clip(ink + array(step), 0, 1)), array(0.0016 * canvas.noise(8, 160)))


def bowl(canvas: Canvas, base: Colour) -> Skin:
    """Paint a bowl paler inside than outside, with a line below the rim."""
    inner = 0.34
    t = canvas.along()
    clouds = canvas.noise(12, 10) + 0.4 * canvas.noise(60, 40)
    colours = blend(canvas.filled(base), base * 0.82, 0.6 * smoothstep(0, 1.2, clouds))
    colours = blend(colours, mix(base, rgb("#f6f2e8"), inner), smoothstep(0.475, 0.465, t))
    colours = blend(colours, mix(base, rgb("#ffffff"), 0.7), _band(t, 0.545, 0.560))
    return skin(blend(colours, mix(base, rgb("#c9b79a"), 0.6), smoothstep(0.895, 0.90, t)))


def mug(canvas: Canvas, base: Colour) -> Skin:
    """Paint stoneware: one colour, paler inside."""
    t = canvas.along()
    clouds = canvas.noise(10, 8)
    colours = blend(canvas.filled(base), base * 0.9, 0.5 * smoothstep(0, 1.2, clouds))
    return skin(blend(colours, mix(base, rgb("#f7f3ea"), 0.55), smoothstep(0.442, 0.432, t)))


def _filled(canvas: Canvas, base: Colour, drink: str, edge: str, level: float) -> Skin:
    """Paint a cup and what is in it up to `level`, the drink's edge on the outline."""
    t = canvas.along()
    colours = canvas.filled(mix(base, rgb("#f7f3ea"), 0.5))
    colours = blend(colours, base, smoothstep(level + 0.10, level + 0.12, t))
    surface = blend(canvas.filled(drink), edge, smoothstep(0.72 * level, 0.97 * level, t + 0.01 * canvas.noise(24, 8)))
    return skin(blend(colours, surface, smoothstep(level + 0.002, level - 0.002, t)))


def coffee(canvas: Canvas, base: Colour) -> Skin:
    """Paint a mug of coffee."""
    return _filled(canvas, base, "#3d2010", "#a8713a", 0.199)


def tea(canvas: Canvas, base: Colour) -> Skin:
    """Paint a bowl of green tea."""
    return _filled(canvas, base, "#93ab3c", "#c3cd78", 0.268)


def bottle(canvas: Canvas, base: Colour) -> Skin:
    """Paint dark glass with a paper label towards the viewer."""
    t, u = canvas.along(), canvas.around()
    colours = blend(canvas.filled(base), base * 1.35 + 0.03, smoothstep(0.6, 1.5, np.abs(u)) * 0.6 + 0 * t)
    inside = _band(t, 0.555, 0.80, 0.002) * smoothstep(1.18, 1.16, np.abs(u))
    colours = blend(colours, "#f1e7cf", inside)
    frame = inside - _band(t, 0.568, 0.787, 0.002) * smoothstep(1.08, 1.06, np.abs(u))
    colours = blend(colours, "#b08a3a", np.clip(frame, 0, 1) * smoothstep(0.0, 0.3, inside))
    lines = (
        _band(t, 0.625, 0.655) * smoothstep(0.62, 0.60, np.abs(u))
        + _band(t, 0.70, 0.708) * smoothstep(0.8, 0.78, np.abs(u))
        + _band(t, 0.725, 0.733) * smoothstep(0.55, 0.53, np.abs(u))
    )
    return skin(blend(colours, "#5a2a2a", np.clip(lines, 0, 1)), array(0.004 * inside))


def glass(canvas: Canvas, base: Colour) -> Skin:
    """Paint clear glass: its colour and no more."""
    return skin(canvas.filled(base))


def thread(canvas: Canvas, base: Colour) -> Skin:
    """Paint a metal thread or a ribbed lid."""
    t = canvas.along()
    wave = np.sin(t * 70) * np.ones((1, canvas.w), np.float32)
    sides = smoothstep(0.32, 0.40, t)
    return skin(canvas.filled(base), array(0.02 * wave * sides))


def candle(canvas: Canvas, base: Colour) -> Skin:
    """Paint wax with runs down from a molten top."""
    t = canvas.along()
    runs = canvas.noise(18, 2)
    drip = smoothstep(0.02, -0.02, t - 0.30 - 0.16 * np.maximum(runs, 0)) * smoothstep(0.15, 0.2, t)
    colours = blend(canvas.filled(base), base * 0.92, smoothstep(0, 1, canvas.noise(8, 10)))
    glow = smoothstep(0.62, 0.10, t) * np.ones((1, canvas.w), np.float32)
    return skin(blend(colours, mix(base, rgb("#ffd890"), 0.7), 0.6 * glow), array(0.05 * drip))


def crystal(canvas: Canvas, base: Colour) -> Skin:
    """Paint mist inside a ball of crystal."""
    mist = 0.6 * canvas.noise(7, 5) + 0.4 * canvas.noise(16, 10) + 0.25 * canvas.noise(40, 24)
    colours = blend(canvas.filled(base), base * 0.45, smoothstep(0, 1.1, mist))
    return skin(blend(colours, mix(base, rgb("#ffffff"), 0.7), smoothstep(0.1, 1.1, -mist)))


def balloon(canvas: Canvas, base: Colour) -> Skin:
    """Paint stretched rubber: thinner and lighter at the crown, fuller at the knot."""
    t = canvas.along()
    colours = blend(canvas.filled(base), np.minimum(base * 1.12 + 0.05, 1), smoothstep(0.5, 0.0, t) * 0.5)
    return skin(blend(colours, base * 0.72, smoothstep(0.80, 0.97, t)))


def planet(canvas: Canvas, base: Colour) -> Skin:
    """Paint bands of cloud that run around, folded where they meet."""
    t = canvas.along() + 0.012 * canvas.noise(10, 14) + 0.006 * canvas.noise(40, 40)
    bands = np.sin(t * 38) * 0.5 + np.sin(t * 91 + 1.3) * 0.35 + np.sin(t * 17 + 0.6) * 0.4
    colours = blend(canvas.filled(base), base * 0.62, smoothstep(0.1, 1.0, bands))
    colours = blend(colours, mix(base, rgb("#fff4dc"), 0.75), smoothstep(0.1, 1.1, -bands) * 0.8)
    return skin(colours)
