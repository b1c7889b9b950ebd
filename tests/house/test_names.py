"""Names: a module is called after what it holds, and no committed file says where packages were fetched from."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath

import pytest

from tests.house.source import ROOT, tracked

SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "core", "misc", "manager", "managers", "services"}
SAY_NOTHING |= {"repositories", "models_base", "stuff", "tools", "shared"}
# an address in a lock file, or an option that sets one, would tie a checkout to somebody's network
LOCKS = (
    "requirements.lock",
    "requirements-dev.lock",
    "artpack/package-lock.json",
    "tests/javascript/package-lock.json",
)
SOURCE = re.compile(r"--(extra-)?index-url|--find-links|--registry|index[-_]url\s*=|--trusted-host", re.IGNORECASE)
CONFIGURATION = {".npmrc", ".yarnrc", ".yarnrc.yml", "pip.conf", "pip.ini", "uv.toml"}
ITSELF = "tests/house/test_names.py"


def test_no_module_has_a_name_that_says_nothing() -> None:
    parts = {entry: {PurePosixPath(part).stem for part in PurePosixPath(entry).parts} for entry in tracked()}
    empty = [entry for entry, names in parts.items() if entry.endswith(".py") and names & SAY_NOTHING]
    assert empty == []


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_files_name_no_address(lock: str) -> None:
    assert lock in tracked()
    assert re.findall(r"\w+://[^\s\"']+", (ROOT / lock).read_text("utf-8")) == []


@pytest.mark.parametrize("lock", [lock for lock in LOCKS if lock.endswith(".json")])
def test_a_lock_of_npm_pins_contents(lock: str) -> None:
    packages = json.loads((ROOT / lock).read_text("utf-8"))["packages"]
    pinned = {name: entry for name, entry in packages.items() if name}
    assert pinned
    assert all(entry["integrity"].startswith("sha512-") and "resolved" not in entry for entry in pinned.values())


def test_no_file_names_a_package_registry() -> None:
    naming = {}
    for entry in tracked():
        content = (ROOT / entry).read_bytes()
        if entry != ITSELF and b"\0" not in content and (found := SOURCE.search(content.decode("utf-8"))):
            naming[entry] = found[0]
    assert naming == {}
    assert [entry for entry in tracked() if PurePosixPath(entry).name in CONFIGURATION] == []
