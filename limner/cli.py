"""The command line: `limner serve | draw | credential | account | receipt | models | pull | ...`. It parses and prints.

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
from limner.commands import account_app, credential_app, receipt_app, say, table
from limner.errors import LimnerError
from limner.settings import Settings, load, masked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from limner.catalog import Catalogue
    from limner.engines.base import Picture, Progress

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="A self-hosted image API that speaks OpenAI's dialect."
)
app.add_typer(credential_app, name="credential")
app.add_typer(account_app, name="account")
app.add_typer(receipt_app, name="receipt")


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


_PAINTS = "Models painted here: all, none, or names with commas"
_SLOTS = "Pictures worked on at once; 0: as each engine likes"


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Say which limner this is."""
    if version:
        say(f"limner {__version__}")
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
    from limner.db.migrate import upgrade
    from limner.whereabouts import database_url

    upgrade(database_url(load()))
    say("the database is at the newest schema")


def _move(to: str, storage: str | None) -> NoReturn:
    from limner.moving import move, report

    settings = load()
    with _progress() as progress:
        moved = move(settings, to, storage, progress)
    say(report(settings, moved))
    sys.exit(1 if moved.broken else 0)


@app.command()
def models() -> None:
    """List the catalogue, what one picture costs, and the diffusion models that lie here, with who uses them."""
    from limner.catalog import Catalogue
    from limner.quotas import CREDIT

    settings = load()
    catalogue = Catalogue.load(Path(settings.models) if settings.models else None)
    rows = []
    for model in catalogue.models.values():
        price = model.price("auto", *map(int, model.capabilities.default_size.split("x"))) / CREDIT
        default = "default" if model.id == catalogue.default else ""
        rows.append((model.id, model.engine, model.capabilities.default_size, f"{price:.2f}", default))
    table(("model", "engine", "size", "credits", ""), rows)
    _show_shelf(settings, catalogue)


def _show_shelf(settings: Settings, catalogue: Catalogue) -> None:
    from limner.shelf import shelved, users
    from limner.whereabouts import models_folder

    folder = models_folder(settings)
    there = shelved(folder)
    if not there:
        return
    used = users(there, {model.id: model.options for model in catalogue.models.values()}, folder)
    rows = [
        (
            one.name,
            (one.revision or "")[:12],
            f"{one.size / 1e9:.2f} GB",
            f"no: {one.wrong}" if one.wrong else one.kind,
            ", ".join(used[one.name]) or "nobody",
        )
        for one in there
    ]
    say(f"\nIn {folder}:\n")
    table(("folder", "revision", "bytes", "usable", "used by"), rows)


@app.command()
def pull(
    model: Annotated[str, typer.Argument(help="A hub's id (owner/name), or a folder here to make known by a link.")],
    revision: Annotated[str | None, typer.Option(help="A branch, tag or commit; else the newest.")] = None,
    name: Annotated[str | None, typer.Option(help="What to call a folder; else as it is called.")] = None,
    hub: Annotated[str | None, typer.Option(metavar="URL", help="Another hub (HF_ENDPOINT).")] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be fetched.")] = False,
) -> None:
    """Fetch a diffusion model for this machine, or what is missing of it: safetensors only, no pickles, no code."""
    from limner.pulling import Puller, PullError, linked
    from limner.shelf import INDEX
    from limner.whereabouts import models_folder

    folder, source = models_folder(load()), Path(model).expanduser()
    if source.is_dir():
        found = linked(source, folder, name or source.resolve().name)
    else:
        puller = Puller(folder, hub)
        plan = puller.plan(model, revision)
        say(plan.told)
        if dry_run:
            return
        with _bytes_bar(plan.size) as told:
            found = puller.fetch(plan, told)
    if found.wrong:
        raise PullError(f"it is there, but cannot be used: {found.wrong}")
    say(f"{found.name} is there: {found.kind}, {found.size / 1e9:.2f} GB")
    if (found.folder / INDEX).is_file():
        say("\nTo offer it, write into the file of LIMNER_MODELS (docs/diffusion.md says what else can be set):\n")
        say(f'[models.{_bare(found.name)}]\nengine = "diffusion"\noptions = {{ model = "{found.name}" }}')


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
    say(json.dumps(picture.scene, ensure_ascii=False, indent=2) if as_json else _drawn(picture, file, request.seed))


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


def _bare(name: str) -> str:
    """Give the last part of a model's name, as a key of TOML."""
    last = name.rpartition("/")[2]
    return f'"{last}"' if "." in last else last


@contextmanager
def _bytes_bar(total: int) -> Iterator[Callable[[int], None]]:
    """Show on standard error, if that is a terminal, how many bytes have come, how fast, and how long it will take."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=total)
        yield lambda come: bar.update(task, completed=come)


@app.command()
def doctor() -> None:
    """Check database, storage, engines and fonts, and print the effective settings, secrets masked."""
    from limner.doctor import examine

    settings = load()
    findings = asyncio.run(examine(settings))
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        say(f"{'ok' if finding.ok else 'FAIL':4}  {finding.what:{width}}  {finding.detail}")
    say("\nSettings (LIMNER_* over limner.toml over defaults; * is not the default)\n")
    default = masked(Settings())
    shown = masked(settings).items()
    table(None, [("*" if value != default[name] else " ", name, value or "(empty)") for name, value in shown])
    broken = sum(not finding.ok for finding in findings)
    say("\nAll is well." if not broken else f"\nNot well: {broken} of {len(findings)}.")
    sys.exit(1 if broken else 0)
