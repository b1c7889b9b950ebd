"""Callbacks: which deliveries are due, how one is signed, when it is tried again, and what came of every attempt.

A delivery is a row, written in the transaction that brings its task to its end; the courier makes it. Signatures follow
Standard Webhooks 1.0 (standardwebhooks.com), symmetric: HMAC-SHA-256 over `id.timestamp.body`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import re
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from sqlalchemy import ColumnElement, bindparam, exists, func, literal_column, or_, select, update

from limner.db.schema import attempts, deliveries, nodes
from limner.errors import BadRequest, NotFound
from limner.ids import SECOND, new_id, now

if TYPE_CHECKING:
    from limner.db import Row, Transaction

Status = Literal["pending", "delivered", "failed", "stopped"]
JITTER = 0.1
LONGEST_WAIT = 86_400.0
"""The most of a receiver's Retry-After that is believed, seconds."""

LEASE = 60.0
"""How long an attempt keeps a delivery from being tried by others, seconds; a node that dies loses it sooner.

It must be longer than an attempt can take.
"""

LOOKED_AT = 64
"""How many due deliveries one look goes through."""

REDELIVERED_AT_ONCE = 1000


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One callback to be made; `id` is its `webhook-id`, times are microseconds. A test has no task."""

    id: str
    account_id: str
    application_id: str
    task_id: str | None
    url: str
    origin: str
    status: Status
    attempts: int
    next_at: int | None
    node: str | None
    created_at: int
    finished_at: int | None

    @property
    def due_at(self) -> int | None:
        """Say when the next attempt is due; None while one is being made: the row holds the end of its lease."""
        return self.next_at if self.status == "pending" and self.node is None else None


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try: the status and the beginning of what the receiver answered, or the problem why it did not."""

    number: int
    at: int
    milliseconds: int
    status_code: int | None = None
    response: str | None = None
    problem: str | None = None
    retry_after: float | None = None

    @property
    def outcome(self) -> Status:
        """Say what it does to its delivery: 2xx ends it, 410 stops it, everything else leaves it pending."""
        if self.status_code is not None and 200 <= self.status_code < 300:
            return "delivered"
        return "stopped" if self.status_code == 410 else "pending"


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Which of an account's deliveries are asked for; what is None does not matter. Times are microseconds."""

    status: str | None = None
    task_id: str | None = None
    created_at_min: int | None = None
    created_at_max: int | None = None
    after: str | None = None


_FIELDS = Delivery.__struct_fields__
_PENDING = deliveries.c.status == literal_column("'pending'")
_NOT_FULL = deliveries.c.origin.not_in(bindparam("full", expanding=True))
_DUE = (
    select(deliveries.c.id, deliveries.c.origin)
    .where(_PENDING, deliveries.c.next_at <= bindparam("at"), _NOT_FULL)
    .order_by(deliveries.c.next_at)
    .limit(bindparam("most"))
)
_NEXT_AT = select(func.min(deliveries.c.next_at).label("at")).where(
    _PENDING, deliveries.c.next_at > bindparam("at"), _NOT_FULL
)
_STILL_DUE = (
    select(deliveries.c.id)
    .where(deliveries.c.id.in_(bindparam("which", expanding=True)), _PENDING, deliveries.c.next_at <= bindparam("at"))
    .with_for_update(skip_locked=True)
)
_LEASE = (
    update(deliveries)
    .where(deliveries.c.id.in_(_STILL_DUE))
    .values(next_at=bindparam("until"), node=bindparam("by"))
    .returning(*deliveries.c)
)
_FIND = select(deliveries).where(deliveries.c.id == bindparam("which"), deliveries.c.account_id == bindparam("owner"))
_OF_TASK = select(deliveries).where(deliveries.c.task_id == bindparam("task_id")).order_by(deliveries.c.id)
_TRIED = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("which"), deliveries.c.attempts == bindparam("seen"))
    .values(
        status=bindparam("outcome"),
        attempts=bindparam("number"),
        next_at=bindparam("again"),
        node=None,
        finished_at=bindparam("ended"),
    )
)
# what is in somebody's hand is being made again already; a second attempt beside it would count for nothing
_AGAIN = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("which"), or_(~_PENDING, deliveries.c.node.is_(None)))
    .values(status="pending", next_at=bindparam("at"), finished_at=None, node=None)
)
_ATTEMPTS = select(attempts).where(attempts.c.delivery_id == bindparam("which")).order_by(attempts.c.number)
_LAST = (
    select(attempts)
    .join(deliveries, deliveries.c.id == attempts.c.delivery_id)
    .where(deliveries.c.id.in_(bindparam("these", expanding=True)), attempts.c.number == deliveries.c.attempts)
)
_LOST = (
    update(deliveries)
    .where(
        _PENDING,
        deliveries.c.node.is_not(None),
        ~exists().where(nodes.c.id == deliveries.c.node, nodes.c.id.not_in(bindparam("dead", expanding=True))),
    )
    .values(next_at=bindparam("at"), node=None)
)


