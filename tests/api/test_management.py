"""The management API as Ace's own `platform` client calls it, and what strangers and wrong keys are told."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import acedatacloud
import httpx
import pytest
from acedatacloud._runtime import errors as ace_errors
from sqlalchemy import update

from limner import __version__, accounts, quotas, tokens
from limner.api import managed
from limner.api.openapi import document
from limner.catalog import Catalogue
from limner.console.management import ANSWERS
from limner.console.wording import meaning
from limner.credentials import SCOPES
from limner.db.schema import applications
from limner.ids import SECOND, new_id, now
from limner.keys import ACCOUNT_TOKEN, mint
from tests.api.test_bad_input import check
from tests.house.source import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from limner.acquire import Acquired
    from limner.db import Transaction
    from tests.conftest import Live

BASE = "/api/v1"
DRAW = {"model": "limner-sandbox", "prompt": "a fox"}


@dataclass
class Manager:
    """An account of its own with an account token, and HTTP with that token."""

    account_id: str
    key: str
    http: httpx.Client

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        return self._told(self.http.get(BASE + path, params=query), status)

    def post(self, path: str, status: int = 201, **body: Any) -> Any:
        return self._told(self.http.post(BASE + path, json=body), status)

    def _told(self, answer: httpx.Response, status: int) -> Any:
        assert answer.status_code == status, answer.text
        assert answer.headers["cache-control"] == "no-store"
        return answer.json()


def managing(server: Live, **more: Any) -> Manager:
    """Make a fresh account with a token and nothing else."""
    account = server.write(accounts.create, f"managed-{new_id()}")
    _, key = server.write(tokens.create, account.id, "tests", **more)
    http = httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {key}"}, timeout=60)
    return Manager(account.id, key, http)


@pytest.fixture
def manager(server: Live) -> Iterator[Manager]:
    made = managing(server)
    yield made
    made.http.close()


@pytest.fixture
def application_id(manager: Manager) -> str:
    return str(manager.post("/applications/", service_id="images-generations")["id"])


def ace(server: Live, key: str, kind: Any = acedatacloud.AceDataCloud) -> Any:
    """Open Ace's client, for pictures and for the platform, at this server."""
    return kind(api_token=key, base_url=server.url, platform_base_url=server.url, max_retries=0)


def draw(server: Live, key: str) -> httpx.Response:
    return httpx.post(f"{server.url}/v1/images/generations", json=DRAW, headers={"authorization": f"Bearer {key}"})


def spend(tx: Transaction, account_id: str) -> None:
    """Take 0.04 credits from an account, as a picture does that was held for at twice the price."""
    task_id = new_id()
    quotas.hold(tx, quotas.lock(tx, account_id), task_id, cost=80_000, images=1, limits=quotas.Limits())
    quotas.settle(tx, account_id, task_id, held=80_000, cost=40_000, images=1)


def test_the_sdk_from_acquiring_to_revoking(server: Live, manager: Manager) -> None:
    platform = ace(server, manager.key).platform
    assert platform.applications.list() == {"count": 0, "items": []}
    made = platform.applications.create(service_id="images-generations")
    assert (made["remaining_amount"], made["used_amount"], made["granted_amount"]) == (5.0, 0, 5.0)
    assert (made["user_id"], made["service_id"], made["credentials"]) == (manager.account_id, "images-generations", [])
    credential = platform.credentials.create(application_id=made["id"], name="from code", images_per_minute=60)
    assert draw(server, credential["token"]).status_code == 200
    server.run(server.services.verifier.write_down())
    server.write(spend, manager.account_id)

    told = platform.applications.get(made["id"])
    assert (told["remaining_micro_credits"], told["used_micro_credits"]) == (4_960_000, 40_000)
    assert (told["remaining_amount"], told["used_amount"]) == (4.96, 0.04)
    (listed,) = platform.credentials.list(application_id=made["id"])["items"]
    assert told["credentials"] == [listed]
    assert "token" not in listed
    assert (listed["name"], listed["hint"], listed["scopes"]) == ("from code", credential["token"][-4:], list(SCOPES))
    assert listed["created_at"] <= listed["last_used_at"]
    assert platform.applications.list(user_id="me") == {"count": 1, "items": [told]}

    rotated = platform.credentials.rotate(credential["id"])
    assert (rotated["rotated_from"], rotated["name"], rotated["images_per_minute"]) == (listed["id"], "from code", 60)
    check(draw(server, credential["token"]), 401, "invalid_token", None, "revoked")
    assert draw(server, rotated["token"]).status_code == 200
    deleted = platform.credentials.delete(rotated["id"])
    assert (deleted["deleted"], deleted["state"]) == (True, "revoked")
    assert platform.credentials.delete(rotated["id"]) == deleted, "once more changes nothing"
    check(draw(server, rotated["token"]), 401, "invalid_token", None, "revoked")
    assert platform.credentials.list() == {"count": 0, "items": []}
    assert platform.credentials.list(revoked="true")["count"] == 2


