"""What a call costs beside the picture: limner with everything on, and two references that do less.

    python -m benchmarks.overhead [--rounds 5] [--seconds 3]

limner: credential, limits, hold, task row, file, settle, metrics and log line, on the sandbox engine with a real price.
All servers stay up and are measured in turn, round after round; the medians of the rounds are told. Servers share one
core and the client has the other. Afterwards the books are checked: every answer must have its task, its two ledger
entries and its file. Leave a minute between two runs: ext4 searches long for inodes while many were freed just now.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import msgspec
import uvloop
from sqlalchemy import Select, func, select

from benchmarks.load import Result, post, run
from benchmarks.processes import CLIENT_CORE, cpu_seconds, free_port, limner, pin, running, uvicorn, wait_until_healthy
from benchmarks.references import PATH
from limner import quotas
from limner.acquire import acquire
from limner.catalog import Catalogue
from limner.db import Transaction, transaction
from limner.db.migrate import upgrade
from limner.db.schema import accounts, assets, ledger, tasks

MANY = 32
CREDITS = 10**15
PRICE = 40_000
NAMES = {"limner": "limner, everything on", "bare": "bare Starlette", "durable": "Starlette, two durable commits"}
BODY = msgspec.json.encode(
    {
        "model": "limner-sandbox",
        "prompt": "a purple elephant to the left of a yellow car in a snowy city at night",
        "n": 1,
        "size": "256x256",
        "response_format": "url",
    }
)


@dataclass
class Subject:
    """A server under measurement and what was measured of it."""

    name: str
    pid: int
    port: int
    request: bytes
    many: list[Result] = field(default_factory=list)
    one: list[Result] = field(default_factory=list)
    answered: int = 0
    errors: int = 0

    async def measure(self, connections: int, seconds: float) -> Result:
        """Run one round and count it into the books."""
        before = cpu_seconds(self.pid)
        result = await run(self.port, self.request, connections=connections, seconds=seconds)
        result.cpu = cpu_seconds(self.pid) - before
        self.answered += len(result.latencies)
        self.errors += result.errors
        return result

    @property
    def rate(self) -> float:
        """Requests a second at many connections, the rounds' median."""
        return median(result.rate for result in self.many)

    @property
    def cpu(self) -> float:
        """CPU seconds a request at many connections, all threads, the rounds' median: what noise disturbs least."""
        return median(result.cpu / len(result.latencies) for result in self.many)

    def latency(self, results: list[Result], percentile: int) -> float:
        """Milliseconds, the rounds' median."""
        return median(result.percentile(percentile) for result in results)


def prepare(folder: Path) -> str:
    """Make the data folder's database, an account with money, and the operator's catalogue; give the key."""
    others = [name for name in Catalogue.load().models if name != "limner-sandbox"]
    switched_off = "".join(f'[models."{name}"]\nenabled = false\n' for name in others)
    prices = "".join(f"{quality} = [[16_777_216, {PRICE}]]\n" for quality in ("low", "standard", "hd"))
    (folder / "models.toml").write_text(
        f'default = "limner-sandbox"\n{switched_off}[models.limner-sandbox.prices]\n{prices}', encoding="utf-8"
    )
    upgrade(url(folder))
    with transaction(url(folder)) as tx:
        return acquire(tx, "benchmark", free_credits=CREDITS).key


def url(folder: Path) -> str:
    """Give the URL of limner's database in the folder."""
    return f"sqlite:///{folder / 'limner.db'}"


def settings(folder: Path) -> dict[str, str]:
    """Limits that are never reached, but high instead of off, so that they are computed."""
    return {
        "LIMNER_MODELS": str(folder / "models.toml"),
        "LIMNER_REQUESTS_PER_MINUTE": "60000000",
        "LIMNER_IMAGES_PER_MINUTE": "60000000",
        "LIMNER_CONCURRENT_IMAGES": "100000",
    }


def start(folder: Path, closing: ExitStack) -> dict[str, Subject]:
    """Start all servers and wait until they answer."""
    key = prepare(folder)
    ports = {name: free_port() for name in NAMES}
    commands = {
        "limner": limner(ports["limner"], folder),
        "bare": uvicorn("benchmarks.references:bare", ports["bare"]),
        "durable": uvicorn("benchmarks.references:durable", ports["durable"]),
    }
    environ = settings(folder) | {"REFERENCE_DATABASE": str(folder / "reference.db")}
    subjects = {}
    for name, command in commands.items():
        process = closing.enter_context(running(command, log=folder / f"{name}.log", environ=environ))
        wait_until_healthy(ports[name], process)
        subjects[name] = Subject(name, process.pid, ports[name], post(ports[name], PATH, BODY, key))
    return subjects


