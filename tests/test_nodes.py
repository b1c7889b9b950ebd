"""Nodes: who lives, who has died, and who takes up the work."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import select

from limner import nodes
from limner.bootstrap import bootstrap
from limner.db import DatabaseError
from limner.db.schema import nodes as table
from limner.errors import NotFound
from limner.ids import new_id
from limner.nodes import Lookout, Node, this_one
from limner.settings import Settings
from tests.databases import DIALECTS, migrated

if TYPE_CHECKING:
    from pathlib import Path

    from limner.db import Transaction


def a_node(**changes: object) -> Node:
    node = Node(id="n", name="host:1", role="serve", models="", fingerprint="f", started_at=0)
    return msgspec.structs.replace(node, **changes)


def test_a_node_is_dead_when_its_beat_stands_still_before_our_own_eyes() -> None:
    watch = Lookout(patience=10)
    assert watch.dead([a_node(beat=1)], at=0) == []
    assert watch.dead([a_node(beat=1)], at=9) == []
    assert watch.dead([a_node(beat=2)], at=10) == []
    for at in (13, 16, 19):
        assert watch.dead([a_node(beat=2)], at=at) == []
    assert watch.dead([a_node(beat=2)], at=20.1) == ["n"]
    assert watch.dead([], at=21) == []
    assert watch.dead([a_node(beat=2)], at=40) == [], "one that comes back is new to us"


def test_an_outage_of_the_database_makes_nobody_dead() -> None:
    watch = Lookout(patience=10)
    watch.dead([a_node(beat=1)], at=0)
    assert watch.dead([a_node(beat=1)], at=300) == [], "nobody could beat meanwhile"
    assert watch.dead([a_node(beat=2)], at=303) == []


def test_two_nodes_compare_their_keys_without_telling_them() -> None:
    one, other = this_one("serve", "a,b", b"key"), this_one("worker", "", b"key")
    assert one.fingerprint == other.fingerprint != this_one("serve", "", b"another").fingerprint
    assert "key" not in one.fingerprint
    assert one.id != other.id


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_node_that_was_taken_for_dead_comes_back_by_itself(dialect: str, tmp_path: Path) -> None:
    with migrated(dialect, tmp_path) as url:
        async with bootstrap(sandbox_only(tmp_path, url)) as services:
            await services.upkeep.begin()
            await services.upkeep.beat()
            assert await services.database.read(beats) == {services.node.id: 1}
            assert await services.database.write(nodes.remove, services.node.id)
            assert not await services.database.write(nodes.remove, services.node.id)
            await services.upkeep.beat()
            assert await services.database.read(beats) == {services.node.id: 0}
            await services.upkeep.look()
            await services.upkeep.end()
            assert await services.database.read(beats) == {}


def beats(tx: Transaction) -> dict[str, int]:
    return {row["id"]: row["beat"] for row in tx.all(select(table.c.id, table.c.beat))}


def sandbox_only(folder: Path, url: str, **more: str | int) -> Settings:
    settings = Settings(data=str(folder), database_url=url, workers=1, log_level="error")
    return msgspec.structs.replace(settings, **more)


async def test_nodes_with_different_keys_do_not_work_together(tmp_path: Path) -> None:
    with migrated("postgresql", tmp_path) as url:
        first, second = (sandbox_only(tmp_path, url, secret_key=key) for key in ("one", "two"))
        async with bootstrap(first) as services, bootstrap(second) as strange:
            await services.upkeep.begin()
            with pytest.raises(DatabaseError, match="same LIMNER_SECRET_KEY"):
                await strange.upkeep.begin()
            await services.database.write(grow_old, services.node.id)
            await strange.upkeep.begin()


def grow_old(tx: Transaction, node_id: str) -> None:
    tx.run(table.update().where(table.c.id == node_id).values(beat_at=1))


@pytest.mark.parametrize(
    ("database", "paints", "words"),
    [("sqlite", "none", "must paint `all`"), ("postgresql", "dall-e-3, no-such", "there is no model no-such")],
)
async def test_what_a_node_cannot_paint_is_told_at_its_start(
    tmp_path: Path, database: str, paints: str, words: str
) -> None:
    with migrated(database, tmp_path) as url, pytest.raises(ValueError, match=words):
        async with bootstrap(sandbox_only(tmp_path, url, paints=paints)):
            pass


async def test_a_node_starts_only_the_engines_it_needs_and_gives_models_their_own_slots(tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    file.write_text("[models.dall-e-2]\nslots = 3\n")
    with migrated("postgresql", tmp_path) as url:
        settings = sandbox_only(tmp_path, url, paints="limner-sandbox", models=str(file))
        async with bootstrap(settings) as services:
            assert list(services.engines) == ["sandbox"]
            assert services.dispatcher.lane("dall-e-3") is None
        settings = msgspec.structs.replace(settings, paints="dall-e-2, dall-e-3, limner-sandbox", slots=5)
        async with bootstrap(settings) as services:
            lanes = [services.dispatcher.lane(model) for model in ("dall-e-2", "dall-e-3", "limner-sandbox")]
            assert [lane and lane.slots for lane in lanes] == [3, 5, 5]


async def test_a_file_that_a_crash_left_without_a_row_is_cleared_away_in_time(tmp_path: Path) -> None:
    with migrated("sqlite", tmp_path) as url:
        async with bootstrap(sandbox_only(tmp_path, url)) as services:
            old, fresh = f"{new_id()}.png", f"{new_id()}.png"
            for name in (old, fresh):
                await services.assets.save(name, b"a picture")
            [lies_at] = (tmp_path / "files").rglob(old)
            os.utime(lies_at, (1, 1))
            assert await services.upkeep.clear() == 1
            assert [file.name for file in (tmp_path / "files").rglob("*.png")] == [fresh]


async def test_what_came_with_requests_goes_with_its_time_or_its_account(tmp_path: Path) -> None:
    with migrated("sqlite", tmp_path) as url:
        async with bootstrap(sandbox_only(tmp_path, url, retention=7200)) as services:
            inputs = services.inputs
            names = [await inputs.save(account, b"a picture") for account in ("ada", "ada", "bob", "bob")]
            for name, age in zip(names, (7300, 7100, 7100, 60), strict=True):
                os.utime(tmp_path / "files" / name, (time.time() - age,) * 2)
            assert await services.upkeep.clear() == 1
            with pytest.raises(NotFound):
                await inputs.load(names[0])
            await inputs.forget("ada")
            assert sorted([name async for page in inputs.stale(0) for name in page]) == sorted(names[2:])


async def test_housekeeping_goes_on_when_a_step_fails(tmp_path: Path) -> None:
    with migrated("sqlite", tmp_path) as url:
        async with bootstrap(sandbox_only(tmp_path, url)) as services:
            failed = asyncio.Event()

            async def broken() -> None:
                failed.set()
                raise OSError

            running = asyncio.create_task(services.upkeep._every(60, broken))
            await failed.wait()
            await asyncio.sleep(0)
            assert not running.done()
            running.cancel()
