"""Small pictures of ours and strangers', and what comes of editing them, for the tests of editing."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from limner.engines.base import Given, Job, Picture, Step
from limner.engines.illustrator.illustrate import illustrate
from limner.engines.illustrator.pack import ArtPack

if TYPE_CHECKING:
    from numpy.typing import NDArray

PACK = ArtPack.open()
Box = tuple[int, int, int, int]


def quiet(step: Step) -> None:
    """Progress that nobody watches."""


def drawn(prompt: str, size: tuple[int, int] = (128, 128), **more: Any) -> Picture:
    """Draw something."""
    told: dict[str, Any] = {"width": size[0], "height": size[1], "seed": 3, "quality": "low"} | more
    return illustrate(Job(prompt=prompt, **told), PACK, quiet)


def given(picture: Picture, *, plan: bool = True) -> Given:
    """Give a picture back, known as ours or not."""
    kept = picture.plan if plan else None
    return Given(
        data=picture.data, content_type=picture.content_type, width=picture.width, height=picture.height, plan=kept
    )


def edited(picture: Picture, prompt: str, *, ours: bool = True, others: tuple[Given, ...] = (), **more: Any) -> Picture:
    """Edit a picture; a variation where the prompt is empty."""
    told: dict[str, Any] = {"width": picture.width, "height": picture.height, "seed": 5, "quality": "low"} | more
    images = (given(picture, plan=ours), *others)
    return illustrate(Job(prompt=prompt, operation="edit" if prompt else "vary", images=images, **told), PACK, quiet)


def pixels(picture: Picture) -> NDArray[np.int16]:
    """Give a picture's pixels, RGB."""
    return np.asarray(Image.open(io.BytesIO(picture.data)).convert("RGB"), np.int16)


def boxes(picture: Picture, name: str = "") -> list[Box]:
    """Give the boxes of all, or of those of a name."""
    assert picture.scene is not None
    return [tuple(one["box"]) for one in picture.scene["subjects"] if name in ("", one["name"])]


def names(picture: Picture) -> dict[str, int]:
    """Count what a picture shows."""
    assert picture.scene is not None
    found = [one["name"] for one in picture.scene["subjects"]]
    return {name: found.count(name) for name in sorted(set(found))}


def mask(size: tuple[int, int], box: Box) -> bytes:
    """Make a mask with a clear box."""
    alpha = np.full((size[1], size[0], 4), 255, np.uint8)
    x0, y0, x1, y1 = box
    alpha[y0:y1, x0:x1, 3] = 0
    return png(alpha)


def png(values: NDArray[np.uint8]) -> bytes:
    """Write pixels as a PNG."""
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    return buffer.getvalue()


def photograph(data: bytes, size: tuple[int, int], content_type: str = "image/png") -> Picture:
    """Give the bytes of a picture that was not made here."""
    return Picture(data=data, content_type=content_type, width=size[0], height=size[1])