def enqueue(
    tx: Transaction,
    *,
    account_id: str,
    application_id: str,
    task_id: str | None,
    url: str,
    node: str | None = None,
    lease: float = LEASE,
) -> Delivery:
    """Write a delivery that is due now, or that `node` makes at once itself, within `lease` seconds."""
    at = now()
    delivery = Delivery(
        id=f"msg_{new_id().replace('-', '')}",
        account_id=account_id,
        application_id=application_id,
        task_id=task_id,
        url=url,
        origin=origin_of(url),
        status="pending",
        attempts=0,
        next_at=at + round(lease * SECOND) if node else at,
        node=node,
        created_at=at,
        finished_at=None,
    )
    tx.insert(deliveries, **msgspec.structs.asdict(delivery))
    return delivery


def origin_of(url: str) -> str:
    """Give scheme, host and port of a URL (RFC 6454); never raises, for the end of a task hangs on it."""
    scheme, _, rest = url.lower().partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return f"{scheme}://{authority.removesuffix(':443' if scheme == 'https' else ':80')}"


class Due(msgspec.Struct, frozen=True):
    """What a look found: the deliveries to be made now, whether there are more, and when the next is due (or None)."""

    ids: list[str]
    more: bool
    crowded: bool
    next_at: int | None


def due(tx: Transaction, *, busy: dict[str, int], most: int, per_origin: int) -> Due:
    """Look for up to `most` deliveries that are due; `more` are there when not all were looked at.

    `busy` says how many to each origin are on their way; none gets more than `per_origin`, so that a slow one waits by
    itself, and it is `crowded` when some have to wait for that.
    """
    at, most = now(), min(most, LOOKED_AT)
    full = [origin for origin, count in busy.items() if count >= per_origin]
    room, ids = dict(busy), []
    rows = tx.all(_DUE, at=at, full=full or [""], most=most)
    for row in rows:
        if room.get(row["origin"], 0) < per_origin:
            room[row["origin"]] = room.get(row["origin"], 0) + 1
            ids.append(row["id"])
    following = tx.one(_NEXT_AT, at=at, full=full or [""]) if len(rows) < most else None
    crowded = bool(full) or len(ids) < len(rows)
    return Due(ids, len(rows) == most, crowded, following["at"] if following else None)


def take(tx: Transaction, node: str, ids: list[str], *, lease: float = LEASE) -> list[Delivery]:
    """Lease those of these deliveries that are still due, so that nobody else makes them for `lease` seconds."""
    at = now()
    return [_delivery(row) for row in tx.all(_LEASE, which=ids, at=at, until=at + round(lease * SECOND), by=node)]


def tried(tx: Transaction, delivery: Delivery, attempt: Attempt, schedule: tuple[float, ...]) -> Status:
    """Write down an attempt and what follows from it: the end, or when the next one is due."""
    outcome, again = attempt.outcome, None
    if outcome == "pending" and delivery.task_id is None:
        outcome = "failed"  # a test is tried once
    if outcome == "pending":
        again = _wait(attempt, schedule)
        outcome = "failed" if again is None else "pending"
    at = now()
    following = None if again is None else at + round(again * SECOND)
    ended = None if outcome == "pending" else at
    where = {"which": delivery.id, "seen": delivery.attempts, "number": attempt.number}
    if tx.run(_TRIED, **where, outcome=outcome, again=following, ended=ended):
        tx.insert(attempts, id=new_id(), delivery_id=delivery.id, **_row(attempt))
    return outcome


def _row(attempt: Attempt) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(attempt).items() if name != "retry_after"}


def _wait(attempt: Attempt, schedule: tuple[float, ...]) -> float | None:
    """Give the seconds until the next attempt, None after the last: the schedule's, or longer if the receiver asks."""
    if attempt.number >= len(schedule):
        return None
    wait = schedule[attempt.number] * random.uniform(1 - JITTER, 1 + JITTER)
    asked = attempt.retry_after if attempt.status_code in {429, 503} else None
    return max(wait, min(asked, LONGEST_WAIT)) if asked is not None else wait


