from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.errors import BadRequest, TooManyRequests
from limner.ids import SECOND
from limner.rates import MINUTE, Rate, rate_headers, retry_after, spend

START = 1_800_000_000 * SECOND


def test_no_limit_is_no_limit() -> None:
    rate = spend(0, 123, 10_000, START, "images")
    assert rate == Rate(0, 0, 0, 123)
    assert rate_headers("images", rate) == {}


def test_a_fresh_limit_takes_a_minutes_worth_at_once() -> None:
    arrival = 0
    for left in (2, 1, 0):
        rate = spend(3, arrival, 1, START, "requests")
        arrival = rate.arrival
        assert rate.remaining == left
    assert rate.reset == MINUTE


def test_then_it_refuses_and_says_how_long_to_wait() -> None:
    full = spend(60, 0, 60, START, "images").arrival
    with pytest.raises(TooManyRequests) as refused:
        spend(60, full, 2, START, "images")
    assert "60 images a minute" in refused.value.message
    assert "Try again in 2 s." in refused.value.message
    assert refused.value.headers == {
        "retry-after": "2",
        "retry-after-ms": "2000",
        "x-ratelimit-limit-images": "60",
        "x-ratelimit-remaining-images": "0",
        "x-ratelimit-reset-images": "60.000s",
    }


def test_after_that_wait_it_takes_it() -> None:
    full = spend(60, 0, 60, START, "images").arrival
    assert spend(60, full, 2, START + 2 * SECOND, "images").remaining == 0


def test_what_never_fits_is_a_bad_request() -> None:
    with pytest.raises(BadRequest) as refused:
        spend(5, 0, 6, START, "images", param="n")
    assert refused.value.param == "n"
    assert "At most 5 images a minute" in refused.value.message


def test_what_never_fits_is_one_for_a_limit_in_use_too() -> None:
    full = spend(5, 0, 5, START, "images").arrival
    with pytest.raises(BadRequest):
        spend(5, full, 6, START, "images", param="n")


def test_requests_are_named_as_requests() -> None:
    headers = rate_headers("requests", spend(10, 0, 1, START, "requests"))
    assert headers == {
        "x-ratelimit-limit-requests": "10",
        "x-ratelimit-remaining-requests": "9",
        "x-ratelimit-reset-requests": "6.000s",
    }


@pytest.mark.parametrize(
    ("wait", "seconds", "millis"), [(0, "1", "1"), (1, "1", "1"), (SECOND, "1", "1000"), (SECOND + 1, "2", "1001")]
)
def test_waits_are_rounded_up(wait: int, seconds: str, millis: str) -> None:
    assert retry_after(wait) == {"retry-after": seconds, "retry-after-ms": millis}


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 300), st.lists(st.tuples(st.integers(0, 20 * SECOND), st.integers(1, 5)), max_size=60))
def test_no_minute_ever_sees_more_than_twice_the_limit(limit: int, calls: list[tuple[int, int]]) -> None:
    """The burst and what flows back meanwhile; over many minutes the rate is the limit."""
    at, arrival, taken = START, 0, []
    for pause, amount in calls:
        at += pause
        try:
            rate = spend(limit, arrival, amount, at, "images")
        except (TooManyRequests, BadRequest):
            continue
        assert 0 <= rate.remaining <= limit
        assert 0 <= rate.reset <= MINUTE
        arrival = rate.arrival
        taken.append((at, amount))
    for begin, _ in taken:
        assert sum(amount for when, amount in taken if begin <= when < begin + MINUTE) <= 2 * limit
