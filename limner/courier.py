"""The courier: makes the deliveries that are due, many at once, and never lets one receiver hold up another.

It joins callbacks, tasks and assets with the one client to strangers. No transaction is open while a receiver takes its
time; a delivery in hand is leased, and a courier that dies loses its leases.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import msgspec

from limner import __version__, accounts, callbacks, completion, tasks
from limner.callbacks import Attempt, Delivery
from limner.catalog import Request
from limner.errors import NotFound
from limner.ids import SECOND, now
from limner.outbound import Outbound, Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from limner.assets import Asset, Assets, Image
    from limner.completion import Outcome
    from limner.db import Database, Transaction
    from limner.telemetry import Telemetry

TIME_OUT = 15.0
KEPT = 2048
"""How long a receiver may take, seconds, and how many bytes of its answer are kept."""

AT_ONCE, PER_ORIGIN = 512, 32
"""How many deliveries are on their way at once, and how many of them to one origin.

An origin that did not answer the last time gets one, so that however many hang, few attempts hang with them.
"""

REMEMBERED = 10_000

LOOK_EVERY = 5.0
"""How often the rows are looked at without being told to, seconds: other nodes write deliveries too."""

LOCKED = 0.05
"""How long to wait when another node is taking what is due, seconds."""

OURS = "Something failed on our side; the attempt may not have been sent."
"""What the receiver's owner is told of an attempt that broke in our own hands."""


class Pictures(msgspec.Struct, frozen=True):
    """What a successful callback carries; `created` is Unix seconds."""

    created: int
    data: list[Image]


class Problem(msgspec.Struct, frozen=True):
    """What an unsuccessful callback carries."""

    code: str
    message: str


class Success(msgspec.Struct, frozen=True):
    """The body of a callback for a task that made pictures."""

    task_id: str
    trace_id: str
    data: Pictures
    success: bool = True


class Failure(msgspec.Struct, frozen=True):
    """The body of a callback for a task that made none."""

    task_id: str
    trace_id: str
    error: Problem
    success: bool = False


class Errand(msgspec.Struct, frozen=True):
    """All that an attempt needs to know: how the task ended (none for a test) and the secrets that sign."""

    outcome: Outcome | None
    secrets: list[str]


