"""Looking at picture bytes in tests."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image


def measure(data: bytes) -> tuple[str, int, int]:
    """Give format and pixels, having decoded the whole picture."""
    with Image.open(io.BytesIO(data)) as opened:
        opened.load()
        return (opened.format or "").lower(), opened.width, opened.height


def encoded(kind: str, width: int, height: int, mode: str = "RGB", **more: Any) -> bytes:
    """Make a picture file of one colour."""
    into = io.BytesIO()
    Image.new(mode, (width, height)).save(into, kind, **more)
    return into.getvalue()


def png(width: int, height: int, mode: str = "RGB") -> bytes:
    """Make a PNG of one colour."""
    return encoded("png", width, height, mode)
