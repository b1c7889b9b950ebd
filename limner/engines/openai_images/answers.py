"""From an upstream's answer to pictures: base64 or links, whole or as a stream, read tolerantly.

Room is taken before a body is read. The bytes of a picture stay as they are, so that what is written in them about
where they come from stays true; their type and pixels are measured, never believed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from limner.engines.base import Tokens
from limner.engines.openai_images.events import Event, Events
from limner.engines.openai_images.failures import in_answer, saying, unreadable
from limner.measuring import from_base64

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from limner.lines import Reply
    from limner.room import Occupied, Room

LARGEST = 64 * 1024 * 1024
"""The most bytes of an answer, for one picture."""

GUESS = 4 * 1024 * 1024
"""Room for the answer with one picture where nobody says how long it is."""

_DATA_URL = re.compile(r"data:[^,]{0,100};base64,")
_PICTURE = re.compile(rb'"b64_json"\s*:\s*"')


class Item(msgspec.Struct):
    """A picture in an answer: its bytes or where they lie."""

    b64_json: bytes | None = None
    url: Any = None
    revised_prompt: Any = None


class Answer(msgspec.Struct):
    """What came; everything else in it is passed over."""

    data: list[Item] = []
    usage: Any = None
    error: Any = None


class _Sent(msgspec.Struct):
    """A picture as it is sent: its base64 is cut out, and here is the number of the piece."""

    b64_json: Any = None
    url: Any = None
    revised_prompt: Any = None

    def item(self, cut: Mapping[str, memoryview]) -> Item:
        text = cut.get(self.b64_json) if isinstance(self.b64_json, str) else None
        return Item(None if text is None else _decoded(text), self.url, self.revised_prompt)


class _Body(msgspec.Struct):
    data: list[_Sent] | None = None
    usage: Any = None
    error: Any = None


class _Told(_Sent):
    """What is in the data of an event of a stream."""

    type: Any = None
    data: list[_Sent] | None = None
    usage: Any = None
    error: Any = None


_body, _told = msgspec.json.Decoder(_Body), msgspec.json.Decoder(_Told)


def parsed(body: bytes) -> Answer:
    """Read a whole answer; raises `ValueError` for what is none."""
    text, cut = _cut(body)
    given = _body.decode(text)
    return Answer([sent.item(cut) for sent in given.data or ()], given.usage, given.error)


def _cut(body: bytes) -> tuple[bytes, dict[str, memoryview]]:
    """Cut the base64 out of JSON, leaving numbers in its place.

    A reader of JSON looks at every letter of a string, which takes as long as to decode it; its end is found at once.
    """
    view, kept, cut, at = memoryview(body), list[bytes | memoryview](), dict[str, memoryview](), 0
    while (found := _PICTURE.search(body, at)) and (end := body.find(b'"', found.end())) != -1:
        number = str(len(cut))
        kept += [view[at : found.end()], number.encode()]
        cut[number], at = view[found.end() : end], end
    return b"".join([*kept, view[at:]]), cut


def _decoded(text: memoryview) -> bytes:
    """Read base64 where it lies; what JSON had to escape, or is a data URL, is copied first."""
    try:
        return from_base64(text)
    except ValueError:
        return decoded(msgspec.json.decode(b'"' + text + b'"', type=str))


def decoded(text: str) -> bytes:
    """Read base64 that may be a data URL; raises `ValueError` for what is none."""
    return from_base64(_DATA_URL.sub("", text, count=1))


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
    occupied.shrink(sum(len(item.b64_json or b"") for item in answer.data))
    return _checked(answer, upstream), occupied


def _length(reply: Reply) -> int:
    given = reply.headers.get("content-length", "")
    return int(given) if given.isascii() and given.isdigit() else 0


def _checked(answer: Answer, upstream: str) -> Answer:
    if answer.error:
        raise in_answer(saying({"error": answer.error}), upstream)
    if not any(item.b64_json or item.url for item in answer.data):
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
            text, cut = _cut(event.data)
            told = _told.decode(text)
            picture, items = told.item(cut), [sent.item(cut) for sent in told.data or ()]
        except ValueError:  # what is neither JSON nor base64 tells nothing
            continue
        kind = str(told.type or event.type)
        if told.error or kind.endswith(("error", "failed")):
            final.error = told.error or msgspec.json.decode(event.data)
            break
        if kind.endswith("partial_image"):
            if picture.b64_json:
                preview(picture.b64_json)
        elif items or picture.b64_json or picture.url:
            final.data = items or [picture]
        final.usage = told.usage or final.usage
    occupied.shrink(sum(len(item.b64_json or b"") for item in final.data))
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
