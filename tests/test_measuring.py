"""Pictures are measured by their headers alone, and bombs and rubbish are refused."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from limner.errors import BadRequest, RequestTooLarge
from limner.measuring import MOST_BYTES, Measured, measure
from tests.pictures import encoded, png


def exif(orientation: int, order: str = "little") -> bytes:
    made = Image.Exif()
    made.endian = "<" if order == "little" else ">"
    made[0x010F] = "limner"
    made[0x0112] = orientation
    return made.tobytes()


KINDS: list[tuple[str, str, dict[str, Any], Measured]] = [
    ("png", "RGB", {}, Measured("image/png", 30, 20)),
    ("png", "RGBA", {}, Measured("image/png", 30, 20, alpha=True)),
    ("png", "LA", {}, Measured("image/png", 30, 20, alpha=True)),
    ("png", "P", {"transparency": 0}, Measured("image/png", 30, 20, alpha=True)),
    ("jpeg", "RGB", {}, Measured("image/jpeg", 30, 20)),
    ("jpeg", "L", {"progressive": True, "exif": exif(1)}, Measured("image/jpeg", 30, 20)),
    ("jpeg", "RGB", {"exif": exif(6)}, Measured("image/jpeg", 20, 30)),
    ("jpeg", "RGB", {"exif": exif(8, "big"), "comment": b"x" * 60_000}, Measured("image/jpeg", 20, 30)),
    ("webp", "RGB", {}, Measured("image/webp", 30, 20)),
    ("webp", "RGB", {"lossless": True}, Measured("image/webp", 30, 20)),
    ("webp", "RGBA", {"lossless": True}, Measured("image/webp", 30, 20, alpha=True)),
    ("webp", "RGB", {"exif": exif(1)}, Measured("image/webp", 30, 20)),
]


@pytest.mark.parametrize(("kind", "mode", "more", "found"), KINDS)
def test_pictures_are_measured_as_they_are_shown(kind: str, mode: str, more: dict[str, Any], found: Measured) -> None:
    assert measure(encoded(kind, 30, 20, mode, **more), param="image") == found


def bomb(width: int, height: int) -> bytes:
    head = struct.pack(">4sIIBBBBB", b"IHDR", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


def test_bombs_are_refused_by_what_they_claim() -> None:
    for data in (bomb(100_000, 100_000), bomb(10_000, 10_000), bomb(20_000, 10), b"\x89PNG" + bytes(MOST_BYTES)):
        with pytest.raises(RequestTooLarge) as refused:
            measure(data, param="images[0]")
        assert (refused.value.param, refused.value.status) == ("images[0]", 413)


JPEG, WEBP = encoded("jpeg", 8, 8), encoded("webp", 8, 8)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + bytes(40),
        b"<svg/>",
        png(8, 8)[:20],
        png(8, 8).replace(b"IHDR", b"XHDR"),
        bomb(0, 5),
        JPEG[:30],
        b"\xff\xd8\xff\xff\xd0\xff\xe0\x00\x01" + bytes(20),
        b"\xff\xd8\xff\xd9" + bytes(20),
        WEBP[:20],
        WEBP.replace(b"VP8 ", b"VPX "),
        b"\xff\xd8\xff\xe1\x00\x20Exif\0\0II*\0\xff\xff\xff\xff" + bytes(30),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(BadRequest) as refused:
        measure(data, param="mask")
    assert refused.value.param == "mask"
