"""Whom to ask next: the state of each upstream, and the choice among the ways to a model.

Pure arithmetic on a clock in seconds that is handed in; nothing here waits or calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping

    from limner.engines.openai_images.options import Route

LONGEST_REST = 300.0
MINUTE = 60.0


class Breaker:
    """A circuit breaker: after so many failures in a row nobody is let through, then one who tries, then all again.

    Source: M. Nygard, Release It! (2007), "Circuit Breaker". The rest doubles with every try that fails.
    """

    def __init__(self, failures: int, rest: float) -> None:
        """`failures` in a row open it, for `rest` seconds at first."""
        self._most, self._rest = failures, rest
        self._failed, self._opened, self._until, self._trying = 0, 0, 0.0, False

    def lets(self, now: float) -> bool:
        """Whether a call would be let through now."""
        return not self._opened or (now >= self._until and not self._trying)

    def enter(self, now: float) -> bool:
        """Let a call through, or not. One that is let through must end in `succeeded`, `failed` or `left`."""
        if not self.lets(now):
            return False
        self._trying = bool(self._opened)
        return True

    def succeeded(self) -> None:
        """Note that the upstream is well."""
        self._failed, self._opened, self._trying = 0, 0, False

    def failed(self, now: float) -> None:
        """Note that a call failed, by the upstream's fault."""
        self._failed += 1
        if self._trying or (not self._opened and self._failed >= self._most):
            self._until = now + min(self._rest * 2**self._opened, LONGEST_REST)
            self._opened += 1
        self._trying = False

    def left(self) -> None:
        """Note that a call ended and says nothing of the upstream."""
        self._trying = False

    def opens_in(self, now: float) -> float:
        """Say in how many seconds somebody is let through."""
        return max(0.0, self._until - now) if self._opened else 0.0

    def state(self, now: float) -> str | None:
        """Say what is wrong, in words; None where all is well."""
        if not self._opened:
            return None
        return f"failed {self._failed} times, is tried again in {self.opens_in(now):.0f} s"


class Pace:
    """So many calls a minute, a minute's worth at once (ITU-T I.371, annex A), and rests that were asked for."""

    def __init__(self, a_minute: int) -> None:
        """0 means no limit."""
        self._interval = MINUTE / a_minute if a_minute else 0.0
        self._arrival = self._until = 0.0

    def ready_in(self, now: float) -> float:
        """Say in how many seconds the next call may begin."""
        paced = max(self._arrival, now) + self._interval - MINUTE if self._interval else now
        return max(0.0, paced - now, self._until - now)

    def take(self, now: float) -> None:
        """Take the next place, which is so many seconds off as `ready_in` says."""
        self._arrival = max(self._arrival, now) + self._interval

    def rest(self, now: float, seconds: float) -> None:
        """Begin no call for so long."""
        self._until = max(self._until, now + seconds)


class Standing(Protocol):
    """What the choice must know of an upstream."""

    breaker: Breaker
    pace: Pace

    @property
    def full(self) -> bool:
        """Whether as many calls are under way as may be."""


def choose(
    routes: Iterable[Route], upstreams: Mapping[str, Standing], now: float, chance: random.Random
) -> Route | None:
    """Choose the way to go next; None where no upstream lets anybody through.

    Those that could go at once come first, by priority and then by weighted chance (Efraimidis and Spirakis, 2006);
    then whoever is ready soonest.
    """
    best: tuple[tuple[float, ...], Route] | None = None
    for route in routes:
        upstream = upstreams[route.upstream]
        if not upstream.breaker.lets(now):
            continue
        wait = upstream.pace.ready_in(now)
        luck = -(chance.random() ** (1 / route.weight))
        rank = (float(wait > 0 or upstream.full), wait, route.priority, luck)
        if best is None or rank < best[0]:
            best = (rank, route)
    return best[1] if best else None
