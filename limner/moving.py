"""Moving up, behind `limner migrate --to`: an installation on SQLite becomes one on PostgreSQL.

The source is brought into the state that its own next start would bring it into, then copied as it is. The files go
first and the rows last, in one transaction, so whatever interrupts a move leaves nothing half: run it again. Once the
target has been used it is the truth, and moving again is refused.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy.exc import DBAPIError

from limner import assets, completion, nodes, quotas, tasks
from limner.assets import Assets
from limner.bootstrap import SECRET_FILE, data_folder, database_url, storage_url
from limner.db import dialect_of, postgres, sqlite, transfer
from limner.db.migrate import upgrade
from limner.db.schema import inboxes, ledger, messages, metadata, one_time_tokens, sessions
from limner.db.schema import nodes as nodes_table
from limner.dispatch.fleet import FleetDispatcher, ticketed
from limner.engines.base import Step
from limner.errors import NotFound
from limner.ids import SECOND, now
from limner.inputs import Inputs
from limner.storage import Storage, StorageError
from limner.upkeep import FRESH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Table

    from limner.assets import Asset
    from limner.db import Transaction
    from limner.db.postgres import PostgresSession
    from limner.db.sqlite import SqliteSession
    from limner.engines.base import Progress
    from limner.settings import Settings
    from limner.tasks import Enqueue

PASSING = frozenset({nodes_table, sessions, one_time_tokens, inboxes, messages})
"""What is of the old place or of the hour: processes, sign-ins, links to be used once, inboxes."""

TABLES = [table for table in metadata.sorted_tables if table not in PASSING]
"""What is moved, in the order of the references."""

AT_ONCE = 16
"""How many files are on their way at once."""

AFRESH = "begin with an empty database if you mean it"


class Copied(NamedTuple):
    """What became of one kind of things: how many there are and how many of them came over in this run."""

    what: str
    there: int
    now: int


class Moved(NamedTuple):
    """What a move did: `files` is None when they were to stay, `broken` says what could not be copied and why."""

    tables: list[Copied]
    files: Copied | None
    broken: list[str]
    balance: int
    waiting: int


class Pace:
    """Tells how far the move is."""

    def __init__(self, progress: Progress, total: int) -> None:
        """`total` is how many rows and files there are."""
        self._progress, self._total, self._done = progress, max(total, 1), 0

    def went(self, stage: str, done: int) -> None:
        """Count so many rows or files more."""
        self._done += done
        self._progress(Step(stage, min(self._done / self._total, 1.0)))


def move(settings: Settings, to: str, storage: str | None, progress: Progress) -> Moved:
    """Copy the settings' installation to the PostgreSQL database `to`, and its files to `storage` if that is given.

    Raises `ValueError` for what cannot be moved, or cannot be moved there; nothing has been changed there then, but
    for its schema. Raises `DatabaseLocked` when the source is being served, `StorageError` when the new storage fails.
    """
    source = _source(settings)
    if dialect_of(to) != "postgresql":
        raise ValueError("only PostgreSQL can be moved to: --to postgresql://user@host/database")
    files = _Files.of(settings, storage)
    lock = sqlite.FileLock(sqlite.path_of(source))
    try:
        upgrade(source)
        _prepare(to)
        with closing(sqlite.session(source)) as old, closing(postgres.session(to)) as new:
            _settle(old)
            with _open(old), _open(new):
                moved = _move(old, new, FleetDispatcher(to, []).enqueue, files, progress)
                new.commit()
    finally:
        lock.release()
    return moved


def _source(settings: Settings) -> str:
    url = database_url(settings)
    if dialect_of(url) != "sqlite":
        raise ValueError("what is moved must be on SQLite, but LIMNER_DATABASE_URL names PostgreSQL: unset it for this")
    if not sqlite.path_of(url).is_file():
        raise ValueError(f"there is nothing to move: {sqlite.path_of(url)} is not there")
    return url


def _prepare(to: str) -> None:
    """Bring the target to the newest schema, unless somebody serves it."""
    with closing(postgres.session(to)) as new:
        if new.connection.execute("SELECT to_regclass('nodes')").fetchone() != (None,):
            _refuse_served(new)
    try:
        upgrade(to)
    except DBAPIError as error:
        what = str(error.orig).partition("\n")[0]
        raise ValueError(f"the target cannot take limner's tables ({what}); give it a database of its own") from error


def _refuse_served(tx: Transaction) -> None:
    for node in nodes.everyone(tx):
        if now() - node.beat_at < FRESH * SECOND:
            raise ValueError(
                f"the target is being served: {node.name} was there less than {FRESH} s ago. Stop it; "
                "if it was killed, try again in half a minute"
            )


@contextmanager
def _open(session: SqliteSession | PostgresSession) -> Iterator[None]:
    """Open a transaction for the length of a block; it is taken back unless it is committed in there."""
    session.begin()
    try:
        yield
    finally:
        session.rollback()


def _settle(old: SqliteSession) -> None:
    """Do to the source what its own next start would: put back what was cut off, and forget who worked on it."""
    with _open(old):
        dead = [node.id for node in nodes.everyone(old)]
        completion.orphans_back(old, dead, _nobody)
        for node in dead:
            nodes.remove(old, node)
        old.commit()


def _nobody(tx: Transaction, task_id: str, model: str, turn: int) -> None:
    """Stand for the queue where the rows are the line."""


def _move(
    old: SqliteSession, new: PostgresSession, enqueue: Enqueue, files: _Files | None, progress: Progress
) -> Moved:
    """Stage the rows, see whether they may go there, bring the files over, then make the rows what they are here."""
    counts = {table.name: transfer.count(old, table) for table in TABLES}
    pace = Pace(progress, sum(counts.values()) + (assets.stored_count(old) if files else 0))
    _refuse_unsound(old, "the source")
    transfer.lock(new, metadata.sorted_tables)
    _refuse_served(new)
    for table in TABLES:
        transfer.stage(old, new, table, lambda done: pace.went("rows", done))
    _refuse_mixing(new)
    if files is not None:
        asyncio.run(files.carry(old, pace))
    tables = [Copied(table.name, counts[table.name], transfer.merge(new, table)) for table in TABLES]
    waiting = _line_up(new, ticketed(new), enqueue)
    balance = _check(old, new, counts)
    for table in TABLES:
        transfer.mark(new, table)
    return Moved(tables, files.copied() if files else None, files.broken if files else [], balance, waiting)


def _refuse_unsound(tx: Transaction, where: str) -> None:
    wrong = quotas.audit(tx)
    if wrong:
        names = ", ".join(str(row["name"]) for row in wrong)
        raise ValueError(f"in {where} balance and ledger differ for {names}")


def _refuse_mixing(new: PostgresSession) -> None:
    """Refuse a target that holds what this source does not, or that has been changed since the last move."""
    for table in TABLES:
        if strangers := transfer.strangers(new, table):
            raise ValueError(
                f"the target has {strangers} {table.name} that the source has not: it is another installation's, "
                f"or has been in use since it was moved to; {AFRESH}"
            )
    if transfer.different(new, ledger):
        raise ValueError(f"the target's ledger says otherwise than the source's, and a ledger never changes; {AFRESH}")
    for table in TABLES:
        if transfer.touched(new, table):
            raise ValueError(
                f"the target's {table.name} are not as a move left them: they are newer, or came another way; {AFRESH}"
            )


def _line_up(tx: Transaction, known: set[str], enqueue: Enqueue) -> int:
    """Give every waiting task its job in the fleet's queue, but for those `known` to have one; how many wait."""
    waiting = tasks.waiting(tx)
    for task in waiting:
        if task.id not in known:
            enqueue(tx, task.id, task.model, task.turn)
    return len(waiting)


