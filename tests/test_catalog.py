from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from limner.catalog import MAX_SEED, QUALITIES, Catalogue, CatalogueError, Fields, Model, Warned
from limner.engines import ENGINES
from limner.errors import ApiNotImplemented, BadRequest, LimnerError, NotFound

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = Catalogue.load()
OPENAI = ("dall-e-3", "dall-e-2", "gpt-image-1", "gpt-image-1.5", "gpt-image-2")
EVERY = list(SHIPPED.models.values())


def load(folder: Path, text: str) -> Catalogue:
    """The catalogue with an operator's file laid over it."""
    file = folder / "models.toml"
    file.write_text(text, "utf-8")
    return Catalogue.load(file)


def narrowed(folder: Path, name: str) -> Model:
    return load(folder, f'[models."{name}"]\nlimits = "openai"\n').resolve(name)


def refusal(model: Model, **given: Any) -> LimnerError:
    with pytest.raises((BadRequest, ApiNotImplemented)) as refused:
        model.request(Fields(**{"prompt": "a cat"} | given), [])
    return refused.value


DALLE = SHIPPED.resolve("dall-e-3")


def test_the_shipped_catalogue_has_the_names_that_clients_send() -> None:
    assert set(SHIPPED.models) == {*OPENAI, "limner-illustrator", "limner-sandbox"}
    assert SHIPPED.default == "dall-e-3"
    assert {SHIPPED.models[name].engine for name in OPENAI} == {"illustrator"}
    assert {model.engine for model in EVERY} <= ENGINES.keys()


def test_no_name_is_the_default_and_a_wrong_one_is_told_what_there_is() -> None:
    assert SHIPPED.resolve(None) is DALLE
    with pytest.raises(NotFound) as missing:
        SHIPPED.resolve("x" * 100)
    assert missing.value.param == "model"
    assert "dall-e-3" in missing.value.message
    assert "x" * 41 not in missing.value.message


@pytest.mark.parametrize("model", EVERY, ids=lambda model: model.id)
def test_what_is_left_out_is_filled_in(model: Model) -> None:
    warnings: list[Warned] = []
    made = model.request(Fields(prompt="a cat"), warnings)
    can = model.capabilities
    assert (made.model, made.n, made.size, made.quality) == (model.id, 1, can.default_size, can.default_quality)
    assert (made.style, made.background, made.output_compression) == (can.default_style, "opaque", 100)
    assert made.response_format == ("b64_json" if model.id.startswith("gpt-image") else "url")
    assert made.output_format == "png"
    assert 0 <= made.seed < 2**31
    assert made.pixels == tuple(map(int, can.default_size.split("x")))
    assert warnings == []


@pytest.mark.parametrize("model", EVERY, ids=lambda model: model.id)
def test_everything_on_offer_is_accepted_and_has_a_price(model: Model) -> None:
    can = model.capabilities
    for quality in can.qualities:
        assert model.request(Fields(prompt="x", quality=quality), []).quality == quality
        for side in (can.min_side, 1024):
            assert model.price(quality, side, side) >= 0
    for style in can.styles:
        assert model.request(Fields(prompt="x", style=style), []).style == style
    for output_format in can.output_formats:
        assert model.request(Fields(prompt="x", output_format=output_format), []).output_format == output_format
    for background in can.backgrounds:
        wanted = "transparent" if background == "transparent" else "opaque"
        assert model.request(Fields(prompt="x", background=background), []).background == wanted
    assert model.request(Fields(prompt="x", n=can.max_images, seed=MAX_SEED, size="auto"), []).n == 10


@pytest.mark.parametrize(
    ("given", "param", "said"),
    [
        ({"prompt": None}, "prompt", "A prompt is required"),
        ({"prompt": " \n\t "}, "prompt", "The prompt is empty"),
        ({"prompt": "x" * 4001}, "prompt", "has 4001 characters; this model takes at most 4000"),
        ({"n": 0}, "n", "between 1 and 10, not 0"),
        ({"n": 11}, "n", "between 1 and 10, not 11"),
        ({"size": "abc"}, "size", "'abc' is no size: write WIDTHxHEIGHT, for example 1024x1024"),
        ({"size": "0x0"}, "size", "each side must be 64 to 3840"),
        ({"size": "99999x99999"}, "size", "each side must be 64 to 3840"),
        ({"size": "3840x3840"}, "size", "at most 8294400 pixels in all, not 14745600"),
        ({"size": "٦٤x٦٤"}, "size", "is no size"),
        ({"size": "1024x1024\n"}, "size", "is no size"),
        ({"size": "1" * 90}, "size", "…"),
        ({"quality": "ultra"}, "quality", "it takes standard, hd, low, medium, high or auto"),
        ({"style": "cubist"}, "style", "it takes vivid or natural"),
        ({"response_format": "tiff"}, "response_format", "it takes url or b64_json"),
        ({"output_format": "gif"}, "output_format", "it takes png, jpeg or webp"),
        ({"output_compression": -1}, "output_compression", "between 0 and 100, not -1"),
        ({"output_compression": 101}, "output_compression", "between 0 and 100, not 101"),
        ({"background": "blue"}, "background", "it takes transparent, opaque or auto"),
        ({"background": "transparent", "output_format": "jpeg"}, "background", "JPEG has no transparency"),
        ({"seed": -1}, "seed", "not -1"),
        ({"seed": MAX_SEED + 1}, "seed", str(MAX_SEED)),
        ({"moderation": "none"}, "moderation", "it is auto or low"),
        ({"partial_images": 4}, "partial_images", "between 0 and 3"),
    ],
)
def test_a_wrong_value_is_named_and_what_would_be_right_is_said(given: dict[str, Any], param: str, said: str) -> None:
    error = refusal(DALLE, **given)
    assert (type(error), error.param) == (BadRequest, param)
    assert said in error.message


