"""`/api/v1`: programs manage an account with an account token, as Ace's `platform` client does it.

Another account's ids are not there. The free credits come with the first application, as on the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from limner import __version__, accounts, credentials, quotas
from limner.acquire import admit
from limner.api import managed, wire
from limner.api.auth import manage
from limner.api.body import given_parameters
from limner.api.context import context_of, services_of
from limner.api.managed import ALIASES, SERVICE, Holding, KeyRotation, NewApplication, NewCredential
from limner.api.query import choice, integer, plain, text
from limner.credentials import SCOPES, Credential
from limner.errors import ApiNotImplemented, BadRequest, Disabled, InvalidToken, NotFound, TokenExpired
from limner.ids import SECOND, now

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from limner.accounts import Account
    from limner.bootstrap import Services
    from limner.catalog import Warned
    from limner.db import Transaction

BASE = "/api/v1"
MOST, FARTHEST = 200, 10**9
LONGEST_NAME = 100
MOST_IMAGES = 1_000_000
LONGEST_OVERLAP = 30 * 86_400
NO_STORE = {"cache-control": "no-store"}


async def list_applications(request: Request) -> Response:
    """Give the account's applications with their balance, a page at a time."""
    account_id, services = await _entered(request, "/applications")
    limit, offset = _paging(request)
    wanted = _mine(request, account_id) and text(request, "service_id") in {None, SERVICE, *ALIASES}
    held = await services.database.read(_holdings, account_id) if wanted else []
    items = [managed.application(one) for one in held[offset : offset + limit]]
    return wire.json_response(managed.ApplicationList(count=len(held), items=items), headers=NO_STORE)


async def create_application(request: Request) -> Response:
    """Admit the account to the service; 201 the first time, 200 with what there is from then on."""
    account_id, services = await _entered(request, "/applications")
    given, warnings = await given_parameters(request, services.settings.max_body, NewApplication)
    if given.service_id is None:
        raise BadRequest(f"Say which service: service_id {SERVICE!r}.", param="service_id")
    if given.service_id not in {SERVICE, *ALIASES}:
        raise NotFound(f"There is no such service here: the one there is is {SERVICE!r}.", param="service_id")
    held, granted, fresh = await services.database.write(_acquire, account_id, services.settings.free_credits)
    answer = msgspec.structs.replace(
        managed.application(held), granted_amount=granted / quotas.CREDIT, **_warned(warnings)
    )
    return wire.json_response(answer, 201 if fresh else 200, NO_STORE)


async def get_application(request: Request) -> Response:
    """Give one application with its balance and its credentials."""
    account_id, services = await _entered(request, "/applications/{id}")
    for held in await services.database.read(_holdings, account_id):
        if held.application.id == request.path_params["id"]:
            return wire.json_response(managed.application(held), headers=NO_STORE)
    raise NotFound("There is no such application in this account.", param="id")


async def list_credentials(request: Request) -> Response:
    """Give the account's credentials, never their keys, oldest first, a page at a time."""
    account_id, services = await _entered(request, "/credentials")
    limit, offset = _paging(request)
    application, mine = text(request, "application_id"), _mine(request, account_id)
    ended = choice(request, "revoked", ("true", "false")) == "true"
    everyone = await services.database.read(credentials.of_account, account_id)
    found = [one for one in everyone if mine and application in {None, one.application_id}]
    found = [one for one in found if ended or one.state(now()) != "revoked"]
    items = [managed.credential(one) for one in found[offset : offset + limit]]
    return wire.json_response(managed.CredentialList(count=len(found), items=items), headers=NO_STORE)


async def create_credential(request: Request) -> Response:
    """Make a credential of an application; its key is in this answer and in no other."""
    account_id, services = await _entered(request, "/credentials")
    given, warnings = await given_parameters(request, services.settings.max_body, NewCredential)
    if given.application_id is None:
        raise BadRequest("Say which application the credential is for: application_id.", param="application_id")
    wanted = _wanted(given)
    made, key = await services.database.write(_create, account_id, given.application_id, wanted)
    answer = msgspec.structs.replace(managed.credential(made), token=key, **_warned(warnings))
    return wire.json_response(answer, 201, NO_STORE)


