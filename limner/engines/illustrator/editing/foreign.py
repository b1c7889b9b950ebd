"""Pictures that were not made here: only pixels, of which nobody knows what they show.

They can get another medium, light, colours, cut and lettering. Whatever else is asked is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np

from limner.engines.illustrator.editing.clauses import Clause, clauses
from limner.engines.illustrator.editing.retouch import GREY, NONE, SEPIA, Retouch, retouched
from limner.engines.illustrator.editing.retouching import glowing, laid, recoloured, relit, toned
from limner.engines.illustrator.editing.understanding import COLOURS, beyond, unread
from limner.engines.illustrator.language.places import series
from limner.engines.illustrator.language.reading import NO_IDEA, hear, is_scenery, palette_of
from limner.engines.illustrator.language.telling import MEDIA as TOLD
from limner.engines.illustrator.media import MEDIA, Proof
from limner.engines.illustrator.pixels import fork
from limner.engines.illustrator.printing.finish import crisp
from limner.engines.illustrator.printing.sheet import lettered, plan_sheet
from limner.engines.illustrator.scene import Scene

if TYPE_CHECKING:
    from limner.engines.illustrator.language.mentions import Said
    from limner.engines.illustrator.language.vocabulary import Vocabulary
    from limner.engines.illustrator.painter import Pack
    from limner.engines.illustrator.printing.finish import Pixels
    from limner.engines.illustrator.scene import Medium, Time, Weather

HOURS: dict[str, str] = {"day": "by day", "golden": "at golden hour", "night": "at night"}
WEATHERS: dict[str, str] = {
    "fog": "in the fog",
    "rain": "in the rain",
    "snow": "in falling snow",
    "storm": "in a storm",
}
VARIED: tuple[Medium, ...] = (
    "watercolour",
    "oil",
    "book",
    "poster",
    "anime",
    "pencil",
    "flat",
    "ink",
    "paper",
)
PALETTES: tuple[tuple[str, ...], ...] = (
    (), ("blue", "gold"), (), ("teal", "orange"), ("brown", "white"), (), ("purple", "turquoise", "pink"),
    ("green", "gold"), (), ("blue", "silver", "white"), ("red", "gold", "brown"),
)  # fmt: skip
DETAIL = {"low": 0.5, "standard": 0.6, "hd": 1.0}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is done to a foreign picture."""

    medium: Medium = "render"
    time: Time | None = None
    weather: Weather | None = None
    palette: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    retouch: Retouch = NONE

    def told(self) -> str:
        """Say in a sentence what the picture is now."""
        parts = [TOLD.get(self.medium, ""), HOURS.get(self.time or "", ""), WEATHERS.get(self.weather or "", "")]
        parts += [_palette(self.palette)] if self.palette else []
        parts += [self.retouch.told()]
        quoted = [f"\u201c{text}\u201d" for text in self.text]
        parts += [f"with the lettering {series(quoted)}"] if quoted else []
        return f"The picture given, {', '.join(part for part in parts if part)}."


def _palette(palette: tuple[str, ...]) -> str:
    if palette == GREY:
        return "in black and white"
    return "in sepia" if palette == SEPIA else f"in {series(list(palette))}"


def wanted(instruction: str, words: Vocabulary, *, param: str = "prompt") -> Wanted:
    """Read what is to be done to a foreign picture.

    Raises `ApiNotImplemented` naming `param` for what nobody can do who does not know what a picture shows.
    """
    found = Wanted()
    told = clauses(instruction)
    for clause in told:
        found = _taken(clause, found, words, param)
    if found == Wanted():
        raise unread(instruction, own=False)
    return found


