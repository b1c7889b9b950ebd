"""Where the heads of whole drawings are, measured by eye on a grid: a readable table for those who likely wear a hat."""

from __future__ import annotations

# x of the head's middle, y of the skull's top, width and height of the head, y of the eyes, then x and y of the paw, the
# mouth or whatever else holds a prop; all in shares of the drawing's box, from its left and top.
HEADS: dict[str, tuple[float, float, float, float, float, float, float]] = {}
