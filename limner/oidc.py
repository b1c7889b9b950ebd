"""Single sign-on: asks an OpenID Connect provider who somebody is (authorization code flow with PKCE).

Authlib makes the requests, joserfc reads the tokens; both are loaded at the first sign-in, so that a server without a
provider never loads them. The provider is the operator's own choice: its network address is trusted, its answers are
checked (OpenID Connect Core 1.0, 3.1.3.7).
"""

from __future__ import annotations

import secrets
import ssl
import time
import warnings
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from limner.errors import BadRequest, Disabled, LimnerError, Timeout, UpstreamError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from joserfc.jwt import Token

TIME_OUT = 10.0
"""How long the provider may take for each answer, seconds."""

FRESH = 3600.0
"""How long its description and its keys are believed, seconds."""

LEEWAY = 60
"""How far its clock and ours may be apart, seconds."""

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""How ID tokens may be signed: with the provider's private key. Never `none`, and never with a secret that we share."""

HERE = frozenset({"localhost", "127.0.0.1", "::1"})
DESCRIPTION = "/.well-known/openid-configuration"
LONGEST_SUBJECT = 255

T = TypeVar("T")


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who the provider says it is; `email` only where it vouches for the address."""

    subject: str
    email: str | None
    name: str


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser must still have when it comes back: it was sent to the provider with these."""

    state: str
    nonce: str
    verifier: str


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider says of itself (OpenID Connect Discovery 1.0, 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class Provider:
    """One OpenID Connect provider; built once in `bootstrap` where one is set."""

    def __init__(
        self, issuer: str, client_id: str, client_secret: str, redirect_uri: str, *, time_out: float = TIME_OUT
    ) -> None:
        """`redirect_uri` is where browsers come back to; raises `ValueError` naming the setting that cannot be."""
        if not _trusted(issuer) or urlsplit(issuer).query or urlsplit(issuer).fragment:
            raise ValueError(f"LIMNER_OIDC_ISSUER: {issuer!r} must be an https:// URL (http:// only on localhost)")
        if not client_id:
            raise ValueError("LIMNER_OIDC_CLIENT_ID: it must be set where LIMNER_OIDC_ISSUER is")
        self._issuer, self._client_id, self._client_secret = issuer.rstrip("/"), client_id, client_secret
        self._redirect_uri, self._time_out = redirect_uri, time_out
        self._secure: ssl.SSLContext | None = None
        self._about: tuple[float, Description] | None = None
        self._key_set: tuple[float, Any] | None = None

    async def begin(self) -> tuple[str, Attempt]:
        """Say where to send a browser, and what it must bring back; raises `UpstreamError`, `Timeout`."""
        attempt = Attempt(
            state=secrets.token_urlsafe(32), nonce=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48)
        )
        about = await self._description()
        async with self._client(about) as client:
            url, _ = client.create_authorization_url(
                about.authorization_endpoint, state=attempt.state, nonce=attempt.nonce, code_verifier=attempt.verifier
            )
        return str(url), attempt

    async def finish(self, attempt: Attempt, answer: Mapping[str, str]) -> Person:
        """Say who came back, from the query they came with.

        Raises `BadRequest` for an answer to another question, `Disabled` where the provider refused, `UpstreamError`
        or `Timeout` where it is away or says what cannot be believed.
        """
        if not secrets.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
            raise BadRequest("This sign-in was not begun in this browser, or not just now: begin again.")
        about = await self._description()
        if answer.get("iss", about.issuer) != about.issuer:  # RFC 9207
            raise BadRequest("This answer comes from another provider: begin again.")
        if "code" not in answer:
            raise Disabled(_refusal(answer.get("error", "")))
        async with self._client(about) as client:
            token = await _asked(
                client.fetch_token(about.token_endpoint, code=answer["code"], code_verifier=attempt.verifier)
            )
            claims = await self._claims(about, token, attempt.nonce)
            if "email" not in claims and about.userinfo_endpoint is not None:
                claims = await self._told(client, about.userinfo_endpoint, claims)
        return _person(about.issuer, claims)

    async def check(self) -> str:
        """Fetch the provider's description and keys; raises as `begin` does."""
        about = await self._description()
        await self._keys(about)
        return f"{about.issuer} answers"

    async def _description(self) -> Description:
        if self._about is None or _stale(self._about[0]):
            about = await self._fetched(self._issuer + DESCRIPTION, Description)
            if about.issuer.rstrip("/") != self._issuer:
                raise UpstreamError("The single sign-on provider calls itself by another name than this server knows.")
            places = (about.authorization_endpoint, about.token_endpoint, about.jwks_uri, about.userinfo_endpoint)
            if not all(_trusted(place) for place in places if place is not None):
                raise UpstreamError("The single sign-on provider names addresses that are not https.")
            self._about = time.monotonic(), about
        return self._about[1]

    async def _keys(self, about: Description, *, anew: bool = False) -> Any:
        """Give the provider's keys; `anew` fetches them though they are still fresh."""
        from joserfc.errors import JoseError  # noqa: PLC0415 - loaded by who uses it
        from joserfc.jwk import KeySet  # noqa: PLC0415

        if self._key_set is None or anew or _stale(self._key_set[0]):
            found = await self._fetched(about.jwks_uri, dict[str, Any])
            try:
                keys = KeySet.import_key_set(found)  # type: ignore[arg-type] # it raises for what does not fit
            except (JoseError, KeyError, TypeError, ValueError) as error:
                raise UpstreamError("The single sign-on provider has no keys that can be read.") from error
            self._key_set = time.monotonic(), keys
        return self._key_set[1]

    async def _fetched(self, url: str, kind: type[T]) -> T:
        async with self._client() as client:
            return _decoded(await _asked(client.request("GET", url, withhold_token=True)), kind)

    async def _claims(self, about: Description, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """Read an ID token and believe it only where all of it fits; keys that are not known are fetched once more."""
        from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError  # noqa: PLC0415 - as above

        try:
            try:
                found = _read(token["id_token"], await self._keys(about))
            except (InvalidKeyIdError, BadSignatureError):
                found = _read(token["id_token"], await self._keys(about, anew=True))
            self._validate(about, found, token.get("access_token"), nonce)
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise _unbelievable() from error
        return found.claims

    def _validate(self, about: Description, token: Token, access_token: str | None, nonce: str) -> None:
        from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]  # noqa: PLC0415 - as above

        expected = {"iss": about.issuer, "aud": self._client_id}
        options = {name: {"essential": True, "value": value} for name, value in expected.items()}
        given = {"nonce": nonce, "client_id": self._client_id, "access_token": access_token}
        CodeIDToken(token.claims, token.header, options, given).validate(leeway=LEEWAY)

    async def _told(self, client: Any, url: str, claims: dict[str, Any]) -> dict[str, Any]:
        """Ask for what the ID token leaves out; it must be told of the same person."""
        told = _decoded(await _asked(client.get(url)), dict[str, Any])
        if told.get("sub") != claims["sub"]:
            raise _unbelievable()
        return told

    def _client(self, about: Description | None = None) -> Any:
        """Make a client of its own for each visitor: it keeps cookies and the token."""
        with warnings.catch_warnings():
            # Authlib would rather have httpx's successor; it works with what is installed
            warnings.simplefilter("ignore", DeprecationWarning)
            from authlib.integrations.httpx_client import (  # type: ignore[import-untyped]  # noqa: PLC0415 - as above
                AsyncOAuth2Client,
            )
        self._secure = self._secure or ssl.create_default_context()
        return AsyncOAuth2Client(
            client_id=self._client_id,
            client_secret=self._client_secret or None,
            token_endpoint_auth_method=self._method(about),
            scope="openid email profile",
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            leeway=0,  # what was given just now is asked with at once, however short it lives
            timeout=self._time_out,
            verify=self._secure,
            trust_env=urlsplit(self._issuer).hostname not in HERE,
        )

    def _method(self, about: Description | None) -> str:
        """Choose how this server proves to the provider that it is the client."""
        if not self._client_secret:
            return "none"
        offered = about.token_endpoint_auth_methods_supported if about else ()
        return "client_secret_post" if offered and "client_secret_basic" not in offered else "client_secret_basic"


