"""What a durable task costs: accepted tasks and delivered callbacks a second, the time to the start, many held open.

    python -m benchmarks.tasks [accept] [deliver] [start] [held] [--quick]

accept: asynchronous tasks accepted over HTTP, each durable before its answer, each also painted and finished by the
same process; beside it, in turn, the same insert by a bare loop (`benchmarks/bareloop.py`). deliver: callbacks from the
first to the last, beside the tasks they tell of, and the same once more by themselves (redelivered), which is what the
bare loop is compared with. start: from the sending of a call to the `started_at` of its task on an idle server, alone
and as a fleet (one that serves, one that works); a task that begins at once has its time before its row is durable, so
look at `finished` too. held: synchronous calls held open at once, each a picture that takes so long.

Servers, workers and the bare loop share one core, the client and its receivers have the other, PostgreSQL is free to
choose. Afterwards the books are audited. The exit status tells of errors, not of missed aims. As for `overhead`, leave
a minute between two runs, and more after a run of the tests: where many files were just deleted, a new one costs ext4
0.8 ms instead of 0.04.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import msgspec
import uvloop

from benchmarks import receiver
from benchmarks.held import hold
from benchmarks.load import Result, post, run
from benchmarks.processes import CLIENT_CORE, cpu_seconds, free_port, many_files, most_memory, running
from benchmarks.site import DIALECTS, MODEL, PATIENCE, Dialect, Server, Site, Sites

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PATH = "/v1/images/generations"
PROMPT = "a purple elephant to the left of a yellow car in a snowy city at night"
CONNECTIONS = 32
LEAST_RATIO = 1 / 3
START_ALONE, START_FLEET = 50.0, 150.0
MOST_MEMORY = 1024.0


@dataclass(frozen=True)
class Size:
    """How much is measured; `receivers` because no more than 32 callbacks are under way to one of them at once."""

    rounds: int = 5
    seconds: float = 3.0
    callbacks: int = 1000
    receivers: tuple[int, ...] = (1, 8)
    submits: int = 300
    held: int = 5000
    delay: float = 10.0
    accept_on: tuple[Dialect, ...] = DIALECTS
    deliver_on: tuple[Dialect, ...] = DIALECTS
    hold_on: tuple[Dialect, ...] = DIALECTS


QUICK = Size(
    rounds=1,
    seconds=0.2,
    callbacks=40,
    receivers=(1,),
    submits=5,
    held=40,
    delay=0.5,
    accept_on=("SQLite",),
    deliver_on=("PostgreSQL",),
    hold_on=("SQLite",),
)


def body(**more: Any) -> bytes:
    """Write the body of a call."""
    given = {"model": MODEL, "prompt": PROMPT, "n": 1, "size": "256x256", "response_format": "url"}
    return msgspec.json.encode(given | more)


def say(aim: str, value: str, *, met: bool) -> None:
    """Tell whether an aim is met."""
    print(f"- {aim}: {value}, {'met' if met else 'MISSED'}")


def percentile(values: Sequence[float], which: int) -> float:
    """Give a percentile of at least two values."""
    return quantiles(values, n=100)[which - 1]


# ---- accepted tasks


@dataclass
class Round:
    """What one round of `accept` or `deliver` saw: rates a second, and seconds of the server's CPU for each task."""

    bare: float
    rate: float
    finished: float
    cpu: float
    p50: float = 0.0
    p99: float = 0.0


def accept(sites: Sites, size: Size) -> list[str]:
    """Measure accepted asynchronous tasks; what went wrong."""
    wrong, found = [], {}
    for dialect in size.accept_on:
        site = sites.new(dialect)
        with site.serving() as server:
            request = post(server.port, PATH, body(**{"async": True}), site.key)
            _accepted(site, server, request, min(1.0, size.seconds))
            found[dialect] = [_accept(site, server, request, size.seconds) for _ in range(size.rounds)]
        wrong += [f"{dialect}: {what}" for what in site.audit()]
    print(f"\n| accepted tasks, {CONNECTIONS} connections | {_HEAD}p50 | p99 |\n| --- {'| --- ' * 7}|")
    for dialect, rounds in found.items():
        latency = f" {_median(rounds, 'p50'):.1f} ms | {_median(rounds, 'p99'):.1f} ms |"
        print(f"| {dialect} {_rates(rounds)}{latency}")
    _say_ratios("accepted, to the bare loop", found)
    return wrong


