"""Names for things: time-ordered identifiers and the clock in the unit the tables use."""

from __future__ import annotations

import os
import time
from collections import deque

_RANDOM = 10
_AT_ONCE = 256
_pool: deque[bytes] = deque()


def new_id() -> str:
    """Make a UUID version 7 (RFC 9562, section 5.7) as text: it sorts by the millisecond it was made in."""
    millis = time.time_ns() // 1_000_000
    random = int.from_bytes(_random(), "big")
    high, low = random >> 68, random & ((1 << 62) - 1)
    digits = f"{(millis << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _random() -> bytes:
    """Give ten bytes of the system's randomness, asked for many at a time.

    Every question lets go of the interpreter's lock, and getting it back from a busy writer thread took longer than
    all the rest of an identifier. The pool's two operations are atomic, so threads may share it.
    """
    try:
        return _pool.pop()
    except IndexError:
        fresh = os.urandom(_RANDOM * _AT_ONCE)
        _pool.extend(fresh[start : start + _RANDOM] for start in range(_RANDOM, len(fresh), _RANDOM))
        return fresh[:_RANDOM]


def now() -> int:
    """Give the time as all tables keep it: microseconds since the Unix epoch, UTC."""
    return time.time_ns() // 1_000


SECOND = 1_000_000
"""One second in the unit of `now`."""
