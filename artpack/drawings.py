"""Drawings of the art pack: Noto's emoji as plain SVG documents, and our own for what no emoji set has."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Icons = dict[str, Any]

NOTICE = """\
The art pack of limner

art/      Noto Emoji (Google Inc.), Apache License 2.0, by way of the npm package @iconify-json/noto; coordinates
          rounded, some pictures left out. Drawings that Noto does not have are limner's own.
fonts/    families of Fontsource, SIL Open Font License 1.1, scripts joined, each under its own licence in this folder.
words/    compiled from emojibase-data (MIT, Miles Johnson), whose labels and tags come from Unicode CLDR:
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

TONES = ("medium-light", "medium", "medium-dark")
# Old names kept by the set beside the new ones, digits drawn without a key, hair without a head, the one flag it has.
LEFT_OUT = re.compile(
    r"-tone\d|^digit-|^[0-9]$|^(asterisk|pound|bald|curly-haired|red-haired|white-haired)$|^keycap|^flag-martinique$"
)
SOLO = re.compile(r"^(people-holding|couple|kiss|family|men-|women-|woman-and-man|people-)")
_PATH = re.compile(r'\bd="[^"]*"')
_FRACTION = re.compile(r"\.(\d)(\d)\d*")


def collect(modules: Path, own: Path) -> dict[str, str]:
    """Every drawing by name: Noto's pictures without the tail of skin tones and flags, then our own on top."""
    noto: Icons = json.loads((modules / "@iconify-json/noto/icons.json").read_text("utf-8"))
    art = {name: document(icon["body"]) for name, icon in noto["icons"].items() if _kept(name)}
    return art | {path.stem: path.read_text("utf-8").strip() + "\n" for path in sorted(own.glob("*.svg"))}


def document(body: str) -> str:
    """Wrap an icon's body as a complete SVG document of 128 x 128 units."""
    head = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 128 128">'
    return head + _PATH.sub(lambda path: _FRACTION.sub(_tenth, path[0]), body) + "</svg>\n"


def _kept(name: str) -> bool:
    """Whether a picture is worth its place in the pack."""
    if LEFT_OUT.search(name):
        return False
    if "skin-tone" not in name:
        return True
    return _tone(name) in TONES and not SOLO.match(name)


def _tone(name: str) -> str:
    """Find the skin tone in a name such as `man-medium-dark-skin-tone-beard`; empty when there are two."""
    found = re.findall(r"(medium-light|medium-dark|medium|light|dark)-skin-tone", name)
    return found[0] if len(found) == 1 else ""


def _tenth(match: re.Match[str]) -> str:
    """Round a fraction to tenths without ever touching the digits before the point.

    Path data may run numbers and arc flags together ("a1 1 0 01.5.5"), so the whole part must stay as written.
    """
    first, second = int(match[1]), int(match[2])
    return f".{min(first + (second >= 5), 9)}"
