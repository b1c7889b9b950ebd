"""Where bytes lie: a thin wrapper on the object-store library, so that disk, memory, S3, GCS and Azure look alike.

Credentials, region and endpoint of an object store come from the environment under its usual names
(`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL`, `AWS_ALLOW_HTTP` and so on).

On a disk a stored object survives the death of the process at once, but the power's failure only after the system
has written it back; an object store keeps what it has acknowledged.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import AzureStore, GCSStore, LocalStore, ObjectStore, S3Store, from_url

from limner.ids import new_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from obstore import Attributes
    from obstore.store import RetryConfig

SMALL = 65_536
"""Up to this many bytes a local write is done in place: handing it to a thread costs three times the write itself."""

PIECE = 262_144
"""Bytes that are written at once. Linux keeps a file in pages as large as the write: for megabytes it looks for huge
ones, which on a virtual machine may have to come from its host. 2 MB took 9 ms in one piece, and 1 ms in eight."""

WEEK = 604_800
"""The longest life of a presigned link, seconds: S3 and GCS refuse more (Signature Version 4, `X-Amz-Expires`)."""

PAGE = 500
"""How many objects are listed at once, at most."""

AT_ONCE = 16
"""How many objects are being deleted at once."""

PATIENCE = 10.0
"""How long a check may take, seconds: who asks whether a node is ready does not wait for a store that hangs."""

# a caller waits for the picture, so the library's own three minutes are too many
_RETRIES: RetryConfig = {"max_retries": 5, "retry_timeout": timedelta(seconds=30)}
_SAID = re.compile(r"<Code>([^<]*)</Code>\s*<Message>([^<]*)")
_NO_BUCKET = ("NoSuchBucket", "ContainerNotFound")


class StorageError(Exception):
    """The store refused, failed or could not be reached; the message is one line of what it said."""


class _MissingError(StorageError):
    """There is no object under the key."""


class Storage:
    """Bytes by key; built once in `bootstrap`, safe to use from any task of the event loop.

    Every method raises `StorageError` when the store cannot do as it is told.
    """

    def __init__(self, store: ObjectStore) -> None:
        """Wrap an opened store."""
        self._store = store
        self._local = isinstance(store, LocalStore)

    @classmethod
    def open(cls, url: str) -> Storage:
        """Open `file:///folder` (made if missing), `memory://`, `s3://bucket/prefix`, `gs://...` or `az://...`.

        Nothing is asked of an object store yet. Raises `ValueError` for a URL the library does not know.
        """
        try:
            if url.startswith("file://"):
                return cls(LocalStore(Path(url.removeprefix("file://")), mkdir=True))
            return cls(from_url("memory:///" if url.startswith("memory:") else url, retry_config=_RETRIES))
        except Exception as error:
            what = str(error).strip().partition("\n")[0]
            raise ValueError(f"cannot open the storage at {url.partition('?')[0]}: {what}") from error

    async def put(self, key: str, data: bytes, content_type: str | None = None) -> None:
        """Store the bytes under the key, all or nothing; what was there before is replaced.

        The content type is what an object store answers with to whoever opens a link to it; a disk keeps none.
        """
        with _told():
            if self._local and len(data) <= SMALL:
                obstore.put(self._store, key, data)
            else:
                # in one piece: an upload in parts that is cut off leaves parts that nobody sees and somebody pays for
                kept = self._attributes(content_type)
                view = memoryview(data)
                pieces = [view[at : at + PIECE] for at in range(0, len(data), PIECE)]
                await obstore.put_async(self._store, key, pieces, attributes=kept, use_multipart=False)

    async def get(self, key: str) -> bytes | None:
        """Fetch the bytes; None when there are none under this key."""
        with suppress(_MissingError), _told():
            answer = await obstore.get_async(self._store, key)
            return bytes(await answer.bytes_async())
        return None

    async def get_range(self, key: str, start: int, end: int) -> bytes | None:
        """Fetch the bytes from `start` up to but not including `end`; None when there are none under this key."""
        with suppress(_MissingError), _told():
            return bytes(await obstore.get_range_async(self._store, key, start=start, end=end))
        return None

    async def size(self, key: str) -> int | None:
        """Say how many bytes lie under the key; None when there are none."""
        with suppress(_MissingError), _told():
            return int((await obstore.head_async(self._store, key))["size"])
        return None

    async def delete(self, keys: list[str]) -> None:
        """Remove the objects; those that are gone already are no error."""
        for start in range(0, len(keys), AT_ONCE):
            await asyncio.gather(*map(self._delete, keys[start : start + AT_ONCE]))

    async def older(self, seconds: float, prefix: str | None = None) -> AsyncIterator[list[str]]:
        """List the keys of all objects written more than so many seconds ago, page by page, in no certain order.

        With a `prefix`, which must be a folder, those below it only.

        It is the store's clock that dates an object, so `seconds` should be far more than clocks differ by.
        """
        before = datetime.now(UTC) - timedelta(seconds=seconds)
        with _told():
            async for page in obstore.list(self._store, prefix, chunk_size=PAGE):
                keys = [found["path"] for found in page if found["last_modified"] < before]
                if keys:
                    yield keys

    def sign(self, key: str, seconds: int) -> str | None:
        """Make a link that lets anyone fetch the object straight from the store; None for disk and memory.

        It works for so many seconds, `WEEK` at most. With credentials of a fixed kind (access key, service account,
        account key) this is arithmetic; with others the library may ask the cloud for new ones first. Raises
        `StorageError` when there are none.
        """
        if not isinstance(self._store, S3Store | GCSStore | AzureStore):
            return None
        with _told():
            return obstore.sign(self._store, "GET", key, timedelta(seconds=min(seconds, WEEK)))

    async def check(self) -> None:
        """Write, read and remove a small object; raises `StorageError` when that fails or takes over `PATIENCE`."""
        # a name of its own for each check: nodes, and askers of one node, would delete it before each other's eyes
        probe = f".limner-probe-{new_id()}"
        with _told():
            async with asyncio.timeout(PATIENCE):
                await obstore.put_async(self._store, probe, b"limner")
                await obstore.get_async(self._store, probe)
                await obstore.delete_async(self._store, probe)

    def _attributes(self, content_type: str | None) -> Attributes:
        """Give what is kept beside the bytes; the library refuses any on a disk."""
        return {} if content_type is None or self._local else {"Content-Type": content_type}

    async def _delete(self, key: str) -> None:
        with suppress(_MissingError), _told():
            await obstore.delete_async(self._store, key)


@contextmanager
def _told() -> Iterator[None]:
    """Turn whatever the library raises into a `StorageError`."""
    try:
        yield
    except Exception as error:
        kind = _MissingError if _absent(error) else StorageError
        raise kind(_reason(error)) from error


def _absent(error: Exception) -> bool:
    """Tell an object that is not there from a bucket that is not there, which the library reports alike."""
    return isinstance(error, NotFoundError | FileNotFoundError) and not any(sign in str(error) for sign in _NO_BUCKET)


def _reason(error: Exception) -> str:
    """Give what the store said in the body of its answer, else the first line of what the library says."""
    said = _SAID.search(str(error))
    return f"{said[2]} ({said[1]})" if said else str(error).strip().partition("\n")[0] or type(error).__name__
