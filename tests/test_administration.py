"""Admins over HTTP, on both databases: who may come in, what each act does, and that it is written down."""

from __future__ import annotations

import re
import uuid
from html import unescape
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
from starlette.routing import Route

from limner import accounts, administration, audit, callbacks, quotas, sessions, tasks, users
from limner.accounts import OwnLimits
from limner.console import routes
from limner.console.admin import nodes
from limner.db import Database
from limner.errors import Conflict, NotFound
from limner.ids import SECOND, earliest_id, new_id, now
from limner.settings import Settings
from limner.tasks import Task
from tests.conftest import Live, serving
from tests.databases import DIALECTS, migrated
from tests.people import Person, a_user, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from limner.acquire import Acquired
    from limner.db import Transaction
    from limner.users import User

GENERATE = "/v1/images/generations"
ADMIN = [route for route in routes if isinstance(route, Route) and route.path.startswith("/admin")]
PAGES = sorted(route.path for route in ADMIN if "GET" in (route.methods or ()) and "{" not in route.path)
XSS = "<script>alert(1)</script>"


@pytest.fixture
def admin(server: Live) -> Iterator[Person]:
    with signed_in(server, "admin") as somebody:
        yield somebody


@pytest.fixture
def member(server: Live) -> Iterator[Person]:
    with signed_in(server, "member") as somebody:
        yield somebody


