"""What an engine is: the code that paints. One job in, one picture out.

Engines know nothing of accounts, tasks or HTTP. A refusal is a `ModerationBlocked`, slowness a
`Timeout`, everything else that goes wrong an `ApiError` (or `UpstreamError` for engines with an
upstream); other exceptions are bugs and are reported as `ApiError` by the caller.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol

import msgspec


class Step(msgspec.Struct, frozen=True, tag=True):
    """How far a job has come: the stage's name and the fraction done, 0..1.

    `preview`, where there is one, is the picture so far, encoded in the job's own format.
    """

    stage: str
    fraction: float
    preview: bytes | None = None


Progress = Callable[[Step], None]
"""Told every step; called from the event loop, must not block. Fractions never fall."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One picture to make. `width` x `height` are the exact pixels wanted; `seed` decides everything random.

    `partial_images` is how many previews are wanted on the way, 0 to 3; an engine may give fewer.
    """

    prompt: str
    width: int
    height: int
    seed: int
    quality: Literal["low", "standard", "hd"] = "standard"
    style: Literal["vivid", "natural"] = "vivid"
    background: Literal["opaque", "transparent"] = "opaque"
    output_format: Literal["png", "jpeg", "webp"] = "png"
    output_compression: int = 100
    partial_images: int = 0
    options: dict[str, Any] = {}


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """One picture made: encoded bytes, their MIME type, the true pixels, and what was drawn in words and as data."""

    data: bytes
    content_type: str
    width: int
    height: int
    revised_prompt: str | None = None
    scene: dict[str, Any] | None = None


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine says of itself to `limner doctor` and `/readyz`."""

    ok: bool
    detail: str


class Engine(Protocol):
    """The one interface of all engines; `tests/engines/test_contract.py` judges every one of them.

    `slots` is how many jobs it can usefully work on at once on this machine.
    """

    name: str
    slots: int

    async def start(self) -> None:
        """Get ready in the background; return at once. Jobs may come before it is done and then wait.

        May raise where it is plain that it will never be ready; the message is for the operator.
        """

    async def generate(self, job: Job, progress: Progress) -> Picture:
        """Make one picture. May be cancelled at any await; then nothing of it remains.

        Raises `ModerationBlocked`, `Timeout`, `ApiError` or `UpstreamError`.
        """

    async def check(self) -> Health:
        """Say whether jobs would succeed now; never raises, never takes longer than a second or so."""

    async def close(self) -> None:
        """Stop and free everything; no job comes after it."""
