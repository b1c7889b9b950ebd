from __future__ import annotations

from typing import Literal, get_args

import cv2
import numpy as np
import pytest

from limner.engines.illustrator.backdrops import BACKDROPS, Backdrop, Footing, Surface, View
from limner.engines.illustrator.scene import Detail, Setting, Subject, Time, Weather

SETTINGS: tuple[Setting, ...] = get_args(Setting)
TIMES: tuple[Time, ...] = get_args(Time)
WEATHERS: tuple[Weather, ...] = get_args(Weather)
OUTDOORS: tuple[Setting, ...] = ("sea", "meadow", "city", "forest", "beach", "snow", "sky", "desert")
Size = tuple[int, int]
Stance = Literal["stands", "floats", "flies", "swims"]


def backdrop(
    setting: Setting,
    time: Time = "day",
    weather: Weather = "clear",
    size: Size = (192, 128),
    *,
    seed: int = 7,
    detail: float = 0.6,
    palette: tuple[str, ...] = (),
) -> Backdrop:
    rng = np.random.default_rng(seed)
    return BACKDROPS[setting](View(size[0], size[1], time, weather, detail, rng, palette))


def sound(place: Backdrop, size: Size) -> None:
    """Check what every painter relies on."""
    assert place.image.shape == (size[1], size[0], 3)
    assert place.image.dtype == np.float32
    assert np.isfinite(place.image).all()
    assert place.image.min() > -0.05
    assert place.image.std() > 0.02
    far, near = place.ground
    assert 0 < place.horizon < far < near <= 1
    assert place.surface in get_args(Surface)
    light = place.light
    assert np.linalg.norm(light.direction) == pytest.approx(1, abs=0.02)
    for colour in (light.key, light.up, light.down, light.rim):
        assert np.asarray(colour).shape == (3,)
        assert 0 <= np.min(colour) <= np.max(colour) < 1.5
    assert 0 <= light.shadow <= 1
    assert -1 <= light.warmth <= 1


def stand(place: Backdrop, size: Size) -> None:
    """Let two subjects stand there, one of them partly outside, and paint what is before their feet."""
    w, h = size
    feet = (Footing(-0.1 * w, 0.3 * w, place.ground[0] * h), Footing(0.2 * w, 0.7 * w, place.ground[1] * h))
    if place.front:
        place.front(place.image, feet)
        place.front(place.image, ())
        place.front(place.image, (Footing(-3 * w, -2 * w, 3 * h),))
    assert np.isfinite(place.image).all()


def attended(setting: Setting, *stances: Stance, weather: Weather = "clear") -> Backdrop:
    """Give a place for a company of these stances."""
    company = tuple(Subject("duck", "duck", stance=stance) for stance in stances)
    return BACKDROPS[setting](View(160, 120, "day", weather, 0.6, np.random.default_rng(7), (), frozenset(), company))


@pytest.mark.parametrize("setting", ["river", "mountains"])
def test_banks_recede_for_those_who_swim(setting: Setting) -> None:
    dry, both, wet = attended(setting), attended(setting, "stands", "floats"), attended(setting, "floats", "swims")
    assert dry.pond
    assert both.pond
    assert both.pond[1] - both.pond[0] > 0.10 > dry.pond[1] - dry.pond[0] > 0.02
    assert both.surface == "grass"
    assert both.pond[1] < both.ground[0]
    assert wet.surface == "water"
    assert attended(setting, "floats", weather="snow").surface == "water"
    assert attended(setting, "floats", "stands", weather="snow").surface == "snow"


@pytest.mark.parametrize("setting", ["river", "skyline", "village", "beach"])
def test_a_pond_covers_what_floats_in_it_as_water_does(setting: Setting) -> None:
    place = attended(setting)
    assert place.pond
    assert place.front
    assert place.pond[1] < place.ground[0]
    row, x = round(sum(place.pond) / 2 * 120), round(sum(place.banks) / 2 * 160)
    clean = place.image.copy()
    place.image[row - 8 : row + 8, x - 10 : x + 10] = (1, 0, 0)
    place.front(place.image, (Footing(x - 10, x + 10, row),))
    assert np.abs(place.image[row + 5 : row + 8, x - 5 : x + 5] - clean[row + 5 : row + 8, x - 5 : x + 5]).mean() < 0.12


def test_no_pond_where_there_is_no_open_water() -> None:
    assert all(backdrop(setting, size=(64, 64)).pond is None for setting in ("meadow", "room", "sea"))


def test_every_setting_has_a_backdrop() -> None:
    assert set(BACKDROPS) == set(SETTINGS)


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_is_sound_at_every_time(setting: Setting, time: Time) -> None:
    for weather in ("clear", "snow"):
        place = backdrop(setting, time, weather)
        sound(place, (192, 128))
        stand(place, (192, 128))


