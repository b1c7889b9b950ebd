"""The fleet's dispatcher: Procrastinate on PostgreSQL carries the ids of waiting tasks to the nodes that paint.

A job is put into the queue in the transaction of the task's own row, in the queue of its model, with its turn as the
priority. It is a ticket: whoever draws it begins the first in the line of that model, and the rows say which that is
(`docs/decisions/0007-the-fleet.md`). There are never fewer tickets than tasks that wait; one too many finds nothing.
"""

from __future__ import annotations

import asyncio
import logging
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import psycopg
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker
from sqlalchemy import text

from limner.dispatch.local import Running

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procrastinate.jobs import Job
    from procrastinate.tasks import Task

    from limner.db import Transaction
    from limner.dispatch.base import Work
    from limner.dispatch.lanes import Lane

TASK = "generation"
BEAT, STALLED = 2.0, 10.0
"""Seconds between a worker's heartbeats, and after how many without one its jobs are given to others."""

POLL = 1.0
"""Seconds after which a worker looks for itself: a job that is tried again is announced to nobody."""

CONNECTIONS = 4
AGAIN = 1
"""Seconds before a worker that lost the database is started again."""

logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # what matters is told by our own log


class UnusedTicket(Exception):  # noqa: N818 - it says what is so
    """A job that this node cannot use any more; it is tried again."""


class _LaterForAnother(BaseRetryStrategy):
    """Puts a ticket back for a while of chance length.

    Nodes look at the same pace. After a fixed while, the one that cannot use a ticket could draw it each time.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:  # noqa: ARG002 - any of both
        """Say when it may be drawn again."""
        return RetryDecision(retry_at=datetime.now(UTC) + timedelta(seconds=random.uniform(0, 2 * POLL)))


_TICKETS = text(
    "SELECT args->>'task_id' AS task_id FROM procrastinate_jobs WHERE task_name = :task AND status = 'todo'"
)


def ticketed(tx: Transaction) -> set[str]:
    """Tell which tasks have a job in the queue."""
    return {row["task_id"] for row in tx.all(_TICKETS, task=TASK)}


async def _declared(task_id: str) -> None:
    """Stand for the job where it is only deferred, not run."""


def _declare(app: App) -> Task[Any, Any, Any]:
    return app.task(name=TASK)(_declared)


class FleetDispatcher(Running):
    """Puts tasks into the queue and runs those of its lanes; built once in `bootstrap`."""

    def __init__(self, url: str, lanes: Sequence[Lane]) -> None:
        """`url` is the database's; a node without lanes only puts tasks into the queue."""
        super().__init__(lanes)
        self._deferred = _declare(App(connector=SyncPsycopgConnector()))
        self._app = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=CONNECTIONS))
        self._opened, self._opening = False, asyncio.Lock()
        self._drawn: set[asyncio.Task[list[Any]]] = set()

    def enqueue(self, tx: Transaction, task_id: str, model: str, turn: int) -> None:
        """Defer the job of a waiting task on the connection of its row's transaction: both are committed, or neither.

        A lower turn goes first, and in the queue a higher priority does.
        """
        connection = cast("Any", tx).connection
        try:
            self._deferred.configure(queue=model, priority=-turn, connection=connection).defer(task_id=task_id)
        except ConnectorException as error:
            raise (error.__cause__ or error) from error

    def arrived(self, model: str) -> None:
        """Do nothing: the commit has told the workers."""

    async def _open(self) -> App:
        async with self._opening:
            if not self._opened:
                await self._app.open_async()
                self._opened = True
        return self._app

    async def run(self, work: Work) -> None:
        """Run a worker for each lane, and start it again when it loses the database, until cancelled."""
        async with asyncio.TaskGroup() as workers:
            for lane in self.lanes:
                workers.create_task(self._work(lane, work))

    async def _work(self, lane: Lane, work: Work) -> None:
        while True:
            try:
                await self._worker(await self._open(), lane, work).run()  # type: ignore[no-untyped-call]
            except (ConnectorException, psycopg.Error, OSError) as error:
                logging.getLogger(__name__).warning("a worker lost the database: %s", error)
            await asyncio.sleep(AGAIN)

    def _worker(self, app: App, lane: Lane, work: Work) -> Worker:
        """Make a worker that draws tickets; it has no more at once than the lane has slots, so others get the rest."""
        mine = App(connector=app.connector)

        @mine.task(name=TASK, pass_context=True, retry=_LaterForAnother())
        async def paint(context: JobContext, task_id: str) -> None:  # noqa: ARG001 - the ticket's name, for people
            await self._use(context.job.queue, lane, work)

        del paint
        return Worker(
            mine,
            queues=list(lane.models),
            concurrency=lane.slots,
            fetch_job_polling_interval=POLL,
            update_heartbeat_interval=BEAT,
            stalled_worker_timeout=STALLED,
            delete_jobs="always",
            install_signal_handlers=False,
        )

    async def _use(self, model: str, lane: Lane, work: Work) -> None:
        """Use a ticket; raises, so that it goes back into the queue, when this node stops before it was of use."""
        drawn = asyncio.create_task(self._begin(model, lane, work))
        self._drawn.add(drawn)
        drawn.add_done_callback(self._drawn.discard)
        await asyncio.wait([drawn])
        if drawn.cancelled():
            raise UnusedTicket
        begun = drawn.result()
        if begun:
            await asyncio.wait([self.start(work.carry_out(begun[0]))])
        elif await work.wait_elsewhere(model, lane.engine):
            raise UnusedTicket  # it is for a node at which another engine answers for the model

    async def _begin(self, model: str, lane: Lane, work: Work) -> list[Any]:
        """Wait for a slot, then begin the first in the line of a model; the slot is given back if there is none."""
        await lane.take()
        begun: list[Any] = []
        try:
            begun = await work.claim_next(lane.engine, [model], 1)
        finally:
            if not begun:
                lane.give_back()
        return begun

    async def drain(self, patience: float) -> None:
        """Give back the tickets that wait for a slot, then let what runs finish."""
        for drawn in self._drawn:
            drawn.cancel()
        await super().drain(patience)

    async def tend(self) -> None:
        """Put the jobs of dead workers back into the queue; a task that is not waiting any more takes no notice."""
        manager = (await self._open()).job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
            try:
                await manager.retry_job(job)
            except ConnectorException:
                continue  # another node was quicker

    async def close(self) -> None:
        """Close the connections."""
        if self._opened:
            await self._app.close_async()
