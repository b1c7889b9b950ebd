"""Previews: what is shown of a picture under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from limner.engines.illustrator.language.reading import read
from limner.engines.illustrator.pack import ArtPack
from limner.engines.illustrator.painter import paint
from limner.engines.illustrator.pixels import rgb
from limner.engines.illustrator.previews import PAPER

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

PACK = ArtPack.open()


@pytest.mark.parametrize("prompt", ["a red dragon", "a meadow"])
def test_previews_of_a_cut_out_lie_on_paper(prompt: str) -> None:
    shown: dict[str, NDArray[np.uint8]] = {}

    def show(name: str, make: Callable[[], NDArray[np.uint8]]) -> None:
        shown[name] = make()

    paint(read(prompt, PACK), size=(192, 192), seed=3, pack=PACK, background="transparent", show=show)
    assert set(shown) == {"sketch", "flat", "lit"}
    cut = shown.values() if "dragon" in prompt else [shown["lit"]]
    for pixels in cut:
        assert np.abs(pixels[:4, :4].reshape(-1, 3).mean(axis=0) - rgb(PAPER) * 255).max() < 4
        assert pixels.std() > 5
