"""What stands along a street: lamps, trees in season, garlands of lights, and what closes its far end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.backdrops.facades import NEON, Mood, project
from limner.engines.illustrator.pixels import mix, rgb

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.plate import Plate
    from limner.engines.illustrator.scene import Detail

# x and y in units from the middle and the horizon, size in units, colour
Lights = list[tuple[float, float, float, str]]
LAMP_X, TREE_X, LAMP_GLOW = 3.35, 3.75, 0.9
BULBS = ("#ffd27a", "#ff6a4a", "#6ad0ff", "#8cff8a", "#ff8ad8")


def skyline_end(plate: Plate, mood: Mood, rng: np.random.Generator) -> None:
    """Close the street: a church tower over roofs, or the slender towers of another age, pale in the distance."""
    z = 66.0
    colour = mix(rgb("#7f8a9c") * mood.sunny, mood.haze, 0.62)
    many = rng.random((9, 3))
    for k, (a, b, c) in enumerate(many):
        x, tall = (k - 4) * 2.6 + a, (9 + 5 * b) if not mood.neon else (14 + 34 * b * c + 8 * a)
        wide = (2.2 + 1.4 * c) if not mood.neon else 1.0 + 0.8 * c
        corners = project([x - wide, x - wide, x + wide, x + wide], [0, tall, tall, 0], z)
        plate.draw(corners, colour * np.float32(0.94 + 0.12 * c))
    if mood.old:
        shaft = project([-1.7, -1.7, 1.7, 1.7], [0, 17, 17, 0], z)
        plate.draw(shaft, colour * np.float32(0.90))
        plate.draw(project([-2.0, 0, 2.0], [17, 25, 17], z), mix(rgb("#9a5a48") * mood.sunny, mood.haze, 0.55))
        plate.draw(project([-0.7, -0.7, 0.7, 0.7], [13, 15.4, 15.4, 13], z), colour * np.float32(0.66))


def lamps(plate: Plate, mood: Mood) -> Lights:
    """Stand lamps along both kerbs, the nearest last, and tell where their lights are."""
    lights: Lights = []
    post = rgb("#23262e")
    for z in (46.0, 33.0, 24.0, 17.5, 12.6, 9.0):
        for side in (-1.0, 1.0):
            x = side * LAMP_X
            dark = mix(post * (mood.sunny * 0.9), mood.haze, mood.veil(z))
            ends = project([x, x], [0, 3.7], z)
            plate.line(ends, dark, 0.055 / z)
            plate.draw(project([x - 0.13, x + 0.13, x + 0.07, x - 0.07], [0, 0, 0.7, 0.7], z), dark)
            bright = mix(mood.of("#e9e6dc", side, z), mood.glowing("#ffe0a0", z, 1.2), mood.shops)
            head = project([x - 0.14, x - 0.24, x + 0.24, x + 0.14], [3.6, 4.15, 4.15, 3.6], z)
            plate.draw(head, bright)
            plate.draw(project([x - 0.30, x, x + 0.30], [4.15, 4.5, 4.15], z), dark)
            if mood.snow is not None:
                plate.draw(project([x - 0.30, x, x + 0.30], [4.24, 4.62, 4.24], z), mood.of(mood.snow, side, z))
            at = project(x, 3.9, z)
            lights.append((float(at[0]), float(at[1]), LAMP_GLOW / z, "#ffc070" if not mood.neon else "#8fe6ff"))
    return lights


def trees(plate: Plate, mood: Mood, details: frozenset[Detail], rng: np.random.Generator) -> None:
    """Plant small round trees along the pavements, in leaf, in blossom, in autumn colours, or bare under snow."""
    leaf = "#f2a9c0" if "blossom" in details else "#d9832e" if "autumn" in details else "#5d9448"
    planted = not mood.old or leaf != "#5d9448"
    for z in (38.0, 28.0, 20.6, 14.8):
        for side in (-1.0, 1.0):
            many = rng.random((26, 4))
            if not planted:
                continue
            x = side * TREE_X
            trunk = project([x - 0.09, x + 0.09, x + 0.06, x - 0.06], [0, 0, 2.6, 2.6], z)
            plate.draw(trunk, mood.of("#4a382c", side, z))
            for k, (a, b, c, d) in enumerate(many):
                tone = k / len(many)
                angle, reach = 2 * np.pi * a, 0.95 * np.sqrt(b)
                at = project(
                    x + reach * np.cos(angle) - 0.12 * tone * mood.sunny_side,
                    3.4 + 0.9 * reach * np.sin(angle) + 0.25 * tone,
                    z,
                )
                colour = (
                    mood.snow if mood.snow is not None and tone > 0.45 else rgb(leaf) * np.float32(0.55 + 0.65 * tone)
                )
                size = (0.30 + 0.26 * c) * (1.15 - 0.5 * tone) / z
                plate.ovals([(at[0], at[1], size, size * (0.85 + 0.2 * d))], mood.of(colour, side, z))


def garlands(plate: Plate, mood: Mood, rng: np.random.Generator) -> Lights:
    """Hang garlands of coloured lights across the street, from front to front, and tell where they glow."""
    lights: Lights = []
    for k, z in enumerate((34.0, 25.0, 18.5, 13.5, 10.0)):
        across = np.linspace(-4.9, 4.9, 41)
        droop = 5.6 + 0.4 * float(rng.random()) - 1.15 * (1 - (across / 4.9) ** 2)
        wire = project(across, droop, z)
        plate.line(wire, mood.of("#2a2c34", 1.0, z), 0.02 / z)
        for hue, colour in enumerate(NEON if mood.neon else BULBS):
            bulbs = wire[1:-1][hue::5]
            size = np.full(len(bulbs), 0.085 / z)
            places = np.stack([bulbs[:, 0], bulbs[:, 1] + 0.06 / z, size, size * 1.2], 1)
            plate.ovals(places, mood.glowing(colour, 0.5 * z, 1.2))
            lights += [(float(x), float(y), 0.16 / z, colour) for x, y in bulbs[k % 3 :: 3]]
    return lights
