"""Skins of fruit: painted unrolled, from a base colour, so that any fruit may have any colour."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from limner.engines.illustrator.figures.solids import balls, vessels
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
    """Paint streaks from pole to pole over flares of the ripe side, a russet hollow, and lenticels."""
    t = canvas.along()
    streaks = 0.55 * canvas.noise(44, 3) + 0.35 * canvas.noise(110, 5) + 0.30 * canvas.noise(9, 2)
    streaks += 0.22 * canvas.noise(300, 9)
    colours = blend(canvas.filled(base), deeper(base, 0.78), smoothstep(-0.1, 1.0, streaks))
    flare = smoothstep(0.25, 1.5, 0.9 * canvas.noise(5, 2) - 0.7 * streaks)
    colours = blend(colours, warmer(base, 0.9), 0.72 * flare)
    rim = smoothstep(0.185, 0.05, t + 0.022 * streaks)
    colours = blend(colours, mix(warmer(base, 0.6), rgb("#a8a83c"), 0.62), 0.9 * rim)
    colours = blend(colours, "#77662c", smoothstep(0.06, 0.0, t) * 0.8 + smoothstep(0.93, 1.0, t))
    specks = canvas.dots(700 if canvas.fine else 420, (0.0016, 0.0042), (0.12, 0.9))
    colours = blend(colours, mix(warmer(base, 0.8), rgb("#f4dba0"), 0.5), specks * 0.6)
    return skin(colours, array(0.0012 * canvas.noise(30, 20) + 0.0002 * canvas.noise(200, 100)))


def pear(canvas: Canvas, base: Colour) -> Skin:
    """Paint a mottled skin with a blush on one side, russet at the ends and many small freckles."""
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
    """Paint one colour, hardly clouded."""
    clouds = canvas.noise(6, 4) + 0.4 * canvas.noise(24, 16)
    colours = blend(canvas.filled(base), warmer(base, 0.25), 0.5 * smoothstep(-0.2, 1.2, clouds))
    return skin(blend(colours, deeper(base, 0.22), 0.5 * smoothstep(0, 1.2, -clouds)))


def rind(canvas: Canvas, base: Colour, *, pores: int = 5200, size: float = 0.0060, depth: float = 0.006) -> Skin:
    """Paint a citrus rind: pores close together, each a small pit with a lighter edge."""
    dots = canvas.pits(pores, size)
    clouds = canvas.noise(6, 4) + 0.5 * canvas.noise(22, 14)
    colours = blend(canvas.filled(base), warmer(base, 0.5), 0.5 * smoothstep(-0.4, 1.2, clouds))
    colours = blend(colours, deeper(base, 0.3), 0.35 * dots)
    t = canvas.along()
    colours = blend(colours, mix(base, rgb("#7f8a2a"), 0.7), 0.75 * smoothstep(0.05, 0.012, t))
    return skin(colours, array(0.006 * canvas.noise(22, 14) - depth * dots))


def orange(canvas: Canvas, base: Colour) -> Skin:
    """Paint an orange's rind."""
    return rind(canvas, base)


def lemon(canvas: Canvas, base: Colour) -> Skin:
    """Paint a lemon's rind: larger, softer pores."""
    return rind(canvas, base, pores=3000, size=0.0080, depth=0.006)


def peach(canvas: Canvas, base: Colour) -> Skin:
    """Paint velvet with a broad blush."""
    u, t = canvas.around(), canvas.along()
    clouds = 0.7 * canvas.noise(5, 4) + 0.4 * canvas.noise(16, 10) + 0.2 * canvas.noise(70, 50)
    blush = smoothstep(-0.9, 0.8, np.cos(2 * (u - 0.9)) * 0.7 + 0.9 * clouds)
    colours = blend(canvas.filled(warmer(base, 0.3)), mix(base, rgb("#c22f2f"), 0.62), 0.8 * blush)
    colours = blend(colours, warmer(base, 0.9), 0.7 * smoothstep(0.16, 0.04, t))
    cleft = smoothstep(0.16, 0.0, np.abs(np.mod(u, np.pi) - np.pi / 2)) * smoothstep(0.95, 0.6, t)
    colours = blend(colours, deeper(base, 0.5), 0.35 * cleft)
    return skin(colours, array(0.0012 * canvas.noise(320, 200) - 0.03 * cleft))


