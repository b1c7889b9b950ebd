"""The project's own files, for tests that judge them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
CODE = ("limner", "artpack", "benchmarks", "scripts")
GENERATED = ROOT / "limner/db/migrations/versions"


@cache
def modules(*folders: str) -> tuple[Path, ...]:
    """All Python files in these folders of the project, but for migrations: they tell a history."""
    found = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]
    return tuple(file for file in found if GENERATED not in file.parents)


@cache
def tree(file: Path) -> ast.Module:
    """A syntax tree of a file."""
    return ast.parse(file.read_text("utf-8"), str(file))


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file, inner ones too."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def name(file: Path) -> str:
    """A file's path in the project."""
    return file.relative_to(ROOT).as_posix()


@cache
def tracked() -> tuple[str, ...]:
    """Every file that is in the repository; fails where there is none, for what is not looked at is not in order."""
    asked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(entry for entry in asked.stdout.split("\0") if entry and (ROOT / entry).is_file())
