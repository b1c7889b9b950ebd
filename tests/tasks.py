"""Tasks and their pictures written as rows, which nobody had to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from limner.catalog import Fields
from limner.db.schema import assets, tasks
from limner.ids import SECOND, new_id, now

if TYPE_CHECKING:
    from limner.db import Transaction

HOUR = 3_600 * SECOND


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