def _check(old: Transaction, new: PostgresSession, counts: dict[str, int]) -> int:
    """Prove that both sides hold the same and that the sums are right; the total of all balances.

    Raises `ValueError` when they do not; nothing is committed then.
    """
    wrong = [table.name for table in TABLES if not _same(new, table, counts[table.name])]
    if wrong:
        raise ValueError(f"what arrived is not what was sent, in {', '.join(wrong)}; nothing was moved")
    _refuse_unsound(new, "the target")
    totals = [quotas.total(tx) for tx in (old, new)]
    if totals[0] != totals[1]:
        raise ValueError(f"the balances come to {totals[0]} in the source and to {totals[1]} in the target")
    return totals[0]


def _same(new: PostgresSession, table: Table, count: int) -> bool:
    return transfer.count(new, table) == count and transfer.equal(new, table)


class _Files:
    """The files on their way from one storage to another."""

    def __init__(self, source: Storage, target: Storage) -> None:
        self._source, self._target = source, target
        self._from, self._to = (Assets(storage, b"", "", links="server") for storage in (source, target))
        self.there = self.now = 0
        self.broken: list[str] = []

    @classmethod
    def of(cls, settings: Settings, storage: str | None) -> _Files | None:
        """Open both storages; None when the files are to stay."""
        if storage is None:
            return None
        if storage.startswith("memory:"):
            raise ValueError("memory:// keeps nothing; give --storage a store that does")
        return cls(Storage.open(storage_url(settings)), Storage.open(storage))

    def copied(self) -> Copied:
        """Sum up."""
        return Copied("files", self.there, self.now)

    async def carry(self, old: Transaction, pace: Pace) -> None:
        """Copy every file that is there, some at once; those that cannot be read are noted in `broken`."""
        await self._target.check()
        await self._carry_inputs()
        after = ""
        while page := assets.stored(old, after, AT_ONCE):
            await asyncio.gather(*map(self._carry, page))
            after = page[-1].id
            pace.went("files", len(page))

    async def _carry_inputs(self) -> None:
        """Copy what came with requests, for some of them may be waiting."""
        async for page in Inputs(self._source).stale(0):
            for start in range(0, len(page), AT_ONCE):
                await asyncio.gather(*map(self._carry_input, page[start : start + AT_ONCE]))

    async def _carry_input(self, name: str) -> None:
        if await self._target.size(name) is None:
            data = await self._source.get(name)
            if data is None:  # gone meanwhile
                return
            await self._target.put(name, data)
            self.now += 1
        self.there += 1

    async def _carry(self, asset: Asset) -> None:
        if await self._arrived(asset):
            self.there += 1
            return
        data, problem = await self._read(asset)
        if problem:
            self.broken.append(f"{asset.name} {problem}")
            return
        await self._to.save(asset.name, data)
        self.there, self.now = self.there + 1, self.now + 1

    async def _read(self, asset: Asset) -> tuple[bytes, str]:
        """Fetch a picture's bytes, and say what is wrong with them."""
        try:
            data = await self._from.load(asset.name)
        except NotFound:
            return b"", "is missing"
        except StorageError as error:
            return b"", f"cannot be read: {error}"
        whole = hashlib.sha256(data).hexdigest() == asset.sha256
        return data, "" if whole else "is damaged: its SHA-256 is not the one in its row"

    async def _arrived(self, asset: Asset) -> bool:
        try:
            return await self._to.size(asset.name) == asset.size
        except NotFound:
            return False


