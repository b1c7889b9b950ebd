"""What the management API takes and gives: the shapes that Ace's `platform` client reads, and what their fields mean.

Amounts are credits, as numbers, as that client expects; beside them stand the exact micro-credits, as integers. Times
are ISO 8601 in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType

from limner.api.query import moment
from limner.catalog import Warned  # noqa: TC001 - the shapes are read at run time, for /openapi.json
from limner.errors import BadRequest
from limner.ids import SECOND, now
from limner.quotas import CREDIT

if TYPE_CHECKING:
    from limner.accounts import Application
    from limner.credentials import Credential

SERVICE = "images-generations"
ALIASES = ("images", "openai-images")
"""The one service to be admitted to, and other names by which it is understood."""


class NewApplication(msgspec.Struct, frozen=True, kw_only=True):
    """Which service an account is to be admitted to."""

    service_id: str | None = None


class NewCredential(msgspec.Struct, frozen=True, kw_only=True):
    """What a new credential is to be called and may do."""

    application_id: str | None = None
    name: str | None = None
    scopes: list[str] | str | None = None
    images_per_minute: int | None = None
    expires_at: float | str | None = None
    expired_at: float | str | None = None
    limited_amount: float | None = None
    host: str | None = None


class KeyRotation(msgspec.Struct, frozen=True, kw_only=True):
    """How long the old key works too, seconds."""

    overlap: int | None = None


class CredentialObject(msgspec.Struct, frozen=True, kw_only=True):
    """A credential; the key itself is in the answer that made it and nowhere else."""

    id: str
    type: str = "Token"
    name: str
    user_id: str
    application_id: str
    hint: str
    state: str
    scopes: list[str]
    images_per_minute: int | None
    created_at: str
    expires_at: str | None
    expired_at: str | None
    revoked_at: str | None
    last_used_at: str | None
    rotated_from: str | None
    token: str | UnsetType = UNSET
    deleted: bool | UnsetType = UNSET
    warnings: list[Warned] | UnsetType = UNSET


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """What an application admits to."""

    id: str = SERVICE
    alias: str = SERVICE
    title: str = "Images Generations"


class ApplicationObject(msgspec.Struct, frozen=True, kw_only=True):
    """An account's admission to a service, with the account's balance."""

    id: str
    type: str = "Usage"
    scope: str = "Individual"
    user_id: str
    service_id: str = SERVICE
    service: Service = Service()
    remaining_amount: float
    used_amount: float
    remaining_micro_credits: int
    used_micro_credits: int
    disabled: bool
    created_at: str
    credentials: list[CredentialObject]
    granted_amount: float | UnsetType = UNSET
    warnings: list[Warned] | UnsetType = UNSET


class ApplicationList(msgspec.Struct, frozen=True, kw_only=True):
    """The account's applications; `count` is how many there are in all."""

    count: int
    items: list[ApplicationObject]


class CredentialList(msgspec.Struct, frozen=True, kw_only=True):
    """The account's credentials; `count` is how many there are in all."""

    count: int
    items: list[CredentialObject]


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """An application with its credentials and the account's balance, in micro-credits."""

    application: Application
    credentials: list[Credential]
    remaining: int
    used: int


def application(held: Holding) -> ApplicationObject:
    """Give an application as its account's programs see it."""
    return ApplicationObject(
        id=held.application.id,
        user_id=held.application.account_id,
        remaining_amount=held.remaining / CREDIT,
        used_amount=held.used / CREDIT,
        remaining_micro_credits=held.remaining,
        used_micro_credits=held.used,
        disabled=held.application.disabled_at is not None,
        created_at=_written(held.application.created_at),
        credentials=[credential(one) for one in held.credentials],
    )


def credential(given: Credential) -> CredentialObject:
    """Give a credential as its account's programs see it."""
    expires_at = _optional(given.expires_at)
    return CredentialObject(
        id=given.id,
        name=given.name,
        user_id=given.account_id,
        application_id=given.application_id,
        hint=given.hint,
        state=given.state(now()),
        scopes=given.scopes.split(),
        images_per_minute=given.images_per_minute,
        created_at=_written(given.created_at),
        expires_at=expires_at,
        expired_at=expires_at,
        revoked_at=_optional(given.revoked_at),
        last_used_at=_optional(given.last_used_at),
        rotated_from=given.rotated_from,
    )


