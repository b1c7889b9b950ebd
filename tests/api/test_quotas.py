"""Money and limits on the wire: holds, settlements, refusals, repeats."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from limner import quotas
from limner.accounts import by_name
from limner.engines.sandbox import Sandbox
from limner.settings import Settings
from tests.api.test_bad_input import balance, check
from tests.conftest import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from limner.acquire import Acquired
    from limner.db import Transaction
    from tests.conftest import Live

PATH = "/v1/images/generations"
PRICED = """
[models.priced]
engine = "sandbox"
[models.priced.prices]
standard = [[65536, 1000], [16777216, 4000]]
hd = [[16777216, 9000]]
"""


@contextmanager
def shopping(folder: Path, **limits: Any) -> Iterator[Live]:
    """Serve a sandbox that costs something, in the place of every engine."""
    (folder / "models.toml").write_text(PRICED)
    settings = Settings(data=str(folder), models=str(folder / "models.toml"), log_level="error", **limits)
    with serving(settings, engines={"sandbox": Sandbox, "illustrator": Sandbox}) as live:
        yield live


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server with limits so low that nothing grows back while a test looks."""
    with shopping(tmp_path_factory.mktemp("strict"), requests_per_minute=2, images_per_minute=3) as live:
        yield live


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server with a sandbox that costs something and tight limits."""
    with shopping(tmp_path_factory.mktemp("shop"), concurrent_images=8) as live:
        yield live


LATER: dict[str, Any] = {"async": True}


def post(shop: Live, made: Acquired, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
    key = {"authorization": f"Bearer {made.key}"}
    return httpx.post(
        shop.url + PATH, json={"model": "priced", "prompt": "a fox"} | body, headers=key | (headers or {})
    )


def movements(tx: Transaction, name: str) -> list[tuple[str, int]]:
    account = by_name(tx, name)
    assert account is not None
    return [(row["kind"], row["amount"]) for row in quotas.entries(tx, account.id)]


@pytest.mark.parametrize(
    ("body", "cost"),
    [
        ({"size": "256x256"}, 1000),
        ({"size": "257x256"}, 4000),
        ({"size": "64x64", "n": 3}, 3000),
        ({"quality": "hd"}, 9000),
    ],
)
def test_the_price_is_model_quality_size_and_n(shop: Live, body: dict[str, Any], cost: int) -> None:
    made = shop.acquire()
    answer = post(shop, made, **body)
    assert answer.headers["x-cost"] == str(cost)
    assert answer.headers["x-balance"] == str(made.balance - cost) == str(balance(shop, made))
    assert shop.read(movements, made.account) == [("grant", 5_000_000), ("hold", -cost), ("settle", 0)]


@pytest.mark.parametrize("outcome", ["api_error", "moderation_blocked", "timeout"])
def test_a_failure_costs_nothing(shop: Live, outcome: str) -> None:
    made = shop.acquire()
    answer = post(shop, made, prompt=f"fail:{outcome}")
    status = {"api_error": 500, "moderation_blocked": 400, "timeout": 504}[outcome]
    check(answer, status, outcome, answer.json()["error"]["param"])
    assert answer.headers["x-cost"] == "0"
    assert answer.headers.get("x-should-retry") == ("true" if outcome == "timeout" else None)
    assert answer.headers["x-task-id"]
    assert shop.read(movements, made.account)[-1] == ("release", 1000)
    assert balance(shop, made) == made.balance


def test_a_balance_that_does_not_cover_the_call(shop: Live) -> None:
    made = shop.acquire(free_credits=2500)
    assert post(shop, made).status_code == 200
    check(post(shop, made, n=2), 403, "used_up", None, "costs 2000")
    assert post(shop, made).status_code == 200
    check(post(shop, made), 403, "used_up", None, "500 are left")


def test_parallel_calls_never_overdraw(shop: Live) -> None:
    made = shop.acquire(free_credits=3000)
    with ThreadPoolExecutor(8) as pool:
        statuses = [answer.status_code for answer in pool.map(lambda _: post(shop, made), range(8))]
    assert sorted(statuses) == [200] * 3 + [403] * 5
    assert balance(shop, made) == 0


def test_too_many_requests(strict: Live) -> None:
    made = strict.acquire()
    answers = [post(strict, made) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    last = answers[-1]
    check(last, 429, "too_many_requests", None, "2 requests a minute")
    assert 1 <= int(last.headers["retry-after"]) <= 30
    assert last.headers["x-ratelimit-limit-requests"] == "2"
    assert last.headers["x-ratelimit-remaining-requests"] == "0"


def test_too_many_images(strict: Live) -> None:
    made = strict.acquire()
    check(post(strict, made, n=4), 400, "bad_request", "n", "never")
    assert post(strict, made, n=2).status_code == 200
    refused = post(strict, made, n=2)
    check(refused, 429, "too_many_requests", None, "3 images a minute")
    assert refused.headers["x-ratelimit-remaining-images"] == "1"
    assert post(strict, made, n=1).status_code == 200


def test_a_credentials_own_limit(shop: Live) -> None:
    made = shop.acquire(images_per_minute=2)
    assert post(shop, made, n=2).status_code == 200
    check(post(shop, made), 429, "too_many_requests", None, "2 images a minute")
    check(post(shop, made, n=3), 400, "bad_request", "n", "never")


def test_too_many_at_once(shop: Live) -> None:
    made = shop.acquire()
    check(post(shop, made, n=9), 400, "bad_request", "n", "8 images")
    slow = post(shop, made, n=5, prompt="delay:6", **LATER)
    assert slow.status_code == 200
    refused = post(shop, made, n=4)
    check(refused, 429, "too_many_requests", None, "at most 8")
    assert refused.headers["retry-after"] == "1"


def test_a_repeat_with_the_same_idempotency_key_is_the_same_answer(shop: Live) -> None:
    made = shop.acquire()
    key = {"idempotency-key": "order-1"}
    first, again = post(shop, made, key, seed=3), post(shop, made, key, seed=3)
    assert first.json() == again.json()
    assert again.headers["x-idempotent-replay"] == "true"
    assert balance(shop, made) == made.balance - 1000
    b64 = {"idempotency-key": "order-2"}
    body = {"response_format": "b64_json"}
    assert post(shop, made, b64, **body).json() == post(shop, made, b64, **body).json()


def test_a_repeat_of_a_failure_is_the_same_failure(shop: Live) -> None:
    made = shop.acquire()
    key = {"idempotency-key": "order-1"}
    first, again = (post(shop, made, key, prompt="fail:moderation_blocked") for _ in range(2))
    assert first.status_code == again.status_code == 400
    assert first.json()["error"] == again.json()["error"]
    assert again.headers["x-idempotent-replay"] == "true"


def test_an_idempotency_key_in_use(shop: Live) -> None:
    made = shop.acquire()
    key = {"idempotency-key": "order-1"}
    assert post(shop, made, key, prompt="delay:4", **LATER).status_code == 200
    running = post(shop, made, key, prompt="delay:4", **LATER)
    check(running, 409, "conflict", None, "still running")
    other = post(shop, made, key, prompt="another")
    check(other, 409, "conflict", None, "another request")
    assert other.headers["x-should-retry"] == "false"
    check(post(shop, made, {"idempotency-key": "x" * 256}), 400, "bad_request", "Idempotency-Key")


def test_two_repeats_at_once_are_one_task(shop: Live) -> None:
    made = shop.acquire()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: post(shop, made, {"idempotency-key": "k"}), range(6)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len({answer.json()["task_id"] for answer in answers if answer.status_code == 200}) == 1
    assert balance(shop, made) == made.balance - 1000
