"""Receipts: signed statements of how a picture came to be, which stay true when the server is no more.

What is said in one is put together here from the rows; `sealing` signs it and checks it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from limner import assets, tasks
from limner.capabilities import Request
from limner.errors import NotFound
from limner.ids import SECOND
from limner.inputs import sha256

if TYPE_CHECKING:
    from limner.assets import Asset
    from limner.db import Database, Transaction
    from limner.inputs import Inputs
    from limner.sealing import Seal
    from limner.tasks import Task

_UNTOLD = {"model", "seed", "n", "images", "mask", "user", "callback_url", "partial_images", "response_format"}
"""Parameters that are told elsewhere, or that are the caller's own affair."""


class Receipts:
    """Writes receipts; built once in `bootstrap`."""

    def __init__(self, database: Database, inputs: Inputs, secret: bytes, public_url: str) -> None:
        """`secret` is the server's secret key, `public_url` what it is called in its receipts."""
        self._database, self._inputs, self._issuer, self._secret = database, inputs, public_url, secret

    @property
    def keys(self) -> dict[str, Any]:
        """The public key as a JWK set (RFC 7517)."""
        return {"keys": [self._seal.public]}

    @cached_property
    def _seal(self) -> Seal:
        from limner.sealing import Seal  # noqa: PLC0415 - it takes a while to load, and few ask for receipts

        return Seal(self._secret)

    async def of(self, name: str, account_id: str | None = None) -> dict[str, Any]:
        """Give the receipt of a picture by the name of its file, for its own account only where one is named.

        Raises `NotFound`. The picture's bytes may be gone by then.
        """
        asset, task, pictures = await self._database.read(_found, assets.identity(name))
        if asset.name != name or account_id not in {None, asset.account_id}:
            raise NotFound("There is no such file.")
        request = msgspec.json.decode(task.request, type=Request)
        told = {"issuer": self._issuer} | _told(asset, task, request, pictures)
        if request.images:
            told["inputs"] = [await self._input(one.name, one.sha256) for one in request.images]
        if request.mask is not None:
            told["mask"] = await self._input(request.mask, None)
        return {"object": "receipt", "receipt": told, "jws": self._seal.sign(told), "jwk": self._seal.public}

    async def _input(self, name: str, known: str | None) -> dict[str, str | None]:
        """Give the hash of a picture that came with the request; null where it is not known and no longer kept."""
        try:
            return {"sha256": known or sha256(await self._inputs.load(name))}
        except NotFound:
            return {"sha256": None}


def _found(tx: Transaction, asset_id: str) -> tuple[Asset, Task, int]:
    """Find a picture, its task, and how many pictures that has."""
    asset = assets.by_id(tx, asset_id)
    (task,) = tasks.several(tx, [asset.task_id])
    return asset, task, len(assets.of_task(tx, task.id))


def _told(asset: Asset, task: Task, request: Request, pictures: int) -> dict[str, Any]:
    """Say all there is to say of a picture; `created` is Unix seconds, `price` its share of the task's, micro-credits.

    The shares of a task's pictures add up to its price.
    """
    cost, place = task.cost or 0, asset.position % pictures
    parameters = {name: value for name, value in msgspec.to_builtins(request).items() if name not in _UNTOLD}
    return {
        "picture": asset.name,
        "sha256": asset.sha256,
        "size": asset.size,
        "content_type": asset.content_type,
        "width": asset.width,
        "height": asset.height,
        "created": asset.created_at // SECOND,
        "task_id": task.id,
        "trace_id": task.trace_id,
        "model": task.model,
        "engine": task.engine,
        "version": asset.version,
        "seed": asset.known_seed,
        "parameters": {name: value for name, value in parameters.items() if value is not None},
        "revised_prompt": asset.revised_prompt,
        "price": cost * (place + 1) // pictures - cost * place // pictures,
    }
