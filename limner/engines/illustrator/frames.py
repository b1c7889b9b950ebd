"""What the serving process and a worker say to each other: frames of MessagePack behind their length.

A frame is four bytes of length (big-endian) and that many bytes of body. Down come jobs, and empty frames, which say
that the jobs sent so far are not wanted any more; up come one `Ready` (or `Failed`) at the start, then for each job any
number of `Step`s and one `Done` or `Failed`.
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
    """The worker is warm; what its art pack holds."""

    drawings: int
    fonts: int


class Done(msgspec.Struct, frozen=True, tag=True):
    """The job is done."""

    picture: Picture


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The job failed (or the worker cannot start): the error's code in the catalogue, its message and parameter."""

    code: str
    message: str
    param: str | None = None


Message = Ready | Step | Done | Failed

_jobs = msgspec.msgpack.Decoder(Job)
_messages: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)
_encoder = msgspec.msgpack.Encoder()


class FrameTooLongError(ValueError):
    """A frame would be longer than `LARGEST`."""


def frame(content: Job | Message) -> bytes:
    """Pack a job or a message as a frame. Raises `FrameTooLongError` when it is longer than `LARGEST`."""
    body = _encoder.encode(content)
    if len(body) > LARGEST:
        raise FrameTooLongError(f"a frame of {len(body)} bytes is longer than {LARGEST}")
    return len(body).to_bytes(LENGTH, "big") + body


def job(body: bytes) -> Job:
    """Unpack a job. Raises `msgspec.DecodeError` (`ValidationError` is one) when it is none."""
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
