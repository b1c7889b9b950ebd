"""Offers: what an admin decided about a model while the server runs, laid over the catalogue's files.

A row says whether the model is on offer, what it costs and which engine answers; what is null was not decided. Rows
are never deleted, so that every node sees what was taken back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import bindparam, select, update

from limner.db.schema import model_overrides
from limner.ids import now

if TYPE_CHECKING:
    from limner.db import Row, Transaction

Prices = dict[str, list[tuple[int, int]]]
"""By quality, the bands of the catalogue: the most pixels and the price in micro-credits."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about one model; None where nothing was. `changed_at` is microseconds."""

    model: str
    enabled: bool | None = None
    engine: str | None = None
    prices: Prices | None = None
    changed_at: int = 0

    @property
    def table(self) -> dict[str, Any]:
        """What was decided, in the words of the catalogue's files."""
        told = {"enabled": self.enabled, "engine": self.engine, "prices": self.prices}
        return {name: value for name, value in told.items() if value is not None}


_ALL = select(model_overrides).order_by(model_overrides.c.id)
_BY_MODEL = select(model_overrides).where(model_overrides.c.id == bindparam("which"))
_SET = (
    update(model_overrides)
    .where(model_overrides.c.id == bindparam("which"))
    .values(enabled=bindparam("on"), engine=bindparam("by"), prices=bindparam("costs"), changed_at=bindparam("at"))
)


def everything(tx: Transaction) -> list[Offer]:
    """List all decisions."""
    return [_offer(row) for row in tx.all(_ALL)]


def find(tx: Transaction, model: str) -> Offer:
    """Find what was decided about a model, if anything was."""
    row = tx.one(_BY_MODEL, which=model)
    return _offer(row) if row else Offer(model=model)


def decide(tx: Transaction, model: str, changes: dict[str, Any]) -> Offer:
    """Write what was decided anew: any of `enabled`, `engine` and `prices`, None for "as the files say".

    Raises `Duplicate` where somebody else made the model's first decision at the same moment.
    """
    known = tx.one(_BY_MODEL, which=model) is not None
    offer = msgspec.structs.replace(find(tx, model), **changes, changed_at=now())
    on = None if offer.enabled is None else int(offer.enabled)
    prices = msgspec.json.encode(offer.prices).decode() if offer.prices is not None else None
    if known:
        tx.run(_SET, which=model, on=on, by=offer.engine, costs=prices, at=offer.changed_at)
    else:
        tx.insert(
            model_overrides, id=model, enabled=on, engine=offer.engine, prices=prices, changed_at=offer.changed_at
        )
    return offer


def _offer(row: Row) -> Offer:
    return Offer(
        model=row["id"],
        enabled=None if row["enabled"] is None else bool(row["enabled"]),
        engine=row["engine"],
        prices=msgspec.json.decode(row["prices"], type=Prices) if row["prices"] else None,
        changed_at=row["changed_at"],
    )
