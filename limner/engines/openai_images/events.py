"""Server-sent events as they come in (WHATWG HTML, 9.2.6), read tolerantly: any chunking, any line ends."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

_END = re.compile(rb"[\r\n]")
_MARK = b"\xef\xbb\xbf"


class Event(msgspec.Struct, frozen=True):
    """One event: its type, empty where none was named, and its data, lines joined."""

    type: str
    data: bytes


class Events:
    """Takes bytes in and gives events out; comments, ids and times to reconnect are passed over."""

    def __init__(self) -> None:
        self._line, self._seen, self._after_return = bytearray(), 0, False
        self._type, self._data = "", list[bytes]()
        self._begun = False

    @property
    def size(self) -> int:
        """How many bytes are kept for an event that is not whole yet."""
        return len(self._line) + sum(map(len, self._data))

    def feed(self, piece: bytes) -> Iterator[Event]:
        """Take the next bytes and give the events that they complete."""
        self._line += piece
        if self._after_return and self._line:
            self._after_return = False
            if self._line.startswith(b"\n"):
                del self._line[:1]
        while (end := _END.search(self._line, self._seen)) is not None:
            line = bytes(self._line[: end.start()])
            self._drop(end.start())
            event = self._take(line)
            if event is not None:
                yield event
        self._seen = len(self._line)

    def _drop(self, at: int) -> None:
        """Forget a line and its end, which may be two characters, of which the second may be still to come."""
        after = at + 1
        if self._line[at] == 0x0D:
            if after == len(self._line):
                self._after_return = True
            elif self._line[after] == 0x0A:
                after += 1
        del self._line[:after]
        self._seen = 0

    def finish(self) -> Event | None:
        """Give the event that was not ended by an empty line, for those who forget it."""
        if self._line:
            self._take(bytes(self._line))
            self._line.clear()
        return self._take(b"")

    def _take(self, line: bytes) -> Event | None:
        if not self._begun:
            self._begun, line = True, line.removeprefix(_MARK)
        if not line:
            event = Event(self._type, b"\n".join(self._data)) if self._data else None
            self._type, self._data = "", []
            return event
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._type = value.decode("utf-8", "replace")
        return None
