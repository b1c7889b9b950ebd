"""Forms with files in them (RFC 7578): read as they come in, so that no more than a piece of one is in memory.

Files go to temporary files on the disk once they are over a megabyte, which is the framework's doing.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from starlette.datastructures import FormData, Headers
from starlette.formparsers import MultiPartException, MultiPartParser

from limner.api import body
from limner.errors import BadRequest, RequestTooLarge

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import Receive, Scope

PATIENCE = 600.0
"""Seconds a form may take to come in, of which `body.PATIENCE` may be silent at a time."""

LONGEST_FIELD = 1_048_576
"""Bytes of a field that is no picture, at most."""

PICTURE = re.compile(r"(image|images|mask)(?:\[([0-9]{0,3})\])?", re.ASCII)
"""What the parts are called that hold pictures: `image`, `image[]`, `image[0]` and so on."""

_MOST_FILES = 64


class _Parser(MultiPartParser):
    """Takes a picture for a file also where the client gave it no file name."""

    def on_headers_finished(self) -> None:
        part = self._current_part
        found = re.search(rb'[;\s]name="?([^";]*)', part.content_disposition or b"")
        named = b"filename" in (part.content_disposition or b"").lower()
        if found and not named and PICTURE.fullmatch(found[1].decode("latin-1")):
            part.content_disposition = (part.content_disposition or b"") + b'; filename=""'
        super().on_headers_finished()


async def read_form(scope: Scope, receive: Receive, most: int) -> FormData:
    """Read a form of at most `most` bytes; whoever has it closes it.

    Raises `RequestTooLarge`, or `BadRequest` for what is no form, breaks off or trickles in.
    """
    parser = _Parser(
        Headers(scope=scope),
        _pieces(receive, most),
        max_files=_MOST_FILES,
        max_fields=200,
        max_part_size=LONGEST_FIELD,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            return await parser.parse()
    except TimeoutError as error:
        raise BadRequest("The request's body took too long.") from error
    except MultiPartException as error:
        if error.message.startswith("Part exceeded"):
            raise RequestTooLarge(f"A field of the form has more than {LONGEST_FIELD} bytes.") from error
        raise BadRequest("The form could not be read: it is not valid multipart/form-data.") from error


async def _pieces(receive: Receive, most: int) -> AsyncGenerator[bytes, None]:
    size, more = 0, True
    while more:
        async with asyncio.timeout(body.PATIENCE):
            message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequest("The request's body broke off.")
        piece, more = message.get("body", b""), message.get("more_body", False)
        size += len(piece)
        if size <= most:
            yield piece
        elif size > most + body.DISCARDED:
            break
    if size > most:  # told at the end only, for who is still sending does not listen
        raise RequestTooLarge(f"The request's body is over the limit of {most} bytes.")
