"""Passwords: hashed with Argon2id (RFC 9106), which takes memory and time on purpose, so never in the event loop."""

from __future__ import annotations

import asyncio
import secrets
from functools import cache

from pwdlib import PasswordHash

from limner.errors import BadRequest

SHORTEST, LONGEST = 10, 200
"""Characters of a password: NIST SP 800-63B asks for length, not for digits and signs."""

AT_ONCE = 2
"""Hashes being made at a time: each takes 64 MiB."""


@cache
def _argon2() -> PasswordHash:
    return PasswordHash.recommended()


def acceptable(password: str, *, param: str = "password") -> str:
    """Give the password back if it may be chosen; raises `BadRequest` naming `param`."""
    if len(password) < SHORTEST:
        raise BadRequest(f"A password must have at least {SHORTEST} characters.", param=param)
    if len(password) > LONGEST:
        raise BadRequest(f"A password may have at most {LONGEST} characters.", param=param)
    if len(set(password)) < 4:
        raise BadRequest("This password is too easy to guess.", param=param)
    return password


class Passwords:
    """Hashes and compares passwords in threads, a few at a time; built once in `bootstrap`."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        """`at_once` bounds the memory that a flood of sign-ins can take."""
        self._turns = asyncio.Semaphore(at_once)
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """Give the hash to keep, in the PHC string format, with a salt of its own."""
        async with self._turns:
            return await asyncio.to_thread(_argon2().hash, password)

    async def match(self, password: str, kept: str | None) -> tuple[bool, str | None]:
        """Say whether a password fits, and give a fresh hash where the kept one is of weaker parameters than today's.

        Without a kept hash it takes as long as with one and fits never: the time tells nobody which users there are.
        """
        decoy = self._decoy = self._decoy or await self.hash(secrets.token_urlsafe())
        async with self._turns:
            fits, fresh = await asyncio.to_thread(_argon2().verify_and_update, password[:LONGEST], kept or decoy)
        return (fits, fresh) if kept else (False, None)
