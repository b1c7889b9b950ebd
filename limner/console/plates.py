"""The plates of the guide: what this server draws when all is the same but one parameter.

One table says what is drawn; `scripts/guide.py` draws it, and the captions are made from it too, so pictures and text
cannot drift apart. What only the drawing tells (pixels, bytes, the sentence) lies beside the pictures in `made.json`.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

FOLDER = "guide"
"""Where the pictures lie, in `static`."""

MADE = "made.json"


class Plate(msgspec.Struct, frozen=True, kw_only=True):
    """One row of pictures: the request of each is `same` with its own entry of `each`, which is named.

    `part` is the left and top corner of the square that is shown, at its true pixels; without it the whole is shown,
    made smaller. A request for several pictures shows all of them. Where a plate is `edited`, its first picture is
    made and the others are edits of that one, by their prompts.
    """

    same: dict[str, Any]
    each: dict[str, dict[str, Any]]
    part: tuple[int, int] | None = None
    edited: bool = False
    note: str = ""


class Drawn(msgspec.Struct, frozen=True):
    """What came of one picture: the bytes as the API sends them, the pixels of the file here, the sentence."""

    bytes: int
    width: int
    height: int
    revised_prompt: str


class Shown(msgspec.Struct, frozen=True):
    """One picture of a plate as a page shows it; `request` is all that was asked for, `told` what differs."""

    file: str
    told: str
    request: dict[str, Any]
    drawn: Drawn


OTTER = "a sea otter floating on its back in a calm blue bay"
TIGER = "a tiger in the jungle"
FOX = "a red fox under an autumn tree by a river"
SKYLINE = "a futuristic city skyline at sunset"
SHIP = "a pirate ship on the sea at night with a full moon"
DRAGON = "a green dragon"
TRAIN = "a steam train on a stone bridge over a river in autumn"
STORM = "a sailing boat on a stormy sea"
LEMONS = "a blue mug to the left of three yellow lemons on a wooden table"
POSTER = 'vintage travel poster of Lisbon with the title "LISBOA"'
MUSHROOM = "a fox reading a book under a giant red mushroom at night, watercolour"
PANDA = "a panda drinking tea in a garden"
MANNERS = ("watercolour", "oil painting", "stained glass", "paper cut", "pencil sketch", "pixel art")

PLATES: dict[str, Plate] = {
    "first": Plate(same={"prompt": OTTER, "seed": 7}, each={"otter": {}}),
    "exact": Plate(
        same={"seed": 7},
        each={"lemons": {"prompt": LEMONS}, "poster": {"prompt": POSTER}, "mushroom": {"prompt": MUSHROOM}},
        note="Counts, colours, places and lettering are as the prompt says.",
    ),
    "manner": Plate(
        same={"seed": 7},
        each={name.split()[0]: {"prompt": f"{PANDA}, {name}"} for name in MANNERS},
        note="The manner is a word in the prompt; without one it is a toy with a body and a light.",
    ),
    "quality": Plate(
        same={"prompt": TIGER, "seed": 7},
        each={name: {"quality": name} for name in ("low", "standard", "hd")},
        part=(370, 240),
        note="A part of each at its true pixels: look at the fur and the grass.",
    ),
    "style": Plate(
        same={"prompt": FOX, "seed": 7},
        each={name: {"style": name} for name in ("vivid", "natural")},
        note="The same drawing; natural has the calmer colours.",
    ),
    "size": Plate(
        same={"prompt": SHIP, "seed": 7},
        each={"square": {"size": "1024x1024"}, "wide": {"size": "1792x1024"}, "tall": {"size": "1024x1792"}},
        note="Each is composed anew for its shape; nothing is cut off or stretched.",
    ),
    "background": Plate(
        same={"prompt": DRAGON, "seed": 7},
        each={name: {"background": name} for name in ("opaque", "transparent")},
        note="Where the chequers of the page show, the picture is clear.",
    ),
    "format": Plate(
        same={"prompt": TRAIN, "seed": 7},
        each={name: {"output_format": name, "output_compression": 90} for name in ("jpeg", "webp")}
        | {"png": {"output_format": "png"}},
    ),
    "compression": Plate(
        same={"prompt": TRAIN, "seed": 7, "output_format": "jpeg"},
        each={str(kept): {"output_compression": kept} for kept in (90, 10)},
        part=(300, 330),
        note="A part of each at its true pixels: at 10 the edges are smudged.",
    ),
    "n": Plate(
        same={"prompt": STORM, "seed": 7, "n": 3},
        each={"": {}},
        note="One call, three pictures: their seeds follow one another.",
    ),
    "edited": Plate(
        same={"seed": 7},
        each={
            "before": {"prompt": FOX},
            "night": {"prompt": "the same scene at night"},
            "watercolour": {"prompt": "as a watercolour"},
            "owl": {"prompt": "add an owl"},
        },
        edited=True,
        note="The first was asked for in these words; the others are edits of it.",
    ),
    "seed": Plate(
        same={"prompt": SKYLINE},
        each={"7": {"seed": 7}, "7-again": {"seed": 7}, "8": {"seed": 8}},
        note="The first two calls gave the same bytes.",
    ),
}
"""Every plate by its name; the pictures' files are called after it and after the name in `each`."""


def shown(name: str) -> list[Shown]:
    """Give the pictures of a plate, in the order of the table; raises `KeyError`."""
    plate, made = PLATES[name], _made()
    found = []
    for label, own in plate.each.items():
        request = plate.same | own
        for place in range(request.get("n", 1)):
            file = file_of(name, label, place if request.get("n", 1) > 1 else None)
            told = ", ".join(f"{key}: {json.dumps(value)}" for key, value in own.items() if key != "prompt")
            found.append(Shown(file, told or f"seed: {request['seed'] + place}", request, made[file]))
    return found


def file_of(name: str, label: str, place: int | None = None) -> str:
    """Name the file of a picture; `place` is which of several that one request gave."""
    parts = [name, label, "" if place is None else str(place + 1)]
    return "-".join(part for part in parts if part) + ".webp"


def names() -> list[str]:
    """Name all the pictures' files."""
    return list(_made())


@cache
def _made() -> dict[str, Drawn]:
    """Read what the drawing told, once."""
    told = files("limner.console").joinpath("static", FOLDER, MADE).read_bytes()
    return msgspec.json.decode(told, type=dict[str, Drawn])
