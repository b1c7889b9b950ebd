"""Reading what admins' forms and addresses say, and turning a list into pages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

import msgspec

from limner.console import query
from limner.console.query import plain, text
from limner.errors import BadRequest
from limner.ids import SECOND, now
from limner.quotas import CREDIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from limner.console.frame import Visit

T = TypeVar("T")
A_PAGE = 50
MONTH = 30 * 86_400 * SECOND
MOST_CREDITS = 1_000_000_000
MOST_A_MINUTE = 1_000_000


def ident(visit: Visit) -> str:
    """Give the identifier in a page's path."""
    return plain(str(visit.request.path_params["id"]))


def asked(visit: Visit, name: str) -> str:
    """Give what the address says of a name, trimmed; empty when it says nothing."""
    return text(visit, name) or ""


def day(visit: Visit, name: str, *, following: bool = False) -> int | None:
    """Read a day as the time when it, or the `following` one, begins (UTC); raises `BadRequest` naming it."""
    found = query.day(visit, name)
    return None if found is None else query.beginning(found + timedelta(days=following))


def in_micro(given: str, param: str) -> int:
    """Read an amount of credits as micro-credits; raises `BadRequest` naming the field."""
    told = given.strip().replace("\N{MINUS SIGN}", "-")
    try:
        amount = Decimal(told) * CREDIT
    except InvalidOperation as error:
        raise BadRequest("Write a number of credits, such as 5 or 0.04.", param=param) from error
    if not amount.is_finite() or abs(amount) > MOST_CREDITS * CREDIT or amount != int(amount):
        raise BadRequest("Write a number of credits with at most six digits behind the point.", param=param)
    return int(amount)


def whole(given: str, param: str, *, least: int, most: int) -> int:
    """Read a whole number; raises `BadRequest` naming the field."""
    told = given.strip()
    digits = told.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9) or not least <= int(told) <= most:
        raise BadRequest(f"Write a whole number from {least} to {most}.", param=param)
    return int(told)


class Pages(msgspec.Struct):
    """Where the pages before and behind this one of a list are; None where there is none."""

    newest: str | None
    older: str | None


def paged(visit: Visit, rows: list[T], last: Callable[[T], str]) -> tuple[list[T], Pages]:
    """Cut a list that was read one row too long to a page; `last` names the row that the next page goes on behind."""
    path, given = visit.request.url.path, dict(visit.query)
    behind = given.pop("after", None)
    older = urlencode({**given, "after": last(rows[A_PAGE - 1])}) if len(rows) > A_PAGE else None
    newest = f"{path}?{urlencode(given)}" if given else path
    return rows[:A_PAGE], Pages(newest if behind else None, f"{path}?{older}" if older else None)


def month_ago() -> int:
    """Give the time thirty days ago."""
    return now() - MONTH
