from __future__ import annotations

import time
import uuid

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


def test_ids_differ_and_sort_by_time() -> None:
    made = [new_id() for _ in range(2000)]
    assert len(set(made)) == 2000
    assert [entry[:13] for entry in made] == sorted(entry[:13] for entry in made)


def test_now_is_microseconds() -> None:
    assert abs(now() / SECOND - time.time()) < 60
