"""Draw the gallery: every prompt of benchmarks/prompts.txt, in contact sheets, with the times; writes docs/gallery.md.

python -m scripts.gallery [--seed 7] [--pictures DIR]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from benchmarks.illustrator import PROMPTS
from limner.engines.base import Job, Picture
from limner.engines.illustrator.illustrate import illustrate
from limner.engines.illustrator.pack import ArtPack

ROOT = Path(__file__).parents[1]
PAGE, SHEETS = ROOT / "docs/gallery.md", ROOT / "docs/images"
SIDE, COLUMNS, ROWS = 1024, 4, 3
THUMB, GAP = 320, 8
PAPER = 246
HEAD = """\
# Gallery

Sixty prompts, as the built-in illustrator draws them at 1024x1024, standard and vivid, seed {seed}, nothing chosen or
retouched. `make gallery` draws this page anew. [What the illustrator is and is not](illustrator.md).
"""


class Shown(NamedTuple):
    """A picture of the gallery: what was asked, what came, and the CPU seconds it took."""

    prompt: str
    picture: Picture
    seconds: float


def draw(pack: ArtPack, prompt: str, seed: int) -> Shown:
    """Draw one picture and take the time."""
    begun = time.process_time()
    picture = illustrate(Job(prompt=prompt, width=SIDE, height=SIDE, seed=seed), pack, lambda _: None)
    return Shown(prompt, picture, time.process_time() - begun)


def sheet(pictures: list[Shown]) -> np.ndarray:
    """Lay pictures out on a contact sheet, uint8 BGR."""
    rows = -(-len(pictures) // COLUMNS)
    whole = np.full((rows * (THUMB + GAP) + GAP, COLUMNS * (THUMB + GAP) + GAP, 3), PAPER, np.uint8)
    for at, one in enumerate(pictures):
        pixels = np.asarray(cv2.imdecode(np.frombuffer(one.picture.data, np.uint8), cv2.IMREAD_COLOR))
        y, x = GAP + at // COLUMNS * (THUMB + GAP), GAP + at % COLUMNS * (THUMB + GAP)
        whole[y : y + THUMB, x : x + THUMB] = cv2.resize(pixels, (THUMB, THUMB), interpolation=cv2.INTER_AREA)
    return whole


def page(shown: list[Shown], seed: int) -> str:
    """Write the page: each sheet with a table of what it shows."""
    lines = [HEAD.format(seed=seed)]
    each = COLUMNS * ROWS
    for number, start in enumerate(range(0, len(shown), each), 1):
        lines.append(f"![Contact sheet {number}](images/gallery-{number}.jpg)\n")
        lines.append("| | prompt | `revised_prompt` | CPU |\n| --- | --- | --- | --- |")
        for at, one in enumerate(shown[start : start + each], start + 1):
            said = (one.picture.revised_prompt or "").replace("|", "\\|")
            lines.append(f"| {at} | {one.prompt} | {said} | {one.seconds * 1000:.0f} ms |")
        lines.append("")
    middle = float(np.median([one.seconds for one in shown]))
    lines.append(f"Median {middle * 1000:.0f} ms of one core a picture, PNG included.\n")
    return "\n".join(lines)


def main() -> None:
    """Draw everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--pictures", type=Path, help="also keep every picture at its full size here")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    pack = ArtPack.open()
    draw(pack, PROMPTS[0], 0)
    shown = [draw(pack, prompt, options.seed) for prompt in PROMPTS]
    each = COLUMNS * ROWS
    for number, start in enumerate(range(0, len(shown), each), 1):
        cv2.imwrite(
            str(SHEETS / f"gallery-{number}.jpg"), sheet(shown[start : start + each]), [cv2.IMWRITE_JPEG_QUALITY, 86]
        )
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
        for at, one in enumerate(shown, 1):
            (options.pictures / f"{at:02}.png").write_bytes(one.picture.data)
    PAGE.write_text(page(shown, options.seed), "utf-8")


if __name__ == "__main__":
    main()
