"""Pixels to file formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Format = Literal["png", "jpeg", "webp"]


def encode(pixels: NDArray[np.uint8], format: Format, compression: int = 100) -> bytes:  # noqa: A002
    """Encode pixels, uint8 (H, W, 3) RGB or (H, W, 4) RGBA, as a PNG, JPEG or WebP file.

    `compression` is the quality of JPEG and WebP, 0..100, 100 the best; PNG is lossless whatever it is, packed
    fast (level 1, run lengths), for a picture's grain packs no better slowly. JPEG has no alpha: it is laid on
    white. Raises ValueError for another format or a quality out of range.
    """
    if not 0 <= compression <= 100:
        raise ValueError(f"compression {compression} is not within 0..100")
    if format == "png":
        options = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]
        return _file(".png", _bgr(pixels), options)
    if format == "jpeg":
        return _file(".jpg", _bgr(flattened(pixels)), [cv2.IMWRITE_JPEG_QUALITY, compression])
    if format == "webp":
        return _file(".webp", _bgr(pixels), [cv2.IMWRITE_WEBP_QUALITY, max(1, compression)])
    raise ValueError(f"unknown format {format!r}")


def flattened(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGBA laid on white; RGB as it is."""
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[..., 3:].astype(np.uint16)
    mixed = (pixels[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return mixed.astype(np.uint8)


def _bgr(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give the order of channels that OpenCV writes from."""
    code = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), code), dtype=np.uint8)


def _file(ending: str, pixels: NDArray[np.uint8], options: list[int]) -> bytes:
    done, data = cv2.imencode(ending, pixels, options)
    if not done:
        raise ValueError(f"cannot encode {pixels.shape} as {ending}")
    return bytes(data.tobytes())