def plum(canvas: Canvas, base: Colour) -> Skin:
    """Paint a smooth skin with a breath of bloom on it."""
    bloom = 0.6 * canvas.noise(6, 4) + 0.4 * canvas.noise(20, 12) + 0.25 * canvas.noise(80, 50)
    colours = blend(canvas.filled(base), deeper(base, 0.3), smoothstep(0.1, 1.2, -bloom))
    return skin(blend(colours, mix(base, rgb("#c8cdf0"), 0.6), 0.6 * smoothstep(-0.3, 1.1, bloom)))


def tomato(canvas: Canvas, base: Colour) -> Skin:
    """Paint a tight skin over five shallow lobes, paler about the stem."""
    t, u = canvas.along(), canvas.around()
    lobes = np.abs(np.cos(2.5 * u + 0.4)) * smoothstep(0.75, 0.15, t)
    clouds = canvas.noise(6, 4) + 0.4 * canvas.noise(24, 16)
    colours = blend(canvas.filled(base), warmer(base, 0.5), 0.4 * smoothstep(0, 1.2, clouds))
    colours = blend(colours, mix(base, rgb("#b9a032"), 0.5), 0.7 * smoothstep(0.26, 0.08, t + 0.03 * clouds))
    specks = canvas.dots(500 if canvas.fine else 260, (0.0012, 0.0026))
    return skin(blend(colours, warmer(base, 0.9), 0.35 * specks), array(0.05 * lobes + 0.0006 * canvas.noise(80, 40)))


def pumpkin(canvas: Canvas, base: Colour) -> Skin:
    """Paint twelve ribs with dark furrows between."""
    t, u = canvas.along(), canvas.around() + 0.06 * canvas.noise(5, 2)
    rib = np.abs(np.sin(6 * u)) ** np.float32(0.6)
    streaks = 0.5 * canvas.noise(120, 4) + 0.4 * canvas.noise(36, 6) + 0.3 * canvas.noise(12, 8)
    colours = blend(canvas.filled(base), deeper(base, 0.5), 0.85 * smoothstep(0.75, 0.15, rib))
    colours = blend(colours, warmer(base, 0.7), 0.5 * smoothstep(0, 1.1, streaks) * rib)
    colours = blend(colours, mix(base, rgb("#6f7a2a"), 0.7), 0.8 * smoothstep(0.1, 0.02, t))
    bumps = canvas.dots(500 if canvas.fine else 300, (0.002, 0.006), (0.15, 0.85))
    return skin(blend(colours, warmer(base, 0.8), 0.4 * bumps), array(0.15 * rib + 0.003 * streaks + 0.006 * bumps))


def watermelon(canvas: Canvas, base: Colour) -> Skin:
    """Paint dark jagged stripes from pole to pole on a lighter green."""
    u = canvas.around()
    jag = 0.16 * canvas.noise(40, 24) + 0.10 * canvas.noise(120, 60) + 0.10 * canvas.noise(9, 5)
    stripe = smoothstep(-0.05, 0.30, np.cos(9 * (u + jag)) - 0.15)
    colours = blend(canvas.filled(mix(base * 1.25, rgb("#a9c95a"), 0.42)), deeper(base, 0.62), stripe)
    veins = smoothstep(0.3, 1.0, canvas.noise(90, 40) - 0.3)
    return skin(blend(colours, deeper(base, 0.4), 0.5 * veins * (1 - stripe)), array(0.004 * canvas.noise(20, 12)))


