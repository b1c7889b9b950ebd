"""Rate limits as arithmetic: the generic cell rate algorithm (ITU-T I.371, annex A), one number of state a limit.

The state is the theoretical arrival time: when the limit would be wholly free again. One minute's worth is the burst.
"""

from __future__ import annotations

import msgspec

from limner.errors import BadRequest, TooManyRequests
from limner.ids import SECOND

MINUTE = 60 * SECOND


class Rate(msgspec.Struct, frozen=True):
    """Where a limit stands: `limit` a minute (0: none), `remaining` now, `reset` microseconds until all is free."""

    limit: int
    remaining: int
    reset: int
    arrival: int


def spend(limit: int, arrival: int, amount: int, at: int, what: str, *, param: str | None = None) -> Rate:
    """Take `amount` of a limit whose theoretical arrival time is `arrival`, at the time `at`.

    Raises `TooManyRequests` with the wait in its headers, or `BadRequest` naming `param` where no wait would ever help.
    """
    if limit == 0:
        return Rate(0, 0, 0, arrival)
    interval = max(1, MINUTE // limit)
    after = max(arrival, at) + amount * interval
    if amount > limit:
        raise BadRequest(
            f"At most {limit} {what} a minute are allowed here, so {amount} at once never are.", param=param
        )
    if after - at > MINUTE:
        raise _too_many(Rate(limit, _left(interval, arrival, at), arrival - at, arrival), after - at - MINUTE, what)
    return Rate(limit, _left(interval, after, at), after - at, after)


def _left(interval: int, arrival: int, at: int) -> int:
    return max(0, (MINUTE - max(0, arrival - at)) // interval)


def _too_many(rate: Rate, wait: int, what: str) -> TooManyRequests:
    kind = "images" if what == "images" else "requests"
    return TooManyRequests(
        f"The limit of {rate.limit} {what} a minute is reached. Try again in {-(-wait // SECOND)} s.",
        headers=retry_after(wait) | rate_headers(kind, rate),
    )


def retry_after(wait: int) -> dict[str, str]:
    """Say in headers how many microseconds to wait: in seconds for all, in milliseconds for those who read them."""
    return {"retry-after": str(max(1, -(-wait // SECOND))), "retry-after-ms": str(max(1, -(-wait // 1000)))}


def rate_headers(kind: str, rate: Rate) -> dict[str, str]:
    """Give the three `x-ratelimit-*` headers of one limit; none where there is no limit."""
    if rate.limit == 0:
        return {}
    return {
        f"x-ratelimit-limit-{kind}": str(rate.limit),
        f"x-ratelimit-remaining-{kind}": str(rate.remaining),
        f"x-ratelimit-reset-{kind}": f"{rate.reset / SECOND:.3f}s",
    }
