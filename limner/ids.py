"""Names for things: time-ordered identifiers and the clock in the unit the tables use."""

from __future__ import annotations

import os
import threading
import time
from collections import deque

_RANDOM = 8
_AT_ONCE = 256
_pool: deque[bytes] = deque()
_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """Make a UUID version 7 (RFC 9562, section 5.7) as text: it sorts after every identifier this process made before.

    Below the millisecond stand twelve bits of a finer clock, moved on by one where the clock did not move (section 6.2,
    methods 1 and 3), so that what is written in one order is also read in it.
    """
    tick = _tick()
    low = int.from_bytes(_random(), "big") >> 2
    digits = f"{(tick >> 12 << 80) | (0x7 << 76) | ((tick & 0xFFF) << 64) | (0b10 << 62) | low:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _tick() -> int:
    """Give the milliseconds since the Unix epoch with twelve bits below, more than the last time."""
    global _last  # noqa: PLW0603 - one clock for one process
    millis, nanos = divmod(time.time_ns(), 1_000_000)
    tick = millis << 12 | nanos >> 8
    with _lock:
        _last = tick if tick > _last else _last + 1
        return _last


def _random() -> bytes:
    """Give eight bytes of the system's randomness, asked for many at a time.

    Every question lets go of the interpreter's lock, and getting it back from a busy writer thread took longer than
    all the rest of an identifier. The pool's two operations are atomic, so threads may share it.
    """
    try:
        return _pool.pop()
    except IndexError:
        fresh = os.urandom(_RANDOM * _AT_ONCE)
        _pool.extend(fresh[start : start + _RANDOM] for start in range(_RANDOM, len(fresh), _RANDOM))
        return fresh[:_RANDOM]


def earliest_id(at: int) -> str:
    """Give what all identifiers made since a time (microseconds) sort after, and all earlier ones before."""
    digits = f"{max(at, 0) // 1000 & (1 << 48) - 1:012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"


def now() -> int:
    """Give the time as all tables keep it: microseconds since the Unix epoch, UTC."""
    return time.time_ns() // 1_000


SECOND = 1_000_000
"""One second in the unit of `now`."""
