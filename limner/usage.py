"""Usage: what was asked, made, paid and failed, summed by time and by whatever else is wanted.

A task belongs to the time it was created in. Its pictures are the rows of its assets, whose size is the same for all of
one task; its cost is what was settled, so what is on its way has none yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Text, case, cast, func, literal, literal_column, select

from limner.db.schema import assets, tasks
from limner.ids import SECOND

if TYPE_CHECKING:
    from limner.db import Row, Transaction

Group = Literal["model", "size", "kind", "account_id", "application_id", "credential_id"]
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND
"""Widths of buckets, microseconds; all of them begin with the Unix epoch, so days are those of UTC."""


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """What came together in the bucket that begins at `start`; what was not grouped by is None, as is no size."""

    start: int
    calls: int
    pictures: int
    cost: int
    failures: int
    model: str | None = None
    size: str | None = None
    kind: str | None = None
    account_id: str | None = None
    application_id: str | None = None
    credential_id: str | None = None


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks count: those created from `start` on and before `end`, of one account or (None) of all.

    A list holds what is let through; None lets everything.
    """

    start: int
    end: int
    account_id: str | None
    models: list[str] | None = None
    sizes: list[str] | None = None
    kinds: list[str] | None = None
    account_ids: list[str] | None = None
    application_ids: list[str] | None = None
    credential_ids: list[str] | None = None


_PICTURES = select(func.count()).where(assets.c.task_id == tasks.c.id).scalar_subquery()
_SIZE = (
    select(cast(assets.c.width, Text) + "x" + cast(assets.c.height, Text))
    .where(assets.c.task_id == tasks.c.id)
    .order_by(assets.c.position)
    .limit(literal_column("1"))
    .scalar_subquery()
)
_COLUMNS: dict[Group, ColumnElement[Any]] = {
    "model": tasks.c.model,
    "size": _SIZE,
    "kind": tasks.c.kind,
    "account_id": tasks.c.account_id,
    "application_id": tasks.c.application_id,
    "credential_id": tasks.c.credential_id,
}


def sums(tx: Transaction, chosen: Chosen, width: int, groups: tuple[Group, ...] = ()) -> list[Sum]:
    """Sum up by buckets of `width` microseconds and by `groups`, in their order; what has no task is left out."""
    start = (tasks.c.created_at - tasks.c.created_at % literal(width)).label("start")
    each = (
        select(
            start,
            *(_COLUMNS[group].label(group) for group in groups),
            _PICTURES.label("pictures"),
            func.coalesce(tasks.c.cost, 0).label("cost"),
            case((tasks.c.status == "failed", 1), else_=0).label("failures"),
        )
        .where(*_conditions(chosen))
        .subquery()
    )
    by = [each.c.start, *(each.c[group] for group in groups)]
    added = [func.sum(each.c[name]).label(name) for name in ("pictures", "cost", "failures")]
    statement = select(*by, func.count().label("calls"), *added).group_by(*by).order_by(*by)
    return [_sum(row, groups) for row in tx.all(statement)]


def _conditions(chosen: Chosen) -> list[ColumnElement[bool]]:
    found = [tasks.c.created_at >= chosen.start, tasks.c.created_at < chosen.end]
    if chosen.account_id is not None:
        found.append(tasks.c.account_id == chosen.account_id)
    lists: list[tuple[Group, list[str] | None]] = [
        ("model", chosen.models),
        ("size", chosen.sizes),
        ("kind", chosen.kinds),
        ("account_id", chosen.account_ids),
        ("application_id", chosen.application_ids),
        ("credential_id", chosen.credential_ids),
    ]
    return found + [_COLUMNS[group].in_(let) for group, let in lists if let is not None]


def _sum(row: Row, groups: tuple[Group, ...]) -> Sum:
    # PostgreSQL adds integers up to a decimal
    found: dict[str, Any] = {name: int(row[name]) for name in ("start", "calls", "pictures", "cost", "failures")}
    return Sum(**found, **{group: row[group] for group in groups})
