"""The pictures of a request as clients send them: in forms and in JSON, in every shape that real clients use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from limner.api.body import content_type_of, parse_json, read_body, wrong_content_type
from limner.api.forms import PICTURE, read_form
from limner.errors import BadRequest

if TYPE_CHECKING:
    from starlette.datastructures import FormData, UploadFile
    from starlette.types import Receive, Scope

    from limner.inputs import Inputs
    from limner.room import Occupied

JSON_MOST = 67_108_864
"""Bytes of a JSON body with pictures in it, at most; it has to be in memory, which a form has not."""

_EXPECTED = "a URL, a data URL, or an object with either image_url or file_id"


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """One picture as it was sent: a file, a text (a URL or the bytes in base64), or the id of a picture of ours."""

    param: str
    file: UploadFile | None = None
    text: str | None = None
    file_id: str | None = None


class Body(msgspec.Struct, kw_only=True):
    """A request's parameters, which are text where they came in a form, and its pictures.

    Whoever has it closes it.
    """

    given: dict[str, Any]
    images: list[Sent]
    mask: Sent | None
    form: FormData | None = None
    occupied: Occupied | None = None

    async def close(self) -> None:
        """Let go of files and memory."""
        if self.form is not None:
            await self.form.close()
        if self.occupied is not None:
            self.occupied.leave()


async def read_pictures(scope: Scope, receive: Receive, most: int, inputs: Inputs) -> Body:
    """Read a body of at most `most` bytes; raises `BadRequest` or `RequestTooLarge`."""
    kind = content_type_of(scope)
    if kind == "multipart/form-data":
        form = await read_form(scope, receive, most)
        try:
            return _of_form(form)
        except BaseException:
            await form.close()
            raise
    if kind != "application/json" and not kind.endswith("+json"):
        raise wrong_content_type(kind, await read_body(receive, JSON_MOST))
    # thrice what comes: the body, what is parsed of it, and one picture's bytes
    occupied = await inputs.room.enter(3 * _announced(scope))
    try:
        return _of_json(parse_json(await read_body(receive, min(most, JSON_MOST))), occupied)
    except BaseException:
        occupied.leave()
        raise


def _announced(scope: Scope) -> int:
    """Say how long the body is to be; as long as it may be where the client does not say."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return min(int(length), JSON_MOST) if length.isdigit() else JSON_MOST


def _of_form(form: FormData) -> Body:
    given: dict[str, Any] = {}
    files: list[tuple[int, UploadFile]] = []
    masks: list[UploadFile] = []
    for name, value in form.multi_items():
        found = PICTURE.fullmatch(name)
        if isinstance(value, str):
            given[name] = value
        elif found is None:
            raise BadRequest(f"{name[:80]!r} is a file; the pictures are 'image' and 'mask'.", param=name[:80])
        elif value.size or value.filename:  # an empty one without a name is a field that a browser's user left alone
            if found[1] == "mask":
                masks.append(value)
            else:
                files.append((int(found[2] or len(files)), value))
    files.sort(key=lambda one: one[0])
    names = ["image"] if len(files) == 1 else [f"image[{place}]" for place in range(len(files))]
    images = [Sent(param=name, file=file) for name, (_, file) in zip(names, files, strict=True)]
    if len(masks) > 1:
        raise BadRequest("There can be one mask only.", param="mask")
    return Body(given=given, images=images, mask=Sent(param="mask", file=masks[0]) if masks else None, form=form)


def _of_json(given: dict[str, Any], occupied: Occupied) -> Body:
    one, several, mask = (given.pop(name, None) for name in ("image", "images", "mask"))
    if one is not None and several is not None:
        raise BadRequest("Give either image or images.", param="images")
    name, listed = ("image", one) if several is None else ("images", several)
    if isinstance(listed, list):
        images = [_sent(value, f"{name}[{place}]") for place, value in enumerate(listed)]
    else:
        images = [] if listed is None else [_sent(listed, name)]
    return Body(given=given, images=images, mask=None if mask is None else _sent(mask, "mask"), occupied=occupied)


def _sent(value: Any, param: str) -> Sent:
    if isinstance(value, str):
        return Sent(param=param, text=value)
    if isinstance(value, dict):
        url, file_id = value.get("image_url"), value.get("file_id")
        if isinstance(url, dict):  # as in chats
            url = url.get("url")
        if isinstance(url, str) and file_id is None:
            return Sent(param=param, text=url)
        if isinstance(file_id, str) and url is None:
            return Sent(param=param, file_id=file_id)
    raise BadRequest(f"{param} must be {_EXPECTED}.", param=param)
