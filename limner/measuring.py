"""Measuring: what a picture says of itself in its headers, without decoding a single pixel of it.

That is enough to refuse what is none, and what would be too large once decoded (a decompression bomb). Whether the rest
is sound only the engine that decodes it can say.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

import msgspec
import pybase64

from limner.errors import BadRequest, RequestTooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 50 * 1024 * 1024
"""Bytes of one picture that comes with a request, at most."""

MOST_PIXELS = 50_000_000
"""Pixels of one, at most: 8,064 by 6,048, the largest that a telephone makes, is below it."""

MOST_SIDE = 16_383
"""Pixels of a side, at most: what WebP can hold."""

_PNG = b"\x89PNG\r\n\x1a\n"
# the frames of JPEG (ITU-T T.81, table B.1): all of C0 to CF but for DHT, JPG and DAC
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_EXIF = b"Exif\0\0"
_TURNED = frozenset(range(5, 9))
_BASE64 = re.compile(r"(iVBORw0KGgo|/9j/|UklGR)")
_STRAIGHTENED = str.maketrans("-_", "+/", " \r\n\t=")


class Measured(msgspec.Struct, frozen=True):
    """A picture's type, the pixels it is shown with, and whether some of them may be clear."""

    content_type: str
    width: int
    height: int
    alpha: bool = False


def measure(data: bytes, *, param: str) -> Measured:
    """Measure a PNG, JPEG or WebP; raises `BadRequest` for anything else, `RequestTooLarge`, both naming `param`."""
    if len(data) > MOST_BYTES:
        raise too_large(param)
    if not data:
        raise BadRequest(f"{param} is empty.", param=param)
    found = measured(data)
    if found is None:
        raise BadRequest(f"{param} is no picture that can be read: send a PNG, JPEG or WebP file.", param=param)
    if found.width * found.height > MOST_PIXELS or max(found.width, found.height) > MOST_SIDE:
        raise RequestTooLarge(
            f"{param} has {found.width} by {found.height} pixels; at most {MOST_PIXELS:,} are taken, "
            f"and {MOST_SIDE:,} a side.",
            param=param,
        )
    return found


def measured(data: bytes) -> Measured | None:
    """Read the header of a PNG, JPEG or WebP of any size; None for anything else."""
    try:
        found = _measured(data)
    except (struct.error, IndexError):
        return None
    return found if found and found.width and found.height else None


def too_large(param: str) -> RequestTooLarge:
    """Say that a picture has too many bytes."""
    return RequestTooLarge(f"{param} is larger than {MOST_BYTES // 1024**2} MiB.", param=param)


def is_base64(text: str) -> bool:
    """Say whether a text begins as a picture's bytes in base64 do."""
    return _BASE64.match(text) is not None


def from_base64(text: str | memoryview) -> bytes:
    """Read base64 as it is found in the wild: in lines, with the other alphabet (RFC 4648, 5), without its end.

    Raises `ValueError` where other signs stand in it or the last of them are missing.
    """
    try:
        return pybase64.b64decode(text, validate=True)  # as nearly all of it is
    except ValueError:
        straight = (text if isinstance(text, str) else str(text, "latin-1")).translate(_STRAIGHTENED)
        return pybase64.b64decode(straight + "=" * (-len(straight) % 4), validate=True)


def _measured(data: bytes) -> Measured | None:
    if data.startswith(_PNG):
        return _png(data)
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    return None


def _png(data: bytes) -> Measured | None:
    """Read IHDR, which comes first, and look for tRNS, which comes before the pixels (W3C PNG 3, 5.6 and 11.2.1)."""
    length, kind, width, height, _, colour = struct.unpack_from(">I4sIIBB", data, 8)
    if kind != b"IHDR" or length != 13:
        return None
    alpha = colour in {4, 6} or any(chunk == b"tRNS" for chunk in _chunks(data))
    return Measured("image/png", width, height, alpha)


def _chunks(data: bytes) -> Iterator[bytes]:
    at = 8
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IDAT":
            return
        yield kind
        at += length + 12


def _jpeg(data: bytes) -> Measured | None:
    """Go from segment to segment up to the first frame (ITU-T T.81, B.1.1.4 and B.2.2); turn it as EXIF says."""
    at, turned = 2, False
    while data[at] == 0xFF:
        while data[at + 1] == 0xFF:  # fill bytes
            at += 1
        marker = data[at + 1]
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:  # these have no length
            at += 2
            continue
        length, precision, height, width = struct.unpack_from(">HBHH", data, at + 2)
        if marker in _FRAMES:
            del precision
            return Measured("image/jpeg", *((height, width) if turned else (width, height)))
        if marker == 0xE1:
            turned = turned or _orientation(data[at + 4 : at + 2 + length]) in _TURNED
        if length < 2:
            return None
        at += 2 + length
    return None


def _orientation(segment: bytes) -> int:
    """Read the orientation out of an EXIF segment (CIPA DC-008, 4.6.2 and 4.6.5); 1 where it has none."""
    if not segment.startswith(_EXIF):
        return 1
    tiff = segment[len(_EXIF) :]
    order = "<" if tiff[:2] == b"II" else ">"
    try:
        (at,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, at)
        for number in range(count):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, at + 2 + 12 * number)
            if tag == 0x0112:
                return int(value)
    except struct.error:
        pass
    return 1


def _webp(data: bytes) -> Measured | None:
    """Read the first chunk (RFC 9649, sections 2.5 to 2.7)."""
    kind = data[12:16]
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return Measured("image/webp", width & 0x3FFF, height & 0x3FFF)
    if kind == b"VP8L" and data[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", data, 21)
        return Measured("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1))
    if kind == b"VP8X":
        flags, low_w, high_w, low_h, high_h = struct.unpack_from("<B3xHBHB", data, 20)
        return Measured("image/webp", (low_w | high_w << 16) + 1, (low_h | high_h << 16) + 1, bool(flags & 0x10))
    return None
