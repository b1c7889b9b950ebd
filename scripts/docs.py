"""Writes the pages that are made from code: `docs/errors.md`, `docs/settings.md` and `docs/models.md`.

`python scripts/docs.py` writes them, `--check` writes nothing and exits with 1 naming what is out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from limner.catalog import QUALITIES, Catalogue
from limner.errors import CATALOGUE
from limner.settings import PREFIX, describe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from limner.catalog import Capabilities, Model

FOLDER = Path(__file__).parent.parent / "docs"
MADE = "<!-- Made by `python scripts/docs.py` from {source}; change that, not this page. -->"
CREDIT = 1_000_000
KINDS = {"str": "text", "int": "integer", "float": "number"}
BODY = """{
  "success": false,
  "error": {"code": "bad_request", "message": "...", "type": "invalid_request_error", "param": "size"},
  "trace_id": "..."
}"""


def errors() -> str:
    """Write the page of error codes."""
    rows = [
        (f"`{error.code}`", f"`{error.type}`", error.default_status, error.when, " ".join(error().message.split()))
        for error in CATALOGUE.values()
    ]
    return _page(
        "Errors",
        "limner/errors.py",
        "Every answer that is not a success carries this body, on every path:",
        f"```json\n{BODY}\n```",
        "`code` is the contract; `message` is for people and often says more than the default below; `param` names the "
        "parameter at fault, where there is one. Nothing that fails is charged.",
        _table(("code", "type", "status", "when", "message unless there is a better one"), rows),
    )


def settings() -> str:
    """Write the page of settings."""
    rows = [
        (f"`{PREFIX}{name.upper()}`", f"`{name}`", KINDS[kind], _default(default), text)
        for name, kind, default, text, _ in describe()
    ]
    return _page(
        "Settings",
        "limner/settings.py",
        "A setting is taken from the environment, else from `limner.toml` in the working directory, else it has its "
        "default. `limner doctor` prints what is in effect, secrets masked. An empty variable counts as not set; zero "
        'means "no limit" where a limit is meant.',
        _table(("environment", "`limner.toml`", "type", "default", "what it does"), rows),
        "## Example\n\nA `limner.toml` behind a proxy, with PostgreSQL and pictures in a bucket:",
        '```toml\nhost = "127.0.0.1"\nport = 9000\npublic_url = "https://images.example.org"\n'
        'database_url = "postgresql://limner@localhost/limner"\nstorage_url = "s3://pictures/limner"\n'
        'models = "/etc/limner/models.toml"\nfree_credits = 0\nretention = 604800\nimages_per_minute = 60\n```',
        "Secrets are better kept in the environment: `LIMNER_DATABASE_URL`, `LIMNER_STORAGE_URL`, `LIMNER_SECRET_KEY`.",
    )


def models() -> str:
    """Write the page of models."""
    catalogue = Catalogue.load()
    engines = {model.engine: model.capabilities for model in catalogue.models.values()}
    rows = [_model(model, catalogue.default) for model in catalogue.models.values()]
    return _page(
        "Models",
        "limner/models.toml",
        "The catalogue as it is shipped. An operator's own file (`LIMNER_MODELS`) is laid over it, table by table; "
        "how is said at the top of `limner/models.toml`. `GET /v1/models` shows what is in effect.",
        _table(("model", "engine", "answers with", "longest prompt", "pictures a call", "what it is"), rows),
        "## Sizes and parameters",
        _table(("engine", "sizes", "qualities", "formats"), [_engine(name, can) for name, can in engines.items()]),
        "## Prices\n\nCredits for one picture, by quality and size; a call costs that times `n`. What fails costs "
        "nothing. One credit is 1,000,000 micro-credits, the unit of `x-cost` and `x-balance`.",
        _table(("engine", "quality", "up to pixels", "credits"), list(_prices(catalogue.models.values()))),
    )


def _model(model: Model, default: str) -> Sequence[object]:
    can = model.capabilities
    name = f"`{model.id}`" + (" (default)" if model.id == default else "")
    return (
        name,
        model.engine,
        f"`{can.default_response_format}`",
        f"{can.prompt_limit:,}",
        can.max_images,
        model.description,
    )


def _engine(name: str, can: Capabilities) -> Sequence[object]:
    sizes = f"any WIDTHxHEIGHT, sides {can.min_side} to {can.max_side}, at most {can.max_pixels:,} pixels"
    return (
        name,
        f"{sizes}; {can.default_size} unless asked otherwise{_auto(can)}",
        ", ".join(can.qualities),
        ", ".join(can.output_formats),
    )


def _auto(can: Capabilities) -> str:
    return f"; auto: {', '.join(can.auto_sizes)}, as suits the prompt" if can.auto_sizes else ""


def _prices(every: Iterable[Model]) -> Iterable[Sequence[object]]:
    """Give the price bands of each engine once; models share them unless the catalogue says otherwise."""
    seen: set[str] = set()
    for model in every:
        bands = model.prices.items() if model.engine not in seen else ()
        seen.add(model.engine)
        for quality, steps in bands:
            for pixels, price in steps:
                yield model.engine, _called(quality), f"{pixels:,}", f"{price / CREDIT:g}"


def _called(quality: str) -> str:
    return ", ".join(dict.fromkeys([quality, *(name for name, engine in QUALITIES.items() if engine == quality)]))


def _default(value: object) -> str:
    return f"`{value}`" if value != "" else "(empty)"


def _page(title: str, source: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", MADE.format(source=f"`{source}`"), *parts]) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *([str(cell).replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


PAGES: dict[str, Callable[[], str]] = {"errors.md": errors, "settings.md": settings, "models.md": models}


def outdated(folder: Path = FOLDER) -> list[str]:
    """Name the pages in the folder that are not what the code says now."""
    return [name for name, page in PAGES.items() if not _same(folder / name, page())]


def _same(file: Path, text: str) -> bool:
    return file.is_file() and file.read_text("utf-8") == text


def main(arguments: Sequence[str], folder: Path = FOLDER) -> int:
    """Write the pages, or check them; give the exit status."""
    stale = outdated(folder)
    if "--check" in arguments:
        for name in stale:
            print(f"docs/{name} is out of date: run `python scripts/docs.py`", file=sys.stderr)
        return 1 if stale else 0
    folder.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (folder / name).write_text(PAGES[name](), "utf-8")
        print(f"wrote docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
