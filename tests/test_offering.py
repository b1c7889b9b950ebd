"""What an admin decides about models: the API, the pages and other nodes feel it, what was accepted never does."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from html import unescape
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from limner import offers, quotas, tasks
from limner.accounts import by_name
from limner.bootstrap import bootstrap
from limner.catalog import Catalogue
from limner.db import transaction
from limner.settings import Settings
from tests.conftest import serving
from tests.databases import DIALECTS, migrated
from tests.people import Person, a_user, signed_in
from tests.test_administration import a_task
from tests.test_fleet import node
from tests.test_generations import Moody, post, until_finished
from tests.test_restart import engine, later, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from limner.acquire import Acquired
    from limner.db import Transaction
    from tests.conftest import Live

PRICES = {f"{quality}-{place}": "0.5" for quality in ("low", "standard", "hd") for place in range(3)}


@pytest.fixture(scope="module", params=DIALECTS)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server whose engine makes one picture at a time, and can be held."""
    folder: Path = tmp_path_factory.mktemp(f"shop-{request.param}")
    with migrated(request.param, folder) as url:
        settings = Settings(data=str(folder), database_url=url, log_level="error", sync_limit=20.0)
        with serving(settings, engines={"sandbox": Moody, "illustrator": Moody}) as live:
            yield live


@pytest.fixture
def admin(shop: Live) -> Iterator[Person]:
    engine(shop).gate = asyncio.Event()
    with signed_in(shop, "admin") as somebody:
        yield somebody


@pytest.fixture
def made(shop: Live) -> Acquired:
    return shop.acquire()


def ledger(tx: Transaction, name: str) -> list[tuple[str, int]]:
    account = by_name(tx, name)
    assert account is not None
    return [(row["kind"], row["amount"]) for row in quotas.entries(tx, account.id)]


def on_offer(live: Live, made: Acquired) -> list[str]:
    answer = httpx.get(f"{live.url}/v1/models", headers={"authorization": f"Bearer {made.key}"})
    return [model["id"] for model in answer.json()["data"]]


def test_a_model_that_is_switched_off_is_refused_and_leaves_every_list(
    shop: Live, admin: Person, made: Acquired
) -> None:
    task_id = later(shop, made, model="dall-e-2", prompt="held")
    waiting = later(shop, made, model="dall-e-2", prompt="calm")
    assert "dall-e-2" in httpx.get(f"{shop.url}/docs").text
    admin.done("/admin/models/dall-e-2/state", to="off")
    refused = post(shop, made, model="dall-e-2", prompt="calm")
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "not_found")
    assert "'dall-e-2' is switched off here; there are " in refused.json()["error"]["message"]
    assert "dall-e-2" not in on_offer(shop, made)
    assert "dall-e-2" not in httpx.get(f"{shop.url}/docs").text + httpx.get(f"{shop.url}/openapi.json").text
    assert "dall-e-2" in admin.get("/admin/models").text
    shop.run(opened(engine(shop)))
    assert [until_finished(shop, made, one)["status"] for one in (task_id, waiting)] == ["completed"] * 2
    admin.done("/admin/models/dall-e-2/state", to="on")
    assert post(shop, made, model="dall-e-2", prompt="calm").status_code == 200
    assert "dall-e-2" in httpx.get(f"{shop.url}/docs").text
    assert admin.acts() == [("switch on model", "dall-e-2"), ("switch off model", "dall-e-2")]
    assert "enabled not set → no" in admin.get("/admin/audit", who=admin.user.email).text


def test_the_default_model_stays_on(admin: Person) -> None:
    answer = admin.post("/admin/models/dall-e-3/state", to="off")
    assert answer.status_code == 400
    assert "cannot be switched off" in answer.text
    assert admin.acts() == []


