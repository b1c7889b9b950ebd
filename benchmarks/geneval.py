"""Does the picture show what the prompt says? GenEval's 553 prompts, judged by the scene and by the pixels.

    python -m benchmarks.geneval [--size 512] [--seeds 1] [--failures DIR]

GenEval (Ghosh, Hajishirzi and Schmidt, NeurIPS 2023) looks for the objects with a detector and asks CLIP for their
colours. The illustrator tells what it placed, so here its word is taken for which thing is which, and everything else
is measured: counts, that each thing is seen and can be told from the next, colours in the finished pixels, positions
by GenEval's own rule. So the table says whether prompts are obeyed, not whether a detector trained on photographs
would know our drawings.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from limner.engines.illustrator.colours import NAMED, lab, named_lab
from limner.engines.illustrator.language.reading import read
from limner.engines.illustrator.pack import ArtPack
from limner.engines.illustrator.painter import paint
from limner.engines.illustrator.pixels import array

if TYPE_CHECKING:
    from collections.abc import Iterator

    from limner.engines.illustrator.painter import Drawn, Painting

PROMPTS = Path(__file__).with_name("geneval.jsonl")
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white")
FARTHEST = 20.0
"""The colour distance (CIE76, Delta E) that the median of a thing's pixels may have from the colour it is named."""
LEAST = 0.5
"""How much of its own box the box around what is seen of a thing must fill."""
OVERLAP = 0.35
"""The overlap (intersection over union) that boxes of one kind may have and still be counted."""
NEARNESS = 0.1
"""GenEval's threshold of positions, in shares of the two things' sizes."""
TAGS = ("single_object", "two_object", "counting", "colors", "position", "color_attr")
PUBLISHED = {
    "SDXL": (0.98, 0.74, 0.39, 0.85, 0.15, 0.23, 0.55),
    "DALL-E 3": (0.96, 0.87, 0.47, 0.83, 0.43, 0.45, 0.67),
    "FLUX.1 [dev]": (0.98, 0.81, 0.74, 0.79, 0.22, 0.45, 0.66),
    "SD3.5 Large": (0.98, 0.89, 0.73, 0.83, 0.34, 0.47, 0.71),
    "GPT Image 1 [high]": (0.99, 0.92, 0.85, 0.92, 0.75, 0.61, 0.84),
    "Qwen-Image": (0.99, 0.92, 0.89, 0.88, 0.76, 0.77, 0.87),
}
"""Published scores by tag and over all (the mean of the tags): Qwen-Image Technical Report (arXiv 2508.02324), table 5;
SDXL and DALL-E 3 as in Esser et al., "Scaling rectified flow transformers" (arXiv 2403.03206), table 1."""

Spec = dict[str, Any]


class Verdict(NamedTuple):
    """What is wrong with a picture, nothing if it is right."""

    spec: Spec
    faults: tuple[str, ...]


