"""Blocks: drawings that belong together, in lengths that know no picture yet.

Lengths are in spans: one span is a thing a metre tall; x runs to the right, y upwards from the block's own feet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Piece:
    """One drawing: where its box is in the block (x of its middle, y of its bottom), and who is before whom (z).

    `art` is the drawing where it is not the subject's own ("fox@sit+read"); a piece with `part` set is not an instance
    but more of the one before it in its block that has the same subject and `one`: the hands before a book.
    """

    subject: int
    x: float
    y: float
    width: float
    height: float
    z: float = 0.0
    tilt: float = 0.0
    mirrored: bool = False
    held: bool = False
    resting: bool = False
    art: str = ""
    one: int = 0
    part: bool = False

    @property
    def left(self) -> float:
        """The left edge of its box."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """The right edge of its box."""
        return self.x + self.width / 2

    @property
    def top(self) -> float:
        """The upper edge of its box."""
        return self.y + self.height

    def at(self, point: tuple[float, float]) -> tuple[float, float]:
        """Give where a point of the drawing is: a share of its box from the left and from the top."""
        return self.left + point[0] * self.width, self.top - point[1] * self.height


@dataclass(frozen=True, slots=True)
class Block:
    """Pieces that belong together; the first is the one that bears the others."""

    pieces: tuple[Piece, ...]

    @property
    def left(self) -> float:
        """The left edge of the box around all pieces."""
        return min(piece.left for piece in self.pieces)

    @property
    def right(self) -> float:
        """The right edge of the box around all pieces."""
        return max(piece.right for piece in self.pieces)

    @property
    def width(self) -> float:
        """The width of the box around all pieces."""
        return self.right - self.left

    @property
    def middle(self) -> float:
        """The middle of the box around all pieces."""
        return (self.left + self.right) / 2

    @property
    def top(self) -> float:
        """The height of the box above the feet of the first piece."""
        return max(piece.top for piece in self.pieces)

    @property
    def drop(self) -> float:
        """How far pieces reach below the feet of the first one: they stand nearer to the viewer."""
        return max(0.0, -min(piece.y for piece in self.pieces))

    def flipped(self) -> Block:
        """Give the mirror image of the block."""
        return Block(tuple(replace(piece, x=-piece.x, mirrored=not piece.mirrored) for piece in self.pieces))

    def moved(self, x: float, y: float, z: float = 0.0, scale: float = 1.0) -> Block:
        """Give the same block at another place: first scaled, then shifted."""
        return Block(
            tuple(
                replace(
                    p,
                    x=p.x * scale + x,
                    y=p.y * scale + y,
                    width=p.width * scale,
                    height=p.height * scale,
                    z=p.z + z,
                )
                for p in self.pieces
            )
        )

    def lifted(self, *, resting: bool = False) -> Block:
        """Give the block as something that does not touch the ground; `resting` where it touches what bears it."""
        lowest = min(piece.y for piece in self.pieces)
        return Block(tuple(replace(p, held=True, resting=resting and p.y == lowest) for p in self.pieces))

    def joined(self, *others: Block) -> Block:
        """Give one block of this and others."""
        return Block(self.pieces + tuple(piece for other in others for piece in other.pieces))


def alone(piece: Piece) -> Block:
    """Give a block of one piece."""
    return Block((piece,))


def abreast(blocks: Sequence[Block], gap: float = 0.1) -> Block:
    """Put blocks side by side with gaps of a share of their mean width, with their middle at the origin."""
    if len(blocks) == 1:
        return blocks[0]
    space = gap * float(np.mean([block.width for block in blocks]))
    x = -(sum(block.width for block in blocks) + space * (len(blocks) - 1)) / 2
    placed = []
    for block in blocks:
        placed.append(block.moved(x - block.left, 0))
        x += block.width + space
    return placed[0].joined(*placed[1:])
