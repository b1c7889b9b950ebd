"""The page of usage and its CSV: they agree with the tasks and the ledger, and hold no formulas."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from limner import quotas
from limner.console import usage
from limner.console.usage import cell
from tests.people import Person, signed_in
from tests.tasks import HOUR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from limner.db import Transaction
    from tests.conftest import Live

PAGE, CSV, LEDGER = "/console/usage", "/console/usage.csv", "/console/ledger.csv"


@pytest.fixture
def person(server: Live) -> Iterator[Person]:
    with signed_in(server) as made:
        yield made


def days(first: int, last: int = 0) -> dict[str, str]:
    """Ask for the days from so long ago to so long ago."""
    today = datetime.now(UTC).date()
    return {"from": str(today - timedelta(days=first)), "to": str(today - timedelta(days=last))}


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def cells(page: str, label: str) -> list[list[str]]:
    """Give the cells of a table."""
    found = re.search(rf'aria-label="{label}">(.*?)</table>', page, re.DOTALL)
    assert found
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", found[1], re.DOTALL)
    return [[unescape(re.sub(r"<[^>]+>", "", one)) for one in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in rows]


def test_without_usage_and_movements_that_is_said(person: Person) -> None:
    page = person.get(PAGE).text
    assert "Nothing in this time" in page
    assert "Nothing has moved yet" in page
    month = datetime.now(UTC).date().replace(day=1)
    assert f'name="from" type="date" value="{month}"' in page


def test_the_table_and_its_csv_tell_days_and_models(person: Person) -> None:
    person.task(images=2, cost=80_000)
    person.task(status="failed")
    person.task(model="dall-e-2", ago=24 * HOUR)
    person.task(ago=72 * HOUR)
    asked = days(1)
    page = person.get(PAGE, **asked).text
    assert cells(page, "Usage by day and model")[1:] == [
        [asked["to"], "dall-e-3", "2", "2", "0.08"],
        [asked["from"], "dall-e-2", "1", "1", "0.04"],
        ["All", "3", "3", "0.12"],
    ]
    answer = person.get(CSV, **asked)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert f"limner-usage-{asked['from']}-{asked['to']}.csv" in answer.headers["content-disposition"]
    assert rows_of(answer.text) == [
        ["day", "model", "calls", "pictures", "cost_microcredits"],
        [asked["from"], "dall-e-2", "1", "1", "40000"],
        [asked["to"], "dall-e-3", "2", "2", "80000"],
    ]
    assert f'href="/console/usage.csv?from={asked["from"]}&amp;to={asked["to"]}"' in page


def grant_many(tx: Transaction, account_id: str, count: int) -> None:
    for number in range(count):
        quotas.grant(tx, account_id, number)


def ends(page: str) -> dict[str, str]:
    """Give where a page's newer and older ones are."""
    return {rel: unescape(link) for rel, link in re.findall(r'rel="(prev|next)" href="([^"]+)"', page)}


def test_the_ledger_is_told_in_pages(person: Person, server: Live) -> None:
    person.acquire(1_000_000)
    server.write(grant_many, person.account_id, 52)
    entries = server.read(quotas.entries, person.account_id)
    first = person.get(PAGE).text
    second = person.get(ends(first)["next"]).text
    third = person.get(ends(second)["next"]).text
    back = person.get(ends(third)["prev"]).text
    assert (list(ends(first)), list(ends(third))) == (["next"], ["prev"])
    amounts = [row[3] for page in (first, second, third) for row in cells(page, "Movements, newest first")[1:]]
    assert len(amounts) == len(entries) == 53
    assert amounts[-1] == "+1.00"
    assert cells(back, "Movements, newest first") == cells(second, "Movements, newest first")


def test_the_whole_ledger_comes_as_csv_however_long(person: Person, server: Live) -> None:
    server.write(grant_many, person.account_id, usage.AT_ONCE + 1)
    entries = server.read(quotas.entries, person.account_id)
    told = rows_of(person.get(LEDGER, **days(1)).text)
    assert told[0] == ["time", "kind", "amount_microcredits", "balance_microcredits", "task_id"]
    assert [[row[2], row[3]] for row in told[1:]] == [[str(row["amount"]), str(row["balance"])] for row in entries]
    assert len(rows_of(person.get(LEDGER, **days(3, 2)).text)) == 1


def test_movements_of_tasks_lead_to_them(person: Person, server: Live) -> None:
    acquired = person.acquire()
    headers = {"authorization": f"Bearer {acquired.key}"}
    body = {"model": "dall-e-3", "prompt": "a red apple", "size": "256x256"}
    made = person.browser.post("/v1/images/generations", json=body, headers=headers).json()
    page = person.get(PAGE).text
    assert page.count(f'href="/console/tasks/{made["task_id"]}"') == 2
    movements = cells(page, "Movements, newest first")[1:]
    assert [row[1] for row in movements] == ["Settled: the rest of the hold", "Held for a task", "Granted"]
    assert movements[1][3].startswith("\N{MINUS SIGN}0.0")
    told = rows_of(person.get(LEDGER).text)
    assert [(row[1], row[4]) for row in told[1:]] == [
        ("grant", ""),
        ("hold", made["task_id"]),
        ("settle", made["task_id"]),
    ]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(person: Person, name: str) -> None:
    person.task(named=name)
    assert rows_of(person.get(CSV).text)[1][1] == f"'{name}"


@pytest.mark.parametrize(
    ("value", "written"), [(-5, -5), ("a=b", "a=b"), ("", ""), (None, None), ('say "so"', 'say "so"')]
)
def test_what_is_no_formula_stays_as_it_is(value: Any, written: Any) -> None:
    assert cell(value) == written


@pytest.mark.parametrize("path", [PAGE, CSV, LEDGER])
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"from": "2026-13-01"}, "from must be a day"),
        ({"from": "2026-02-02", "to": "2026-02-01"}, "from must not be later than to"),
        ({"from": "2024-01-01", "to": "2026-02-01"}, "at most 366 days"),
    ],
)
def test_days_that_make_no_sense_are_named(person: Person, path: str, asked: dict[str, str], said: str) -> None:
    answer = person.get(path, **asked)
    assert answer.status_code == 400
    assert said in answer.text


def test_nobody_sees_what_others_used(person: Person, server: Live) -> None:
    with signed_in(server) as other:
        other.acquire()
        other.task()
    assert "Nothing in this time" in person.get(PAGE).text
    assert len(rows_of(person.get(CSV).text)) == len(rows_of(person.get(LEDGER).text)) == 1
    person.browser.cookies.clear()
    for path in (PAGE, CSV, LEDGER):
        assert person.get(path).status_code == 303
