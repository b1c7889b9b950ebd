"""How much finer hd is than standard, and how much fuller the colours of vivid are than those of natural.

    python -m benchmarks.quality [--size 1024] [--seed 7] [--only quality|style]

Fineness is the standard deviation of what is left of a picture's luma when its Gaussian blur of two pixels is taken
away, measured without grain. The columns are standard, hd with its last sharpening left out, hd, and the ratios of
both to standard: what is drawn more finely, and that with the sharpening. Fullness is the mean chroma in CIE L*a*b* of
all pixels. The last six prompts are in other media.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from statistics import median
from typing import TYPE_CHECKING, Literal
from unittest.mock import patch

import cv2
import numpy as np

from limner.engines.illustrator import painter
from limner.engines.illustrator.language.reading import read
from limner.engines.illustrator.pack import ArtPack
from limner.engines.illustrator.painter import paint
from limner.engines.illustrator.printing import finish

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

FINER, FULLER = 1.25, 1.5
PROMPTS = (
    "a sea otter floating on its back",
    "a fox under a giant mushroom in a forest",
    "a purple elephant to the left of a yellow car in a snowy city at night",
    "three red apples and two green pears on a wooden table",
    "a cat on a sofa in a cosy living room",
    "a futuristic city skyline at sunset",
    "an astronaut on the moon",
    "a lighthouse on a rocky beach in a storm",
    "a panda in a meadow",
    "a camel in the desert at golden hour",
    "a penguin in the snow",
    "a hot air balloon in the sky",
    "a teapot and two cups in a kitchen",
    "an owl reading in a library",
    "a dolphin underwater",
    "a farm with a cow and a red barn",
    "mountains in the fog",
    "a red bicycle on a street in the rain",
    "nostalgia",
    "a castle on a hill at night",
    "a bouquet of roses, oil painting",
    "a rabbit in a garden, watercolor",
    "a rocket in space, pixel art",
    "a parrot, stained glass",
    "a village by the sea, anime style",
    "a dragon, children's book illustration",
)


def fineness(pixels: Pixels) -> float:
    """Give the strength of a picture's finest detail, in levels of 255."""
    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float((luma - cv2.GaussianBlur(luma, (0, 0), 2.0)).std())


def fullness(pixels: Pixels) -> float:
    """Give a picture's mean chroma."""
    lab = cv2.cvtColor(pixels.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2Lab)
    return float(np.hypot(lab[..., 1], lab[..., 2]).mean())


def drawn(
    pack: ArtPack,
    prompt: str,
    size: int,
    seed: int,
    *,
    quality: Literal["standard", "hd"] = "standard",
    style: Literal["vivid", "natural"] = "vivid",
) -> Pixels:
    """Draw a square picture of a prompt, uint8 RGB."""
    scene = read(prompt, pack)
    return paint(scene, size=(size, size), seed=seed, pack=pack, quality=quality, style=style).pixels


def bare(
    pack: ArtPack,
    prompt: str,
    size: int,
    seed: int,
    *,
    quality: Literal["standard", "hd"] = "standard",
    sharp: bool = True,
) -> Pixels:
    """Draw a picture without its grain and, unless `sharp`, without the sharpening that ends hd."""
    with ExitStack() as left_out:
        left_out.enter_context(patch.object(finish, "grained", lambda pixels, *_: pixels))
        for module in () if sharp else (painter, finish):
            left_out.enter_context(patch.object(module, "crisp", lambda pixels, *_: pixels))
        return drawn(pack, prompt, size, seed, quality=quality)


def row(pack: ArtPack, prompt: str, size: int, seed: int, only: str | None) -> tuple[float, float]:
    """Print a prompt's line of the table, and give how much finer hd and how much fuller vivid is."""
    finer, fuller, words = 0.0, 0.0, ""
    if only != "style":
        before = fineness(bare(pack, prompt, size, seed))
        soft, after = (fineness(bare(pack, prompt, size, seed, quality="hd", sharp=sharp)) for sharp in (False, True))
        finer = after / before
        words += f"{before:7.2f} {soft:6.2f} {after:6.2f} {soft / before:6.2f}"
        words += f" {finer:6.2f}{' ' if finer >= FINER else '!'}"
    if only != "quality":
        full = fullness(drawn(pack, prompt, size, seed))
        calm = fullness(drawn(pack, prompt, size, seed, style="natural"))
        fuller = full / calm
        words += f"{full:8.1f} {calm:7.1f} {fuller:6.2f}{' ' if fuller >= FULLER else '!'}"
    print(f"{words}  {prompt}", flush=True)
    return finer, fuller


def main() -> None:
    """Print the table and how many prompts reach the aims."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", choices=("quality", "style"))
    options = parser.parse_args()
    cv2.setNumThreads(1)
    pack = ArtPack.open()
    rows = [row(pack, prompt, options.size, options.seed, options.only) for prompt in PROMPTS]
    for name, index, aim in (("hd to standard", 0, FINER), ("vivid to natural", 1, FULLER)):
        ratios = [one[index] for one in rows]
        good = sum(ratio >= aim for ratio in ratios)
        print(f"{name}: {good} of {len(ratios)} at {aim} or more; median {median(ratios):.2f}, least {min(ratios):.2f}")


if __name__ == "__main__":
    main()
