"""Sealing: signing what a receipt says, and checking a picture against its receipt.

A receipt is JSON signed with Ed25519 as a JWS (RFC 7515, RFC 8037). The key is derived from the server's secret key
(HKDF, RFC 5869), so all nodes of a fleet sign alike and nothing more has to be kept. Whoever has the picture, its
receipt and the server's public key can check them without asking anybody: `verified`.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import KeySet, OKPKey

KIND = "limner-receipt"


class _Registry(jws.JWSRegistry):
    """Knows `EdDSA` alone, without a warning: RFC 9864 has a newer name for it, which few libraries know yet."""

    max_payload_length = 1 << 20

    def get_alg(self, name: str) -> Any:
        """Give the algorithm."""
        if name != "EdDSA":
            raise UnsupportedAlgorithmError
        return self.algorithms[name]


class Seal:
    """Signs with the key that follows from the server's secret key."""

    def __init__(self, secret: bytes) -> None:
        """`secret` is the server's secret key."""
        options = {"salt": b"", "info": b"limner receipts"}
        self._key = OKPKey.derive_key(secret, "Ed25519", kdf_options=options, auto_kid=True)

    @property
    def public(self) -> dict[str, Any]:
        """The public key as a JWK (RFC 7517)."""
        return dict(self._key.as_dict(private=False, alg="EdDSA", use="sig"))

    def sign(self, told: dict[str, Any]) -> str:
        """Give what is told as a JWS in its compact form."""
        header = {"alg": "EdDSA", "typ": KIND, "kid": self._key.kid}
        return jws.serialize_compact(header, msgspec.json.encode(told), self._key, registry=_Registry())


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