def test_auto_lies_as_the_prompt_wants_it_and_costs_no_more() -> None:
    sizes = {
        prompt: DALLE.request(Fields(prompt=prompt, size="auto"), []).size
        for prompt in ("a cat", "a wide shot of the sea", "a vintage travel poster", "an icon of a mountain")
    }
    assert list(sizes.values()) == ["1024x1024", "1216x832", "832x1216", "1024x1024"]
    prices = {DALLE.price("standard", *map(int, size.split("x"))) for size in sizes.values()}
    assert len(prices) == 1
    assert DALLE.request(Fields(prompt="a wide shot of the sea"), []).size == "1024x1024"


@pytest.mark.parametrize(("given", "size"), [("0512X00768", "512x768"), ("64x3840", "64x3840"), ("auto", "1024x1024")])
def test_sizes_are_written_one_way(given: str, size: str) -> None:
    assert DALLE.request(Fields(prompt="x", size=given), []).size == size


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"moderation": "low"}, "moderation"),
        ({"partial_images": 2}, "partial_images"),
        ({"output_compression": 50}, "output_compression"),
    ],
)
def test_what_has_no_effect_is_warned_of(given: dict[str, Any], param: str) -> None:
    warnings: list[Warned] = []
    DALLE.request(Fields(prompt="x", **given), warnings)
    assert [warning.param for warning in warnings] == [param]


def test_compression_of_a_jpeg_has_its_effect() -> None:
    warnings: list[Warned] = []
    made = DALLE.request(Fields(prompt="x", output_format="jpeg", output_compression=50, partial_images=0), warnings)
    assert (made.output_compression, warnings) == (50, [])


def test_the_qualities_of_clients_are_those_of_engines() -> None:
    assert [DALLE.engine_quality(quality) for quality in ("low", "medium", "high", "auto", "hd")] == [
        "low",
        "standard",
        "hd",
        "standard",
        "hd",
    ]
    assert set(QUALITIES.values()) == {"low", "standard", "hd"}


def test_prices_rise_with_size_and_quality() -> None:
    assert DALLE.price("standard", 1024, 1024) == 40_000
    assert DALLE.price("standard", 1025, 1024) == 80_000
    assert DALLE.price("hd", 1792, 1024) == 120_000
    assert DALLE.price("low", 3840, 2160) == 40_000
    assert SHIPPED.resolve("limner-sandbox").price("hd", 4096, 4096) == 0


def test_the_job_is_what_was_asked_for_and_every_picture_has_its_own_seed() -> None:
    given = Fields(prompt="a cat", size="640x360", quality="high", style="natural", seed=7, background="transparent")
    made = DALLE.request(given, [])
    job = DALLE.job(made, 2)
    assert (job.prompt, job.width, job.height, job.seed) == ("a cat", 640, 360, 9)
    assert (job.quality, job.style, job.background, job.output_format) == ("hd", "natural", "transparent", "png")
    assert DALLE.job(made).seed == 7


@pytest.mark.parametrize(
    ("name", "taken", "refused"),
    [
        ("dall-e-3", "1792x1024", "512x512"),
        ("dall-e-2", "512x512", "1792x1024"),
        ("gpt-image-1", "1536x1024", "1792x1024"),
        ("gpt-image-1.5", "1024x1536", "64x64"),
        ("gpt-image-2", "3840x2160", "1000x1000"),
    ],
)
def test_openais_own_table_narrows_the_sizes(tmp_path: Path, name: str, taken: str, refused: str) -> None:
    model = narrowed(tmp_path, name)
    assert model.request(Fields(prompt="x", size=taken), []).size == taken
    assert refusal(model, size=refused).param == "size"


