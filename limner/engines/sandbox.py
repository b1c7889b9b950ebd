"""The sandbox: an engine for trying things out, which paints test cards at once and fails when it is asked to.

Like the test card numbers of a payment provider: a word in the prompt decides what happens
(`DIRECTIVES`), everything else about a call is real. It needs nothing but the standard library.
"""

from __future__ import annotations

import asyncio
import colorsys
import re
import struct
import zlib
from math import isqrt
from typing import TYPE_CHECKING

import msgspec

from limner.engines.base import Health, Job, Picture, Progress, Setup, Step
from limner.errors import (
    ApiError,
    ApiNotImplemented,
    BadRequest,
    LimnerError,
    ModerationBlocked,
    Timeout,
    UpstreamError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_DELAY = 60.0
KEPT_CARDS = 64
STRIPE = 64
WORD = re.compile(r"(?<!\w)(fail|delay):(\S+)", re.IGNORECASE)
SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{0,9})?|\.[0-9]{1,9}", re.ASCII)


class Directive(msgspec.Struct, frozen=True):
    """A word in a prompt that the sandbox obeys: what it does, and the error it ends in (none: a picture)."""

    description: str
    outcome: type[LimnerError] | None


DIRECTIVES: dict[str, Directive] = {
    "fail:api_error": Directive("Fails as if something had broken on our side.", ApiError),
    "fail:moderation_blocked": Directive("Refuses, as a model's policy would.", ModerationBlocked),
    "fail:timeout": Directive("Gives up, as if the picture had taken too long.", Timeout),
    "fail:upstream_error": Directive("Fails as if the service behind the model had failed.", UpstreamError),
    "delay:2.5": Directive("Waits that many seconds first, 60 at most; any number will do.", None),
}


class Orders(msgspec.Struct, frozen=True):
    """What the directives of one prompt come to: wait so long, then fail so, or paint."""

    delay: float = 0.0
    failure: type[LimnerError] | None = None


def orders(prompt: str) -> Orders:
    """Read the directives in a prompt; of each kind the first counts. Raises `BadRequest` at one we do not know."""
    failures: list[type[LimnerError] | None] = []
    delays: list[float] = []
    for kind, value in WORD.findall(prompt):
        word = value.strip(".,;:!?\"'()[]").lower()
        if kind.lower() == "fail":
            failures.append(_failure(word))
        else:
            delays.append(_delay(value.rstrip(",;:!?\"')]")))
    return Orders((delays or [0.0])[0], (failures or [None])[0])


def _failure(word: str) -> type[LimnerError] | None:
    directive = DIRECTIVES.get(f"fail:{word}")
    if directive is None:
        known = ", ".join(f"`{name}`" for name in DIRECTIVES if name.startswith("fail:"))
        raise BadRequest(f"The sandbox does not know `fail:{word[:40]}`; it knows {known}.", param="prompt")
    return directive.outcome


def _delay(word: str) -> float:
    if not SECONDS.fullmatch(word):
        raise BadRequest("`delay:` takes a number of seconds, for example `delay:2.5`.", param="prompt")
    return min(float(word), LONGEST_DELAY)