def test_a_new_price_holds_for_what_comes_and_not_for_what_was_accepted(
    shop: Live, admin: Person, made: Acquired
) -> None:
    first = later(shop, made, prompt="held")
    admin.done("/admin/models/limner-illustrator/prices", **PRICES)
    second = later(shop, made, prompt="calm")
    shop.run(opened(engine(shop)))
    for task_id in (first, second):
        assert until_finished(shop, made, task_id)["status"] == "completed"
    held = [amount for kind, amount in shop.read(ledger, made.account) if kind == "hold"]
    assert held == [-10_000, -500_000]
    assert shop.read(quotas.audit) == []
    assert shop.read(quotas.balance, account_of(shop, made)) == made.balance - 510_000
    page = admin.get("/admin/models/limner-illustrator").text
    assert page.count('value="0.5"') == 9
    admin.done("/admin/models/limner-illustrator/prices", to="catalogue")
    assert 'value="0.01"' in admin.get("/admin/models/limner-illustrator").text
    assert [act for act, _ in admin.acts()] == ["reset prices", "set prices"]
    log = admin.get("/admin/audit", who=admin.user.email).text
    assert "prices not set → low 0.50, 0.50, 0.50; standard 0.50, 0.50, 0.50; hd 0.50, 0.50, 0.50" in log


def account_of(live: Live, made: Acquired) -> str:
    account = live.read(by_name, made.account)
    assert account is not None
    return str(account.id)


@pytest.mark.parametrize("wrong", ["", "free", "-1", "0.0000001"])
def test_a_price_that_is_none_is_refused(admin: Person, wrong: str) -> None:
    answer = admin.post("/admin/models/dall-e-2/prices", **{**PRICES, "hd-1": wrong})
    assert answer.status_code == 400
    assert 'name="hd-1"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert admin.acts() == []


def test_an_engine_is_chosen_for_the_next_start(shop: Live, admin: Person, made: Acquired) -> None:
    assert admin.post("/admin/models/gpt-image-1/engine", engine="a hand").status_code == 400
    # the prices of now would not reach the largest picture of the other engine
    admin.done("/admin/models/gpt-image-1/prices", **PRICES)
    assert "must reach 16777216 pixels" in admin.post("/admin/models/gpt-image-1/engine", engine="sandbox").text
    admin.done("/admin/models/gpt-image-1/prices", to="catalogue")
    admin.done("/admin/models/gpt-image-1/engine", engine="sandbox")
    assert "sandbox from the next start" in admin.get("/admin/models/gpt-image-1").text
    assert shop.services.catalogue.resolve("gpt-image-1").engine == "illustrator"
    admin.done("/admin/models/gpt-image-1/engine", engine="illustrator")
    assert shop.services.offering.decided("gpt-image-1").table == {}
    assert post(shop, made, model="gpt-image-1", prompt="calm").status_code == 200


def queued(tx: Transaction) -> str:
    task = a_task(a_user(tx).account_id, model="dall-e-2", engine="illustrator", status="queued")
    tasks.insert(tx, task)
    return task.id


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_start_takes_up_what_was_decided(dialect: str, tmp_path: Path) -> None:
    with migrated(dialect, tmp_path) as url:
        with transaction(url) as tx:
            task_id = queued(tx)
            offers.decide(tx, "dall-e-2", {"engine": "sandbox", "enabled": False})
            offers.decide(tx, "dall-e-3", {"enabled": False})
            offers.decide(tx, "gpt-image-1", {"engine": "a hand"})
            offers.decide(tx, "gpt-image-2", {"prices": {"hd": [(1, -1)]}})
            offers.decide(tx, "a-model-of-the-past", {"enabled": False})
        settings = Settings(data=str(tmp_path), database_url=url, log_level="error")
        async with bootstrap(settings, engines={"sandbox": Moody, "illustrator": Moody}) as services:
            catalogue = services.catalogue
            assert set(catalogue.misfits) == {"dall-e-3", "gpt-image-1", "gpt-image-2"}
            assert "dall-e-2" not in catalogue.models
            assert catalogue.known["dall-e-2"].engine == "sandbox"
            assert catalogue.known["dall-e-2"].price("hd", 64, 64) == 0
            assert catalogue.own_engines["dall-e-2"] == "illustrator"
            assert catalogue.resolve("gpt-image-1").engine == "illustrator"
            lane = services.dispatcher.lane("dall-e-2")
            assert lane is not None
            assert lane.engine == "sandbox"
            await services.upkeep.begin()
            [task] = await services.database.read(tasks.several, [task_id])
            assert (task.engine, task.status) == ("sandbox", "queued")
            assert not await services.generations.wait_elsewhere("dall-e-2", "sandbox")
            assert await services.generations.wait_elsewhere("dall-e-2", "illustrator")


