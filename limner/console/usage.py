"""What an account used and paid: a table by day and model, the ledger, and both as CSV (RFC 4180)."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response, StreamingResponse

from limner import quotas, usage
from limner.console import query
from limner.console.frame import page
from limner.ids import SECOND

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from limner.console.frame import Visit
    from limner.console.query import Period
    from limner.db import Transaction
    from limner.quotas import Movement
    from limner.usage import Sum

ROWS = 25
AT_ONCE = 1_000
USED = ("day", "model", "calls", "pictures", "cost_microcredits")
MOVED = ("time", "kind", "amount_microcredits", "balance_microcredits", "task_id")
SAID = {
    "grant": "Granted",
    "hold": "Held for a task",
    "settle": "Settled: the rest of the hold",
    "release": "Given back: nothing was made",
}


class Known(msgspec.Struct, frozen=True):
    """What the page is made from."""

    balance: int
    sums: list[Sum]
    movements: list[Movement]


async def show_usage(visit: Visit) -> Response:
    """Show what was used by day and model, and the ledger's movements."""
    period = query.period(visit)
    after, before = query.text(visit, "after"), query.text(visit, "before")
    known = await visit.services.database.read(_known, visit.user.account_id, period, after, before)
    more = len(known.movements) > ROWS
    shown = known.movements[-ROWS:] if before else known.movements[:ROWS]
    range_ = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    return visit.render(
        "usage.html",
        page="usage",
        period=period,
        query=urlencode(range_),
        rows=[(query.day_of(one.start), one) for one in reversed(known.sums)],
        total={name: sum(getattr(one, name) for one in known.sums) for name in ("calls", "pictures", "cost")},
        balance=known.balance,
        movements=[(one, SAID.get(one.kind, one.kind)) for one in shown],
        newer=_link(range_, before=shown[0].id) if shown and (more if before else after) else None,
        older=_link(range_, after=shown[-1].id) if shown and (before or more) else None,
    )


def _link(period: dict[str, str], **place: str) -> str:
    return f"/console/usage?{urlencode(period | place)}#movements"


def _known(tx: Transaction, account_id: str, period: Period, after: str | None, before: str | None) -> Known:
    return Known(
        quotas.balance(tx, account_id),
        _used(tx, account_id, period),
        quotas.movements(tx, account_id, limit=ROWS + 1, after=after, before=before),
    )


def _used(tx: Transaction, account_id: str, period: Period) -> list[Sum]:
    chosen = usage.Chosen(start=period.start, end=period.end, account_id=account_id)
    return usage.sums(tx, chosen, usage.DAY, ("model",))


async def get_usage_csv(visit: Visit) -> Response:
    """Give the table as CSV."""
    period = query.period(visit)
    sums = await visit.services.database.read(_used, visit.user.account_id, period)
    rows = ((query.day_of(one.start), one.model, one.calls, one.pictures, one.cost) for one in sums)
    return Response(_written([USED, *rows]), headers=_headers("usage", period))


async def get_ledger_csv(visit: Visit) -> Response:
    """Give the movements as CSV."""
    period = query.period(visit)
    return StreamingResponse(_moved(visit, period), headers=_headers("ledger", period))


async def _moved(visit: Visit, period: Period) -> AsyncIterator[str]:
    """Write the movements, some at a time: there may be any number."""
    database, after = visit.services.database, ""
    yield _written([MOVED])
    while True:
        found = await database.read(
            quotas.between, visit.user.account_id, period.start, period.end, limit=AT_ONCE, after=after
        )
        if not found:
            return
        after = found[-1].id
        yield _written((_when(one.at), one.kind, one.amount, one.balance, one.task_id) for one in found)


def _when(at: int) -> str:
    return datetime.fromtimestamp(at / SECOND, UTC).isoformat(timespec="milliseconds")


def _headers(what: str, period: Period) -> dict[str, str]:
    return {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": f'attachment; filename="limner-{what}-{period.first}-{period.last}.csv"',
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }


def _written(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def cell(value: Any) -> Any:
    """Make a text that a spreadsheet would take for a formula plain: an apostrophe in front shows it as it is."""
    dangerous = isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r", "\n"}
    return f"'{value}" if dangerous else value


show_usage_page = page("/console/usage", show_usage, needs="user")
get_usage_csv_page = page("/console/usage.csv", get_usage_csv, needs="user")
get_ledger_csv_page = page("/console/ledger.csv", get_ledger_csv, needs="user")
