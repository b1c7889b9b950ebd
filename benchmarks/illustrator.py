"""How long the illustrator paints: CPU seconds of one core from prompt to PNG, stage by stage.

    python -m benchmarks.illustrator [--rounds 3]

In this process, through the very function a worker calls, pinned to one core, after a small picture has warmed the
caches. CPU time is told, not the clock's, so that others on the machine disturb little; the median of the rounds.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import defaultdict
from itertools import pairwise
from statistics import median

import cv2

from benchmarks.processes import CLIENT_CORE, pin
from limner.engines.base import Job
from limner.engines.illustrator.illustrate import illustrate
from limner.engines.illustrator.pack import ArtPack

PROMPTS = (
    "a purple elephant to the left of a yellow car in a snowy city at night",
    "three red balloons over a green meadow with a white horse, sunny morning",
    "a sailing boat on a stormy sea at sunset",
    'a wooden table with a cup of coffee, two croissants and a sign that says "Good morning"',
    "a fox and an owl in a misty forest at dawn",
    "a cat asleep on a sofa in a cosy living room",
)
ORDERS = {
    "1024x1024 standard": {"width": 1024, "height": 1024, "quality": "standard"},
    "1792x1024 hd": {"width": 1792, "height": 1024, "quality": "hd"},
}


def measure(job: Job, pack: ArtPack) -> dict[str, float]:
    """Paint one picture; CPU seconds of every stage, in order."""
    told: list[tuple[str, float]] = [("read", time.process_time())]
    illustrate(job, pack, lambda step: told.append((step.stage, time.process_time())))
    told.append(("end", time.process_time()))
    spent: dict[str, float] = defaultdict(float)
    for (stage, begun), (_, ended) in pairwise(told):
        spent[stage] += ended - begun
    return spent


def report(name: str, runs: dict[str, list[dict[str, float]]]) -> None:
    """Print one order's table: a row a prompt, and how the stages share the time."""
    print(f"\n| {name} | CPU seconds |\n| --- | --- |")
    totals = {prompt: median(sum(run.values()) for run in of) for prompt, of in runs.items()}
    for prompt, seconds in totals.items():
        print(f"| {prompt} | {seconds:.2f} |")
    print(f"| **median (most)** | **{median(totals.values()):.2f}** ({max(totals.values()):.2f}) |")
    every = [run for of in runs.values() for run in of]
    stages = {stage: sum(run.get(stage, 0.0) for run in every) / len(every) for stage in every[0]}
    print(
        "\nStages, means: " + ", ".join(f"{stage} {seconds * 1000:.0f} ms" for stage, seconds in stages.items()) + "."
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    load_before = os.getloadavg()[0]
    cv2.setNumThreads(1)
    pin(CLIENT_CORE)
    pack = ArtPack.open()
    illustrate(Job(prompt=PROMPTS[0], width=256, height=256, seed=1), pack, lambda *_: None)
    for name, order in ORDERS.items():
        runs: dict[str, list[dict[str, float]]] = {prompt: [] for prompt in PROMPTS}
        for number in range(rounds):
            for prompt, of in runs.items():
                of.append(measure(Job(prompt=prompt, seed=number + 1, **order), pack))  # type: ignore[arg-type]
        report(name, runs)
    print(f"\n{rounds} rounds; load average before {load_before:.2f}.")


if __name__ == "__main__":
    main()
