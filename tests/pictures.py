"""Looking at picture bytes in tests."""

from __future__ import annotations

import io

from PIL import Image


def measure(data: bytes) -> tuple[str, int, int]:
    """Give format and pixels, having decoded the whole picture."""
    with Image.open(io.BytesIO(data)) as opened:
        opened.load()
        return (opened.format or "").lower(), opened.width, opened.height
