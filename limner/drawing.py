"""One picture without a server: what `limner draw` orders, and who draws it.

It joins the catalogue and the engines, as `generations` does, and leaves out tasks, money and storage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from limner import xmp
from limner.catalog import Catalogue, Fields, OutputFormat, Request
from limner.engines import ENGINES
from limner.engines.base import Setup
from limner.errors import BadRequest

if TYPE_CHECKING:
    from pathlib import Path

    from limner.engines.base import Picture, Progress

MODEL = "limner-illustrator"
FORMATS: dict[str, OutputFormat] = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}


def order(
    prompt: str,
    *,
    size: str = "1024x1024",
    quality: str = "standard",
    style: str = "vivid",
    seed: int | None = None,
    background: str = "opaque",
    file: Path | None = None,
) -> Request:
    """Check an order as the API would; the file's name says the format, PNG where there is none.

    Raises `BadRequest` naming the parameter, `output` for a file that says no format or cannot be. Bytes that the
    command line could not decode become U+FFFD.
    """
    fields = Fields(
        prompt=prompt.encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
        size=size,
        quality=quality,
        style=style,
        seed=seed,
        background=background,
        output_format=_format(file),
    )
    return Catalogue.load().resolve(MODEL).request(fields, [])


def _format(file: Path | None) -> OutputFormat:
    if file is None:
        return "png"
    if file.suffix.lower() not in FORMATS:
        raise BadRequest(f"{file.name!r} names no format: end it in {', '.join(FORMATS)}.", param="output")
    if file.is_dir() or not file.parent.is_dir():
        what = "is a folder" if file.is_dir() else f"cannot be written: there is no folder {str(file.parent)!r}"
        raise BadRequest(f"{str(file)!r} {what}.", param="output")
    return FORMATS[file.suffix.lower()]


async def draw_once(request: Request, progress: Progress) -> Picture:
    """Draw one picture in a worker started for it alone, and mark it as one; raises what `Engine.generate` raises."""
    model = Catalogue.load().resolve(request.model)
    engine = ENGINES[model.engine](Setup(workers=1))
    try:
        picture = await engine.generate(model.job(request), progress)
    finally:
        await engine.close()
    if picture.origin is None:
        return picture
    data = xmp.marked(picture.data, picture.content_type, picture.origin, picture.version or model.id)
    return msgspec.structs.replace(picture, data=data)
