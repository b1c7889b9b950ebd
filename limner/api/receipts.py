"""`GET /v1/files/{name}/receipt`: how a picture came to be, signed; and the key that signs, `GET /v1/receipts/keys`.

Whoever holds the link to a picture holds that to its receipt, which has the same parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner.api import wire
from limner.api.auth import authenticate
from limner.api.context import context_of, services_of
from limner.api.files import file_name

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_HEADERS = {"cache-control": "no-store", "access-control-allow-origin": "*"}


async def get_receipt(request: Request) -> Response:
    """Give a picture's receipt to whoever has its link, or a credential of its account."""
    context_of(request.scope).route = "/v1/files/{name}/receipt"
    services, name, query = services_of(request.scope), file_name(request), request.query_params
    if "signature" in query:
        services.assets.check_link(name, query.get("expires", ""), query["signature"])
        return wire.json_response(await services.receipts.of(name), headers=_HEADERS)
    caller = await authenticate(request.scope, "tasks.read")
    return wire.json_response(await services.receipts.of(name, caller.account_id), headers=_HEADERS)


async def get_receipt_keys(request: Request) -> Response:
    """Give the public keys that receipts are checked by, as a JWK set."""
    context_of(request.scope).route = "/v1/receipts/keys"
    headers = {"cache-control": "public, max-age=3600", "access-control-allow-origin": "*"}
    return wire.json_response(services_of(request.scope).receipts.keys, headers=headers)
