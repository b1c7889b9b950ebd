"""The command line: `limner serve | draw | credential | account | migrate | models | doctor`. It parses and prints.

Every command imports what it needs by itself: `limner --help` and `limner draw` shall not wait for the database's.
"""
# ruff: noqa: PLC0415 - as said above

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import msgspec
import typer

from limner import __version__
from limner.errors import LimnerError
from limner.ids import SECOND, now
from limner.settings import Settings, load, masked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from limner.db import Transaction
    from limner.engines.base import Picture, Progress

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="A self-hosted image API that speaks OpenAI's dialect."
)
credential_app = typer.Typer(no_args_is_help=True, help="API keys: create, list, revoke, rotate.")
account_app = typer.Typer(no_args_is_help=True, help="Accounts: list, grant credits, disable, enable.")
app.add_typer(credential_app, name="credential")
app.add_typer(account_app, name="account")


def main() -> None:
    """Run the command line; what the user can mend is said in one line, without a traceback."""
    try:
        app()
    except Exception as error:
        if not _mendable(error):
            raise
        sys.exit(f"limner: {_message(error)}")


def _mendable(error: Exception) -> bool:
    """Whether the message says all: wrong values, files that cannot be used, a database that is away or in use."""
    room = type(error).__module__.partition(".")[0]
    return isinstance(error, LimnerError | ValueError | OSError) or room in {"limner", "sqlite3", "psycopg"}


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return str(getattr(error, "message", error)).strip()


def _say(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


_PAINTS = "Models painted here: all, none, or names with commas"
_SLOTS = "Pictures worked on at once; 0: as each engine likes"


@contextmanager
def _transaction() -> Iterator[Transaction]:
    """Open a short transaction on the settings' database, migrated first."""
    from limner.bootstrap import database_url
    from limner.db import transaction
    from limner.db.migrate import upgrade

    url = database_url(load())
    upgrade(url)
    with transaction(url) as tx:
        yield tx


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Say which limner this is."""
    if version:
        _say(f"limner {__version__}")
        raise typer.Exit


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (LIMNER_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks a free one (LIMNER_PORT).")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for everything kept (LIMNER_DATA).")] = None,
    models: Annotated[str | None, typer.Option(help=f"{_PAINTS} (LIMNER_PAINTS).")] = None,
    slots: Annotated[int | None, typer.Option(min=0, help=f"{_SLOTS} (LIMNER_SLOTS).")] = None,
) -> None:
    """Serve the API until interrupted."""
    given = {"host": host, "port": port, "data": str(data) if data else None, "paints": models, "slots": slots}
    from limner import serving

    serving.serve(_with(given))


@app.command()
def worker(
    models: Annotated[str | None, typer.Option(help=f"{_PAINTS} (LIMNER_PAINTS).")] = None,
    slots: Annotated[int | None, typer.Option(min=0, help=f"{_SLOTS} (LIMNER_SLOTS).")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for everything kept (LIMNER_DATA).")] = None,
) -> None:
    """Paint and deliver callbacks for the servers that share this PostgreSQL database, until interrupted."""
    from limner.worker import work

    work(_with({"paints": models, "slots": slots, "data": str(data) if data else None}))


def _with(given: dict[str, Any]) -> Settings:
    """Lay what the command line says over the settings."""
    return msgspec.structs.replace(load(), **{name: value for name, value in given.items() if value is not None})


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

    with _transaction() as tx:
        made = acquire(
            tx,
            account,
            free_credits=load().free_credits,
            name=name,
            scopes=tuple(part.strip() for part in scope.split(",") if part.strip()) if scope else SCOPES,
            images_per_minute=images_per_minute,
            expires_at=now() + expires * DAY if expires else None,
        )
    _say(made.key)
    sys.stderr.write(f"credential {made.credential_id} of {made.account}; keep the key, it is not shown again\n")


@credential_app.command("list")
def credential_list() -> None:
    """List all credentials; never their keys."""
    from limner import credentials

    with _transaction() as tx:
        rows = credentials.everything(tx)
    at = now()
    _table(
        ("id", "account", "name", "key", "scopes", "state"),
        [(row.id, row.account, row.name, f"lim_…{row.hint}", row.scopes, row.state(at)) for row in rows],
    )


@credential_app.command("revoke")
def credential_revoke(which: Annotated[str, typer.Argument(help="Its id, or the key itself.")]) -> None:
    """End a credential at once."""
    from limner import administration, audit

    with _transaction() as tx:
        administration.revoke(tx, audit.COMMAND_LINE, which)
    _say("revoked")


@credential_app.command("rotate")
def credential_rotate(
    which: Annotated[str, typer.Argument(help="Its id, or the key itself.")],
    overlap: Annotated[int, typer.Option(min=0, metavar="HOURS", help="How long the old key still works.")] = 24,
) -> None:
    """Make a successor with the same rights; the old key works on for a while."""
    from limner import credentials

    with _transaction() as tx:
        made = credentials.rotate(tx, which, overlap=overlap * 3600 * SECOND)
    if made is None:
        sys.exit("limner: there is no such credential")
    _say(made[1])
    sys.stderr.write(f"credential {made[0]}; the old key works for {overlap} h more\n")


@account_app.command("list")
def account_list() -> None:
    """List all accounts with their balances."""
    from limner import accounts, quotas

    with _transaction() as tx:
        rows = accounts.everyone(tx)
    state = {True: "disabled", False: "active"}
    _table(
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

    with _transaction() as tx:
        account_id = _account(tx, name)
        balance = administration.grant(tx, audit.COMMAND_LINE, account_id, round(credits_given * quotas.CREDIT))
    _say(f"{name} has {balance / quotas.CREDIT:.6f} credits")


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

    with _transaction() as tx:
        administration.prioritise(tx, audit.COMMAND_LINE, _account(tx, name), priority)
    _say("done")


@account_app.command("secret")
def account_secret(
    name: Annotated[str, typer.Argument(help="The account.")],
    rotate: Annotated[bool, typer.Option("--rotate", help="Go on to a new one first.")] = False,
    overlap: Annotated[int, typer.Option(min=0, metavar="HOURS", help="How long the old one signs too.")] = 24,
) -> None:
    """Print the secret that signs an account's callbacks."""
    from limner import accounts, callbacks
    from limner.bootstrap import secret_key

    with _transaction() as tx:
        application_id, _ = accounts.admit(tx, _account(tx, name))
        if rotate:
            accounts.rotate_callback_key(tx, application_id, overlap * 3600 * SECOND)
        serial, _ = accounts.callback_key(tx, application_id)
    _say(callbacks.secret_of(secret_key(load()), application_id, serial))


def _switch(name: str, *, disabled: bool) -> None:
    from limner import administration, audit

    with _transaction() as tx:
        administration.switch_account(tx, audit.COMMAND_LINE, _account(tx, name), disabled=disabled)
    _say("done")


def _account(tx: Transaction, name: str) -> str:
    """Find the id of an account, or end with a word about it."""
    from limner import accounts

    account = accounts.by_name(tx, name)
    if account is None:
        sys.exit(f"limner: there is no account {name!r}")
    return account.id


@app.command()
def migrate(
    to: Annotated[str | None, typer.Option(metavar="URL", help="Move from SQLite to this PostgreSQL database.")] = None,
    storage: Annotated[
        str | None, typer.Option(metavar="URL", help="Move the files there too; else they stay.")
    ] = None,
) -> None:
    """Bring the database to the newest schema, or with --to move the installation to PostgreSQL."""
    if to is not None:
        _move(to, storage)
    if storage is not None:
        raise typer.BadParameter("it goes with --to", param_hint="--storage")
    from limner.bootstrap import database_url
    from limner.db.migrate import upgrade

    upgrade(database_url(load()))
    _say("the database is at the newest schema")


def _move(to: str, storage: str | None) -> NoReturn:
    from limner.moving import move, report

    settings = load()
    with _progress() as progress:
        moved = move(settings, to, storage, progress)
    _say(report(settings, moved))
    sys.exit(1 if moved.broken else 0)


@app.command()
def models() -> None:
    """List the catalogue: which model is answered by which engine, and what one picture costs."""
    from limner.catalog import Catalogue
    from limner.quotas import CREDIT

    settings = load()
    catalogue = Catalogue.load(Path(settings.models) if settings.models else None)
    rows = []
    for model in catalogue.models.values():
        price = model.price("auto", *map(int, model.capabilities.default_size.split("x"))) / CREDIT
        default = "default" if model.id == catalogue.default else ""
        rows.append((model.id, model.engine, model.capabilities.default_size, f"{price:.2f}", default))
    _table(("model", "engine", "size", "credits", ""), rows)


@app.command()
def draw(
    prompt: Annotated[str, typer.Argument(help="What to draw.")],
    *,
    size: Annotated[str, typer.Option(help="WIDTHxHEIGHT.")] = "1024x1024",
    quality: Annotated[str, typer.Option(help="low, standard or hd.")] = "standard",
    style: Annotated[str, typer.Option(help="vivid or natural.")] = "vivid",
    seed: Annotated[int | None, typer.Option(min=0, help="The same seed gives the same picture.")] = None,
    background: Annotated[str, typer.Option(help="opaque or transparent.")] = "opaque",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="File to write: .png, .jpg or .webp; else limner.png."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the scene that was drawn, as JSON; a file only with --output.")
    ] = False,
) -> None:
    """Draw a picture here and now; no server needed."""
    from limner.drawing import draw_once, order

    file = output or (None if as_json else Path("limner.png"))
    request = order(prompt, size=size, quality=quality, style=style, seed=seed, background=background, file=file)
    with _progress() as progress:
        picture = asyncio.run(draw_once(request, progress))
    if file is not None:
        file.write_bytes(picture.data)
    _say(json.dumps(picture.scene, ensure_ascii=False, indent=2) if as_json else _drawn(picture, file, request.seed))


