"""What the command line does to accounts and credentials is in the audit log, too."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from limner import audit
from limner.db import transaction
from tests.test_cli import Limner, limner, on_both

if TYPE_CHECKING:
    from limner.db import Transaction

__all__ = ["limner", "on_both"]


def log(tx: Transaction) -> list[tuple[str, str, str]]:
    return [(entry.actor, entry.act, entry.subject) for entry in reversed(audit.listed(tx, 9))]


def test_acts_of_the_command_line_are_written_down(on_both: Limner) -> None:
    key = on_both("credential", "create", "--account", "acme").out.strip()
    for words in (
        ("account", "grant", "acme", "2.5"),
        ("account", "priority", "acme", "3"),
        ("account", "disable", "acme"),
        ("account", "enable", "acme"),
        ("credential", "revoke", key),
    ):
        assert on_both(*words).status == 0
    assert on_both("credential", "revoke", "nothing").err == "limner: there is no such credential"
    with transaction(os.environ["LIMNER_DATABASE_URL"]) as tx:
        found = log(tx)
    acts = ["grant credits", "set priority", "disable account", "enable account"]
    expected = [(audit.COMMAND_LINE, act, "acme") for act in acts]
    assert found == [*expected, (audit.COMMAND_LINE, "revoke credential", "acme: default")]
