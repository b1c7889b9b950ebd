"""The console's pages of callbacks: what was delivered, once more please, a test, and the secret that signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args
from urllib.parse import urlencode

import msgspec

from limner import accounts, callbacks, inboxes
from limner.callbacks import Attempt, Chosen, Delivery, Status
from limner.console.frame import page
from limner.console.inbox import address_of, open_inbox
from limner.errors import BadRequest, LimnerError, NotFound
from limner.ids import SECOND, now

if TYPE_CHECKING:
    from starlette.responses import Response

    from limner.accounts import Application
    from limner.console.frame import Visit
    from limner.db import Transaction
    from limner.inboxes import Inbox

PLACE = "/console/callbacks"
PAGE = 25
"""How many deliveries a page shows."""

SPANS = {3600: "hour", 86_400: "24 hours", 7 * 86_400: "7 days", 30 * 86_400: "30 days"}
"""How far back failed deliveries can be made again in one go, seconds."""

OVERLAPS = {86_400: "24 hours", 3600: "1 hour", 7 * 86_400: "7 days", 0: "not at all"}
"""How long an old secret may sign beside the new one, seconds; the first is offered."""


class Log(msgspec.Struct, frozen=True):
    """What the page of callbacks shows: deliveries with their last attempts, and the account's open inboxes."""

    application: Application | None
    deliveries: list[Delivery]
    attempts: dict[str, Attempt]
    inboxes: list[Inbox]
    rotations: int
    previous_until: int | None


async def list_callbacks(visit: Visit) -> Response:
    """Show the account's deliveries, newest first, and what can be done with callbacks."""
    return await _log(visit)


async def _log(visit: Visit, error: LimnerError | None = None) -> Response:
    status = visit.query.get("status")
    chosen = Chosen(
        status=status if status in get_args(Status) else None,
        task_id=_plain(visit.query.get("task_id")) or None,
        after=_plain(visit.query.get("after")) or None,
    )
    log = await visit.services.database.read(_read, visit.user.account_id, chosen)
    shown = log.deliveries[:PAGE]
    asked = {"status": chosen.status, "task_id": chosen.task_id}
    following = asked | {"after": shown[-1].id} if len(log.deliveries) > PAGE else {}
    return visit.render(
        "callbacks.html",
        error.status if error else 200,
        page="callbacks",
        error=error,
        log=log,
        deliveries=shown,
        chosen=chosen,
        older=_link(following) if following else None,
        newest=_link(asked),
        statuses=get_args(Status),
        spans=SPANS,
        overlaps=OVERLAPS,
        url=visit.form.get("callback_url", ""),
    )


def _read(tx: Transaction, account_id: str, chosen: Chosen) -> Log:
    application = accounts.application(tx, account_id)
    found = callbacks.listed(tx, account_id, chosen, limit=PAGE + 1)
    serial, until = accounts.callback_key(tx, application.id) if application else (0, None)
    return Log(
        application,
        found,
        callbacks.last_attempts(tx, found),
        inboxes.of_account(tx, account_id),
        serial,
        until if until is not None and until > now() else None,
    )


def _link(query: dict[str, str | None]) -> str:
    """Give the address of the log with what is asked for in its query."""
    given = {name: value for name, value in query.items() if value}
    return f"{PLACE}?{urlencode(given)}" if given else PLACE


def _plain(text: str | None) -> str:
    """Put U+FFFD for NUL, which PostgreSQL's texts cannot hold."""
    return (text or "").replace("\0", "\N{REPLACEMENT CHARACTER}")


async def show_callback(visit: Visit) -> Response:
    """Show one delivery with all its attempts."""
    delivery, attempts = await visit.services.database.read(callbacks.find, visit.user.account_id, _id(visit))
    own = address_of(visit.services, "")
    return visit.render(
        "callback.html",
        page="callbacks",
        delivery=delivery,
        attempts=attempts,
        inbox=delivery.url.removeprefix(own) if delivery.url.startswith(own) else None,
    )


def _id(visit: Visit) -> str:
    return _plain(visit.request.path_params["id"])


async def redeliver(visit: Visit) -> Response:
    """Make a delivery again now, and show what came of it."""
    await visit.services.courier.redeliver(visit.user.account_id, _id(visit))
    return visit.redirect(f"{PLACE}/{_id(visit)}")


async def redeliver_range(visit: Visit) -> Response:
    """Make all deliveries of some time again that failed."""
    span = _choice(visit, "span", SPANS)
    chosen = Chosen(status="failed", created_at_min=now() - span * SECOND)
    count = await visit.services.database.write(callbacks.redeliver_range, visit.user.account_id, chosen)
    visit.services.courier.wake()
    what = "Nothing has failed in that time." if not count else f"Sent again: {count}. Reload to see what came of it."
    return visit.redirect(PLACE, notice=what)


async def try_callback(visit: Visit) -> Response:
    """Send a test now, to a new inbox unless a URL is given, and show what the receiver answered."""
    application_id = await _application(visit)
    url = visit.form.get("callback_url", "").strip()
    try:
        if url:
            visit.services.outbound.check(url, param="callback_url")
    except LimnerError as error:
        return await _log(visit, error)
    if not url:
        url = address_of(visit.services, (await open_inbox(visit)).id)
    delivery_id = await visit.services.courier.test(
        account_id=visit.user.account_id, application_id=application_id, url=url
    )
    return visit.redirect(f"{PLACE}/{delivery_id}")


async def show_secret(visit: Visit) -> Response:
    """Show the secret that signs, once."""
    application_id = await _application(visit)
    serial, _ = await visit.services.database.read(accounts.callback_key, application_id)
    return _told(visit, callbacks.secret_of(visit.services.secret, application_id, serial))


async def rotate_secret(visit: Visit) -> Response:
    """Go on to a new secret, and show it once."""
    application_id, overlap = await _application(visit), _choice(visit, "overlap", OVERLAPS)
    serial, _ = await visit.services.database.write(accounts.rotate_callback_key, application_id, overlap * SECOND)
    secret = callbacks.secret_of(visit.services.secret, application_id, serial)
    return _told(visit, secret, notice="There is a new signing secret: put it into your receiver.")


def _told(visit: Visit, secret: str, **more: str) -> Response:
    return visit.redirect(f"{PLACE}#secret", callback_secret=secret, **more)


def _choice(visit: Visit, name: str, offered: dict[int, str]) -> int:
    given = visit.form.get(name, "")
    if given not in map(str, offered):
        raise BadRequest(f"{name} must be one of {', '.join(map(str, offered))}.", param=name)
    return int(given)


async def _application(visit: Visit) -> str:
    application = await visit.services.database.read(accounts.application, visit.user.account_id)
    if application is None:
        raise NotFound("You have no application yet: acquire one first.")
    return application.id


list_page = page(PLACE, list_callbacks, needs="user")
show_page = page(PLACE + "/{id}", show_callback, needs="user")
redeliver_page = page(PLACE + "/{id}/redeliver", redeliver, needs="user")
redeliver_range_page = page(PLACE + "/redeliver", redeliver_range, needs="user")
try_page = page(PLACE + "/test", try_callback, needs="user")
secret_page = page(PLACE + "/secret", show_secret, needs="user")
rotate_page = page(PLACE + "/rotate", rotate_secret, needs="user")