def test_two_first_decisions_at_once_are_both_written(shop: Live) -> None:
    async def both() -> None:
        decide = shop.services.offering.decide
        changes: list[dict[str, Any]] = [{"enabled": False}, {"engine": "sandbox"}]
        await asyncio.gather(*(decide("somebody", "decide", "gpt-image-1.5", change) for change in changes))

    shop.run(both())
    assert shop.services.offering.decided("gpt-image-1.5").table == {"enabled": False, "engine": "sandbox"}


def test_a_decision_counts_as_a_version_only_when_it_is_news(shop: Live) -> None:
    before = shop.services.catalogue.version
    shop.run(shop.services.offering.look())
    assert shop.services.catalogue.version == before


def test_a_decision_that_does_not_fit_is_told_of(shop: Live, admin: Person) -> None:
    shop.write(offers.decide, "gpt-image-2", {"prices": {"hd": [(1, 1)]}})
    page = unescape(admin.get("/admin/models/gpt-image-2").text)
    assert "files and has no effect" in page
    assert "does not fit" in admin.get("/admin/models").text
    assert "gpt-image-2" in shop.services.catalogue.models
    admin.done("/admin/models/gpt-image-2/prices", to="catalogue")
    assert shop.services.catalogue.misfits.keys() <= {"gpt-image-1.5"}


def test_prices_of_the_files_rise_and_are_nothing_below_zero(tmp_path: Path) -> None:
    for bands in ("[[8294400, 3], [10, 1]]", "[[8294400, -3]]"):
        file = tmp_path / "models.toml"
        file.write_text(f"[models.dall-e-3.prices]\nhd = {bands}\n", "utf-8")
        with pytest.raises(ValueError, match=r"prices.hd must rise"):
            Catalogue.load(file)


def until_off(live: Live, made: Acquired, model: str) -> None:
    while model in on_offer(live, made):
        live.run(asyncio.sleep(0.05))


def test_a_fleet_takes_up_what_was_decided_at_another_node(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("offering-fleet")
    with migrated("postgresql", folder) as url, ExitStack() as stack:
        desk, old = node(stack, url, folder, paints="none"), node(stack, url, folder)
        made = desk.acquire()
        boss = stack.enter_context(signed_in(desk, "admin"))
        boss.done("/admin/models/gpt-image-1/state", to="off")
        boss.done("/admin/models/dall-e-2/engine", engine="sandbox")
        assert "gpt-image-1" not in on_offer(desk, made)
        until_off(old, made, "gpt-image-1")
        # a node that starts now paints dall-e-2 by another engine than one that has not been started again: a ticket
        # that the wrong one draws goes back into the queue
        new = node(stack, url, folder)
        sandbox = new.services.engines["sandbox"]
        assert isinstance(sandbox, Moody)
        held = later(new, made, model="dall-e-2", prompt="held")
        waiting = later(new, made, model="dall-e-2", prompt="calm")
        new.run(opened(sandbox))
        for task_id in (held, waiting):
            assert until_finished(new, made, task_id)["status"] == "completed"
        found = new.read(tasks.several, [held, waiting])
        assert [(task.engine, task.node) for task in found] == [("sandbox", new.services.node.id)] * 2
