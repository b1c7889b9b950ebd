"""What the reference shows of the management API: examples to look at, and what the fields of its answers mean."""

from __future__ import annotations

from typing import Any

_APPLICATION_ID = "01a205d9-158a-7217-9b46-9ac1db816a62"
_ACCOUNT_ID = "01a205d9-158a-76b6-a584-95952fc38146"
_CREDENTIAL_ID = "01a205d9-158b-703a-b51f-9becb8dd9c53"
_MADE, _USED, _ENDS = "2026-11-23T01:00:42.000000Z", "2026-11-23T01:20:42.000000Z", "2027-11-23T00:00:00.000000Z"
_BASE = "http://127.0.0.1:8080"

INTRODUCTION = (
    "Programs manage an account, its applications and credentials, with an account token: make one in the console, or "
    "with `limner account token`. Ace Data Cloud's `platform` client calls these. Amounts are credits."
)

BODIES: dict[str, dict[str, Any]] = {
    "post /api/v1/applications/": {"service_id": "images-generations"},
    "post /api/v1/credentials/": {
        "application_id": _APPLICATION_ID,
        "name": "shop",
        "scopes": ["images.generate"],
        "images_per_minute": 60,
        "expires_at": _ENDS,
    },
    "/api/v1/credentials/{id}/rotate/": {"overlap": 3600},
}

PLACES: dict[str, dict[str, str]] = {
    "/api/v1/applications/": {},
    "/api/v1/applications/{id}/": {"id": _APPLICATION_ID},
    "/api/v1/credentials/": {"application_id": _APPLICATION_ID},
    "/api/v1/credentials/{id}/": {"id": _CREDENTIAL_ID},
    "/api/v1/credentials/{id}/rotate/": {"id": _CREDENTIAL_ID},
}

_CREDENTIAL: dict[str, Any] = {
    "id": _CREDENTIAL_ID,
    "type": "Token",
    "name": "shop",
    "user_id": _ACCOUNT_ID,
    "application_id": _APPLICATION_ID,
    "hint": "4Qx1",
    "state": "active",
    "scopes": ["images.generate"],
    "images_per_minute": 60,
    "created_at": _MADE,
    "expires_at": _ENDS,
    "expired_at": _ENDS,
    "revoked_at": None,
    "last_used_at": _USED,
    "rotated_from": None,
}
_NEW = _CREDENTIAL | {"last_used_at": None, "token": "lim_..."}
_APPLICATION: dict[str, Any] = {
    "id": _APPLICATION_ID,
    "type": "Usage",
    "scope": "Individual",
    "user_id": _ACCOUNT_ID,
    "service_id": "images-generations",
    "service": {"id": "images-generations", "alias": "images-generations", "title": "Images Generations"},
    "remaining_amount": 4.96,
    "used_amount": 0.04,
    "remaining_micro_credits": 4_960_000,
    "used_micro_credits": 40_000,
    "disabled": False,
    "created_at": _MADE,
    "credentials": [_CREDENTIAL],
}

ANSWERS: dict[str, Any] = {
    "get /api/v1/applications/": {"count": 1, "items": [_APPLICATION]},
    "post /api/v1/applications/": _APPLICATION
    | {
        "remaining_amount": 5.0,
        "used_amount": 0.0,
        "remaining_micro_credits": 5_000_000,
        "used_micro_credits": 0,
        "credentials": [],
        "granted_amount": 5.0,
    },
    "/api/v1/applications/{id}/": _APPLICATION,
    "get /api/v1/credentials/": {"count": 1, "items": [_CREDENTIAL]},
    "post /api/v1/credentials/": _NEW,
    "get /api/v1/credentials/{id}/": _CREDENTIAL,
    "delete /api/v1/credentials/{id}/": _CREDENTIAL | {"state": "revoked", "revoked_at": _USED, "deleted": True},
    "/api/v1/credentials/{id}/rotate/": _NEW
    | {
        "id": "01a205d9-2c4f-7b1e-8f0a-55d1c1b7e2aa",
        "hint": "Zk80",
        "created_at": _USED,
        "rotated_from": _CREDENTIAL_ID,
    },
    "/api/v1/config/": {
        "name": "limner",
        "version": "0.1.0",
        "base_url": f"{_BASE}/v1",
        "platform_base_url": _BASE,
        "console_url": f"{_BASE}/console",
        "docs_url": f"{_BASE}/docs",
        "registration": "open",
        "currency": {"unit": "credit", "micro_credits": 1_000_000},
        "free_amount": 5.0,
        "services": [
            {"id": "images-generations", "aliases": ["images", "openai-images"], "default_model": "dall-e-3"},
        ],
        "scopes": ["images.generate", "tasks.read", "callbacks.manage"],
        "limits": {
            "requests_per_minute": 600,
            "images_per_minute": 600,
            "concurrent_images": 100,
            "sync_seconds": 300.0,
            "body_bytes": 1_048_576,
        },
        "retention_seconds": 86_400,
    },
}

MEANINGS: dict[str, str] = {
    "ApplicationList.count": "How many there are in all.",
    "ApplicationList.items": "This page of them.",
    "CredentialList.count": "How many there are in all.",
    "CredentialList.items": "This page of them, oldest first.",
    "ApplicationObject.type": "Always `Usage`: calls are paid for one by one.",
    "ApplicationObject.scope": "Always `Individual`.",
    "ApplicationObject.user_id": "The account.",
    "ApplicationObject.service_id": "What it admits to.",
    "ApplicationObject.service": "The same, in full.",
    "ApplicationObject.remaining_amount": "The account's balance, credits.",
    "ApplicationObject.used_amount": "What its calls have cost, with what is held for those on their way, credits.",
    "ApplicationObject.remaining_micro_credits": "The balance exactly.",
    "ApplicationObject.used_micro_credits": "What was used, exactly.",
    "ApplicationObject.disabled": "Whether it is switched off.",
    "ApplicationObject.created_at": "When it was acquired.",
    "ApplicationObject.credentials": "Its credentials that are not revoked.",
    "ApplicationObject.granted_amount": "The free credits that came with it just now; in the answer to acquiring.",
    "Service.id": "What to send as `service_id`.",
    "Service.alias": "The same.",
    "Service.title": "What people call it.",
    "CredentialObject.type": "Always `Token`.",
    "CredentialObject.name": "What you call it.",
    "CredentialObject.user_id": "The account.",
    "CredentialObject.application_id": "The application.",
    "CredentialObject.hint": "The last four characters of its key.",
    "CredentialObject.state": "`active`, `until rotated out`, `expired` or `revoked`.",
    "CredentialObject.scopes": "What it may do.",
    "CredentialObject.images_per_minute": "Its own limit, where it has one.",
    "CredentialObject.created_at": "When it was made.",
    "CredentialObject.expires_at": "When it ends.",
    "CredentialObject.expired_at": "The same, by Ace's name.",
    "CredentialObject.revoked_at": "When it was or will be revoked.",
    "CredentialObject.last_used_at": "When it was last used, to within some ten seconds.",
    "CredentialObject.rotated_from": "The credential whose successor it is.",
    "CredentialObject.token": "The key. It is in the answer that made it and nowhere else.",
    "CredentialObject.deleted": "In the answer to deleting: true.",
}
