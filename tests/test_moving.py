"""Moving up: an installation that real servers made on SQLite goes on on PostgreSQL, whatever came between."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import msgspec
import psycopg
import pytest
from sqlalchemy import select, update

from limner import accounts, audit, credentials, offers, quotas, registration, tokens
from limner import sessions as sign_ins
from limner.acquire import acquire
from limner.bootstrap import database_url
from limner.db import migrate, transaction
from limner.db.schema import accounts as accounts_table
from limner.db.schema import assets, deliveries, inboxes, messages, metadata, nodes, one_time_tokens, sessions, tasks
from limner.db.schema import ledger as ledger_table
from limner.engines.sandbox import Sandbox
from limner.ids import SECOND, new_id, now
from limner.moving import move
from limner.settings import Settings
from tests import stores
from tests.conftest import serving
from tests.databases import postgres_url
from tests.e2e.test_server import served, until_finished
from tests.test_cli import Limner, Said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Table

    from limner.db import Row
    from limner.engines.base import Job, Picture, Progress, Step
    from tests.conftest import Live

PATH = "/v1/images/generations"
LEFT = {nodes, sessions, one_time_tokens, inboxes, messages}
MOVED = [table for table in metadata.sorted_tables if table not in LEFT]


class Quick(Sandbox):
    """A sandbox that does not wait, whatever the prompt says."""

    async def generate(self, job: Job, progress: Progress) -> Picture:
        return await super().generate(msgspec.structs.replace(job, prompt="calm"), progress)


QUICK = {"sandbox": Quick, "illustrator": Quick}


@dataclass
class Installation:
    """A data folder on SQLite, what was done there, and the receiver that its callback hangs at."""

    folder: Path
    key: str
    links: list[str]
    cut_off: str
    waiting: str
    receiver: socket.socket

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"}

    def settings(self, **more: Any) -> Settings:
        fields = {"data": str(self.folder), "log_level": "error", "callback_networks": "127.0.0.0/8"} | more
        return Settings(**fields)

    @property
    def url(self) -> str:
        return database_url(self.settings())


def paint(url: str, headers: dict[str, str], **body: Any) -> dict[str, Any]:
    whole = {"model": "limner-sandbox", "prompt": "calm", "size": "256x256"} | body
    answer: dict[str, Any] = httpx.post(url + PATH, json=whole, headers=headers, timeout=60).json()
    return answer


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Pictures, a failure, a callback in hand, a task in progress and one that waits; then the power went."""
    folder = tmp_path_factory.mktemp("template")
    with socket.create_server(("127.0.0.1", 0)) as receiver:
        callback = f"http://127.0.0.1:{receiver.getsockname()[1]}/"
        with served(folder, LIMNER_CALLBACK_NETWORKS="127.0.0.0/8", LIMNER_SLOTS="1") as server:
            key, _ = server.first_call()
            headers = {"authorization": f"Bearer {key}"}
            links = [picture["url"] for picture in paint(server.url, headers, n=3)["data"]]
            assert paint(server.url, headers, prompt="fail:api_error")["error"]["code"] == "api_error"
            paint(server.url, headers, callback_url=callback, **{"async": True})
            calling, _ = receiver.accept()  # and no answer
            later = [paint(server.url, headers, prompt="delay:50", **{"async": True})["task_id"] for _ in range(2)]
        calling.close()
        made = Installation(folder, key, links, later[0], later[1], receiver)
        with transaction(made.url) as tx:
            someone = registration.register(tx, "ada@example.com", mode="open")
            tokens.create(tx, someone.account_id, "laptop")
            offers.decide(tx, "dall-e-2", {"enabled": False})
            audit.record(tx, someone.email, "switch off", "dall-e-2")
            sign_ins.begin(tx, someone.id, user_agent="", address="", life=3600 * SECOND)  # which stays behind
            other = acquire(tx, "other", free_credits=7)
            assert credentials.rotate(tx, other.key, overlap=10**12)
        yield made


@pytest.fixture
def old(template: Installation, tmp_path: Path) -> Installation:
    """A copy of that installation, to do with as one likes."""
    copy = Installation(**(vars(template) | {"folder": tmp_path / "old"}))
    shutil.copytree(template.folder, copy.folder)
    return copy


