"""The engines there are. `ENGINES[name](Setup(...))` makes one; a new engine is a file and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limner.engines.diffusion import Diffusion
from limner.engines.illustrator import Illustrator
from limner.engines.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from limner.engines.base import Engine, Setup

ENGINES: dict[str, Callable[[Setup], Engine]] = {
    "diffusion": Diffusion,
    "illustrator": lambda setup: Illustrator(setup.workers),
    "sandbox": Sandbox,
}
