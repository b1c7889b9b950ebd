"""Draw the pictures of the guide anew: every plate of `limner/console/plates.py`, as small WebP files.

python -m scripts.guide [--only PLATE]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import msgspec
import numpy as np

from limner.catalog import Catalogue, Fields
from limner.console import plates
from limner.console.plates import PLATES, Drawn, Plate
from limner.engines.base import Given
from limner.engines.illustrator.illustrate import illustrate
from limner.engines.illustrator.pack import ArtPack

if TYPE_CHECKING:
    from limner.engines.base import Picture

FOLDER = Path(__file__).parents[1] / "limner/console/static" / plates.FOLDER
LONGEST = 512
QUALITY = 80


def draw(pack: ArtPack, plate: Plate, label: str) -> list[Picture]:
    """Draw what one request of a plate asks for, as the server would."""
    model = Catalogue.load().resolve(None)
    request = model.request(Fields(**plate.same | plate.each[label]), [])
    jobs = [model.job(request, place) for place in range(request.n)]
    first = next(iter(plate.each))
    if plate.edited and label != first:
        (before,) = draw(pack, plate, first)
        given = Given(
            data=before.data,
            content_type=before.content_type,
            width=before.width,
            height=before.height,
            plan=before.plan,
        )
        jobs = [msgspec.structs.replace(job, operation="edit", images=(given,)) for job in jobs]
    return [illustrate(job, pack, lambda _: None) for job in jobs]


def small(picture: Picture, part: tuple[int, int] | None) -> np.ndarray:
    """Give what is shown of a picture: a square of it, or all of it made smaller; uint8 BGR or BGRA."""
    pixels = np.asarray(cv2.imdecode(np.frombuffer(picture.data, np.uint8), cv2.IMREAD_UNCHANGED))
    if part:
        left, top = part
        return pixels[top : top + LONGEST, left : left + LONGEST]
    scale = LONGEST / max(pixels.shape[:2])
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def save(file: Path, picture: Picture, part: tuple[int, int] | None) -> Drawn:
    """Write a picture's file, and tell what came of it."""
    pixels = small(picture, part)
    cv2.imwrite(str(file), pixels, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
    height, width = pixels.shape[:2]
    return Drawn(len(picture.data), width, height, picture.revised_prompt or "")


def plate_of(pack: ArtPack, name: str) -> dict[str, Drawn]:
    """Draw a plate; what came of each picture, by its file."""
    plate, made = PLATES[name], {}
    for label in plate.each:
        pictures = draw(pack, plate, label)
        for place, picture in enumerate(pictures):
            file = plates.file_of(name, label, place if len(pictures) > 1 else None)
            made[file] = save(FOLDER / file, picture, plate.part)
            print(f"{file}: {(FOLDER / file).stat().st_size / 1000:.0f} kB, {made[file].revised_prompt}")
    return made


def main() -> None:
    """Draw everything, or one plate, and write down what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PLATES, help="draw this plate and leave the others as they are")
    options = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    told = FOLDER / plates.MADE
    made = msgspec.json.decode(told.read_bytes(), type=dict[str, Drawn]) if options.only else {}
    pack = ArtPack.open()
    for name in [options.only] if options.only else PLATES:
        made |= plate_of(pack, name)
    told.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n")
    for old in {file.name for file in FOLDER.glob("*.webp")} - set(made):
        (FOLDER / old).unlink()


if __name__ == "__main__":
    main()