def melon(canvas: Canvas, base: Colour) -> Skin:
    """Paint a netted rind: pale cords where two layers of noise are equal."""
    cords = np.zeros((canvas.h, canvas.w), np.float32)
    for cells in (22, 34, 50):
        cords = np.maximum(cords, smoothstep(0.12, 0.03, np.abs(canvas.noise(cells, cells // 2))))
    furrow = np.abs(np.sin(5 * canvas.around())) ** np.float32(0.4)
    colours = blend(canvas.filled(base), mix(base, rgb("#8a9a4c"), 0.5), 0.5 + 0.3 * canvas.noise(6, 4))
    colours = blend(colours, mix(base * 1.2, rgb("#f0e2bd"), 0.6), 0.75 * cords)
    return skin(
        blend(colours, deeper(base, 0.5), smoothstep(0.6, 0.2, furrow) * 0.5), array(0.010 * cords + 0.03 * furrow)
    )


def coconut(canvas: Canvas, base: Colour) -> Skin:
    """Paint coarse fibres from pole to pole and three dark eyes."""
    fibres = 0.55 * canvas.noise(150, 7) + 0.45 * canvas.noise(60, 4) + 0.4 * canvas.noise(420, 16)
    colours = blend(canvas.filled(base), warmer(base, 0.75), 0.75 * smoothstep(0, 1.0, fibres))
    colours = blend(colours, deeper(base, 0.75), smoothstep(0.0, 0.9, -fibres))
    where = np.mod(canvas.around() + np.pi / 3, 2 * np.pi / 3) - np.pi / 3
    eye = smoothstep(0.075, 0.055, np.hypot(where * 0.30, canvas.along() - 0.12))
    return skin(blend(colours, "#241509", 0.9 * eye), array(0.016 * fibres - 0.05 * eye))


def egg(canvas: Canvas, base: Colour) -> Skin:
    """Paint a shell: hardly speckled, finely pored."""
    specks = canvas.dots(420 if canvas.fine else 240, (0.001, 0.0034))
    clouds = canvas.noise(7, 5)
    colours = blend(canvas.filled(base), base * 0.93, 0.5 * smoothstep(0, 1.2, clouds))
    return skin(blend(colours, base * 0.72, 0.45 * specks), array(0.0006 * canvas.noise(200, 120)))


def onion(canvas: Canvas, base: Colour) -> Skin:
    """Paint papery peel with lines from pole to pole."""
    lines = 0.6 * canvas.noise(170, 3) + 0.4 * canvas.noise(70, 2) + 0.35 * canvas.noise(10, 3)
    t = canvas.along()
    colours = blend(canvas.filled(base), deeper(base, 0.5), 0.8 * smoothstep(0.1, 1.0, lines))
    colours = blend(colours, warmer(base, 0.9), 0.6 * smoothstep(0.1, 1.0, -lines))
    return skin(blend(colours, "#e2c48e", 0.8 * smoothstep(0.22, 0.05, t)), array(0.004 * lines))


SKINS: dict[str, Painter] = {
    "plain": plain,
    "apple": apple,
    "pear": pear,
    "orange": orange,
    "lemon": lemon,
    "peach": peach,
    "plum": plum,
    "tomato": tomato,
    "pumpkin": pumpkin,
    "watermelon": watermelon,
    "melon": melon,
    "coconut": coconut,
    "egg": egg,
    "onion": onion,
    "football": balls.football,
    "basketball": balls.basketball,
    "tennis": balls.tennis,
    "baseball": balls.baseball,
    "volleyball": balls.volleyball,
    "billiard": balls.billiard,
    "vase": vessels.vase,
    "amphora": vessels.amphora,
    "bowl": vessels.bowl,
    "mug": vessels.mug,
    "coffee": vessels.coffee,
    "tea": vessels.tea,
    "bottle": vessels.bottle,
    "glass": vessels.glass,
    "thread": vessels.thread,
    "candle": vessels.candle,
    "crystal": vessels.crystal,
    "balloon": vessels.balloon,
    "planet": vessels.planet,
}