def report(settings: Settings, moved: Moved) -> str:
    """Say to a person what was moved, what is wrong, and what to do next; no secret is in it."""
    rows = [*moved.tables, *([moved.files] if moved.files else [])]
    lines = [f"{'':12}  {'there':>9}  {'copied now':>10}"]
    lines += [f"{row.what:12}  {row.there:>9}  {row.now:>10}" for row in rows]
    total = f"{moved.balance / quotas.CREDIT:.6f} credits"
    lines += ["", f"Both sides hold the same rows; every balance is the sum of its ledger, all together {total}."]
    if moved.waiting:
        lines.append(f"{moved.waiting} tasks wait for a server on the new database.")
    if moved.broken:
        lines += ["", f"{len(moved.broken)} files could not be copied:", *(f"  {line}" for line in moved.broken)]
    return "\n".join([*lines, "", *_next(settings, moved)])


def _next(settings: Settings, moved: Moved) -> list[str]:
    key = data_folder(settings) / SECRET_FILE
    stay = "<as it is now>" if settings.storage_url else storage_url(settings)
    return [
        "Do not start the old server again. Start the new ones, all of them, with",
        "  LIMNER_DATABASE_URL=<what --to says>",
        f"  LIMNER_STORAGE_URL={'<what --storage says>' if moved.files else stay}",
        f"  LIMNER_SECRET_KEY=<{'as it is now' if settings.secret_key else f'the content of {key}'}>",
    ]
