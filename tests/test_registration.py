"""Registration: the first is the admin, and who may come after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from limner import accounts
from limner.errors import BadRequest, Disabled
from limner.registration import register

if TYPE_CHECKING:
    from limner.db import Transaction


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
