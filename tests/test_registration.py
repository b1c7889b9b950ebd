"""Registration: the first is the admin, and who may come after."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from limner import accounts
from limner.db import connect
from limner.errors import BadRequest, Disabled
from limner.registration import register
from tests.people import Person, an_admin

if TYPE_CHECKING:
    from limner.db import Transaction
    from tests.conftest import Live


def test_the_first_is_the_admin_and_the_second_is_not(tx: Transaction) -> None:
    first = register(tx, "ada@example.com", mode="open", password_hash="h")  # noqa: S106
    second = register(tx, "bob@example.com", mode="open", name="Bob")
    assert (first.role, second.role) == ("admin", "member")
    assert first.account_id != second.account_id
    assert accounts.find(tx, first.account_id).name == "ada@example.com"


@pytest.mark.parametrize(("mode", "word"), [("invite", "invitation"), ("closed", "closed")])
def test_where_registration_is_not_open_the_first_may_and_strangers_may_not(
    tx: Transaction, mode: str, word: str
) -> None:
    assert register(tx, "ada@example.com", mode=mode).role == "admin"
    with pytest.raises(Disabled) as refused:
        register(tx, "bob@example.com", mode=mode)
    assert word in refused.value.message


def test_an_address_is_registered_once(tx: Transaction) -> None:
    register(tx, "ada@example.com", mode="open")
    with pytest.raises(BadRequest) as refused:
        register(tx, "ada@example.com", mode="open")
    assert refused.value.param == "email"


def test_an_account_of_the_command_line_is_not_taken_over_by_its_name(tx: Transaction) -> None:
    made = accounts.create(tx, "ada@example.com")
    user = register(tx, "ada@example.com", mode="open")
    assert user.account_id != made.id
    assert accounts.find(tx, user.account_id).name == "ada@example.com (2)"


WAITING = text("SELECT count(*) AS number FROM pg_stat_activity WHERE wait_event_type = 'Lock'")


def test_of_two_who_register_the_same_address_at_once_one_gets_it(server: Live) -> None:
    if not server.services.database.shared:
        pytest.skip("SQLite writes one thing after the other")
    an_admin(server)
    with (
        Person(server) as ada,
        ThreadPoolExecutor(1) as pool,
        closing(connect(server.services.settings.database_url)) as other,
    ):
        other.begin()
        register(other, ada.email, mode="open")
        answer = pool.submit(ada.register)
        while not server.read(_waiting):
            threading.Event().wait(0.01)
        other.commit()
        refused = answer.result(60)
    assert refused.status_code == 400
    assert "registered already" in refused.text


def _waiting(tx: Transaction) -> int:
    row = tx.one(WAITING)
    return int(row["number"]) if row else 0
