"""Credentials on the wire: who is let in, and what the others are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from limner import accounts, credentials, sessions
from limner.ids import SECOND, now
from limner.keys import CREDENTIAL, mint
from tests.api.test_bad_input import check
from tests.people import signed_in

if TYPE_CHECKING:
    from limner.acquire import Acquired
    from tests.conftest import Live

PATH = "/v1/images/generations"
BODY = {"model": "limner-sandbox", "prompt": "a fox"}


def call(server: Live, header: str | None) -> httpx.Response:
    headers = {} if header is None else {"authorization": header}
    return httpx.post(server.url + PATH, json=BODY, headers=headers)


def test_no_credential(server: Live) -> None:
    check(call(server, None), 401, "no_token", None, "Authorization: Bearer")
    check(call(server, ""), 401, "no_token", None)


@pytest.mark.parametrize("header", ["Basic abc", "{key}", "Bearer"])
def test_a_header_without_bearer(server: Live, key: str, header: str) -> None:
    answer = call(server, header.format(key=key))
    check(answer, 401, "invalid_token", None, "Authorization: Bearer")


def test_a_mistyped_key_is_told_from_an_unknown_one(server: Live, key: str) -> None:
    other = "a" if key[10] != "a" else "b"
    check(call(server, f"Bearer {key[:10]}{other}{key[11:]}"), 401, "invalid_token", None, "mistyped")
    check(call(server, f"Bearer {key[:-3]}"), 401, "invalid_token", None, "mistyped")
    check(call(server, "Bearer sk-abc"), 401, "invalid_token", None, "lim_")
    check(call(server, f"Bearer {mint(CREDENTIAL)}"), 401, "invalid_token", None, "does not know it")


def test_the_scheme_is_read_in_any_case(server: Live, key: str) -> None:
    assert call(server, f"bearer {key}").status_code == 200


def test_a_revoked_credential_is_refused_at_once(server: Live, account: Acquired) -> None:
    assert call(server, f"Bearer {account.key}").status_code == 200
    assert server.write(credentials.revoke, account.credential_id)
    check(call(server, f"Bearer {account.key}"), 401, "invalid_token", None, "revoked")


def test_an_expired_credential(server: Live) -> None:
    made = server.acquire(expires_at=now() - SECOND)
    check(call(server, f"Bearer {made.key}"), 401, "token_expired", None, "expired")


def test_a_disabled_account(server: Live, account: Acquired) -> None:
    assert call(server, f"Bearer {account.key}").status_code == 200
    assert server.write(accounts.disable, account.account)
    check(call(server, f"Bearer {account.key}"), 403, "disabled", None, "switched off")


def test_a_scope_that_is_missing(server: Live) -> None:
    reader = server.acquire(scopes=("tasks.read",))
    check(call(server, f"Bearer {reader.key}"), 400, "token_mismatched", None, "needs images.generate")
    painter = server.acquire(scopes=("images.generate",))
    answer = httpx.get(f"{server.url}/v1/tasks/x", headers={"authorization": f"Bearer {painter.key}"})
    check(answer, 400, "token_mismatched", None, "needs tasks.read")


def test_rotation_overlaps(server: Live, account: Acquired) -> None:
    _, fresh = server.write(credentials.rotate, account.credential_id, overlap=3600 * SECOND)
    assert call(server, f"Bearer {account.key}").status_code == 200
    assert call(server, f"Bearer {fresh}").status_code == 200
    _, last = server.write(credentials.rotate, fresh, overlap=0)
    check(call(server, f"Bearer {fresh}"), 401, "invalid_token", None, "revoked")
    assert call(server, f"Bearer {last}").status_code == 200


def test_a_task_of_another_account_is_not_there(server: Live, client: httpx.Client) -> None:
    task_id = client.post(PATH, json=BODY).json()["task_id"]
    foreign = {"authorization": f"Bearer {server.acquire().key}"}
    check(httpx.get(f"{server.url}/v1/tasks/{task_id}", headers=foreign), 404, "not_found", "id")
    asked: Any = httpx.post(f"{server.url}/openai/tasks", json={"action": "retrieve", "id": task_id}, headers=foreign)
    assert asked.json() == {}


def test_models_need_a_credential(server: Live) -> None:
    check(httpx.get(f"{server.url}/v1/models"), 401, "no_token", None)


def test_when_a_credential_was_last_used_is_written_down(server: Live) -> None:
    begun, made, idle = now(), server.acquire(), server.acquire()
    of_account = server.read(accounts.by_name, made.account).id
    assert call(server, f"Bearer {made.key}").status_code == 200
    server.run(server.services.verifier.write_down())
    (listed,) = server.read(credentials.of_account, of_account)
    assert begun <= listed.last_used_at <= now()
    assert (listed.id, listed.account, listed.account_id) == (made.credential_id, made.account, of_account)
    server.write(credentials.note_used, {made.credential_id: begun, idle.credential_id: begun})
    assert server.read(credentials.of_account, of_account) == [listed], "an earlier use changes nothing"
    idle_account = server.read(accounts.by_name, idle.account).id
    assert server.read(credentials.of_account, idle_account)[0].last_used_at == begun


def test_a_session_uses_a_credential_of_its_account(server: Live) -> None:
    begun = now()
    with signed_in(server) as ada:
        credential_id, csrf, cookie = ada.acquire().credential_id, ada.csrf, f"limner_session={ada.session}"
    headers = {"x-limner-credential": credential_id, "x-csrf-token": csrf, "cookie": cookie}
    url = f"{server.url}/v1/models"
    assert httpx.get(url, headers=headers).status_code == 200
    server.run(server.services.verifier.write_down())
    used = {one.id: one.last_used_at for one in server.read(credentials.everything)}
    assert begun <= used[credential_id] <= now()
    foreign = headers | {"x-limner-credential": server.acquire().credential_id}
    check(httpx.get(url, headers=foreign), 404, "not_found", "x-limner-credential")
    check(httpx.get(url, headers=headers | {"x-csrf-token": "x"}), 401, "invalid_token", None, "reload")
    gone = headers | {"cookie": "limner_session=x", "x-csrf-token": sessions.csrf_token(server.services.secret, "x")}
    check(httpx.get(url, headers=gone), 401, "invalid_token", None, "signed out")


def test_an_account_ends_only_its_own_credentials_and_none_later_than_said(server: Live) -> None:
    made, other = server.acquire(), server.acquire()
    owner, stranger = (server.read(accounts.by_name, one.account).id for one in (made, other))
    assert not server.write(credentials.revoke, made.credential_id, account_id=stranger)
    assert server.write(credentials.rotate, made.credential_id, overlap=0, account_id=stranger) is None
    assert server.write(credentials.rotate, made.credential_id, overlap=60 * SECOND, account_id=owner)
    assert server.write(credentials.rotate, made.credential_id, overlap=3600 * SECOND, account_id=owner)
    old = next(one for one in server.read(credentials.of_account, owner) if one.id == made.credential_id)
    assert old.revoked_at < now() + 61 * SECOND
    assert old.state(now()) == "until rotated out"
    assert server.write(credentials.revoke, made.credential_id, account_id=owner)
    assert server.write(credentials.revoke, made.credential_id, account_id=owner)
    check(call(server, f"Bearer {made.key}"), 401, "invalid_token", None, "revoked")