_HEAD = "bare loop, rows/s | tasks/s | ratio | finished/s | CPU a task | "


def _accept(site: Site, server: Server, request: bytes, seconds: float) -> Round:
    bare = site.bare_loop(seconds)
    cpu, begun = cpu_seconds(server.pid), time.perf_counter()
    result = _accepted(site, server, request, seconds)
    spent, count = time.perf_counter() - begun, len(result.latencies)
    cpu = (cpu_seconds(server.pid) - cpu) / count
    return Round(bare, result.rate, count / spent, cpu, result.percentile(50), result.percentile(99))


def _accepted(site: Site, server: Server, request: bytes, seconds: float) -> Result:
    """Ask for so long, then wait until all that was accepted is finished."""
    result = uvloop.run(run(server.port, request, connections=CONNECTIONS, seconds=seconds))
    return _counted(site, result)


def _counted(site: Site, result: Result) -> Result:
    site.answered += len(result.latencies)
    if result.errors:
        site.wrong.append(f"{result.errors} errors")
    site.wait_until_finished()
    return result


def _median(rounds: list[Round], what: str) -> float:
    return median(float(getattr(one, what)) for one in rounds)


def _ratio(rounds: list[Round]) -> float:
    """Compare within the rounds; the median of the ratios."""
    return median(one.rate / one.bare for one in rounds)


def _rates(rounds: list[Round]) -> str:
    return (
        f"| {_median(rounds, 'bare'):,.0f} | {_median(rounds, 'rate'):,.0f} | {_ratio(rounds):.2f} "
        f"| {_median(rounds, 'finished'):,.0f} | {_median(rounds, 'cpu') * 1000:.2f} ms |"
    )


def _say_ratios(what: str, found: dict[Any, list[Round]]) -> None:
    print()
    for name, rounds in found.items():
        ratio = _ratio(rounds)
        say(f"{what}, {name}, aim {LEAST_RATIO:.2f}", f"{ratio:.2f}", met=ratio >= LEAST_RATIO)


# ---- delivered callbacks


def deliver(sites: Sites, size: Size) -> list[str]:
    """Measure delivered callbacks; what went wrong."""
    wrong, found = [], {}
    for dialect in size.deliver_on:
        for origins in size.receivers:
            name = f"{dialect}, {origins} receiver{'s' if origins > 1 else ''}"
            found[name], more = _delivering(sites.new(dialect), origins, size)
            wrong += [f"{name}: {what}" for what in more]
    head = "bare loop, rows/s | delivered/s | ratio | with their tasks/s | CPU a callback |"
    print(f"\n| {size.callbacks:,} callbacks | {head}\n| --- {'| --- ' * 5}|")
    for name, rounds in found.items():
        print(f"| {name} {_rates(rounds)}")
    _say_ratios("delivered, to the bare loop", found)
    return wrong


def _delivering(site: Site, origins: int, size: Size) -> tuple[list[Round], list[str]]:
    ports = [free_port() for _ in range(origins)]
    command = [sys.executable, "-m", "benchmarks.receiver", *map(str, ports)]
    with ExitStack() as closing:
        closing.enter_context(running(command, log=site.folder / "receiver.log", core=CLIENT_CORE))
        server = closing.enter_context(site.serving())
        received: list[str] = []
        _deliver(site, server, ports, min(100, size.callbacks), received)
        rounds = []
        for _ in range(size.rounds):
            bare = site.bare_loop(size.seconds)
            rounds.append(replace(_deliver(site, server, ports, size.callbacks, received), bare=bare))
    return rounds, site.audit() + site.audit_deliveries(received)


