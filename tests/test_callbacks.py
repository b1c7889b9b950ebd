"""Deliveries as rows: who takes which, when the next attempt is due, and how one is signed."""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from limner import callbacks
from limner.accounts import admit, create
from limner.callbacks import Attempt, Chosen, Delivery, Due, origin_of, secret_of, secrets_of, sign
from limner.db import transaction
from limner.ids import SECOND, now
from tests.databases import DIALECTS, migrated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from limner.db import Transaction

MASTER = b"a secret key"
DAY = 86_400 * SECOND


@pytest.fixture(params=DIALECTS)
def tx(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Transaction]:
    with migrated(request.param, tmp_path) as url, transaction(url) as opened:
        yield opened


@pytest.fixture
def account(tx: Transaction) -> tuple[str, str]:
    made = create(tx, "somebody").id
    return made, admit(tx, made)[0]


def enqueue(tx: Transaction, account: tuple[str, str], url: str = "https://example.com/hook", **more: Any) -> Delivery:
    return callbacks.enqueue(tx, account_id=account[0], application_id=account[1], task_id=None, url=url, **more)


def look(tx: Transaction, *, busy: dict[str, int] | None = None, most: int = 10) -> Due:
    return callbacks.due(tx, busy=busy or {}, most=most, per_origin=2)


def take(tx: Transaction, node: str = "a", **more: Any) -> list[str]:
    return sorted(one.id for one in callbacks.take(tx, node, look(tx, **more).ids))


def test_what_is_due_is_taken_once(tx: Transaction, account: tuple[str, str]) -> None:
    first, second = enqueue(tx, account), enqueue(tx, account, "https://example.org/")
    ids = look(tx).ids
    assert ids == [first.id, second.id]
    taken = callbacks.take(tx, "a", ids)
    assert {one.node for one in taken} == {"a"}
    assert {one.id for one in taken} == set(ids)
    assert callbacks.take(tx, "b", ids) == []
    found = look(tx)
    assert (found.ids, found.more, found.crowded) == ([], False, False)
    assert found.next_at is not None
    assert found.next_at > now()


def test_no_origin_gets_more_than_its_share(tx: Transaction, account: tuple[str, str]) -> None:
    slow = [enqueue(tx, account) for _ in range(4)]
    other = enqueue(tx, account, "https://example.org/")
    assert take(tx) == [slow[0].id, slow[1].id, other.id]
    busy = {"https://example.com": 2, "https://example.org": 1}
    found = look(tx, busy=busy)
    assert (found.ids, found.more, found.crowded) == ([], False, True)
    assert found.next_at is not None
    assert take(tx, busy={"https://example.com": 1}) == [slow[2].id]
    assert look(tx, most=1).more
    assert take(tx, most=1) == [slow[3].id]


def test_there_is_nothing_due_where_there_is_nothing(tx: Transaction) -> None:
    assert look(tx) == Due([], more=False, crowded=False, next_at=None)


def test_a_lease_lasts_as_long_as_was_asked(tx: Transaction, account: tuple[str, str]) -> None:
    enqueue(tx, account, node="a", lease=500.0)
    due = look(tx).next_at
    assert due is not None
    assert 490 * SECOND < due - now() <= 500 * SECOND
    lapsed = enqueue(tx, account, node="a", lease=-1.0)
    assert take(tx, "b") == [lapsed.id]


def test_what_the_dead_had_in_hand_is_due_again(tx: Transaction, account: tuple[str, str]) -> None:
    delivery = enqueue(tx, account)
    take(tx)
    assert callbacks.give_back(tx, []) == 1
    assert take(tx) == [delivery.id]


def test_an_attempt_that_was_overtaken_counts_for_nothing(tx: Transaction, account: tuple[str, str]) -> None:
    delivery = enqueue(tx, account)
    tried = Attempt(number=1, at=now(), milliseconds=1, status_code=200)
    late = Attempt(number=1, at=now(), milliseconds=9, problem="too late")
    callbacks.tried(tx, delivery, tried, (0.0,))
    callbacks.tried(tx, delivery, late, (0.0,))
    found, attempts = callbacks.find(tx, account[0], delivery.id)
    assert (found.status, found.attempts) == ("delivered", 1)
    assert attempts == [tried]


