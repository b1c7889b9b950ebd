"""The storeys of `docs/architecture.md`, as import-linter's contracts in pyproject.toml state them."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from importlinter import cli

from tests.house.source import ROOT

if TYPE_CHECKING:
    import pytest


def test_every_contract_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert cli.lint_imports(no_cache=True, no_logo=True) == cli.EXIT_STATUS_SUCCESS


def test_the_storeys_are_checked_exhaustively() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    storeys = next(contract for contract in contracts if contract["type"] == "layers")
    assert storeys["exhaustive"]
    assert storeys["exhaustive_ignores"] == ["__main__"]
    assert {contract["type"] for contract in contracts} == {"layers", "protected", "independence", "forbidden"}
