"""A node at work: tasks, callbacks and upkeep for as long as it stands, and a stop that loses nothing.

`limner serve` works beside its answers; `limner worker` does nothing else.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from limner.bootstrap import bootstrap
from limner.db import dialect_of
from limner.telemetry import configure_logs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from limner.bootstrap import Services
    from limner.settings import Settings


@asynccontextmanager
async def working(services: Services) -> AsyncIterator[None]:
    """Work in the background for the length of a block; at its end let go of nothing that would be lost.

    What runs may finish for as long as the settings say, the rest goes back into the line for others or the next start.
    """
    await services.upkeep.begin()
    keeping = asyncio.create_task(services.upkeep.run())
    calling = asyncio.create_task(services.courier.run())
    painting = asyncio.create_task(services.dispatcher.run(services.generations))
    try:
        yield
    finally:
        services.feed.end()
        painting.cancel()
        await services.dispatcher.drain(services.settings.drain)
        for loop in (painting, calling, keeping):
            loop.cancel()
            with suppress(asyncio.CancelledError):
                await loop
        await services.upkeep.end()


def work(settings: Settings) -> None:
    """Be a worker of a fleet until interrupted; raises `ValueError` without a PostgreSQL database."""
    if not settings.database_url or dialect_of(settings.database_url) != "postgresql":
        raise ValueError(
            "a worker shares a PostgreSQL database with those who serve: set LIMNER_DATABASE_URL=postgresql://..."
        )
    configure_logs(settings.log_level)
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for what in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(what, stopped.set)
    async with bootstrap(settings, role="worker") as services, working(services):
        sys.stdout.write(f"limner worker {services.node.name} paints {services.node.models or 'nothing'}\n")
        sys.stdout.flush()
        await stopped.wait()
