"""Starting servers for a measurement: each a process of its own, pinned to a core, ended at the end."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PATIENCE = 30.0
ONE_THREAD = "OPENBLAS_NUM_THREADS"
SERVER_CORE, CLIENT_CORE = 0, 1


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pin(core: int | None) -> None:
    """Keep this process and what it starts to one core, or to all for None; on a one-core machine, no change."""
    cores = os.cpu_count() or 1
    if cores > CLIENT_CORE:
        os.sched_setaffinity(0, set(range(cores)) if core is None else {core})


def single_threaded() -> None:
    """Start this benchmark anew with one thread for numpy's algebra, as a worker has it; it reads that as it loads."""
    if os.environ.get(ONE_THREAD) != "1":
        os.execve(sys.executable, sys.orig_argv, os.environ | {ONE_THREAD: "1"})  # noqa: S606  itself, no shell


@contextmanager
def running(
    command: Sequence[str], *, log: Path, environ: Mapping[str, str] | None = None, core: int | None = SERVER_CORE
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server for the length of a block, its output in the file `log`."""
    pin(core)  # before the start: threads inherit it, later it would have to be set for each
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=os.environ | dict(environ or {}))
    pin(None)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_healthy(port: int, process: subprocess.Popen[bytes]) -> float:
    """Wait for the first 200 of `/healthz`; the time of it on `time.perf_counter`'s clock."""
    until = time.perf_counter() + PATIENCE
    while time.perf_counter() < until and process.poll() is None:
        with suppress(URLError, ConnectionError, TimeoutError), urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
            return time.perf_counter()
        time.sleep(0.002)
    sys.exit(f"a server did not come up (its status: {process.poll()}); see its log")


def cpu_seconds(pid: int) -> float:
    """Say how much CPU time a process has used so far, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def most_memory(pid: int) -> float:
    """Say how much memory a process has had resident at most, MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def many_files() -> None:
    """Let this process, and what it starts, have as many files and connections open as the system allows."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def uvicorn(app: str, port: int) -> list[str]:
    """Give the command that serves a reference, with the very server limner uses."""
    options = "--loop uvloop --http httptools --no-access-log --log-level warning --lifespan off"
    return [sys.executable, "-m", "uvicorn", app, "--host", "127.0.0.1", "--port", str(port), *options.split()]


def limner(port: int, data: Path, *more: str) -> list[str]:
    """Give the command that serves limner."""
    return [sys.executable, "-m", "limner", "serve", "--port", str(port), "--data", str(data), *more]


def worker(data: Path, *more: str) -> list[str]:
    """Give the command of a limner that only works."""
    return [sys.executable, "-m", "limner", "worker", "--data", str(data), *more]
