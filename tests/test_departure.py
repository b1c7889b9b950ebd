"""Leaving: nothing of what a user wrote or was called is left in any table, and the sums are right all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest
from sqlalchemy import Integer, select, text, update

from limner import accounts, audit, credentials, departure, quotas, registration, sessions, tasks, users
from limner.acquire import enter
from limner.catalog import Request
from limner.db.schema import metadata
from limner.db.schema import tasks as tasks_table
from limner.db.schema import users as users_table
from limner.errors import Conflict, NotFound
from limner.ids import SECOND, now
from tests.people import PASSWORD, Person, an_admin, registered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from limner.db import Transaction
    from limner.users import User
    from tests.conftest import Live

HERE = "/console/settings"
PROMPT = "a very private unicorn"
TABLES = {
    "sqlite": text("SELECT name FROM sqlite_master WHERE type = 'table'"),
    "postgresql": text("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"),
}
PLANTED = ("account_tokens", "inboxes", "messages", "one_time_tokens", "deliveries", "attempts", "events")


@pytest.fixture
def ada(server: Live) -> Iterator[Person]:
    """Somebody with an application, of whom there may be two in the world."""
    with registered(server) as person:
        yield person


def everything(tx: Transaction, dialect: str) -> str:
    """All that is in the database, whoever's table it is in."""
    names = [row["name"] for row in tx.all(TABLES[dialect])]
    assert {"users", "ledger"} < set(names)
    return "\n".join(str(row) for name in names for row in tx.all(text(f'SELECT * FROM "{name}"')))  # noqa: S608


def plant(tx: Transaction, user: User, task_id: str) -> None:
    """Write what other parts of limner would have written of a user, with the prompt wherever there is a text."""
    known = {
        "account_id": user.account_id,
        "user_id": user.id,
        "task_id": task_id,
        "inbox_id": f"inbox-{user.id}",
        "delivery_id": f"msg-{user.id}",
        "application_id": user.account_id,
        "expires_at": now() + 60 * SECOND,
        "next_at": now() + 60 * SECOND,  # or the courier would take it, and write who it is
        "status": "pending",
        "kind": "reset",
    }
    ids = {"inboxes": f"inbox-{user.id}", "deliveries": f"msg-{user.id}"}
    for name in PLANTED:
        table = metadata.tables[name]
        values: dict[str, Any] = {
            column.name: known.get(
                column.name, now() % 1000 if isinstance(column.type, Integer) else f"{PROMPT} {user.email} {name}"
            )
            for column in table.c
        }
        tx.insert(table, **values | {"id": ids.get(name, f"{name}-{user.id}")})
    audit.record(tx, "root@example.com", "set role", user.email, by=user.email, also=f"x{user.email}", to="admin")
    audit.record(tx, user.email, "grant credits", f"{user.email}: default")


def forget_password(tx: Transaction, user_id: str) -> None:
    tx.run(update(users_table).where(users_table.c.id == user_id).values(password_hash=None))


def rows(tx: Transaction, account_id: str) -> list[Any]:
    return tx.all(select(tasks_table).where(tasks_table.c.account_id == account_id).order_by(tasks_table.c.id))


def pictures(server: Live, key: str, email: str) -> tuple[str, list[str]]:
    """Have a picture made, a task that failed and one that is being worked on; give the link and the tasks' ids."""
    wanted = [
        {"model": "limner-illustrator", "prompt": PROMPT, "size": "256x256", "user": email, "trace_id": PROMPT},
        {"model": "limner-sandbox", "prompt": f"{PROMPT} fail:moderation_blocked"},
        {"model": "limner-sandbox", "prompt": f"{PROMPT} delay:50", "async": True},
    ]
    with httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {key}"}, timeout=60) as client:
        answers = [
            client.post("/v1/images/generations", json=body, headers={"idempotency-key": f"{PROMPT} {place}"})
            for place, body in enumerate(wanted)
        ]
    assert [answer.status_code for answer in answers] == [200, 400, 200]
    return answers[0].json()["data"][0]["url"], [answer.headers["x-task-id"] for answer in answers]


