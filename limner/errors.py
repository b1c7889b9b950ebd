"""The catalogue of errors: one class is one code, with its `type` and HTTP status.

The docstring of a class is its default message, written for the client who reads it. Codes are the
public contract (`docs/errors.md` is generated from here), so a duplicate fails at import. Nothing
here knows HTTP serving; `api/wire` and `console/html` render errors, nobody else does.
"""

# ruff: noqa: N818 - the names are the codes, and read as what happened

from __future__ import annotations

import inspect
from typing import Any, ClassVar

CATALOGUE: dict[str, type[LimnerError]] = {}


class LimnerError(Exception):
    """The request could not be served."""

    code: ClassVar[str]
    type: ClassVar[str]
    default_status: ClassVar[int]
    when: ClassVar[str]

    def __init_subclass__(cls) -> None:
        """Enter the class into the catalogue; two classes with one code are a programming error."""
        if cls.code in CATALOGUE:
            message = f"duplicate error code {cls.code!r}"
            raise TypeError(message)
        CATALOGUE[cls.code] = cls

    def __init__(
        self,
        message: str | None = None,
        *,
        param: str | None = None,
        status: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Make the error; `param` names the request's parameter at fault, `headers` go out with the answer."""
        self.message = message or inspect.cleandoc(type(self).__doc__ or "")
        self.param = param
        self.status = status or type(self).default_status
        self.headers = headers or {}
        super().__init__(self.message)


class BadRequest(LimnerError):
    """The request is malformed."""

    code, type, default_status = "bad_request", "invalid_request_error", 400
    when = "malformed JSON, a missing or invalid parameter (`param` names it)"


class TokenMismatched(LimnerError):
    """The specified token is not matched with this API."""

    code, type, default_status = "token_mismatched", "invalid_request_error", 400
    when = "a valid credential that is not entitled to this API (its application or scopes)"


class ApiNotImplemented(LimnerError):
    """Neither this model nor its engine offers that."""

    code, type, default_status = "api_not_implemented", "invalid_request_error", 400
    when = (
        "a parameter, model or operation this model or engine does not offer; 404 for an unknown path, 405 for a method"
    )


class ModerationBlocked(LimnerError):
    """The request was refused by the model's policy. It was not charged; sending it again will not help."""

    code, type, default_status = "moderation_blocked", "image_generation_user_error", 400
    when = "refused by policy; never retried, never charged"

    def __init__(self, message: str | None = None, *, policy: str = "engine", **more: Any) -> None:
        """`policy` is who refused: the name of a policy of the catalogue, of an upstream, or the engine itself."""
        super().__init__(message, **more)
        self.policy = policy


class NoToken(LimnerError):
    """No credential was sent. Send the header `Authorization: Bearer lim_...`."""

    code, type, default_status = "no_token", "authentication_error", 401
    when = "the request carries no credential"


class InvalidToken(LimnerError):
    """The specified token is invalid or wrong."""

    code, type, default_status = "invalid_token", "authentication_error", 401
    when = "a mistyped, unknown or revoked credential (the message says which where it can)"


class TokenExpired(LimnerError):
    """The credential has expired. Create or rotate one with `limner credential`."""

    code, type, default_status = "token_expired", "authentication_error", 401
    when = "the credential's expiry has passed"


class UsedUp(LimnerError):
    """The account's balance does not cover this call."""

    code, type, default_status = "used_up", "insufficient_quota", 403
    when = "the account's balance does not cover the call"


class Disabled(LimnerError):
    """The account, application or credential is switched off."""

    code, type, default_status = "disabled", "permission_error", 403
    when = "the account, the application or the credential is switched off"


class NotFound(LimnerError):
    """There is no such thing for this caller."""

    code, type, default_status = "not_found", "invalid_request_error", 404
    when = "no such model, task or file for this caller"


class Conflict(LimnerError):
    """The Idempotency-Key is in use."""

    code, type, default_status = "conflict", "invalid_request_error", 409
    when = "an Idempotency-Key in use with another body, or whose first request is still running"


class RequestTooLarge(LimnerError):
    """The request is larger than this server takes."""

    code, type, default_status = "request_too_large", "invalid_request_error", 413
    when = "body, picture or pixels over the limit"


class TooManyRequests(LimnerError):
    """The rate limit is reached. Wait as long as `Retry-After` says."""

    code, type, default_status = "too_many_requests", "rate_limit_error", 429
    when = "rate or concurrency limit; `Retry-After` and `x-ratelimit-*` say more"


class ApiError(LimnerError):
    """Something failed on our side. The call was not charged; it is safe to try again."""

    code, type, default_status = "api_error", "server_error", 500
    when = "our or the engine's fault; not charged"


class UpstreamError(LimnerError):
    """The upstream failed. The call was not charged."""

    code, type, default_status = "upstream_error", "server_error", 502
    when = "an upstream failed; `x-should-retry` says if a retry may be billed"


class Timeout(LimnerError):
    """The picture took longer than allowed. The call was not charged."""

    code, type, default_status = "timeout", "server_error", 504
    when = "an engine or upstream was too slow; `x-should-retry` says if a retry may be billed"
