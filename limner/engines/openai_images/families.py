"""What kinds of models at upstreams take, so that an operator's table says only what is otherwise.

Source: OpenAI's reference of the Images API (platform.openai.com/docs/api-reference/images) as its SDK states it, and
the references of LocalAI, vLLM-Omni and SGLang, which take a few parameters and a seed.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from limner.capabilities import Operation  # noqa: TC001 - the shape is read at run time

Name = Literal[
    "size",
    "quality",
    "style",
    "background",
    "output_format",
    "output_compression",
    "moderation",
    "user",
    "seed",
    "n",
    "response_format",
    "input_fidelity",
    "image",
    "mask",
]
"""The parameters that an upstream may take, by our names; `prompt` and `model` are taken by all."""

Kind = Literal["dall-e-2", "dall-e-3", "gpt-image", "limner", "open"]
"""The kinds of models; `open` is any other server that runs models."""


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """What models of a kind take and can do.

    `values` puts ours of a parameter into theirs, and every word for a quality; `several` is how many pictures a call
    may ask for, `inputs` how many an edit may bring, `streams` whether pictures under way are sent.
    """

    takes: frozenset[Name]
    values: dict[Name, dict[str, str]] = {}
    operations: frozenset[Operation] = frozenset({"generate"})
    inputs: int = 16
    several: int = 10
    streams: bool = False


_BASIC: frozenset[Name] = frozenset({"size", "n", "response_format", "user", "image", "mask"})
_SHADED: frozenset[Name] = frozenset(
    {"quality", "background", "output_format", "output_compression", "moderation", "input_fidelity"}
)
_STYLED: frozenset[Name] = frozenset({"quality", "style"})
_SEEDED: frozenset[Name] = frozenset({"seed"})
_OF_GPT: frozenset[Name] = _BASIC - {"response_format"} | _SHADED
_DALLE_3 = {"low": "standard", "medium": "standard", "standard": "standard", "high": "hd", "hd": "hd"}
_GPT = {"low": "low", "medium": "medium", "standard": "medium", "high": "high", "hd": "high"}
_OWN = {"low": "low", "medium": "medium", "standard": "standard", "high": "high", "hd": "hd"}

FAMILIES: dict[Kind, Family] = {
    "dall-e-2": Family(takes=_BASIC, operations=frozenset({"generate", "edit", "vary"}), inputs=1),
    "dall-e-3": Family(takes=_BASIC | _STYLED, values={"quality": _DALLE_3}, several=1),
    # left to itself it may make a transparent one
    "gpt-image": Family(
        takes=_OF_GPT,
        values={"quality": _GPT, "background": {"opaque": "opaque"}},
        operations=frozenset({"generate", "edit"}),
        streams=True,
    ),
    "limner": Family(
        takes=_OF_GPT | _BASIC | _STYLED | _SEEDED,
        values={"quality": _OWN},
        operations=frozenset({"generate", "edit", "vary"}),
        streams=True,
    ),
    "open": Family(takes=_BASIC | _SEEDED, operations=frozenset({"generate", "edit"})),
}


def kind_of(model: str) -> Kind:
    """Tell by a model's name what kind it is of."""
    name = model.lower()
    if "gpt-image" in name or name.startswith("chatgpt-image"):
        return "gpt-image"
    return "dall-e-3" if "dall-e-3" in name else "dall-e-2" if "dall-e-2" in name else "open"
