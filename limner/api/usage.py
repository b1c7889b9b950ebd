"""`GET /v1/organization/usage/images`: usage in OpenAI's shape, by time buckets and whatever it is grouped by.

In OpenAI's words a project is an application, a user an account and an API key a credential. A caller sees its own
account. Buckets are those of UTC; the first and the last are cut to the time that was asked for.
"""

from __future__ import annotations

import base64
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from limner import usage
from limner.api import wire
from limner.api.auth import authenticate, is_account_token, manage
from limner.api.context import context_of, services_of
from limner.api.query import LATEST, choice, integer, plain
from limner.errors import BadRequest
from limner.ids import SECOND, now
from limner.usage import Chosen, Group, Sum

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

SOURCES = {
    "images_generations": "image.generation",
    "images_edits": "image.edit",
    "images_variations": "image.variation",
}
KINDS = {source: kind for kind, source in SOURCES.items()}
GROUPS: dict[str, Group] = {
    "project_id": "application_id",
    "user_id": "account_id",
    "api_key_id": "credential_id",
    "model": "model",
    "size": "size",
    "source": "kind",
}
WIDTHS = {"1m": (usage.MINUTE, 60, 1_440), "1h": (usage.HOUR, 24, 168), "1d": (usage.DAY, 7, 31)}
"""Each width of a bucket: microseconds, how many buckets there are without a `limit`, and how many at most."""

MOST = 100
_SIZE = re.compile(r"[0-9]{1,6}x[0-9]{1,6}", re.ASCII)
_CURSOR = re.compile(r"page_([0-9]{1,18})", re.ASCII)

PARAMETERS: dict[str, tuple[str, str]] = {
    "start_time": ("integer", "Unix seconds: what was created then or later."),
    "end_time": ("integer", "Unix seconds: what was created before; without it, up to now."),
    "bucket_width": ("string", "1m, 1h or 1d (the default)."),
    "group_by": ("array", f"Any of {', '.join(GROUPS)}: a result for each. `group_by[]` means the same."),
    "models": ("array", "Only these models."),
    "sizes": ("array", "Only pictures of these sizes, WIDTHxHEIGHT."),
    "sources": ("array", f"Only these: {', '.join(KINDS)}."),
    "project_ids": ("array", "Only these applications."),
    "user_ids": ("array", "Only these accounts; a caller sees its own."),
    "api_key_ids": ("array", "Only these credentials."),
    "limit": ("integer", "How many buckets: 7 of 1d (31 at most), 24 of 1h (168), 60 of 1m (1440)."),
    "page": ("string", "Go on where a page ended: its next_page."),
}
"""What each parameter is and means, for `/openapi.json`; only `start_time` must be there."""


class UsageResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came together in a bucket; what was not grouped by is null."""

    object: str = "organization.usage.images.result"
    images: int
    num_model_requests: int
    project_id: str | None = None
    user_id: str | None = None
    api_key_id: str | None = None
    model: str | None = None
    size: str | None = None
    source: str | None = None


class UsageBucket(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time; its `results` are empty where nothing was asked for."""

    object: str = "bucket"
    start_time: int
    end_time: int
    results: list[UsageResult]


class UsagePage(msgspec.Struct, frozen=True, kw_only=True):
    """Buckets in their order, those without results too."""

    object: str = "page"
    data: list[UsageBucket]
    has_more: bool
    next_page: str | None


class Span(msgspec.Struct, frozen=True):
    """What time is asked for and shown, microseconds: buckets of `width` from `start`, cut off at `end`."""

    start: int
    end: int
    width: int

    def stops(self, most: int) -> list[int]:
        """Give where up to `most` buckets begin, and where the last one ends."""
        found = [self.start]
        while found[-1] < self.end and len(found) <= most:
            found.append(min(found[-1] - found[-1] % self.width + self.width, self.end))
        return found


async def get_usage(request: Request) -> Response:
    """Give the account's usage of pictures, a page of buckets at a time."""
    context_of(request.scope).route = "/v1/organization/usage/images"
    account_id = await _account(request)
    span, most = _span(request)
    groups = _chosen(request, "group_by", tuple(GROUPS)) or []
    stops = span.stops(most)
    chosen = Chosen(
        start=stops[0],
        end=stops[-1],
        account_id=account_id,
        models=_several(request, "models"),
        sizes=_sizes(request),
        kinds=_kinds(request),
        account_ids=_several(request, "user_ids"),
        application_ids=_several(request, "project_ids"),
        credential_ids=_several(request, "api_key_ids"),
    )
    by = tuple(GROUPS[group] for group in groups)
    sums = await services_of(request.scope).database.read(usage.sums, chosen, span.width, by)
    more = stops[-1] < span.end
    page = UsagePage(
        data=_buckets(stops, span.width, sums), has_more=more, next_page=_cursor(stops[-1]) if more else None
    )
    return wire.json_response(page, headers={"cache-control": "no-store"})


