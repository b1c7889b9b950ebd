"""What editing understands besides the words of prompts, and how it says that something is not among it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from limner.engines.illustrator.language.places import series
from limner.errors import ApiNotImplemented

if TYPE_CHECKING:
    from limner.engines.illustrator.scene import Scene

OWN = (
    "another light or weather ('at night', 'in the rain'), colours ('make the car blue'), a medium ('as a "
    "watercolour'), adding, removing, replacing, counting and moving what it shows ('add two birds', 'remove the "
    "tree', 'replace the dog with a cat'), another place ('in a forest'), its lettering ('add the words \"SALE\"'), "
    "and the whole of it brighter, warmer, sharper, cropped, framed or mirrored"
)
FOREIGN = (
    "a medium ('as a watercolour', 'pixel art'), its light and colours ('at night', 'golden hour', 'in the fog', "
    "'sepia', 'black and white', 'warmer', 'brighter', 'in blue and gold tones'), another cut ('crop it', 'frame it', "
    "'extend it'), 'mirror it', and lettering ('add the words \"SALE\"')"
)
BACKGROUND = re.compile(r"^(?:the\s+|its\s+)?(?:background|backdrop|surroundings)$", re.IGNORECASE)
TINTED = re.compile(r"^(?:the\s+|its\s+)?(?:background|backdrop)\s+(?P<colour>.+)$", re.IGNORECASE)
COLOURS = re.compile(r"^(?:all\s+)?(?:the\s+|its\s+)?colou?rs?$", re.IGNORECASE)
VAGUE = re.compile(r"\b(?:better|nicer|prettier|improve[ds]?|enhance[ds]?|fix|beautify)\b", re.IGNORECASE)
EVERYBODY = re.compile(
    r"^(?:everything|everybody|everyone|all(?:\s+(?:of\s+)?(?:it|them|things|subjects))?)$", re.IGNORECASE
)
ONE = re.compile(r"^(?:it|them|him|her)\b", re.IGNORECASE)
TOGETHER = re.compile(r"^(?:combine|merge|join|unite|mix|put\b.*\btogether)\b", re.IGNORECASE)
SHARE = re.compile(r"^(\w+)\s+of\s+(?:the|his|her|its|these|those)\s+", re.IGNORECASE)
SIZES = (
    (re.compile(r"\b(?:much|far|a\s+lot)\s+(?:bigger|larger|taller)\b", re.IGNORECASE), 5.0),
    (re.compile(r"\b(?:bigger|larger|taller|enlarge)\b", re.IGNORECASE), 2.5),
    (re.compile(r"\b(?:much|far|a\s+lot)\s+smaller\b", re.IGNORECASE), 0.2),
    (re.compile(r"\b(?:smaller|shorter|shrink)\b", re.IGNORECASE), 0.4),
    (re.compile(r"\b(?:huge|giant|gigantic|enormous)\b", re.IGNORECASE), 6.0),
    (re.compile(r"\b(?:big|large)\b", re.IGNORECASE), 2.5),
    (re.compile(r"\btiny\b", re.IGNORECASE), 0.17),
    (re.compile(r"\bsmall\b", re.IGNORECASE), 0.4),
)
MOODS: dict[str, tuple[str, str]] = {
    # the hour and the weather that a mood is told with
    "cosy": ("golden", "clear"), "serene": ("day", "clear"), "gloomy": ("day", "storm"), "mysterious": ("night", "fog"),
    "joyful": ("day", "clear"), "dramatic": ("golden", "storm"), "dreamy": ("golden", "fog"),
    "melancholy": ("day", "rain"), "spooky": ("night", "fog"),
}  # fmt: skip
# Signs that change how all of the picture looks.
GLOBAL = frozenset({"time", "weather", "medium", "loose", "setting", "palette", "tones", "mood", "detail"})


def unread(clause: str, *, own: bool) -> ApiNotImplemented:
    """Say that an instruction, or a part of it, is not understood."""
    offered = OWN if own else FOREIGN
    return ApiNotImplemented(
        f"What is to be done is not understood: {_quoted(clause)}. It can be {offered}.", param="prompt"
    )


def missing(name: str, scene: Scene) -> ApiNotImplemented:
    """Say that something is not a thing of the picture that can be changed."""
    shown = series([subject.name for subject in scene.subjects])
    told = f"what it shows by itself is: {shown}" if shown else "it shows nothing but its place"
    return ApiNotImplemented(f"No {name} can be changed in this picture; {told}.", param="prompt")


def unchanged(clause: str) -> ApiNotImplemented:
    """Say that a picture is already as it should become."""
    return ApiNotImplemented(
        f"Nothing would change: the picture is like that already ({_quoted(clause)}).", param="prompt"
    )


def beyond(clause: str, param: str) -> ApiNotImplemented:
    """Say that this cannot be done to a picture that was not made here."""
    told = (
        f"{_quoted(clause)} cannot be done to a picture that was not made by this model. What can be done: {FOREIGN}."
    )
    return ApiNotImplemented(told[0].upper() + told[1:], param=param)


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:80] + "\u2026")
