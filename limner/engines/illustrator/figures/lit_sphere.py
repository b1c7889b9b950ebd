"""The lit sphere: how bright a surface is, looked up by the direction it faces.

With the light far away and no perspective, light depends on the normal alone, so a ball lit once lights everything
else by look-up. Source: Sloan, Martin, Gooch and Gooch, "The lit sphere: a model for capturing NPR shading from
art", Graphics Interface 2001.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from limner.engines.illustrator.pixels import Array, array

SIZE = 192
REACH = 1.02


def directions() -> tuple[Array, Array, Array]:
    """Give the normal (x right, y down, z to the viewer) that each place of a lit sphere stands for: (SIZE, SIZE)."""
    across = np.linspace(-REACH, REACH, SIZE, dtype=np.float32)
    x, y = np.meshgrid(across, across)
    length = np.maximum(1, np.sqrt(x * x + y * y))
    x, y = array(x / length), array(y / length)
    return x, y, array(np.sqrt(np.maximum(0, 1 - x * x - y * y)))


@dataclass(frozen=True, slots=True, eq=False)
class LitSphere:
    """What a surface's colour is multiplied by, and what is added: each (SIZE, SIZE, 3) over normals -1..1."""

    diffuse: Array
    added: Array

    def turned_over(self) -> LitSphere:
        """Give the mirror image, for what is drawn mirrored and shall be lit from the side the light comes from."""
        return LitSphere(array(cv2.flip(self.diffuse, 1)), array(cv2.flip(self.added, 1)))

    def seen(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Look both up for normals of which x and y (h, w) are given."""
        scale, middle = np.float32((SIZE - 1) / 2 / REACH), np.float32((SIZE - 1) / 2)
        x, y = x * scale + middle, y * scale + middle
        diffuse = cv2.remap(self.diffuse, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        added = cv2.remap(self.added, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return array(diffuse), array(added)
