"""Where bytes lie: a thin wrapper on the object-store library, so that disk, memory, S3, GCS and Azure look alike.

On a disk a stored object survives the death of the process at once, but the power's failure only after the system
has written it back; an object store keeps what it has acknowledged.
"""

from __future__ import annotations

from pathlib import Path

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

SMALL = 65_536
"""Up to this many bytes a local write is done in place: handing it to a thread costs three times the write itself."""

_PROBE = ".limner-probe"


class Storage:
    """Bytes by key; built once in `bootstrap`, safe to use from any task of the event loop."""

    def __init__(self, store: ObjectStore) -> None:
        """Wrap an opened store."""
        self._store = store
        self._local = isinstance(store, LocalStore)

    @classmethod
    def open(cls, url: str) -> Storage:
        """Open `file:///folder` (made if missing), `memory://`, `s3://bucket/prefix`, `gs://...` or `az://...`.

        Raises `ValueError` for a URL the library does not know.
        """
        try:
            if url.startswith("file://"):
                return cls(LocalStore(Path(url.removeprefix("file://")), mkdir=True))
            return cls(from_url("memory:///" if url.startswith("memory:") else url))
        except Exception as error:
            what = str(error).strip().partition("\n")[0]
            raise ValueError(f"cannot open the storage at {url.partition('?')[0]}: {what}") from error

    async def put(self, key: str, data: bytes) -> None:
        """Store the bytes under the key, all or nothing; what was there before is replaced."""
        if self._local and len(data) <= SMALL:
            obstore.put(self._store, key, data)
        else:
            await obstore.put_async(self._store, key, data)

    async def get(self, key: str) -> bytes | None:
        """Fetch the bytes; None when there are none under this key."""
        try:
            answer = await obstore.get_async(self._store, key)
            return bytes(await answer.bytes_async())
        except (NotFoundError, FileNotFoundError):
            return None

    async def get_range(self, key: str, start: int, end: int) -> bytes | None:
        """Fetch the bytes from `start` up to but not including `end`; None when there are none under this key."""
        try:
            return bytes(await obstore.get_range_async(self._store, key, start=start, end=end))
        except (NotFoundError, FileNotFoundError):
            return None

    async def size(self, key: str) -> int | None:
        """Say how many bytes lie under the key; None when there are none."""
        try:
            return int((await obstore.head_async(self._store, key))["size"])
        except (NotFoundError, FileNotFoundError):
            return None

    async def delete(self, keys: list[str]) -> None:
        """Remove the objects; those that are gone already are no error."""
        for key in keys:
            try:
                await obstore.delete_async(self._store, key)
            except (NotFoundError, FileNotFoundError):
                continue

    async def check(self) -> None:
        """Write, read and remove a small object; raises what the store raises when that fails."""
        await obstore.put_async(self._store, _PROBE, b"limner")
        await obstore.get_async(self._store, _PROBE)
        await obstore.delete_async(self._store, _PROBE)
