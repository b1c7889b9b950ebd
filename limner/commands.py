"""The commands for accounts, credentials and receipts: `limner credential | account | receipt`.

Every command imports what it needs by itself, as those of `cli` do.
"""
# ruff: noqa: PLC0415 - as said above

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path  # noqa: TC003 - typer reads the types
from typing import TYPE_CHECKING, Annotated, Any

import typer

from limner.errors import NotFound
from limner.ids import SECOND, now
from limner.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from limner.db import Transaction
    from limner.onetime import Kind
    from limner.users import User

credential_app = typer.Typer(no_args_is_help=True, help="API keys: create, list, revoke, rotate.")
account_app = typer.Typer(no_args_is_help=True, help="Accounts and their users: credits, invitations, passwords.")
receipt_app = typer.Typer(no_args_is_help=True, help="Receipts: check a picture against its own.")


def say(line: str = "") -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def table(head: tuple[str, ...] | None, rows: list[tuple[Any, ...]]) -> None:
    """Print rows in columns as wide as they need to be."""
    lines = ([head] if head else []) + [tuple(str(cell) for cell in row) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


@contextmanager
def opened() -> Iterator[Transaction]:
    """Open a short transaction on the settings' database, migrated first."""
    from limner.db import transaction
    from limner.db.migrate import upgrade
    from limner.whereabouts import database_url

    url = database_url(load())
    upgrade(url)
    with transaction(url) as tx:
        yield tx


@credential_app.command("create")
def credential_create(
    account: Annotated[str, typer.Option(help="The account; made if missing.")] = "development",
    name: Annotated[str, typer.Option(help="What you call the credential.")] = "default",
    scope: Annotated[str, typer.Option(help="Scopes, comma separated; all of them unless given.")] = "",
    images_per_minute: Annotated[int | None, typer.Option(min=1, help="A limit of its own.")] = None,
    expires: Annotated[int | None, typer.Option(min=1, metavar="DAYS", help="Days until it ends.")] = None,
) -> None:
    """Create a credential and print its key, once."""
    from limner.acquire import acquire
    from limner.credentials import DAY, SCOPES

    with opened() as tx:
        made = acquire(
            tx,
            account,
            free_credits=load().free_credits,
            name=name,
            scopes=tuple(part.strip() for part in scope.split(",") if part.strip()) if scope else SCOPES,
            images_per_minute=images_per_minute,
            expires_at=now() + expires * DAY if expires else None,
        )
    say(made.key)
    sys.stderr.write(f"credential {made.credential_id} of {made.account}; keep the key, it is not shown again\n")


@credential_app.command("list")
def credential_list() -> None:
    """List all credentials; never their keys."""
    from limner import credentials

    with opened() as tx:
        rows = credentials.everything(tx)
    at = now()
    table(
        ("id", "account", "name", "key", "scopes", "state"),
        [(row.id, row.account, row.name, f"lim_…{row.hint}", row.scopes, row.state(at)) for row in rows],
    )


@credential_app.command("revoke")
def credential_revoke(which: Annotated[str, typer.Argument(help="Its id, or the key itself.")]) -> None:
    """End a credential at once."""
    from limner import administration, audit

    with opened() as tx:
        administration.revoke(tx, audit.COMMAND_LINE, which)
    say("revoked")


@credential_app.command("rotate")
def credential_rotate(
    which: Annotated[str, typer.Argument(help="Its id, or the key itself.")],
    overlap: Annotated[int, typer.Option(min=0, metavar="HOURS", help="How long the old key still works.")] = 24,
) -> None:
    """Make a successor with the same rights; the old key works on for a while."""
    from limner import credentials

    with opened() as tx:
        made = credentials.rotate(tx, which, overlap=overlap * 3600 * SECOND)
    if made is None:
        sys.exit("limner: there is no such credential")
    say(made[1])
    sys.stderr.write(f"credential {made[0]}; the old key works for {overlap} h more\n")


@account_app.command("list")
def account_list() -> None:
    """List all accounts with their balances."""
    from limner import accounts, quotas

    with opened() as tx:
        rows = accounts.everyone(tx)
    state = {True: "disabled", False: "active"}
    table(
        ("name", "credits", "state"),
        [(row.name, f"{row.balance / quotas.CREDIT:.6f}", state[row.disabled_at is not None]) for row in rows],
    )


@account_app.command("grant")
def account_grant(
    name: Annotated[str, typer.Argument(help="The account.")],
    credits_given: Annotated[float, typer.Argument(metavar="CREDITS", min=0, max=1e9, help="How many.")],
) -> None:
    """Give an account credits."""
    from limner import administration, audit, quotas

    with opened() as tx:
        account_id = _account(tx, name)
        balance = administration.grant(tx, audit.COMMAND_LINE, account_id, round(credits_given * quotas.CREDIT))
    say(f"{name} has {balance / quotas.CREDIT:.6f} credits")


@account_app.command("disable")
def account_disable(name: Annotated[str, typer.Argument(help="The account.")]) -> None:
    """Switch an account off: its credentials stop working."""
    _switch(name, disabled=True)


@account_app.command("enable")
def account_enable(name: Annotated[str, typer.Argument(help="The account.")]) -> None:
    """Switch an account on again."""
    _switch(name, disabled=False)


@account_app.command("priority")
def account_priority(
    name: Annotated[str, typer.Argument(help="The account.")],
    priority: Annotated[int, typer.Argument(min=-3, max=3, help="3 goes first, -3 last; 0 is usual.")],
) -> None:
    """Say whose tasks go first where tasks wait."""
    from limner import administration, audit

    with opened() as tx:
        administration.prioritise(tx, audit.COMMAND_LINE, _account(tx, name), priority)
    say("done")


@account_app.command("secret")
def account_secret(
    name: Annotated[str, typer.Argument(help="The account.")],
    rotate: Annotated[bool, typer.Option("--rotate", help="Go on to a new one first.")] = False,
    overlap: Annotated[int, typer.Option(min=0, metavar="HOURS", help="How long the old one signs too.")] = 24,
) -> None:
    """Print the secret that signs an account's callbacks."""
    from limner import accounts, callbacks
    from limner.whereabouts import secret_key

    with opened() as tx:
        application_id, _ = accounts.admit(tx, _account(tx, name))
        if rotate:
            accounts.rotate_callback_key(tx, application_id, overlap * 3600 * SECOND)
        serial, _ = accounts.callback_key(tx, application_id)
    say(callbacks.secret_of(secret_key(load()), application_id, serial))


@account_app.command("token")
def account_token(
    name: Annotated[str, typer.Argument(help="The account.")],
    called: Annotated[str, typer.Option("--name", help="What you call the token.")] = "default",
    expires: Annotated[int | None, typer.Option(min=1, metavar="DAYS", help="Days until it ends.")] = None,
) -> None:
    """Create a token that manages an account from programs, and print its key, once."""
    from limner import tokens
    from limner.credentials import DAY

    with opened() as tx:
        made = tokens.create(tx, _account(tx, name), called, expires_at=now() + expires * DAY if expires else None)
    say(made[1])
    sys.stderr.write(f"account token {made[0]} of {name}; keep the key, it is not shown again\n")


@account_app.command("reset")
def account_reset(email: Annotated[str, typer.Argument(help="The user's e-mail address.")]) -> None:
    """Print a link that lets a user choose a new password, once within an hour."""
    from limner import audit, recovery

    with opened() as tx:
        _, token = recovery.hand_out(tx, audit.COMMAND_LINE, _user(tx, email).id)
    _print_link("reset", token, "good for one hour, once; it ends all of the user's sessions")


@account_app.command("invite")
def account_invite(
    email: Annotated[str | None, typer.Option(help="Only this address can register with it.")] = None,
) -> None:
    """Print a link that lets somebody register, once within seven days."""
    from limner import audit, registration, users

    with opened() as tx:
        token = registration.invite(tx, audit.COMMAND_LINE, users.normalised(email) if email else None)
    _print_link("invitation", token, "good for seven days, once")


@account_app.command("admin")
def account_admin(email: Annotated[str, typer.Argument(help="The user's e-mail address.")]) -> None:
    """Make a user an admin."""
    from limner import audit, users

    with opened() as tx:
        user = _user(tx, email)
        users.set_role(tx, user.id, "admin")
        audit.record(tx, audit.COMMAND_LINE, "set role", user.email, role="admin")
    say(f"{user.email} is an admin")


@receipt_app.command("verify")
def receipt_verify(
    picture: Annotated[Path, typer.Argument(help="The picture's file.")],
    receipt: Annotated[Path, typer.Argument(help="Its receipt, as /v1/files/NAME/receipt gave it.")],
    keys: Annotated[
        Path | None, typer.Option(help="The server's keys, as /v1/receipts/keys gave them; else the receipt's own.")
    ] = None,
) -> None:
    """Check a picture against its receipt, without asking any server."""
    from limner.sealing import verified

    found = verified(picture.read_bytes(), receipt.read_bytes(), keys.read_bytes() if keys else None)
    told = found.receipt
    whose = "is among the keys given" if found.known else "is the receipt's own: compare it with the server's"
    say(f"{picture} is the picture of this receipt, unchanged")
    say(f"made by {told.get('model')} ({told.get('engine')}), seed {told.get('seed')}, task {told.get('task_id')}")
    say(f"signed for {told.get('issuer')}; the key {found.thumbprint} {whose}")


def _user(tx: Transaction, email: str) -> User:
    from limner import users

    found = users.by_email(tx, users.normalised(email))
    if found is None:
        raise NotFound(f"There is no user with the address {email}.")
    return found


def _print_link(kind: Kind, token: str, what: str) -> None:
    from limner import onetime
    from limner.whereabouts import public_url

    say(onetime.link(kind, public_url(load()), token))
    sys.stderr.write(f"{what}; it is not shown again\n")


def _switch(name: str, *, disabled: bool) -> None:
    from limner import administration, audit

    with opened() as tx:
        administration.switch_account(tx, audit.COMMAND_LINE, _account(tx, name), disabled=disabled)
    say("done")


def _account(tx: Transaction, name: str) -> str:
    """Find the id of an account, or end with a word about it."""
    from limner import accounts

    account = accounts.by_name(tx, name)
    if account is None:
        sys.exit(f"limner: there is no account {name!r}")
    return account.id
