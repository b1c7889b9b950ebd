"""How long `limner serve` takes to its first answer, and what it weighs when nobody asks it anything.

    python -m benchmarks.start [--rounds 5]

Start: from the making of the process to the first 200 of `/healthz`, on a fresh data folder (with the making of the
database, the secret and the first credential) and on the same folder again. Memory: once `/readyz` says that the
illustrator is warm, and then the server is left alone; the serving process and its drawing processes apart.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from statistics import median
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.processes import free_port, limner, running, wait_until_healthy

WARM = 60.0
MIB = 1024.0


def started(folder: Path) -> float:
    """Start limner on a data folder, wait for its first answer, stop it; the seconds to the answer."""
    port = free_port()
    begun = time.perf_counter()
    with running(limner(port, folder), log=folder.with_suffix(".log"), core=None) as process:
        return wait_until_healthy(port, process) - begun


def memory(folder: Path) -> list[tuple[str, float, float]]:
    """Give (process, RSS, PSS) in MiB of an idle server, the serving process first."""
    port = free_port()
    with running(limner(port, folder), log=folder.with_suffix(".log"), core=None) as process:
        wait_until_healthy(port, process)
        ready = _wait_until_ready(port)
        workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        pids = {"serving process": process.pid} | {f"drawing process {n}": int(pid) for n, pid in enumerate(workers, 1)}
        return [(name if ready else f"{name} (engine not ready)", *_weight(pid)) for name, pid in pids.items()]


def _wait_until_ready(port: int) -> bool:
    until = time.perf_counter() + WARM
    while time.perf_counter() < until:
        with suppress(URLError, ConnectionError, TimeoutError), urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
            time.sleep(1.0)  # idle means idle: what the start left to do is done by then
            return True
        time.sleep(0.1)
    return False


def _weight(pid: int) -> tuple[float, float]:
    """Resident and proportional set size of a process, MiB; shared pages count in full in the first only."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kib = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith(("Rss:", "Pss:"))}
    return kib["Rss"] / MIB, kib["Pss"] / MIB


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="limner-start-") as temporary:
        folders = [Path(temporary) / f"data{number}" for number in range(rounds)]
        started(Path(temporary) / "warm-up")
        pairs = [(started(folder), started(folder)) for folder in folders]
        weights = memory(folders[0])
    print("| start to the first 200 | median | least | most |\n| --- | --- | --- | --- |")
    for name, times in zip(("fresh data folder", "existing data folder"), zip(*pairs, strict=True), strict=True):
        print(f"| {name} | {median(times):.2f} s | {min(times):.2f} s | {max(times):.2f} s |")
    print("\n| idle | RSS | PSS |\n| --- | --- | --- |")
    for name, rss, pss in weights:
        print(f"| {name} | {rss:.0f} MiB | {pss:.0f} MiB |")
    print(f"\n{rounds} rounds; load average before {load_before:.2f}; Python {sys.version.split()[0]}.")


if __name__ == "__main__":
    main()
