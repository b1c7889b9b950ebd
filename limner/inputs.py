"""Inputs: the pictures that come with a request, kept as objects in the store for as long as its task may need them.

They have no rows: a task's request names them, and the sweep removes them by their age.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

from limner.errors import NotFound
from limner.ids import new_id
from limner.room import Room

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from limner.storage import Storage

PREFIX = "inputs/"
FETCHES = 16
"""How many of them are fetched from strangers' servers at once."""


class Inputs:
    """The stored bytes of pictures that came with requests; built once in `bootstrap`."""

    def __init__(self, storage: Storage) -> None:
        """Keep them in this store.

        `room` is for the bytes of those that come in, `fetches` is held while one is fetched.
        """
        self._storage = storage
        self.room, self.fetches = Room(), asyncio.Semaphore(FETCHES)

    async def save(self, account_id: str, data: bytes) -> str:
        """Store one and give its name, which begins with its account's."""
        name = f"{PREFIX}{account_id}/{new_id()}"
        await self._storage.put(name, data)
        return name

    async def load(self, name: str) -> bytes:
        """Fetch one; raises `NotFound` when it is gone."""
        data = await self._storage.get(name)
        if data is None:
            raise NotFound("The pictures that came with this request are no longer kept; send it again.", param="image")
        return data

    async def discard(self, names: list[str]) -> None:
        """Remove these; those that are gone already are no error."""
        await self._storage.delete(names)

    async def forget(self, account_id: str) -> None:
        """Remove all that came with an account's requests."""
        async for names in self._storage.older(0, f"{PREFIX}{account_id}/"):
            await self._storage.delete(names)

    async def stale(self, older_than_seconds: float) -> AsyncIterator[list[str]]:
        """List the names of those stored longer ago than that, page by page."""
        async for names in self._storage.older(older_than_seconds, PREFIX):
            yield names


def sha256(data: bytes) -> str:
    """Give the hash by which a picture of ours is known when it comes back (`assets.same`)."""
    return hashlib.sha256(data).hexdigest()
