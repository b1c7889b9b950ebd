"""The frame around a backend, with one that paints nothing: it notes what it is asked for."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from limner.engines.base import Given, Job, Picture, Step
from limner.engines.base.child import UnwantedError
from limner.engines.diffusion.backend import Moment, Order
from limner.engines.diffusion.options import Options, Steps, Suffix, Upscale
from limner.engines.diffusion.studio import Studio
from limner.errors import ApiError, ApiNotImplemented, BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from limner.engines.diffusion.backend import Pixels, Watch

OPTIONS = Options(model="x", steps=Steps(low=1, standard=4, hd=8))


class Noting:
    """A backend whose pictures are grey; of `room` pixels at most, all together."""

    multiple, most, device, dtype, version = 8, 4, "cpu", "float32", "noting 1"

    def __init__(self, *, edits: bool = True, masks: bool = True, room: int = 10**9) -> None:
        self.edits, self.masks, self.negative, self._room = edits, masks, True, room
        self.orders: list[list[Order]] = []
        self.decoded = 0

    def generate(self, orders: Sequence[Order], watch: Watch) -> list[Pixels]:
        self.orders.append(list(orders))
        if sum(order.width * order.height for order in orders) > self._room:
            raise MemoryError
        for step in range(orders[0].steps):
            watch(Moment(done=step + 1, steps=orders[0].steps, decode=lambda: self._decode(orders)))
        return [np.full((order.height, order.width, 3), 100, np.uint8) for order in orders]

    def _decode(self, orders: Sequence[Order]) -> list[Pixels]:
        self.decoded += 1
        return [np.full((order.height, order.width, 3), 50, np.uint8) for order in orders]

    def close(self) -> None:
        """Nothing is kept."""


def png(size: tuple[int, int], colour: str = "red", mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def given(data: bytes, width: int = 64, height: int = 64) -> Given:
    return Given(data=data, content_type="image/png", width=width, height=height)


def job(**more: Any) -> Job:
    told: dict[str, Any] = {"prompt": "a fox", "width": 64, "height": 64, "seed": 1} | more
    return Job(**told)


def make(backend: Noting, *jobs: Job, options: Options = OPTIONS) -> tuple[list[Any], list[tuple[int, Step]]]:
    steps: list[tuple[int, Step]] = []
    studio = Studio(lambda: backend, options, "diffusion x@1 noting 1")
    answers = dict(studio.make_all(jobs, lambda place, step: steps.append((place, step))))
    return [answers[place] for place in range(len(jobs))], steps


def image(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_size_between_multiples_is_painted_larger_cut_and_told() -> None:
    backend = Noting()
    (picture,), _ = make(backend, job(width=100, height=72))
    assert (backend.orders[0][0].width, backend.orders[0][0].height) == (104, 72)
    assert image(picture.data).size == (100, 72)
    assert [warned.param for warned in picture.warnings] == ["size"]
    assert (picture.version, picture.origin) == ("diffusion x@1 noting 1", "trainedAlgorithmicMedia")


def test_quality_is_steps_and_style_is_words() -> None:
    backend = Noting()
    own = Options(model="x", steps=OPTIONS.steps, prompt_suffix=Suffix(vivid="bold colours"), negative_prompt="ugly")
    jobs = [job(quality=quality) for quality in ("low", "standard", "hd")]
    pictures = [make(backend, one, options=own)[0][0] for one in (*jobs, job(style="natural"))]
    assert [order.steps for (order,) in backend.orders] == [1, 4, 8, 4]
    assert [picture.revised_prompt for picture in pictures] == ["a fox, bold colours"] * 3 + [None]
    assert {order.negative_prompt for (order,) in backend.orders} == {"ugly"}


def test_hd_is_painted_small_enlarged_and_painted_over() -> None:
    backend = Noting()
    own = Options(model="x", steps=Steps(low=1, standard=1, hd=2), upscale=Upscale(factor=2, strength=0.3))
    (picture,), steps = make(backend, job(quality="hd", partial_images=3), options=own)
    (small,), (large,) = backend.orders
    assert (small.width, small.image, small.strength) == (32, None, 1.0)
    assert (large.width, np.asarray(large.image).shape, large.strength) == (64, (64, 64, 3), 0.3)
    assert large.steps == 4  # so that one step at least is made
    stages = [step.stage for _, step in steps]
    assert stages == sorted(stages, key=["loading", "painting", "upscaling", "encoding"].index)
    fractions = [step.fraction for _, step in steps]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert all(image(step.preview).size == (64, 64) for _, step in steps if step.preview)
    assert image(picture.data).size == (64, 64)


@pytest.mark.parametrize("wanted", [0, 1, 3])
def test_previews_are_decoded_for_those_who_want_them_only(wanted: int) -> None:
    backend = Noting()
    _, steps = make(backend, job(partial_images=wanted, quality="hd"), job(quality="hd"))
    assert [place for place, step in steps if step.preview] == [0] * wanted
    assert backend.decoded == wanted


def test_what_does_not_fit_together_is_painted_one_by_one_and_what_is_too_large_fails_alone() -> None:
    backend = Noting(room=64 * 64)
    (first, second), _ = make(backend, job(), job(seed=2))
    assert isinstance(first, Picture)
    assert isinstance(second, Picture)
    assert [len(orders) for orders in backend.orders] == [2, 1, 1]
    (refused,), _ = make(backend, job(width=128))
    assert isinstance(refused, ApiError)
    assert "not enough memory" in refused.message
    assert refused.param == "size"


def test_what_progress_raises_ends_the_order() -> None:
    def unwanted(place: int, step: Step) -> None:
        if step.stage == "painting":
            raise UnwantedError

    with pytest.raises(UnwantedError):
        list(Studio(Noting, OPTIONS, "").make_all((job(),), unwanted))


def test_a_given_picture_is_fitted_and_outside_its_mask_kept() -> None:
    backend = Noting()
    mask = Image.new("RGBA", (64, 64), "black")
    mask.paste((0, 0, 0, 0), (0, 0, 32, 64))
    buffer = io.BytesIO()
    mask.save(buffer, "PNG")
    edit = job(operation="edit", images=(given(png((64, 64))),), mask=buffer.getvalue())
    (picture,), _ = make(backend, edit)
    ((order,),) = backend.orders
    assert order.strength == 1
    assert order.mask is not None
    assert (order.mask[:, :32].min(), order.mask[:, 32:].max()) == (255, 0)
    painted = image(picture.data)
    assert (painted.getpixel((5, 5)), painted.getpixel((60, 60))) == ((100, 100, 100), (255, 0, 0))


def test_a_variation_is_painted_over_and_cut_where_it_juts_out() -> None:
    backend = Noting()
    clear = png((128, 64), "#00000000", "RGBA")
    (picture,), _ = make(backend, job(operation="vary", prompt="", images=(given(clear, 128),)))
    ((order,),) = backend.orders
    assert (np.asarray(order.image).shape, order.strength, order.mask) == ((64, 64, 3), 0.6, None)
    assert np.min(np.asarray(order.image)) == 255  # what is clear lies on white
    assert "cut off" in picture.warnings[0].message


@pytest.mark.parametrize(
    ("backend", "more", "error", "param"),
    [
        (Noting(edits=False), {}, ApiNotImplemented, "image"),
        (Noting(masks=False), {"mask": png((64, 64), "black", "RGBA")}, ApiNotImplemented, "mask"),
        (Noting(), {"images": (given(png((64, 64))),) * 2}, ApiNotImplemented, "image"),
        (Noting(), {"images": (given(b"junk"),)}, BadRequest, "image"),
        (Noting(), {"mask": png((64, 64))}, BadRequest, "mask"),
    ],
)
def test_what_cannot_be_done_with_a_given_picture_is_told(
    backend: Noting, more: dict[str, Any], error: type[Exception], param: str
) -> None:
    (refused, made), _ = make(backend, job(operation="edit", **({"images": (given(png((64, 64))),)} | more)), job())
    assert isinstance(refused, error)
    assert refused.param == param  # type: ignore[attr-defined]
    assert isinstance(made, Picture)


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
def test_formats_and_their_quality(output_format: Any) -> None:
    (fine, coarse), _ = make(
        Noting(), job(output_format=output_format), job(output_format=output_format, output_compression=1)
    )
    assert image(fine.data).format == output_format.upper()
    assert len(coarse.data) <= len(fine.data)
