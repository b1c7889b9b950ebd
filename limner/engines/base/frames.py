"""What the serving process and a worker say to each other: frames of MessagePack behind their length.

A frame is four bytes of length (big-endian) and that many bytes of body. Down come orders, each of one job or several
to be done together, and empty frames, which say that the orders sent so far are not wanted any more; up come one
`Ready` (or `Failed`) at the start, then for each order any number of `At`s and, for each of its jobs, one `Done` or
`Failed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import msgspec

from limner.engines.base import Job, Picture, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

LENGTH = 4
LARGEST = 64 * 1024 * 1024
"""No frame may be longer, in bytes; a 4096 x 4096 PNG of pure noise would just fit."""
CANCEL = bytes(LENGTH)
"""The empty frame."""


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The worker is up; what it says of itself, for people, and how many jobs an order for it may have."""

    detail: str
    most: int = 1


class At(msgspec.Struct, frozen=True, tag=True):
    """How far the job at a place of the order has come."""

    step: Step
    place: int = 0


class Done(msgspec.Struct, frozen=True, tag=True):
    """The job at a place of the order is done."""

    picture: Picture
    place: int = 0


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The job failed (or the worker cannot start): the error's code in the catalogue, its message and parameter."""

    code: str
    message: str
    param: str | None = None
    place: int = 0


Message = Ready | At | Done | Failed

_jobs = msgspec.msgpack.Decoder(tuple[Job, ...])
_messages: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)
_encoder = msgspec.msgpack.Encoder()


def frame(content: tuple[Job, ...] | Message) -> bytes:
    """Pack an order or a message as a frame. Raises `ValueError` when it is longer than `LARGEST`."""
    body = _encoder.encode(content)
    if len(body) > LARGEST:
        raise ValueError(f"a frame of {len(body)} bytes is longer than {LARGEST}")
    return len(body).to_bytes(LENGTH, "big") + body


def jobs(body: bytes) -> tuple[Job, ...]:
    """Unpack an order. Raises `msgspec.DecodeError` (`ValidationError` is one) when it is none."""
    return _jobs.decode(body)


def message(body: bytes) -> Message:
    """Unpack a worker's message. Raises `msgspec.DecodeError` when it is none."""
    return _messages.decode(body)


def bodies(source: BinaryIO) -> Iterator[bytes]:
    """Read frame after frame until the stream ends, blocking; a frame cut short counts as the end."""
    while len(head := source.read(LENGTH)) == LENGTH:
        length = int.from_bytes(head, "big")
        body = source.read(length)
        if len(body) < length:
            return
        yield body
