"""Measuring: what a picture says of itself in its first bytes, without decoding a single pixel of it.

That is enough to refuse what is none, and what would be too large once decoded (a decompression bomb). Whether the rest
is sound only the engine that decodes it can say.
"""