async def get_credential(request: Request) -> Response:
    """Give one credential, also one that was revoked."""
    account_id, services = await _entered(request, "/credentials/{id}")
    found = await services.database.read(_credential, account_id, plain(request.path_params["id"]))
    return wire.json_response(managed.credential(found), headers=NO_STORE)


async def delete_credential(request: Request) -> Response:
    """Revoke a credential at once; the answer has a body, for the client reads one."""
    account_id, services = await _entered(request, "/credentials/{id}")
    found = await services.database.write(_revoke, account_id, plain(request.path_params["id"]))
    return wire.json_response(msgspec.structs.replace(managed.credential(found), deleted=True), headers=NO_STORE)


async def rotate_credential(request: Request) -> Response:
    """Make a successor; the old key ends at once unless an overlap is asked for."""
    account_id, services = await _entered(request, "/credentials/{id}/rotate")
    given, warnings = await given_parameters(request, services.settings.max_body, KeyRotation)
    overlap, old = given.overlap or 0, plain(request.path_params["id"])
    if not 0 <= overlap <= LONGEST_OVERLAP:
        raise BadRequest(f"overlap must be from 0 to {LONGEST_OVERLAP} seconds.", param="overlap")
    made, key = await services.database.write(_rotate, account_id, old, overlap * SECOND)
    answer = msgspec.structs.replace(managed.credential(made), token=key, **_warned(warnings))
    return wire.json_response(answer, headers=NO_STORE)


async def list_platform_models(request: Request) -> Response:
    """List the models with their prices, as `/v1/models` does."""
    _, services = await _entered(request, "/models")
    return wire.json_response(wire.ModelList([wire.model(model) for model in services.catalogue.models.values()]))


async def get_config(request: Request) -> Response:
    """Tell what this server offers, and within which limits this account."""
    account_id, services = await _entered(request, "/config")
    account = await services.database.read(accounts.find, account_id)
    return wire.json_response(_config(services, account), headers=NO_STORE)


def _config(services: Services, account: Account) -> dict[str, Any]:
    base, settings = services.public_url, services.settings
    return {
        "name": "limner",
        "version": __version__,
        "base_url": f"{base}/v1",
        "platform_base_url": base,
        "console_url": f"{base}/console",
        "docs_url": f"{base}/docs",
        "registration": settings.registration,
        "currency": {"unit": "credit", "micro_credits": quotas.CREDIT},
        "free_amount": settings.free_credits / quotas.CREDIT,
        "services": [{"id": SERVICE, "aliases": list(ALIASES), "default_model": services.catalogue.default}],
        "scopes": list(SCOPES),
        "limits": {
            "requests_per_minute": _own(account.requests_per_minute, settings.requests_per_minute),
            "images_per_minute": _own(account.images_per_minute, settings.images_per_minute),
            "concurrent_images": _own(account.concurrent_images, settings.concurrent_images),
            "sync_seconds": settings.sync_limit,
            "body_bytes": settings.max_body,
        },
        "retention_seconds": settings.retention,
    }


def _own(own: int | None, usual: int) -> int:
    return usual if own is None else own


async def _entered(request: Request, route: str) -> tuple[str, Services]:
    context_of(request.scope).route = BASE + route
    return await manage(request.scope), services_of(request.scope)


def _paging(request: Request) -> tuple[int, int]:
    return integer(request, "limit", 20, least=1, most=MOST), integer(request, "offset", 0, least=0, most=FARTHEST)


def _mine(request: Request, account_id: str) -> bool:
    """Whether the list that is asked for is the caller's own; of others nothing is told."""
    return text(request, "user_id") in {None, "me", account_id}


def _warned(warnings: list[Warned]) -> dict[str, Any]:
    return {"warnings": warnings} if warnings else {}


