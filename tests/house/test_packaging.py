"""The wheel holds all that limner needs; the container is slim, is not root and keeps nothing of the build."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STAGES = re.split(r"^(?=FROM )", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)[1:]
FINAL = STAGES[-1]


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.+)$", FINAL, re.MULTILINE)


def test_every_stage_starts_from_a_slim_base() -> None:
    assert [re.split(r"\s", stage)[1] for stage in STAGES] == ["python:3.11-slim", "python:3.11-slim"]


def test_the_server_is_not_root() -> None:
    assert instructions("USER") == ["limner"]
    assert FINAL.index("USER limner") < FINAL.index("ENTRYPOINT")


def test_the_container_serves_to_the_outside_and_keeps_its_data() -> None:
    assert {"LIMNER_HOST=0.0.0.0", "LIMNER_PORT=8080", "LIMNER_DATA=/data"} <= set(FINAL.split())
    assert instructions("VOLUME") == ["/data"]
    assert instructions("EXPOSE") == ["8080"]
    assert "/healthz" in FINAL


def test_everything_copied_exists_and_is_let_through() -> None:
    copied = [words.split()[:-1] for words in re.findall(r"^COPY (?!--)(.+)$", "".join(STAGES), re.MULTILINE)]
    wanted = {path for words in copied for path in words}
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert wanted == allowed
    assert all((ROOT / path).exists() for path in wanted)


def test_packages_are_installed_by_hash() -> None:
    assert re.search(r"--require-hashes .*-r requirements.lock", STAGES[0])


def test_the_wheel_holds_art_catalogue_templates_and_migrations(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    files = [path for path in (ROOT / "limner").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert {path.relative_to(ROOT).as_posix() for path in files} <= names
    assert "limner/engines/illustrator/artpack.zip" in names
    assert {"NOTICE", "LICENSE"} <= {Path(name).name for name in names}
    assert not [name for name in names if not name.startswith(("limner/", "limner-"))]