def test_a_page_goes_on_behind_the_last(tx: Transaction, account: tuple[str, str]) -> None:
    made = [enqueue(tx, account).id for _ in range(3)]
    page = callbacks.listed(tx, account[0], Chosen(), limit=2)
    assert [one.id for one in page] == [made[2], made[1]]
    assert [one.id for one in callbacks.listed(tx, account[0], Chosen(after=made[1]), limit=2)] == [made[0]]


@given(
    schedule=st.lists(st.floats(0, 1e6), min_size=1, max_size=12),
    number=st.integers(1, 14),
    status=st.sampled_from([None, 302, 404, 429, 500, 503]),
    asked=st.none() | st.floats(0) | st.just(float("inf")),
)
def test_the_wait_is_the_schedules_or_longer_if_asked(
    schedule: list[float], number: int, status: int | None, asked: float | None
) -> None:
    attempt = Attempt(number=number, at=0, milliseconds=0, status_code=status, retry_after=asked)
    wait = callbacks._wait(attempt, tuple(schedule))
    if number >= len(schedule):
        assert wait is None
        return
    assert wait is not None
    least, most = schedule[number] * 0.9, schedule[number] * 1.1
    wish = min(asked, 86_400) if asked is not None and status in {429, 503} else 0
    assert max(least, wish) * 0.999 <= wait <= max(most, wish) * 1.001


def test_attempts_do_not_come_in_step() -> None:
    attempt = Attempt(number=1, at=0, milliseconds=0, status_code=500)
    assert len({callbacks._wait(attempt, (0.0, 100.0)) for _ in range(20)}) > 1


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(None, "pending"), (199, "pending"), (200, "delivered"), (299, "delivered"), (302, "pending"), (410, "stopped")],
)
def test_a_status_decides(status: int | None, outcome: str) -> None:
    assert Attempt(number=1, at=0, milliseconds=0, status_code=status).outcome == outcome


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Example.COM/hook?a=b", "https://example.com"),
        ("HTTPS://example.com:443", "https://example.com"),
        ("http://example.com:80?x", "http://example.com"),
        ("http://example.com:443/", "http://example.com:443"),
        ("http://[2001:db8::1]:8080#part", "http://[2001:db8::1]:8080"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@given(st.text())
def test_any_text_has_an_origin(text: str) -> None:
    assert "/" not in origin_of(text).partition("://")[2]


@given(body=st.binary(max_size=200), at=st.integers(1, 2**40), name=st.text("abcdef0123456789_", min_size=1))
def test_a_signature_is_what_the_standard_says(body: bytes, at: int, name: str) -> None:
    secret = secret_of(MASTER, "application", 0)
    headers = sign([secret], name, at, body)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mark = base64.b64encode(hmac.digest(key, f"{name}.{at}.".encode() + body, "sha256")).decode()
    assert headers == {"webhook-id": name, "webhook-timestamp": str(at), "webhook-signature": f"v1,{mark}"}


def test_each_secret_of_an_overlap_verifies_and_no_other() -> None:
    old, new, other = (secret_of(MASTER, "application", serial) for serial in range(3))
    headers = sign([new, old], "msg_1", now() // SECOND, b'{"a": 1}')
    for secret in (old, new):
        assert Webhook(secret).verify(b'{"a": 1}', headers) == {"a": 1}
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(b'{"a": 1}', headers)


def test_secrets_are_told_apart_by_key_application_and_rotation() -> None:
    made = {secret_of(*of) for of in ((MASTER, "a", 0), (MASTER, "a", 1), (MASTER, "b", 0), (b"another", "a", 0))}
    assert len(made) == 4
    assert all(len(base64.b64decode(secret.removeprefix("whsec_"))) == 32 for secret in made)


@pytest.mark.parametrize(
    ("serial", "until", "count"), [(0, None, 1), (0, DAY, 1), (1, DAY, 2), (1, -DAY, 1), (1, None, 1)]
)
def test_two_secrets_sign_during_an_overlap(serial: int, until: int | None, count: int) -> None:
    ends = None if until is None else now() + until
    signing = secrets_of(MASTER, "a", serial, ends)
    assert signing == [secret_of(MASTER, "a", serial - back) for back in range(count)]
