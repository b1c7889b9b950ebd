"""How languages write the values of JSON: the text in the code is the very text of the request, whatever it holds."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

JOINER = "\u200d"
"""Joins several emoji into one. It is not seen, but escaping it would tear them apart."""

_BARE = re.compile(r"[a-z][a-z0-9_]*")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SHELL = {"'": "\\x27", "\\": "\\x5c", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_INTERPOLATION = re.compile(r"#(?=[{$@])")


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """A language's way with values.

    `unseen` writes characters that nobody would see; `escapes` has what means something in a double-quoted text beyond
    the usual; `bare` says how the plain names of an object's members stand there, `pair` how a member does.
    """

    unseen: Callable[[int], str]
    escapes: dict[str, str] = {}
    interpolates: bool = False
    words: tuple[str, str, str] = ("true", "false", "null")
    array: tuple[str, str] = ("[", "]")
    object: tuple[str, str] = ("{", "}")
    bare: bool = False
    pair: str = "{}: {}"


def literal(value: Any, dialect: str) -> str:
    """Write a value on one line."""
    return _written(value, DIALECTS[dialect])


def shell(text: str) -> str:
    """Quote a text as one word of a POSIX-like shell; with what nobody would see, as bash's `$'...'`.

    A word of a shell cannot hold NUL, so there is none in it.
    """
    text = text.replace("\0", "")
    if text.isprintable():
        return "'" + text.replace("'", "'\\''") + "'"
    written = text.translate({ord(one): escaped for one, escaped in _SHELL.items()})
    return "$'" + "".join(one if one.isprintable() or one == JOINER else _by_length(ord(one)) for one in written) + "'"


def pairs(members: dict[str, Any], dialect: str) -> list[str]:
    """Write the members of an object one by one, for a line each."""
    return _pairs(members, DIALECTS[dialect])


def _written(value: Any, dialect: Dialect) -> str:
    if value is None or isinstance(value, bool):
        return dialect.words[2 if value is None else 1 - value]
    if isinstance(value, str):
        return _quoted(value, dialect)
    if isinstance(value, dict):
        return _enclosed(_pairs(value, dialect), dialect.object)
    if isinstance(value, list):
        return _enclosed([_written(one, dialect) for one in value], dialect.array)
    return json.dumps(value)


def _enclosed(inner: list[str], marks: tuple[str, str]) -> str:
    return marks[0] + ", ".join(inner) + marks[1]


def _pairs(members: dict[str, Any], dialect: Dialect) -> list[str]:
    return [dialect.pair.format(_name(name, dialect), _written(value, dialect)) for name, value in members.items()]


def _name(name: str, dialect: Dialect) -> str:
    if dialect.bare and _BARE.fullmatch(name):
        return name
    # `__proto__` would become the object's prototype in JavaScript, in quotes or not
    return '["__proto__"]' if dialect is DIALECTS["javascript"] and name == "__proto__" else _quoted(name, dialect)


def _quoted(text: str, dialect: Dialect) -> str:
    written = text.translate({ord(one): escaped for one, escaped in (_ESCAPES | dialect.escapes).items()})
    if dialect.interpolates:
        written = _INTERPOLATION.sub(r"\\#", written)
    if not written.isprintable():
        written = "".join(one if one.isprintable() or one == JOINER else dialect.unseen(ord(one)) for one in written)
    return f'"{written}"'


def _utf16(code: int) -> str:
    """Escape a character as JSON does: twice what lies beyond 16 bits."""
    return re.sub("(.{4})", r"\\u\1", chr(code).encode("utf-16-be").hex())


def _by_length(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _braced(code: int) -> str:
    return f"\\u{{{code:x}}}"


DIALECTS: dict[str, Dialect] = {
    "json": Dialect(unseen=_utf16),
    "python": Dialect(unseen=_by_length, words=("True", "False", "None")),
    "javascript": Dialect(unseen=_utf16, bare=True),
    "go": Dialect(
        unseen=_by_length, words=("true", "false", "nil"), array=("[]any{", "}"), object=("map[string]any{", "}")
    ),
    # an array with numbers for names would turn into a list, and an empty one too
    "php": Dialect(unseen=_braced, escapes={"$": "\\$"}, object=("(object) [", "]"), pair="{} => {}"),
    "csharp": Dialect(
        unseen=_by_length,
        array=("new JsonArray { ", " }"),
        object=("new JsonObject { ", " }"),
        pair="[{}] = {}",
    ),
    "ruby": Dialect(unseen=_braced, interpolates=True, words=("true", "false", "nil"), bare=True),
}
"""Java takes its JSON in a text block, the shell in quotes."""