async def test_the_async_sdk(server: Live, manager: Manager) -> None:
    client = ace(server, manager.key, acedatacloud.AsyncAceDataCloud)
    made = await client.platform.applications.create(service_id="images")
    again = await client.platform.applications.create(service_id="openai-images")
    assert (again["id"], again["granted_amount"], again["remaining_amount"]) == (made["id"], 0, 5.0)
    credential = await client.platform.credentials.create(application_id=made["id"], scopes=["tasks.read"])
    assert (credential["scopes"], credential["name"]) == (["tasks.read"], "api")
    rotated = await client.platform.credentials.rotate(credential["id"])
    assert (await client.platform.credentials.list())["items"][0]["id"] == rotated["id"]
    assert (await client.platform.credentials.delete(rotated["id"]))["deleted"]
    assert (await client.platform.applications.get(made["id"]))["credentials"] == []
    assert (await client.platform.applications.list())["count"] == 1
    models = (await client.platform.models.list())["data"]
    assert {one["id"] for one in models} == set(server.services.catalogue.models)
    assert models[0]["prices"]
    config = await client.platform.config.get()
    assert (config["version"], config["registration"], config["free_amount"]) == (__version__, "open", 5.0)
    assert (config["base_url"], config["limits"]["images_per_minute"]) == (f"{server.services.public_url}/v1", 600)
    await client.close()


def test_a_credential_and_an_account_token_are_told_apart(server: Live, manager: Manager, key: str) -> None:
    with pytest.raises(ace_errors.TokenMismatchError, match=r"an account token \(lat_"):
        ace(server, key).platform.config.get()
    check(draw(server, manager.key), 400, "token_mismatched", None, "a credential (lim_")


@pytest.mark.parametrize("path", ["/applications/", "/credentials", "/models/", "/config"])
def test_who_comes_without_a_token_that_works(server: Live, path: str) -> None:
    url = server.url + BASE + path
    check(httpx.get(url), 401, "no_token", None, "lat_")
    for wrong, said in (("Basic abc", "Bearer lat_"), ("Bearer sk-abc", "lat_"), ("Bearer lat_abc", "mistyped")):
        check(httpx.get(url, headers={"authorization": wrong}), 401, "invalid_token", None, said)
    unknown = {"authorization": f"Bearer {mint(ACCOUNT_TOKEN)}"}
    check(httpx.get(url, headers=unknown), 401, "invalid_token", None, "does not know it")


def test_a_token_that_has_ended(server: Live, manager: Manager) -> None:
    expired = managing(server, expires_at=now() - SECOND)
    check(expired.http.get(f"{BASE}/config"), 401, "token_expired", None, "expired")
    (token,) = server.read(tokens.of_account, manager.account_id)
    assert server.write(tokens.revoke, manager.account_id, token.id)
    check(manager.http.get(f"{BASE}/config"), 401, "invalid_token", None, "revoked")
    other = managing(server)
    server.write(accounts.disable, server.read(accounts.find, other.account_id).name)
    check(other.http.get(f"{BASE}/config"), 403, "disabled", None, "switched off")


def test_a_token_remembers_when_it_was_used_to_the_minute(server: Live, manager: Manager) -> None:
    begun = now()
    manager.get("/config")
    (once,) = server.read(tokens.of_account, manager.account_id)
    assert begun <= once.last_used_at <= now()
    manager.get("/config")
    assert server.read(tokens.of_account, manager.account_id) == [once]
    assert not once.is_stale(once.last_used_at + tokens.TOUCH_EVERY - 1)
    assert once.is_stale(once.last_used_at + tokens.TOUCH_EVERY)


