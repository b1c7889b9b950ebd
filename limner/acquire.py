"""*Acquire*: an account's admission to the API, its free grant and its credential, in one transaction.

It joins accounts, quotas and credentials, as `generations` joins what a generation needs (decision 0003).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from limner import accounts, credentials, quotas
from limner.credentials import SCOPES
from limner.errors import BadRequest

if TYPE_CHECKING:
    from limner.db import Transaction


class Acquired(msgspec.Struct, frozen=True, kw_only=True):
    """A new credential: `key` cannot be had again; `balance` is the account's, in micro-credits."""

    account: str
    credential_id: str
    key: str
    granted: int
    balance: int


def acquire(
    tx: Transaction,
    account_name: str,
    *,
    free_credits: int,
    name: str = "default",
    scopes: tuple[str, ...] = SCOPES,
    images_per_minute: int | None = None,
    expires_at: int | None = None,
) -> Acquired:
    """Make a credential for an account, and the account and its application where they are missing.

    The account's first application comes with `free_credits`. Raises `BadRequest` for a scope there is not.
    """
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise BadRequest(
            f"There is no scope {', '.join(unknown) or '(none)'}; there are {', '.join(SCOPES)}.", param="scope"
        )
    account = accounts.by_name(tx, account_name) or accounts.create(tx, account_name)
    application_id, granted = admit(tx, account.id, free_credits=free_credits)
    credential_id, key = credentials.create(
        tx,
        account_id=account.id,
        application_id=application_id,
        name=name,
        scopes=scopes,
        images_per_minute=images_per_minute,
        expires_at=expires_at,
    )
    return Acquired(
        account=account.name,
        credential_id=credential_id,
        key=key,
        granted=granted,
        balance=quotas.balance(tx, account.id),
    )


def admit(tx: Transaction, account_id: str, *, free_credits: int) -> tuple[str, int]:
    """Give the account's application, made if missing, and what was granted with it: only the first has a grant."""
    application_id, fresh = accounts.admit(tx, account_id)
    if not fresh or not free_credits:
        return application_id, 0
    quotas.grant(tx, account_id, free_credits)
    return application_id, free_credits


def enter(tx: Transaction, account_id: str, *, free_credits: int) -> Acquired | None:
    """Admit a user's account to the API with its first credential; None where it has been admitted before."""
    if accounts.application(tx, account_id) is not None:
        return None
    account = accounts.find(tx, account_id)
    return acquire(tx, account.name, free_credits=free_credits)


def development(tx: Transaction, *, free_credits: int) -> Acquired | None:
    """Make the first credential of a new installation; None when it has an account already."""
    if accounts.everyone(tx):
        return None
    return acquire(tx, "development", free_credits=free_credits, name="development")
