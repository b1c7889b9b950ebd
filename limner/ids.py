"""Names for things: time-ordered identifiers and the clock in the unit the tables use."""

from __future__ import annotations

import os
import time
import uuid


def new_id() -> str:
    """Make a UUID version 7 (RFC 9562, section 5.7) as text: it sorts by the millisecond it was made in."""
    millis = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    high, low = random >> 68, random & ((1 << 62) - 1)
    return str(uuid.UUID(int=(millis << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low))


def now() -> int:
    """Give the time as all tables keep it: microseconds since the Unix epoch, UTC."""
    return time.time_ns() // 1_000


SECOND = 1_000_000
"""One second in the unit of `now`."""