@pytest.mark.parametrize("weather", ["fog", "rain", "storm"])
@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_is_sound_in_bad_weather(setting: Setting, weather: Weather) -> None:
    place = backdrop(setting, "night" if weather == "fog" else "day", weather, (96, 96))
    sound(place, (96, 96))
    stand(place, (96, 96))


@pytest.mark.parametrize("size", [(64, 64), (2048, 64), (64, 640)])
@pytest.mark.parametrize("setting", SETTINGS)
def test_odd_formats_work(setting: Setting, size: Size) -> None:
    place = backdrop(setting, "golden", size=size, detail=1.0)
    sound(place, size)
    stand(place, size)


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_same_seed_gives_the_same_bytes_and_another_another_picture(setting: Setting) -> None:
    first, again, other = (backdrop(setting, "night", size=(96, 64), seed=seed) for seed in (3, 3, 4))
    for place in (first, again):
        stand(place, (96, 64))
    assert first.image.tobytes() == again.image.tobytes()
    assert first.image.tobytes() != other.image.tobytes()


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_composition_is_the_same_at_every_size(setting: Setting) -> None:
    small, large = backdrop(setting, size=(160, 160)).image, backdrop(setting, size=(640, 640)).image
    reduced = cv2.resize(large, (160, 160), interpolation=cv2.INTER_AREA)
    assert np.corrcoef(small.ravel(), reduced.ravel())[0, 1] > 0.8


@pytest.mark.parametrize("setting", OUTDOORS)
def test_a_wider_picture_keeps_its_middle(setting: Setting) -> None:
    square, wide = backdrop(setting, size=(160, 160)).image, backdrop(setting, size=(280, 160)).image
    assert np.corrcoef(square.ravel(), wide[:, 60:220].ravel())[0, 1] > 0.6


@pytest.mark.parametrize("setting", [s for s in SETTINGS if s != "space"])
def test_night_is_darker_than_day(setting: Setting) -> None:
    day, night = (np.clip(backdrop(setting, time, size=(96, 96)).image, 0, 1).mean() for time in ("day", "night"))
    assert night < 0.75 * day


def test_snow_whitens_the_ground_of_meadow_and_city() -> None:
    for setting in ("meadow", "city"):
        clear, white = backdrop(setting), backdrop(setting, weather="snow")
        assert white.surface == "snow"
        ground = slice(int(white.ground[0] * 128), None)
        spread = np.ptp(white.image[ground].mean(axis=(0, 1)))
        assert white.image[ground].mean() > clear.image[ground].mean()
        assert spread < 0.15


@pytest.mark.parametrize("setting", ["studio", "room", "space", "meadow"])
def test_the_palette_tints_the_picture(setting: Setting) -> None:
    red, blue = (backdrop(setting, size=(96, 96), palette=(name, name)).image for name in ("red", "blue"))
    assert (red[..., 0] - red[..., 2]).mean() > (blue[..., 0] - blue[..., 2]).mean() + 0.02
    assert np.isfinite(backdrop(setting, size=(64, 64), palette=("no such colour",)).image).all()


def test_water_covers_what_is_below_the_waterline() -> None:
    place = backdrop("sea", size=(200, 200))
    clean = place.image.copy()
    place.image[100:180, 80:120] = (1, 0, 0)
    assert place.front is not None
    place.front(place.image, (Footing(80, 120, 150),))
    assert np.abs(place.image[110, 100] - (1, 0, 0)).max() < 0.05
    assert np.abs(place.image[174:178, 85:115] - clean[174:178, 85:115]).mean() < 0.1


def test_a_farther_subject_does_not_wash_away_a_nearer_one() -> None:
    place = backdrop("sea", size=(200, 200))
    place.image[100:170, 60:140] = (1, 0, 0)
    assert place.front is not None
    place.front(place.image, (Footing(40, 100, 130), Footing(60, 140, 165)))
    assert np.abs(place.image[146:150, 70:90] - (1, 0, 0)).mean() < 0.15


SHOWN: tuple[tuple[Setting, Detail], ...] = (
    ("sea", "boat"), ("beach", "boat"), ("river", "boat"), ("mountains", "boat"), ("mountains", "waterfall"),
    ("forest", "waterfall"), ("river", "waterfall"), ("meadow", "ruins"), ("hills", "ruins"), ("desert", "ruins"),
    ("forest", "ruins"), ("forest", "rays"), ("meadow", "rays"), ("snow", "aurora"), ("mountains", "aurora"),
    ("meadow", "autumn"), ("hills", "autumn"), ("forest", "autumn"), ("garden", "autumn"), ("river", "autumn"),
    ("meadow", "blossom"), ("garden", "blossom"), ("forest", "blossom"),
)  # fmt: skip


def detailed(setting: Setting, detail: Detail, weather: Weather = "clear", size: Size = (96, 96)) -> Backdrop:
    view = View(*size, "golden", weather, 0.6, np.random.default_rng(5), details=frozenset({detail}))
    return BACKDROPS[setting](view)


