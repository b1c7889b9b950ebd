"""Checking: what a client asked of a model against what the model can do, with all that was left out filled in.

What a model does not offer is refused, so that nobody pays for another picture than they asked for. A client that says
`lenient` gets the nearest that there is instead, and is told so in `warnings`.
"""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

from limner.capabilities import (
    MAX_SEED,
    QUALITIES,
    SIZE,
    Background,
    Capabilities,
    Fields,
    Operation,
    OutputFormat,
    Request,
    Style,
    Warned,
    listed,
    quoted,
)
from limner.errors import ApiNotImplemented, BadRequest
from limner.orientation import Orientation, orientation

if TYPE_CHECKING:
    from limner.errors import LimnerError

C = TypeVar("C", bound=str)
Fidelity = Literal["low", "high"]
_RANKS = ("low", "standard", "hd")
_MODERATIONS = ("low", "auto")
_BACKGROUNDS = (*get_args(Background), "auto")
_FORMATS, _STYLES, _FIDELITIES = get_args(OutputFormat), get_args(Style), get_args(Fidelity)
_QUALITIES = (*QUALITIES, "auto")
_OPERATIONS = {"generate": "generations", "edit": "edits", "vary": "variations"}


def checked(
    model: str,
    can: Capabilities,
    fields: Fields,
    warnings: list[Warned],
    *,
    operation: Operation = "generate",
    lenient: bool = False,
) -> Request:
    """Check what a client asked of a model against its capabilities and fill in what was left out.

    What has no effect, or with `lenient` another, is added to `warnings`. Raises `BadRequest` or `ApiNotImplemented`
    naming the parameter. An edit's and a variation's `size` is a guess where none was given: see `nearest`.
    """
    return _Check(model, can, fields, warnings, operation=operation, lenient=lenient).request()


def admissible(model: str, can: Capabilities, operation: Operation, *, images: int, mask: bool) -> None:
    """Refuse an operation, so many pictures or a mask where the model does not offer it."""
    if not offers(can, operation):
        raise ApiNotImplemented(f"The model {model!r} does not offer image {_OPERATIONS[operation]}.", param="model")
    most = 1 if operation == "vary" else can.max_inputs
    if images > most:
        raise BadRequest(f"{model!r} takes at most {most} picture{'s' * (most > 1)}, not {images}.", param="image")
    if mask and not can.mask:
        raise ApiNotImplemented(f"The model {model!r} does not offer 'mask'; leave it out.", param="mask")


def offers(can: Capabilities, operation: Operation) -> bool:
    """Say whether a model has the operation at all."""
    return {"generate": True, "edit": can.edits, "vary": can.variations}[operation]


