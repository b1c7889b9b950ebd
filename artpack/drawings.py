"""Drawings of the art pack: Noto's emoji as plain SVG documents, and our own for what no emoji set has."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Icons = dict[str, Any]

NOTICE = """\
The art pack of limner

art       Noto Emoji (Google Inc.), Apache License 2.0, by way of the npm package @iconify-json/noto; coordinates
          rounded, some pictures left out. Drawings that Noto does not have are limner's own.
fonts     families of Fontsource, SIL Open Font License 1.1, scripts joined, rare characters left out, each under its
          own licence below. The few characters of "Limner Signs" are limner's own.
words     compiled from emojibase-data (MIT, Miles Johnson), whose labels and tags come from Unicode CLDR:
          Copyright (c) 1991-2025 Unicode, Inc. Unicode License v3. Permission is granted, free of charge, to any person
          obtaining a copy of data files and any associated documentation to deal in the data files without
          restriction, provided that this copyright and permission notice appear with all copies. The data files are
          provided "as is", without warranty of any kind.
"""

LICENCE = """\
Noto Emoji
Copyright Google Inc.

Licensed under the Apache License, Version 2.0 (the "License"); you may not use these files except in compliance with
the License. Unless required by applicable law or agreed to in writing, software distributed under the License is
distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
License for the specific language governing permissions and limitations under the License. Its full text is published
by the Apache Software Foundation as "Apache License, Version 2.0, January 2004".
"""

# Old names kept by the set beside the new ones, digits drawn without a key, hair without a head, the one flag it has.
LEFT_OUT = re.compile(
    r"-tone\d|^digit-|^[0-9]$|^(asterisk|pound|bald|curly-haired|red-haired|white-haired)$|^keycap|^flag-martinique$"
)
SOLO = re.compile(r"^(people-holding|couple|kiss|family|men-|women-|woman-and-man|people-)")
TONES = ("light", "medium-light", "medium", "medium-dark", "dark")
TONE = re.compile(r"-(?:medium-light|medium-dark|medium|light|dark)-skin-tone")
# What only skin is painted in, Noto's and that of the people we draw ourselves.
SKIN = "#e59600"
HEADS = frozenset({"man", "woman", "person"})
_PATH = re.compile(r'\bd="[^"]*"')
_FRACTION = re.compile(r"\.(\d)(\d)\d*")
_PLACE = re.compile(r'\b(cx|cy|r|fx|fy|x1|x2|y1|y2|rx|ry)="(-?\d*\.\d+)"')
_OFFSET = re.compile(r'\b(offset)="(\d*\.\d+)"')
_TRANSFORM = re.compile(r'\b(?:gradientT|t)ransform="[^"]*"')
_DECIMAL = re.compile(r"-?\d*\.\d+")
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_STROKE = re.compile(r"<(?:path|ellipse|circle|rect|polygon|stop)\b[^>]*>")
_FRACTION_OF_PLACE = re.compile(r"\.\d+")
_ID = re.compile(r'(\bid="|url\(#|href="#)([^")]+)')


def collect(modules: Path, own: Path) -> tuple[dict[str, str], list[str]]:
    """Every drawing by name, Noto's and then our own on top; and the patterns of names that have skin tones.

    People in other skin tones are not packed: they differ from the first in a dozen colours, which the reader of the
    pack puts in. "boy@" says that there is a "boy-dark-skin-tone", "man@-beard" a "man-dark-skin-tone-beard".
    """
    noto: Icons = json.loads((modules / "@iconify-json/noto/icons.json").read_text("utf-8"))
    kept = {name: icon["body"] for name, icon in noto["icons"].items() if not LEFT_OUT.search(name)}
    tones = {TONE.sub("@", name) for name in kept if len(TONE.findall(name)) == 1 and not SOLO.match(name)}
    for pattern in tones:
        plain, *others = (pattern.replace("@", tone) for tone in ("", "-light-skin-tone", "-dark-skin-tone"))
        if all(name in kept for name in (plain, *others)):
            kept[plain] = _marked(kept[plain], [kept[name] for name in others])
    art = {name: document(body) for name, body in kept.items() if "skin-tone" not in name}
    ours = {path.stem: path.read_text("utf-8").strip() + "\n" for path in sorted(own.glob("*.svg"))}
    drawn = {f"{name}@" for name, body in ours.items() if SKIN in body}
    return art | ours, sorted(drawn | {pattern for pattern in tones if pattern.replace("@", "") in art})


def _marked(body: str, others: list[str]) -> str:
    """Write in capitals the colours of strokes that a drawing has alike in all tones of skin, as the gold of a crown.

    The pack's reader takes no colour in capitals for skin. A stroke is known again by its place.
    """
    alike = set.intersection(*({_placed(stroke) for stroke in _STROKE.findall(other)} for other in others))
    return _STROKE.sub(lambda stroke: _in_capitals(stroke[0]) if _placed(stroke[0]) in alike else stroke[0], body)


def _in_capitals(stroke: str) -> str:
    return _COLOUR.sub(lambda colour: colour[0].upper(), stroke)


def _placed(stroke: str) -> str:
    """Give a stroke with its place to a whole unit."""
    return _FRACTION_OF_PLACE.sub("", stroke)


def toned(art: Iterable[str], tones: Iterable[str]) -> set[str]:
    """Name every drawing there is when each of the skin tones is counted."""
    return {*art, *(pattern.replace("@", f"-{tone}-skin-tone") for pattern in tones for tone in TONES)}


def kinship(name: str) -> tuple[bool, list[str]]:
    """Order drawings so that those with the same strokes are neighbours: people by what they do, then all the rest."""
    first, *rest = name.split("-")
    return (first not in HEADS, rest) if first in HEADS else (True, [name])


def document(body: str) -> str:
    """Wrap an icon's body as a complete SVG document of 128 x 128 units, its numbers rounded and its ids short."""
    head = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 128 128">'
    body = _PATH.sub(lambda path: _FRACTION.sub(_tenth, path[0]), body)
    body = _PLACE.sub(lambda found: f'{found[1]}="{_short(found[2], 1 if abs(float(found[2])) > 2 else 3)}"', body)
    body = _OFFSET.sub(lambda found: f'{found[1]}="{_short(found[2], 2)}"', body)
    body = _TRANSFORM.sub(lambda found: _DECIMAL.sub(_significant, found[0]), body)
    return head + _renamed(body) + "</svg>\n"


def _renamed(body: str) -> str:
    """Give short ids, for they are random letters, which do not pack at all."""
    ids: dict[str, str] = {}
    return _ID.sub(lambda found: found[1] + ids.setdefault(found[2], f"i{len(ids)}"), body)


def _short(number: str, digits: int) -> str:
    """Write a number with at most so many digits after the point, and none that say nothing."""
    text = f"{float(number):.{digits}f}".rstrip("0").rstrip(".")
    return re.sub(r"^(-?)0\.", r"\1.", text) if text not in ("", "-0", "-") else "0"


def _significant(match: re.Match[str]) -> str:
    """Round to four significant digits: a matrix's factors may be small, and what they multiply is about a hundred."""
    text = f"{float(match[0]):.4g}"
    return text if "e" in text else _short(text, 7)


def _tenth(match: re.Match[str]) -> str:
    """Round a fraction to tenths without ever touching the digits before the point.

    Path data may run numbers and arc flags together ("a1 1 0 01.5.5"), so the whole part must stay as written.
    """
    first, second = int(match[1]), int(match[2])
    return f".{min(first + (second >= 5), 9)}"
