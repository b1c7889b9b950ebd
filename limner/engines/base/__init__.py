"""What an engine is: the code that paints. One job in, one picture out.

Engines know nothing of accounts, tasks or HTTP. A refusal is a `ModerationBlocked`, slowness a
`Timeout`, everything else that goes wrong an `ApiError` (or `UpstreamError` for engines with an
upstream); other exceptions are bugs and are reported as `ApiError` by the caller.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import msgspec

from limner.capabilities import Operation, Warned  # noqa: TC001 - the shapes are read at run time
from limner.room import Room

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from limner.outbound import Outbound

Origin = Literal["algorithmicMedia", "trainedAlgorithmicMedia"]
"""How a picture came to be, in the words of IPTC's digital source types (cv.iptc.org/newscodes/digitalsourcetype)."""


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """One call to an upstream: what came of it (`ok`, or an error's code), its HTTP status and how long it took."""

    upstream: str
    outcome: str
    milliseconds: int
    status: int | None = None
    detail: str | None = None


class Step(msgspec.Struct, frozen=True, tag=True):
    """How far a job has come: the stage's name and the fraction done, 0..1.

    `preview`, where there is one, is the picture so far, encoded in the job's own format. `call` tells of a call to an
    upstream that is over, for the task's story.
    """

    stage: str
    fraction: float
    preview: bytes | None = None
    call: Called | None = None


Progress = Callable[[Step], None]
"""Told every step; called from the event loop, must not block. Fractions never fall."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that came with a request: its bytes as they came, their type and the pixels measured in them.

    `plan` is what the engine that made it needs to make it again, for a picture of ours.
    """

    data: bytes
    content_type: str
    width: int
    height: int
    plan: dict[str, Any] | None = None


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """What an upstream counted, by kind."""

    input_text: int = 0
    input_image: int = 0
    output_text: int = 0
    output_image: int = 0


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One picture to make. `width` x `height` are the exact pixels wanted; `seed` decides everything random.

    `partial_images` is how many previews are wanted on the way, 0 to 3; an engine may give fewer. An edit has `images`,
    of which `mask` (a PNG whose clear pixels are to be changed) means the first; a variation has one and no prompt.
    `n` is over 1 only for `Several.generate_several`. `asked_quality` is the quality in the client's own word.
    """

    prompt: str
    width: int
    height: int
    seed: int
    quality: Literal["low", "standard", "hd"] = "standard"
    style: Literal["vivid", "natural"] = "vivid"
    background: Literal["opaque", "transparent"] = "opaque"
    output_format: Literal["png", "jpeg", "webp"] = "png"
    output_compression: int = 100
    partial_images: int = 0
    model: str = ""
    options: dict[str, Any] = {}
    operation: Operation = "generate"
    images: tuple[Given, ...] = ()
    mask: bytes | None = None
    input_fidelity: Literal["low", "high"] | None = None
    asked_quality: str = "auto"
    moderation: Literal["low", "auto"] | None = None
    user: str | None = None
    n: int = 1


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """One picture made: encoded bytes, their MIME type, the true pixels, and what was drawn in words and as data.

    `plan` is what the engine needs to make it again or otherwise, `version` says exactly what made it, `origin` how it
    came to be (None: the bytes must stay as they are), `usage` what an upstream counted, `warnings` what was otherwise
    than asked for, `seeded` whether the job's seed had a part in it, `occupied` the room that its bytes take
    (`limner.room`).
    """

    data: bytes
    content_type: str
    width: int
    height: int
    revised_prompt: str | None = None
    scene: dict[str, Any] | None = None
    plan: dict[str, Any] | None = None
    version: str | None = None
    origin: Origin | None = None
    usage: Tokens | None = None
    warnings: tuple[Warned, ...] = ()
    seeded: bool = True
    occupied: Any = None


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What an engine is built with: what the operator set, and the resources that it shares with others.

    `models` are the options of the models that it answers for, by their ids; `upstreams` the tables of that name in the
    catalogue; `folder` is where models lie that were pulled; `seconds` is the longest time for one picture; `room` is
    for the bytes of large answers.
    """

    workers: int = 0
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    upstreams: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    outbound: Outbound | None = None
    folder: Path | None = None
    seconds: float = 600.0
    room: Room = field(default_factory=Room)


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine says of itself to `limner doctor` and `/readyz`."""

    ok: bool
    detail: str


class Engine(Protocol):
    """The one interface of all engines; `tests/engines/test_contract.py` judges every one of them.

    `slots` is how many jobs it can usefully work on at once on this machine.
    """

    name: str
    slots: int

    async def start(self) -> None:
        """Get ready in the background; return at once. Jobs may come before it is done and then wait.

        May raise where it is plain that it will never be ready; the message is for the operator.
        """

    async def generate(self, job: Job, progress: Progress) -> Picture:
        """Make one picture. May be cancelled at any await; then nothing of it remains.

        Raises `ModerationBlocked`, `Timeout`, `ApiError` or `UpstreamError`.
        """

    async def check(self) -> Health:
        """Say whether jobs would succeed now; never raises, never takes longer than a second or so."""

    async def close(self) -> None:
        """Stop and free everything; no job comes after it."""


@runtime_checkable
class Several(Protocol):
    """An engine that can make several pictures of one job in one go (`Job.n`), where a model's `batch` lets it."""

    async def generate_several(self, job: Job, progress: Progress) -> list[Picture]:
        """Make `job.n` pictures or fewer, at least one; raises what `Engine.generate` raises."""
