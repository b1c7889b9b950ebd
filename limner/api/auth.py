"""Who calls: from the Authorization header (RFC 6750) to a `Caller` with the scope that the call needs.

Programs that manage an account come with an account token instead, which stands for the account alone.
The console's own pages have no key, which is kept as a hash: they name one of the user's credentials by its id in
`x-limner-credential`, beside the session's cookie and its token against cross-site requests in `x-csrf-token`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import cookie_parser

from limner import credentials, sessions, tokens
from limner.api.context import header, services_of
from limner.api.query import plain
from limner.errors import InvalidToken, NoToken, TokenMismatched
from limner.ids import now
from limner.keys import ACCOUNT_TOKEN, CREDENTIAL

if TYPE_CHECKING:
    from starlette.types import Scope as AsgiScope

    from limner.credentials import Caller, Scope
    from limner.db import Transaction
    from limner.keys import Kind


async def authenticate(scope: AsgiScope, needed: Scope | None = None) -> Caller:
    """Find the caller; raises `NoToken`, `InvalidToken`, `TokenExpired`, `Disabled` or `TokenMismatched`."""
    caller = await _presented(scope)
    if needed is not None and needed not in caller.scopes:
        had = ", ".join(sorted(caller.scopes))
        raise TokenMismatched(
            f"The specified token is not matched with this API: it has {had} and this call needs {needed}."
        )
    return caller


async def manage(scope: AsgiScope) -> str:
    """Find the account that a program manages, by its account token.

    Raises `NoToken`, `InvalidToken`, `TokenExpired`, `Disabled`, or `TokenMismatched` for a credential.
    """
    key, database = _bearer(scope, ACCOUNT_TOKEN), services_of(scope).database
    if key is None:
        raise NoToken("No account token was sent. Send the header `Authorization: Bearer lat_...`.")
    token = await database.read(tokens.verify, key)
    if token.is_stale(now()):
        await database.write(tokens.touch, token.id)
    return token.account_id


def is_account_token(scope: AsgiScope) -> bool:
    """Say whether what was sent looks like an account token, for a call that takes both kinds of keys."""
    return (_bearer(scope, CREDENTIAL) or "").startswith(ACCOUNT_TOKEN.prefix)


def _bearer(scope: AsgiScope, wanted: Kind) -> str | None:
    """Give the key that was sent, None where there is none; raises `InvalidToken` for another header than that."""
    given = header(scope, b"authorization")
    if not given or not given.strip():
        return None
    scheme, _, key = given.strip().partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise InvalidToken(
            f"The specified token is invalid or wrong: the header must read `Authorization: Bearer {wanted.prefix}...`."
        )
    return key.strip()


async def _presented(scope: AsgiScope) -> Caller:
    key = _bearer(scope, CREDENTIAL)
    return await (_signed_in(scope) if key is None else services_of(scope).verifier.verify(key))


async def _signed_in(scope: AsgiScope) -> Caller:
    """Find the caller of a signed-in browser; raises `NoToken` where the request does not even say so."""
    services, credential_id = services_of(scope), header(scope, b"x-limner-credential")
    token = cookie_parser(header(scope, b"cookie") or "").get(sessions.cookie_name(services.public_url))
    if credential_id is None or token is None:
        raise NoToken
    if not sessions.csrf_fits(services.secret, token, header(scope, b"x-csrf-token") or ""):
        raise InvalidToken("The page is out of date: reload it and try again.")
    caller: Caller = await services.database.read(_caller, token, plain(credential_id))
    services.verifier.used(caller.credential_id)
    return caller


def _caller(tx: Transaction, token: str, credential_id: str) -> Caller:
    session = sessions.find(tx, token)
    if session is None:
        raise InvalidToken("You are signed out: sign in and try again.")
    return credentials.caller_of(tx, credential_id, session.account_id)
