"""Assets: produced pictures as stored objects, their rows, and links to them that anyone may open for a time.

Our own link is `/v1/files/{name}?expires=SECONDS&signature=HEX`; the signature is HMAC-SHA-256 (RFC 2104) over name and
expiry. It depends on nothing else, so the same asset always gives the same link. An object store's own links
(presigned, straight from the store) depend on when they are made; ours open all the same, whatever the store.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import bindparam, func, select, update

from limner.db.schema import assets
from limner.errors import NotFound
from limner.ids import SECOND, new_id, now
from limner.storage import StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from limner.db import Row, Transaction
    from limner.engines.base import Picture
    from limner.storage import Storage

PATH = "/v1/files/"
_NAME = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(png|jpg|webp)")
_PROBE = "probe"
UNSEEDED = -1
_GONE = "There is no such file; it may have been deleted when its time was over."
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
CONTENT_TYPES = {extension: content_type for content_type, extension in EXTENSIONS.items()}


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """One stored picture; `position` is its place among the pictures of its task, `size` its bytes."""

    id: str
    task_id: str
    account_id: str
    position: int
    content_type: str
    width: int
    height: int
    size: int
    sha256: str
    seed: int
    revised_prompt: str | None
    scene: str | None
    created_at: int
    expires_at: int
    deleted_at: int | None = None
    plan: str | None = None
    version: str | None = None

    @property
    def known_seed(self) -> int | None:
        """The seed that it was made with; None where whoever made it takes none."""
        return None if self.seed == UNSEEDED else self.seed

    @property
    def name(self) -> str:
        """The file's name, as in its link."""
        return f"{self.id}.{EXTENSIONS[self.content_type]}"


class Image(msgspec.Struct, frozen=True):
    """A picture as clients are shown it: a link or its bytes in base64, and a sentence that says what was drawn."""

    url: str | UnsetType = UNSET
    b64_json: bytes | UnsetType = UNSET
    revised_prompt: str | UnsetType = UNSET


_FIELDS = Asset.__struct_fields__
_OF_TASKS = (
    select(assets)
    .where(assets.c.task_id.in_(bindparam("task_ids", expanding=True)))
    .order_by(assets.c.task_id, assets.c.position)
)
_OF_TASK = select(assets).where(assets.c.task_id == bindparam("task_id")).order_by(assets.c.position)
_SAME = (
    select(assets)
    .where(assets.c.account_id == bindparam("account_id"), assets.c.sha256 == bindparam("sha256"))
    .order_by(assets.c.id.desc())
    .limit(1)
)
_BY_ID = select(assets).where(assets.c.id == bindparam("id"))
_ONE = select(assets).where(assets.c.id == bindparam("id"), assets.c.account_id == bindparam("account_id"))
_PLAN = select(assets.c.plan).where(assets.c.id == bindparam("id"))
_EXPIRED = (
    select(assets)
    .where(assets.c.expires_at < bindparam("at"), assets.c.deleted_at.is_(None))
    .order_by(assets.c.expires_at)
    .limit(bindparam("most"))
)
_KEPT = select(assets.c.id).where(assets.c.id.in_(bindparam("ids", expanding=True)), assets.c.deleted_at.is_(None))
_STORED = (
    select(assets)
    .where(assets.c.id > bindparam("after"), assets.c.deleted_at.is_(None))
    .order_by(assets.c.id)
    .limit(bindparam("most"))
)
_STORED_COUNT = select(func.count().label("number")).where(assets.c.deleted_at.is_(None))
_DELETED = update(assets).where(assets.c.id == bindparam("which")).values(deleted_at=bindparam("at"))


def insert(tx: Transaction, asset: Asset) -> None:
    """Write the row of a stored picture."""
    tx.insert(assets, **msgspec.structs.asdict(asset))


def of_task(tx: Transaction, task_id: str) -> list[Asset]:
    """List a task's pictures in their order."""
    return [_asset(row) for row in tx.all(_OF_TASK, task_id=task_id)]


def of_tasks(tx: Transaction, task_ids: list[str]) -> dict[str, list[Asset]]:
    """List the pictures of several tasks by the task, each in their order."""
    found: dict[str, list[Asset]] = {}
    for row in tx.all(_OF_TASKS, task_ids=task_ids) if task_ids else []:
        found.setdefault(row["task_id"], []).append(_asset(row))
    return found