def _deliver(site: Site, server: Server, ports: list[int], many: int, received: list[str]) -> Round:
    """Let callbacks be made beside their tasks, then the same ones once more by themselves."""
    many -= many % len(ports)
    begun = time.time()
    uvloop.run(_ask_for_callbacks(site, server, ports, many))
    beside = _told(site, ports, many)
    received += (first := receiver.ids(ports[0]))
    cpu = cpu_seconds(server.pid)
    _redeliver(site, server, begun)
    alone = _told(site, ports, many)
    cpu = (cpu_seconds(server.pid) - cpu) / many
    received += (again := receiver.ids(ports[0]))
    if sorted(first) != sorted(again):
        site.wrong.append("not the same callbacks came again")
    return Round(0.0, alone, beside, cpu)


def _told(site: Site, ports: list[int], many: int) -> float:
    """Wait until so many callbacks have come and all is written down; how many came a second."""
    seen = _wait_for(ports[0], many)
    site.wait_until_finished()
    site.wait_until_delivered()
    return (seen.count - 1) / seen.seconds


def _redeliver(site: Site, server: Server, begun: float) -> None:
    request = Request(
        f"http://127.0.0.1:{server.port}/v1/deliveries/redeliver",
        msgspec.json.encode({"status": "delivered", "created_at_min": begun}),
        {"authorization": f"Bearer {site.key}", "content-type": "application/json"},
    )
    urlopen(request, timeout=PATIENCE).close()  # noqa: S310 - it is our own server


