"""Which way a picture should lie, by its prompt."""

from __future__ import annotations

import pytest

from limner.orientation import orientation


@pytest.mark.parametrize(
    ("prompt", "way"),
    [
        ("a cat on a sofa", "square"),
        ("", "square"),
        ("the Tokyo skyline at night", "wide"),
        ("mountains at dawn", "wide"),
        ("a panoramic view of a village", "wide"),
        ("Eine Landschaft mit Kühen", "wide"),
        ("山の風景", "wide"),
        ("a portrait of an old sailor", "tall"),
        ("a lighthouse in a storm", "tall"),
        ("un póster, affiche de voyage", "tall"),
        ("海报", "tall"),
        ("an app icon, a mountain", "square"),
        ("a lighthouse on the coast", "square"),
        ("a portrait in landscape format", "wide"),
        ("a landscape, vertical", "tall"),
        ("posture of a dancer", "square"),
        ("a mountaineer's towering iconic cat", "square"),
        ("x" * 2_000 + " panorama", "square"),
    ],
)
def test_words_decide(prompt: str, way: str) -> None:
    assert orientation(prompt) == way
