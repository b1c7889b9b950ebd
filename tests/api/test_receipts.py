"""Receipts: who gets them, what they say, and that they can be checked without the server."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jws
from joserfc.jwk import OKPKey
from sqlalchemy import bindparam, update

from limner import cli
from limner.db.schema import tasks
from limner.sealing import verified
from tests.api.test_images import generate

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.conftest import Live


def receipt_of(client: httpx.Client, url: str, **more: Any) -> httpx.Response:
    path, _, query = url.partition("?")
    return client.get(f"{path}/receipt?{query}", **more)


def test_the_link_of_a_picture_opens_its_receipt_too(client: httpx.Client) -> None:
    told: Any = {"user": "someone@example.com", "trace_id": "mine"}
    made = generate(client, size="64x32", seed=7, n=2, **told)
    url = made.json()["data"][1]["url"]
    picture = client.get(url).content
    answered = receipt_of(client, url, headers={"authorization": ""})
    assert answered.headers["cache-control"] == "no-store"
    body, task = answered.json(), made.json()["task_id"]
    said = body["receipt"]
    assert (said["model"], said["engine"], said["seed"]) == ("limner-sandbox", "sandbox", 8)
    assert (said["width"], said["height"], said["size"]) == (64, 32, len(picture))
    assert (said["task_id"], said["trace_id"], said["price"]) == (task, "mine", 0)
    assert said["parameters"]["prompt"] == "a red fox"
    assert "example.com" not in answered.text
    keys = client.get("/v1/receipts/keys", headers={"authorization": ""})
    found = verified(picture, answered.content, keys.content)
    assert (found.receipt, found.known, found.thumbprint) == (said, True, body["jwk"]["kid"])
    assert not verified(picture, answered.content).known
    assert verified(picture, body["jws"].encode(), keys.content).known, "the bare JWS will do"


def test_its_account_gets_a_receipt_without_the_link_and_nobody_else(client: httpx.Client, server: Live) -> None:
    name = generate(client).json()["data"][0]["url"].partition("?")[0].rpartition("/")[2]
    path = f"/v1/files/{name}/receipt"
    assert client.get(path).json()["receipt"]["picture"] == name
    assert client.get(path, headers={"authorization": ""}).status_code == 401
    stranger = {"authorization": f"Bearer {server.acquire().key}"}
    assert client.get(path, headers=stranger).status_code == 404
    assert client.get(f"{path}?expires=1&signature=0").status_code == 404
    assert client.get(path.replace(".png", ".jpg")).status_code == 404
    assert client.get(f"/v1/files/{name[:-5]}0.png/receipt").status_code == 404
    assert client.get("/v1/files/passwd/receipt").status_code == 404


def test_the_price_of_a_task_is_shared_out_among_its_pictures(client: httpx.Client, server: Live) -> None:
    made = generate(client, n=3)
    _charge(server, made.json()["task_id"])
    prices = [receipt_of(client, one["url"]).json()["receipt"]["price"] for one in made.json()["data"]]
    assert prices == [33, 33, 34]


def _charge(server: Live, task_id: str) -> None:
    statement = update(tasks).where(tasks.c.id == bindparam("which")).values(cost=bindparam("paid"))
    server.write(lambda tx: tx.run(statement, which=task_id, paid=100))


def test_what_was_changed_is_found_out(
    client: httpx.Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = generate(client).json()["data"][0]["url"]
    picture, receipt = client.get(url).content, receipt_of(client, url)
    body, files = receipt.json(), [tmp_path / name for name in ("a.png", "a.json", "keys.json")]
    files[0].write_bytes(picture)
    files[1].write_bytes(receipt.content)
    files[2].write_bytes(client.get("/v1/receipts/keys").content)
    assert _verify(*map(str, files[:2])) is None
    assert "the receipt's own: compare it" in capsys.readouterr().out
    assert _verify(*map(str, files[:2]), "--keys", str(files[2])) is None
    assert "is among the keys given" in capsys.readouterr().out
    files[0].write_bytes(picture + b"\0")
    assert "another picture" in str(_verify(*map(str, files[:2])))
    other = OKPKey.generate_key("Ed25519", auto_kid=True)
    forged = jws.serialize_compact({"alg": "Ed25519", "kid": other.kid}, b"{}", other, algorithms=["Ed25519"])
    for wrong in (
        body | {"jws": body["jws"][:-4] + "AAAA"},
        body | {"jws": forged},
        body | {"jwk": other.as_dict(private=False)},
        body | {"jwk": None},
        {"receipt": body["receipt"]},
    ):
        with pytest.raises(ValueError, match="receipt"):
            verified(picture, json.dumps(wrong).encode())
    with pytest.raises(ValueError, match="among those given"):
        verified(picture, receipt.content, json.dumps({"keys": [other.as_dict(private=False)]}).encode())


def _verify(*arguments: str) -> object:
    """Run the command, and give what it ends with."""
    before, sys.argv = sys.argv, ["limner", "receipt", "verify", *arguments]
    try:
        cli.main()
    except SystemExit as end:
        return end.code or None
    finally:
        sys.argv = before
    return None
