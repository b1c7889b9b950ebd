"""What is asked of a model that it does not offer: refused, or for the lenient brought to the nearest that it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from limner.catalog import Catalogue, Fields, Warned
from limner.checking import admissible, nearest
from limner.errors import ApiNotImplemented, BadRequest

if TYPE_CHECKING:
    from limner.capabilities import Capabilities, Operation, Request

SHIPPED = Catalogue.load()
DALLE = SHIPPED.resolve("dall-e-3")
NARROW: dict[str, Any] = {
    "sizes": ("1024x1024", "1792x1024", "1024x1792"),
    "qualities": ("standard", "hd"),
    "styles": (),
    "response_formats": ("url",),
    "output_formats": ("png",),
    "output_compression": False,
    "backgrounds": (),
    "seed": False,
    "max_images": 1,
    "streaming": False,
    "mask": False,
    "max_inputs": 2,
}


def able(**change: Any) -> Capabilities:
    return msgspec.structs.replace(DALLE.capabilities, **change)


def asked(can: Capabilities, *, lenient: bool = False, operation: Operation = "generate", **given: Any) -> Any:
    """The request that is made of what was given, and the parameters warned of."""
    warnings: list[Warned] = []
    model = msgspec.structs.replace(DALLE, capabilities=can)
    made: Request = model.request(Fields(**{"prompt": "a cat"} | given), warnings, operation=operation, lenient=lenient)
    return made, {warned.param: warned.message for warned in warnings}


@pytest.mark.parametrize(
    ("given", "used", "said"),
    [
        ({"size": "1600x900"}, {"size": "1792x1024"}, "1792x1024 was used."),
        ({"size": "10x10"}, {"size": "1024x1024"}, "1024x1024 was used."),
        ({"quality": "high"}, {"quality": "hd"}, "hd was used."),
        ({"quality": "low"}, {"quality": "standard"}, "standard was used."),
        ({"quality": "auto"}, {"quality": "standard"}, "standard was used."),
        ({"style": "natural"}, {"style": "vivid"}, "left out"),
        ({"response_format": "b64_json"}, {"response_format": "url"}, "url was used."),
        ({"output_format": "webp"}, {"output_format": "png"}, "png was used."),
        ({"output_compression": 50}, {"output_compression": 100}, "left out"),
        ({"background": "transparent"}, {"background": "opaque"}, "left out"),
        ({"seed": 7}, {}, "left out"),
        ({"n": 4}, {"n": 1}, "1 was used."),
        ({"stream": True}, {"partial_images": 0}, "left out"),
    ],
)
def test_what_is_not_offered_is_refused_or_for_the_lenient_the_nearest_is_used_and_told(
    given: dict[str, Any], used: dict[str, Any], said: str
) -> None:
    can, param = able(**NARROW), next(iter(given))
    with pytest.raises((BadRequest, ApiNotImplemented)) as refused:
        asked(can, **given)
    assert refused.value.param == param
    made, warned = asked(can, lenient=True, **given)
    assert {name: getattr(made, name) for name in used} == used
    assert list(warned) == [param]
    assert said in warned[param]


@pytest.mark.parametrize(
    "given",
    [
        {"size": "large"},
        {"size": "0x64"},
        {"quality": "ultra"},
        {"style": "wild"},
        {"n": 0},
        {"seed": -1},
        {"output_compression": 101},
        {"partial_images": 4},
        {"moderation": "none"},
        {"input_fidelity": "best"},
        {"prompt": "x" * 4001},
    ],
)
def test_what_is_malformed_is_an_error_for_the_lenient_too(given: dict[str, Any]) -> None:
    with pytest.raises(BadRequest) as refused:
        asked(able(**NARROW), lenient=True, **given)
    assert refused.value.param == next(iter(given))


def test_streams_are_of_one_picture_and_carry_previews() -> None:
    can = able()
    assert asked(can, stream=False)[1] == {}
    made, warned = asked(can, stream=True, partial_images=2)
    assert (made.partial_images, warned) == (2, {})
    with pytest.raises(BadRequest, match=r"Streaming is only supported with n=1\."):
        asked(can, stream=True, n=2)
    made, warned = asked(can, stream=True, n=2, is_async=True, partial_images=1)
    assert (made.n, made.partial_images, list(warned)) == (2, 1, ["stream"])


def test_a_variation_has_no_prompt_and_an_edit_may_have_fidelity() -> None:
    can = able(input_fidelity=True, moderation=True)
    made, warned = asked(can, operation="vary", input_fidelity="high")
    assert (made.prompt, made.input_fidelity, set(warned)) == ("", None, {"prompt", "input_fidelity"})
    made, warned = asked(can, operation="edit", input_fidelity="low", moderation="low")
    assert (made.operation, made.input_fidelity, made.moderation, warned) == ("edit", "low", "low", {})
    assert asked(can, operation="edit", input_fidelity="high", moderation="auto")[0].input_fidelity == "high"
    with pytest.raises(ApiNotImplemented):
        asked(able(), operation="edit", input_fidelity="high")
    assert list(asked(able(), operation="edit", input_fidelity="high", lenient=True)[1]) == ["input_fidelity"]


def test_an_operation_is_refused_by_who_does_not_offer_it() -> None:
    can = able(**NARROW)
    admissible("m", can, "edit", images=2, mask=False)
    for operation, images, mask, param in [
        ("edit", 3, False, "image"),
        ("vary", 2, False, "image"),
        ("edit", 1, True, "mask"),
    ]:
        with pytest.raises((BadRequest, ApiNotImplemented)) as refused:
            admissible("m", can, operation, images=images, mask=mask)  # type: ignore[arg-type]
        assert refused.value.param == param
    for change, operation in [({"edits": False}, "edit"), ({"variations": False}, "vary")]:
        with pytest.raises(ApiNotImplemented) as missing:
            admissible("m", able(**change), operation, images=1, mask=False)  # type: ignore[arg-type]
        assert missing.value.param == "model"


@pytest.mark.parametrize(
    ("size", "change", "found"),
    [
        ((1000, 600), {}, "1000x600"),
        ((600, 1000), {"multiple_of": 16}, "608x992"),
        ((8000, 6000), {}, "3325x2494"),
        ((10, 20), {}, "64x128"),
        ((4000, 20), {}, "3840x64"),
        ((900, 100), {"max_ratio": 3.0}, "300x100"),
        ((100, 100), {"min_side": 32, "max_pixels": 4200, "multiple_of": 6}, "60x66"),
        ((1500, 1000), {"sizes": ("256x256", "1536x1024", "1024x1536")}, "1536x1024"),
        ((50, 50), {"sizes": ("256x256", "512x512")}, "256x256"),
    ],
)
def test_the_nearest_size_keeps_the_shape_where_it_can(
    size: tuple[int, int], change: dict[str, Any], found: str
) -> None:
    can = able(**change)
    assert nearest(*size, can) == found
    assert asked(can, size=found)[0].size == found
