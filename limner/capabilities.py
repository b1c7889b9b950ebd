"""What a model can do, as data, and the requests that are checked against it (`checking`).

The same table validates requests, draws forms, and is what `/v1/models` shows.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

Quality = Literal["low", "standard", "hd"]
Style = Literal["vivid", "natural"]
Background = Literal["opaque", "transparent"]
OutputFormat = Literal["png", "jpeg", "webp"]
Operation = Literal["generate", "edit", "vary"]
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

    `asset` is the id of the picture of ours that it is, if it is one.
    """

    name: str
    content_type: str
    width: int
    height: int
    asset: str | None = None


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
    """Something in a request that had no effect or another than asked for, and why."""

    param: str
    message: str


def quoted(given: str) -> str:
    """Quote what was given, cut where it is long."""
    return repr(given if len(given) <= 40 else given[:40] + "…")


def listed(offered: tuple[str, ...]) -> str:
    """List words with an "or" before the last."""
    return ", ".join(offered[:-1]) + " or " + offered[-1] if len(offered) > 1 else offered[0]
