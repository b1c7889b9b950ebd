"""The side of an inbox that people see: opening one, its page, and saying what it answers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

from limner import accounts, inboxes
from limner.console.frame import page
from limner.console.receiving import token_of
from limner.errors import BadRequest
from limner.ids import SECOND

if TYPE_CHECKING:
    from limner.bootstrap import Services
    from limner.console.frame import Visit
    from limner.db import Transaction
    from limner.inboxes import Inbox


async def create_inbox(visit: Visit) -> Response:
    """Open an inbox for the user's account; scripts get its addresses, people its page."""
    inbox = await open_inbox(visit)
    if not _asks_for_json(visit):
        return visit.redirect(f"/inbox/{inbox.id}")
    told = {
        "token": inbox.id,
        "url": address_of(visit.services, inbox.id),
        "events": f"/inbox/{inbox.id}/events",
        "expires_at": inbox.expires_at / SECOND,
    }
    return _json(told, 201)


async def open_inbox(visit: Visit) -> Inbox:
    """Open an inbox for the user's account."""
    return await visit.services.database.write(_open, visit.user.account_id)


def _open(tx: Transaction, account_id: str) -> Inbox:
    application = accounts.application(tx, account_id)
    return inboxes.create(tx, account_id, application.id if application else None)


def address_of(services: Services, token: str) -> str:
    """Give the address that callbacks are sent to."""
    return f"{services.public_url}/inbox/{token}"


async def show_inbox(visit: Visit) -> Response:
    """Show an inbox to whoever has its token."""
    inbox = await visit.services.database.read(inboxes.find, token_of(visit.request))
    return visit.render(
        "inbox.html",
        wide=True,
        inbox=inbox,
        address=address_of(visit.services, inbox.id),
        answers=inboxes.ANSWERS,
        longest=inboxes.LONGEST_DELAY // 1000,
        most=inboxes.MOST_MESSAGES,
        own=visit.session is not None and visit.session.account_id == inbox.account_id,
    )


async def change_behaviour(visit: Visit) -> Response:
    """Say what an inbox answers from now on, and after how long."""
    token = token_of(visit.request)
    status_code, seconds = _number(visit, "status_code"), _number(visit, "delay")
    await visit.services.database.write(inboxes.behave, token, round(status_code), round(seconds * 1000))
    if _asks_for_json(visit):
        return _json({"status_code": round(status_code), "delay": round(seconds * 1000)})
    return visit.redirect(f"/inbox/{token}", notice=f"It answers {status_code:.0f} after {seconds:g} s now.")


def _number(visit: Visit, name: str) -> float:
    try:
        number = float(visit.form.get(name, ""))
    except ValueError:
        number = math.nan
    if not abs(number) < 10**6:
        raise BadRequest(f"{name} must be a number.", param=name)
    return number


def _asks_for_json(visit: Visit) -> bool:
    return "application/json" in visit.request.headers.get("accept", "")


def _json(body: dict[str, Any], status: int = 200) -> Response:
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Response(msgspec.json.encode(body), status, headers, "application/json")


create_inbox_page = page("/inbox", create_inbox, needs="user")
show_inbox_page = page("/inbox/{token}", show_inbox)
change_behaviour_page = page("/inbox/{token}/behaviour", change_behaviour)
