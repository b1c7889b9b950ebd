from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from limner.ids import SECOND, new_id, now


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = uuid.UUID(new_id())
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert str(made) == str(made).lower()


def test_an_id_begins_with_the_millisecond_it_was_made_in() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid.UUID(new_id()).int >> 80
    assert before <= made <= time.time_ns() // 1_000_000


def test_ids_differ_and_sort_in_the_order_they_were_made_in() -> None:
    made = [new_id() for _ in range(5000)]
    assert len(set(made)) == 5000
    assert made == sorted(made)


def test_ids_of_several_threads_differ_and_sort_within_each() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: [new_id() for _ in range(2000)], range(4)))
    assert len({entry for part in made for entry in part}) == 8000
    assert all(part == sorted(part) for part in made)


def test_now_is_microseconds() -> None:
    assert abs(now() / SECOND - time.time()) < 60
