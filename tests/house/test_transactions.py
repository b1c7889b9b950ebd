"""What runs inside a transaction is a plain function that waits for nothing but the database.

A unit of work is a function whose first parameter is a `Transaction`. It holds a lock that others wait for, and it may
be run again, so it never awaits, never commits, and never reaches an engine, the storage, the dispatcher or a stranger.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.house.source import functions, modules, name, tree

if TYPE_CHECKING:
    from pathlib import Path

FORBIDDEN = ("limner.engines", "limner.storage", "limner.outbound", "limner.dispatch")
SETTLED = {"commit", "rollback", "begin", "savepoint", "release_savepoint"}
DATABASE = {"database", "_database"}
Unit = ast.FunctionDef | ast.AsyncFunctionDef


def is_unit(function: Unit) -> bool:
    """Whether a function's first parameter is an open transaction."""
    given = [*function.args.posonlyargs, *function.args.args]
    return bool(given) and given[0].annotation is not None and ast.unparse(given[0].annotation) == "Transaction"


def units(source: ast.Module) -> list[Unit]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(source) if isinstance(node, kinds) and is_unit(node)]


def imported(source: ast.Module) -> dict[str, str]:
    """Every imported name of a module and what it stands for."""
    found: dict[str, str] = {}
    for node in ast.walk(source):
        if isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.asname or alias.name.partition(".")[0]: alias.name for alias in node.names}
    return found


def root_of(node: ast.expr) -> str:
    """The name that a chain such as `a.b(c).d` begins with."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def faults(source: ast.Module) -> list[str]:
    """What is wrong with the units of work of a module."""
    names, found = imported(source), []
    for unit in units(source):
        nodes = list(ast.walk(unit))
        if isinstance(unit, ast.AsyncFunctionDef) or any(
            isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith) for node in nodes
        ):
            found.append(f"{unit.name} waits")
        for call in (node for node in nodes if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Attribute) and call.func.attr in SETTLED:
                found.append(f"{unit.name} calls {call.func.attr}")
            if names.get(root_of(call.func), "").startswith(FORBIDDEN):
                found.append(f"{unit.name} calls {ast.unparse(call.func)}")
    return found


@pytest.mark.parametrize("file", modules("limner"), ids=name)
def test_units_of_work_wait_for_nothing_and_settle_nothing(file: Path) -> None:
    assert faults(tree(file)) == []


def test_there_are_units_of_work_in_every_noun() -> None:
    rooms = {file.stem for file in modules("limner") if units(tree(file))}
    assert rooms >= {
        "accounts",
        "acquire",
        "admission",
        "assets",
        "callbacks",
        "completion",
        "credentials",
        "nodes",
        "quotas",
        "tasks",
    }


def test_the_database_is_given_units_of_work_only() -> None:
    """`database.write(fn, ...)` and `.read(fn, ...)`: `fn` is one of these functions, named and not made there."""
    known = {function.name for file in modules("limner") for function in functions(file) if is_unit(function)}
    given = [
        (name(file), call.args[0])
        for file in modules("limner")
        for call in ast.walk(tree(file))
        if isinstance(call, ast.Call) and is_of_database(call.func)
    ]
    strange = [(file, ast.unparse(fn)) for file, fn in given if last_of(fn) not in known]
    assert len(given) >= 10
    assert strange == []


def is_of_database(called: ast.expr) -> bool:
    if not isinstance(called, ast.Attribute) or called.attr not in {"read", "write"}:
        return False
    return last_of(called.value) in DATABASE


def last_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("async def hold(tx: Transaction): pass", "hold waits"),
        ("def hold(tx: Transaction): tx.commit()", "hold calls commit"),
        ("def hold(tx: Transaction): Storage.open('x')", "hold calls Storage.open"),
        ("def hold(tx: Transaction): engines.ENGINES['x'](1).start()", "hold calls engines.ENGINES['x'](1).start"),
    ],
)
def test_a_fault_would_be_found(body: str, fault: str) -> None:
    source = ast.parse(f"from limner.storage import Storage\nfrom limner import engines\n{body}")
    assert fault in faults(source)