def _wanted(given: NewCredential) -> dict[str, Any]:
    """Check what a new credential is to be; raises `BadRequest` or `ApiNotImplemented` naming the parameter."""
    for name in ("limited_amount", "host"):
        if getattr(given, name) is not None:
            raise ApiNotImplemented(f"A credential cannot be held to {name} here; leave it out.", param=name)
    name = plain(given.name or "").strip() or "api"
    if len(name) > LONGEST_NAME:
        raise BadRequest(f"name must have at most {LONGEST_NAME} characters.", param="name")
    if given.images_per_minute is not None and not 1 <= given.images_per_minute <= MOST_IMAGES:
        raise BadRequest(f"images_per_minute must be from 1 to {MOST_IMAGES}.", param="images_per_minute")
    ends = "expires_at" if given.expires_at is not None else "expired_at"
    return {
        "name": name,
        "scopes": _scopes(given.scopes),
        "images_per_minute": given.images_per_minute,
        "expires_at": managed.expiry(getattr(given, ends), ends),
    }


def _scopes(given: list[str] | str | None) -> tuple[str, ...]:
    """Read scopes, each once and in the order of `SCOPES`."""
    asked = SCOPES if given is None else given.split() if isinstance(given, str) else given
    if not asked or not set(asked) <= set(SCOPES):
        raise BadRequest(f"scopes must be some of {', '.join(SCOPES)}.", param="scopes")
    return tuple(scope for scope in SCOPES if scope in asked)


def _holdings(tx: Transaction, account_id: str) -> list[Holding]:
    """Read the account's applications, as many as there are services, with what belongs to them."""
    application = accounts.application(tx, account_id)
    if application is None:
        return []
    alive = [one for one in credentials.of_account(tx, account_id) if one.state(now()) != "revoked"]
    balance, used = quotas.balance(tx, account_id), quotas.used(tx, account_id)
    return [Holding(application=application, credentials=alive, remaining=balance, used=used)]


def _acquire(tx: Transaction, account_id: str, free_credits: int) -> tuple[Holding, int, bool]:
    """Admit an account; give its application, what was granted with it, and whether it was made just now."""
    # locked, so that two calls at once make one application
    quotas.lock(tx, account_id)
    fresh = accounts.application(tx, account_id) is None
    _, granted = admit(tx, account_id, free_credits=free_credits)
    return _holdings(tx, account_id)[0], granted, fresh


def _create(tx: Transaction, account_id: str, application_id: str, wanted: dict[str, Any]) -> tuple[Credential, str]:
    application = accounts.application(tx, account_id)
    if application is None or application.id != application_id:
        raise NotFound("There is no such application in this account.", param="application_id")
    if application.disabled_at is not None:
        raise Disabled("This application is switched off.")
    made, key = credentials.create(tx, account_id=account_id, application_id=application.id, **wanted)
    return _credential(tx, account_id, made), key


def _credential(tx: Transaction, account_id: str, credential_id: str) -> Credential:
    """Find one of an account's credentials by its id; raises `NotFound`."""
    for one in credentials.of_account(tx, account_id):
        if one.id == credential_id:
            return one
    raise NotFound("There is no such credential in this account.", param="id")


def _revoke(tx: Transaction, account_id: str, credential_id: str) -> Credential:
    credentials.revoke(tx, credential_id, account_id=account_id)
    return _credential(tx, account_id, credential_id)


def _rotate(tx: Transaction, account_id: str, credential_id: str, overlap: int) -> tuple[Credential, str]:
    """Rotate one of an account's credentials; that one has ended is no fault of the token that came with the call."""
    try:
        made = credentials.rotate(tx, credential_id, overlap=overlap, account_id=account_id)
    except (InvalidToken, TokenExpired) as error:
        raise BadRequest("This credential has ended and can have no successor: create another.", param="id") from error
    if made is None:
        raise NotFound("There is no such credential in this account.", param="id")
    return _credential(tx, account_id, made[0]), made[1]