class Sandbox:
    """Paints striped test cards with a disc, coloured by the seed, in exactly the size asked for; PNG only.

    What it is given for an edit or a variation it does not look at, but says of what kind it was.
    """

    name: str = "sandbox"

    def __init__(self, setup: Setup | None = None) -> None:
        """Make the engine. It paints in microseconds, in this process, and needs nothing of `setup`."""
        del setup
        self.slots = 1000
        self._cards: dict[tuple[int, int], bytes] = {}

    async def start(self) -> None:
        """Return: there is nothing to get ready."""

    async def generate(self, job: Job, progress: Progress) -> Picture:
        """Do what the prompt's directives say; without any, paint a test card.

        Raises the `LimnerError` a directive asks for, `BadRequest` for an unknown directive, and
        `ApiNotImplemented` for a format other than PNG.
        """
        if job.output_format != "png":
            raise ApiNotImplemented("The sandbox paints PNG only.", param="output_format")
        told = orders(job.prompt)
        pixels = await self._pixels(job.width, job.height)
        previews = (preview(job, pixels, number) for number in range(job.partial_images))
        if told.delay:
            await _wait(told.delay, progress, previews)
        if told.failure is not None:
            raise told.failure
        for seen in previews:
            progress(Step("painting", 0.5, seen))
        data = png(job, pixels)
        progress(Step("painting", 1.0))
        return Picture(
            data=data,
            content_type="image/png",
            width=job.width,
            height=job.height,
            revised_prompt=f"A sandbox test card, {job.width} by {job.height} pixels{_of(job)}.",
        )

    async def _pixels(self, width: int, height: int) -> bytes:
        """Give the compressed pixels of a size; the first of a size is made in a thread, as it takes milliseconds."""
        found = self._cards.get((width, height))
        if found is None:
            found = await asyncio.to_thread(card, width, height)
            while len(self._cards) >= KEPT_CARDS:
                del self._cards[next(iter(self._cards))]
            self._cards[width, height] = found
        return found

    async def check(self) -> Health:
        """Say that all is well, as there is nothing that could fail."""
        return Health(ok=True, detail="paints test cards, needs nothing")

    async def close(self) -> None:
        """Return: there is nothing to free."""


def _of(job: Job) -> str:
    """Say what was given to be changed or varied."""
    if job.operation == "vary":
        return f", as a variation of {_given(job)}"
    mask = " with a mask" if job.mask is not None else ""
    return f", as an edit of {_given(job)}{mask}" if job.operation == "edit" else ""


def _given(job: Job) -> str:
    return " and ".join(f"a picture of {one.width} by {one.height}" for one in job.images)


async def _wait(seconds: float, progress: Progress, previews: Iterator[bytes]) -> None:
    """Sleep, and say so at every quarter, with a preview from the second on, for those who watch progress."""
    for quarter in range(4):
        progress(Step("waiting", quarter / 4, next(previews, None) if quarter else None))
        await asyncio.sleep(seconds / 4)


def card(width: int, height: int) -> bytes:
    """Paint the test card of a size as a finished IDAT chunk of palette indices 0..2: stripes 0 and 1, the disc 2.

    Colours live in the palette, so all seeds share these pixels; that is what makes a card cost microseconds.
    """
    stripes = (bytes(STRIPE) + b"\1" * STRIPE) * (width // (2 * STRIPE) + 2)
    packer = zlib.compressobj(6)
    parts = [packer.compress(b"\0" + _row(stripes, width, height, y)) for y in range(height)]
    return _chunk(b"IDAT", b"".join([*parts, packer.flush()]))


def _row(stripes: bytes, width: int, height: int, y: int) -> bytes:
    start = y % (2 * STRIPE)
    row = stripes[start : start + width]
    radius = min(width, height) // 4
    half = isqrt(max(0, radius**2 - (y - height // 2) ** 2))
    middle = width // 2
    return row[: middle - half] + b"\2" * (2 * half) + row[middle + half :]


def png(job: Job, pixels: bytes) -> bytes:
    """Put a PNG (RFC 2083 and its successor, W3C PNG 3) around a card: header, seed as text, palette, transparency."""
    header = struct.pack(">IIBBBBB", job.width, job.height, 8, 3, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"tEXt", b"limner:seed\0%d" % job.seed),
            _chunk(b"PLTE", _palette(job.seed)),
            _chunk(b"tRNS", b"\0\0") if job.background == "transparent" else b"",
            pixels,
            _chunk(b"IEND", b""),
        ]
    )


def preview(job: Job, pixels: bytes, number: int) -> bytes:
    """Paint the card as it is on the way: in another seed's colours, so that no two previews are the same bytes."""
    return png(msgspec.structs.replace(job, seed=job.seed + 1 + number), pixels)


def _palette(seed: int) -> bytes:
    """Three colours of one key: two soft neighbours for the stripes, their opposite for the disc."""
    hue = seed * 0.618033988749895 % 1.0
    tones = ((hue, 0.16, 0.98), (hue + 0.04, 0.32, 0.93), (hue + 0.5, 0.62, 0.82))
    return bytes(round(part * 255) for tone in tones for part in colorsys.hsv_to_rgb(tone[0] % 1.0, *tone[1:]))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
