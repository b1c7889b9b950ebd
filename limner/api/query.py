"""Reading the parameters in a URL's query: typed, within bounds, and named when they are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner.errors import BadRequest
from limner.ids import SECOND

if TYPE_CHECKING:
    from starlette.requests import Request

LATEST = 1e11
"""The latest time that is understood, Unix seconds; milliseconds by mistake lie beyond it."""


def integer(request: Request, name: str, default: int, *, least: int, most: int) -> int:
    """Read a whole number; raises `BadRequest` naming it."""
    given = request.query_params.get(name)
    if given is None:
        return default
    digits = given.lstrip("0") or "0"
    if not given.isascii() or not given.isdigit() or len(digits) > 12 or not least <= int(digits) <= most:
        raise BadRequest(f"{name} must be a whole number from {least} to {most}.", param=name)
    return int(digits)


def text(request: Request, name: str) -> str | None:
    """Read a text as it is given, made `plain`."""
    given = request.query_params.get(name)
    return None if given is None else plain(given)


def plain(given: str) -> str:
    """Put U+FFFD for NUL, which PostgreSQL's texts cannot hold: nothing goes by such a name."""
    return given.replace("\0", "\N{REPLACEMENT CHARACTER}")


def choice(request: Request, name: str, offered: tuple[str, ...]) -> str | None:
    """Read one of the words offered; raises `BadRequest` naming the parameter."""
    given = request.query_params.get(name)
    if given is not None and given not in offered:
        raise BadRequest(f"{name} must be one of {', '.join(offered)}.", param=name)
    return given


def moment(given: str | float | None, name: str) -> int | None:
    """Read Unix seconds as microseconds; raises `BadRequest` naming the parameter."""
    if given is None:
        return None
    try:
        seconds = float(given)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < LATEST:
        raise BadRequest(f"{name} must be a time in Unix seconds.", param=name)
    return round(seconds * SECOND)
