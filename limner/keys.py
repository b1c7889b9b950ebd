"""Keys: secrets that are shown once. Minted with a prefix and a checksum, kept as hashes.

A key is its prefix, 32 random characters of base 62 (190 bits) and 6 characters of CRC-32, so that a mistyped key can
be told from an unknown one without asking the database (the scheme of GitHub's tokens, "Behind GitHub's new
authentication token formats", 2021).
"""

from __future__ import annotations

import hashlib
import secrets
import string
import zlib

import msgspec

from limner.errors import InvalidToken, TokenMismatched

_ALPHABET = string.digits + string.ascii_letters
_RANDOM, _CHECK = 32, 6


class Kind(msgspec.Struct, frozen=True):
    """A kind of key: what it begins with, what it is called, and what it is for."""

    prefix: str
    name: str
    purpose: str


CREDENTIAL = Kind("lim_", "a credential", "makes pictures")
ACCOUNT_TOKEN = Kind("lat_", "an account token", "manages an account")
KINDS = (CREDENTIAL, ACCOUNT_TOKEN)


def mint(kind: Kind) -> str:
    """Make a new key."""
    body = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    return kind.prefix + body + _checksum(body)


def _checksum(body: str) -> str:
    value = zlib.crc32(body.encode())
    digits = ""
    for _ in range(_CHECK):
        value, digit = divmod(value, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits


def parse(key: str, wanted: Kind) -> str:
    """Check that a key could be one of ours and give its hash.

    Raises `InvalidToken` saying what is wrong with it, or `TokenMismatched` for a key of another kind.
    """
    if not key.startswith(wanted.prefix):
        raise _refusal(key, wanted)
    body, check = key[len(wanted.prefix) : -_CHECK], key[-_CHECK:]
    if len(body) != _RANDOM or _checksum(body) != check:
        raise InvalidToken(
            "The specified token is invalid or wrong: it is mistyped or incomplete (its checksum does not fit)."
        )
    return digest(key)


def _refusal(key: str, wanted: Kind) -> InvalidToken | TokenMismatched:
    """Say why a key does not begin as it must."""
    for other in KINDS:
        if key.startswith(other.prefix):
            return TokenMismatched(
                f"The specified token is not matched with this API: it is {other.name}, which {other.purpose}; this "
                f"call needs {wanted.name} ({wanted.prefix}...)."
            )
    return InvalidToken(
        f"The specified token is invalid or wrong: {wanted.name} of this server starts with {wanted.prefix!r}."
    )


def digest(key: str) -> str:
    """Hash a key as the tables keep it: SHA-256 is enough for 190 random bits."""
    return hashlib.sha256(key.encode()).hexdigest()