@pytest.fixture
def limner(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], old: Installation) -> Limner:
    """The command line of the old installation."""
    monkeypatch.chdir(old.folder.parent)
    for name in [name for name in os.environ if name.startswith("LIMNER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LIMNER_DATA", str(old.folder))
    return Limner(monkeypatch, capsys)


@pytest.fixture
def target() -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    with postgres_url() as url:
        yield url


def rows(url: str) -> dict[str, list[Row]]:
    """Everything that is moved, by the table."""
    with transaction(url) as tx:
        return {table.name: tx.all(select(table).order_by(table.c.id)) for table in MOVED}


def row(url: str, table: Table, **where: Any) -> Row:
    with transaction(url) as tx:
        found = tx.one(select(table).filter_by(**where))
    assert found is not None
    return found


def jobs(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [job for (job,) in connection.execute("SELECT args->>'task_id' FROM procrastinate_jobs ORDER BY 1")]


def copied(said: Said) -> dict[str, tuple[int, int]]:
    """Read the report's table: what there is, and what was copied now."""
    found = re.findall(r"^(\w+) +(\d+) +(\d+)$", said.out, re.MULTILINE)
    return {what: (int(there), int(now)) for what, there, now in found}


@contextmanager
def started(old: Installation, url: str, **more: Any) -> Iterator[Live]:
    """Serve the installation from this database."""
    with serving(old.settings(database_url=url, **more), engines=QUICK) as live:
        yield live


def opened(live: Live, link: str) -> httpx.Response:
    """Open a link that the old server gave, at the new one."""
    parts = urlsplit(link)
    return httpx.get(f"{live.url}{parts.path}?{parts.query}", follow_redirects=True)


def test_everything_arrives_and_a_second_time_changes_nothing(old: Installation, limner: Limner, target: str) -> None:
    said = limner("migrate", "--to", target)
    assert (said.status, said.err) == (0, "")
    there = rows(target)
    assert there == rows(old.url)
    assert {name for name, found in there.items() if not found} == {"attempts"}
    with transaction(target) as tx:
        assert tx.all(select(sessions)) == [], "people sign in again"
    assert copied(said) == {name: (len(found), len(found)) for name, found in there.items()}
    assert "all together" in said.out
    assert "2 tasks wait" in said.out
    assert f"LIMNER_STORAGE_URL=file://{old.folder}/files\n" in said.out
    assert f"LIMNER_SECRET_KEY=<the content of {old.folder}/secret.key>" in said.out
    assert (old.folder / "secret.key").read_text() not in said.out
    again = limner("migrate", "--to", target)
    assert copied(again) == {name: (len(found), 0) for name, found in there.items()}
    assert rows(target) == there
    assert jobs(target) == sorted([old.cut_off, old.waiting])


def test_what_was_cut_off_is_in_the_line_again(old: Installation, limner: Limner, target: str) -> None:
    assert row(old.url, tasks, id=old.cut_off)["status"] == "in_progress"
    assert row(old.url, deliveries)["node"] is not None
    limner("migrate", "--to", target)
    task, delivery = row(target, tasks, id=old.cut_off), row(target, deliveries)
    assert (task["status"], task["node"], task["started_at"], task["crashes"]) == ("queued", None, None, 1)
    assert (delivery["status"], delivery["node"]) == ("pending", None)
    assert delivery["next_at"] <= now()


def test_a_server_goes_on_where_the_old_one_stopped(old: Installation, limner: Limner, target: str) -> None:
    limner("migrate", "--to", target)
    with started(old, target) as live:
        for link in old.links:
            assert opened(live, link).content.startswith(b"\x89PNG")
        ended = [until_finished(live.url, task, old.headers) for task in (old.cut_off, old.waiting)]
        assert [record["status"] for record in ended] == ["completed", "completed"]
        assert "interrupted" in [event["kind"] for event in ended[0]["events"]]
        old.receiver.settimeout(60)
        old.receiver.accept()[0].close()
        assert len(paint(live.url, old.headers)["data"]) == 1
    with transaction(target) as tx:
        assert quotas.audit(tx) == []
    newer = rows(target)
    refused(limner, "has been in use since it was moved to", "--to", target)
    assert rows(target) == newer


def test_the_files_go_to_an_object_store(old: Installation, limner: Limner, target: str) -> None:
    given = old.folder / "files/inputs/somebody/picture"  # which came with a request
    given.parent.mkdir(parents=True)
    given.write_bytes(b"png")
    with stores.bucket() as bucket:
        said = limner("migrate", "--to", target, "--storage", bucket)
        assert (said.status, copied(said)["files"]) == (0, (5, 5))
        assert "LIMNER_STORAGE_URL=<what --storage says>" in said.out
        assert copied(limner("migrate", "--to", target, "--storage", bucket))["files"] == (5, 0)
        shutil.rmtree(old.folder / "files")
        with started(old, target, storage_url=bucket) as live:
            sent = [opened(live, link) for link in old.links]
    assert [answer.headers["content-type"] for answer in sent] == ["image/png"] * 3


def test_what_the_old_server_did_since_arrives_too(old: Installation, limner: Limner, target: str) -> None:
    files = f"file://{old.folder.parent}/new"
    limner("migrate", "--to", target, "--storage", files)
    with started(old, old.url) as live:
        for task in (old.cut_off, old.waiting):
            assert until_finished(live.url, task, old.headers)["status"] == "completed"
        paint(live.url, old.headers, n=2)
    with transaction(old.url) as tx:
        accounts.disable(tx, "other", disabled=True)
        accounts.prioritise(tx, "other", 2)
    assert rows(target) != rows(old.url)
    said = limner("migrate", "--to", target, "--storage", files)
    assert said.status == 0
    assert rows(target) == rows(old.url)
    numbers = copied(said)
    assert numbers["files"] == (8, 4)
    assert numbers["accounts"] == (3, 2)
    assert numbers["applications"][1] == 0
    assert numbers["tasks"][1] == 3
    assert "tasks wait" not in said.out
    with started(old, target, storage_url=files) as live:
        assert opened(live, old.links[0]).status_code == 200


def trap(url: str, does: str) -> None:
    """Have the target do something when the events come, which is after most of the rows."""
    migrate.upgrade(url)
    with psycopg.connect(url) as connection:
        connection.execute(
            f"CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM {does}; RETURN new; END $$"
        )
        connection.execute("CREATE TRIGGER trap BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION trap()")


def untrap(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("DROP FUNCTION trap CASCADE")


def test_a_target_that_goes_away_in_the_middle_is_left_empty(old: Installation, limner: Limner, target: str) -> None:
    trap(target, "pg_terminate_backend(pg_backend_pid())")
    said = limner("migrate", "--to", target)
    assert (said.status, said.out) == (1, "")
    assert "terminating connection" in said.err
    assert not any(rows(target).values())
    untrap(target)
    assert limner("migrate", "--to", target).status == 0
    assert rows(target) == rows(old.url)


def test_a_move_that_is_killed_in_the_middle_is_done_again(old: Installation, limner: Limner, target: str) -> None:
    trap(target, "pg_advisory_xact_lock(77)")
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(77)")
        moving = subprocess.Popen([sys.executable, "-m", "limner", "migrate", "--to", target])
        waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted"
        while connection.execute(waits).fetchone() == (0,):
            assert moving.poll() is None
        busy = limner("migrate", "--to", target)
        assert busy.status == 1
        assert f"served by another process (pid {moving.pid})" in busy.err
        moving.send_signal(signal.SIGKILL)
        assert moving.wait() == -signal.SIGKILL
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE objid = 77 AND NOT granted")
    assert not any(rows(target).values())
    untrap(target)
    assert limner("migrate", "--to", target).status == 0
    assert rows(target) == rows(old.url)


def test_missing_and_broken_files_are_told_and_the_rest_goes_on(old: Installation, limner: Limner, target: str) -> None:
    files = sorted((old.folder / "files").rglob("*.png"))
    files[0].unlink()
    files[1].write_bytes(b"\x89PNG" + bytes(files[1].stat().st_size - 4))
    files[2].unlink()
    files[2].mkdir()
    said = limner("migrate", "--to", target, "--storage", f"file://{old.folder.parent}/new")
    assert said.status == 1
    assert copied(said)["files"] == (1, 1)
    assert "3 files could not be copied" in said.out
    assert f"  {files[0].name} is missing\n" in said.out
    assert f"  {files[1].name} is damaged: its SHA-256 is not the one in its row\n" in said.out
    assert f"  {files[2].name} " in said.out
    assert rows(target) == rows(old.url)


def refused(limner: Limner, said: str, *words: str) -> None:
    """Move, and be told in one line why not."""
    ended = limner("migrate", *words)
    assert (ended.status, ended.out) == (1, "")
    assert said in ended.err
    assert "\n" not in ended.err


def test_what_cannot_be_moved(
    old: Installation, limner: Limner, target: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refused(limner, "only PostgreSQL can be moved to", "--to", f"sqlite:///{tmp_path}/other.db")
    refused(limner, "not a database URL", "--to", "nonsense")
    assert "limner: connection failed" in limner("migrate", "--to", "postgresql://nobody@127.0.0.1:1/x").err
    refused(limner, "memory:// keeps nothing", "--to", target, "--storage", "memory://")
    refused(limner, "cannot open the storage", "--to", target, "--storage", "nonsense")
    assert limner("migrate", "--storage", f"file://{tmp_path}/new").status == 2
    with started(old, old.url):
        refused(limner, f"served by another process (pid {os.getpid()})", "--to", target)
    with transaction(old.url) as tx:
        tx.run(update(accounts_table).values(balance=1))
    refused(limner, "in the source balance and ledger differ for", "--to", target)
    monkeypatch.setenv("LIMNER_DATA", str(tmp_path / "nowhere"))
    refused(limner, "nowhere/limner.db is not there", "--to", target)
    monkeypatch.setenv("LIMNER_DATABASE_URL", target)
    refused(limner, "what is moved must be on SQLite", "--to", target)
    assert not any(rows(target).values())


def test_a_target_that_is_served_is_left_alone(old: Installation, limner: Limner, target: str) -> None:
    with started(old, target):
        refused(limner, "the target is being served", "--to", target)
    assert limner("migrate", "--to", target).status == 0


def test_a_storage_that_fails_stops_the_move(limner: Limner, target: str) -> None:
    with stores.bucket() as bucket:
        refused(limner, "NoSuchBucket", "--to", target, "--storage", bucket.replace("pictures-", "nothing-"))
    assert not any(rows(target).values())


def test_a_database_of_somebody_else(limner: Limner, target: str) -> None:
    with psycopg.connect(target) as connection:
        connection.execute("CREATE TABLE accounts (number integer)")
    refused(limner, "give it a database of its own", "--to", target)


def test_another_installation_is_not_mixed_in(limner: Limner, target: str) -> None:
    migrate.upgrade(target)
    with transaction(target) as tx:
        acquire(tx, "stranger", free_credits=3)
    before = rows(target)
    refused(limner, "the target has 1 accounts that the source has not", "--to", target)
    assert rows(target) == before


def test_rows_that_came_another_way_are_not_trusted(old: Installation, limner: Limner, target: str) -> None:
    migrate.upgrade(target)
    one = row(old.url, accounts_table, name="other")
    with transaction(target) as tx:
        tx.insert(accounts_table, **one)
    refused(limner, "the target's accounts are not as a move left them", "--to", target)


def test_what_was_changed_in_the_target_is_not_taken_back(limner: Limner, old: Installation, target: str) -> None:
    limner("migrate", "--to", target)
    with transaction(target) as tx:
        assert credentials.revoke(tx, old.key)
    refused(limner, "the target's credentials are not as a move left them", "--to", target)
    with transaction(target) as tx:
        tx.run(update(ledger_table).values(amount=ledger_table.c.amount + 1))
    refused(limner, "a ledger never changes", "--to", target)


def test_a_table_of_many_rows_and_what_only_sqlite_takes(old: Installation, target: str) -> None:
    task = row(old.url, tasks, id=old.waiting)
    with transaction(old.url) as tx:
        for number in range(1200):
            tx.insert(tasks, **(dict(task) | {"id": f"{new_id()}", "turn": number, "idempotency_key": str(number)}))
        tx.run(update(assets).values(revised_prompt="a sign that says \0"))
    told: list[Step] = []
    moved = move(old.settings(), target, f"file://{old.folder.parent}/new", told.append)
    assert moved.waiting == 1202
    assert len(jobs(target)) == 1202
    assert row(target, assets)["revised_prompt"] == "a sign that says \N{REPLACEMENT CHARACTER}"
    fractions = [step.fraction for step in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert [step.stage for step in told][:: len(told) - 1] == ["rows", "files"]
