"""Invitations: who makes them, who can register with one, and that each works once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import bindparam, update

from limner import audit, onetime
from limner.db.schema import one_time_tokens
from limner.settings import Settings
from tests.conftest import Live, serving
from tests.console.conftest import mailing
from tests.databases import DIALECTS
from tests.letters import Letterbox, link_in
from tests.people import Person

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from limner.db import Transaction

PLACE = "/admin/invitations"
WEEK = 7 * 86_400 * 1_000_000
_AGE = (
    update(one_time_tokens)
    .where(one_time_tokens.c.hash == bindparam("which"))
    .values(expires_at=one_time_tokens.c.expires_at - bindparam("by"))
)


def age(tx: Transaction, token: str, by: int) -> None:
    """Let an invitation be older than it is."""
    tx.run(_AGE, which=onetime.digest(token), by=by)


@pytest.fixture(scope="module", params=DIALECTS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, box: Letterbox) -> Iterator[Live]:
    """Serve to who is invited."""
    folder = tmp_path_factory.mktemp("invitations")
    with mailing(request.param, folder, box, registration="invite") as live:
        yield live


@pytest.fixture
def admin(server: Live) -> Iterator[Person]:
    """Give the first of all, who needs no invitation."""
    with Person(server, "admin@example.com", forms=PLACE) as somebody:
        if somebody.login().status_code != 303:
            assert "so you will be this server" in somebody.get("/register").text
            assert somebody.register().status_code == 303
        yield somebody


@pytest.fixture
def guest(server: Live) -> Iterator[Person]:
    with Person(server) as somebody:
        yield somebody


def made(admin: Person, answer: httpx.Response) -> str:
    """Follow to the page that shows the link once; gives its token."""
    assert answer.status_code == 303, answer.text
    found = re.search(r"http://[^<]+/register\?invitation=([\w-]{43})<", admin.follow(answer).text)
    assert found
    assert found[1] not in admin.get(PLACE).text
    return found[1]


def test_a_link_lets_one_person_in(server: Live, admin: Person, guest: Person) -> None:
    page = guest.get("/register")
    assert "needs an invitation here" in page.text
    assert "<form" not in page.text
    assert guest.register().status_code == 403
    token = made(admin, admin.post(PLACE))
    assert "You are invited" in guest.get(f"/register?invitation={token}").text
    back = "/docs"
    linked = guest.get(f"/register?invitation={token}&next={back}").text
    assert f'name="next" value="{back}"' in linked
    weak = guest.register(invitation=token, password="short")  # noqa: S106 - nobody's
    assert weak.status_code == 400
    assert f'name="invitation" value="{token}"' in weak.text
    assert guest.register(invitation=token, next=back).headers["location"] == back
    with Person(server) as late:
        assert "no longer good" in late.get(f"/register?invitation={token}").text
        refused = late.register(invitation=token)
        assert refused.status_code == 403
        assert "no longer good" in refused.text
    row = next(row for row in server.read(onetime.invitations) if row.used_at)
    assert row.made_by == admin.email
    assert "used" in admin.get(PLACE).text
    assert server.read(audit.listed, 1)[0].act == "invite"


def test_one_for_an_address_is_mailed_and_for_nobody_else(
    server: Live, admin: Person, guest: Person, box: Letterbox
) -> None:
    token = made(admin, admin.post(PLACE, email=guest.email.upper()))
    letter = box.take()
    assert letter["To"] == guest.email
    assert admin.email in letter.get_content()
    page = guest.get(link_in(letter)).text
    assert f'value="{guest.email}"' in page
    assert "readonly" in page
    with Person(server) as other:
        refused = other.register(invitation=token)
        assert refused.status_code == 400
        assert "for another address" in refused.text
    assert guest.register(invitation=token).status_code == 303  # a refusal uses nothing up
    taken = admin.post(PLACE, email=guest.email)
    assert taken.status_code == 400
    assert "registered already" in taken.text
    assert admin.post(PLACE, email="nobody").status_code == 400


def test_it_ends_after_a_week_or_when_it_is_withdrawn(server: Live, admin: Person, guest: Person) -> None:
    old, gone = made(admin, admin.post(PLACE)), made(admin, admin.post(PLACE))
    server.write(age, old, WEEK)
    assert guest.register(invitation=old).status_code == 403
    which = server.read(onetime.find, "invitation", gone)
    assert which is not None
    withdrawal = f"{PLACE}/{which.id}/withdraw"
    assert withdrawal in admin.get(PLACE).text
    assert admin.post(withdrawal).status_code == 303
    assert server.read(audit.listed, 1)[0].act == "withdraw invitation"
    assert guest.register(invitation=gone).status_code == 403
    assert admin.post(withdrawal).status_code == 404
    assert "expired" in admin.get(PLACE).text
    server.write(age, old, onetime.KEPT)
    made(admin, admin.post(PLACE))  # what ended long ago is forgotten
    assert "expired" not in admin.get(PLACE).text


def test_nobody_else_invites(server: Live, admin: Person, guest: Person) -> None:
    assert guest.get(PLACE).headers["location"].startswith("/login")
    token = made(admin, admin.post(PLACE))
    csrf = guest.csrf
    guest.register(invitation=token)
    assert guest.get(PLACE).status_code == 404
    assert guest.post(PLACE, csrf=csrf).status_code == 403


@pytest.mark.parametrize(
    ("mode", "status", "told"), [("open", 303, "Registration is open"), ("closed", 403, "no invitation works")]
)
def test_where_invitations_are_not_needed_or_do_not_help(tmp_path: Path, mode: str, status: int, told: str) -> None:
    settings = Settings(data=str(tmp_path), workers=1, log_level="critical", registration=mode)
    with serving(settings) as live, Person(live, forms=PLACE) as admin, Person(live) as guest:
        admin.register()
        page = admin.get(PLACE).text
        assert told in page
        assert "Nobody is invited yet" in page
        live.read(onetime.invitations)
        token = made(admin, admin.post(PLACE))
        assert guest.register(invitation=token if mode == "closed" else "stale").status_code == status
