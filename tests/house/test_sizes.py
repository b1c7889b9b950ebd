"""Size budgets: what is short can be read."""

from __future__ import annotations

import pytest

from tests.house.source import CODE, functions, modules, name

LONGEST = 60
USUALLY = 40
FILE = {"code": (CODE, 400), "tests": (("tests",), 500)}


def lengths() -> dict[str, int]:
    """The lines of every function by its place."""
    return {
        f"{name(file)}:{function.lineno} {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for file in modules(*CODE)
        for function in functions(file)
    }


def test_nearly_all_functions_are_short() -> None:
    found = sorted(lengths().values())
    assert found[len(found) * 95 // 100] <= USUALLY
    assert found[len(found) // 2] <= 10


def test_no_function_is_long() -> None:
    assert {place: lines for place, lines in lengths().items() if lines > LONGEST} == {}


@pytest.mark.parametrize("kind", FILE)
def test_no_file_is_long(kind: str) -> None:
    folders, most = FILE[kind]
    sizes = {name(file): len(file.read_text("utf-8").splitlines()) for file in modules(*folders)}
    assert {file: lines for file, lines in sizes.items() if lines > most} == {}
