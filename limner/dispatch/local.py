"""The local dispatcher: this process alone runs what the rows say, at most as much at once as its lanes have slots."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from limner.db import Transaction
    from limner.dispatch.base import Work
    from limner.dispatch.lanes import Lane

T = TypeVar("T")
AT_ONCE = 32
"""How many waiting tasks are begun in one transaction, at most."""


class Running:
    """Lanes and the coroutines on their way; what both dispatchers are made of."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        """`lanes` are those of the models this node paints; none for a node that only takes requests."""
        self.lanes = tuple(lanes)
        self._lane_of = {model: lane for lane in lanes for model in lane.models}
        self._running: set[asyncio.Task[Any]] = set()

    def lane(self, model: str) -> Lane | None:
        """Give the slots for a model; None when this node does not paint it."""
        return self._lane_of.get(model)

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run the work to its end, whether or not anybody waits for it."""
        running = asyncio.get_running_loop().create_task(work)
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        return running

    async def drain(self, patience: float) -> None:
        """Let what runs finish for `patience` seconds, then cancel it; its rows are to be put back."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=patience)
            for work in late:
                work.cancel()
            await asyncio.gather(*late, return_exceptions=True)


class LocalDispatcher(Running):
    """Takes the next task from the rows whenever a lane has a slot; built once in `bootstrap`."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        """See `Running`."""
        super().__init__(lanes)
        self._arrivals = {lane: asyncio.Event() for lane in lanes}

    def enqueue(self, tx: Transaction, task_id: str, model: str, turn: int) -> None:
        """Do nothing: the row itself is the queue."""

    def arrived(self, model: str) -> None:
        """Wake the lane of a model, if there is one here."""
        lane = self.lane(model)
        if lane is not None:
            self._arrivals[lane].set()

    async def run(self, work: Work) -> None:
        """Begin what waits, whenever there is a slot for it, until cancelled."""
        for arrival in self._arrivals.values():
            arrival.set()  # whatever an earlier process has left
        async with asyncio.TaskGroup() as pulling:
            for lane in self.lanes:
                pulling.create_task(self._pull(lane, work))

    async def _pull(self, lane: Lane, work: Work) -> None:
        arrival = self._arrivals[lane]
        while True:
            await arrival.wait()
            await lane.take()
            slots = 1
            while slots < AT_ONCE and lane.try_take():
                slots += 1
            arrival.clear()  # before the look, so that what arrives during it is looked for again
            begun: list[Any] = []
            try:
                begun = await work.claim_next(lane.engine, list(lane.models), slots)
            finally:
                for _ in range(slots - len(begun)):
                    lane.give_back()
            for task in begun:
                self.start(work.carry_out(task))
            if len(begun) == slots:
                arrival.set()

    async def tend(self) -> None:
        """Do nothing: nobody else can have died in the middle of this queue."""

    async def close(self) -> None:
        """Do nothing: there is nothing to let go of."""
