"""XMP packets that say how a picture came to be, put into its file without touching its pixels.

ISO 16684-1 (XMP), part 3 of Adobe's specification for where the packet goes in a PNG or a JPEG, the WebP container
specification (RFC 9649), and IPTC's photo metadata standard for `DigitalSourceType`.
"""

from __future__ import annotations

import struct
import zlib
from xml.sax.saxutils import quoteattr

from limner import __version__

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
"""What an IPTC digital source type is named behind."""

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" \
xmlns:xmp="http://ns.adobe.com/xap/1.0/" Iptc4xmpExt:DigitalSourceType={source} xmp:CreatorTool={tool}/>\
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
_VP8X_XMP, _VP8X_ALPHA = 0x04, 0x10


def packet(source_type: str, tool: str) -> bytes:
    """Write a packet: `source_type` is the URI of an IPTC digital source type, `tool` what made the picture."""
    printable = "".join(letter for letter in tool if letter.isprintable())
    return _PACKET.format(source=quoteattr(source_type), tool=quoteattr(printable)).encode()


def embedded(data: bytes, content_type: str, xmp: bytes) -> bytes:
    """Give a PNG, JPEG or WebP file with a packet in it, which must be shorter than 64 KB.

    Raises `ValueError` for a file that is not what its type says.
    """
    try:
        return _EMBEDDING[content_type](data, xmp)
    except (KeyError, IndexError, struct.error) as error:
        raise ValueError(f"no packet can be put into this {content_type}") from error


def marked(data: bytes, content_type: str, origin: str, maker: str) -> bytes:
    """Give a picture's file with a packet that says how it came to be and what made it, here."""
    return embedded(data, content_type, packet(SOURCE_TYPES + origin, f"limner {__version__}, {maker}"))


def _png(data: bytes, xmp: bytes) -> bytes:
    """Put an iTXt chunk behind the header (W3C PNG 3, 11.3.3.4)."""
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR":
        raise ValueError("no PNG")
    return data[:33] + _chunk(b"iTXtXML:com.adobe.xmp\0\0\0\0\0" + xmp) + data[33:]


def _jpeg(data: bytes, xmp: bytes) -> bytes:
    """Put an APP1 segment at the beginning, behind JFIF's APP0, which must be the first (ISO 10918-5)."""
    if data[:2] != b"\xff\xd8":
        raise ValueError("no JPEG")
    at = 4 + struct.unpack_from(">H", data, 4)[0] if data[2:4] == b"\xff\xe0" else 2
    body = b"http://ns.adobe.com/xap/1.0/\0" + xmp
    return data[:at] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[at:]


def _webp(data: bytes, xmp: bytes) -> bytes:
    """Put an `XMP ` chunk at the end, and an extended header at the beginning where there is none (RFC 9649, 2.7)."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise ValueError("no WebP")
    chunks = data[12 : 8 + struct.unpack_from("<I", data, 4)[0]]
    if chunks[:4] == b"VP8X":
        chunks = chunks[:8] + bytes([chunks[8] | _VP8X_XMP]) + chunks[9:]
    else:
        chunks = _riff(b"VP8X", _extended(chunks)) + chunks
    return _riff(b"RIFF", b"WEBP" + chunks + _riff(b"XMP ", xmp))


def _riff(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _extended(chunks: bytes) -> bytes:
    """Make the extended header of a simple file: its flags, and its sides less one in 24 bits each."""
    if chunks[:4] == b"VP8L":
        packed = struct.unpack_from("<I", chunks, 9)[0]
        width, height, alpha = packed & 0x3FFF, packed >> 14 & 0x3FFF, packed >> 28 & 1
    else:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", chunks, 14))
        width, height, alpha = width - 1, height - 1, 0
    flags = _VP8X_XMP | (_VP8X_ALPHA if alpha else 0)
    return struct.pack("<I", flags) + struct.pack("<I", width)[:3] + struct.pack("<I", height)[:3]


_EMBEDDING = {"image/png": _png, "image/jpeg": _jpeg, "image/webp": _webp}


def blank_png() -> bytes:
    """Make a white PNG of 64 x 64 pixels, to try things with."""
    rows = (b"\0" + b"\xff" * 8) * 64
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR" + struct.pack(">IIBBBBB", 64, 64, 1, 0, 0, 0, 0)),
            _chunk(b"IDAT" + zlib.compress(rows)),
            _chunk(b"IEND"),
        ]
    )


def _chunk(body: bytes) -> bytes:
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