def specs(path: Path = PROMPTS) -> list[Spec]:
    """Read GenEval's prompts, each with what it must show."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def judge(spec: Spec, painting: Painting) -> Verdict:
    """Hold a painting against its specification."""
    return Verdict(
        spec, (*_counted(spec, painting), *_seen(painting), *_coloured(spec, painting), *_placed(spec, painting))
    )


def _counted(spec: Spec, painting: Painting) -> Iterator[str]:
    """Name what is too many or too few, and boxes of one kind that cannot be told apart."""
    wanted: Counter[str] = Counter()
    for item in spec["include"]:
        wanted[item["class"]] += item["count"]
    found = Counter(one.name for one in painting.drawn)
    if wanted != found:
        yield f"shows {dict(found)}, not {dict(wanted)}"
    for at, one in enumerate(painting.drawn):
        for other in painting.drawn[:at]:
            if one.name == other.name and _overlap(one.box, other.box) > OVERLAP:
                yield f"two of {one.name} cannot be told apart"


def _overlap(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """Intersection over union."""
    wide, tall = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    common = max(0, wide) * max(0, tall)
    return common / max(1, (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common)


def _seen(painting: Painting) -> Iterator[str]:
    """Name things that are too small to see or mostly hidden."""
    height, width = painting.owner.shape
    for number, one in enumerate(painting.drawn, 1):
        mask = painting.owner == number
        x0, y0, x1, y1 = one.box
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if mask.sum() < width * height / 1500 or not len(rows):
            yield f"{one.name} is hardly seen"
        elif (np.ptp(rows) + 1) * (np.ptp(columns) + 1) < LEAST * (x1 - x0) * (y1 - y0):
            yield f"{one.name} is hidden"


def _coloured(spec: Spec, painting: Painting) -> Iterator[str]:
    """Name things whose median colour is far from the colour they should have, or nearer to another."""
    for item in spec["include"]:
        for number, one in enumerate(painting.drawn, 1):
            if "color" not in item or one.name != item["class"] or one.colour not in (None, item["color"]):
                continue
            apart = distances(painting, number)
            nearest = min(COLOURS, key=lambda name, apart=apart: apart[name])  # type: ignore[misc]
            if nearest != item["color"] or apart[nearest] > FARTHEST:
                yield f"{one.name} is {nearest}, {apart[item['color']]:.0f} from {item['color']}"


def distances(painting: Painting, number: int) -> dict[str, float]:
    """Tell how far the median colour of an instance, counted from 1, is from every named colour (Delta E, CIE76)."""
    own = np.asarray(painting.owner == number, np.uint8)
    inner = cv2.erode(own, np.ones((3, 3), np.uint8))
    inside = painting.pixels[(inner if inner.any() else own) > 0][:, :3]
    middle = np.median(lab(array(inside) / np.float32(255)), axis=0) if len(inside) else np.zeros(3)
    return {name: float(np.linalg.norm(middle - named_lab(name))) for name in NAMED}


def _placed(spec: Spec, painting: Painting) -> Iterator[str]:
    """Name what is not where it should be, by GenEval's rule (see `directions`)."""
    boxes: dict[str, list[Drawn]] = defaultdict(list)
    for one in painting.drawn:
        boxes[one.name].append(one)
    for item in spec["include"]:
        if "position" not in item:
            continue
        place, target = item["position"]
        for one in boxes[item["class"]]:
            for other in boxes[spec["include"][target]["class"]]:
                if place not in directions(one.box, other.box):
                    yield f"{one.name} is not {place} {other.name}"


def directions(a: tuple[int, ...], b: tuple[int, ...]) -> set[str]:
    """Tell on which sides of box b box a lies; each is (x0, y0, x1, y1).

    GenEval's rule: the offset of the middles, less a tenth of both sizes, must point more that way than another.
    """
    one, other = np.reshape(a, (2, 2)).astype(float), np.reshape(b, (2, 2)).astype(float)
    offset = one.mean(axis=0) - other.mean(axis=0)
    sizes = (one[1] - one[0]) + (other[1] - other[0])
    beyond = np.maximum(np.abs(offset) - NEARNESS * sizes, 0) * np.sign(offset)
    across, down = beyond / max(1e-6, float(np.linalg.norm(offset)))
    named = (("left of", -across), ("right of", across), ("above", -down), ("below", down))
    return {name for name, much in named if much > 0.5}


def run(size: int, seeds: int, failures: Path | None = None) -> dict[str, list[Verdict]]:
    """Paint and judge all prompts; verdicts by tag. Pictures that fail are written into `failures`."""
    pack, verdicts = ArtPack.open(), defaultdict(list)
    for number, spec in enumerate(specs()):
        for seed in range(seeds):
            painting = paint(read(spec["prompt"], pack), size=(size, size), seed=seed, pack=pack)
            verdict = judge(spec, painting)
            verdicts[spec["tag"]].append(verdict)
            if verdict.faults and failures:
                failures.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(failures / f"{number:03}-{seed}.png"), painting.pixels[..., ::-1])
    return verdicts


def report(verdicts: dict[str, list[Verdict]]) -> None:
    """Print the table, our row first, and what is wrong with what is wrong."""
    shares = [sum(not one.faults for one in verdicts[tag]) / max(1, len(verdicts[tag])) for tag in TAGS]
    print("| | " + " | ".join(TAGS) + " | overall |\n|" + " --- |" * (len(TAGS) + 2))
    print("| **limner** | " + " | ".join(f"{share:.2f}" for share in shares) + f" | **{np.mean(shares):.3f}** |")
    for model, scores in PUBLISHED.items():
        print(f"| {model} | " + " | ".join(f"{score:.2f}" for score in scores) + " |")
    every = [verdict for tag in TAGS for verdict in verdicts[tag]]
    right = sum(not verdict.faults for verdict in every)
    print(f"\n{right} of {len(every)} pictures are right ({right / max(1, len(every)):.1%}).")
    for verdict in every:
        if verdict.faults:
            print(f"- {verdict.spec['prompt']}: {'; '.join(verdict.faults)}")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--failures", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    report(run(options.size, options.seeds, options.failures))


if __name__ == "__main__":
    main()