class _Check:
    """One request on its way to be a `Request`."""

    def __init__(
        self,
        model: str,
        can: Capabilities,
        fields: Fields,
        warnings: list[Warned],
        *,
        operation: Operation,
        lenient: bool,
    ) -> None:
        self.model, self.can, self.fields, self.warnings = model, can, fields, warnings
        self.operation, self.lenient = operation, lenient

    def request(self) -> Request:
        """Check everything, parameter by parameter."""
        can, given = self.can, self.fields
        self._stream()
        background = self._choose("background", can.backgrounds, "auto", _BACKGROUNDS)
        output_format = self._choose("output_format", can.output_formats, can.default_output_format, _FORMATS)
        if background == "transparent" and output_format == "jpeg":
            raise BadRequest("JPEG has no transparency: ask for output_format png or webp.", param="background")
        return Request(
            model=self.model,
            prompt=self._prompt(),
            n=self._n(),
            size=self._size(),
            quality=self._choose("quality", can.qualities, can.default_quality, _QUALITIES),
            style=self._choose("style", can.styles, can.default_style, _STYLES),
            response_format=self._choose(
                "response_format", can.response_formats, can.default_response_format, ("url", "b64_json")
            ),
            output_format=output_format,
            output_compression=self._compression(output_format),
            background="transparent" if background == "transparent" else "opaque",
            seed=self._seed(),
            user=given.user,
            partial_images=self._previews(),
            callback_url=given.callback_url,
            operation=self.operation,
            input_fidelity=self._fidelity(),
            moderation=self._moderation(),
        )

    def _bend(self, error: LimnerError, instead: str) -> None:
        """Refuse, or tell the lenient what was done instead."""
        if not self.lenient:
            raise error
        self.warnings.append(Warned(error.param or "", f"{error.message} {instead}"))

    def _left_out(self, param: str) -> None:
        """Refuse a whole parameter that the model does not have; silence would be a wrong picture."""
        error = ApiNotImplemented(f"The model {self.model!r} does not offer {param!r}; leave it out.", param=param)
        self._bend(error, "It was left out.")

    def _idle(self, param: str, why: str) -> None:
        self.warnings.append(Warned(param, why))

    def _choose(self, param: str, offered: tuple[C, ...], default: C, known: tuple[str, ...]) -> C:
        """Take a word of a list; `known` are the words that some model has."""
        given = getattr(self.fields, param)
        if given is None:
            return default
        if given in offered:
            return offered[offered.index(given)]
        if not offered and (given in known or not self.lenient):
            self._left_out(param)
            return default
        takes = listed(offered or known)
        error = BadRequest(f"{quoted(given)} is no {param} of {self.model!r}; it takes {takes}.", param=param)
        if given not in known:
            raise error
        nearest = self._nearest(given, offered) if param == "quality" else default
        self._bend(error, f"{nearest} was used.")
        return nearest

    def _nearest(self, given: str, offered: tuple[C, ...]) -> C:
        """Give the quality on offer that lies nearest; of two as near, the first."""
        return min(offered, key=lambda one: abs(self._rank(one) - self._rank(given)))

    def _rank(self, quality: str) -> int:
        return _RANKS.index(QUALITIES[self.can.default_quality if quality == "auto" else quality])

    def _stream(self) -> None:
        given = self.fields
        if not given.stream:
            return
        if given.later:
            self._idle(
                "stream", "The answer comes later, as the call says with async or callback_url; it had no effect."
            )
        elif not self._streams:
            self._left_out("stream")
        elif (given.n or 1) > 1:
            raise BadRequest("Streaming is only supported with n=1.", param="n")

    @property
    def _streams(self) -> bool:
        return self.can.streaming and self.operation != "vary"  # for which OpenAI has no events

    def _n(self) -> int:
        given, most = self.fields.n, self.can.max_images
        if self.lenient and given is not None and given > most:
            self._bend(_outside("n", given, 1, most), f"{most} was used.")
            return most
        return _between("n", given, 1, most, 1)

    def _seed(self) -> int:
        seed = _between("seed", self.fields.seed, 0, MAX_SEED, random.getrandbits(31))
        if self.fields.seed is not None and not self.can.seed:
            self._left_out("seed")
        return seed

    def _compression(self, output_format: str) -> int:
        given = self.fields.output_compression
        compression = _between("output_compression", given, 0, 100, 100)
        if given is not None and not self.can.output_compression:
            self._left_out("output_compression")
            return 100
        if output_format == "png" and compression != 100:
            self._idle("output_compression", "PNG keeps every pixel; output_compression has no effect on it.")
        return compression

    def _previews(self) -> int:
        """Say how many previews are to be made: they need somebody who follows."""
        wanted = _between("partial_images", self.fields.partial_images, 0, 3, 0)
        followed = self.fields.later or (self.fields.stream and self._streams)
        if wanted and not followed:
            told = "Partial pictures come with stream, async or callback_url; this had no effect."
            self._idle("partial_images", told)
        return wanted if followed else 0

    def _moderation(self) -> Literal["low", "auto"] | None:
        given = _one_of("moderation", self.fields.moderation, _MODERATIONS)
        if self.can.moderation:
            return "low" if given == "low" else "auto" if given else None
        if given == "low":
            self._idle("moderation", "This model has one policy; moderation has no effect.")
        return None

    def _fidelity(self) -> Fidelity | None:
        given = _one_of("input_fidelity", self.fields.input_fidelity, _FIDELITIES)
        if given is None:
            return None
        if self.operation != "edit":
            self._idle("input_fidelity", "It is a parameter of edits; it had no effect.")
            return None
        if not self.can.input_fidelity:
            self._left_out("input_fidelity")
            return None
        return "high" if given == "high" else "low"

    def _prompt(self) -> str:
        given, limit = self.fields.prompt, self.can.prompt_limit
        if self.operation == "vary":
            if given:
                self._idle("prompt", "A variation has no prompt; it had no effect. Edits have one.")
            return ""
        if given is None:
            raise BadRequest("A prompt is required: say what to draw.", param="prompt")
        if len(given) > limit:
            long = f"The prompt has {len(given)} characters; this model takes at most {limit}."
            raise BadRequest(long, param="prompt")
        if not given.strip():
            raise BadRequest("The prompt is empty: say what to draw.", param="prompt")
        return given

    def _size(self) -> str:
        """Check a size, or find one for `auto`. The answer is written without leading zeros, with a small x."""
        given, can = self.fields.size, self.can
        if given is None:
            return can.default_size
        if given == "auto":
            return _fitting(self.fields.prompt or "", can)
        found = SIZE.fullmatch(given)
        if found is None:
            example = f"write WIDTHxHEIGHT, for example {can.default_size}"
            raise BadRequest(f"{quoted(given)} is no size: {example}.", param="size")
        width, height = int(found[1]), int(found[2])
        size = f"{width}x{height}"
        problem = _problem(width, height, can)
        if problem is None:
            return size
        if not width or not height:
            raise BadRequest(f"{size} is no size of this model{problem}.", param="size")
        taken = nearest(width, height, can)
        self._bend(BadRequest(f"{size} is no size of this model{problem}.", param="size"), f"{taken} was used.")
        return taken


