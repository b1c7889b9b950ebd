"""What kind of picture some bytes are and how many pixels it has, read from its header alone.

Sources: W3C PNG 3 (5.2, 11.2.1), ITU-T T.81 annex B (JPEG), RFC 9649 (WebP).
"""

from __future__ import annotations

import struct

import msgspec

# start of frame, except those codes that mean tables (T.81, table B.1)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})


class Measured(msgspec.Struct, frozen=True):
    """The MIME type of a picture and its pixels."""

    content_type: str
    width: int
    height: int


def measured(data: bytes) -> Measured:
    """Read a PNG's, JPEG's or WebP's header; raises `ValueError` for what is none, or cut off before its size."""
    try:
        found = _read(data)
    except (IndexError, struct.error) as error:
        raise ValueError("the picture's header is cut off") from error
    if found is None or not found.width or not found.height:
        raise ValueError("the bytes are no PNG, JPEG or WebP")
    return found


def _read(data: bytes) -> Measured | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return Measured("image/png", *struct.unpack_from(">II", data, 16))
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _webp(data)
    return None


def _jpeg(data: bytes) -> Measured:
    """Go from segment to segment up to the frame, which holds the size."""
    at = 2
    while True:
        if data[at] != 0xFF:
            raise ValueError("the JPEG's segments are broken")
        code = data[at + 1]
        if code == 0xFF:
            at += 1
        elif code in _ALONE:
            at += 2
        elif code in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return Measured("image/jpeg", width, height)
        else:
            at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])


def _webp(data: bytes) -> Measured | None:
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        _ = data[29]
        return Measured("image/webp", width, height)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return Measured("image/webp", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Measured("image/webp", width & 0x3FFF, height & 0x3FFF)
    return None
