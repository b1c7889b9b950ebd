"""What a dispatcher is: it knows who runs a task and when, and nothing of what a task is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Coroutine

    from limner.db import Transaction
    from limner.dispatch.lanes import Lane

T = TypeVar("T")


class Work(Protocol):
    """What there is to do, seen from a dispatcher; `Generations` is it."""

    async def claim_next(self, engine: str, models: list[str], most: int) -> list[Any]:
        """Begin up to `most` of the tasks that wait, in the order of the line."""

    async def wait_elsewhere(self, model: str, engine: str) -> bool:
        """Whether tasks wait for a model in the line of another engine than this."""

    async def carry_out(self, task: Any) -> None:
        """Bring a task that was begun, and holds a slot of its lane, to its end."""


class Dispatcher(Protocol):
    """Runs tasks; built once in `bootstrap`, given its work by `run`."""

    def lane(self, model: str) -> Lane | None:
        """Give the slots for a model; None when this node does not paint it."""

    def enqueue(self, tx: Transaction, task_id: str, model: str, turn: int) -> None:
        """Let the queue know of a waiting task, in the transaction of its row."""

    def arrived(self, model: str) -> None:
        """Say that the row of a waiting task is committed."""

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run a coroutine to its end, whether or not anybody waits for it."""

    async def run(self, work: Work) -> None:
        """Begin what waits, whenever there is a slot for it, until cancelled."""

    async def tend(self) -> None:
        """Look after what the dead have left in the queue itself."""

    async def drain(self, patience: float) -> None:
        """Let what runs finish for `patience` seconds, then cancel it."""

    async def close(self) -> None:
        """Let go of connections."""
