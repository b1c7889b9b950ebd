"""Who calls: from the Authorization header (RFC 6750) to a `Caller` with the scope that the call needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner.api.context import header, services_of
from limner.errors import InvalidToken, NoToken, TokenMismatched

if TYPE_CHECKING:
    from starlette.types import Scope as AsgiScope

    from limner.credentials import Caller, Scope


async def authenticate(scope: AsgiScope, needed: Scope | None = None) -> Caller:
    """Find the caller; raises `NoToken`, `InvalidToken`, `TokenExpired`, `Disabled` or `TokenMismatched`."""
    given = header(scope, b"authorization")
    if not given or not given.strip():
        raise NoToken
    scheme, _, key = given.strip().partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise InvalidToken(
            "The specified token is invalid or wrong: the header must read `Authorization: Bearer lim_...`."
        )
    caller = await services_of(scope).verifier.verify(key.strip())
    if needed is not None and needed not in caller.scopes:
        had = ", ".join(sorted(caller.scopes))
        raise TokenMismatched(
            f"The specified token is not matched with this API: it has {had} and this call needs {needed}."
        )
    return caller
