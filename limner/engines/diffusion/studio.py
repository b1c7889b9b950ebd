"""The frame around a backend, in the child process: from jobs to pictures, the same for all backends.

It shapes prompts, chooses steps and sizes, fits given pictures, makes the second pass of `hd`, shows previews, and cuts
and encodes what comes out. The network itself is the backend's.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from limner.capabilities import Warned
from limner.engines.base import Job, Picture, Step
from limner.engines.diffusion import files
from limner.engines.diffusion.backend import Order
from limner.errors import ApiError, ApiNotImplemented, LimnerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from limner.engines.base.child import Answer, Tell
    from limner.engines.diffusion.backend import Backend, Moment, Pixels
    from limner.engines.diffusion.options import Options

PAINTED = 0.95
"""The share of the work that is done when the pixels stand."""


class _Piece(msgspec.Struct):
    """One job in hand: its place in the order, the prompt really used, and its given picture and mask, fitted."""

    place: int
    job: Job
    prompt: str
    order: Order
    warnings: list[Warned]
    shown: int = 0


class Studio:
    """Makes pictures with one model, which is loaded for the first of them."""

    def __init__(self, load: Callable[[], Backend], options: Options, version: str) -> None:
        """`load` loads the model; `version` says which, for the pictures."""
        self._load, self._options, self._version = load, options, version
        self._backend: Backend | None = None

    def ready(self) -> Backend:
        """Load the model if it is not loaded yet. Raises what `Library.load` raises."""
        if self._backend is None:
            self._backend = self._load()
        return self._backend

    def make_all(self, jobs: tuple[Job, ...], tell: Tell) -> Iterator[Answer]:
        """Do an order; where its pictures do not fit into memory together, one by one."""
        if self._backend is None:
            for place in range(len(jobs)):
                tell(place, Step("loading", 0.0))
        backend = self.ready()
        pieces: list[_Piece] = []
        for place, job in enumerate(jobs):
            try:
                pieces.append(self._piece(backend, place, job))
            except LimnerError as refusal:
                yield place, refusal
        for start in range(0, len(pieces), backend.most):
            yield from self._together(backend, pieces[start : start + backend.most], tell)

    def _together(self, backend: Backend, pieces: Sequence[_Piece], tell: Tell) -> Iterator[Answer]:
        try:
            painted = _Painting(backend, self._options, pieces, tell).paint()
        except MemoryError:
            if len(pieces) == 1:
                told = "There is not enough memory for a picture of that size here. Ask for a smaller one."
                yield pieces[0].place, ApiError(f"{told} The call was not charged.", param="size")
                return
            for piece in pieces:
                yield from self._together(backend, [piece], tell)
            return
        for piece, pixels in zip(pieces, painted, strict=True):
            tell(piece.place, Step("encoding", PAINTED))
            picture = self._picture(piece, pixels)
            tell(piece.place, Step("encoding", 1.0))
            yield piece.place, picture

    def _picture(self, piece: _Piece, pixels: Pixels) -> Picture:
        job = piece.job
        return Picture(
            data=_file(job, pixels),
            content_type=f"image/{job.output_format}",
            width=job.width,
            height=job.height,
            revised_prompt=None if piece.prompt == job.prompt else piece.prompt,
            version=self._version,
            origin="trainedAlgorithmicMedia",
            warnings=tuple(piece.warnings),
        )

    def _piece(self, backend: Backend, place: int, job: Job) -> _Piece:
        """Get one job ready. Raises the `LimnerError` of a job that cannot be made."""
        options, (width, height), warnings = self._options, _size(job, backend.multiple), []
        if (width, height) != (job.width, job.height):
            told = f"Painted at {width}x{height}, for sides are multiples of {backend.multiple}, and cut to the size."
            warnings.append(Warned("size", told))
        prompt = _shaped(job, options)
        order = Order(
            prompt=prompt,
            width=width,
            height=height,
            seed=job.seed,
            steps=options.steps.of(job.quality),
            guidance=options.guidance,
            negative_prompt=options.negative_prompt if backend.negative else "",
        )
        if job.images:
            order = self._given(backend, job, order, warnings)
        return _Piece(place, job, prompt, order, warnings)

    def _given(self, backend: Backend, job: Job, order: Order, warnings: list[Warned]) -> Order:
        """Add the picture that came with a job, and its mask."""
        if len(job.images) > 1:
            raise ApiNotImplemented("This model changes one picture at a time.", param="image")
        if not backend.edits or (job.mask and not backend.masks):
            what = "masks" if backend.edits else "edits"
            raise ApiNotImplemented(f"This model has no {what}.", param="mask" if backend.edits else "image")
        (given,) = job.images
        if given.width * job.height != given.height * job.width:
            warnings.append(Warned("size", "The picture has other proportions: what juts out was cut off evenly."))
        return msgspec.structs.replace(
            order,
            image=files.picture(given.data, order.width, order.height),
            mask=files.mask(job.mask, order.width, order.height) if job.mask else None,
            strength=1.0 if job.mask else self._options.strength,
        )


class _Painting:
    """Some jobs of equal shape being painted, in one pass or two."""

    def __init__(self, backend: Backend, options: Options, pieces: Sequence[_Piece], tell: Tell) -> None:
        self._backend, self._upscale, self._pieces, self._tell = backend, options.upscale, pieces, tell
        first = pieces[0]
        self._two = bool(self._upscale and backend.edits and first.job.quality == "hd" and first.order.image is None)

    def paint(self) -> list[Pixels]:
        """Paint all of them, in the orders' sizes."""
        orders = [_enough(piece.order) for piece in self._pieces]
        if not self._two:
            return self._pass("painting", orders, 0.0, PAINTED)
        small = self._pass("painting", [self._smaller(order) for order in orders], 0.0, PAINTED / 2)
        return self._pass(
            "upscaling", [self._larger(*one) for one in zip(orders, small, strict=True)], PAINTED / 2, PAINTED
        )

    def _pass(self, stage: str, orders: list[Order], begin: float, end: float) -> list[Pixels]:
        for piece in self._pieces:
            self._tell(piece.place, Step(stage, begin))

        def watch(moment: Moment) -> None:
            fraction = begin + (end - begin) * moment.done / moment.steps
            previews = self._previews(moment, fraction / PAINTED)
            for piece in self._pieces:
                self._tell(piece.place, Step(stage, fraction, previews.get(piece.place)))

        made = self._backend.generate(orders, watch)
        return [
            pixels if order.mask is None else files.kept(pixels, order.image, order.mask)
            for order, pixels in zip(orders, made, strict=True)
        ]

    def _previews(self, moment: Moment, fraction: float) -> dict[int, bytes]:
        """Show the pictures under way to those who want a preview now; they are decoded for nobody else.

        Of `k` previews the i-th comes when i of k + 1 parts are done, and none at the very end.
        """
        due = [piece for piece in self._pieces if _due(piece, fraction)]
        if not due or moment.decode is None or fraction >= 1:
            return {}
        shown = moment.decode()
        for piece in due:
            piece.shown += 1
        return {
            piece.place: _file(piece.job, pixels)
            for piece, pixels in zip(self._pieces, shown, strict=True)
            if piece in due
        }

    def _smaller(self, order: Order) -> Order:
        assert self._upscale  # noqa: S101 - only then there are two passes
        multiple, factor = self._backend.multiple, self._upscale.factor
        width, height = (_up(round(side / factor), multiple) for side in (order.width, order.height))
        return msgspec.structs.replace(order, width=width, height=height)

    def _larger(self, order: Order, small: Pixels) -> Order:
        assert self._upscale  # noqa: S101 - only then there are two passes
        enlarged = files.resized(small, order.width, order.height)
        return _enough(msgspec.structs.replace(order, image=enlarged, strength=self._upscale.strength))