async def _ask_for_callbacks(site: Site, server: Server, ports: list[int], many: int) -> None:
    """Ask for so many tasks, in equal parts for all receivers."""
    urls = [f"http://127.0.0.1:{port}/callback" for port in ports]
    requests = [post(server.port, PATH, body(callback_url=url), site.key) for url in urls]
    each = max(1, CONNECTIONS // len(ports))
    asked = [run(server.port, request, connections=each, most=many // len(ports)) for request in requests]
    for result in await asyncio.gather(*asked):
        site.answered += len(result.latencies)
        if result.errors:
            site.wrong.append(f"{result.errors} errors")


def _wait_for(port: int, many: int) -> receiver.Seen:
    until = time.monotonic() + PATIENCE
    while (seen := receiver.seen(port)).count < many and time.monotonic() < until:
        time.sleep(0.1)
    return seen


# ---- the time to the start


def start(sites: Sites, size: Size) -> list[str]:
    """Measure the time from a call's sending to the beginning of its task on an idle server; what went wrong."""
    lines, aims, wrong = [], [], []
    alone, fleet = sites.new("SQLite"), sites.new("PostgreSQL")
    for name, site, aim in (("embedded", alone, START_ALONE), ("fleet", fleet, START_FLEET)):
        with ExitStack() as closing:
            server = closing.enter_context(site.serving(*(() if site is alone else ("--models", "none"))))
            if site is fleet:
                closing.enter_context(site.working())
            times = [_submit(site, server.port) for _ in range(size.submits + 5)][5:]
        columns = [sorted(column) for column in zip(*times, strict=True)]
        cells = " | ".join(f"{percentile(one, 50):.1f} | {percentile(one, 99):.1f}" for one in columns)
        lines.append(f"| {name} | {cells} |")
        aims.append((name, aim, percentile(columns[1], 99)))
        wrong += [f"{name}: {what}" for what in site.audit()]
    print("\n| ms after sending | answered, p50 | p99 | begun, p50 | p99 | finished, p50 | p99 |")
    print(f"| --- {'| --- ' * 6}|")
    print("\n".join(lines) + "\n")
    for name, aim, worst in aims:
        say(f"begun, {name}, p99, aim under {aim:g} ms", f"{worst:.1f} ms", met=worst < aim)
    return wrong


def _submit(site: Site, port: int) -> tuple[float, float, float]:
    """Submit one task, leave the server alone, then ask when it was answered, begun and finished: ms after sending."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.connect()
    headers = {"Authorization": f"Bearer {site.key}", "Content-Type": "application/json"}
    sent = time.time()
    connection.request("POST", PATH, body(**{"async": True}), headers)
    task_id = msgspec.json.decode(connection.getresponse().read())["task_id"]
    answered = time.time()
    site.answered += 1
    for _ in range(200):
        time.sleep(0.05)
        connection.request("GET", f"/v1/tasks/{task_id}", headers=headers)
        task = msgspec.json.decode(connection.getresponse().read())
        if task["finished_at"] is not None:
            break
    connection.close()
    begun, finished = (1000 * (task[what] - sent) for what in ("started_at", "finished_at"))
    return 1000 * (answered - sent), begun, finished


# ---- many held open


def held(sites: Sites, size: Size) -> list[str]:
    """Hold many synchronous calls open at once; what went wrong."""
    many_files()
    lines, aims, wrong = [], [], []
    for dialect in size.hold_on:
        site = sites.new(dialect)
        with site.serving() as server:
            request = post(server.port, PATH, body(prompt=f"delay:{size.delay:g}"), site.key)
            request = request.replace(b"Connection: keep-alive", b"Connection: close")
            before = most_memory(server.pid)
            got = uvloop.run(hold(server.port, request, size.held))
            site.answered, memory = got.pictures, most_memory(server.pid)
        lines.append(
            f"| {dialect} | {got.most:,} | {got.pictures:,} | {len(got.wrong)} | {got.opening:.1f} s "
            f"| {max(got.latencies):.1f} s | {before:.0f} MiB | {memory:.0f} MiB |"
        )
        aims.append((dialect, got, memory))
        wrong += [f"{dialect}: {what}" for what in site.audit()]
        wrong += [f"{dialect}: {len(got.wrong)} wrong answers, one is {got.wrong[0]!r}"] if got.wrong else []
    print(
        f"\n| {size.held:,} calls of {size.delay:g} s | open at once | pictures | errors | opened in | longest ", end=""
    )
    print(f"| memory before | at most |\n| --- {'| --- ' * 7}|\n" + "\n".join(lines) + "\n")
    for dialect, got, memory in aims:
        fine = got.most == got.pictures == size.held and memory < MOST_MEMORY
        aim = f"held open at once, {dialect}, aim {size.held:,}, all with a picture, under {MOST_MEMORY:,.0f} MiB"
        say(aim, f"{got.most:,}, {got.pictures:,}, {memory:.0f} MiB", met=fine)
    return wrong


PARTS: dict[str, Callable[[Sites, Size], list[str]]] = {
    "accept": accept,
    "deliver": deliver,
    "start": start,
    "held": held,
}


def main() -> None:
    """Measure and print; the exit status tells whether every answer was right and the books add up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], metavar="PART", help="what to measure; all of it unless named"
    )
    parser.add_argument("--quick", action="store_true", help="small numbers, to see that it works")
    parser.add_argument("--rounds", type=int, default=Size.rounds)
    parser.add_argument("--seconds", type=float, default=Size.seconds)
    parser.add_argument("--folder", type=Path, help="where to put data, for a disk of your choice")
    options = parser.parse_args()
    size = QUICK if options.quick else Size(rounds=options.rounds, seconds=options.seconds)
    load_before, wrong = os.getloadavg()[0], []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # so that what was started is ended too
    with (
        tempfile.TemporaryDirectory(
            dir=options.folder, prefix="limner-tasks-", ignore_cleanup_errors=True
        ) as temporary,
        Sites(Path(temporary)) as sites,
    ):
        for part in options.parts or PARTS:
            wrong += [f"{part}, {what}" for what in PARTS[part](sites, size)]
    print(f"\n{size}; load average before the run {load_before:.2f}.")
    print(f"books: {'; '.join(wrong) or 'add up'}.")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