@pytest.mark.parametrize(
    ("name", "given", "kind"),
    [
        ("dall-e-3", {"n": 2}, BadRequest),
        ("dall-e-3", {"seed": 1}, ApiNotImplemented),
        ("dall-e-3", {"background": "opaque"}, ApiNotImplemented),
        ("dall-e-3", {"output_format": "png"}, ApiNotImplemented),
        ("dall-e-3", {"output_compression": 90}, ApiNotImplemented),
        ("dall-e-2", {"style": "vivid"}, ApiNotImplemented),
        ("dall-e-2", {"quality": "hd"}, BadRequest),
        ("gpt-image-1", {"response_format": "url"}, ApiNotImplemented),
        ("gpt-image-1", {"quality": "hd"}, BadRequest),
        ("gpt-image-2", {"size": "3200x1024"}, BadRequest),
        ("gpt-image-2", {"size": "1000x1000"}, BadRequest),
    ],
)
def test_openais_own_table_narrows_the_parameters(
    tmp_path: Path, name: str, given: dict[str, Any], kind: type[LimnerError]
) -> None:
    error = refusal(narrowed(tmp_path, name), **given)
    assert (type(error), error.param) == (kind, next(iter(given)))


@pytest.mark.parametrize("name", OPENAI)
def test_a_narrowed_model_still_draws(tmp_path: Path, name: str) -> None:
    model = narrowed(tmp_path, name)
    made = model.request(Fields(prompt="x"), [])
    assert model.job(made).width == 1024
    assert model.price(made.quality, *made.pixels) > 0


def test_one_picture_only_is_said_plainly(tmp_path: Path) -> None:
    assert refusal(narrowed(tmp_path, "dall-e-3"), n=2).message == "n must be 1, not 2."


def test_operators_add_change_and_remove_models(tmp_path: Path) -> None:
    catalogue = load(
        tmp_path,
        """
default = "house-style"
[models.house-style]
engine = "illustrator"
description = "Ours."
options = {palette = "house"}
[models.house-style.capabilities]
default_quality = "hd"
max_images = 2
[models.house-style.prices]
hd = [[8294400, 5]]
[models.dall-e-2]
enabled = false
""",
    )
    ours = catalogue.resolve(None)
    made = ours.request(Fields(prompt="x"), [])
    assert (ours.id, made.quality, ours.capabilities.max_images) == ("house-style", "hd", 2)
    assert (ours.price("hd", 64, 64), ours.price("standard", 64, 64)) == (5, 40_000)
    assert ours.job(made).options == {"palette": "house"}
    assert "dall-e-2" not in catalogue.models
    assert catalogue.resolve("dall-e-3") == DALLE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("default = 'nothing'", "default = 'nothing' is no model"),
        ("[models.x]\nengine = 'dream'", r"\[models.x\]: engine must be one of illustrator, sandbox"),
        ("[models.x]", r"\[models.x\]: engine must be one of"),
        ("[models.dall-e-3]\nlimits = 'mine'", 'limits may be "openai", for dall-e-3'),
        ("[models.limner-sandbox]\nlimits = 'openai'", 'limits may be "openai", for dall-e-3'),
        ("[models.dall-e-3]\ncolour = 'red'", r"\[models.dall-e-3\]: .*colour"),
        ("[models.dall-e-3.capabilities]\nmax_images = 'ten'", r"\[models.dall-e-3\]: Expected `int`"),
        ("[models.dall-e-3.capabilities]\nmax_image = 1", "max_image"),
        ("[models.dall-e-3.capabilities]\nstyles = ['cubist']", "cubist"),
        ("[models.dall-e-3.capabilities]\nqualities = ['ultra']", r"unknown qualities \['ultra'\]"),
        ("[models.dall-e-3.capabilities]\nmax_pixels = 90000000", "prices.* must reach 90000000 pixels"),
        ("[models.dall-e-3.prices]\nhd = []", "prices.hd must reach 8294400 pixels"),
        ("[models.dall-e-3.capabilities]\ndefault_quality = 'ultra'", r"unknown qualities \['ultra'\]"),
        ("[models.dall-e-3.capabilities]\ndefault_quality = 'auto'", r"unknown qualities \['auto'\]"),
        ("[models.dall-e-3.capabilities]\ndefault_size = 'auto'", "'auto' is no size"),
        ("[models.dall-e-3.capabilities]\nsizes = ['big']", "'big' is no size"),
        ("[models", "cannot read the catalogue"),
    ],
)
def test_a_catalogue_that_cannot_be_used_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CatalogueError, match=said):
        load(tmp_path, text)


def test_a_catalogue_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot read the catalogue"):
        Catalogue.load(tmp_path / "none.toml")


def test_the_example_at_the_top_of_the_shipped_file_works(tmp_path: Path) -> None:
    from importlib.resources import files  # noqa: PLC0415 - only here

    lines = files("limner").joinpath("models.toml").read_text("utf-8").splitlines()[2:13]
    example = "\n".join(line.removeprefix("#").strip() for line in lines)
    catalogue = load(tmp_path, example)
    assert catalogue.resolve("house-style").capabilities.default_quality == "hd"
    assert "dall-e-2" not in catalogue.models
    assert catalogue.resolve("dall-e-3").capabilities.max_images == 1
