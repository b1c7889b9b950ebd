"""What a page's address asks for: texts, words of a list, and days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import msgspec

from limner.errors import BadRequest
from limner.ids import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from limner.console.frame import Visit

LONGEST = 500
MOST_DAYS = 366


class Period(msgspec.Struct, frozen=True):
    """Whole days of UTC, the last one with them."""

    first: date
    last: date

    @property
    def start(self) -> int:
        """The first moment, microseconds."""
        return beginning(self.first)

    @property
    def end(self) -> int:
        """The first moment after it, microseconds."""
        return end(self.last) + 1

    @property
    def days(self) -> list[date]:
        """Every day."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


def today() -> date:
    """Give the day that it is in UTC."""
    return datetime.now(UTC).date()


def beginning(day: date) -> int:
    """Give the first moment of a day, microseconds."""
    return int(datetime.combine(day, time(), UTC).timestamp()) * SECOND


def end(day: date) -> int:
    """Give the last moment of a day, microseconds."""
    return beginning(day + timedelta(days=1)) - 1


def day_of(moment: int) -> date:
    """Give the day that a moment lies in."""
    return datetime.fromtimestamp(moment // SECOND, UTC).date()


def text(visit: Visit, name: str) -> str | None:
    """Read a text, made `plain`, without the blanks around it; None for nothing."""
    return plain(visit.query.get(name, "")).strip()[:LONGEST] or None


def plain(given: str) -> str:
    """Put U+FFFD for NUL, which PostgreSQL's texts cannot hold."""
    return given.replace("\0", "\N{REPLACEMENT CHARACTER}")


def choice(visit: Visit, name: str, offered: Iterable[str]) -> str | None:
    """Read one of the words offered; raises `BadRequest` naming the parameter."""
    given, words = text(visit, name), list(offered)
    if given is not None and given not in words:
        raise BadRequest(f"{name} must be one of {', '.join(words)}.", param=name)
    return given


def day(visit: Visit, name: str) -> date | None:
    """Read a day; raises `BadRequest` naming the parameter."""
    given = text(visit, name)
    if given is None:
        return None
    try:
        found = date.fromisoformat(given)
    except ValueError:
        found = date.min
    if not 2000 <= found.year < 3000:
        raise BadRequest(f"{name} must be a day, written YYYY-MM-DD.", param=name)
    return found


def period(visit: Visit) -> Period:
    """Read `from` and `to`, without which it is the month so far; raises `BadRequest` naming the parameter."""
    last = day(visit, "to") or today()
    first = day(visit, "from") or last.replace(day=1)
    if first > last:
        raise BadRequest("from must not be later than to.", param="from")
    if (last - first).days >= MOST_DAYS:
        raise BadRequest(f"The time from from to to may have at most {MOST_DAYS} days.", param="from")
    return Period(first, last)