async def measure(subjects: dict[str, Subject], rounds: int, seconds: float) -> None:
    """Warm up, then measure all in turn, so that what else this machine does meets them all alike."""
    for subject in subjects.values():
        await subject.measure(MANY, min(1.0, seconds))
    for _ in range(rounds):
        for subject in subjects.values():
            subject.many.append(await subject.measure(MANY, seconds))
        for subject in subjects.values():
            subject.one.append(await subject.measure(1, seconds / 2))


def check(folder: Path, subject: Subject) -> list[str]:
    """Audit limner's books after the run; what does not add up, in words."""
    with transaction(url(folder)) as tx:
        wrong = [f"{row['name']}: balance {row['balance']}, ledger {row['booked']}" for row in quotas.audit(tx)]
        counts = {
            "completed tasks": _count(tx, select(func.count().label("it")).where(tasks.c.status == "completed")),
            "tasks": _count(tx, select(func.count().label("it")).select_from(tasks)),
            "holds": _count(tx, select(func.count().label("it")).where(ledger.c.kind == "hold")),
            "settlements": _count(tx, select(func.count().label("it")).where(ledger.c.kind == "settle")),
            "pictures": _count(tx, select(func.count().label("it")).select_from(assets)),
            "files": sum(len(files) for _, _, files in os.walk(folder / "files")),
            "credits spent, in prices": (CREDITS - _count(tx, select(accounts.c.balance.label("it")))) // PRICE,
        }
        running_still = _count(tx, select(accounts.c.running.label("it")))
    answered = subject.answered
    wrong += [f"{count} {what} for {answered} answers" for what, count in counts.items() if count != answered]
    return wrong + ([f"{running_still} pictures are still in the making"] if running_still else [])


def _count(tx: Transaction, statement: Select[int]) -> int:
    row = tx.one(statement)
    return int(row["it"]) if row else 0


def table(subjects: dict[str, Subject]) -> str:
    """Tell the results as a table in Markdown."""
    floor = subjects["durable"]
    lines = [
        f"| | requests/s, {MANY} connections | ratio | p50, {MANY} | p99, {MANY} | p50, 1 connection | CPU a request |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, subject in subjects.items():
        lines.append(
            f"| {NAMES[name]} | {subject.rate:,.0f} | {ratio(subject, floor):.2f} "
            f"| {subject.latency(subject.many, 50):.1f} ms | {subject.latency(subject.many, 99):.1f} ms "
            f"| {subject.latency(subject.one, 50):.2f} ms "
            f"| {subject.cpu * 1000:.3f} ms |"
        )
    ours = subjects["limner"]
    lines.append("")
    for name in ("bare", "durable"):
        added = median(a.percentile(50) - b.percentile(50) for a, b in zip(ours.one, subjects[name].one, strict=True))
        lines.append(f"Added p50 at one connection over {NAMES[name]}: {added:.2f} ms.  ")
    return "\n".join(lines)


def ratio(subject: Subject, floor: Subject) -> float:
    """Compare rates pair by pair within the rounds; the median of the ratios."""
    return median(ours.rate / theirs.rate for ours, theirs in zip(subject.many, floor.many, strict=True))


def main() -> None:
    """Measure, print, check; the exit status tells whether every answer was right and the books add up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--folder", type=Path, help="where to put data, for a disk of your choice")
    options = parser.parse_args()
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="limner-overhead-") as temporary:
        folder = Path(temporary)
        with ExitStack() as closing:
            subjects = start(folder, closing)
            pin(CLIENT_CORE)
            uvloop.run(measure(subjects, options.rounds, options.seconds))
            pin(None)
        wrong = check(folder, subjects["limner"])
    print(table(subjects))
    print(f"\n{options.rounds} rounds of {options.seconds:g} s; load average before the run {load_before:.2f}.")
    errors = {name: subject.errors for name, subject in subjects.items()}
    print(f"{sum(s.answered for s in subjects.values()):,} answers, errors: {errors}; books: {wrong or 'add up'}.")
    sys.exit(bool(wrong) or any(errors.values()))


if __name__ == "__main__":
    main()
