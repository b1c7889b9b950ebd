"""Users: addresses, wrong passwords and the lock, roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from limner import accounts, users
from limner.errors import BadRequest, NotFound
from limner.ids import SECOND, now

if TYPE_CHECKING:
    from limner.db import Transaction
    from limner.users import User


def a_user(tx: Transaction, email: str = "ada@example.com", **more: str) -> User:
    return users.create(tx, account_id=accounts.create(tx, email).id, email=email, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", ["Ada@Example.COM", "  ada@example.com\n"])
def test_one_person_is_one_user_however_the_address_is_typed(given: str) -> None:
    assert users.normalised(given) == "ada@example.com"


@pytest.mark.parametrize(
    "given", ["", "ada", "@example.com", "a b@c.de", "ada@", "a@b@c", '"a"@b.de', "a@b\0.de", "a" * 250 + "@b.de"]
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(BadRequest) as refused:
        users.normalised(given)
    assert refused.value.param == "email"


def test_a_user_is_found_by_what_they_are_known_by(tx: Transaction) -> None:
    ada = a_user(tx, subject="https://id.example.com#1")
    bob = a_user(tx, "bob@example.com", name="Bob")
    assert (ada.name, bob.name) == ("ada", "Bob")
    assert users.find(tx, ada.id) == users.by_email(tx, "ada@example.com") == ada
    assert users.by_subject(tx, "https://id.example.com#1") == ada
    assert users.by_subject(tx, "other") is None
    assert users.of_account(tx, ada.account_id) == [ada]
    assert users.everyone(tx) == [ada, bob]
    with pytest.raises(NotFound):
        users.find(tx, "nobody")


def test_after_ten_wrong_passwords_the_door_is_locked_and_the_right_one_opens_it_later(tx: Transaction) -> None:
    ada = a_user(tx)
    for _ in range(users.MOST_FAILURES - 1):
        users.failed(tx, ada.id)
    assert users.find(tx, ada.id).failures == users.MOST_FAILURES - 1
    assert not users.is_locked(users.find(tx, ada.id), now())
    users.failed(tx, ada.id)
    locked = users.find(tx, ada.id)
    assert users.is_locked(locked, now() + users.LOCKED_FOR - SECOND)
    assert not users.is_locked(locked, now() + users.LOCKED_FOR + SECOND)
    assert locked.failures == 0, "when it opens there are ten tries again"
    users.signed_in(tx, ada.id)
    assert users.find(tx, ada.id).locked_until is None


def test_a_new_password_unlocks(tx: Transaction) -> None:
    ada = a_user(tx)
    for _ in range(users.MOST_FAILURES):
        users.failed(tx, ada.id)
    users.failed(tx, "nobody")
    users.set_password(tx, ada.id, "hash")
    assert users.find(tx, ada.id).locked_until is None


def test_admins_are_counted_while_they_can_sign_in(tx: Transaction) -> None:
    ada, bob = a_user(tx), a_user(tx, "bob@example.com")
    users.set_role(tx, ada.id, "admin")
    users.set_role(tx, bob.id, "admin")
    users.lock_admins(tx)
    assert users.admins_left(tx) == 2
    assert users.disable(tx, bob.id)
    assert users.admins_left(tx) == 1
    accounts.disable(tx, "ada@example.com")
    assert users.admins_left(tx) == 0


def test_what_can_be_changed_about_a_user(tx: Transaction) -> None:
    ada = a_user(tx)
    users.rename(tx, ada.id, "Ada L.")
    users.set_subject(tx, ada.id, "s")
    assert users.find(tx, ada.id).name == "Ada L."
    assert users.by_subject(tx, "s") is not None
    assert users.disable(tx, ada.id)
    assert users.disable(tx, ada.id, disabled=False)
    assert users.find(tx, ada.id).disabled_at is None
    assert not users.disable(tx, "nobody")
    users.remove(tx, ada.id)
    assert users.count(tx) == 0
