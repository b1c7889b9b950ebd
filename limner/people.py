"""What the command line does for people: invitations, reset links, admins. It parses and prints, as `cli` does."""
# ruff: noqa: PLC0415 - as `cli`: no command waits for what another one needs

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from limner.errors import NotFound
from limner.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from limner.db import Transaction
    from limner.onetime import Kind
    from limner.users import User


def add_to(app: typer.Typer, transaction: Callable[[], AbstractContextManager[Transaction]]) -> None:
    """Add the commands to `limner account`; `transaction` opens one on the settings' database."""

    @app.command("reset")
    def reset(email: Annotated[str, typer.Argument(help="The user's e-mail address.")]) -> None:
        """Print a link that lets a user choose a new password, once within an hour."""
        from limner import audit, recovery

        with transaction() as tx:
            _, token = recovery.hand_out(tx, audit.COMMAND_LINE, _user(tx, email).id)
        _print_link("reset", token, "good for one hour, once; it ends all of the user's sessions")

    @app.command("invite")
    def invite(
        email: Annotated[str | None, typer.Option(help="Only this address can register with it.")] = None,
    ) -> None:
        """Print a link that lets somebody register, once within seven days."""
        from limner import audit, registration, users

        with transaction() as tx:
            token = registration.invite(tx, audit.COMMAND_LINE, users.normalised(email) if email else None)
        _print_link("invitation", token, "good for seven days, once")

    @app.command("admin")
    def admin(email: Annotated[str, typer.Argument(help="The user's e-mail address.")]) -> None:
        """Make a user an admin."""
        from limner import audit, users

        with transaction() as tx:
            user = _user(tx, email)
            users.set_role(tx, user.id, "admin")
            audit.record(tx, audit.COMMAND_LINE, "set role", user.email, role="admin")
        sys.stdout.write(f"{user.email} is an admin\n")


def _user(tx: Transaction, email: str) -> User:
    from limner import users

    found = users.by_email(tx, users.normalised(email))
    if found is None:
        raise NotFound(f"There is no user with the address {email}.")
    return found


def _print_link(kind: Kind, token: str, what: str) -> None:
    from limner import onetime
    from limner.bootstrap import public_url

    sys.stdout.write(onetime.link(kind, public_url(load()), token) + "\n")
    sys.stderr.write(f"{what}; it is not shown again\n")
