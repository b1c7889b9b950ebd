"""`limner account reset | invite | admin`: links and rights from the command line."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from limner import audit, cli, onetime, recovery, registration, users
from limner.db import transaction
from tests.databases import DIALECTS, migrated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(params=DIALECTS)
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give a database with two users, which the settings name."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("LIMNER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LIMNER_PUBLIC_URL", "https://draw.example.com/")
    with migrated(request.param, tmp_path) as found:
        monkeypatch.setenv("LIMNER_DATABASE_URL", found)
        with transaction(found) as tx:
            registration.register(tx, "admin@example.com", mode="open")
            registration.register(tx, "ada@example.com", mode="open")
        yield found


@pytest.fixture
def limner(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command; gives what it printed, or what it ended with."""

    def _limner(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["limner", "account", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out = capsys.readouterr().out
        return out.strip() if ended.value.code in {0, None} else str(ended.value.code)

    return _limner


def test_a_reset_link(url: str, limner: Callable[..., str]) -> None:
    link = limner("reset", "ADA@example.com")
    place, _, token = link.partition("=")
    assert place == "https://draw.example.com/reset?token"
    with transaction(url) as tx:
        assert recovery.holder(tx, token).email == "ada@example.com"
        act = audit.listed(tx, 1)[0]
    assert (act.actor, act.act, act.subject) == (audit.COMMAND_LINE, "make reset link", "ada@example.com")
    assert "no user with the address nobody@example.com" in limner("reset", "nobody@example.com")
    assert "no e-mail address" in limner("reset", "nobody")


def test_an_invitation(url: str, limner: Callable[..., str]) -> None:
    links = [limner("invite"), limner("invite", "--email", "Eve@example.com")]
    assert all(link.startswith("https://draw.example.com/register?invitation=") for link in links)
    with transaction(url) as tx:
        found = [onetime.find(tx, "invitation", link.partition("=")[2]) for link in links]
        assert [one and one.email for one in found] == [None, "eve@example.com"]
        assert audit.listed(tx, 1)[0].actor == audit.COMMAND_LINE
    assert "registered already" in limner("invite", "--email", "ada@example.com")


def test_an_admin(url: str, limner: Callable[..., str]) -> None:
    assert limner("admin", "ada@example.com") == "ada@example.com is an admin"
    with transaction(url) as tx:
        user = users.by_email(tx, "ada@example.com")
        assert user is not None
        assert user.role == "admin"
        assert audit.listed(tx, 1)[0].detail == {"role": "admin"}
