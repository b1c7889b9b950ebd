"""Upkeep: what a node does besides its work: say that it lives, look after the dead, clear away what is over."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from limner import assets, inboxes, nodes, sessions
from limner.db import DatabaseError
from limner.ids import SECOND, now
from limner.nodes import BEAT_EVERY, Lookout, Node

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from limner.assets import Assets
    from limner.credentials import Verifier
    from limner.db import Database
    from limner.dispatch.base import Dispatcher
    from limner.generations import Generations
    from limner.inputs import Inputs
    from limner.offering import Offering
    from limner.telemetry import Telemetry

LOOK_EVERY = 3.0
SWEEP_EVERY = 60.0
ORPHAN_AGE = 3600
"""Seconds between two looks after the dead and between two sweeps, and the age of a file that no row knows of."""

WRITE_EVERY = 10.0
"""Seconds between two notes of when credentials were last used."""

FRESH = 30
"""Seconds since its last beat within which another node's key matters; clocks may differ by as much."""

LOST_AFTER = 30.0
"""Seconds after which a task that this node has, and does not work on, is put back: its end could not be written."""

SWEPT_AT_ONCE = 200


class Upkeep:
    """The housekeeping of one node; built once in `bootstrap`."""

    def __init__(
        self,
        database: Database,
        generations: Generations,
        dispatcher: Dispatcher,
        store: Assets,
        offering: Offering,
        *,
        inputs: Inputs,
        verifier: Verifier,
        telemetry: Telemetry,
        node: Node,
        retention: int,
    ) -> None:
        """Say who is to be looked after: `verifier` knows which credentials were used, `node` is this one.

        `retention` is how long pictures that came with requests are kept, seconds.
        """
        self._database, self._generations, self._dispatcher = database, generations, dispatcher
        self._store, self._offering, self._telemetry, self._node = store, offering, telemetry, node
        self._verifier, self._inputs, self._retention = verifier, inputs, retention
        self._lookout = Lookout()

    async def begin(self) -> None:
        """Join the others; on SQLite there are none, so whatever somebody else had in hand is taken back at once.

        Raises `DatabaseError` when another node has another secret key: neither's links would open at the other.
        """
        others = await self._database.read(nodes.everyone)
        if self._database.shared:
            self._compare_keys(others)
        await self._database.write(nodes.register, self._node)
        await self._bury([] if self._database.shared else [other.id for other in others])
        await self._generations.settle_lines()
        if not self._database.shared or not others:  # else another node may offer more than this one
            await self._generations.refuse_unoffered()

    def _compare_keys(self, others: list[Node]) -> None:
        for other in others:
            lives = now() - other.beat_at < FRESH * SECOND
            if lives and other.fingerprint != self._node.fingerprint:
                raise DatabaseError(
                    f"the node {other.name} has another secret key; set the same LIMNER_SECRET_KEY on every node"
                )

    async def run(self) -> None:
        """Do all of it again and again, until cancelled."""
        async with asyncio.TaskGroup() as loops:
            loops.create_task(self._every(BEAT_EVERY, self.beat))
            loops.create_task(self._every(LOOK_EVERY, self.look))
            loops.create_task(self._every(WRITE_EVERY, self._verifier.write_down))
            loops.create_task(self._every(LOOK_EVERY, self._offering.look))
            loops.create_task(self._every(SWEEP_EVERY, self.sweep))
            loops.create_task(self._every(ORPHAN_AGE, self.clear))

    async def _every(self, seconds: float, step: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await step()
            except Exception:
                self._telemetry.log.exception("upkeep_failed", step=step.__name__)
            await asyncio.sleep(seconds)

    async def beat(self) -> None:
        """Say that this node lives, also if it has been taken for dead meanwhile."""
        if not await self._database.write(nodes.beat, self._node.id):
            await self._database.write(nodes.register, self._node)

    async def look(self) -> None:
        """Let others go on with the work of the dead, and put back what this node has lost track of."""
        found = await self._database.read(nodes.everyone)
        await self._bury([dead for dead in self._lookout.dead(found) if dead != self._node.id])
        await self._generations.hand_back(LOST_AFTER)
        await self._dispatcher.tend()

    async def _bury(self, dead: list[str]) -> None:
        back = await self._generations.take_back(dead)
        for node in dead:
            await self._database.write(nodes.remove, node)
        if dead or back:
            self._telemetry.log.warning("took_back", nodes=dead, tasks=back)

    async def sweep(self) -> int:
        """Delete pictures that are past their time, sessions and inboxes too; how many pictures."""
        await self._database.write(inboxes.sweep)
        await self._database.write(sessions.sweep)
        swept = 0
        while gone := await self._database.read(assets.expired, SWEPT_AT_ONCE):
            await self._store.delete(gone)
            await self._database.write(assets.mark_deleted, gone)
            swept += len(gone)
        return swept

    async def clear(self) -> int:
        """Delete files that a crash left between storing a picture and writing its row, and old inputs; how many."""
        cleared = 0
        async for page in self._store.stale(ORPHAN_AGE):
            kept = await self._database.read(assets.known, [assets.identity(name) for name in page])
            strange = [name for name in page if assets.identity(name) not in kept]
            await self._store.discard(strange)
            cleared += len(strange)
        # what is kept for less than an hour may still be waited for
        async for page in self._inputs.stale(max(self._retention, ORPHAN_AGE)):
            await self._inputs.discard(page)
            cleared += len(page)
        return cleared

    async def end(self) -> None:
        """Hand back what was not finished in time, write down what is only remembered, and leave the others."""
        await self._verifier.write_down()
        back = await self._generations.hand_back()
        if back:
            self._telemetry.log.info("handed_back", tasks=back)
        await self._database.write(nodes.remove, self._node.id)
        await self._generations.take_back([])
