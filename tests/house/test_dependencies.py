"""Dependencies are explained, locked and installed without the address of any index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock")
RUNTIME: list[str] = PROJECT["project"]["dependencies"]
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
GROUPS: dict[str, list[str]] = PROJECT["dependency-groups"]


def name(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    assert found is not None
    return found[0].lower().replace("_", "-")


def locked(lock: str) -> dict[str, str]:
    """Every package of a lock file with its version."""
    return dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE))


def test_each_dependency_is_explained_and_nothing_else_is() -> None:
    rows = re.findall(
        r"^\| ([a-z][a-z0-9.-]+) \| (.+) \|$", (ROOT / "docs/dependencies.md").read_text("utf-8"), re.MULTILINE
    )
    wanted = {name(entry) for group in (RUNTIME, *EXTRAS.values(), *GROUPS.values()) for entry in group}
    assert sorted(row[0] for row in rows if row[0] != "package") == sorted(wanted)
    assert all(len(rest.split(" | ")) == 4 for _, rest in rows)


def test_each_dependency_is_locked() -> None:
    assert {name(entry) for entry in RUNTIME} <= locked("requirements.lock").keys()
    assert {name(entry) for group in GROUPS.values() for entry in group} <= locked("requirements-dev.lock").keys()


def test_extras_are_tested_and_are_no_need() -> None:
    """All but PyTorch, of which there are many builds, are in the lock of the tests; none is in that of a server."""
    extras = {name(entry) for extra in EXTRAS.values() for entry in extra}
    assert {name(entry) for entry in GROUPS["engines"]} == extras - {"torch"}
    assert not extras & locked("requirements.lock").keys()


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_brings_a_build_of_pytorch(lock: str) -> None:
    assert not [entry for entry in locked(lock) if re.match(r"(torch|triton|nvidia-|cuda-)", entry)]


def entries(lock: str) -> set[str]:
    """Every package of a lock file with its version and the hashes of its files, as one line."""
    lines = (ROOT / lock).read_text("utf-8").replace("\\\n", "").splitlines()
    return {" ".join(line.split()) for line in lines if not line.startswith("#")}


def test_what_runs_is_what_is_tested_to_the_byte() -> None:
    assert locked("requirements.lock").items() <= locked("requirements-dev.lock").items()
    assert entries("requirements.lock") <= entries("requirements-dev.lock")


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    entries = [entry for entry in text.replace("\\\n", "").splitlines() if not entry.startswith("#")]
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"https?:|file:|^--|trusted|index-url|find-links", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_opencv_comes_without_a_screen(lock: str) -> None:
    assert "opencv-python" not in locked(lock)


def test_the_build_group_is_what_the_build_asks_for() -> None:
    assert GROUPS["build"] == PROJECT["build-system"]["requires"]
