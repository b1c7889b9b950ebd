"""The intake of pictures: wherever they are, they are fetched, measured, stored as inputs, and known if they are ours.

What strangers name is fetched through `outbound`, which asks public addresses only. A picture of ours is taken from the
store: by the account that owns it under its id, by everybody under a signed link.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urljoin, urlsplit

import msgspec

from limner import assets
from limner.assets import PATH
from limner.capabilities import Input
from limner.errors import BadRequest, NotFound
from limner.inputs import sha256
from limner.measuring import MOST_BYTES, Measured, from_base64, is_base64, measure, too_large
from limner.outbound import Unreachable

if TYPE_CHECKING:
    from limner.api.sent import Sent
    from limner.bootstrap import Services
    from limner.db import Transaction

PATIENCE = 30.0
"""Seconds that a stranger's server has for a picture."""

REDIRECTS = 3
SMALL = 262_144
"""Up to so many bytes hashing is done at once: a thread would cost more."""

_DATA = re.compile(r"data:([^,;]*)((?:;[^,;]*)*),", re.IGNORECASE)
_TEXTS = (b"http://", b"https://", b"data:")
_NAME = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\.(png|jpg|webp))?", re.ASCII)


class _Loaded(msgspec.Struct, frozen=True):
    """A picture's bytes, measured; `asset` is the picture of ours that they are said to be."""

    data: bytes
    measured: Measured
    hash: str
    asset: str | None


