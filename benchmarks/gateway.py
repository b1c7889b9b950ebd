"""What limner costs in front of an upstream: beside a bare pass-through proxy, and with many calls held open.

    python -m benchmarks.gateway [compare] [held] [--quick]

compare: an instant mock upstream (`benchmarks/mock.py`), and in front of it in turn limner (credential, limits, hold,
the call, the picture measured, stored and recorded, settle) and a proxy that only passes bytes on. Two answers: a small
picture asked for as a link, and one of 2 MB asked for in base64, which is 2.8 MB of JSON. held: 1,000 calls at once to
an upstream that takes 10 s and then answers 2 MB to all of them, the pictures asked for as links and in base64; no
error, and how much memory limner takes.

limner and the proxy share one core, the mock and the client have the other. The exit status tells of errors, not of
missed aims.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, cast

import msgspec
import uvloop

from benchmarks.load import Result, post, run
from benchmarks.processes import (
    CLIENT_CORE,
    free_port,
    limner,
    many_files,
    most_memory,
    pin,
    running,
    uvicorn,
    wait_until_healthy,
)
from benchmarks.references import PATH
from limner import quotas
from limner.acquire import acquire
from limner.db import transaction
from limner.db.migrate import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator

MANY = 32
LEAST_RATIO = 1 / 3
MOST_MEMORY = 1024.0
CATALOGUE = """
default = "gateway"
[upstreams.mock]
url = "http://127.0.0.1:{port}/v1"
[models.gateway]
engine = "openai_images"
slots = 2000
[[models.gateway.options.upstreams]]
upstream = "mock"
model = "gpt-image-1"
[models.gateway.capabilities]
default_response_format = "url"
[models.gateway.prices]
low = [[16_777_216, 10_000]]
standard = [[16_777_216, 40_000]]
hd = [[16_777_216, 160_000]]
[models.gateway.tokens]
input_text = 5_000_000
output_image = 40_000_000
"""
LIMITS = {
    "LIMNER_REQUESTS_PER_MINUTE": "60000000",
    "LIMNER_IMAGES_PER_MINUTE": "60000000",
    "LIMNER_CONCURRENT_IMAGES": "100000",
}


@dataclass(frozen=True)
class Case:
    """An answer of the upstream, by the side of its picture in pixels, and how the client asks for it."""

    name: str
    side: int
    response_format: str

    @property
    def body(self) -> bytes:
        """The request's body."""
        size, quality = f"{self.side}x{self.side}", "medium"
        asked = {
            "prompt": "a red fox",
            "n": 1,
            "size": size,
            "quality": quality,
            "response_format": self.response_format,
        }
        return msgspec.json.encode(asked)


SMALL, LARGE = Case("a small picture, as a link", 64, "url"), Case("2 MB, in base64", 1024, "b64_json")


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int = 5
    seconds: float = 3.0
    held: int = 1000
    delay: float = 10.0


QUICK = Size(rounds=1, seconds=0.3, held=20, delay=0.3)


@dataclass
class Subject:
    """A server under measurement and what was measured of it."""

    port: int
    key: str
    many: list[Result] = field(default_factory=list)
    one: list[Result] = field(default_factory=list)

    async def measure(self, case: Case, connections: int, seconds: float) -> Result:
        """Run one round."""
        return await run(
            self.port, post(self.port, PATH, case.body, self.key), connections=connections, seconds=seconds
        )


class Site:
    """A mock upstream with limner and a proxy in front of it, for the length of a block."""

    def __init__(self, folder: Path, case: Case, delay: float = 0.0) -> None:
        """Keep everything in `folder`."""
        self._folder, self._case, self._delay = folder, case, delay
        self.url = f"sqlite:///{folder / 'limner.db'}"
        self._closing = ExitStack()

    def __enter__(self) -> dict[str, Subject]:
        """Start all three."""
        folder, ports = self._folder, [free_port() for _ in range(3)]
        (folder / "models.toml").write_text(CATALOGUE.format(port=ports[0]), "utf-8")
        upgrade(self.url)
        with transaction(self.url) as tx:
            key = acquire(tx, "benchmark", free_credits=10**15).key
        mock = [sys.executable, "-m", "benchmarks.mock", "--port", str(ports[0]), "--side", str(self._case.side)]
        environ = LIMITS | {
            "LIMNER_MODELS": str(folder / "models.toml"),
            "REFERENCE_UPSTREAM": f"http://127.0.0.1:{ports[0]}/v1/images/generations",
        }
        commands = {"limner": limner(ports[1], folder), "proxy": uvicorn("benchmarks.references:proxy", ports[2])}
        self._start("mock", [*mock, "--delay", str(self._delay)], ports[0], {}, core=CLIENT_CORE)
        self.limner = self._start("limner", commands["limner"], ports[1], environ)
        self._start("proxy", commands["proxy"], ports[2], environ)
        return {"limner": Subject(ports[1], key), "proxy": Subject(ports[2], key)}

    def _start(self, name: str, command: list[str], port: int, environ: dict[str, str], **more: Any) -> int:
        log = self._folder / f"{name}.log"
        process = self._closing.enter_context(running(command, log=log, environ=environ, **more))
        wait_until_healthy(port, process)
        return process.pid

    def __exit__(self, *_: object) -> None:
        """Stop all three."""
        self._closing.close()

    def audit(self) -> list[str]:
        """Say which balance is not the sum of its ledger."""
        with transaction(self.url) as tx:
            return [str(row["name"]) for row in quotas.audit(tx)]


