"""The console's first page: for somebody new, and for somebody with pictures."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from limner.catalog import Catalogue
from limner.console.overview import affordable
from tests.people import Person, signed_in
from tests.tasks import HOUR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Live


@pytest.fixture
def person(server: Live) -> Iterator[Person]:
    with signed_in(server) as made:
        yield made


def seen(person: Person) -> str:
    page = person.get("/console")
    assert page.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def test_visitors_go_to_the_door_and_back(person: Person) -> None:
    person.browser.cookies.clear()
    assert person.get("/console").headers["location"] == "/login?next=%2Fconsole"


def test_somebody_new_is_told_what_to_do(person: Person) -> None:
    text = seen(person)
    assert f"Hello, {person.email.partition('@')[0]}" in text
    assert "Acquire the API." in text
    assert "Balance" not in text
    assert "Recent pictures" not in text
    person.acquire()
    text = seen(person)
    assert "Acquired." in text
    assert "Balance, credits 5.00 about 125 standard pictures" in text
    assert "nothing went wrong" in text


def test_the_tiles_and_charts_add_up_what_was_made(person: Person) -> None:
    person.acquire()
    person.task(images=2, cost=80_000)
    person.task(model="dall-e-2", ago=10 * 24 * HOUR)
    person.task(ago=40 * 24 * HOUR)
    person.task(status="failed", ago=3 * 24 * HOUR)
    text = seen(person)
    assert "Pictures today 2 " in text
    assert "Pictures, 30 days 3 in 3 calls" in text
    assert "Spent, 30 days 0.12 credits" in text
    assert "Failures, 30 days 1 look at them" in text
    assert "Pictures a day 3" in text
    assert "Credits a day 0.12" in text
    assert "dall-e-3 2 dall-e-2 1" in text
    assert "Acquire" not in text


def test_recent_pictures_are_linked_and_described(person: Person) -> None:
    gone, there = person.task(prompt="gone", deleted_at=1), person.task(prompt="a fox & a cat")
    page = person.get("/console").text
    assert re.findall(r'<li><a href="/console/tasks/([^"]+)"', page) == [there]
    assert 'alt="a fox &amp; a cat"' in page
    assert gone not in page


def test_where_no_picture_is_kept_that_is_said(person: Person) -> None:
    person.task(status="failed")
    text = seen(person)
    assert "No picture is kept just now" in text
    assert "in 1 call " in text or "Balance" not in text


def test_a_balance_is_told_in_pictures(tmp_path: Path) -> None:
    catalogue = Catalogue.load()
    assert affordable(catalogue, 40_000) == 1
    assert affordable(catalogue, -1) == 0
    free = tmp_path / "models.toml"
    free.write_text('default = "limner-sandbox"\n')
    assert affordable(Catalogue.load(free), 40_000) is None
