"""Provenance: what a picture's own file says of how it came to be."""

from __future__ import annotations


class Provenance:
    """Writes into pictures of local engines where they come from; built once in `bootstrap`."""

    async def mark(self, data: bytes, content_type: str, origin: str, maker: str) -> bytes:
        """Give the file with its mark: `origin` is an IPTC digital source type, `maker` says what made it."""
        return data