class Courier:
    """Makes deliveries; built once in `bootstrap`."""

    def __init__(
        self,
        database: Database,
        outbound: Outbound,
        store: Assets,
        *,
        telemetry: Telemetry,
        master: bytes,
        node: str,
        schedule: tuple[float, ...],
        time_out: float = TIME_OUT,
    ) -> None:
        """`master` is the server's secret key; `schedule` and `time_out` are seconds."""
        self._database, self._outbound, self._store, self._telemetry = database, outbound, store, telemetry
        self._master, self._node, self._schedule, self._time_out = master, node, schedule, time_out
        self._wanted, self._left_behind, self._returns = asyncio.Event(), False, 0
        self._busy: Counter[str] = Counter()
        self._silent: set[str] = set()
        self._under_way: set[asyncio.Task[None]] = set()
        self.lease = time_out + callbacks.LEASE

    def wake(self) -> None:
        """Say that a delivery may be due."""
        self._wanted.set()

    async def run(self) -> None:
        """Make what is due, until cancelled; then let go of what is on its way, for others to make."""
        try:
            while True:
                self._wanted.clear()
                try:
                    pause = await self._round()
                except Exception:
                    self._telemetry.log.exception("courier_failed")
                    pause = LOOK_EVERY
                await self._rest(pause)
        finally:
            for attempt in self._under_way:
                attempt.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _rest(self, pause: float) -> None:
        try:
            async with asyncio.timeout(pause):
                await self._wanted.wait()
        except TimeoutError:
            return

    async def _round(self) -> float:
        """Start what is due and there is room for; how long to wait before the next look, seconds."""
        room = AT_ONCE - len(self._under_way)
        if room <= 0:
            self._left_behind = True
            return LOOK_EVERY
        returned = self._returns
        found = await self._database.read(callbacks.due, busy=self._crowded(), most=room, per_origin=PER_ORIGIN)
        self._left_behind = found.more or found.crowded
        if found.ids:
            taken = await self._database.write(callbacks.take, self._node, found.ids, lease=self.lease)
            for delivery, errand in zip(taken, await self._errands(taken), strict=True):
                self._send_off(delivery, errand)
        if (found.more and found.ids) or (found.crowded and not found.ids and returned != self._returns):
            return 0.0  # somebody came back while we looked, and made room
        return LOOK_EVERY if found.next_at is None else min(LOOK_EVERY, max(0.0, (found.next_at - now()) / SECOND))

    async def _errands(self, taken: list[Delivery]) -> Sequence[Errand | None]:
        """Read what the attempts need to know, all at once; where that fails each finds out for itself."""
        try:
            return await self._database.read(_errands, taken, self._master)
        except Exception:
            self._telemetry.log.exception("errands_failed")
            return [None] * len(taken)

    def _crowded(self) -> dict[str, int]:
        """Count what is on its way to each origin, those that were silent as if they had room for one only."""
        return dict(self._busy + Counter(dict.fromkeys(self._silent, PER_ORIGIN - 1)))

    def _send_off(self, delivery: Delivery, errand: Errand | None) -> None:
        self._busy[delivery.origin] += 1
        attempt = asyncio.create_task(self._deliver(delivery, errand))
        self._under_way.add(attempt)
        attempt.add_done_callback(lambda done: self._returned(done, delivery.origin))

    def _returned(self, done: asyncio.Task[None], origin: str) -> None:
        """Count an attempt out; when enough of them are back, look for what was left behind."""
        self._under_way.discard(done)
        self._returns += 1
        self._busy[origin] -= 1
        if self._left_behind and self._busy[origin] <= PER_ORIGIN // 2:
            self.wake()
        if not self._busy[origin]:
            del self._busy[origin]

    async def _deliver(self, delivery: Delivery, errand: Errand | None) -> None:
        try:
            await self.attempt(delivery, errand)
        except Exception:
            self._telemetry.log.exception("delivery_failed", delivery_id=delivery.id)

    async def attempt(self, delivery: Delivery, errand: Errand | None = None) -> Attempt:
        """Make one attempt, write down what came of it, and return that; without an `errand` it is read first.

        Whatever goes wrong is an attempt with a problem, so that the schedule goes on and ends.
        """
        at, begun = now(), time.perf_counter()
        try:
            attempt = await self._post(delivery, errand, at)
        except Unreachable as error:
            attempt = Attempt(number=delivery.attempts + 1, at=at, milliseconds=0, problem=str(error))
        except Exception:
            self._telemetry.log.exception("attempt_failed", delivery_id=delivery.id)
            attempt = Attempt(number=delivery.attempts + 1, at=at, milliseconds=0, problem=OURS)
        attempt = msgspec.structs.replace(attempt, milliseconds=round((time.perf_counter() - begun) * 1000))
        self._remember(delivery.origin, silent=attempt.status_code is None)
        outcome = await self._database.write(callbacks.tried, delivery, attempt, self._schedule)
        self._telemetry.delivered(outcome)
        if outcome == "pending":
            self.wake()  # for the next attempt may be due before the next look
        return attempt

    async def test(self, *, account_id: str, application_id: str, url: str) -> str:
        """Make a test delivery now, which is tried once; give its id."""
        delivery = await self._database.write(
            callbacks.enqueue,
            account_id=account_id,
            application_id=application_id,
            task_id=None,
            url=url,
            node=self._node,
            lease=self.lease,
        )
        await self.attempt(delivery)
        return delivery.id

    async def redeliver(self, account_id: str, delivery_id: str) -> None:
        """Make one of the account's deliveries again, now, unless it is being made already; raises `NotFound`."""
        for delivery in await self._database.write(_again, account_id, delivery_id, self._node, self.lease):
            await self.attempt(delivery)

    def _remember(self, origin: str, *, silent: bool) -> None:
        if not silent:
            self._silent.discard(origin)
        elif len(self._silent) < REMEMBERED:
            self._silent.add(origin)

    async def _post(self, delivery: Delivery, errand: Errand | None, at: int) -> Attempt:
        if errand is None:
            [errand] = await self._database.read(_errands, [delivery], self._master)
        if errand is None:
            raise LookupError("the delivery's task is not over, or not of its account")
        body = await self._body(errand)
        headers = callbacks.sign(errand.secrets, delivery.id, at // SECOND, body)
        headers |= {"content-type": "application/json", "user-agent": f"limner/{__version__}"}
        answer = await self._outbound.post(delivery.url, body, headers, seconds=self._time_out, most=KEPT)
        return Attempt(
            number=delivery.attempts + 1,
            at=at,
            milliseconds=0,
            status_code=answer.status,
            response=answer.body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}"),
            retry_after=_retry_after(answer.headers),
        )

    async def _body(self, errand: Errand) -> bytes:
        """Write the callback's body; bytes of pictures are fetched now, for no row and no queue ever holds them."""
        outcome = errand.outcome
        if outcome is None:
            return msgspec.json.encode(_test(now() // SECOND))
        task = outcome.task
        if outcome.error is not None:
            problem = Problem(outcome.error.code, outcome.error.message)
            return msgspec.json.encode(Failure(task.id, task.trace_id, problem))
        request = msgspec.json.decode(task.request, type=Request)
        data = await self._bytes(outcome.assets) if request.response_format == "b64_json" else None
        pictures = Pictures((task.finished_at or 0) // SECOND, self._store.shown(outcome.assets, data))
        return msgspec.json.encode(Success(task.id, task.trace_id, pictures))

    async def _bytes(self, made: list[Asset]) -> list[bytes] | None:
        """Fetch the pictures; None when their time is over, and links that tell so are all there is left to send."""
        try:
            return [await self._store.load(asset.name) for asset in made]
        except NotFound:
            return None


def _test(created: int) -> Success:
    """Make the body of a test, which looks like a success without pictures."""
    return Success("test", "test", Pictures(created, []))


def _again(tx: Transaction, account_id: str, delivery_id: str, node: str, lease: float) -> list[Delivery]:
    """Make a delivery due and take it in one go, so that nobody else does."""
    delivery = callbacks.redeliver(tx, account_id, delivery_id)
    return [] if delivery.node is not None else callbacks.take(tx, node, [delivery.id], lease=lease)


def _errands(tx: Transaction, deliveries: list[Delivery], master: bytes) -> list[Errand | None]:
    """Read what attempts at these deliveries need to know; None for one whose task is not over or not its account's."""
    secrets = {
        application_id: callbacks.secrets_of(master, application_id, *accounts.callback_key(tx, application_id))
        for application_id in {delivery.application_id for delivery in deliveries}
    }
    found = tasks.several(tx, [delivery.task_id for delivery in deliveries if delivery.task_id is not None])
    ends = {task.id: outcome for task, outcome in completion.outcomes(tx, found)}
    return [_errand(delivery, ends, secrets[delivery.application_id]) for delivery in deliveries]


def _errand(delivery: Delivery, ends: Mapping[str, Outcome | None], secrets: list[str]) -> Errand | None:
    if delivery.task_id is None:
        return Errand(None, secrets)
    outcome = ends.get(delivery.task_id)
    ours = outcome is not None and outcome.task.account_id == delivery.account_id
    return Errand(outcome, secrets) if ours else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read a Retry-After (RFC 9110, 10.2.3), seconds or a date, as seconds; None for none or nonsense."""
    given = headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        return float(given)
    try:
        date = parsedate_to_datetime(given)
        return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - time.time())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None  # it is a stranger's text, and the parser was not made for that
