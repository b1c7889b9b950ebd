"""Inboxes: built-in places to receive callbacks while trying things, open for an hour to whoever has the token.

An inbox says what it answers and after how long, so that a sender's retries can be watched. Its messages are numbered
in the order they came in, on whichever node: the row is locked while one is written down.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, delete, func, select, update

from limner.db.schema import inboxes, messages
from limner.errors import BadRequest, NotFound
from limner.ids import SECOND, now

if TYPE_CHECKING:
    from limner.db import Row, Transaction
    from limner.signatures import Verdict

LIFE = 3600 * SECOND
"""How long an inbox takes messages and shows them, microseconds."""

ANSWERS = {
    200: "OK",
    202: "Accepted",
    400: "Bad Request",
    404: "Not Found",
    410: "Gone",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
"""What an inbox can be told to answer."""

LONGEST_DELAY = 20_000
"""The longest it can be told to take for its answer, milliseconds."""

MOST_MESSAGES = 100
"""How many messages an inbox keeps; the oldest goes when another comes."""

KEPT = 65_536
"""How many bytes of a body are kept."""

MOST_OPEN = 20
"""How many inboxes of an account are open; the oldest is closed when another is opened."""

GRACE = 60 * SECOND
"""How long a closed inbox stays in the tables, so that nothing is being written to what is swept away."""

_PLACES = 6
_HIGHEST = 10**_PLACES - 1


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """One inbox; `id` is its token, `delay` is milliseconds, times are microseconds."""

    id: str
    account_id: str
    application_id: str | None
    status_code: int
    delay: int
    created_at: int
    expires_at: int


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """What came in: the beginning of the body as text and the `size` of all of it, bytes."""

    headers: dict[str, str]
    body: str
    size: int
    signature: Verdict


class Message(Received, frozen=True, kw_only=True):
    """A message as it is kept: its number in its inbox, when it came, and what it was answered."""

    number: int
    at: int
    status_code: int
    delay: int


_OPEN = inboxes.c.expires_at > bindparam("at")
_FIND = select(inboxes).where(inboxes.c.id == bindparam("token"), _OPEN)
_HOLD = _FIND.with_for_update()
_OF_ACCOUNT = (
    select(inboxes)
    .where(inboxes.c.account_id == bindparam("owner"), _OPEN)
    .order_by(inboxes.c.created_at.desc(), inboxes.c.id)
)
_CLOSE = update(inboxes).where(inboxes.c.id == bindparam("token")).values(expires_at=bindparam("closed"))
_BEHAVE = (
    update(inboxes)
    .where(inboxes.c.id == bindparam("token"), _OPEN)
    .values(status_code=bindparam("answer"), delay=bindparam("wait"))
)
_LAST = select(func.max(messages.c.id).label("id")).where(messages.c.inbox_id == bindparam("token"))
_AFTER = (
    select(messages)
    .where(messages.c.inbox_id == bindparam("token"), messages.c.id > bindparam("after"))
    .order_by(messages.c.id)
)
_DROP = delete(messages).where(messages.c.inbox_id == bindparam("token"), messages.c.id <= bindparam("up_to"))
_OVER = select(inboxes.c.id).where(inboxes.c.expires_at <= bindparam("at"))
_SWEEP_MESSAGES = delete(messages).where(messages.c.inbox_id.in_(_OVER))
_SWEEP = delete(inboxes).where(inboxes.c.expires_at <= bindparam("at"))


def create(tx: Transaction, account_id: str, application_id: str | None) -> Inbox:
    """Open an inbox that answers 200 at once; messages are checked against the application's callback secrets."""
    at = now()
    for row in tx.all(_OF_ACCOUNT, owner=account_id, at=at)[MOST_OPEN - 1 :]:
        tx.run(_CLOSE, token=row["id"], closed=at)
    inbox = Inbox(
        id=secrets.token_urlsafe(24),
        account_id=account_id,
        application_id=application_id,
        status_code=200,
        delay=0,
        created_at=at,
        expires_at=at + LIFE,
    )
    tx.insert(inboxes, **msgspec.structs.asdict(inbox))
    return inbox


def find(tx: Transaction, token: str) -> Inbox:
    """Find an open inbox by its token; raises `NotFound`."""
    return _inbox(tx.one(_FIND, token=token, at=now()))


def of_account(tx: Transaction, account_id: str) -> list[Inbox]:
    """List an account's open inboxes, newest first."""
    return [_inbox(row) for row in tx.all(_OF_ACCOUNT, owner=account_id, at=now())]


def behave(tx: Transaction, token: str, status_code: int, delay: int) -> None:
    """Say what an inbox answers from now on, and after how many milliseconds; raises `BadRequest` or `NotFound`."""
    if status_code not in ANSWERS:
        raise BadRequest(f"An inbox answers one of {', '.join(map(str, ANSWERS))}.", param="status_code")
    if not 0 <= delay <= LONGEST_DELAY:
        raise BadRequest(f"An inbox answers after 0 to {LONGEST_DELAY // 1000} seconds.", param="delay")
    if not tx.run(_BEHAVE, token=token, at=now(), answer=status_code, wait=delay):
        raise _closed()


def receive(tx: Transaction, token: str, received: Received) -> Message:
    """Keep a message; what it says it was answered is what the inbox answers now. Raises `NotFound`."""
    at = now()
    inbox = _inbox(tx.one(_HOLD, token=token, at=at))
    last = tx.one(_LAST, token=token)
    number = 1 + (_number(last["id"]) if last and last["id"] else 0)
    message = Message(
        **msgspec.structs.asdict(received), number=number, at=at, status_code=inbox.status_code, delay=inbox.delay
    )
    tx.run(_DROP, token=token, up_to=_message_id(token, number - MOST_MESSAGES))
    values = msgspec.structs.asdict(message) | {"headers": msgspec.json.encode(message.headers).decode()}
    del values["number"]
    tx.insert(messages, id=_message_id(token, number), inbox_id=token, **values)
    return message


def after(tx: Transaction, token: str, number: int) -> list[Message]:
    """List what came in after the message of that number, oldest first; raises `NotFound` once the inbox is closed."""
    find(tx, token)
    return [_message(row) for row in tx.all(_AFTER, token=token, after=_message_id(token, min(number, _HIGHEST)))]


def sweep(tx: Transaction) -> int:
    """Forget the inboxes that are closed, with their messages; how many."""
    at = now() - GRACE
    tx.run(_SWEEP_MESSAGES, at=at)
    return tx.run(_SWEEP, at=at)


def _inbox(row: Row | None) -> Inbox:
    if row is None:
        raise _closed()
    return Inbox(**{field: row[field] for field in Inbox.__struct_fields__})


def _closed() -> NotFound:
    return NotFound("There is no such inbox, or its hour is over.")


def _message(row: Row) -> Message:
    values = {name: value for name, value in row.items() if name not in {"id", "inbox_id"}}
    headers = msgspec.json.decode(row["headers"], type=dict[str, str])
    return Message(**values | {"headers": headers}, number=_number(row["id"]))


def _message_id(token: str, number: int) -> str:
    """Name a message so that names sort as numbers do: within one inbox they differ in the digits only."""
    return f"{token}.{max(0, number):0{_PLACES}}"


def _number(message_id: str) -> int:
    return int(message_id[-_PLACES:])
