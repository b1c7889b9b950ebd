"""The built places: skyline, street, village, kitchen, library, and what city, room, table and studio gained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from limner.engines.illustrator.backdrops import BACKDROPS, Backdrop, Footing, View
from limner.engines.illustrator.backdrops.gloss import shine
from limner.engines.illustrator.backdrops.kitchen import worktop
from limner.engines.illustrator.backdrops.outlines import KINDS, outlines, tops
from limner.engines.illustrator.backdrops.plate import Plate
from limner.engines.illustrator.backdrops.towers import row_of_towers

if TYPE_CHECKING:
    from limner.engines.illustrator.pixels import Array
    from limner.engines.illustrator.scene import Detail, Setting, Time, Weather

BUILT: tuple[Setting, ...] = (
    "skyline", "street", "village", "kitchen", "library", "city", "room", "table", "studio",
)  # fmt: skip
OPEN: tuple[Setting, ...] = ("skyline", "street", "village", "city")
INDOORS: tuple[Setting, ...] = ("room", "kitchen", "library")


def view(
    *,
    time: Time = "day",
    weather: Weather = "clear",
    size: tuple[int, int] = (192, 192),
    detail: float = 0.6,
    palette: tuple[str, ...] = (),
    details: frozenset[Detail] = frozenset(),
    seed: int = 7,
) -> View:
    return View(*size, time, weather, detail, np.random.default_rng(seed), palette, details)


def high_pass(image: Array) -> float:
    clipped = np.clip(image, 0, 1)
    return float((clipped - cv2.GaussianBlur(clipped, (0, 0), 2)).std())


def difference(first: Backdrop, second: Backdrop) -> float:
    return float(np.abs(np.clip(first.image, 0, 1) - np.clip(second.image, 0, 1)).mean())


@pytest.mark.parametrize("setting", BUILT)
def test_fine_pictures_are_finer_and_show_the_same_place(setting: Setting) -> None:
    size = (720, 720)
    plain, fine = (BACKDROPS[setting](view(size=size, detail=detail)).image for detail in (0.6, 1.0))
    assert high_pass(fine) > 1.10 * high_pass(plain)
    small = [cv2.resize(np.clip(image, 0, 1), (90, 90), interpolation=cv2.INTER_AREA) for image in (plain, fine)]
    assert np.corrcoef(small[0].ravel(), small[1].ravel())[0, 1] > 0.95


@pytest.mark.parametrize("setting", BUILT)
def test_the_palette_tints_every_built_place(setting: Setting) -> None:
    red, blue = (BACKDROPS[setting](view(palette=(name, name))).image for name in ("red", "blue"))
    assert (red[..., 0] - red[..., 2]).mean() > (blue[..., 0] - blue[..., 2]).mean() + 0.01


@pytest.mark.parametrize(
    ("setting", "detail", "time"),
    [
        ("skyline", "futuristic", "golden"),
        ("city", "futuristic", "night"),
        ("street", "futuristic", "night"),
        ("street", "old", "day"),
        ("street", "festive", "night"),
        ("street", "autumn", "day"),
        ("street", "blossom", "day"),
        ("village", "rays", "day"),
        ("skyline", "festive", "night"),
        ("skyline", "boat", "day"),
        ("city", "festive", "golden"),
        ("city", "autumn", "day"),
        ("room", "festive", "night"),
        ("village", "boat", "golden"),
    ],
)
def test_details_are_shown(setting: Setting, detail: Detail, time: Time) -> None:
    plain = BACKDROPS[setting](view(time=time))
    shown = BACKDROPS[setting](view(time=time, details=frozenset((detail,)), detail=1.0))
    assert np.isfinite(shown.image).all()
    assert difference(plain, shown) > 0.002


@pytest.mark.parametrize("setting", OPEN)
@pytest.mark.parametrize("detail", [0.6, 1.0])
def test_snow_lies_on_open_places_at_every_hour(setting: Setting, detail: float) -> None:
    for time in ("day", "golden", "night"):
        bare, white = (BACKDROPS[setting](view(time=time, weather=w, detail=detail)) for w in ("clear", "snow"))
        assert white.surface == "snow"
        foot = slice(int(0.93 * 192), None)
        assert white.image[foot].mean() > bare.image[foot].mean()


def test_a_street_in_the_rain_mirrors_the_houses() -> None:
    dry, wet = (BACKDROPS["street"](view(weather=weather, size=(256, 256))) for weather in ("clear", "rain"))
    road = slice(int(0.72 * 256), int(0.95 * 256)), slice(60, 196)
    across = [float(place.image[road].mean(axis=0).std(axis=0).mean()) for place in (dry, wet)]
    assert across[1] > 1.5 * across[0]


@pytest.mark.parametrize("setting", INDOORS)
def test_rooms_show_the_weather_through_the_window(setting: Setting) -> None:
    clear = BACKDROPS[setting](view(size=(256, 256)))
    for weather in ("rain", "storm", "snow", "fog"):
        assert difference(clear, BACKDROPS[setting](view(weather=weather, size=(256, 256)))) > 0.002


def test_small_things_have_a_worktop_in_the_kitchen() -> None:
    for time in ("day", "night"):
        place = worktop(view(time=time, palette=("green", "yellow")))
        assert place.surface == "table"
        assert place.horizon < place.ground[0] < place.ground[1]
        assert np.isfinite(place.image).all()


def test_a_narrow_picture_has_no_room_for_an_outlook() -> None:
    place = BACKDROPS["kitchen"](view(size=(64, 640)))
    assert place.image.shape == (640, 64, 3)


def test_polished_floors_mirror_who_stands_on_them() -> None:
    for setting in ("studio", "table"):
        place = BACKDROPS[setting](view(size=(200, 200)))
        clean = place.image.copy()
        place.image[80:150, 70:130] = (1, 0, 0)
        assert place.front is not None
        place.front(place.image, (Footing(70, 130, 150),))
        below, beside = place.image[151:157, 80:120], place.image[151:157, 10:50]
        assert (below - clean[151:157, 80:120])[..., 1].mean() < -0.02
        assert np.abs(beside - clean[151:157, 10:50]).max() < 1e-6


def test_shadows_are_not_mirrored() -> None:
    clean = np.full((120, 120, 3), 0.8, np.float32)
    image = clean.copy()
    image[40:80, 30:90] *= np.float32(0.7)
    shaded = image.copy()
    shine(view(size=(120, 120)), 0.5, 0.01)(image, clean, (Footing(30, 90, 80),))
    assert np.array_equal(image, shaded)


def test_nothing_is_mirrored_at_the_edge_of_the_picture() -> None:
    clean = np.full((60, 60, 3), 0.5, np.float32)
    image = clean.copy()
    feet = (Footing(10, 50, 59.5), Footing(90, 99, 30), Footing(10, 50, 1))
    shine(view(size=(60, 60)), 0.5, 0.01)(image, clean, feet)
    assert np.array_equal(image, clean)


def test_every_outline_stands_on_the_ground_and_is_one_tower_high() -> None:
    across = np.linspace(-0.5, 0.5, 41)
    for kind, shape in enumerate(outlines()):
        assert shape[0, 0] == 0
        assert shape[-1, 0] == 1
        assert (np.diff(shape[:, 0]) >= 0).all()
        assert (shape[:, 1] <= shape[:, 2] + 1e-9).all()
        assert tops(kind, across).max() > 0.9
    assert len(outlines()) == KINDS


def test_low_towers_are_of_plain_shape() -> None:
    low = row_of_towers(view(), 20, (0.02, 0.03), (0.05, 0.08), np.random.default_rng(1), future=1.0)
    assert {tower.kind for tower in low} <= {0, 1, 3, 5, 7}


def test_an_empty_plate_leaves_the_canvas_alone() -> None:
    canvas = np.full((32, 32, 3), 0.3, np.float32)
    plate = Plate.of(view(size=(32, 32)), 0.5)
    plate.boxes(np.zeros((0, 4)), (1, 1, 1))
    plate.lay(canvas)
    assert (canvas == np.float32(0.3)).all()


def test_a_plate_covers_what_is_drawn_on_it_and_haze_veils_it() -> None:
    place = view(size=(64, 64))
    for veil, wanted in ((None, (1.0, 0.5, 0.0)), (1.0, (0.2, 0.4, 0.6))):
        canvas = np.zeros((64, 64, 3), np.float32)
        plate = Plate.of(place, 0.5)
        plate.boxes([(-0.2, -0.2, 0.2, 0.2)], (1.0, 0.5, 0.0))
        haze = None if veil is None else (np.array((0.2, 0.4, 0.6), np.float32), np.full((64, 1), veil, np.float32))
        plate.lay(canvas, haze)
        assert canvas[32, 32] == pytest.approx(wanted, abs=0.01)
        assert not canvas[2, 2].any()
