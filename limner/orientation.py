"""Which way a picture should lie, guessed from its prompt: what `size: auto` goes by.

A handful of words decide, before any engine reads the prompt, because the size decides the price.
"""

from __future__ import annotations

import re
from typing import Literal

Orientation = Literal["square", "wide", "tall"]

READ = 2_000
ASKED: dict[Orientation, str] = {
    "wide": r"landscape format|landscape orientation|horizontal(?:ly)?|wide ?screen|wide[- ]angle|wide shot|banner"
    r"|header|panoram\w*|cinematic|film still|16[:x]9|21[:x]9|3[:x]2|desktop wallpaper|querformat"
    r"|panorámic\w*|paysage|horizontale?|apaisado|横向|横長|横版|가로",
    "tall": r"portrait format|portrait orientation|vertical(?:ly)?|9[:x]16|2[:x]3|phone wallpaper|lock ?screen"
    r"|book cover|magazine cover|bookmark|full[- ]body|full[- ]length|hochformat|verticale?|posters?"
    r"|plakat|affiche|cartel|locandina|cartaz|плакат|海报|ポスター|縦向き|竖版|포스터|세로",
    "square": r"square|icon|avatar|logo|sticker|emblem|badge|1[:x]1|album cover|quadratisch|carré|cuadrad[oa]|正方形",
}
"""Words that ask for a format; the one that comes first in the prompt wins."""
SUGGESTED: dict[Orientation, str] = {
    "wide": r"landscapes?|skylines?|sea ?scape|cityscape|coast(?:line)?|ocean|beach|mountains?|mountain range"
    r"|desert|valley|prairie|savannah?|horizon|sunset over|sunrise over|sunset|sunrise|trains?|convoy"
    r"|parade|herd|fleet|street scene|landschaft|paisaje|paesaggio|paisagem|landschap|krajobraz|пейзаж|风景"
    r"|風景|풍경",
    "tall": r"portrait|skyscraper|lighthouse|tower|waterfalls?|giraffe|rocket|totem|obelisk|lamp ?post"
    r"|grandfather clock|palm tree|redwood|sequoia|cathedral|porträt|retrato|ritratto|портрет|肖像|초상",
}
"""Things that look better one way, where nobody asks and only one of them comes up."""


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-zà-ÿа-я])(?:{pattern})(?![a-zà-ÿа-я])", re.IGNORECASE)


_ASKED = {orientation: _words(pattern) for orientation, pattern in ASKED.items()}
_SUGGESTED = {orientation: _words(pattern) for orientation, pattern in SUGGESTED.items()}


def orientation(prompt: str) -> Orientation:
    """Say how a picture of this should lie: as the prompt asks, else as what is in it suggests, else square."""
    head = prompt[:READ]
    asked = {found.start(): way for way, words in _ASKED.items() if (found := words.search(head))}
    if asked:
        return asked[min(asked)]
    suggested = [way for way, words in _SUGGESTED.items() if words.search(head)]
    return suggested[0] if len(suggested) == 1 else "square"
