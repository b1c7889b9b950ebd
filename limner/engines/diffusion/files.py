"""Pixels to file formats and back, and to other sizes; with Pillow, in a child process only."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps

from limner.errors import BadRequest

if TYPE_CHECKING:
    from limner.engines.diffusion.backend import Grey, Pixels

WEBP_METHOD = 2
"""How hard to pack WebP: 2 of 6 is a third of the default's time for a few per cent more bytes."""


def encode(pixels: Pixels, output_format: str, compression: int = 100) -> bytes:
    """Encode pixels as a PNG, JPEG or WebP file; `compression` is the quality of the latter two, 0..100."""
    buffer, image = io.BytesIO(), Image.fromarray(pixels)
    match output_format:
        case "png":
            image.save(buffer, "PNG", compress_level=1)
        case "jpeg":
            image.save(buffer, "JPEG", quality=compression)
        case _:
            image.save(buffer, "WEBP", quality=compression, method=WEBP_METHOD)
    return buffer.getvalue()


def picture(data: bytes, width: int, height: int, param: str = "image") -> Pixels:
    """Decode a given picture upright and fit it to a size: scaled to cover it, what juts out is cut off evenly.

    What is clear in it is laid on white. Raises `BadRequest`.
    """
    image = _open(data, param)
    if image.mode in {"RGBA", "LA", "PA", "P"}:
        cover = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", cover.size, "white"), cover)
    return np.asarray(_fitted(image.convert("RGB"), width, height))


def mask(data: bytes, width: int, height: int) -> Grey:
    """Decode a mask, fitted like the picture: 255 where it is clear, to be painted anew. Raises `BadRequest`."""
    image = _open(data, "mask")
    if "A" not in image.getbands() and "transparency" not in image.info:
        raise BadRequest("The mask has no alpha channel: what is to change must be transparent in it.", param="mask")
    clear = ImageOps.invert(image.convert("RGBA").getchannel("A"))
    return np.where(np.asarray(_fitted(clear, width, height)) > 127, np.uint8(255), np.uint8(0))


def _open(data: bytes, param: str) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data))
        image.load()
        return ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadRequest("That is no picture that can be read.", param=param) from error


def _fitted(image: Image.Image, width: int, height: int) -> Image.Image:
    return ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS) if image.size != (width, height) else image


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """Bring pixels to another size (Lanczos)."""
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def cut(pixels: Pixels, width: int, height: int) -> Pixels:
    """Cut the middle of so many pixels out of pixels that are larger, or as large."""
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return np.ascontiguousarray(pixels[top : top + height, left : left + width])


def kept(painted: Pixels, given: Pixels, where: Grey) -> Pixels:
    """Put the given pixels back where the mask says that nothing is to change: a network changes them all a little."""
    return np.where(where[..., None] > 0, painted, given)
