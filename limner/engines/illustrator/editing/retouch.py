"""Retouching: what can be done to any finished picture, as data, and how it is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from limner.engines.illustrator.language.places import series

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Retouch:
    """What is done to a print.

    `light`, `warmth`, `chroma` and `contrast` are steps up or down; `focus` is -1 for softer, 1 for sharper. `mirrored`
    is about the upright axis, `flipped` about the level one, `turned` a number of quarters clockwise. `tint` are
    colours that all others become. `laid` is how the picture fills its size: cropped, "mounted" on paper with a border,
    "extended" with paper at the sides that lack; `cropped` tells that it was asked to be cut.
    """

    light: float = 0.0
    warmth: float = 0.0
    chroma: float = 0.0
    contrast: float = 0.0
    focus: int = 0
    mirrored: bool = False
    flipped: bool = False
    turned: int = 0
    laid: str = "cropped"
    cropped: bool = False
    tint: tuple[str, ...] = ()

    @property
    def moves(self) -> bool:
        """Whether anything is elsewhere in the picture afterwards."""
        return self.mirrored or self.flipped or bool(self.turned) or self.cropped or self.laid != "cropped"

    def told(self) -> str:
        """Say what is done, in words."""
        steps = (
            (self.light, "brighter", "darker"), (self.warmth, "warmer", "cooler"),
            (self.chroma, "in fuller colours", "in calmer colours"), (self.contrast, "with more contrast", "softer"),
            (self.focus, "sharpened", "out of focus"),
        )  # fmt: skip
        words = [more if value > 0 else less for value, more, less in steps if value]
        words += ["in black and white"] if self.tint == GREY else ["in sepia"] if self.tint else []
        words += ["mirrored"] if self.mirrored else []
        words += ["upside down"] if self.flipped else []
        words += [f"turned by {90 * self.turned} degrees"] if self.turned else []
        words += ["cropped"] if self.cropped and self.laid == "cropped" else []
        words += ["mounted on paper"] if self.laid == "mounted" else []
        words += ["extended with paper"] if self.laid == "extended" else []
        return series(words) if words else ""


NONE = Retouch()
GREY, SEPIA = ("grey", "black", "white"), ("brown", "white")

_VERY = re.compile(r"\b(?:much|very|far|a\s+lot|strongly|significantly)\b", re.IGNORECASE)
_LESS = re.compile(r"^(?:reduce|lower|decrease|less|give\s+it\s+less|with\s+less)\b", re.IGNORECASE)
_SUBJECT = (
    r"^(?:(?:please|make|turn|give|add|increase|raise|boost|apply|use|put|have|with|in|a|an|the|some|bit|little|slightly|"
    r"much|very|far|lot|of|more|it|this|that|its|picture|image|photo|photograph|colou?rs?|whole|thing|light|lighting|"
    r"tones?|look|everything|reduce|lower|decrease|less|bring|out|them|all|effect)\b\s*)*"
)


_INTO = (
    r"(?:(?:please|make|turn|convert|change|render|show|it|this|that|all|everything|the|whole|picture|image|photo|"
    r"photograph|scene|into|to|in|as|a|an|back|fully)\s+)*"
)
_PRINT = r"(?:\s+(?:photo|photograph|picture|image|version|style|tones?|print|again))*(?=\s*$)"


def _step(words: str, **change: float) -> tuple[re.Pattern[str], Callable[[Retouch, re.Match[str], float], Retouch]]:
    """Make a rule for a step up or down, twice as large with "much"."""

    def apply(had: Retouch, match: re.Match[str], times: float) -> Retouch:
        del match
        return replace(had, **{name: getattr(had, name) + value * times for name, value in change.items()})

    return re.compile(rf"{_SUBJECT}(?:{words})[\s.!]*$", re.IGNORECASE), apply


def _set(words: str, **change: object) -> tuple[re.Pattern[str], Callable[[Retouch, re.Match[str], float], Retouch]]:
    """Make a rule that sets something."""

    def apply(had: Retouch, match: re.Match[str], times: float) -> Retouch:
        del match, times
        return replace(had, **change)  # type: ignore[arg-type]

    return re.compile(rf"^(?:{words})(?:\b.*)?$", re.IGNORECASE | re.DOTALL), apply


def _mirror(had: Retouch, match: re.Match[str], times: float) -> Retouch:
    del match, times
    return replace(had, mirrored=not had.mirrored)


def _flip(had: Retouch, match: re.Match[str], times: float) -> Retouch:
    del match, times
    return replace(had, flipped=not had.flipped)


def _turn(had: Retouch, match: re.Match[str], times: float) -> Retouch:
    del times
    told = match[0].lower()
    quarters = (
        2 if "180" in told or "upside" in told else 3 if "counter" in told or "left" in told or "270" in told else 1
    )
    return replace(had, turned=(had.turned + quarters) % 4)


_RULES = (
    _step(r"brighter|lighter|brighten|brightness(?<!reduce\sbrightness)", light=1.0),
    _step(r"darker|dimmer|darken", light=-1.0),
    _step(r"warmer|warm\s+up|warmth", warmth=1.0),
    _step(r"cooler|colder|cool", warmth=-1.0),
    _step(r"(?:more\s+)?(?:vivid|saturated|colou?rful)|saturation|richer|vibrance|fuller", chroma=1.0),
    _step(r"(?:less\s+)?(?:muted|desaturated|duller|paler|calmer|faded\s+colou?rs)", chroma=-1.0),
    _step(r"(?:more\s+|higher\s+)?contrast|contrastier|punchier|crisper", contrast=1.0),
    _step(r"softer|flatter|gentler", contrast=-1.0),
    _set(r"(?:make\s+(?:it|this|everything)\s+)?(?:sharpen|sharper)", focus=1),
    _set(r"(?:make\s+(?:it|this|everything)\s+)?(?:blur(?:red|ry|rier)?)", focus=-1),
    _set(rf"{_INTO}(?:monochrome|gr[ae]yscale|b\s*&\s*w){_PRINT}", tint=GREY),
    _set(rf"{_INTO}sepia{_PRINT}", tint=SEPIA),
    _set(rf"{_INTO}(?:full\s+)?colou?r(?:ed)?(?:\s+again)?{_PRINT}", tint=()),
    (re.compile(r"^flip\b.*\b(?:vertical|upside).*$", re.IGNORECASE), _flip),
    (re.compile(r"^(?:mirror|flip)\b.*$", re.IGNORECASE), _mirror),
    (re.compile(r"^(?:rotate|turn\s+(?:it|this|the\s+(?:picture|image|photo))\s+(?:by|upside|90|180|left|right|clock))\b.*$",
                re.IGNORECASE), _turn),
    _set(r"(?:crop|trim|cut\s+it\s+to|zoom)", laid="cropped", cropped=True),
    _set(r"(?:extend|expand|outpaint|uncrop|widen|zoom\s+out)", laid="extended"),
    _set(
        r"(?:frame|mount|(?:add|put|give|place|with|in|set)\s.*\b(?:frame|border|passe-?partout|mat|margins?)"
        r"(?=\s*$|\s+(?:a?round|to)\b))",
        laid="mounted",
    ),
)  # fmt: skip


def retouched(clause: str, had: Retouch) -> Retouch | None:
    """Take up what a clause asks of the print, or several joined by "and"; None where it asks something else."""
    now: Retouch | None = had
    plain = re.sub(r"\bblack[\s-]+and[\s-]+white\b", "monochrome", clause.strip(), flags=re.IGNORECASE)
    for part in re.split(r"\s+and\s+", plain, flags=re.IGNORECASE):
        now = None if now is None else _one(part, now)
    return now


def _one(part: str, had: Retouch) -> Retouch | None:
    times = 2.0 if _VERY.search(part) else 1.0
    times = -times if _LESS.match(part) else times
    for pattern, apply in _RULES:
        if match := pattern.match(part):
            return apply(had, match, times)
    return None