class Intake:
    """The pictures of one request: taken one after the other, and taken back if nothing comes of it."""

    def __init__(self, services: Services, account_id: str) -> None:
        """Say whose they are."""
        self._services, self._account_id = services, account_id
        self.hashes: list[str] = []
        self._saved: list[str] = []

    async def take(self, images: list[Sent], mask: Sent | None) -> tuple[tuple[Input, ...], str | None]:
        """Store the pictures and the mask; gives how they are named in the request.

        Raises `BadRequest`, `RequestTooLarge` or `NotFound` naming the parameter.
        """
        taken = [await self._take(one) for one in images]
        if mask is None:
            return tuple(taken), None
        return tuple(taken), (await self._take(mask, over=taken[0])).name

    async def take_back(self) -> None:
        """Remove what was stored."""
        names, self._saved = self._saved, []
        await self._services.inputs.discard(names)

    async def _take(self, sent: Sent, over: Input | None = None) -> Input:
        room = self._services.inputs.room
        occupied = await room.enter(sent.file.size or 0) if sent.file is not None else None
        try:
            loaded = await self._load(sent)
            if over is not None:
                _check_mask(loaded.measured, over, sent.param)
            known = loaded.asset or await self._services.database.read(_same, self._account_id, loaded.hash)
            name = await self._services.inputs.save(self._account_id, loaded.data)
        finally:
            if occupied is not None:
                occupied.leave()
        self._saved.append(name)
        self.hashes.append(loaded.hash)
        found = loaded.measured
        return Input(
            name=name,
            content_type=found.content_type,
            width=found.width,
            height=found.height,
            asset=known,
            sha256=loaded.hash,
        )

    async def _load(self, sent: Sent) -> _Loaded:
        data, asset = await self._bytes(sent)
        measured = measure(data, param=sent.param)
        digest = sha256(data) if len(data) <= SMALL else await asyncio.to_thread(sha256, data)
        return _Loaded(data, measured, digest, asset)

    async def _bytes(self, sent: Sent) -> tuple[bytes, str | None]:
        """Give a picture's bytes, and the id of the picture of ours that was named."""
        if sent.file_id is not None:
            return await self._own(sent.file_id, sent.param)
        if sent.file is None:
            return await self._of_text(sent.text or "", sent.param)
        if (sent.file.size or 0) > MOST_BYTES:
            raise too_large(sent.param)
        data = await sent.file.read()
        if not sent.file.filename and (data.startswith(_TEXTS) or is_base64(data[:16].decode("latin-1"))):
            return await self._of_text(data.decode("latin-1"), sent.param)
        return data, None

    async def _of_text(self, given: str, param: str) -> tuple[bytes, str | None]:
        text = given.strip()
        found = _DATA.match(text)
        if found is not None:
            if not found[2].lower().endswith(";base64"):
                raise BadRequest(f"{param} is a data URL that is not in base64.", param=param)
            return _decoded(text[found.end() :], param), None
        if is_base64(text):
            return _decoded(text, param), None
        if not text.lower().startswith(("http://", "https://")):
            raise BadRequest(f"{param} must be an http or https URL, or a data URL in base64.", param=param)
        own = await self._linked(text, param)
        return own if own is not None else (await self._fetched(text, param), None)

    async def _own(self, given: str, param: str) -> tuple[bytes, str]:
        """Load one of the account's pictures by its name or id."""
        asset = None
        if _NAME.fullmatch(given):
            asset = await self._services.database.read(assets.find, self._account_id, assets.identity(given))
        if asset is None or asset.deleted_at is not None:
            raise NotFound(f"{param}: there is no such picture, or it is no longer kept.", param=param)
        return await self._stored(asset.name, param), asset.id

    async def _linked(self, url: str, param: str) -> tuple[bytes, str | None] | None:
        """Load what one of our own links leads to, without asking ourselves over HTTP; None for all other URLs."""
        parts, store = urlsplit(url), self._services.assets
        name = parts.path.rpartition("/")[2]
        if not _NAME.fullmatch(name) or "." not in name:
            return None
        if (parts.scheme, parts.netloc) in store.origins:  # the store's own, which may not be reachable from here
            asset = await self._services.database.read(assets.find, self._account_id, assets.identity(name))
            return None if asset is None else (await self._stored(asset.name, param), asset.id)
        if parts.path != PATH + name:
            return None
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        try:
            store.check_link(name, query.get("expires", ""), query.get("signature", ""))
        except NotFound as error:
            if not url.startswith(self._services.public_url + PATH):
                return None  # another limner's
            raise NotFound(f"{param}: {error.message}", param=param) from error
        return await self._stored(name, param), None

    async def _stored(self, name: str, param: str) -> bytes:
        try:
            return await self._services.assets.load(name)
        except NotFound as error:
            raise NotFound(f"{param}: {error.message}", param=param) from error

    async def _fetched(self, url: str, param: str) -> bytes:
        """Fetch what a stranger's URL leads to; redirects are judged like the URL itself."""
        outbound = self._services.outbound
        async with self._services.inputs.fetches:
            for _ in range(REDIRECTS + 1):
                outbound.check(url, param=param)
                try:
                    answer = await outbound.get(url, seconds=PATIENCE, most=MOST_BYTES)
                except Unreachable as error:
                    if error.reason == "size":
                        raise too_large(param) from error
                    raise BadRequest(f"{param} could not be fetched: {error}", param=param) from error
                if answer.status not in {301, 302, 303, 307, 308} or "location" not in answer.headers:
                    break
                url = urljoin(url, answer.headers["location"])
        if answer.status != 200:
            raise BadRequest(f"{param} could not be fetched: the host answered {answer.status}.", param=param)
        return answer.body


def _same(tx: Transaction, account_id: str, digest: str) -> str | None:
    asset = assets.same(tx, account_id, digest)
    return asset.id if asset else None


def _decoded(text: str, param: str) -> bytes:
    if len(text) > MOST_BYTES * 4 // 3 + 4:
        raise too_large(param)
    try:
        return from_base64(text)
    except ValueError as error:
        raise BadRequest(f"{param} is not valid base64.", param=param) from error


def _check_mask(found: Measured, over: Input, param: str) -> None:
    """Refuse a mask that does not fit its picture: what it means would be a guess."""
    if found.content_type != "image/png" or not found.alpha:
        raise BadRequest(
            f"{param} must be a PNG with an alpha channel, whose clear pixels say what is to be changed.", param=param
        )
    if (found.width, found.height) != (over.width, over.height):
        raise BadRequest(
            f"{param} has {found.width} by {found.height} pixels and must have those of the first picture, "
            f"{over.width} by {over.height}.",
            param=param,
        )