def test_what_belongs_to_another_account_is_not_there(server: Live, manager: Manager, application_id: str) -> None:
    made = manager.post("/credentials", application_id=application_id)
    stranger = managing(server)
    own = stranger.post("/applications", service_id="images-generations")
    assert own["id"] != application_id
    one = f"{BASE}/credentials/{made['id']}"
    asked = {
        stranger.http.get(f"{BASE}/applications/{application_id}/"): "id",
        stranger.http.get(one): "id",
        stranger.http.delete(f"{one}/"): "id",
        stranger.http.post(f"{one}/rotate/"): "id",
        stranger.http.post(f"{BASE}/credentials/", json={"application_id": application_id}): "application_id",
        stranger.http.get(f"{BASE}/credentials/%00"): "id",
        stranger.http.get(f"{BASE}/applications/{new_id()}"): "id",
    }
    for answer, param in asked.items():
        check(answer, 404, "not_found", param, "no such")
    assert stranger.get("/credentials", application_id=application_id) == {"count": 0, "items": []}
    assert stranger.get("/credentials", user_id=manager.account_id) == {"count": 0, "items": []}
    assert stranger.get("/applications", user_id=manager.account_id) == {"count": 0, "items": []}
    assert manager.get(f"/credentials/{made['id']}")["state"] == "active"


def test_pages_and_filters(manager: Manager, application_id: str) -> None:
    made = [manager.post("/credentials/", application_id=application_id, name=name)["id"] for name in "abc"]
    page = manager.get("/credentials/", limit=2, offset=1)
    assert (page["count"], [one["id"] for one in page["items"]]) == (3, made[1:])
    assert manager.get("/applications", offset=1) == {"count": 1, "items": []}
    assert manager.get("/applications", service_id="images", user_id=manager.account_id)["count"] == 1
    assert manager.get("/applications", service_id="videos")["count"] == 0
    check(manager.http.get(f"{BASE}/credentials?limit=0"), 400, "bad_request", "limit", "1 to 200")
    check(manager.http.get(f"{BASE}/credentials?revoked=maybe"), 400, "bad_request", "revoked", "true, false")


def test_a_rotation_with_an_overlap_and_one_of_what_has_ended(
    server: Live, manager: Manager, application_id: str
) -> None:
    made = manager.post("/credentials/", application_id=application_id)
    path = f"/credentials/{made['id']}/rotate"
    rotated = manager.post(path, 200, overlap=3600, colour="red")
    assert [one["param"] for one in rotated["warnings"]] == ["colour"]
    assert manager.get(f"/credentials/{made['id']}")["state"] == "until rotated out"
    assert draw(server, made["token"]).status_code == draw(server, rotated["token"]).status_code == 200
    assert manager.http.delete(f"{BASE}/credentials/{made['id']}").json()["state"] == "revoked"
    check(manager.http.post(BASE + path), 400, "bad_request", "id", "has ended")
    check(manager.http.post(BASE + path, json={"overlap": -1}), 400, "bad_request", "overlap", "0 to 2592000")


def test_when_a_credential_expires(manager: Manager, application_id: str) -> None:
    at = datetime(2100, 1, 31, 12, tzinfo=UTC)
    for given in (
        {"expires_at": at.timestamp()},
        {"expires_at": "2100-01-31T12:00:00Z"},
        {"expired_at": "2100-01-31T14:00:00+02:00"},
        {"expired_at": "2100-01-31T12:00:00"},
    ):
        made = manager.post(
            "/credentials/", application_id=application_id, scopes="tasks.read images.generate", **given
        )
        assert made["expires_at"] == made["expired_at"] == "2100-01-31T12:00:00.000000Z"
        assert made["scopes"] == ["images.generate", "tasks.read"]


@pytest.mark.parametrize(
    ("given", "code", "param", "words"),
    [
        ({"expires_at": 1}, "bad_request", "expires_at", "a time to come"),
        ({"expires_at": 1e12}, "bad_request", "expires_at", "Unix seconds"),
        ({"expired_at": "tomorrow"}, "bad_request", "expired_at", "ISO 8601"),
        ({"expires_at": True}, "bad_request", "expires_at", "must be"),
        ({"scopes": ["admin"]}, "bad_request", "scopes", "images.generate"),
        ({"scopes": []}, "bad_request", "scopes", "images.generate"),
        ({"name": "x" * 101}, "bad_request", "name", "at most 100"),
        ({"images_per_minute": 0}, "bad_request", "images_per_minute", "from 1"),
        ({"limited_amount": 5}, "api_not_implemented", "limited_amount", "leave it out"),
        ({"host": "example.com"}, "api_not_implemented", "host", "leave it out"),
        ({"application_id": None}, "bad_request", "application_id", "which application"),
    ],
)
def test_a_credential_that_cannot_be(
    manager: Manager, application_id: str, given: dict[str, Any], code: str, param: str, words: str
) -> None:
    answer = manager.http.post(f"{BASE}/credentials/", json={"application_id": application_id} | given)
    check(answer, 400, code, param, words)