def _due(piece: _Piece, fraction: float) -> bool:
    wanted = min(max(piece.job.partial_images, 0), 3)
    return piece.shown < wanted and fraction >= (piece.shown + 1) / (wanted + 1)


def _enough(order: Order) -> Order:
    """Give an order so many steps that at least one of them is really made: `strength` is a share of them."""
    return msgspec.structs.replace(order, steps=max(order.steps, math.ceil(1 / order.strength)))


def _up(side: int, multiple: int) -> int:
    return max(1, -(-side // multiple)) * multiple


def _size(job: Job, multiple: int) -> tuple[int, int]:
    """Give the size to paint at: the nearest multiples upwards."""
    return _up(job.width, multiple), _up(job.height, multiple)


def _shaped(job: Job, options: Options) -> str:
    """Give the prompt with what its style puts behind it."""
    suffix = getattr(options.prompt_suffix, job.style)
    return f"{job.prompt.rstrip()}, {suffix}" if suffix and job.prompt.strip() else job.prompt


def _file(job: Job, pixels: Pixels) -> bytes:
    """Cut a picture to the size that its job wants, and encode it."""
    if pixels.shape[0] < job.height or pixels.shape[1] < job.width:  # a preview of the smaller pass
        pixels = files.resized(pixels, job.width, job.height)
    return files.encode(files.cut(pixels, job.width, job.height), job.output_format, job.output_compression)
