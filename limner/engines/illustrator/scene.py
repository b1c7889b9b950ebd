"""What a prompt says, as data: the one thing the reader makes and the painter paints.

`reading.read(prompt)` makes a `Scene`; `composition.compose(scene, ...)` gives every
subject a place; `painter.paint(...)` turns both into pixels; `telling.tell(scene)`
says in a sentence what was drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Setting = Literal[
    "sea", "underwater", "beach", "river", "meadow", "garden", "farm", "hills", "mountains", "forest", "desert",
    "snow", "city", "street", "skyline", "village", "sky", "space", "moon", "room", "kitchen", "library", "table",
    "studio", "abstract",
]  # fmt: skip
Time = Literal["day", "golden", "night"]
Weather = Literal["clear", "fog", "rain", "snow", "storm"]
Medium = Literal[
    "render", "photo", "watercolour", "oil", "ink", "pencil", "pixel", "flat", "poster", "paper", "glass",
    "blueprint", "book", "anime",
]  # fmt: skip
Place = Literal["left", "right", "on", "under", "above", "in", "in_front", "behind", "next_to", "held", "worn"]
Pattern = Literal["stripes", "dots", "halves"]
Detail = Literal["futuristic", "old", "autumn", "blossom", "festive", "boat", "rays", "aurora", "waterfall", "ruins"]


@dataclass(frozen=True, slots=True)
class Subject:
    """Some of one thing: "three red apples" is one `Subject` with `count` 3.

    `art` is the drawing's name in the art pack; `name` what people (and COCO, where it has a
    class for it) call it; `height` its true height in metres, which decides relative sizes;
    `stance` says what it does without help: things that stand need ground, things that float need none.
    `second` is another colour on it, in a `pattern`: a red bus with white below.
    """

    art: str
    name: str
    count: int = 1
    colour: str | None = None
    height: float = 0.5
    stance: Literal["stands", "floats", "flies", "swims"] = "stands"
    material: Literal["fur", "skin", "gloss", "stone", "plant", "cloth", "paper", "plain"] = "plain"
    faces: Literal["left", "right", "front"] = "front"
    second: str | None = None
    pattern: Pattern = "halves"


@dataclass(frozen=True, slots=True)
class Relation:
    """`subjects[first]` is at `place` of `subjects[second]`: (0, "left", 1) = the first is left of the second.

    "held" and "worn": the second holds (reads, plays) or wears the first.
    """

    first: int
    place: Place
    second: int


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole picture in words: who is in it, how they stand to each other, where, when, and in what manner.

    `details` are what the place shows besides, as far as its backdrop knows how: an autumn forest, a futuristic city.
    """

    prompt: str
    subjects: tuple[Subject, ...] = ()
    relations: tuple[Relation, ...] = ()
    setting: Setting = "meadow"
    time: Time = "day"
    weather: Weather = "clear"
    medium: Medium = "render"
    text: tuple[str, ...] = ()
    mood: str | None = None
    palette: tuple[str, ...] = field(default=())
    details: tuple[Detail, ...] = ()
