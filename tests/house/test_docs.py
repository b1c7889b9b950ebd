"""The pages: those made from code are up to date, the others point at what exists."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import msgspec

from limner.engines.sandbox import DIRECTIVES
from limner.settings import Settings
from scripts import docs
from tests.house.source import ROOT, tracked

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")


def test_the_made_pages_are_up_to_date() -> None:
    assert docs.outdated() == [], "run `python scripts/docs.py`"


def test_a_page_that_is_out_of_date_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert docs.main([], tmp_path) == 0
    assert docs.main(["--check"], tmp_path) == 0
    (tmp_path / "errors.md").write_text("# Errors\n")
    (tmp_path / "models.md").unlink()
    capsys.readouterr()
    assert docs.main(["--check"], tmp_path) == 1
    told = capsys.readouterr().err
    assert "docs/errors.md" in told
    assert "docs/models.md" in told
    assert "docs/settings.md" not in told


def test_the_check_is_a_command() -> None:
    done = subprocess.run([sys.executable, "scripts/docs.py", "--check"], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_example_of_settings_is_accepted() -> None:
    page = (ROOT / "docs/settings.md").read_text("utf-8")
    example = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert example
    assert msgspec.convert(tomllib.loads(example[1]), Settings).port == 9000


def test_the_sandbox_page_tells_every_directive() -> None:
    page = (ROOT / "docs/sandbox.md").read_text("utf-8")
    for directive, what in DIRECTIVES.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{directive}` |"))
        assert what.description in row
        if what.outcome is not None:
            assert f"`{what.outcome.code}` | {what.outcome.default_status}" in row


def test_links_between_the_pages_lead_somewhere() -> None:
    pages = [ROOT / entry for entry in tracked() if entry.endswith(".md")]
    targets = [(page, target) for page in pages for target in LINK.findall(page.read_text("utf-8"))]
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page, target in targets
        if not target.startswith(("http://", "https://", "mailto:")) and not (page.parent / target).exists()
    ]
    assert dead == []