def _drawn(picture: Picture, file: Path | None, seed: int) -> str:
    size = f"{picture.width}x{picture.height}, {len(picture.data) / 1024:.0f} KiB, seed {seed}"
    return f"{file}: {size}\n{picture.revised_prompt or ''}".rstrip()


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show a bar on standard error if that is a terminal; it is gone when the work is done."""
    if not sys.stderr.isatty():
        yield lambda _step: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description:>9}"), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda step: bar.update(task, description=step.stage, completed=step.fraction)


@app.command()
def doctor() -> None:
    """Check database, storage, engines and fonts, and print the effective settings, secrets masked."""
    from limner.doctor import examine

    settings = load()
    findings = asyncio.run(examine(settings))
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        _say(f"{'ok' if finding.ok else 'FAIL':4}  {finding.what:{width}}  {finding.detail}")
    _say("\nSettings (LIMNER_* over limner.toml over defaults; * is not the default)\n")
    default = masked(Settings())
    shown = masked(settings).items()
    _table(None, [("*" if value != default[name] else " ", name, value or "(empty)") for name, value in shown])
    broken = sum(not finding.ok for finding in findings)
    _say("\nAll is well." if not broken else f"\nNot well: {broken} of {len(findings)}.")
    sys.exit(1 if broken else 0)


def _table(head: tuple[str, ...] | None, rows: list[tuple[Any, ...]]) -> None:
    """Print rows in columns as wide as they need to be."""
    lines = ([head] if head else []) + [tuple(str(cell) for cell in row) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        _say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