def give_back(tx: Transaction, dead: list[str]) -> int:
    """Make due again what nodes have in hand that are not there, or are known to be dead; how many."""
    return tx.run(_LOST, dead=dead, at=now())


def find(tx: Transaction, account_id: str, delivery_id: str) -> tuple[Delivery, list[Attempt]]:
    """Find one of the account's deliveries with its attempts; raises `NotFound`."""
    row = tx.one(_FIND, which=delivery_id, owner=account_id)
    if row is None:
        raise NotFound(f"There is no delivery {delivery_id!r} for this credential's account.", param="id")
    return _delivery(row), [_attempt(one) for one in tx.all(_ATTEMPTS, which=delivery_id)]


def of_task(tx: Transaction, task_id: str) -> list[Delivery]:
    """List a task's deliveries."""
    return [_delivery(row) for row in tx.all(_OF_TASK, task_id=task_id)]


def listed(tx: Transaction, account_id: str, chosen: Chosen, *, limit: int) -> list[Delivery]:
    """List an account's deliveries, newest first."""
    statement = select(deliveries).where(*_conditions(account_id, chosen)).order_by(deliveries.c.id.desc())
    return [_delivery(row) for row in tx.all(statement.limit(limit))]


def _conditions(account_id: str, chosen: Chosen) -> list[ColumnElement[bool]]:
    found = [deliveries.c.account_id == account_id]
    equal = {"status": chosen.status, "task_id": chosen.task_id}
    found += [deliveries.c[name] == value for name, value in equal.items() if value is not None]
    if chosen.created_at_min is not None:
        found.append(deliveries.c.created_at >= chosen.created_at_min)
    if chosen.created_at_max is not None:
        found.append(deliveries.c.created_at <= chosen.created_at_max)
    if chosen.after is not None:
        found.append(deliveries.c.id < chosen.after)
    return found


def last_attempts(tx: Transaction, listed: list[Delivery]) -> dict[str, Attempt]:
    """Give the last attempt at each of these deliveries, by the delivery's id; those not tried yet are left out."""
    return {row["delivery_id"]: _attempt(row) for row in tx.all(_LAST, these=[one.id for one in listed] or [""])}


def redeliver(tx: Transaction, account_id: str, delivery_id: str) -> Delivery:
    """Make a delivery due now, whatever became of it, with the same id; raises `NotFound`.

    When it fails again, the schedule is not begun anew: what is left of it is gone through. One that is being made just
    now stays as it is.
    """
    delivery, _ = find(tx, account_id, delivery_id)
    tx.run(_AGAIN, which=delivery.id, at=now())
    return find(tx, account_id, delivery_id)[0]


def redeliver_range(tx: Transaction, account_id: str, chosen: Chosen) -> int:
    """Make all chosen deliveries due now; how many. Raises `BadRequest` when they are too many for one go."""
    found = listed(tx, account_id, chosen, limit=REDELIVERED_AT_ONCE + 1)
    if len(found) > REDELIVERED_AT_ONCE:
        raise BadRequest(
            f"More than {REDELIVERED_AT_ONCE} deliveries match; narrow the range of time.", param="created_at_min"
        )
    at = now()
    return sum(tx.run(_AGAIN, which=delivery.id, at=at) for delivery in found)


def secret_of(master: bytes, application_id: str, serial: int) -> str:
    """Give an application's callback secret, `whsec_` and 32 bytes in base64.

    It is derived from the server's secret key (HMAC as a key derivation, RFC 5869's expand step), so nothing that signs
    lies in the database.
    """
    key = hmac.digest(master, f"limner callback secret {application_id} {serial}".encode(), hashlib.sha256)
    return "whsec_" + base64.b64encode(key).decode()


def secrets_of(master: bytes, application_id: str, serial: int, overlap_until: int | None) -> list[str]:
    """Give the secrets that sign now, newest first: two during an overlap, else one."""
    serials = [serial]
    if serial and overlap_until is not None and overlap_until > now():
        serials.append(serial - 1)
    return [secret_of(master, application_id, one) for one in serials]


def sign(secrets: list[str], webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Give the three headers of Standard Webhooks, with one signature for each secret; `timestamp` is in seconds."""
    content = f"{webhook_id}.{timestamp}.".encode() + body
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
    marks = [base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode() for key in keys]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }


def _delivery(row: Row) -> Delivery:
    return Delivery(**{field: row[field] for field in _FIELDS})


def _attempt(row: Row) -> Attempt:
    return Attempt(**{field: row[field] for field in Attempt.__struct_fields__ if field != "retry_after"})
