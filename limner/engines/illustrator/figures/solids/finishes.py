"""How polished things take light, computed linearly (values squared, near enough to sRGB's curve)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from limner.engines.illustrator.figures.lighting import kindly, panes
from limner.engines.illustrator.figures.lit_sphere import LitSphere, directions
from limner.engines.illustrator.pixels import Array, array, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.base import Light

EXPOSURE, DIM = 1.10, 0.45


@dataclass(frozen=True, slots=True)
class Finish:
    """How a solid's surface takes light.

    `window` is the strength of the mirrored window and `soft` how blurred it is (0.03 lacquer .. 0.2 wax); `sheen` the
    mirrored surroundings, `lustre` a broad highlight, `wrap` how far light creeps round, `bounce` how much of the
    ground's light comes back up.
    """

    window: float = 0.8
    soft: float = 0.05
    sheen: float = 1.0
    lustre: float = 0.10
    wrap: float = 0.16
    bounce: float = 1.0


@lru_cache(maxsize=24)
def lit_sphere(light: Light, finish: Finish) -> LitSphere:
    """Light a ball with a place's light: what faces key and sky fully has the brightness the place promises."""
    nx, ny, nz = directions()
    towards = array(light.direction) / np.float32(np.linalg.norm(light.direction))
    key, up, down = kindly(light)
    full = (key * np.float32(0.74) + up) ** 2 * np.float32(EXPOSURE)
    sky, ground = up * up, down * down * np.float32(finish.bounce)
    facing = nx * towards[0] + ny * towards[1] + nz * towards[2]
    share = np.clip((facing + finish.wrap) / (1 + finish.wrap), 0, 1) ** np.float32(1.2)
    upwards = (np.float32(0.5) - np.float32(0.5) * ny)[..., None]
    # what looks away from the key has less of the room's light too: the thing itself is in the way
    ambient = (ground + (sky - ground) * upwards) * (np.float32(DIM) + np.float32(1 - DIM) * share)[..., None]
    diffuse = share[..., None] * np.maximum(full - sky, 0) + ambient
    diffuse += ground * (np.clip(ny, 0, 1) ** 2)[..., None] * np.float32(0.7)
    return LitSphere(array(diffuse), _added((nx, ny, nz), towards, (key, up, down), light, finish=finish))


def _added(
    normals: tuple[Array, Array, Array], towards: Array, colours: tuple[Array, Array, Array], light: Light, *,
    finish: Finish,
) -> Array:  # fmt: skip
    """Give the light a polished skin throws back: window, sky and ground by Fresnel (Schlick, 1994), lustre and rim."""
    nx, ny, nz = normals
    key, up, down = (colour * colour for colour in colours)
    fresnel = (0.04 + 0.96 * (1 - nz) ** 5)[..., None]
    pane = panes(normals, towards, finish.soft)[..., None]
    above = smoothstep(-0.2, 0.9, -2 * nz * ny)[..., None]
    added = pane * key * np.float32(0.62 * finish.window)
    mirrored = up * np.float32(1.5) * above + down * np.float32(0.9) * (1 - above)
    added += mirrored * np.minimum(fresnel, np.float32(0.55)) * np.float32(finish.sheen)
    mirror = np.clip(2 * nz * (nx * towards[0] + ny * towards[1] + nz * towards[2]) - towards[2], 0, 1)
    added += (mirror ** np.float32(10) * np.float32(finish.lustre))[..., None] * key
    x, y = float(light.rim_direction[0]), float(light.rim_direction[1])
    edge = np.clip(nx * x + ny * y, 0, 1) * (1 - nz) ** 3
    added += (edge * np.float32(0.9))[..., None] * array(light.rim) ** 2
    return array(added)
