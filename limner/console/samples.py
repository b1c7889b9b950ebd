"""Code to copy: the same call in ten languages, ready to be run. One template a language, in `templates/samples`."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

import msgspec

from limner.capabilities import Operation  # noqa: TC001 - the shape is read at run time
from limner.console.html import render

KEY = "lim_YOUR_KEY"
"""What stands for the key in code that shows one."""

_VARYING = {"model", "n", "response_format", "size", "user"}
_PAINTING = _VARYING | {
    *("background", "output_compression", "output_format", "partial_images", "prompt", "quality", "stream"),
}
KNOWN_TO_OPENAI: dict[Operation, frozenset[str]] = {
    "generate": frozenset(_PAINTING | {"moderation", "style"}),
    "edit": frozenset(_PAINTING | {"input_fidelity"}),
    "vary": frozenset(_VARYING),
}
"""What the methods of OpenAI's Python SDK have taken by name for long; the rest goes into their `extra_body`."""

PATHS: dict[Operation, str] = {"generate": "generations", "edit": "edits", "vary": "variations"}
"""How the paths of the operations end, behind `/images/`."""

FORMATS = ("png", "jpeg", "webp")

Mode = Literal["urls", "files", "task", "poll", "events"]


class Language(msgspec.Struct, frozen=True):
    """A language of samples: what its tab says, what Pygments calls it, and how its files end."""

    title: str
    lexer: str
    ending: str


LANGUAGES: dict[str, Language] = {
    "curl": Language("cURL", "bash", "sh"),
    "python-openai": Language("Python (openai)", "python", "py"),
    "python-httpx": Language("Python (httpx)", "python", "py"),
    "javascript-openai": Language("JavaScript (openai)", "javascript", "mjs"),
    "javascript-fetch": Language("JavaScript (fetch)", "javascript", "mjs"),
    "go": Language("Go", "go", "go"),
    "java": Language("Java", "java", "java"),
    "php": Language("PHP", "php", "php"),
    "csharp": Language("C#", "csharp", "cs"),
    "ruby": Language("Ruby", "ruby", "rb"),
}
"""In the order of the tabs; the names are those of the templates."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A call to write code for.

    `base` is the API's base URL, `body` the request, sent exactly so. `files` are the names of pictures that go along
    in a form, `mask` that of one more. `callback` adds a receiver that checks signatures, `retry` an `Idempotency-Key`;
    `literal_key` puts `KEY` into the code, which else asks the environment for `LIMNER_KEY`. `answers` is what the
    model answers with where the request does not say.
    """

    base: str
    body: dict[str, Any]
    operation: Operation = "generate"
    files: tuple[str, ...] = ()
    mask: str | None = None
    callback: bool = False
    retry: bool = False
    literal_key: bool = False
    answers: str = "url"

    @property
    def mode(self) -> Mode:
        """Say what comes of the call: links, bytes for files, a task to wait for or to be called about, or events."""
        if self.body.get("callback_url") is not None:
            return "task"
        if self.body.get("async") is True:
            return "poll"
        if self.body.get("stream") is True:
            return "events"
        return "files" if (self.body.get("response_format") or self.answers) == "b64_json" else "urls"

    @property
    def picture(self) -> str:
        """Give the ending of files with the pictures; it stands in the code as it is, so it is one of a few."""
        given = self.body.get("output_format")
        return given if given in FORMATS else "png"

    @property
    def fields(self) -> dict[str, str]:
        """Give the request as the fields of a form; what is no text stands there as JSON."""
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in self.body.items()}

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Give the files of a form with the names of their fields: one picture is `image`, several are `image[]`."""
        name = "image" if len(self.files) == 1 else "image[]"
        return [(name, file) for file in self.files] + ([("mask", self.mask)] if self.mask else [])


def file_name(given: str) -> str:
    """Make of a file's name one that means nothing but itself in a shell or a header, 80 characters at most."""
    return re.sub(r"[^\w .()-]", "_", given).strip(" -")[-80:] or "picture"


class Sample(msgspec.Struct, frozen=True):
    """A piece of code: what its tab says, the language's name for Pygments, the text."""

    title: str
    language: str
    code: str


def code(language: str, call: Call) -> str:
    """Write a call in one of `LANGUAGES`.

    A receiver of callbacks is a file of its own; a comment with four dashes and its name stands before it.
    """
    written = render(
        f"samples/{language}.txt",
        call=call,
        body=call.body,
        mode=call.mode,
        key=KEY,
        path=PATHS[call.operation],
        url=f"{call.base}/images/{PATHS[call.operation]}",
        tasks=f"{call.base}/tasks/",
        picture=call.picture,
        fields=call.fields,
        parts=call.parts,
        known=KNOWN_TO_OPENAI[call.operation],
    )
    return written.strip()


BEGINNING: dict[str, Any] = {
    "model": "dall-e-3",
    "prompt": "a purple elephant to the left of a yellow car in a snowy city at night",
    "size": "1792x1024",
}


def begin(base: str) -> list[Sample]:
    """Give the first call in the three languages that most people know; `base` is the API's base URL."""
    call = Call(base=base, body=BEGINNING)
    return [
        Sample("curl", "bash", f"export LIMNER_KEY=lim_...\n\n{code('curl', call)}"),
        Sample("Python", "python", code("python-openai", call)),
        Sample("JavaScript", "javascript", code("javascript-openai", call)),
    ]
