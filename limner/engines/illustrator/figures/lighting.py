"""Light as a figure meets it: a photographer's version of the place's light, and the window that gloss mirrors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner.engines.illustrator.pixels import Array, array, smoothstep

if TYPE_CHECKING:
    from limner.engines.illustrator.backdrops.base import Light

KEY = 0.74
WHITER, BRIGHT_ENOUGH = 0.22, 0.82

Normals = tuple[Array, Array, Array]


def kindly(light: Light) -> tuple[Array, Array, Array]:
    """Key, upper and lower light as a photographer would have it on the subject: a little whiter, and never too dim."""
    colours = np.stack([array(light.key), array(light.up), array(light.down)])
    colours += (colours.mean(axis=1, keepdims=True) - colours) * np.float32(WHITER)
    full = float((KEY * colours[0] + colours[1]).mean())
    colours *= np.float32(np.clip(BRIGHT_ENOUGH / max(full, 1e-3), 1.0, 1.3))
    return colours[0], colours[1], colours[2]


def panes(normals: Normals, towards: Array, soft: float) -> Array:
    """Mirror a window with a cross, as a curved surface does: what makes gloss look like gloss.

    `normals` are x right, y down and z to the viewer, `towards` the direction of the light, `soft` how blurred the
    panes' edges are, 0.03 for lacquer and more for wax.
    """
    nx, ny, nz = normals
    across = array(np.cross(towards, array([0, 1, 0])))
    across /= np.float32(np.linalg.norm(across))
    frame = np.stack([towards, across, np.cross(across, towards)]).astype(np.float32)
    mirrored = cv2.transform(cv2.merge([2 * nz * nx, 2 * nz * ny, 2 * nz * nz - 1]), frame)
    ahead, x, y = (array(part) for part in cv2.split(mirrored))
    facing = smoothstep(0.1, 0.3, ahead)
    ahead = np.maximum(ahead, np.float32(0.05))
    x, y = np.abs(x / ahead), y / ahead
    pane = smoothstep(0.34 + soft, 0.34 - soft, x) * smoothstep(0.45 + soft, 0.45 - soft, np.abs(y)) * facing
    bars = np.minimum(smoothstep(0.012, 0.03 + soft, x), smoothstep(0.012, 0.03 + soft, np.abs(y + 0.06)))
    return array(pane * (0.3 + 0.7 * bars))