def test_services_there_are_and_are_not(manager: Manager) -> None:
    check(manager.http.post(f"{BASE}/applications/", json={}), 400, "bad_request", "service_id", "images-generations")
    answer = manager.http.post(f"{BASE}/applications/", json={"service_id": "videos"})
    check(answer, 404, "not_found", "service_id", "images-generations")
    check(manager.http.put(f"{BASE}/applications/"), 405, "api_not_implemented", None)


def switch_off(tx: Transaction, application_id: str) -> None:
    tx.run(update(applications).where(applications.c.id == application_id).values(disabled_at=1))


def test_an_application_that_is_switched_off(server: Live, manager: Manager, application_id: str) -> None:
    server.write(switch_off, application_id)
    assert manager.get(f"/applications/{application_id}/")["disabled"]
    answer = manager.http.post(f"{BASE}/credentials/", json={"application_id": application_id})
    check(answer, 403, "disabled", None, "switched off")


def test_what_the_account_had_before_stays_its_own(server: Live, account: Acquired) -> None:
    owner = server.read(accounts.by_name, account.account)
    _, key = server.write(tokens.create, owner.id, "tests")
    server.write(quotas.grant, owner.id, 1)
    (held,) = ace(server, key).platform.applications.list()["items"]
    assert (held["remaining_micro_credits"], held["used_micro_credits"]) == (5_000_001, 0)
    assert [one["id"] for one in held["credentials"]] == [account.credential_id]


def test_the_page_of_the_docs_does_what_it_says(server: Live, manager: Manager) -> None:
    page = (ROOT / "docs/management.md").read_text("utf-8")
    sample = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert sample
    code = sample[1].replace("lat_...", manager.key).replace("http://127.0.0.1:8080", server.url)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    token, remaining = done.stdout.split()
    assert (draw(server, token).status_code, float(remaining)) == (200, 5.0)


def test_the_examples_of_the_reference_look_like_real_answers(manager: Manager) -> None:
    application = manager.post("/applications/", service_id="images-generations")
    made = manager.post("/credentials/", application_id=application["id"])
    application_path, path = f"/applications/{application['id']}/", f"/credentials/{made['id']}/"
    real = {
        "post /api/v1/applications/": application,
        "get /api/v1/applications/": manager.get("/applications/"),
        "/api/v1/applications/{id}/": manager.get(application_path),
        "post /api/v1/credentials/": made,
        "get /api/v1/credentials/": manager.get("/credentials/"),
        "get /api/v1/credentials/{id}/": manager.get(path),
        "/api/v1/credentials/{id}/rotate/": manager.post(f"{path}rotate/", 200),
        "delete /api/v1/credentials/{id}/": manager.http.delete(BASE + path).json(),
        "/api/v1/config/": manager.get("/config/"),
    }
    assert real.keys() == ANSWERS.keys()
    for where, answer in real.items():
        told = ANSWERS[where]
        assert set(answer) == set(told), where
        for name in ("items", "credentials"):
            assert [set(one) for one in answer.get(name, [])[:1]] == [set(one) for one in told.get(name, [])[:1]], where
    assert set(real["/api/v1/config/"]["limits"]) == set(ANSWERS["/api/v1/config/"]["limits"])


def test_every_field_is_described(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    for shape in ("ApplicationObject", "CredentialObject", "Service", "ApplicationList", "CredentialList"):
        assert [name for name in schemas[shape]["properties"] if not meaning(shape, name)] == []
    kinds = (managed.NewApplication, managed.NewCredential, managed.KeyRotation)
    assert {kind.__name__: set(kind.__struct_fields__) for kind in kinds} == {
        name: set(meanings) for name, meanings in managed.TAKEN.items()
    }
    for kind in kinds:
        assert schemas[kind.__name__]["required"] == managed.REQUIRED.get(kind.__name__, [])


@pytest.fixture
def described() -> dict[str, Any]:
    return document(Catalogue.load(None), "http://127.0.0.1:8080")
