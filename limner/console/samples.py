"""Code to copy: the same call in ten languages, ready to be run. One template a language, in `templates/samples`."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from limner.console.html import render

KEY = "lim_YOUR_KEY"
"""What stands for the key in code that shows one."""

KNOWN_TO_OPENAI = frozenset(
    {
        "background",
        "model",
        "moderation",
        "n",
        "output_compression",
        "output_format",
        "partial_images",
        "prompt",
        "quality",
        "response_format",
        "size",
        "stream",
        "style",
        "user",
    }
)
"""What `images.generate` of OpenAI's Python SDK has taken by name for long; the rest goes into its `extra_body`."""

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

    `base` is the API's base URL, `body` the request, sent exactly so. `callback` adds a receiver that checks
    signatures, `retry` an `Idempotency-Key`; `literal_key` puts `KEY` into the code, which else asks the environment
    for `LIMNER_KEY`. `answers` is what the model answers with where the request does not say.
    """

    base: str
    body: dict[str, Any]
    callback: bool = False
    retry: bool = False
    literal_key: bool = False
    answers: str = "url"

    @property
    def mode(self) -> Mode:
        """Say what comes of the call: links, bytes for files, a task to wait for or to be called about, or events."""
        if self.body.get("stream") is True:
            return "events"
        if self.body.get("callback_url") is not None:
            return "task"
        if self.body.get("async") is True:
            return "poll"
        return "files" if (self.body.get("response_format") or self.answers) == "b64_json" else "urls"

    @property
    def picture(self) -> str:
        """Give the ending of files with the pictures; it stands in the code as it is, so it is one of a few."""
        given = self.body.get("output_format")
        return given if given in FORMATS else "png"


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
        url=f"{call.base}/images/generations",
        tasks=f"{call.base}/tasks/",
        picture=call.picture,
        known=KNOWN_TO_OPENAI,
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