def _written(at: int) -> str:
    """Write a time of the tables as Ace does: ISO 8601 in UTC, to the microsecond."""
    return datetime.fromtimestamp(at // SECOND, UTC).replace(microsecond=at % SECOND).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _optional(at: int | None) -> str | None:
    return None if at is None else _written(at)


def expiry(given: float | str | None, name: str) -> int | None:
    """Read a time to come, in Unix seconds or ISO 8601 (UTC unless it says otherwise), as microseconds.

    Raises `BadRequest` naming the parameter.
    """
    if given is None:
        return None
    at = _iso(given) if isinstance(given, str) else moment(given, name)
    if at is None:
        raise BadRequest(
            f"{name} must be a time in Unix seconds or ISO 8601, such as 2027-01-31T12:00:00Z.", param=name
        )
    if at <= now():
        raise BadRequest(f"{name} must be a time to come.", param=name)
    return at


def _iso(given: str) -> int | None:
    try:
        told = datetime.fromisoformat(given)
    except ValueError:
        return None
    return round((told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp() * SECOND)


TAKEN: dict[str, dict[str, str]] = {
    "NewApplication": {
        "service_id": f"The service: {SERVICE} (also {' and '.join(ALIASES)}).",
    },
    "NewCredential": {
        "application_id": "The application it is for.",
        "name": "What you call it, up to 100 characters; api without it.",
        "scopes": "What it may do: a list, or names with spaces; all there is without it.",
        "images_per_minute": "A limit of its own.",
        "expires_at": "When it ends: Unix seconds, or ISO 8601; never without it.",
        "expired_at": "Ace's name for expires_at.",
        "limited_amount": "Not offered: refused, so that nobody counts on it.",
        "host": "Not offered: refused, so that nobody counts on it.",
    },
    "KeyRotation": {"overlap": "For how many seconds the old key works too, 0 to 2592000; 0 without it."},
}
REQUIRED = {"NewApplication": ["service_id"], "NewCredential": ["application_id"]}
"""What each parameter of a body means, and which must be there."""

PAGE = {"limit": "How many at most, 1 to 200; 20 without it.", "offset": "How many to pass over; 0 without it."}
MINE = {"user_id": "Accepted for Ace's clients: `me` or your own; for any other there is nothing to list."}
APPLICATIONS = {"service_id": "Only of this service."} | MINE | PAGE
CREDENTIALS = (
    {"application_id": "Only of this application.", "revoked": "true lists the revoked ones too."} | MINE | PAGE
)

OPERATIONS: tuple[tuple[str, str, str, str | None, dict[str, Any]], ...] = (
    ("get", "/applications", "List the account's applications", "ApplicationList", {"query": APPLICATIONS}),
    (
        "post",
        "/applications",
        "Acquire: be admitted to a service, the first time with the free credits; again gives what there is",
        "ApplicationObject",
        {"body": "NewApplication"},
    ),
    ("get", "/applications/{id}", "Give one application with its balance", "ApplicationObject", {"path": ("id",)}),
    (
        "get",
        "/credentials",
        "List the account's credentials, never their keys",
        "CredentialList",
        {"query": CREDENTIALS},
    ),
    ("post", "/credentials", "Create a credential; `token` is its key", "CredentialObject", {"body": "NewCredential"}),
    ("get", "/credentials/{id}", "Give one credential", "CredentialObject", {"path": ("id",)}),
    ("delete", "/credentials/{id}", "Revoke a credential at once", "CredentialObject", {"path": ("id",)}),
    (
        "post",
        "/credentials/{id}/rotate",
        "Make a successor with the same rights; `token` is its key",
        "CredentialObject",
        {"path": ("id",), "body": "KeyRotation"},
    ),
    ("get", "/models", "List the models with their prices", "ModelList", {}),
    ("get", "/config", "Tell what this server offers", None, {}),
)
"""Method, path below /api/v1, summary, shape of the answer, and what it takes."""
