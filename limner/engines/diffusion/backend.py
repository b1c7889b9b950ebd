"""What a backend is: the library that really runs the network. One interface for all of them.

A backend lives in a child process, one for each model, and is called from one thread. The frame
(`studio.py`) does everything that is alike for all: it checks the folder, shapes the prompt, chooses
steps and sizes, decodes and fits given pictures, makes the second pass of `hd`, and cuts and encodes what comes out.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path  # noqa: TC003 - the shapes are read at run time
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from limner.engines.diffusion.folders import Folder
    from limner.engines.diffusion.options import Options

Pixels = Any
"""A picture: a numpy array, uint8, (H, W, 3), RGB. (`Any`, for the serving process must not load numpy.)"""

Grey = Any
"""A mask: a numpy array, uint8, (H, W); 255 is to be painted anew, 0 stays."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One picture for a backend to make.

    `width` x `height` are multiples of `Backend.multiple`. `guidance` None is the pipeline's own default.
    Without `image` it is painted from noise; with one (already of that size) the share `strength` of it is painted
    anew; with a `mask` (of that size too) only where the mask is 255. The same order gives the same pixels.

    All orders of one call have the same `width`, `height`, `steps`, `guidance`, `strength`, and all or none have an
    `image`, all or none a `mask`; prompts, seeds and pictures differ.
    """

    prompt: str
    width: int
    height: int
    seed: int
    steps: int
    guidance: float | None = None
    negative_prompt: str = ""
    image: Pixels | None = None
    mask: Grey | None = None
    strength: float = 1.0


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """A denoising step is done: `done` of `steps` (those really made: `strength` makes them fewer).

    `decode()` gives the pictures as they are now, one for each order, in the orders' size; it costs a decoding, so it
    is called only when somebody wants to see. A backend that cannot show a picture under way gives `decode` None.
    """

    done: int
    steps: int
    decode: Callable[[], list[Pixels]] | None = None


Watch = Callable[[Moment], None]
"""Told of every step, from the backend's thread.

It raises when nobody wants the pictures any more, or when anything goes wrong in it. Whatever it raises must come out
of `generate` unchanged, and the backend must be usable afterwards. (Where a library's callback must not raise, catch
everything there, ask the library to stop, and raise it behind the call.)
"""


class Backend(Protocol):
    """A loaded model.

    `multiple` is what sides must be divisible by; `most` how many orders one call takes (1 where the library cannot
    have several prompts); `edits` whether an order may have an `image`, `masks` whether a `mask`; `negative` whether
    a negative prompt does anything with this model. `device` and `dtype` are those in use, in the words of `Options`
    (or the library's own); `version` is the library's name and version, for people: "diffusers 0.42.1".
    """

    multiple: int
    most: int
    edits: bool
    masks: bool
    negative: bool
    device: str
    dtype: str
    version: str

    def generate(self, orders: Sequence[Order], watch: Watch) -> list[Pixels]:
        """Make the pictures of some orders (at least one, at most `most`), in their order.

        Raises what `watch` raises, `MemoryError` when the memory of the device or the machine is used up (whatever
        the library calls it), a `LimnerError` for what the client can mend; anything else is a bug.
        """

    def close(self) -> None:
        """Free the weights."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a backend would use here, found without loading weights: for `limner doctor` and for batching."""

    device: str
    dtype: str
    version: str


class Paths(msgspec.Struct, frozen=True, kw_only=True):
    """Where the other files of a model's options are, resolved and checked: the tiny decoder's folder, the LoRAs."""

    tiny_decoder: Path | None = None
    loras: tuple[Path, ...] = ()


class Library(Protocol):
    """The module of a backend, as `limner.engines.diffusion.backends` names it: two functions.

    Its own imports of the library are inside these functions or behind them: the module itself is cheap to import.
    """

    def look(self, options: Options) -> Found:
        """Say what would be used on this machine. Raises `BackendError` where the options cannot be had here."""

    def load(self, folder: Folder, options: Options, paths: Paths) -> Backend:
        """Load the model in a folder that was checked. Raises `BackendError`, `MemoryError`."""


class BackendError(Exception):
    """A model cannot be run here; the message is for the operator and says what to do. No prompt is in it."""