def _taken(clause: Clause, had: Wanted, words: Vocabulary, param: str) -> Wanted:
    retouch = retouched(clause.text, had.retouch)
    if retouch is not None:
        # Colours come last, after the hour's.
        return replace(had, retouch=replace(retouch, tint=()), palette=retouch.tint or had.palette)
    if clause.kind == "remove":
        if COLOURS.match(clause.old):
            return replace(had, palette=GREY)
        raise beyond(clause.text, param)
    said, texts, _ = hear(clause.new or clause.old, words)
    if said.signs.get("setting") == ["snow"]:
        # "In the snow" is a place in a scene, and weather in a photograph.
        said.signs = {kind: signs for kind, signs in said.signs.items() if kind != "setting"} | {"weather": ["snow"]}
    if clause.kind in ("make", "move") or (clause.kind == "replace" and not _is_hour(clause.old, words)):
        raise beyond(clause.text, param)
    if [mention for mention in said.mentions if not is_scenery(mention, said)] or said.signs.get("setting"):
        raise beyond(clause.text, param)
    if said.first("time") is None and said.mentions:
        raise beyond(clause.text, param)
    return _signed(clause, said, texts, had)


def _is_hour(phrase: str, words: Vocabulary) -> bool:
    """Whether this only says how the picture is now: "change day to night"."""
    said, _, _ = hear(phrase, words)
    return not said.mentions and bool(said.signs.keys() & {"time", "weather", "palette", "medium", "loose"})


def _signed(clause: Clause, said: Said, texts: tuple[str, ...], had: Wanted) -> Wanted:
    """Take up signs of the whole picture and its lettering."""
    medium = said.first("medium") or said.first("loose")
    palette = palette_of(said, NO_IDEA, "abstract")
    now = replace(
        had,
        medium=cast("Medium", medium or had.medium),
        time=cast("Time", said.first("time") or had.time),
        weather=cast("Weather", said.first("weather") or had.weather),
        palette=palette or had.palette,
        text=(*had.text, *texts),
    )
    # The place's own furniture is not there to be changed, and a mood says nothing that can be done to pixels.
    if now == had:
        raise unread(clause.text, own=False)
    return now


def varied(seed: int) -> Wanted:
    """Choose another medium and other colours for a variation."""
    rng = np.random.default_rng(seed)
    medium, palette = VARIED[int(rng.integers(len(VARIED)))], PALETTES[int(rng.integers(len(PALETTES)))]
    return Wanted(medium=medium, palette=palette, retouch=Retouch(mirrored=bool(rng.random() < 0.25)))


def done_over(pixels: Pixels, what: Wanted, size: tuple[int, int], *, seed: int, pack: Pack, quality: str) -> Pixels:
    """Do to a picture, uint8 RGB or RGBA, what is wanted; the result has `size` (width, height)."""
    cut, light, over, paper = (fork(rng) for rng in [np.random.default_rng(seed)] * 4)
    mounted = what.retouch.laid != "cropped"
    pixels = toned(pixels, what.retouch)
    if not mounted:
        pixels = laid(pixels, *size, what.retouch, cut)
    elif max(pixels.shape[:2]) > max(size):
        pixels = laid(pixels, *_within(pixels, size), NONE, cut)
    colours, cover = np.ascontiguousarray(pixels[..., :3]), pixels[..., 3:]
    if what.time or what.weather:
        colours = relit(colours, what.time, what.weather, light)
        colours = glowing(colours) if what.time in ("golden", "night") else colours
    if what.palette:
        colours = recoloured(colours, what.palette)
    manner = MEDIA[what.medium]
    if manner.over is not None:
        owner = np.zeros(colours.shape[:2], np.uint16)
        colours = manner.over(Proof(colours, owner, DETAIL[quality]), over)
        colours = crisp(colours, manner.crispness) if quality == "hd" and manner.crispness else colours
    pixels = np.dstack([colours, cover]) if cover.shape[2] else colours
    if mounted:
        pixels = laid(pixels, *size, what.retouch, paper)
    pixels = np.ascontiguousarray(pixels)
    _letter(pixels, what, size, pack)
    return pixels


def _within(pixels: Pixels, size: tuple[int, int]) -> tuple[int, int]:
    """Give the size that a picture has where all of it is to be seen within another."""
    height, width = pixels.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _letter(pixels: Pixels, what: Wanted, size: tuple[int, int], pack: Pack) -> None:
    """Set the lettering over the picture, in place."""
    if what.text:
        medium: Medium = "render" if what.medium == "poster" else what.medium
        scene = Scene("", setting="city", medium=medium, text=what.text)
        lettered(
            pixels,
            scene,
            plan_sheet(scene, *size, clear=False),
            pack,
            "#22242c",
        )