async def _account(request: Request) -> str:
    """Say whose usage it is: an account token's, or that of a credential which may read tasks."""
    if is_account_token(request.scope):
        return await manage(request.scope)
    caller = await authenticate(request.scope, "tasks.read")
    return caller.account_id


def _span(request: Request) -> tuple[Span, int]:
    """Read which time is asked for, from the page on, and how many buckets of it."""
    width, usually, most = WIDTHS[choice(request, "bucket_width", tuple(WIDTHS)) or "1d"]
    if "start_time" not in request.query_params:
        raise BadRequest("Say from when on: start_time, in Unix seconds.", param="start_time")
    start = _seconds(request, "start_time", 0)
    end = _seconds(request, "end_time", max(now() // SECOND + 1, start // SECOND))
    if end < start or (end == start and "end_time" in request.query_params):
        raise BadRequest("end_time must be later than start_time.", param="end_time")
    limit = integer(request, "limit", usually, least=1, most=most)
    return Span(_from_page(request, start, end, width), end, width), limit


def _seconds(request: Request, name: str, default: int) -> int:
    """Read whole Unix seconds as microseconds; raises `BadRequest` naming the parameter."""
    return integer(request, name, default, least=0, most=int(LATEST)) * SECOND


def _from_page(request: Request, start: int, end: int, width: int) -> int:
    """Read where the page before ended; raises `BadRequest` for what no page of this question ended with."""
    given = request.query_params.get("page")
    if given is None:
        return start
    at = _opened(given)
    if not start < at < end or at % width:
        raise BadRequest("page must be the next_page of an answer to the same question.", param="page")
    return at


def _cursor(at: int) -> str:
    return base64.urlsafe_b64encode(f"page_{at}".encode()).decode()


def _opened(cursor: str) -> int:
    """Read a cursor; -1 for what is none."""
    try:
        text = base64.b64decode(cursor.encode(), altchars=b"-_", validate=True).decode()
    except ValueError:
        return -1
    found = _CURSOR.fullmatch(text)
    return int(found[1]) if found else -1


def _several(request: Request, name: str) -> list[str] | None:
    """Read a list as OpenAI's clients send it (`name[]`) or as people write it; raises `BadRequest` for a long one."""
    query = request.query_params
    given = [plain(one) for one in query.getlist(f"{name}[]") + query.getlist(name)]
    if len(given) > MOST:
        raise BadRequest(f"{name} may name at most {MOST}.", param=name)
    return given or None


def _chosen(request: Request, name: str, offered: tuple[str, ...]) -> list[str] | None:
    """Read a list of the words offered; raises `BadRequest` naming the parameter."""
    given = _several(request, name)
    if given and not set(given) <= set(offered):
        raise BadRequest(f"{name} must be of {', '.join(offered)}.", param=name)
    return list(dict.fromkeys(given)) if given else None


def _sizes(request: Request) -> list[str] | None:
    given = _several(request, "sizes")
    if given and not all(_SIZE.fullmatch(size) for size in given):
        raise BadRequest("sizes must be written WIDTHxHEIGHT, for example 1024x1024.", param="sizes")
    return given


def _kinds(request: Request) -> list[str] | None:
    given = _chosen(request, "sources", tuple(KINDS))
    return [KINDS[source] for source in given] if given else None


def _buckets(stops: list[int], width: int, sums: list[Sum]) -> list[UsageBucket]:
    """Put the sums into their buckets, whose full ones begin at multiples of the width."""
    by_start: dict[int, list[UsageResult]] = {}
    for one in sums:
        by_start.setdefault(one.start, []).append(_result(one))
    return [
        UsageBucket(start_time=start // SECOND, end_time=end // SECOND, results=by_start.get(start - start % width, []))
        for start, end in pairwise(stops)
    ]


def _result(one: Sum) -> UsageResult:
    named: dict[str, Any] = {outside: getattr(one, inside) for outside, inside in GROUPS.items()}
    if one.kind is not None:
        named["source"] = SOURCES.get(one.kind, one.kind)
    return UsageResult(images=one.pictures, num_model_requests=one.calls, **named)