def of_picture(picture: Picture, *, task_id: str, account_id: str, position: int, seed: int, retention: int) -> Asset:
    """Describe a picture just made; `retention` is in microseconds."""
    at = now()
    return Asset(
        id=new_id(),
        task_id=task_id,
        account_id=account_id,
        position=position,
        content_type=picture.content_type,
        width=picture.width,
        height=picture.height,
        size=len(picture.data),
        sha256=hashlib.sha256(picture.data).hexdigest(),
        seed=seed if picture.seeded else UNSEEDED,
        # PostgreSQL's text holds no NUL, which a prompt may and an engine may repeat
        revised_prompt=picture.revised_prompt and picture.revised_prompt.replace("\0", "\N{REPLACEMENT CHARACTER}"),
        scene=msgspec.json.encode(picture.scene).decode() if picture.scene else None,
        created_at=at,
        expires_at=at + retention,
        plan=msgspec.json.encode(picture.plan).decode() if picture.plan else None,
        version=picture.version,
    )


def by_id(tx: Transaction, asset_id: str) -> Asset:
    """Find a picture of any account, kept or not; raises `NotFound`."""
    row = tx.one(_BY_ID, id=asset_id)
    if row is None:
        raise NotFound("There is no such file.")
    return _asset(row)


def find(tx: Transaction, account_id: str, asset_id: str) -> Asset | None:
    """Find one of the account's pictures, kept or not."""
    row = tx.one(_ONE, id=asset_id, account_id=account_id)
    return _asset(row) if row else None


def same(tx: Transaction, account_id: str, sha256: str) -> Asset | None:
    """Find the account's newest picture with these very bytes, kept or not."""
    row = tx.one(_SAME, account_id=account_id, sha256=sha256)
    return _asset(row) if row else None


def plan(tx: Transaction, asset_id: str) -> dict[str, Any] | None:
    """Give what a picture's engine needs to make it again; None for one that has no such plan."""
    row = tx.one(_PLAN, id=asset_id)
    return msgspec.json.decode(row["plan"]) if row and row["plan"] else None


def expired(tx: Transaction, most: int) -> list[Asset]:
    """List up to `most` pictures that are past their time and still there."""
    return [_asset(row) for row in tx.all(_EXPIRED, at=now(), most=most)]


def stored(tx: Transaction, after: str, most: int) -> list[Asset]:
    """List up to `most` pictures that are there, by their ids, from behind the id `after` on."""
    return [_asset(row) for row in tx.all(_STORED, after=after, most=most)]


def stored_count(tx: Transaction) -> int:
    """Count the pictures that are there."""
    row = tx.one(_STORED_COUNT)
    return int(row["number"]) if row else 0


def known(tx: Transaction, ids: Iterable[str]) -> set[str]:
    """Tell which of these are the ids of pictures that are to be kept: those with a row that is not marked deleted."""
    return {row["id"] for row in tx.all(_KEPT, ids=list(ids))}


def mark_deleted(tx: Transaction, gone: list[Asset]) -> None:
    """Note that the bytes of these pictures are no more."""
    at = now()
    for asset in gone:
        tx.run(_DELETED, which=asset.id, at=at)


def _asset(row: Row) -> Asset:
    return Asset(**{field: row[field] for field in _FIELDS})