async def measure(case: Case, subjects: dict[str, Subject], size: Size) -> None:
    """Warm up, then measure both in turn, so that what else this machine does meets them alike."""
    for subject in subjects.values():
        await subject.measure(case, MANY, min(1.0, size.seconds))
    for _ in range(size.rounds):
        for subject in subjects.values():
            subject.many.append(await subject.measure(case, MANY, size.seconds))
        for subject in subjects.values():
            subject.one.append(await subject.measure(case, 1, size.seconds / 2))


def compare(folder: Path, size: Size) -> Iterator[str]:
    """Measure both cases and tell of them; the last line says whether anything went wrong."""
    yield f"| answer | | requests/s, {MANY} connections | of the proxy | p50, 1 connection | p99, {MANY} connections |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    added, errors = [], 0
    for case in (SMALL, LARGE):
        place = Path(tempfile.mkdtemp(dir=folder))
        site = Site(place, case)
        with site as subjects:
            pin(CLIENT_CORE)
            uvloop.run(measure(case, subjects, size))
            pin(None)
        ours, theirs = subjects["limner"], subjects["proxy"]
        ratio = median(a.rate / b.rate for a, b in zip(ours.many, theirs.many, strict=True))
        for name, subject in subjects.items():
            share = f"{ratio:.2f}" if name == "limner" else "1"
            rate = median(result.rate for result in subject.many)
            one = median(result.percentile(50) for result in subject.one)
            late = median(result.percentile(99) for result in subject.many)
            yield f"| {case.name} | {name} | {rate:,.0f} | {share} | {one:.2f} ms | {late:.1f} ms |"
            errors += sum(result.errors for result in (*subject.many, *subject.one))
        more = median(a.percentile(50) - b.percentile(50) for a, b in zip(ours.one, theirs.one, strict=True))
        aim = "reached" if ratio >= LEAST_RATIO else "NOT reached"
        added.append(f"- {case.name}: {more:.2f} ms more than the proxy; a third of its requests/s: {aim}")
        errors += len(site.audit())
    yield ""
    yield from added
    yield f"errors: {errors}"


class Draining(asyncio.Protocol):
    """One request whose answer is counted and thrown away."""

    def __init__(self, request: bytes) -> None:
        """Ask once."""
        self._request, self.size, self.head = request, 0, b""
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        cast("asyncio.Transport", transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        """Count."""
        self.size += len(data)
        self.head = self.head or data[:200]

    def connection_lost(self, _: Exception | None) -> None:
        """Be done; the server closes the connection at the end of its answer."""
        self.done.set_result(None)

    @property
    def right(self) -> bool:
        """Whether it was answered with 200."""
        return self.head.startswith(b"HTTP/1.1 200 ")


async def hold(port: int, request: bytes, many: int) -> list[Draining]:
    """Ask so many times at once, the connections opened in groups; returns when all are answered."""
    asking: list[Draining] = []
    for start in range(0, many, 250):
        opening = [
            asyncio.get_running_loop().create_connection(lambda: Draining(request), "127.0.0.1", port)
            for _ in range(min(250, many - start))
        ]
        asking += [protocol for _, protocol in await asyncio.gather(*opening)]
    await asyncio.gather(*(one.done for one in asking))
    return asking


def held(folder: Path, size: Size) -> Iterator[str]:
    """Hold many calls open and tell of them."""
    errors = 0
    for wanted in ("url", "b64_json"):
        case = Case(f"{size.held:,} calls of {size.delay:g} s with 2 MB, {wanted}", LARGE.side, wanted)
        site = Site(Path(tempfile.mkdtemp(dir=folder)), case, size.delay)
        with site as subjects:
            ours = subjects["limner"]
            request = post(ours.port, PATH, case.body, ours.key).replace(b"keep-alive", b"close")
            begun = time.perf_counter()
            asked = uvloop.run(hold(ours.port, request, size.held))
            seconds, memory = time.perf_counter() - begun, most_memory(site.limner)
        wrong = [one.head for one in asked if not one.right]
        got = sum(one.size for one in asked) / 1e6
        aim = "reached" if memory < MOST_MEMORY and not wrong else "NOT reached"
        yield (
            f"- {case.name}: {len(asked) - len(wrong):,} right, all after {seconds:.1f} s, {got:,.0f} MB answered, "
            f"at most {memory:,.0f} MiB resident; under 1 GiB without an error: {aim}"
        )
        errors += len(wrong) + len(site.audit())
    yield f"errors: {errors}"


def main() -> None:
    """Measure what was asked for, print, and tell by the exit status whether every answer was right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=["compare", "held", []], default=[])
    parser.add_argument("--quick", action="store_true", help="hardly anything, to see that it runs")
    parser.add_argument("--folder", type=Path, help="where to put data, for a disk of your choice")
    options = parser.parse_args()
    many_files()
    size, wrong = QUICK if options.quick else Size(), False
    print(f"load average before the run: {os.getloadavg()[0]:.2f}")
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="limner-gateway-") as temporary:
        for name, part in {"compare": compare, "held": held}.items():
            if not options.parts or name in options.parts:
                for line in part(Path(temporary), size):
                    print(line, flush=True)
                    wrong |= line.startswith("errors:") and line != "errors: 0"
    sys.exit(wrong)


if __name__ == "__main__":
    main()
