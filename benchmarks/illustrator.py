"""How long the illustrator paints and what it weighs: CPU seconds of one core from prompt to PNG, stage by stage.

    python -m benchmarks.illustrator [--rounds 3] [--prompts 40] [--only speed|pool]

Speed: in this process, through the very function a worker calls, pinned to one core, after a small picture has warmed
the caches. CPU time is told, not the clock's, so that others on the machine disturb little; the median of the rounds.
Beside it the floor: one drawing rasterised at the full size and encoded as PNG, which no picture can do without.
Pool: real workers, by the clock: how soon they are warm, how many pictures one and two of them make, what they weigh.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import NamedTuple

import cv2
import numpy as np

from benchmarks.processes import CLIENT_CORE, pin, single_threaded
from limner.engines.base import Job
from limner.engines.base.processes import Pool
from limner.engines.illustrator import WORKER
from limner.engines.illustrator.figures.art import sprite
from limner.engines.illustrator.illustrate import illustrate
from limner.engines.illustrator.pack import ArtPack
from limner.engines.illustrator.printing.encoding import encode

PROMPTS = [
    line for line in Path(__file__).with_name("prompts.txt").read_text("utf-8").splitlines() if not line.startswith("#")
]
STAGES = ("read", "compose", "backdrop", "subjects", "finish", "encode")
FLOOR = "castle"


class Order(NamedTuple):
    """A size and quality that is measured, and the most its median may take, in CPU seconds."""

    width: int
    height: int
    quality: str
    aim: float

    @property
    def name(self) -> str:
        """How the table calls it."""
        return f"{self.width}x{self.height} {self.quality}"

    def job(self, prompt: str, seed: int) -> Job:
        """Make it a job."""
        return Job(prompt=prompt, seed=seed, width=self.width, height=self.height, quality=self.quality)  # type: ignore[arg-type]


ORDERS = (
    Order(1024, 1024, "standard", 0.35),
    Order(1024, 1024, "hd", 0.70),
    Order(1792, 1024, "standard", 0.65),
    Order(512, 512, "standard", 0.12),
)


def measure(job: Job, pack: ArtPack) -> dict[str, float]:
    """Paint one picture; CPU seconds of every stage, in order."""
    told: list[tuple[str, float]] = [("read", time.process_time())]
    illustrate(job, pack, lambda step: told.append((step.stage, time.process_time())))
    told.append(("end", time.process_time()))
    spent: dict[str, float] = defaultdict(float)
    for (stage, begun), (_, ended) in pairwise(told):
        spent[stage] += ended - begun
    return spent


def floor(order: Order, pack: ArtPack) -> float:
    """CPU seconds of rasterising one drawing at the full size and encoding it."""
    side, begun = min(order.width, order.height), time.process_time()
    pixels = np.zeros((order.height, order.width, 3), np.uint8)
    pixels[:side, :side] = sprite(pack, FLOOR, side, side)[..., :3]
    encode(pixels, "png")
    return time.process_time() - begun


def speed(rounds: int, prompts: list[str]) -> None:
    """Print the table of stages and of the slowest."""
    pin(CLIENT_CORE)
    pack = ArtPack.open()
    illustrate(Job(prompt=prompts[0], width=256, height=256, seed=1), pack, lambda _: None)
    print("| CPU ms | aim | median | most | floor | ratio | " + " | ".join(STAGES) + " |")
    print("|" + " --- |" * (6 + len(STAGES)))
    slowest: list[str] = []
    for order in ORDERS:
        runs = {prompt: [measure(order.job(prompt, seed), pack) for seed in range(1, rounds + 1)] for prompt in prompts}
        totals = {prompt: median(sum(run.values()) for run in of) for prompt, of in runs.items()}
        base, middle = median(floor(order, pack) for _ in range(5)), median(totals.values())
        every = [run for of in runs.values() for run in of]
        stages = [median(run.get(stage, 0.0) for run in every) * 1000 for stage in STAGES]
        figures = (order.aim, middle, max(totals.values()), base)
        print(
            f"| {order.name} | "
            + " | ".join(f"{figure * 1000:.0f}" for figure in figures)
            + f" | {middle / base:.1f} | "
            + " | ".join(f"{stage:.0f}" for stage in stages)
            + " |"
        )
        last = sorted(totals, key=lambda prompt: -totals[prompt])[:3]
        slowest.append(f"{order.name}: " + "; ".join(f"{prompt} ({totals[prompt] * 1000:.0f})" for prompt in last))
    print("\nSlowest:\n" + "\n".join(f"- {line}" for line in slowest))


async def pool(prompts: list[str]) -> None:
    """Print how soon workers are warm, what one and two of them do in a second, and the most memory they took."""
    rates, jobs = {}, [ORDERS[0].job(prompt, 1) for prompt in prompts]
    for workers in (1, 2):
        crew = Pool(workers, WORKER)
        begun = time.perf_counter()
        crew.start()
        await asyncio.gather(*(worker.start() for worker in crew.workers))
        warm = time.perf_counter() - begun
        begun = time.perf_counter()
        await asyncio.gather(*(crew.run(job, lambda _: None) for job in jobs))
        rates[workers] = len(jobs) / (time.perf_counter() - begun)
        peak = max(_peak(worker.pid or 0) for worker in crew.workers)
        print(f"- {workers} warm after {warm:.2f} s; {rates[workers]:.2f} pictures/s; at most {peak:.0f} MiB each")
        if workers == 1:
            await crew.run(Order(1792, 1024, "hd", 0).job(prompts[0], 1), lambda _: None)
            wide = max(_peak(worker.pid or 0) for worker in crew.workers)
            await crew.run(Order(3840, 2160, "hd", 0).job(prompts[0], 1), lambda _: None)
            largest = max(_peak(worker.pid or 0) for worker in crew.workers)
            print(f"- after 1792x1024 hd {wide:.0f} MiB, after 3840x2160 hd {largest:.0f} MiB")
        await crew.close()
    print(f"- two make {rates[2] / rates[1]:.2f} times the pictures of one (1024x1024 standard)")


def _peak(pid: int) -> float:
    """Give the most memory a process has ever held, in MiB (`VmHWM`)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def main() -> None:
    """Measure and print."""
    single_threaded()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompts", type=int, default=40)
    parser.add_argument("--only", choices=["speed", "pool"])
    options = parser.parse_args()
    load_before = os.getloadavg()[0]
    cv2.setNumThreads(1)
    prompts = PROMPTS[: options.prompts]
    if options.only != "speed":
        asyncio.run(pool(prompts))
    if options.only != "pool":
        speed(options.rounds, prompts)
    print(f"\n{len(prompts)} prompts, {options.rounds} rounds; load average before {load_before:.2f}.")


if __name__ == "__main__":
    main()