def text(answer: httpx.Response) -> str:
    """What a reader sees of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def account_id(tx: Transaction, made: Acquired) -> str:
    found = accounts.by_name(tx, made.account)
    assert found is not None
    return found.id


# ---- who may come in


def test_to_others_there_is_nothing(server: Live, admin: Person, member: Person) -> None:
    """Walk the list of routes, so that a new one cannot be forgotten."""
    for route in ADMIN:
        path, gets = re.sub(r"\{\w+\}", admin.user.id, route.path), "GET" in (route.methods or ())
        if gets:
            told = httpx.get(server.url + path)
            assert (told.status_code, told.headers["location"].partition("?")[0]) == (303, "/login"), path
            assert member.get(path).status_code == 404, path
        else:
            assert httpx.post(server.url + path, data={"to": "admin"}).status_code == 403, path
            assert member.post(path, to="admin", amount="5").status_code == 404, path
            for wrong in ("", member.csrf):
                assert admin.browser.post(path, data={"csrf": wrong, "to": "disabled"}).status_code == 403, path
    assert admin.acts() == member.acts() == []


def test_the_walk_has_seen_everything() -> None:
    assert len(ADMIN) >= 22
    assert set(PAGES) >= {f"/admin/{name}" for name in ("users", "tasks", "models", "deliveries", "nodes", "audit")}


def test_a_page_takes_any_question(admin: Person) -> None:
    odd = dict.fromkeys(("q", "after", "status", "model", "account", "who", "act"), "\x00%_'\"<é")
    for path in PAGES:
        assert admin.get(path).status_code == 200, path
        assert admin.get(path, **odd).status_code == 200, path


def test_what_is_not_there_is_not_found(admin: Person) -> None:
    for path in ("users/{}", "tasks/{}", "models/{}", "accounts/{}/credits", "credentials/{}/revoke"):
        for which in (new_id(), "%00"):
            there = f"/admin/{path.format(which)}"
            answer = admin.post(there, amount="1") if path.count("/") > 1 else admin.get(there)
            assert answer.status_code == 404, there


def test_what_is_not_there_cannot_be_changed_either(admin: Person) -> None:
    for path, form in [
        (f"/admin/users/{new_id()}/role", {"to": "admin"}),
        (f"/admin/users/{new_id()}/sessions", {}),
        (f"/admin/tasks/{new_id()}/cancel", {}),
        (f"/admin/deliveries/{new_id()}/redeliver", {}),
        ("/admin/models/nothing/prices", {}),
        ("/admin/models/nothing/engine", {"engine": "sandbox"}),
    ]:
        assert admin.post(path, **form).status_code == 404, path
    assert admin.acts() == []


# ---- users and accounts


def test_users_and_accounts_are_found(admin: Person, account: Acquired, server: Live) -> None:
    found = text(admin.get("/admin/users", q=account.account.upper()))
    assert account.account in found
    assert "no user" in found
    assert admin.user.email not in found.split("Sign out")[1]
    assert f"Nobody is found No name or address holds “{XSS}”." in text(admin.get("/admin/users", q=XSS))
    assert XSS not in admin.get("/admin/users", q=XSS).text
    shown = text(admin.get(f"/admin/users/{server.read(account_id, account)}"))
    assert "Balance 5.00" in shown
    assert "Nobody signs in to this account" in shown
    mine = text(admin.get(f"/admin/users/{admin.user.id}"))
    assert "you" in mine
    assert "This is your own account" in mine
    assert "Make a member" not in mine


def many(tx: Transaction, mark: str) -> None:
    for number in range(51):
        accounts.create(tx, f"{mark} {number}")
        audit.record(tx, mark, "count", f"{mark} {number}", number=number)
    owner = a_user(tx, account=f"{mark} tasks")
    for _ in range(51):
        tasks.insert(tx, a_task(owner.account_id))


def a_task(owner: str, **changes: Any) -> Task:
    values: dict[str, Any] = {
        "id": new_id(),
        "account_id": owner,
        "application_id": "a",
        "credential_id": "c",
        "trace_id": "t",
        "kind": "images_generations",
        "model": "limner-sandbox",
        "engine": "sandbox",
        "request": '{"prompt":"calm"}',
        "images": 1,
        "status": "completed",
        "attempt": 1,
        "hold": 0,
        "cost": 0,
        "error": None,
        "idempotency_key": None,
        "fingerprint": None,
        "created_at": now(),
        "started_at": now(),
        "finished_at": now(),
    }
    return Task(**values | changes)


@pytest.mark.parametrize(
    ("path", "query", "row", "rows"),
    [
        ("/admin/users", "q", 'href="/admin/users/[0-9a-f-]{36}"', 52),
        ("/admin/tasks", "account", 'th scope="row"><a href="/admin/tasks/[^"]+"', 51),
        ("/admin/audit", "who", '<span class="any">[^<]+</span></td>', 51),
    ],
)
def test_lists_go_on_on_another_page(admin: Person, path: str, query: str, row: str, rows: int) -> None:
    mark = str(uuid.uuid4())
    admin.live.write(many, mark)
    first = admin.get(path, **{query: mark})
    older = re.search(r'href="([^"]+)" rel="next"', first.text)
    assert older
    second = admin.get(unescape(older[1]))
    seen = [re.findall(row, answer.text) for answer in (first, second)]
    assert [len(set(seen[0])), len(set(seen[0]) | set(seen[1]))] == [50, rows]
    assert 'rel="next"' not in second.text
    newest = re.search(r'href="([^"]+)">Newest', second.text)
    assert newest
    assert admin.get(unescape(newest[1])).text.count('scope="row"') == 50


def test_credits_are_granted_and_corrected(admin: Person, server: Live, account: Acquired) -> None:
    whose = server.read(account_id, account)
    there = f"/admin/accounts/{whose}/credits"
    admin.done(there, amount="2.5", reason="a gift")
    admin.done(there, amount="\N{MINUS SIGN}7.499999")
    assert server.read(quotas.balance, whose) == 1
    for wrong in ("", "0", "many", "NaN", "1e99", "0.0000001", "-0.000002", "-1e-7"):
        answer = admin.post(there, amount=wrong)
        assert (answer.status_code, 'aria-invalid="true"' in answer.text) == (400, True), wrong
    assert [row["amount"] for row in server.read(quotas.entries, whose)] == [5_000_000, 2_500_000, -7_499_999]
    assert server.read(quotas.audit) == []
    assert admin.acts() == [("take back credits", account.account), ("grant credits", account.account)]
    log = text(admin.get("/admin/audit", who=admin.user.email, act="grant credits"))
    assert "reason a gift" in log
    assert "credits 2.50" in log
    assert "correction" in text(admin.get(f"/admin/users/{whose}"))


def test_a_limit_of_ones_own_is_kept_to(admin: Person, server: Live, account: Acquired, client: httpx.Client) -> None:
    whose = server.read(account_id, account)
    there = f"/admin/accounts/{whose}/limits"
    admin.done(there, images_per_minute="1", requests_per_minute="", concurrent_images="0")
    picture = {"model": "limner-sandbox", "prompt": "calm", "size": "8x8"}
    assert client.post(GENERATE, json=picture).status_code == 200
    refused = client.post(GENERATE, json=picture)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_requests")
    admin.done(there)
    assert client.post(GENERATE, json=picture).status_code == 200
    for wrong in ("-1", "1.5", "x", "1000001"):
        assert "Write a whole number" in text(admin.post(there, images_per_minute=wrong))
    assert [act for act, _ in admin.acts()] == ["set limits"] * 2
    entry = server.read(audit.listed, 1, who=account.account)[0]
    assert (entry.detail["from"]["concurrent_images"], entry.detail["to"]["concurrent_images"]) == (0, None)
    assert "concurrent images 0 → not set" in text(admin.get("/admin/audit", who=account.account))


def test_a_limit_of_ones_own_may_be_wider_than_the_servers(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path), log_level="error", workers=1, images_per_minute=1, concurrent_images=1)
    picture = {"model": "limner-sandbox", "prompt": "calm", "size": "8x8", "n": 3}
    with serving(settings) as live, signed_in(live, "admin") as boss:
        made = live.acquire()
        key = {"authorization": f"Bearer {made.key}"}
        assert httpx.post(live.url + GENERATE, json=picture, headers=key).status_code == 400
        there = f"/admin/accounts/{live.read(account_id, made)}/limits"
        boss.done(there, images_per_minute="6", concurrent_images="3")
        answers = [httpx.post(live.url + GENERATE, json=picture, headers=key).status_code for _ in range(3)]
        assert answers == [200, 200, 429]


def test_a_priority_is_set(admin: Person, server: Live, account: Acquired) -> None:
    whose = server.read(account_id, account)
    admin.done(f"/admin/accounts/{whose}/priority", priority="-3")
    assert server.read(accounts.find, whose).priority == -3
    assert admin.post(f"/admin/accounts/{whose}/priority", priority="4").status_code == 400
    assert admin.acts() == [("set priority", account.account)]
    assert "0 → -3" in text(admin.get("/admin/audit", who=account.account))


def test_an_account_is_switched_off_and_on(admin: Person, member: Person, client: httpx.Client, key: str) -> None:
    there = f"/admin/accounts/{member.user.account_id}/state"
    assert member.get("/login").status_code == 303
    admin.done(there, to="disabled")
    assert member.get("/login").status_code == 200
    assert "switched off" in text(admin.get(f"/admin/users/{member.user.id}"))
    admin.done(there, to="enabled")
    assert member.get("/login").status_code == 200, "sessions end, they do not sleep"
    assert admin.post(there, to="odd").status_code == 400
    own = f"/admin/accounts/{admin.user.account_id}/state"
    assert "your own account" in text(admin.post(own, to="disabled"))
    assert admin.acts() == [("enable account", member.user.email), ("disable account", member.user.email)]


def test_an_account_that_is_off_is_refused(
    admin: Person, server: Live, account: Acquired, client: httpx.Client
) -> None:
    whose = server.read(account_id, account)
    admin.done(f"/admin/accounts/{whose}/state", to="disabled")
    answer = client.post(GENERATE, json={"model": "limner-sandbox", "prompt": "calm", "size": "8x8"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "disabled")


def test_a_user_is_kept_out_and_let_in(admin: Person, member: Person) -> None:
    there = f"/admin/users/{member.user.id}/state"
    admin.done(there, to="disabled")
    assert member.get("/login").status_code == 200
    assert admin.live.read(users.find, member.user.id).disabled_at is not None
    admin.done(there, to="enabled")
    assert admin.live.read(sessions.of_user, member.user.id) == []
    assert admin.acts() == [("enable user", member.user.email), ("disable user", member.user.email)]


def test_a_member_becomes_an_admin_and_again_a_member(admin: Person, member: Person) -> None:
    there = f"/admin/users/{member.user.id}/role"
    admin.done(there, to="admin")
    assert member.get("/admin/nodes").status_code == 200
    admin.done(there, to="member")
    assert member.get("/admin/nodes").status_code == 404
    assert admin.acts() == [("make member", member.user.email), ("make admin", member.user.email)]


def test_nothing_of_the_kind_is_done_to_oneself(admin: Person) -> None:
    for path, to in (("role", "member"), ("state", "disabled")):
        answer = admin.post(f"/admin/users/{admin.user.id}/{path}", to=to)
        assert answer.status_code == 409
        assert "ask another admin" in text(answer)
    assert admin.acts() == []


def test_sessions_are_ended(admin: Person, member: Person) -> None:
    admin.done(f"/admin/users/{member.user.id}/sessions")
    assert member.get("/login").status_code == 200
    assert admin.acts() == [("end sessions", member.user.email)]


def test_a_credential_is_revoked(admin: Person, account: Acquired, client: httpx.Client) -> None:
    admin.done(f"/admin/credentials/{account.credential_id}/revoke")
    answer = client.post(GENERATE, json={"model": "limner-sandbox", "prompt": "calm", "size": "8x8"})
    assert answer.status_code == 401
    assert admin.acts() == [("revoke credential", f"{account.account}: default")]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_the_last_admin_stays(dialect: str, tmp_path: Path) -> None:
    with migrated(dialect, tmp_path) as url:
        database = Database.open(url)
        first: User = await database.write(a_user, "admin")
        second: User = await database.write(a_user, "admin")
        await database.write(administration.set_role, first.email, second.id, "member")
        with pytest.raises(Conflict):
            await database.write(administration.set_role, second.email, first.id, "member")
        with pytest.raises(Conflict):
            await database.write(administration.switch_user, second.email, first.id, disabled=True)
        with pytest.raises(Conflict):
            await database.write(administration.switch_account, second.email, first.account_id, disabled=True)
        assert await database.read(users.admins_left) == 1
        assert len(await database.read(audit.listed, 9)) == 1, "what was refused is not written down"
        await database.write(administration.switch_account, audit.COMMAND_LINE, first.account_id, disabled=True)
        assert await database.read(users.admins_left) == 0
        await database.close()


# ---- tasks, deliveries, nodes


def test_tasks_of_all_accounts_are_found_and_shown(admin: Person, client: httpx.Client, account: Acquired) -> None:
    made = client.post(GENERATE, json={"model": "limner-sandbox", "prompt": f"calm {XSS}", "size": "8x8"})
    failed = client.post(GENERATE, json={"model": "limner-sandbox", "prompt": "fail:upstream_error", "size": "8x8"})
    listed = admin.get("/admin/tasks", account=account.account)
    assert XSS not in listed.text
    assert f"calm {XSS}" in unescape(listed.text)
    assert "upstream_error" in text(listed)
    only = admin.get("/admin/tasks", account=account.account, status="failed", model="limner-sandbox").text
    assert failed.headers["x-task-id"] in only
    assert made.headers["x-task-id"] not in only
    page = admin.get(f"/admin/tasks/{made.headers['x-task-id']}")
    assert XSS not in page.text
    assert 'alt="Picture 1 of 1"' in page.text
    assert "begun" in text(page)
    assert "upstream_error" in text(admin.get(f"/admin/tasks/{failed.headers['x-task-id']}"))


def test_tasks_are_found_by_the_day(admin: Person, account: Acquired, server: Live) -> None:
    whose = server.read(account_id, account)
    noon = 1_700_049_600 * SECOND  # 2023-11-15 12:00 UTC
    old = a_task(whose, id=earliest_id(noon), created_at=noon)
    server.write(tasks.insert, old)
    for first, last, there in [
        ("2023-11-15", "2023-11-15", True),
        ("2023-11-16", "", False),
        ("", "2023-11-14", False),
    ]:
        found = admin.get("/admin/tasks", account=account.account, **{"from": first, "to": last})
        assert (old.id in found.text) is there, (first, last)
    for wrong in ("yesterday", "9999-12-31", "2023-13-01"):
        answer = admin.get("/admin/tasks", to=wrong)
        assert (answer.status_code, 'aria-invalid="true"' in answer.text) == (400, True)


def test_a_task_is_cancelled(admin: Person, account: Acquired, server: Live) -> None:
    waiting = a_task(server.read(account_id, account), model="none", status="queued", cost=None, finished_at=None)
    server.write(tasks.insert, waiting)
    assert "Cancel" in text(admin.get(f"/admin/tasks/{waiting.id}"))
    assert "none" in text(admin.get("/admin/nodes"))
    for _ in range(2):
        admin.done(f"/admin/tasks/{waiting.id}/cancel")
    assert "cancelled" in text(admin.get(f"/admin/tasks/{waiting.id}"))
    assert admin.acts() == [("cancel task", waiting.id)]
    over = a_task(waiting.account_id)
    server.write(tasks.insert, over)
    sent = admin.post(f"/admin/tasks/{over.id}/cancel")
    assert "over already" in text(admin.get(sent.headers["location"]))
    assert len(admin.acts()) == 1


def troubled(tx: Transaction, owner: str, attempts: list[callbacks.Attempt]) -> list[str]:
    """Write a test delivery for each attempt, which fails it, and one that nobody has tried yet."""
    made = []
    for attempt in [*attempts, None]:
        url = f"https://receiver.example/{XSS}"
        one = callbacks.enqueue(tx, account_id=owner, application_id="a", task_id=None, url=url, node="nobody")
        if attempt is not None:
            callbacks.tried(tx, one, attempt, (0.0,))
        made.append(one.id)
    return made


def test_deliveries_in_trouble_are_listed_and_made_again(admin: Person, account: Acquired, server: Live) -> None:
    tries = [
        callbacks.Attempt(number=1, at=now(), milliseconds=1, status_code=503, response=XSS),
        callbacks.Attempt(number=1, at=now(), milliseconds=1, problem=f"nobody there {XSS}"),
        callbacks.Attempt(number=1, at=now(), milliseconds=1, status_code=200),
    ]
    whose = server.read(account_id, account)
    answered, silent, arrived, fresh = server.write(troubled, whose, tries)
    page = admin.get("/admin/deliveries")
    assert XSS not in page.text
    assert "answered 503" in text(page)
    assert f"nobody there {XSS}" in unescape(page.text)
    assert [one in page.text for one in (answered, silent, arrived, fresh)] == [True, True, False, False]
    admin.done(f"/admin/deliveries/{answered}/redeliver")
    assert admin.acts() == [("redeliver callback", answered)]
    with pytest.raises(NotFound):
        server.read(callbacks.find, whose, "msg_nothing")


def test_the_health_of_the_installation_is_shown(admin: Person, server: Live) -> None:
    page = admin.get("/admin/nodes")
    told = text(page)
    assert "this one" in told
    assert "alive" in told
    assert "engine sandbox" in told
    assert ("PostgreSQL" in told) is server.services.database.shared
    assert "secret_key" in told
    url = server.services.settings.database_url
    assert url not in page.text
    assert 'href="/metrics"' in page.text


def test_names_and_addresses_are_text_wherever_they_are_shown(admin: Person, server: Live) -> None:
    name = f"{XSS} {uuid.uuid4()}"
    user: User = server.write(a_user, account=name)
    server.write(users.rename, user.id, XSS)
    admin.done(f"/admin/accounts/{user.account_id}/credits", amount="1", reason=XSS)
    for path in ("/admin/users", f"/admin/users/{user.id}", "/admin/audit"):
        page = admin.get(path)
        assert XSS not in page.text
        assert name in unescape(page.text)


def test_limits_that_were_never_set_are_the_servers(server: Live, account: Acquired) -> None:
    found = server.read(accounts.find, server.read(account_id, account))
    assert cast("accounts.Account", found).limits == OwnLimits()


async def test_what_does_not_work_is_named_without_its_secrets() -> None:
    async def broken() -> None:
        raise OSError("postgresql://user:secret@host")

    assert await nodes._works(broken()) == (False, "OSError")
