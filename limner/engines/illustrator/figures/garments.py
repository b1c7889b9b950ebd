"""Garments as they look when worn, where the pack draws them folded or from behind."""

from __future__ import annotations

_SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="{}">{}</svg>'

GARMENTS: dict[str, str] = {
    "scarf": _SVG.format(
        "0 0 120 92",
        '<path d="M74 22C80 40 83 62 80 84L98 90C104 66 100 40 90 20Z" fill="#b71c1c"/>'
        '<path d="M62 24C64 44 62 66 56 84L76 88C84 66 86 44 82 24Z" fill="#d32f2f"/>'
        '<path d="M57 80L54 89M64 82L62 91M71 83L70 91" stroke="#d32f2f" stroke-width="3.4" stroke-linecap="round"/>'
        '<path d="M84 82L82 90M91 84L90 91" stroke="#b71c1c" stroke-width="3.4" stroke-linecap="round"/>'
        '<path d="M60 58C67 60 74 61 82 60M58 68C66 71 73 72 81 71" stroke="#ffcdd2" stroke-width="3.6" fill="none"/>'
        '<path d="M4 14C2 24 8 33 24 37C46 42 76 42 98 36C112 32 118 24 116 14C114 6 104 10 96 13C72 20 46 20 24 12'
        'C14 8 6 6 4 14Z" fill="#e53935"/>'
        '<path d="M10 25C30 34 86 36 112 23" fill="none" stroke="#b71c1c" stroke-width="2.4" stroke-linecap="round"/>'
        '<path d="M58 20C54 28 56 36 64 40C72 43 84 42 88 36C91 28 88 20 80 17C72 15 62 15 58 20Z" fill="#ef5350"/>'
        '<path d="M66 24C65 29 67 34 71 37M76 22C76 27 78 32 81 34" fill="none" stroke="#b71c1c" stroke-width="2"/>',
    ),
}
"""Drawings by the name of what is worn; the wardrobe gives them as "scarf@worn"."""
