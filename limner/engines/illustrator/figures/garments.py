"""Drawings of things in use, where the pack draws them otherwise: a scarf around a neck, a bowl that fish live in."""

from __future__ import annotations

_SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="{}">{}</svg>'

IN_USE: dict[str, str] = {
    "scarf@worn": _SVG.format(
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
    "gloves@worn": _SVG.format(
        "0 0 64 84",
        '<path d="M14 24C10 44 8 60 14 70C20 82 40 84 47 72C51 64 51 56 50 50C56 50 62 44 61 36'
        'C60 30 53 30 51 35L48 24Z" fill="#e53935"/>'
        '<path d="M47 72C51 64 51 56 50 50C56 50 62 44 61 36C60 34 58 32 56 32C56 40 52 44 44 46C46 58 44 68 34 78'
        'C40 78 45 76 47 72Z" fill="#b71c1c" fill-opacity="0.7"/>'
        '<rect x="8" y="6" width="46" height="22" rx="7" fill="#ef5350"/>'
        '<path d="M18 10V24M27 10V24M36 10V24M45 10V24" stroke="#b71c1c" stroke-width="2.4" stroke-linecap="round"/>',
    ),
    "bowl@glass": _SVG.format(
        "0 0 120 108",
        '<path d="M8 40H112C112 78 92 100 60 100C28 100 8 78 8 40Z" fill="#4fc3f7" fill-opacity="0.42"/>'
        '<path d="M20 82C34 76 52 84 66 79C80 75 90 80 100 78C90 93 77 100 60 100C42 100 28 94 20 82Z" '
        'fill="#e6c88a" fill-opacity="0.9"/>'
        '<path d="M26 6C12 18 4 32 5 50C7 82 28 104 60 104C92 104 113 82 115 50C116 32 108 18 94 6" fill="none" '
        'stroke="#d6eef8" stroke-opacity="0.85" stroke-width="4"/>'
        '<ellipse cx="60" cy="40" rx="52" ry="5.5" fill="#b3e5fc" fill-opacity="0.55"/>'
        '<ellipse cx="60" cy="6" rx="35" ry="4.5" fill="#ffffff" fill-opacity="0.18" stroke="#e1f5fe" '
        'stroke-width="3"/>'
        '<path d="M17 46C17 62 22 76 32 86" fill="none" stroke="#ffffff" stroke-opacity="0.75" stroke-width="5" '
        'stroke-linecap="round"/><circle cx="86" cy="56" r="3" fill="#ffffff" fill-opacity="0.7"/>'
        '<circle cx="91" cy="48" r="2" fill="#ffffff" fill-opacity="0.7"/>',
    ),
}
"""By the names that the wardrobe gives them."""
