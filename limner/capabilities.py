"""What a model can do, as data, and the requests that are checked against it.

The same table validates requests, draws forms, and is what `/v1/models` shows.
"""

from __future__ import annotations

import random
import re
from typing import Literal, TypeVar

import msgspec

from limner.errors import ApiNotImplemented, BadRequest
from limner.orientation import Orientation, orientation

Quality = Literal["low", "standard", "hd"]
Style = Literal["vivid", "natural"]
Background = Literal["opaque", "transparent"]
OutputFormat = Literal["png", "jpeg", "webp"]
Operation = Literal["generate", "edit", "vary"]
C = TypeVar("C", bound=str)
QUALITIES: dict[str, Quality] = {"low": "low", "standard": "standard", "medium": "standard", "high": "hd", "hd": "hd"}
"""What clients call a quality, in the words of the engines; `auto` is the model's default."""

MAX_SEED = 2**53 - 1
"""The largest seed: the largest integer that every JSON reader keeps exact (RFC 8259, section 6)."""

SIZE = re.compile(r"([0-9]{1,6})[xX]([0-9]{1,6})", re.ASCII)
"""How a size is written."""


class Capabilities(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a model takes. An empty list means that it has no such parameter; empty `sizes`, any size in the bounds.

    `auto` as a size is the first of `auto_sizes` that lies as the prompt wants it, or the default. `max_inputs` is how
    many pictures an edit may have; `moderation` is for models whose upstream knows the parameter.
    """

    min_side: int
    max_side: int
    max_pixels: int
    default_size: str
    qualities: tuple[str, ...]
    default_quality: str
    styles: tuple[Style, ...]
    default_style: Style
    response_formats: tuple[str, ...]
    default_response_format: str
    output_formats: tuple[OutputFormat, ...]
    default_output_format: OutputFormat
    output_compression: bool
    backgrounds: tuple[Background | Literal["auto"], ...]
    seed: bool
    max_images: int
    prompt_limit: int
    sizes: tuple[str, ...] = ()
    auto_sizes: tuple[str, ...] = ()
    multiple_of: int = 1
    max_ratio: float | None = None
    streaming: bool = False
    edits: bool = False
    variations: bool = False
    mask: bool = False
    input_fidelity: bool = False
    moderation: bool = False
    max_inputs: int = 16


class Fields(msgspec.Struct, frozen=True, kw_only=True, rename={"is_async": "async"}):
    """The parameters of a generation as a client gives them; None is "not given"."""

    prompt: str | None = None
    model: str | None = None
    n: int | None = None
    size: str | None = None
    quality: str | None = None
    style: str | None = None
    response_format: str | None = None
    output_format: str | None = None
    output_compression: int | None = None
    background: str | None = None
    moderation: str | None = None
    user: str | None = None
    seed: int | None = None
    stream: bool | None = None
    partial_images: int | None = None
    callback_url: str | None = None
    is_async: bool | None = None
    trace_id: str | None = None
    input_fidelity: str | None = None

    @property
    def later(self) -> bool:
        """Whether the client wants the answer later: it says so, or says where to send it."""
        return bool(self.is_async) or self.callback_url is not None


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that came with a request, as it is stored (`limner.inputs`): its type and the pixels measured in it.

    `asset` is the id of the picture of ours that it is, if it is one, `sha256` the hash of its bytes.
    """

    name: str
    content_type: str
    width: int
    height: int
    asset: str | None = None
    sha256: str | None = None


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What a client asks of a model, complete and valid: made by `Model.request` only. It is what a task keeps.

    `mask` is the name of a stored input, as those of `images` are.
    """

    model: str
    prompt: str
    n: int
    size: str
    quality: str
    style: Style
    response_format: str
    output_format: OutputFormat
    output_compression: int
    background: Background
    seed: int
    user: str | None = None
    partial_images: int = 0
    callback_url: str | None = None
    operation: Operation = "generate"
    images: tuple[Input, ...] = ()
    mask: str | None = None
    input_fidelity: Literal["low", "high"] | None = None
    moderation: Literal["low", "auto"] | None = None

    @property
    def pixels(self) -> tuple[int, int]:
        """The size as (width, height)."""
        width, _, height = self.size.partition("x")
        return int(width), int(height)


class Warned(msgspec.Struct, frozen=True):
    """Something in a request that had no effect, and why."""

    param: str
    message: str


def checked(model: str, can: Capabilities, fields: Fields, warnings: list[Warned]) -> Request:
    """Check what a client asked of a model against its capabilities and fill in what was left out.

    What has no effect is added to `warnings`. Raises `BadRequest` or `ApiNotImplemented` naming the parameter.
    """
    _refuse_unoffered(model, can, fields)
    background = _choose(model, "background", fields.background, can.backgrounds, "auto")
    output_format = _choose(model, "output_format", fields.output_format, can.output_formats, can.default_output_format)
    if background == "transparent" and output_format == "jpeg":
        raise BadRequest("JPEG has no transparency: ask for output_format png or webp.", param="background")
    _warn(fields, output_format, warnings)
    return Request(
        model=model,
        prompt=_prompt(fields.prompt, can.prompt_limit),
        n=_between("n", fields.n, 1, can.max_images, 1),
        size=_size(fields, can),
        quality=_choose(model, "quality", fields.quality, can.qualities, can.default_quality),
        style=_choose(model, "style", fields.style, can.styles, can.default_style),
        response_format=_choose(
            model, "response_format", fields.response_format, can.response_formats, can.default_response_format
        ),
        output_format=output_format,
        output_compression=_between("output_compression", fields.output_compression, 0, 100, 100),
        background="transparent" if background == "transparent" else "opaque",
        seed=_between("seed", fields.seed, 0, MAX_SEED, random.getrandbits(31)),
        user=fields.user,
        partial_images=_between("partial_images", fields.partial_images, 0, 3, 0) if fields.later else 0,
        callback_url=fields.callback_url,
    )


def _refuse_unoffered(model: str, can: Capabilities, fields: Fields) -> None:
    """Refuse whole parameters that the model does not have; silence would be a wrong picture."""
    missing = {
        "stream": bool(fields.stream) and not can.streaming,
        "seed": fields.seed is not None and not can.seed,
        "output_compression": fields.output_compression is not None and not can.output_compression,
    }
    for param, refused in missing.items():
        if refused:
            raise ApiNotImplemented(f"The model {model!r} does not offer {param!r}; leave it out.", param=param)


def _choose(model: str, param: str, given: str | None, offered: tuple[C, ...], default: C) -> C:
    if given is None:
        return default
    if given in offered:
        return offered[offered.index(given)]
    if not offered:
        raise ApiNotImplemented(f"The model {model!r} does not offer {param!r}; leave it out.", param=param)
    raise BadRequest(f"{quoted(given)} is no {param} of {model!r}; it takes {listed(offered)}.", param=param)


def _between(param: str, given: int | None, least: int, most: int, default: int) -> int:
    if given is None:
        return default
    if not least <= given <= most:
        allowed = f"must be {least}" if least == most else f"must be between {least} and {most}"
        raise BadRequest(f"{param} {allowed}, not {given}.", param=param)
    return given


def _prompt(given: str | None, limit: int) -> str:
    if given is None:
        raise BadRequest("A prompt is required: say what to draw.", param="prompt")
    if len(given) > limit:
        raise BadRequest(f"The prompt has {len(given)} characters; this model takes at most {limit}.", param="prompt")
    if not given.strip():
        raise BadRequest("The prompt is empty: say what to draw.", param="prompt")
    return given


def _size(fields: Fields, can: Capabilities) -> str:
    """Check a size, or find one for `auto`. The answer is written without leading zeros, with a small x."""
    given = fields.size
    if given is None:
        return can.default_size
    if given == "auto":
        return _fitting(fields.prompt or "", can)
    found = SIZE.fullmatch(given)
    if found is None:
        raise BadRequest(
            f"{quoted(given)} is no size: write WIDTHxHEIGHT, for example {can.default_size}.", param="size"
        )
    width, height = int(found[1]), int(found[2])
    size = f"{width}x{height}"
    if can.sizes and size not in can.sizes:
        raise BadRequest(f"{size} is no size of this model; it takes {listed((*can.sizes, 'auto'))}.", param="size")
    problem = None if can.sizes else _bounds(width, height, can)
    if problem:
        raise BadRequest(f"{size} is no size of this model: {problem}.", param="size")
    return size


def _fitting(prompt: str, can: Capabilities) -> str:
    """Give the size that `auto` means for a prompt."""
    wanted = orientation(prompt)
    return next((size for size in can.auto_sizes if _orientation_of(size) == wanted), can.default_size)


def _orientation_of(size: str) -> Orientation:
    width, height = map(int, size.split("x"))
    return "square" if width == height else "wide" if width > height else "tall"


def _bounds(width: int, height: int, can: Capabilities) -> str | None:
    """Say which bound a size breaks, if any."""
    if min(width, height) < can.min_side or max(width, height) > can.max_side:
        return f"each side must be {can.min_side} to {can.max_side} pixels"
    if width * height > can.max_pixels:
        return f"at most {can.max_pixels} pixels in all, not {width * height}"
    if width % can.multiple_of or height % can.multiple_of:
        return f"both sides must be multiples of {can.multiple_of}"
    if can.max_ratio and max(width, height) > can.max_ratio * min(width, height):
        return f"one side may be at most {can.max_ratio:g} times the other"
    return None


def _warn(fields: Fields, output_format: str, warnings: list[Warned]) -> None:
    """Name what was given and has no effect."""
    if fields.moderation is not None and fields.moderation not in {"auto", "low"}:
        raise BadRequest(f"{quoted(fields.moderation)} is no moderation; it is auto or low.", param="moderation")
    if fields.moderation == "low":
        warnings.append(Warned("moderation", "This model has one policy; moderation has no effect."))
    if fields.partial_images is not None:
        _between("partial_images", fields.partial_images, 0, 3, 0)
        if fields.partial_images and not fields.later:
            told = "Partial pictures come with async or callback_url, in the task's events; this had no effect."
            warnings.append(Warned("partial_images", told))
    if output_format == "png" and fields.output_compression not in {None, 100}:
        warnings.append(Warned("output_compression", "PNG keeps every pixel; output_compression has no effect on it."))


def quoted(given: str) -> str:
    """Quote what was given, cut where it is long."""
    return repr(given if len(given) <= 40 else given[:40] + "…")


def listed(offered: tuple[str, ...]) -> str:
    """List words with an "or" before the last."""
    return ", ".join(offered[:-1]) + " or " + offered[-1] if len(offered) > 1 else offered[0]
