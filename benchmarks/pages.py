"""How long the server takes for each page of the console, and what a browser with an empty cache fetches for it.

    python -m benchmarks.pages [--rounds 40]

The server is furnished as for `docs/screens` (some seventy tasks over a month). Time: from the request to the last byte
of the page, one connection on this machine, the rounds interleaved over all pages; medians and the slowest of twenty.
Weight: the page with its style and scripts as they cross the wire, in gzip where the server packs; no pictures.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import httpx

from scripts.screens import DOOR, PAGES, age, furnish, serving

BUDGET = 50.0
"""Milliseconds that a page may take in the median."""

_LINKED = re.compile(r'(?:<link rel="stylesheet" href|<script type="module" src)="([^"]+)"')
_IMPORTED = re.compile(r'^import .* from "\./([^"]+)";$', re.MULTILINE)


def timed(browser: httpx.Client, path: str) -> float:
    """Get a page; the milliseconds that took."""
    begun = time.perf_counter()
    browser.get(path).raise_for_status()
    return (time.perf_counter() - begun) * 1000


def weight(browser: httpx.Client, path: str) -> int:
    """Add up the bytes of a page with its style and scripts, and the modules that those import."""
    page = browser.get(path)
    wanted, total, seen = _LINKED.findall(page.text), page.num_bytes_downloaded, set[str]()
    while wanted:
        name = wanted.pop()
        if name.partition("?")[0] not in seen:
            seen.add(name.partition("?")[0])
            file = browser.get(name)
            total += file.num_bytes_downloaded
            wanted += [f"/static/{module}" for module in _IMPORTED.findall(file.text)]
    return total


def measure(rounds: int) -> list[tuple[str, float, float, int]]:
    """Give (page, median, slowest of twenty in milliseconds, bytes) for every page there is."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as url:
        furnished = furnish(url)
        age(furnished, Path(folder))
        with httpx.Client(base_url=url, timeout=60) as admin, httpx.Client(base_url=url, timeout=60) as visitor:
            admin.cookies.update({one["name"]: one["value"] for one in furnished.cookies})
            pages = {name: (admin, furnished.path(name)) for name in PAGES}
            pages |= {name: (visitor, path.format(**furnished.places)) for name, path in DOOR.items()}
            times: dict[str, list[float]] = {name: [] for name in pages}
            for _ in range(rounds + 1):
                for name, (browser, path) in pages.items():
                    times[name].append(timed(browser, path))
            found = {name: sorted(taken[1:]) for name, taken in times.items()}
            return [
                (name, median(taken), taken[len(taken) * 19 // 20], weight(*pages[name]))
                for name, taken in found.items()
            ]


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="Time and weigh every page of the console.")
    parser.add_argument("--rounds", type=int, default=40)
    rows = measure(parser.parse_args().rounds)
    sys.stdout.write(
        "| page | median, ms | slowest of twenty, ms | kB before pictures |\n| --- | ---: | ---: | ---: |\n"
    )
    for name, usual, slow, size in rows:
        sys.stdout.write(f"| {name} | {usual:.1f} | {slow:.1f} | {size / 1000:.0f} |\n")
    over = [name for name, usual, _, _ in rows if usual > BUDGET]
    sys.stdout.write(f"\nover {BUDGET:.0f} ms: {', '.join(over) or 'none'}\n")


if __name__ == "__main__":
    main()