def _stale(since: float) -> bool:
    return time.monotonic() - since > FRESH


def _trusted(url: str) -> bool:
    """Whether what is sent there can be read by nobody else."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE))
    except ValueError:
        return False


def _read(text: str, keys: Any) -> Token:
    """Check a token's signature and give what it says."""
    from joserfc import jwt  # noqa: PLC0415 - as above
    from joserfc.jws import JWSRegistry  # noqa: PLC0415

    return jwt.decode(text, keys, registry=JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False))


async def _asked(question: Any) -> Any:
    """Await an answer of the provider; whatever keeps it away becomes one of our errors."""
    from authlib.integrations.httpx_client import OAuthError, oauth2_client  # noqa: PLC0415 - as above

    http = oauth2_client.httpx2  # the library that Authlib found: httpx or its successor
    try:
        return await question
    except http.TimeoutException as error:
        raise Timeout("The single sign-on provider takes too long. Try again in a while.") from error
    except OAuthError as error:
        raise UpstreamError(_refusal(str(error.error))) from error
    except (http.HTTPError, http.InvalidURL, KeyError, TypeError, ValueError) as error:
        raise UpstreamError("The single sign-on provider cannot be reached. Try again in a while.") from error


def _decoded(answer: Any, kind: type[T]) -> T:
    """Read a JSON answer."""
    try:
        answer.raise_for_status()
        return msgspec.json.decode(answer.content, type=kind)
    except Exception as error:
        raise UpstreamError("The single sign-on provider answers what cannot be read.") from error


def _unbelievable() -> LimnerError:
    return UpstreamError("The single sign-on provider says who you are in a way that cannot be believed. Try again.")


def _refusal(code: str) -> str:
    """Tell that the provider refused, with its reason where that is one of the short codes of RFC 6749."""
    if code == "access_denied":
        return "Single sign-on was called off, or you may not use it here."
    plain = code if len(code) <= 64 and code.isascii() and code.replace("_", "").isalnum() else "no reason given"
    return f"The single sign-on provider refused: {plain}. Try again."


def _person(issuer: str, claims: Mapping[str, Any]) -> Person:
    """Take from the claims what this server keeps of a person."""
    subject, email, name = claims["sub"], claims.get("email"), claims.get("name")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise _unbelievable()
    vouched = isinstance(email, str) and claims.get("email_verified") is True
    return Person(
        subject=f"{issuer} {subject}",
        email=email if vouched else None,
        name=name[:100] if isinstance(name, str) and name.isprintable() else "",
    )
