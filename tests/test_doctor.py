from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from limner import doctor
from limner.acquire import acquire
from limner.bootstrap import bootstrap
from limner.db import transaction
from limner.db.migrate import HEAD
from limner.doctor import Finding, examine
from limner.engines import ENGINES
from limner.engines.base import Health, Job, Picture, Progress
from limner.engines.sandbox import Sandbox
from limner.settings import Settings
from tests.console.providers import lying
from tests.databases import DIALECTS, fresh, migrated
from tests.letters import letterbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# most examinations need no painter, which takes a second to get ready
QUICK = ENGINES | {"illustrator": Sandbox}


@pytest.fixture(params=DIALECTS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with all tables."""
    with migrated(request.param, tmp_path) as made:
        yield made


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.what: finding for finding in findings}


async def test_a_sound_installation_is_well(url: str, tmp_path: Path) -> None:
    findings = await examine(Settings(data=str(tmp_path), database_url=url))
    assert [finding.what for finding in findings] == [
        "data folder",
        "database",
        "ledger",
        "storage",
        "catalogue",
        "engine illustrator",
        "engine sandbox",
    ]
    assert [finding for finding in findings if not finding.ok] == []
    found = by_name(findings)
    assert f"schema {HEAD}, the newest" in found["database"].detail
    assert "drawings" in found["engine illustrator"].detail
    assert "fonts" in found["engine illustrator"].detail


async def test_a_new_installation_is_well_and_left_as_it_is(tmp_path: Path) -> None:
    found = by_name(await examine(Settings(data=str(tmp_path / "new")), engines=QUICK))
    assert found["database"] == Finding("database", ok=True, detail=f"{tmp_path}/new/limner.db is not there yet; the first start makes it")  # fmt: skip  # noqa: E501
    assert found["ledger"].ok
    assert not (tmp_path / "new/limner.db").exists()


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_an_empty_database_is_told_what_will_happen(dialect: str, tmp_path: Path) -> None:
    with fresh(dialect, tmp_path) as url:
        (tmp_path / "limner.db").touch()
        found = by_name(await examine(Settings(data=str(tmp_path), database_url=url), engines=QUICK))
    assert found["database"].ok
    assert f"schema (empty), `limner migrate` or the next start brings it to {HEAD}" in found["database"].detail
    assert found["ledger"] == Finding("ledger", ok=True, detail="nothing is booked yet")


async def test_it_works_beside_a_running_server(url: str, tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path), database_url=url, workers=1)
    async with bootstrap(settings):
        found = by_name(await examine(settings, engines=QUICK))
    assert found["database"].ok
    assert found["ledger"].ok
    assert (f"served by process {os.getpid()}" in found["database"].detail) is url.startswith("sqlite")


async def test_a_lock_file_left_behind_is_no_server(tmp_path: Path) -> None:
    with migrated("sqlite", tmp_path) as url:
        (tmp_path / "limner.db.lock").write_text("999999999\n")
        found = by_name(await examine(Settings(data=str(tmp_path), database_url=url), engines=QUICK))
    assert "served by" not in found["database"].detail


async def test_books_that_do_not_balance_are_told(url: str, tmp_path: Path) -> None:
    with transaction(url) as tx:
        acquire(tx, "acme", free_credits=5)
    _change(url, "UPDATE accounts SET balance = 7")
    found = by_name(await examine(Settings(data=str(tmp_path), database_url=url), engines=QUICK))
    assert found["ledger"] == Finding("ledger", ok=False, detail="balance and ledger differ for acme (7, booked 5)")


async def test_a_newer_schema_is_told(url: str, tmp_path: Path) -> None:
    _change(url, "UPDATE alembic_version SET version_num = '9999'")
    found = by_name(await examine(Settings(data=str(tmp_path), database_url=url), engines=QUICK))
    assert not found["database"].ok
    assert f"is at schema 9999, this limner knows {HEAD}: install a newer limner" in found["database"].detail


def _change(url: str, sql: str) -> None:
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.execute(sql)
        return
    import psycopg  # noqa: PLC0415 - only where it is spoken

    with psycopg.connect(url, autocommit=True) as other:
        other.execute(sql)


async def test_a_data_folder_that_takes_no_file_is_told() -> None:
    found = by_name(await examine(Settings(data="/proc", database_url="sqlite:////proc/limner.db"), engines=QUICK))
    assert not found["data folder"].ok
    assert "/proc" in found["data folder"].detail


async def test_everything_broken_is_told_and_no_secret_with_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "models.toml").write_text("[engines.dream]\ncapabilities = 1\n[models.dall-e-3]\nengine = 'dream'\n")
    settings = Settings(
        data=str(tmp_path / "file"),
        database_url="postgresql://u:hunter2@127.0.0.1:1/x",
        storage_url="ftp://u:hunter2@example.org/x",
        models=str(tmp_path / "models.toml"),
    )
    findings = await examine(settings, engines=QUICK)
    found = by_name(findings)
    assert {finding.what for finding in findings if not finding.ok} >= {"data folder", "database", "ledger", "storage"}
    assert not found["catalogue"].ok
    assert "hunter2" not in str(findings)
    assert all(finding.detail and "\n" not in finding.detail for finding in findings)


async def test_a_catalogue_with_a_strange_engine_is_told(tmp_path: Path) -> None:
    (tmp_path / "models.toml").write_text(
        "[engines.dream]\n"
        + _section("engines.sandbox.capabilities").replace("sandbox", "dream")
        + "[engines.dream.prices]\nlow = [[16777216, 0]]\nstandard = [[16777216, 0]]\nhd = [[16777216, 0]]\n"
        + "[models.dream]\nengine = 'dream'\n"
    )
    settings = Settings(data=str(tmp_path), models=str(tmp_path / "models.toml"))
    found = by_name(await examine(settings, engines=QUICK))
    assert found["catalogue"].detail == f"there is no engine dream; there are {', '.join(QUICK)}"


def _section(name: str) -> str:
    """A table of the shipped catalogue, as text."""
    from importlib.resources import files  # noqa: PLC0415 - only here

    shipped = files("limner").joinpath("models.toml").read_text("utf-8")
    start = shipped.index(f"[{name}]")
    return shipped[start : shipped.index("\n[", start) + 1]


class Slow:
    """An engine that gets ready in its own time."""

    name = "slow"
    slots = 1

    def __init__(self, looks: int) -> None:
        """Be well at the look of that number."""
        self.looks, self.closed = looks, False

    async def start(self) -> None:
        """Take time."""

    async def generate(self, job: Job, progress: Progress) -> Picture:
        """Nobody asks."""
        raise NotImplementedError

    async def check(self) -> Health:
        """Be ready or not."""
        self.looks -= 1
        return Health(ok=self.looks <= 0, detail=f"{self.looks} to go")

    async def close(self) -> None:
        """Note it."""
        self.closed = True


@pytest.mark.parametrize(("looks", "patience", "ok"), [(1, 0, True), (3, 30, True), (3, 0, False)])
async def test_an_engine_gets_its_time_and_is_closed(looks: int, patience: float, ok: bool) -> None:
    engine = Slow(looks)
    assert (await doctor._engine(engine, patience)).ok is ok
    assert engine.closed


class Hopeless(Slow):
    """An engine that says at its start that it will never be ready."""

    async def start(self) -> None:
        """Refuse."""
        raise RuntimeError("no art pack: build it")


async def test_an_engine_that_cannot_start_says_why_and_is_closed() -> None:
    engine = Hopeless(1)
    assert await doctor._engine(engine, 30) == Health(ok=False, detail="no art pack: build it")
    assert engine.closed


async def test_who_sends_mails_and_who_knows_people_are_asked(tmp_path: Path) -> None:
    with letterbox() as box, lying() as liar:
        set_up: dict[str, Any] = {
            "smtp_url": f"smtp://127.0.0.1:{box.port}",
            "oidc_issuer": liar.issuer,
            "oidc_client_id": "x",
        }
        found = by_name(await examine(Settings(data=str(tmp_path), **set_up), engines=QUICK))
    assert found["mail server"] == Finding("mail server", ok=True, detail=f"127.0.0.1:{box.port} answers")
    assert found["single sign-on"] == Finding("single sign-on", ok=True, detail=f"{liar.issuer} answers")
    found = by_name(await examine(Settings(data=str(tmp_path), **set_up | {"oidc_client_id": ""}), engines=QUICK))
    assert "refused" in found["mail server"].detail
    assert "LIMNER_OIDC_CLIENT_ID" in found["single sign-on"].detail
    assert not found["mail server"].ok
    assert not found["single sign-on"].ok