def _between(param: str, given: int | None, least: int, most: int, default: int) -> int:
    if given is None:
        return default
    if not least <= given <= most:
        raise _outside(param, given, least, most)
    return given


def _outside(param: str, given: int, least: int, most: int) -> BadRequest:
    allowed = f"must be {least}" if least == most else f"must be between {least} and {most}"
    return BadRequest(f"{param} {allowed}, not {given}.", param=param)


def _one_of(param: str, given: str | None, known: tuple[str, ...]) -> str | None:
    if given is not None and given not in known:
        raise BadRequest(f"{quoted(given)} is no {param}; it is {listed(known[::-1])}.", param=param)
    return given


def _fitting(prompt: str, can: Capabilities) -> str:
    """Give the size that `auto` means for a prompt."""
    wanted = orientation(prompt)
    return next((size for size in can.auto_sizes if _orientation_of(size) == wanted), can.default_size)


def _orientation_of(size: str) -> Orientation:
    width, height = map(int, size.split("x"))
    return "square" if width == height else "wide" if width > height else "tall"


def _problem(width: int, height: int, can: Capabilities) -> str | None:
    """Say why a size is none of the model, if it is none."""
    if can.sizes:
        there = f"{width}x{height}" in can.sizes
        return None if there else f"; it takes {listed((*can.sizes, 'auto'))}"
    broken = _bounds(width, height, can)
    return None if broken is None else f": {broken}"


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


def nearest(width: int, height: int, can: Capabilities) -> str:
    """Give the size on offer that lies nearest to this one, which may itself be it: in its shape first, then in pixels.

    It is what a lenient request gets, and what an edit has that names none: the size of its first picture.
    """
    if can.sizes:
        return min(can.sizes, key=lambda size: _distance(width, height, size))
    ratio, most_pixels = can.max_ratio or math.inf, float(can.max_pixels)
    long, short = float(max(width, height)), float(min(width, height))
    long = min(long, short * ratio)
    scale = min(1.0, can.max_side / long, math.sqrt(most_pixels / (long * short)))
    scale = max(scale, min(can.min_side / short, can.max_side / long))
    long, short = long * scale, max(short * scale, float(can.min_side))
    step = can.multiple_of
    least, most = -(-can.min_side // step) * step, can.max_side // step * step
    sides = [min(max(round(side / step) * step, least), most) for side in (long, short)]
    while sides[0] > least and (sides[0] * sides[1] > most_pixels or sides[0] > sides[1] * ratio):
        sides[0] -= step
    return "x".join(map(str, sides if width >= height else sides[::-1]))


def _distance(width: int, height: int, size: str) -> tuple[float, float]:
    there = [int(side) for side in size.split("x")]
    shape = abs(math.log(width / height * there[1] / there[0]))
    return round(shape, 6), abs(math.log(width * height / (there[0] * there[1])))
