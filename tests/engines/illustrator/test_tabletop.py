"""Rooms show a table where only small things come, and their floor otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from limner.engines.illustrator.backdrops import BACKDROPS, View
from limner.engines.illustrator.scene import Setting, Subject

MUG, CAT, MOUSE, MAN = (
    Subject("mug", "mug", height=0.1),
    Subject("cat", "cat", height=0.3, material="fur"),
    Subject("mouse", "mouse", height=0.06, material="fur"),
    Subject("man", "man", height=1.8, material="cloth"),
)


@pytest.mark.parametrize("setting", ["room", "library", "kitchen"])
@pytest.mark.parametrize(
    ("company", "surface"),
    [((), "floor"), ((MUG,), "table"), ((MUG, MOUSE), "table"), ((CAT,), "floor"), ((MUG, MAN), "floor")],
)
def test_small_things_have_a_table(setting: Setting, company: tuple[Subject, ...], surface: str) -> None:
    view = View(160, 120, "day", "clear", 0.6, np.random.default_rng(2), company=company)
    made = BACKDROPS[setting](view)
    assert made.surface == surface
    assert made.image.shape == (120, 160, 3)
    assert made.ground[0] < made.ground[1] < 1
