from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.pipelines import needed

PROJECT = Path(__file__).parent.parent


def measured(*arguments: str, timeout: float = 120) -> str:
    """Run a benchmark to its end and give what it tells; it must end well."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=PROJECT,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_overhead_is_measured_to_the_end_without_errors_and_the_books_add_up() -> None:
    told = measured("benchmarks.overhead", "--rounds", "1", "--seconds", "0.3")
    assert "errors: {'limner': 0, 'bare': 0, 'durable': 0}; books: add up." in told


def test_tasks_are_measured_on_either_database_without_errors_and_the_books_add_up() -> None:
    told = measured("benchmarks.tasks", "--quick")
    assert "books: add up." in told
    parts = [part for part in ("accepted", "delivered", "begun", "held open") if f"\n- {part}" in told]
    assert parts == ["accepted", "delivered", "begun", "held open"]


def test_calls_to_an_upstream_are_held_open_and_answered_without_errors() -> None:
    assert measured("benchmarks.gateway", "held", "--quick").count("20 right") == 2


@needed
def test_diffusion_is_measured_beside_the_plain_library() -> None:
    one = ("--tiny", "--rounds", "1", "--size", "64", "--only", "plain float32")
    told = measured("benchmarks.diffusion", *one, timeout=600)
    assert "A tiny model has no verdict." in told
    rows = [line.split(" | ")[0].removeprefix("| ") for line in told.splitlines() if line.startswith("| ")]
    assert rows[2:] == ["plain float32"]
