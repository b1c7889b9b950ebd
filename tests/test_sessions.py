"""Sessions: begun, found, over; and the token of forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from limner import accounts, sessions, users
from limner.db.schema import sessions as table
from limner.ids import SECOND, now

if TYPE_CHECKING:
    from limner.db import Transaction

AGE = update(table).values(expires_at=bindparam("end"), seen_at=bindparam("seen"))


def a_user(tx: Transaction, email: str = "ada@example.com") -> str:
    return users.create(tx, account_id=accounts.create(tx, email).id, email=email).id


def a_session(tx: Transaction, user_id: str, agent: str = "") -> str:
    return sessions.begin(tx, user_id, user_agent=agent, address="::1", life=60 * SECOND)


def test_a_session_is_found_by_its_token_alone_and_kept_as_a_hash(tx: Transaction) -> None:
    token = a_session(tx, a_user(tx), "x" * 400)
    found = sessions.find(tx, token)
    assert found is not None
    assert (found.email, found.is_admin, len(found.user_agent)) == ("ada@example.com", False, 300)
    assert sessions.find(tx, found.id) is None
    row = tx.one(select(table))
    assert row is not None
    assert token not in row.values()
    assert sessions.find(tx, row["hash"]) is None


def test_a_session_is_over_with_its_time_its_user_and_its_account(tx: Transaction) -> None:
    user_id = a_user(tx)
    token = a_session(tx, user_id)
    users.disable(tx, user_id)
    assert sessions.find(tx, token) is None
    users.disable(tx, user_id, disabled=False)
    accounts.disable(tx, "ada@example.com")
    assert sessions.find(tx, token) is None
    accounts.disable(tx, "ada@example.com", disabled=False)
    assert sessions.find(tx, token) is not None
    tx.run(AGE, end=now(), seen=0)
    assert sessions.find(tx, token) is None
    assert sessions.of_user(tx, user_id) == []
    assert sessions.sweep(tx) == 1
    assert sessions.sweep(tx) == 0


def test_sessions_are_ended_by_their_owner_alone(tx: Transaction) -> None:
    ada, bob = a_user(tx), a_user(tx, "bob@example.com")
    tokens = [a_session(tx, ada) for _ in range(3)]
    a_session(tx, bob)
    first = sessions.find(tx, tokens[0])
    assert first is not None
    assert not sessions.end(tx, bob, first.id)
    assert sessions.end(tx, ada, first.id)
    second = sessions.find(tx, tokens[1])
    assert second is not None
    assert sessions.end_others(tx, ada, second.id) == 1
    assert [session.id for session in sessions.of_user(tx, ada)] == [second.id]
    assert len(sessions.of_user(tx, bob)) == 1


def test_the_one_seen_last_comes_first(tx: Transaction) -> None:
    ada = a_user(tx)
    a_session(tx, ada)
    tx.run(AGE, end=now() + SECOND, seen=1)
    newer = sessions.find(tx, a_session(tx, ada))
    assert newer is not None
    older = sessions.of_user(tx, ada)[1]
    sessions.touch(tx, older.id)
    assert [session.id for session in sessions.of_user(tx, ada)] == [older.id, newer.id]


def test_the_token_of_forms_belongs_to_one_session_and_one_server() -> None:
    token = sessions.csrf_token(b"key", "session")
    assert sessions.csrf_fits(b"key", "session", token)
    assert not sessions.csrf_fits(b"key", "another", token)
    assert not sessions.csrf_fits(b"other key", "session", token)
    assert not sessions.csrf_fits(b"key", "session", "")
    assert not sessions.csrf_fits(b"key", "session", "\N{GRINNING FACE}")


def test_over_https_the_cookie_belongs_to_this_host_alone() -> None:
    assert sessions.cookie_name("https://x.example") == "__Host-limner_session"
    assert sessions.cookie_name("http://x.example") == "limner_session"