def test_nothing_is_left_of_who_leaves_but_sums(server: Live, ada: Person) -> None:
    user, dialect = ada.user, server.services.database.dialect
    key = server.write(enter, user.account_id, free_credits=5_000_000).key
    ada.post("/console/credentials", name=PROMPT, scope=["tasks.read"], expires="", images_per_minute="")
    link, ids = pictures(server, key, ada.email)
    server.write(plant, user, ids[0])
    given = server.run(server.services.inputs.save(user.account_id, b"a picture"))
    before = server.read(everything, dialect)
    assert before.count(PROMPT) > 20
    assert before.count(ada.email) > 20
    with pytest.raises(Conflict):
        server.write(departure.leave, user.id)
    assert server.read(everything, dialect).count(PROMPT) == before.count(PROMPT), "what is refused changes nothing"

    answer = ada.post(HERE, act="leave", address=f" {ada.email.upper()}", confirmation=PASSWORD)

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert ada.session is None
    with pytest.raises(NotFound):
        server.run(server.services.inputs.load(given))
    assert "Your account is deleted." in ada.follow(answer).text
    assert ada.login().status_code == 401
    after = server.read(everything, dialect)
    assert PROMPT not in after
    assert after.count(ada.email) == after.count(f"x{ada.email}") == 1, "a longer address is somebody else's"
    assert server.read(quotas.audit) == []
    left = server.read(rows, user.account_id)
    assert [row["status"] for row in left] == ["completed", "failed", "cancelled"]
    assert [row["cost"] > 0 for row in left] == [True, False, False]
    for row in left:
        assert msgspec.json.decode(row["request"], type=Request) == departure.BLANK
        assert server.run(server.services.generations.outcome(server.read(tasks.find, user.account_id, row["id"])))
    account = server.read(accounts.find, user.account_id)
    assert account.name == f"deleted-{user.id}"
    assert account.disabled_at is not None
    assert {credential.state(now()) for credential in server.read(credentials.of_account, user.account_id)} == {
        "revoked"
    }
    server.run(server.services.upkeep.sweep())
    assert httpx.get(link).status_code == 404


def test_leaving_takes_the_address_and_the_password(server: Live, ada: Person) -> None:
    for given, field in (
        ({"address": "someone@example.com", "confirmation": PASSWORD}, "address"),
        ({"address": ada.email, "confirmation": "not this one"}, "confirmation"),
        ({}, "address"),
    ):
        answer = ada.post(HERE, act="leave", **given)
        assert answer.status_code == 400
        assert f'id="{field}-hint"' in answer.text
        assert '<details class="card" open>' in answer.text
        assert "not this one" not in answer.text
    assert ada.get(HERE).status_code == 200
    server.write(forget_password, ada.user.id)
    assert ada.post(HERE, act="leave", address=ada.email).status_code == 303, "who has no password needs none"


def test_the_last_admin_stays_while_there_are_others(server: Live, ada: Person) -> None:
    an_admin(server)
    user = ada.user
    admins = [other for other in server.read(users.everyone) if other.role == "admin"]
    try:
        for admin in admins:
            server.write(users.set_role, admin.id, "member")
        server.write(users.set_role, user.id, "admin")
        answer = ada.post(HERE, act="leave", address=ada.email, confirmation=PASSWORD)
        assert answer.status_code == 409
        assert "You are the only admin here" in answer.text
    finally:
        for admin in admins:
            server.write(users.set_role, admin.id, "admin")
    assert ada.post(HERE, act="leave", address=ada.email, confirmation=PASSWORD).status_code == 303
    entry = server.read(audit.listed, 1)[0]
    assert (entry.actor, entry.act, entry.subject) == (f"deleted-{user.id}", "leave", f"deleted-{user.id}")


def test_who_is_alone_may_always_leave(tx: Transaction) -> None:
    only = registration.register(tx, "ada@example.com", mode="open")
    assert departure.prepare(tx, only.id) == []
    departure.leave(tx, only.id)
    assert users.count(tx) == 0
    assert registration.register(tx, "ada@example.com", mode="open").role == "admin"
    with pytest.raises(NotFound):
        departure.leave(tx, only.id)


def test_an_account_that_others_use_stays(tx: Transaction) -> None:
    ada = registration.register(tx, "ada@example.com", mode="open")
    enter(tx, ada.account_id, free_credits=1)
    bob = users.create(tx, account_id=ada.account_id, email="bob@example.com", role="admin")
    sessions.begin(tx, bob.id, user_agent="", address="", life=60 * SECOND)
    assert departure.prepare(tx, ada.id) == []
    departure.leave(tx, ada.id)
    account = accounts.find(tx, bob.account_id)
    assert (account.name, account.disabled_at) == (f"deleted-{ada.id}", None)
    assert credentials.of_account(tx, account.id)[0].state(now()) == "active"
    assert len(sessions.of_user(tx, bob.id)) == 1
    assert users.everyone(tx) == [bob]


@pytest.mark.parametrize(
    ("text", "is_theirs"),
    [
        ("a_b@example.com", True),
        ("a_b@example.com: default", True),
        ("a_b@example.com (2)", True),
        ("to a_b@example.com.", True),
        ("axb@example.com", False),
        ("a.a_b@example.com", False),
        ("a_b@example.com.au", False),
        ("a_b@example.com-x", False),
    ],
)
def test_in_the_audit_log_one_address_is_not_taken_for_another(tx: Transaction, text: str, is_theirs: bool) -> None:
    audit.record(tx, "root@example.com", "set role", text, was=text, to=["admin"])
    audit.rename(tx, "a_b@example.com", "gone")
    entry = audit.listed(tx, 1)[0]
    expected = text.replace("a_b@example.com", "gone") if is_theirs else text
    assert (entry.subject, entry.detail) == (expected, {"was": expected, "to": ["admin"]})
    assert entry.actor == "root@example.com"
