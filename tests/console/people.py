"""Somebody who is signed in, made without forms and passwords, and tasks of theirs that nobody had to draw."""

from __future__ import annotations

import re
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import msgspec

from limner import acquire, registration, sessions
from limner.catalog import Fields
from limner.db.schema import assets, tasks
from limner.ids import SECOND, new_id, now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from limner.db import Transaction
    from tests.conftest import Live

HOUR = 3_600 * SECOND


@dataclass
class Person:
    """A user with a browser's session; `client` carries its cookie."""

    live: Live
    client: httpx.Client
    account_id: str
    email: str
    cookie: dict[str, Any]

    @property
    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="(\w+)"', self.client.get("/console").text)
        assert found
        return found[1]

    def admit(self, credits_: int = 5_000_000) -> acquire.Acquired:
        """Do what *Acquire* does."""
        made: acquire.Acquired | None = self.live.write(acquire.enter, self.account_id, free_credits=credits_)
        assert made is not None
        return made

    def task(self, **more: Any) -> str:
        """Write a task, completed with one picture unless said otherwise, and give its id."""
        made: str = self.live.write(write_task, self.live.services.catalogue, self.account_id, **more)
        return made


@contextmanager
def signed_in(live: Live, email: str | None = None) -> Iterator[Person]:
    """Register somebody and sign them in."""
    email = email or f"{uuid.uuid4().hex}@example.com"
    user = live.write(registration.register, email, mode="open")
    token = live.write(sessions.begin, user.id, user_agent="test", address="127.0.0.1", life=3_600 * SECOND)
    name = sessions.cookie_name(live.services.public_url)
    with httpx.Client(base_url=live.url, cookies={name: token}, timeout=60) as client:
        cookie = {"name": name, "value": token, "url": live.url}
        yield Person(live, client, user.account_id, email, cookie)


def write_task(
    tx: Transaction,
    catalogue: Any,
    account_id: str,
    *,
    prompt: str = "a red fox",
    model: str = "dall-e-3",
    named: str | None = None,
    status: str = "completed",
    ago: int = 0,
    pictures: int | None = None,
    images: int = 1,
    cost: int = 40_000,
    kept: int = 24 * HOUR,
    deleted_at: int | None = None,
    **more: Any,
) -> str:
    """Write a task of `ago` microseconds before now, called `named` where its model is not one of the catalogue's."""
    request = catalogue.models[model].request(Fields(prompt=prompt, n=images, seed=7), [])
    at, over = now() - ago, status in {"completed", "failed", "cancelled"}
    row: dict[str, Any] = {
        "id": new_id(),
        "account_id": account_id,
        "application_id": "an application",
        "credential_id": "a credential",
        "trace_id": new_id(),
        "kind": "images_generations",
        "model": named or model,
        "engine": "illustrator",
        "request": msgspec.json.encode(request).decode(),
        "images": images,
        "status": status,
        "attempt": 1,
        "hold": cost,
        "cost": (cost if status == "completed" else 0) if over else None,
        "created_at": at,
        "started_at": at,
        "finished_at": at + SECOND if over else None,
        "turn": 0,
        "crashes": 0,
    }
    tx.insert(tasks, **row | more)
    for position in range((images if status == "completed" else 0) if pictures is None else pictures):
        picture: dict[str, Any] = {
            "id": new_id(),
            "task_id": row["id"],
            "account_id": account_id,
            "position": position,
            "content_type": "image/png",
            "width": 1024,
            "height": 1024,
            "size": 812_345,
            "sha256": "0" * 64,
            "seed": 7 + position,
            "revised_prompt": None,
            "created_at": at,
            "expires_at": at + kept,
            "deleted_at": deleted_at,
        }
        tx.insert(assets, **picture)
    return str(row["id"])
