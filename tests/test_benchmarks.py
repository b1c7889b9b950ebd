from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.pipelines import needed

PROJECT = Path(__file__).parent.parent
UNTRACED = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
"""What is measured is not traced for coverage: it would take half as long again, and other tests go everywhere too."""


def test_the_overhead_is_measured_to_the_end_without_errors_and_the_books_add_up() -> None:
    script = PROJECT / "benchmarks" / "overhead.py"
    done = subprocess.run(
        [sys.executable, script, "--rounds", "1", "--seconds", "0.3"],
        check=False,
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env=UNTRACED,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "errors: {'limner': 0, 'bare': 0, 'durable': 0}; books: add up." in done.stdout


def test_tasks_are_measured_on_either_database_without_errors_and_the_books_add_up() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.tasks", "--quick"],
        check=False,
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env=UNTRACED,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "books: add up." in done.stdout
    told = [part for part in ("accepted", "delivered", "begun", "held open") if f"\n- {part}" in done.stdout]
    assert told == ["accepted", "delivered", "begun", "held open"]


def test_calls_to_an_upstream_are_held_open_and_answered_without_errors() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.gateway", "held", "--quick"],
        check=False,
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env=UNTRACED,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("20 right") == 2


@needed
def test_diffusion_is_measured_beside_the_plain_library() -> None:
    contestants = ["plain float32"]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "benchmarks.diffusion",
            "--tiny",
            "--rounds",
            "1",
            "--size",
            "64",
            "--only",
            *contestants,
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=PROJECT,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "A tiny model has no verdict." in done.stdout
    told = [line.split(" | ")[0].removeprefix("| ") for line in done.stdout.splitlines() if line.startswith("| ")]
    assert told[2:] == contestants
