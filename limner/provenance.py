"""Provenance: what a picture's own file says of how it came to be.

An XMP packet with IPTC's digital source type, which any viewer of metadata shows, and where the operator has a
certificate for it, signed C2PA credentials (C2PA Technical Specification 2.2, Content Credentials).
"""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

from limner import __version__, xmp

_ALGORITHMS = {"P-256": "es256", "P-384": "es384", "P-521": "es512", "Ed25519": "ed25519"}
# a thumbnail would be as large as the picture's own detail, and is what the file shows already
_SETTINGS = {"builder": {"thumbnail": {"enabled": False}}}
_WHITE = xmp.blank_png()


class Provenance:
    """Writes into pictures of local engines where they come from; built once in `bootstrap`."""

    def __init__(self, marks: bool = True, certificate: str = "", key: str = "") -> None:
        """Say whether there is an XMP packet; `certificate` and `key` are the names of PEM files, or empty.

        Raises `ValueError` naming the setting at fault; it signs something once to find out.
        """
        self._marks = marks
        if bool(certificate) != bool(key):
            raise ValueError("LIMNER_C2PA_CERTIFICATE and LIMNER_C2PA_KEY go together")
        self._credentials = Credentials(certificate, key) if certificate else None

    async def mark(self, data: bytes, content_type: str, origin: str, maker: str) -> bytes:
        """Give the file with its mark: `origin` is an IPTC digital source type, `maker` says what made it."""
        if self._marks:
            data = xmp.marked(data, content_type, origin, maker)
        if self._credentials is not None:
            source = xmp.SOURCE_TYPES + origin
            data = await asyncio.to_thread(self._credentials.sign, data, content_type, source, maker)
        return data

    async def check(self) -> str:
        """Say that pictures are signed, if they are: what was asked for at the start can be done."""
        return "C2PA credentials in pictures of this server's own engines" if self._credentials else ""


class Credentials:
    """Signs C2PA manifests with a certificate of the operator's."""

    def __init__(self, certificate: str, key: str) -> None:
        """Read the files and sign a small picture; raises `ValueError` naming the setting at fault."""
        try:
            import c2pa  # noqa: PLC0415 - an extra, and large
        except ImportError as error:
            raise ValueError(
                "LIMNER_C2PA_CERTIFICATE needs the extra `c2pa`: install it with `pip install 'limner[c2pa]'`"
            ) from error
        self._library: Any = c2pa
        self._chain = _pem("LIMNER_C2PA_CERTIFICATE", certificate)
        self._key, self._algorithm = _private_key(_pem("LIMNER_C2PA_KEY", key))
        try:
            self.sign(_WHITE, "image/png", xmp.SOURCE_TYPES + "algorithmicMedia", "limner")
        except c2pa.C2paError as error:
            what = " ".join(str(error).split())[:300]
            raise ValueError(f"LIMNER_C2PA_CERTIFICATE: nothing can be signed with it: {what}") from error

    def sign(self, data: bytes, content_type: str, source: str, maker: str) -> bytes:
        """Give the file with a signed manifest that says it was created so; takes milliseconds, in any thread."""
        info = self._library.C2paSignerInfo(self._algorithm, self._chain, self._key, None)
        signed = io.BytesIO()
        with (
            self._library.Signer.from_info(info) as signer,
            self._library.Context.from_dict(_SETTINGS) as context,
            self._library.Builder(_manifest(content_type, source, maker), context=context) as builder,
        ):
            builder.sign(signer, content_type, io.BytesIO(data), signed)
        return signed.getvalue()


def _manifest(content_type: str, source: str, maker: str) -> dict[str, Any]:
    """Say what was done: one `c2pa.created` (C2PA 2.2, section 18.15)."""
    agent = {"name": "limner", "version": __version__}
    created = {
        "action": "c2pa.created",
        "digitalSourceType": source,
        "softwareAgent": agent,
        "description": f"Made by {maker}.",
    }
    actions = {"label": "c2pa.actions.v2", "data": {"actions": [created]}}
    return {"claim_generator_info": [agent], "format": content_type, "assertions": [actions]}


def _pem(setting: str, file: str) -> bytes:
    try:
        data = Path(file).expanduser().read_bytes()
    except OSError as error:
        raise ValueError(f"{setting}: {file}: {error.strerror}") from error
    if b"-----BEGIN " not in data:
        raise ValueError(f"{setting}: {file} is no PEM file")
    return data


def _private_key(pem: bytes) -> tuple[bytes, str]:
    """Give a private key in PKCS #8, and the algorithm that it signs by; raises `ValueError` for any other key."""
    from joserfc.errors import JoseError  # noqa: PLC0415 - loaded by who uses it
    from joserfc.jwk import ECKey, OKPKey, RSAKey  # noqa: PLC0415

    for kind in (ECKey, RSAKey, OKPKey):
        try:
            key: ECKey | RSAKey | OKPKey = kind.import_key(pem)
        except (JoseError, ValueError, TypeError):
            continue
        algorithm = "ps256" if isinstance(key, RSAKey) else _ALGORITHMS.get(key.curve_name)
        if key.is_private and algorithm:
            return key.as_pem(private=True), algorithm
    raise ValueError("LIMNER_C2PA_KEY: it must be a private key for ES256, ES384, ES512, PS256 or Ed25519")
