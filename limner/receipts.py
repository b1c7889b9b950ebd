"""Receipts: signed statements of how a picture came to be, which stay true when the server is no more.

A receipt is JSON signed with Ed25519 as a JWS (RFC 7515, RFC 8037). The key is derived from the server's secret key
(HKDF, RFC 5869), so all nodes of a fleet sign alike and nothing more has to be kept. Whoever has the picture, its
receipt and the server's public key can check them without asking anybody: `verified`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec
from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import KeySet, OKPKey

from limner import assets, tasks
from limner.capabilities import Request
from limner.errors import NotFound
from limner.ids import SECOND
from limner.inputs import sha256

if TYPE_CHECKING:
    from limner.assets import Asset
    from limner.db import Database, Transaction
    from limner.inputs import Inputs
    from limner.tasks import Task

KIND = "limner-receipt"
_UNTOLD = {"model", "seed", "n", "images", "mask", "user", "callback_url", "partial_images", "response_format"}
"""Parameters that are told elsewhere, or that are the caller's own affair."""


class _Registry(jws.JWSRegistry):
    """Knows `EdDSA` alone, without a warning: RFC 9864 has a newer name for it, which few libraries know yet."""

    max_payload_length = 1 << 20

    def get_alg(self, name: str) -> Any:
        """Give the algorithm."""
        if name != "EdDSA":
            raise UnsupportedAlgorithmError
        return self.algorithms[name]


class Receipts:
    """Writes receipts; built once in `bootstrap`."""

    def __init__(self, database: Database, inputs: Inputs, secret: bytes, public_url: str) -> None:
        """`secret` is the server's secret key, `public_url` what it is called in its receipts."""
        self._database, self._inputs, self._issuer = database, inputs, public_url
        options = {"salt": b"", "info": b"limner receipts"}
        self._key = OKPKey.derive_key(secret, "Ed25519", kdf_options=options, auto_kid=True)

    @property
    def keys(self) -> dict[str, Any]:
        """The public key as a JWK set (RFC 7517)."""
        return {"keys": [self._public]}

    @property
    def _public(self) -> dict[str, Any]:
        return dict(self._key.as_dict(private=False, alg="EdDSA", use="sig"))

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
        header = {"alg": "EdDSA", "typ": KIND, "kid": self._key.kid}
        signed = jws.serialize_compact(header, msgspec.json.encode(told), self._key, registry=_Registry())
        return {"object": "receipt", "receipt": told, "jws": signed, "jwk": self._public}

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


class Verified(msgspec.Struct, frozen=True):
    """A receipt whose signature is right: what it says, the thumbprint of its key, and whether that key was given.

    A key that was not given is the receipt's own, which proves only that nobody changed it since.
    """

    receipt: dict[str, Any]
    thumbprint: str
    known: bool


def verified(picture: bytes, receipt: bytes, keys: bytes | None = None) -> Verified:
    """Check a picture against its receipt (the endpoint's JSON or the bare JWS), by the keys of a JWK set if given.

    Raises `ValueError` saying what is wrong.
    """
    signed, own = _parts(receipt)
    try:
        trusted = KeySet.import_key_set(msgspec.json.decode(keys)) if keys is not None else None
        ring = trusted or OKPKey.import_key(own or {})
        found = jws.deserialize_compact(signed, ring, registry=_Registry())
        told = msgspec.json.decode(found.payload, type=dict[str, Any])
        key = trusted.get_by_kid(found.headers().get("kid")) if trusted else OKPKey.import_key(own or {})
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ValueError("the receipt's signature is not right, or its key is not among those given") from error
    if hashlib.sha256(picture).hexdigest() != told.get("sha256"):
        raise ValueError("the receipt is genuine, but it is that of another picture, or the picture was changed")
    return Verified(told, key.thumbprint(), known=trusted is not None)


def _parts(receipt: bytes) -> tuple[str, dict[str, Any] | None]:
    """Give the JWS and the key that lies beside it, if one does; what else lies there is not signed."""
    if not receipt.lstrip().startswith(b"{"):
        return receipt.decode("ascii", "replace").strip(), None
    try:
        given = msgspec.json.decode(receipt, type=dict[str, Any])
        return str(given["jws"]), given.get("jwk")
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError) as error:
        raise ValueError("this is no receipt") from error
