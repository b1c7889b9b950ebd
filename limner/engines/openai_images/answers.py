"""From an upstream's answer to pictures: base64 or links, whole or as a stream, read tolerantly.

Room is taken before a body is read. The bytes of a picture stay as they are, so that what is written in them about
where they come from stays true; their type and pixels are measured, never believed.
"""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING, Any

import msgspec

from limner.engines.base import Tokens
from limner.engines.openai_images.events import Event, Events
from limner.engines.openai_images.failures import in_answer, saying, unreadable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from limner.lines import Reply
    from limner.room import Occupied, Room

LARGEST = 64 * 1024 * 1024
"""The most bytes of an answer, for one picture."""

GUESS = 4 * 1024 * 1024
"""Room for the answer with one picture where nobody says how long it is."""

_DATA_URL = re.compile(r"data:[^,]{0,100};base64,")


class Item(msgspec.Struct):
    """A picture in an answer: its bytes or where they lie."""

    b64_json: bytes | None = None
    url: Any = None
    revised_prompt: Any = None


class Answer(msgspec.Struct):
    """An answer as it came; everything else in it is passed over."""

    data: list[Item] | None = None
    usage: Any = None
    error: Any = None


class _Told(msgspec.Struct):
    """What is in the data of an event of a stream."""

    type: Any = None
    b64_json: bytes | None = None
    url: Any = None
    revised_prompt: Any = None
    data: list[Item] | None = None
    usage: Any = None
    error: Any = None


class _LooseItem(msgspec.Struct):
    b64_json: Any = None
    url: Any = None
    revised_prompt: Any = None


class _Loose(msgspec.Struct):
    data: list[_LooseItem] | None = None
    usage: Any = None
    error: Any = None


_strict, _loose = msgspec.json.Decoder(Answer), msgspec.json.Decoder(_Loose)
_told = msgspec.json.Decoder(_Told)


def parsed(body: bytes | bytearray) -> Answer:
    """Read a whole answer; raises `ValueError` for what is none."""
    try:
        return _strict.decode(body)
    except msgspec.ValidationError:
        pass
    given = _loose.decode(body)
    items = [Item(decoded(one.b64_json), one.url, one.revised_prompt) for one in given.data or ()]
    return Answer(items, given.usage, given.error)


def decoded(given: Any) -> bytes | None:
    """Read base64 as it is found in the wild: as a data URL, in lines, with the other alphabet, without its end."""
    if not isinstance(given, str):
        return None
    text = _DATA_URL.sub("", given, count=1).translate(str.maketrans("-_", "+/", " \r\n\t=")).encode("ascii", "replace")
    return binascii.a2b_base64(text + b"=" * (-len(text) % 4), strict_mode=True)


async def whole(reply: Reply, room: Room, n: int, upstream: str) -> tuple[Answer, Occupied]:
    """Read an answer that is no stream, and give the room that its pictures take.

    Raises `Failed` for what is no answer, `Unreachable` where it breaks off.
    """
    length = _length(reply) or GUESS * n
    if length > LARGEST * n:
        raise unreadable(upstream, "answered too much", status=reply.status)
    # the text, and the bytes in it
    occupied = await room.enter(length + length * 3 // 4)
    try:
        answer = parsed(await reply.read(LARGEST * n))
    except (ValueError, msgspec.MsgspecError) as error:
        raise unreadable(upstream, "gave an answer that cannot be read", status=reply.status) from error
    occupied.shrink(sum(len(item.b64_json or b"") for item in answer.data or ()))
    return _checked(answer, upstream), occupied


def _length(reply: Reply) -> int:
    given = reply.headers.get("content-length", "")
    return int(given) if given.isascii() and given.isdigit() else 0


def _checked(answer: Answer, upstream: str) -> Answer:
    if answer.error:
        raise in_answer(saying({"error": answer.error}), upstream)
    if not any(item.b64_json or item.url for item in answer.data or ()):
        raise unreadable(upstream, "answered without a picture", status=200)
    return answer


async def streamed(
    reply: Reply, room: Room, upstream: str, preview: Callable[[bytes], None]
) -> tuple[Answer, Occupied]:
    """Read a stream to its picture, and pass those under way on as they come.

    Raises `Failed` for a stream that ends without one, `Unreachable` where it breaks off.
    """
    occupied = await room.enter(GUESS)
    final = Answer()
    async for event in _events(reply, upstream):
        try:
            told = _told.decode(event.data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        kind = str(told.type or event.type)
        if told.error or kind.endswith(("error", "failed")):
            final.error = told.error or msgspec.json.decode(event.data)
            break
        if kind.endswith("partial_image"):
            if told.b64_json:
                preview(told.b64_json)
        elif told.data or told.b64_json or told.url:
            final.data = told.data or [Item(told.b64_json, told.url, told.revised_prompt)]
        final.usage = told.usage or final.usage
    occupied.shrink(sum(len(item.b64_json or b"") for item in final.data or ()))
    return _checked(final, upstream), occupied


async def _events(reply: Reply, upstream: str) -> AsyncIterator[Event]:
    """Give the events as they come, up to `[DONE]` or the end."""
    events = Events()
    async for piece in reply.pieces():
        for event in events.feed(piece):
            if event.data.startswith(b"[DONE]"):
                return
            yield event
        if events.size > LARGEST:
            raise unreadable(upstream, "answered too much", status=reply.status)
    last = events.finish()
    if last is not None:
        yield last


def counted(usage: Any) -> Tokens | None:
    """Read what an upstream counted: by kind where it says so; else input is text, and output a picture."""
    if not isinstance(usage, dict):
        return None
    given = _kinds(usage, "input", "text")
    made = _kinds(usage, "output", "image")
    if not any((*given, *made)):
        return None
    return Tokens(input_text=given[0], input_image=given[1], output_text=made[0], output_image=made[1])


def _kinds(usage: dict[str, Any], way: str, otherwise: str) -> tuple[int, int]:
    """Give tokens of text and of pictures; what the details do not tell of is of the kind `otherwise`."""
    total = _number(usage.get(f"{way}_tokens"))
    details = usage.get(f"{way}_tokens_details")
    told = details if isinstance(details, dict) else {}
    text, image = _number(told.get("text_tokens")), _number(told.get("image_tokens"))
    rest = max(0, total - text - image)
    return (text + rest, image) if otherwise == "text" else (text, image + rest)


def _number(given: Any) -> int:
    return max(0, int(given)) if isinstance(given, int | float) and given == given and abs(given) < 1e15 else 0  # noqa: PLR0124


def shared(usage: Tokens | None, among: int) -> list[Tokens | None]:
    """Share what was counted for a call among its pictures, the first of which take what is over."""
    if usage is None:
        return [None] * among
    kinds: dict[str, int] = msgspec.structs.asdict(usage)
    return [
        Tokens(**{kind: count // among + (place < count % among) for kind, count in kinds.items()})
        for place in range(among)
    ]
