"""How long the slowest of two thousand odd prompts takes; the tests say that each becomes a picture.

    python -m benchmarks.odd [--prompts 2000] [--size 512]

The bound is four times the aim for a picture of that size (`benchmarks/illustrator.py`), in CPU seconds of one core.
"""

from __future__ import annotations

import argparse
import random
import time

import cv2

from benchmarks.illustrator import ORDERS, PROMPTS
from benchmarks.processes import single_threaded
from limner.engines.base import Job
from limner.engines.illustrator.illustrate import illustrate
from limner.engines.illustrator.pack import ArtPack

FOLD = 4
LONGEST = 60


def prompts(pack: ArtPack, count: int) -> list[str]:
    """Make prompts of shuffled words, drawings' names, emoji and other languages; the same at every run."""
    chance = random.Random(11)
    words = sorted({word for prompt in PROMPTS for word in prompt.split()})
    names, emoji = sorted(pack.names), sorted(pack.words("emoji"))
    foreign = sorted({word for code in ("de", "fr", "ja", "ru", "zh") for word in pack.words(f"foreign-{code}")})
    kinds = (
        lambda: " ".join(chance.choices(words, k=chance.randint(1, 40))),
        lambda: ", ".join(f"{chance.randint(1, 12)} {name}" for name in chance.choices(names, k=chance.randint(1, 8))),
        lambda: "".join(chance.choices(emoji, k=chance.randint(1, 12))),
        lambda: " ".join(chance.choices(foreign, k=chance.randint(1, 6))),
        lambda: "".join(chr(chance.randint(32, 0x2FFF)) for _ in range(chance.randint(1, 400))),
        lambda: (chance.choice(PROMPTS) + ". ") * chance.randint(1, 40),
    )
    return [kinds[at % len(kinds)]() for at in range(count)]


def main() -> None:
    """Measure and print."""
    single_threaded()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=2000)
    parser.add_argument("--size", type=int, default=512)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    pack, spent = ArtPack.open(), []
    aim = next(order.aim for order in ORDERS if order.width == order.height == options.size)
    illustrate(Job(prompt=PROMPTS[0], width=256, height=256, seed=1), pack, lambda _: None)
    for at, prompt in enumerate(prompts(pack, options.prompts)):
        begun = time.process_time()
        illustrate(Job(prompt=prompt, width=options.size, height=options.size, seed=at), pack, lambda _: None)
        spent.append((time.process_time() - begun, prompt))
    spent.sort(reverse=True)
    print(f"{len(spent)} prompts at {options.size}x{options.size}: median {spent[len(spent) // 2][0] * 1000:.0f} ms,")
    print(f"most {spent[0][0] * 1000:.0f} ms of CPU; the bound is {FOLD * aim * 1000:.0f} ms. The slowest:")
    for seconds, prompt in spent[:5]:
        print(f"- {seconds * 1000:.0f} ms: {prompt[:LONGEST]!r}")
    print("Over the bound:", sum(seconds > FOLD * aim for seconds, _ in spent))


if __name__ == "__main__":
    main()
