"""What is on offer while the server runs: an admin's decisions laid over the catalogue, here and at every node.

It joins offers and the catalogue. A decision is felt at once where it is made, and elsewhere at the next look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from limner import audit, offers
from limner.catalog import Catalogue, CatalogueError
from limner.db import Duplicate
from limner.errors import BadRequest, NotFound
from limner.offers import Offer

if TYPE_CHECKING:
    from collections.abc import Collection

    from limner.db import Database, Transaction
    from limner.telemetry import Telemetry


class Offering:
    """Keeps a node's catalogue as admins want it; built once in `bootstrap`."""

    def __init__(
        self, database: Database, catalogue: Catalogue, engines: Collection[str], telemetry: Telemetry
    ) -> None:
        """`engines` are those that this installation can build."""
        self._database, self._catalogue, self._telemetry = database, catalogue, telemetry
        self.engines = tuple(name for name in catalogue.engines if name in engines)
        self._seen: list[Offer] = []

    async def begin(self) -> None:
        """Lay all decisions over the catalogue before anything is built from it: engines are chosen only now."""
        self._seen = await self._database.read(offers.everything)
        self._catalogue.overrule({offer.model: offer.table for offer in self._seen}, engines=self.engines)
        for model, why in self._catalogue.misfits.items():
            self._telemetry.log.warning("offer_does_not_fit", model=model, why=why)

    async def look(self) -> None:
        """Take up what was decided since the last look."""
        found = await self._database.read(offers.everything)
        if found != self._seen:
            self._seen = found
            self._catalogue.overrule({offer.model: offer.table for offer in found})

    def decided(self, model: str) -> Offer:
        """Say what was decided about a model, as far as this node has seen."""
        return next((offer for offer in self._seen if offer.model == model), Offer(model=model))

    async def decide(self, actor: str, act: str, model: str, changes: dict[str, Any]) -> None:
        """Decide `enabled`, `engine` or `prices` of a model, None for "as the files say", and write down who did.

        Raises `NotFound` for a model there is not, `BadRequest` for what would not fit.
        """
        await self.look()
        if model not in self._catalogue.known:
            raise NotFound(f"There is no model {model!r}.")
        self._try(msgspec.structs.replace(self.decided(model), **changes))
        try:
            await self._database.write(_decided, actor, act, model, changes)
        except Duplicate:
            await self._database.write(_decided, actor, act, model, changes)
        await self.look()

    def _try(self, offer: Offer) -> None:
        """Refuse what would not fit with the engine of now, or with the one of the next start."""
        table = offer.table
        engine = table.pop("engine", None)
        if engine is not None and engine not in self.engines:
            raise BadRequest(f"There is no engine {engine!r} here.", param="engine")
        following = engine or self._catalogue.own_engines[offer.model]
        try:
            self._catalogue.overruled(offer.model, table)
            self._catalogue.overruled(offer.model, {**table, "engine": following})
        except CatalogueError as error:
            raise BadRequest(f"That does not fit: {error}.") from error


def _decided(tx: Transaction, actor: str, act: str, model: str, changes: dict[str, Any]) -> None:
    before = offers.find(tx, model)
    offers.decide(tx, model, changes)
    was = {name: getattr(before, name) for name in changes}
    audit.record(tx, actor, act, model, **{"from": was, "to": changes})