@pytest.mark.parametrize(("setting", "detail"), SHOWN)
def test_a_place_shows_the_details_that_suit_it(setting: Setting, detail: Detail) -> None:
    for weather in ("clear", "snow"):
        place = detailed(setting, detail, weather)
        sound(place, (96, 96))
    plain, shown = backdrop(setting, "golden", size=(96, 96), seed=5).image, detailed(setting, detail).image
    assert np.abs(plain - shown).max() > 0.08
    stand(place, (96, 96))


def test_autumn_turns_the_leaves_red() -> None:
    for setting in ("meadow", "forest"):
        views = [View(128, 128, "day", "clear", 0.6, np.random.default_rng(7), details=d) for d in SEASONS]
        green, red = (BACKDROPS[setting](view).image[:64] for view in views)
        assert (red[..., 0] - red[..., 1]).mean() > (green[..., 0] - green[..., 1]).mean() + 0.04


SEASONS: tuple[frozenset[Detail], ...] = (frozenset(), frozenset({"autumn"}))


def test_what_is_far_is_lost_in_the_haze_and_more_so_in_fog() -> None:
    clear, fog = backdrop("meadow").haze, backdrop("meadow", weather="fog").haze
    assert clear is not None
    assert fog is not None
    rows = np.linspace(clear.far, clear.near, 5)
    shares = [clear.at(float(row)) for row in rows]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == 0
    assert all(fog.at(float(row)) > share for row, share in zip(rows, shares, strict=True))
    assert clear.at(0) == clear.at(clear.far) <= 1
    assert backdrop("room").haze is None


def test_rain_lies_in_puddles_and_a_storm_darkens_the_land() -> None:
    clear, rain, storm = (backdrop("meadow", weather=weather).image for weather in ("clear", "rain", "storm"))
    assert np.abs(clear - rain)[110:].mean() > 0.02
    assert storm[80:].mean() < 0.8 * clear[80:].mean()


def test_snow_whitens_the_sand() -> None:
    for setting in ("beach", "desert"):
        white = backdrop(setting, weather="snow")
        assert white.surface == "snow"
        assert np.ptp(white.image[110:].mean(axis=(0, 1))) < 0.15


def test_a_northern_coast_has_rocks_where_others_have_a_palm() -> None:
    def shore(*company: Subject) -> np.ndarray:
        view = View(192, 128, "day", "clear", 0.6, np.random.default_rng(7), company=company)
        return BACKDROPS["beach"](view).image

    rocky, tropical = shore(Subject("lighthouse", "lighthouse")), shore(Subject("crab", "crab"))
    changed = np.abs(rocky - tropical).max(axis=2) > 0.1
    assert 0.02 < changed.mean() < 0.4
    greyness = [np.ptp(image[changed], axis=1).mean() for image in (rocky, tropical)]
    assert greyness[0] < 0.6 * greyness[1]


@pytest.mark.parametrize("seed", range(9))
def test_abstract_shapes_keep_to_the_colours_asked_for(seed: int) -> None:
    size = (160, 96)
    free, blue = (backdrop("abstract", size=size, seed=seed, palette=palette) for palette in ((), ("blue",)))
    for place in (free, blue):
        sound(place, size)
        stand(place, size)
    red, _green, most = blue.image.mean(axis=(0, 1))
    assert most > red + 0.1
    assert backdrop("abstract", "night", size=size, seed=seed).image.mean() < 0.7 * free.image.mean()


def test_abstract_pictures_come_in_three_manners() -> None:
    edges = {seed: cv2.Laplacian(backdrop("abstract", seed=seed).image.mean(axis=2), cv2.CV_32F) for seed in range(12)}
    assert max(np.abs(edge).mean() for edge in edges.values()) > 1.5 * min(
        np.abs(edge).mean() for edge in edges.values()
    )


@pytest.mark.parametrize("setting", ["sea", "river", "meadow", "mountains", "forest", "sky"])
def test_the_finest_quality_holds_more_detail_of_the_same_place(setting: Setting) -> None:
    plain, fine = (backdrop(setting, size=(512, 512), detail=detail).image.mean(axis=2) for detail in (0.6, 1.0))
    assert np.corrcoef(plain.ravel(), fine.ravel())[0, 1] > 0.9
    grain = [(image - cv2.GaussianBlur(image, (0, 0), 2)).std() for image in (plain, fine)]
    assert grain[1] > 1.05 * grain[0]


def test_a_garden_path_leads_to_an_arch_or_to_a_fountain() -> None:
    ends = [backdrop("garden", weather=weather, size=(96, 96), seed=seed) for seed in (1, 2) for weather in WEATHERS]
    for place in ends:
        sound(place, (96, 96))
    arch, fountain = (place.image[50:62, 40:56].mean(axis=(0, 1)) for place in (ends[0], ends[len(WEATHERS)]))
    assert fountain[2] > arch[2] + 0.03