class Assets:
    """The stored bytes of pictures and the links to them."""

    def __init__(self, storage: Storage, secret: bytes, public_url: str, links: str = "auto") -> None:
        """`secret` signs our own links; `public_url` is what they begin with.

        `links` says whose are handed out: `server` ours, `store` the store's own, `auto` the store's where it can sign.
        Raises `ValueError` for `store` when it cannot.
        """
        self._storage = storage
        self._direct = links != "server" and _signs(storage, needed=links == "store")
        self._mac = hmac.new(secret, digestmod=hashlib.sha256)
        self._public_url = public_url.rstrip("/")

    @property
    def origins(self) -> set[tuple[str, str]]:
        """Give the schemes and hosts that links may lead to besides this server's: the store's, where it signs."""
        signed = self._storage.sign(_PROBE, 60) if self._direct else None
        return {urlsplit(signed)[:2]} if signed else set()

    async def save(self, name: str, data: bytes) -> None:
        """Store a picture's bytes."""
        await self._storage.put(_key(name), data, CONTENT_TYPES[name.rpartition(".")[2]])

    async def load(self, name: str, window: tuple[int, int] | None = None) -> bytes:
        """Fetch a picture's bytes, or those from `window[0]` up to `window[1]`; raises `NotFound` if they are gone."""
        key = _key(name)
        data = await (self._storage.get_range(key, *window) if window else self._storage.get(key))
        if data is None:
            raise NotFound(_GONE)
        return data

    async def size(self, name: str) -> int:
        """Say how many bytes a picture has; raises `NotFound` when they are gone."""
        size = await self._storage.size(_key(name))
        if size is None:
            raise NotFound(_GONE)
        return size

    async def delete(self, gone: list[Asset]) -> None:
        """Remove the bytes of these pictures."""
        await self.discard([asset.name for asset in gone])

    async def discard(self, names: list[str]) -> None:
        """Remove the bytes that go by these names; those that are gone already are no error."""
        await self._storage.delete([_key(name) for name in names])

    async def stale(self, older_than_seconds: float) -> AsyncIterator[list[str]]:
        """List the names of all pictures stored longer ago than that, page by page (up to 500 each), in no order.

        A name's first part is the asset's id (`identity`). What else lies in the store is passed over.
        """
        async for keys in self._storage.older(older_than_seconds):
            names = [key.rpartition("/")[2] for key in keys]
            ours = [name for key, name in zip(keys, names, strict=True) if _NAME.fullmatch(name) and _key(name) == key]
            if ours:
                yield ours

    def link(self, asset: Asset) -> str:
        """Make the link to a picture that works until the picture expires; a store's own link for a week at most."""
        return (self._presigned(asset) if self._direct else None) or self._own(asset)

    def _presigned(self, asset: Asset) -> str | None:
        """Let the store sign; None when it cannot just now, for a picture is better sent by us than not at all."""
        left = (asset.expires_at - now()) // SECOND
        if left <= 0:
            return None
        try:
            return self._storage.sign(_key(asset.name), left)
        except StorageError:
            return None

    def receipt_link(self, asset: Asset) -> str:
        """Make the link to a picture's receipt, which works as long as that to the picture."""
        return self._own(asset, "/receipt")

    def _own(self, asset: Asset, what: str = "") -> str:
        expires = asset.expires_at // SECOND
        return (
            f"{self._public_url}{PATH}{asset.name}{what}?expires={expires}&signature={self._sign(asset.name, expires)}"
        )

    def shown(self, made: list[Asset], data: list[bytes] | None = None) -> list[Image]:
        """Show pictures to a client: by their links, or with `data` by their bytes."""
        if data is None:
            return [Image(url=self.link(asset), revised_prompt=_revised(asset)) for asset in made]
        pairs = zip(data, made, strict=True)
        return [Image(b64_json=picture, revised_prompt=_revised(asset)) for picture, asset in pairs]

    def check_link(self, name: str, expires: str, signature: str) -> int:
        """Check a link's parameters and give its expiry in seconds; raises `NotFound` for a wrong or expired link."""
        if not expires.isascii() or not expires.isdigit() or len(expires) > 12:
            raise NotFound("There is no such file: the link is incomplete. Take the whole link, with its query.")
        if not hmac.compare_digest(self._sign(name, int(expires)).encode(), signature.encode()):
            raise NotFound("There is no such file: the link's signature does not fit. Take the whole link, unchanged.")
        if int(expires) * SECOND < now():
            raise NotFound("The link has expired. The task's record can give a new one while the picture is kept.")
        return int(expires)

    def _sign(self, name: str, expires: int) -> str:
        mac = self._mac.copy()
        mac.update(f"{name}\n{expires}".encode())
        return mac.hexdigest()


def identity(name: str) -> str:
    """Give the id of the asset whose file has this name."""
    return name.partition(".")[0]


def _signs(storage: Storage, *, needed: bool) -> bool:
    """Try once whether the store signs links; raises `ValueError` when it does not and that is `needed`."""
    why = "a disk and memory cannot"
    try:
        if storage.sign(_PROBE, 60) is not None:
            return True
    except StorageError as error:
        why = str(error)
    if needed:
        raise ValueError(f"the links are to be the store's own, but it cannot sign any: {why}; use `auto` or `server`")
    return False


def _revised(asset: Asset) -> str | UnsetType:
    return UNSET if asset.revised_prompt is None else asset.revised_prompt


def _key(name: str) -> str:
    """Spread the files over folders by the random tail of their ids, so that no folder grows huge."""
    return f"{identity(name)[-2:]}/{name}"
