"""Sums over tasks and their pictures, and finding tasks again, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from limner import accounts, tasks, usage
from limner.catalog import Catalogue
from limner.db import transaction
from limner.ids import SECOND, now
from limner.tasks import Wanted
from limner.usage import Chosen
from tests.databases import DIALECTS, migrated
from tests.tasks import write_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from limner.db import Transaction

CATALOGUE = Catalogue.load()


@pytest.fixture(scope="module", params=DIALECTS)
def tx(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Transaction]:
    folder: Path = tmp_path_factory.mktemp(request.param)
    with migrated(request.param, folder) as url, transaction(url) as opened:
        yield opened


@pytest.fixture
def account(tx: Transaction, request: pytest.FixtureRequest) -> str:
    return accounts.create(tx, request.node.nodeid).id


@pytest.fixture
def write(tx: Transaction, account: str) -> Callable[..., str]:
    return lambda **more: write_task(tx, CATALOGUE, account, **more)


def found(tx: Transaction, account: str, words: str) -> list[str]:
    return [task.id for task in tasks.listed(tx, account, Wanted(words=words), limit=100)]


def everything(account: str | None, **more: Any) -> Chosen:
    return Chosen(start=0, end=now() + 10 * usage.DAY, account_id=account, **more)


# ---- sums


def test_an_account_without_tasks_has_no_sums(tx: Transaction, account: str) -> None:
    assert usage.sums(tx, everything(account), usage.DAY, ("model",)) == []


def test_calls_pictures_cost_and_failures_are_counted_apart(
    tx: Transaction, account: str, write: Callable[..., str]
) -> None:
    write(images=3, pictures=2, cost=80_000)
    write()
    write(status="failed")
    write(status="cancelled")
    write(status="queued")
    (one,) = usage.sums(tx, everything(account), 1_000 * usage.DAY)
    assert (one.calls, one.pictures, one.cost, one.failures) == (5, 3, 120_000, 1)
    assert (one.model, one.size, one.kind, one.account_id, one.credential_id) == (None,) * 5


@pytest.mark.parametrize("width", [usage.MINUTE, usage.HOUR, usage.DAY])
def test_buckets_begin_with_utc_and_hold_their_first_moment_only(
    tx: Transaction, account: str, write: Callable[..., str], width: int
) -> None:
    start = now() // width * width - 2 * width
    for at in (start - 1, start, start + width - 1, start + width):
        write(created_at=at)
    sums = usage.sums(tx, everything(account), width)
    assert [(one.start, one.calls) for one in sums] == [(start - width, 1), (start, 2), (start + width, 1)]
    inside = msgspec.structs.replace(everything(account), start=start, end=start + width)
    assert [(one.start, one.calls) for one in usage.sums(tx, inside, width)] == [(start, 2)]


def test_sums_are_grouped_by_all_that_is_asked_for_in_its_order(
    tx: Transaction, account: str, write: Callable[..., str]
) -> None:
    write(model="dall-e-2", credential_id="one")
    write(model="dall-e-3", credential_id="one", application_id="other")
    write(model="dall-e-3", credential_id="two", status="failed")
    sums = usage.sums(tx, everything(account), 1_000 * usage.DAY, ("model", "credential_id", "size"))
    assert [(one.model, one.credential_id, one.size, one.pictures) for one in sums] == [
        ("dall-e-2", "one", "1024x1024", 1),
        ("dall-e-3", "one", "1024x1024", 1),
        ("dall-e-3", "two", None, 0),
    ]
    by_rest = usage.sums(tx, everything(account), 1_000 * usage.DAY, ("kind", "account_id", "application_id"))
    assert [(one.kind, one.account_id, one.application_id) for one in by_rest] == [
        ("images_generations", account, "an application"),
        ("images_generations", account, "other"),
    ]


@pytest.mark.parametrize(
    ("let", "calls"),
    [
        ({"models": ["dall-e-2", "nothing"]}, 1),
        ({"models": ["nothing"]}, 0),
        ({"sizes": ["1024x1024"]}, 2),
        ({"sizes": ["1x1"]}, 0),
        ({"kinds": ["images_edits"]}, 1),
        ({"credential_ids": ["one", "two"]}, 1),
        ({"application_ids": ["an application"], "models": ["dall-e-3"]}, 2),
        ({"account_ids": ["another"]}, 0),
    ],
)
def test_only_what_is_let_through_counts(
    tx: Transaction, account: str, write: Callable[..., str], let: dict[str, Any], calls: int
) -> None:
    write(model="dall-e-2", credential_id="one")
    write(kind="images_edits")
    write(status="failed")
    assert sum(one.calls for one in usage.sums(tx, everything(account, **let), usage.DAY)) == calls


def test_accounts_are_kept_apart_and_can_be_summed_up_together(
    tx: Transaction, account: str, write: Callable[..., str]
) -> None:
    write()
    other = accounts.create(tx, f"{account} 2").id
    write_task(tx, CATALOGUE, other)
    both = everything(None, account_ids=[account, other])
    assert [one.calls for one in usage.sums(tx, everything(account), 1_000 * usage.DAY)] == [1]
    assert [one.calls for one in usage.sums(tx, both, 1_000 * usage.DAY)] == [2]


# ---- finding tasks


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("A red Fox", "fox"),
        ("a red fox", "FOX Red"),
        ("a red fox", "ed fo"),
        ('a "quoted" word', '"quoted"'),
        ("fifty 50% off", "50%"),
        ("snake_case", "e_c"),
        ("a back\\slash", "back\\slash"),
        ("a tilde ~ here", "~"),
        ("Ölbild eines ÄPFELBAUMS", "ölbild äpfelbaums"),
        ("ein kleiner äpfelbaum", "Äpfelbaum"),
        ("日本の城", "の城"),
        ("two\nlines", "two lines"),
        ("it's", "it's"),
        ("<b>&amp;", "<B>&AMP;"),
    ],
)
def test_words_are_found_to_the_letter_in_any_case(
    tx: Transaction, account: str, write: Callable[..., str], prompt: str, words: str
) -> None:
    made = write(prompt=prompt)
    write(prompt="something else, without them: 500 snakexcase")
    assert found(tx, account, words) == [made]


@pytest.mark.parametrize(
    "words", ["%", "_", "fox zebra", "dall-e-3", "1024x1024", "vivid", '","n":1', "prompt", "\\n", "a\\", "~%"]
)
def test_nothing_but_the_prompt_is_searched_and_no_sign_means_more_than_itself(
    tx: Transaction, account: str, write: Callable[..., str], words: str
) -> None:
    write(prompt="a red fox\nand a cat")
    assert found(tx, account, words) == []


def test_blanks_alone_find_everything(tx: Transaction, account: str, write: Callable[..., str]) -> None:
    made = write()
    assert found(tx, account, "  ") == [made]


def test_pages_go_forth_and_back_also_where_times_are_the_same(
    tx: Transaction, account: str, write: Callable[..., str]
) -> None:
    same = now() - 5 * SECOND
    made = [write(created_at=at) for at in (same - 1, same, same, same, same + 1)][::-1]

    def page(**place: str) -> list[str]:
        return [task.id for task in tasks.listed(tx, account, Wanted(**place), limit=2)]  # type: ignore[arg-type]

    assert page() == made[:2]
    assert page(after=made[1]) == made[2:4]
    assert page(after=made[3]) == made[4:]
    assert page(after=made[4]) == []
    assert page(before=made[4]) == made[2:4]
    assert page(before=made[1]) == made[:1]
    assert page(before=made[0]) == []


def test_a_page_behind_a_task_of_somebody_else_is_empty(
    tx: Transaction, account: str, write: Callable[..., str]
) -> None:
    write()
    foreign = write_task(tx, CATALOGUE, accounts.create(tx, f"{account} 2").id)
    assert tasks.listed(tx, account, Wanted(after=foreign), limit=5) == []
    assert tasks.listed(tx, account, Wanted(before=foreign), limit=5) == []
