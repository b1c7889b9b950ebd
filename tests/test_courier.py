"""The courier when names lie, the database fails, and more is due than can be under way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner import callbacks
from limner.acquire import acquire
from limner.courier import AT_ONCE, PER_ORIGIN, Courier, _retry_after
from limner.credentials import Verifier
from limner.db import Database, DatabaseError
from limner.outbound import Outbound
from limner.telemetry import Telemetry
from tests.databases import migrated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from limner.callbacks import Attempt, Delivery
    from limner.credentials import Caller


class Fragile:
    """A database in which some units fail as often as `failures` says."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.failures: dict[Callable[..., Any], int] = {}
        self.asked = asyncio.Condition()
        self.count: dict[Callable[..., Any], int] = {}

    async def write(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        return await self._ask(self.database.write, fn, *args, **kwargs)

    async def read(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        return await self._ask(self.database.read, fn, *args, **kwargs)

    async def _ask(self, how: Any, fn: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            if self.failures.get(fn, 0):
                self.failures[fn] -= 1
                raise DatabaseError("away for a moment")
            return await how(fn, *args, **kwargs)
        finally:
            async with self.asked:
                self.count[fn] = self.count.get(fn, 0) + 1
                self.asked.notify_all()

    async def until(self, fn: Any, times: int) -> None:
        """Wait until a unit has been asked for so often."""
        async with asyncio.timeout(60), self.asked:
            await self.asked.wait_for(lambda: self.count.get(fn, 0) >= times)


@pytest.fixture
async def fragile(tmp_path: Path) -> AsyncIterator[Fragile]:
    with migrated("sqlite", tmp_path) as url:
        database = Database.open(url)
        yield Fragile(database)
        await database.close()


@pytest.fixture
async def caller(fragile: Fragile) -> Caller:
    made = await fragile.database.write(acquire, "somebody", free_credits=0)
    return await Verifier(fragile.database).verify(made.key)


Make = Callable[[Any], Courier]


@pytest.fixture
async def courier_of(fragile: Fragile) -> AsyncIterator[Make]:
    """Makes couriers with a resolver of the test's own."""
    opened: list[Outbound] = []

    def make(resolve: Any) -> Courier:
        opened.append(Outbound(resolve=resolve))
        return Courier(
            cast("Database", fragile),
            opened[-1],
            cast("Any", None),
            telemetry=Telemetry(),
            master=b"secret",
            node="a",
            schedule=(0.0, 3600.0),
            time_out=60.0,
        )

    yield make
    for outbound in opened:
        await outbound.close()


async def enqueue(fragile: Fragile, caller: Caller, url: str = "http://example.com/", **more: Any) -> Delivery:
    return await fragile.database.write(
        callbacks.enqueue,
        account_id=caller.account_id,
        application_id=caller.application_id,
        task_id=None,
        url=url,
        **more,
    )


async def told(fragile: Fragile, delivery: Delivery) -> tuple[Delivery, list[Attempt]]:
    return await fragile.database.read(callbacks.find, delivery.account_id, delivery.id)


async def nowhere(_host: str, _port: int) -> list[str]:
    raise OSError


async def cancelled(running: asyncio.Task[None]) -> None:
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("address", ["10.0.0.7", "127.0.0.1", "169.254.169.254", "::1", "fd00::1"])
async def test_a_name_that_leads_inside_is_refused_and_written_down(
    fragile: Fragile, caller: Caller, courier_of: Make, address: str
) -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        return ["93.184.215.14", address]

    delivery = await enqueue(fragile, caller, "http://inside.example.com/hook", node="a")
    attempt = await courier_of(resolve).attempt(delivery)
    assert attempt.problem == "The host leads to an address that is not public."
    assert address not in attempt.problem
    found, attempts = await told(fragile, delivery)
    assert (found.status, found.node, found.next_at) == ("failed", None, None)
    assert attempts == [attempt]


async def test_a_url_that_is_not_allowed_any_more_is_refused(
    fragile: Fragile, caller: Caller, courier_of: Make
) -> None:
    delivery = await enqueue(fragile, caller, "http://127.0.0.1:9/", node="a")
    attempt = await courier_of(nowhere).attempt(delivery)
    assert "must lead to a public address" in (attempt.problem or "")


async def test_a_name_that_is_nobodys_is_a_problem(fragile: Fragile, caller: Caller, courier_of: Make) -> None:
    delivery = await enqueue(fragile, caller, node="a")
    attempt = await courier_of(nowhere).attempt(delivery)
    assert attempt.problem == "The host's name could not be resolved."


async def test_a_database_that_fails_for_a_moment_does_not_stop_the_courier(
    fragile: Fragile, caller: Caller, courier_of: Make
) -> None:
    courier = courier_of(nowhere)
    fragile.failures = {callbacks.due: 1}
    running = asyncio.create_task(courier.run())
    await fragile.until(callbacks.due, 1)
    delivery = await enqueue(fragile, caller)
    courier.wake()
    await fragile.until(callbacks.tried, 1)
    await cancelled(running)
    assert (await told(fragile, delivery))[0].status == "failed"


async def test_an_attempt_that_could_not_be_written_down_is_made_again(
    fragile: Fragile, caller: Caller, courier_of: Make
) -> None:
    courier = courier_of(nowhere)
    fragile.failures = {callbacks.tried: 1}
    delivery = await enqueue(fragile, caller)
    running = asyncio.create_task(courier.run())
    await fragile.until(callbacks.tried, 1)
    assert (await told(fragile, delivery))[0].node == "a"
    await fragile.database.write(callbacks.give_back, ["a"])  # as its lease ends
    courier.wake()
    await fragile.until(callbacks.tried, 2)
    await cancelled(running)
    found, attempts = await told(fragile, delivery)
    assert (found.status, len(attempts)) == ("failed", 1)


async def test_what_is_under_way_is_bounded_and_let_go_of_at_the_end(
    fragile: Fragile, caller: Caller, courier_of: Make
) -> None:
    under_way, full = 0, asyncio.Event()

    async def never(_host: str, _port: int) -> list[str]:
        nonlocal under_way
        under_way += 1
        if under_way == AT_ONCE:
            full.set()
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    made = [await enqueue(fragile, caller, f"http://host{number}.example.com/") for number in range(AT_ONCE + 3)]
    courier = courier_of(never)
    running = asyncio.create_task(courier.run())
    async with asyncio.timeout(60):
        await full.wait()
    looks = fragile.count[callbacks.due]
    courier.wake()
    found = [await told(fragile, one) for one in made]
    await cancelled(running)
    assert fragile.count[callbacks.due] == looks
    assert under_way == AT_ONCE
    assert sum(one.node == "a" for one, _ in found) == AT_ONCE
    assert all(attempts == [] for _, attempts in found)
    assert await fragile.database.write(callbacks.give_back, []) == AT_ONCE


async def test_an_origin_that_was_silent_gets_one_attempt_at_a_time(
    fragile: Fragile, caller: Caller, courier_of: Make
) -> None:
    courier = courier_of(nowhere)
    delivery = await enqueue(fragile, caller, node="a")
    assert courier._crowded() == {}
    await courier.attempt(delivery)
    assert courier._crowded() == {delivery.origin: PER_ORIGIN - 1}
    waiting = [await enqueue(fragile, caller) for _ in range(3)]
    busy = courier._crowded()
    assert (await fragile.database.read(callbacks.due, busy=busy, most=100, per_origin=PER_ORIGIN)).ids == [
        waiting[0].id
    ]
    courier._remember(delivery.origin, silent=False)
    assert courier._crowded() == {}


async def test_what_is_due_later_is_made_then(fragile: Fragile, caller: Caller, courier_of: Make) -> None:
    delivery = await enqueue(fragile, caller, node="b", lease=0.1)  # another node's, which is lost in a moment
    running = asyncio.create_task(courier_of(nowhere).run())
    await fragile.until(callbacks.tried, 1)
    await cancelled(running)
    assert (await told(fragile, delivery))[0].status == "failed"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("", None),
        ("0", 0),
        (" 120 ", 120),
        ("0000000000120", 120),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("\u0663", None),
        ("120, 120", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2015 07:28:00 -0000", 0),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 99 Jan 2035 00:00:00 GMT", None),
        ("9" * 500, float("inf")),
    ],
)
def test_a_wish_for_time_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert _retry_after({"retry-after": value}) == seconds


def test_without_a_wish_there_is_none() -> None:
    assert _retry_after({}) is None


@given(ahead=st.integers(-(10**9), 10**9))
def test_a_date_is_so_far_ahead(ahead: int) -> None:
    now = 1_800_000_000 + ahead
    found = _retry_after({"retry-after": formatdate(now, usegmt=True)})
    naive = _retry_after({"retry-after": formatdate(now, usegmt=False, localtime=False)})
    assert found is not None
    assert found == pytest.approx(naive, abs=5)


WORDS = st.sampled_from(["Mon,", "01", "Jan", "2035", "99999999999999999999", "00:00:00", "24:61:99", "GMT", "+9999"])


@given(st.text() | st.lists(WORDS | st.text(max_size=4), max_size=8).map(" ".join))
def test_whatever_a_receiver_writes_is_read(value: str) -> None:
    found = _retry_after({"retry-after": value})
    assert found is None or found >= 0
