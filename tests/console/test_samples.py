"""The code of samples as text: valid in every language, and the request in it the very request that was asked for."""

from __future__ import annotations

import ast
import inspect
import json
import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import OpenAI

from limner.console import samples
from limner.console.html import coloured
from limner.console.literals import DIALECTS, literal, pairs
from limner.console.samples import LANGUAGES, Call, code
from tests.console.languages import files, nodes, problems
from tests.house.source import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from limner.capabilities import Operation

BASE = "https://pictures.example/v1"
ODD = (
    "\"double\" 'single' '''three''' \"\"\" `tick` \\n \\ \\\\ \\u0041 ${HOME} $HOME $(id) #{x} #$x #@x {{ x }} %s "
    "</script><!-- &amp; */ // -- \n\r\t\0\x07\x7f\u2028\u2029\u200b\u202e\ufeff\u00a0\U000e0001 "
    "e\u0301 \u4e2d\u6587 \N{FOX FACE} \U0001f469\u200d\U0001f467 JSON\n'\nEOF\\"
)
"""Everything that means something to some language."""

NESTED: dict[str, Any] = {"text": [ODD, None, True, 1.5, -2, 1e-7, [], {}, {"odd name": 1, "__proto__": 2, "3": ODD}]}
SETTINGS: dict[str, Call] = {
    "default": Call(base=BASE, body={"model": "dall-e-3", "prompt": "a red fox"}),
    "all": Call(
        base=BASE,
        body={
            "model": "dall-e-3",
            "prompt": ODD,
            "quality": "hd",
            "size": "1792x1024",
            "style": "natural",
            "n": 2,
            "seed": 7,
        },
        literal_key=True,
    ),
    "files": Call(
        base=BASE,
        body={
            "model": "gpt-image-1",
            "prompt": "a red fox",
            "response_format": "b64_json",
            "output_format": "webp",
            "background": "transparent",
        },
    ),
    "later": Call(base=BASE, body={"prompt": "a red fox", "async": True, "trace_id": "mine"}),
    "callback": Call(
        base=BASE,
        body={"prompt": "a red fox", "callback_url": "https://me.example/callbacks?a=1&b=2"},
        callback=True,
        retry=True,
    ),
    "streaming": Call(base=BASE, body={"prompt": "a red fox", "stream": True}, retry=True),
    "odd": Call(base=BASE, body={"prompt": ODD, "odd name": NESTED, "user": None}),
    "editing": Call(
        base=BASE,
        operation="edit",
        body={"prompt": ODD, "n": 2, "async": True},
        files=("my picture.png", "other.jpg"),
        mask="mask.png",
    ),
    "one edited": Call(
        base=BASE,
        operation="edit",
        body={"prompt": "at night", "stream": True, "seed": 7},
        files=("x.png",),
        retry=True,
        literal_key=True,
    ),
    "ours edited": Call(
        base=BASE, operation="edit", body={"prompt": "at night", "images": [{"file_id": "x.png"}]}, retry=True
    ),
    "ours edited, streaming": Call(
        base=BASE, operation="edit", body={"prompt": "x", "images": [{"file_id": "x.png"}], "stream": True}
    ),
    "varying": Call(base=BASE, operation="vary", body={"response_format": "b64_json"}, files=("x.png",)),
}
FORMS = ("editing", "one edited", "varying")
"""The calls that send files; those of the others are JSON."""

JSON = {name: call for name, call in SETTINGS.items() if not call.files}
MODES = ["urls", "urls", "files", "poll", "task", "events", "urls", "poll", "events", "urls", "events", "files"]


def test_each_language_is_one_template_and_one_line() -> None:
    folder = ROOT / "limner/console/templates/samples"
    assert {path.stem for path in folder.iterdir()} == set(LANGUAGES)
    assert [call.mode for call in SETTINGS.values()] == MODES


@pytest.mark.parametrize("language", LANGUAGES)
def test_code_is_valid(language: str, tmp_path: Path) -> None:
    for setting, call in SETTINGS.items():
        parts = files(language, code(language, call))
        assert len(parts) == 1 + call.callback
        for name, part in parts.items():
            assert problems(language, part, tmp_path) == [], (setting, name, part)


@pytest.mark.parametrize("language", LANGUAGES)
def test_broken_code_would_be_found(language: str, tmp_path: Path) -> None:
    written = code(language, SETTINGS["default"])
    assert problems(language, written[:-1], tmp_path) != []
    assert problems(language, written.replace('"', "", 1), tmp_path) != []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_key_is_shown_only_if_wanted(language: str) -> None:
    hidden, shown = code(language, SETTINGS["default"]), code(language, SETTINGS["all"])
    assert "LIMNER_KEY" in hidden
    assert samples.KEY not in hidden
    assert "LIMNER_KEY" not in shown
    # one piece of text in the page, so that a script can put the real key there
    marked = coloured(shown, LANGUAGES[language].lexer)
    assert any(samples.KEY in text for text in re.findall(r">([^<]+)<", marked))


@pytest.mark.parametrize("language", LANGUAGES)
def test_options_show_in_the_code(language: str) -> None:
    plain, full = code(language, SETTINGS["later"]), code(language, SETTINGS["callback"])
    for piece in ("Idempotency-Key", "LIMNER_CALLBACK_SECRET", "Standard Webhooks"):
        assert piece not in plain
    assert "Idempotency-Key" in full
    assert "LIMNER_CALLBACK_SECRET" in full
    assert "callbacks?a=1&b=2" in full


def test_openai_takes_by_name_what_is_given_by_name() -> None:
    images = OpenAI(api_key="none").images
    methods: dict[Operation, Any] = {
        "generate": images.generate,
        "edit": images.edit,
        "vary": images.create_variation,
    }
    for operation, method in methods.items():
        taken = inspect.signature(method).parameters
        assert taken.keys() >= samples.KNOWN_TO_OPENAI[operation]


def test_nothing_but_a_format_becomes_the_ending_of_a_file() -> None:
    odd: list[Any] = ['png"; import os', ["webp"], None, {}]
    for given_format in odd:
        call = Call(base=BASE, body={"prompt": "x", "output_format": given_format}, answers="b64_json")
        assert (call.mode, call.picture) == ("files", "png")


def test_python_sends_the_very_request() -> None:
    for name, call in SETTINGS.items():
        tree = ast.parse(next(iter(files("python-openai", code("python-openai", call)).values())))
        if call.operation != "generate" and name in JSON:
            assert ast.literal_eval(_keywords(tree, "post")["body"]) == call.body
        else:
            assert _sent(_keywords(tree, "generate", "edit", "create_variation")) == call.body
        tree = ast.parse(next(iter(files("python-httpx", code("python-httpx", call)).values())))
        sent = _keywords(tree, "post", "stream")
        assert ast.literal_eval(sent["json" if name in JSON else "data"]) == (
            call.body if name in JSON else call.fields
        )


def _keywords(tree: ast.AST, *methods: str) -> dict[str, ast.expr]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    one = next(node for node in calls if isinstance(node.func, ast.Attribute) and node.func.attr in methods)
    return {str(keyword.arg): keyword.value for keyword in one.keywords if keyword.arg not in {"image", "mask"}}


def _sent(keywords: dict[str, ast.expr]) -> dict[str, Any]:
    keywords.pop("extra_headers", None)
    values: dict[str, Any] = {name: ast.literal_eval(value) for name, value in keywords.items()}
    extra: dict[str, Any] = values.pop("extra_body", {})
    return values | extra


def test_java_sends_the_very_request() -> None:
    for call in JSON.values():
        written = code("java", call)
        block = next(node for node in nodes("java", written) if (node.text or b"").startswith(b'"""'))
        lines = (block.text or b"").decode()[3:-3].splitlines()
        text = "\n".join(line.removeprefix(" " * 12) for line in lines[1:])
        assert re.sub(r"\\\\", "", text).count("\\") == 0  # nothing is escaped but backslashes
        assert json.loads(text.replace("\\\\", "\\")) == call.body


@pytest.mark.parametrize("language", ["go", "php", "csharp", "ruby"])
def test_the_prompt_is_one_text_in_the_code(language: str) -> None:
    seen = [(node.text or b"").decode() for node in nodes(language, code(language, SETTINGS["all"]))]
    assert literal(ODD, language) in seen


DECODED = {"n": "\n", "r": "\r", "t": "\t"}
ESCAPE = {
    "json": r'\\(?:u([0-9a-f]{4})|(["\\nrt]))',
    "javascript": r'\\(?:u([0-9a-f]{4})|(["\\nrt]))',
    "python": r'\\(?:[uU]([0-9a-f]{4}(?:(?<=U.{4})[0-9a-f]{4})?)|(["\\nrt]))',
    "go": r'\\(?:[uU]([0-9a-f]{4}(?:(?<=U.{4})[0-9a-f]{4})?)|(["\\nrt]))',
    "csharp": r'\\(?:[uU]([0-9a-f]{4}(?:(?<=U.{4})[0-9a-f]{4})?)|(["\\nrt]))',
    "php": r'\\(?:u\{([0-9a-f]+)\}|(["\\nrt$]))',
    "ruby": r'\\(?:u\{([0-9a-f]+)\}|(["\\nrt#]))',
}
"""The escapes of double-quoted texts that may occur; all of them mean in the language what `decoded` takes them for."""


def decoded(text: str, dialect: str) -> str:
    """Read a text as its language does, without the help of the code that wrote it."""
    inner = text[1:-1]
    bare = re.sub(ESCAPE[dialect], "", inner)
    assert not set(bare) & {'"', "\\", "\n", "\r"}
    assert dialect != "php" or "$" not in bare
    # what stands before a brace after the escapes were taken out may not have stood there before
    assert dialect != "ruby" or not re.search(r"#[{$@]", re.sub(ESCAPE[dialect], "_", inner))

    def _character(found: re.Match[str]) -> str:
        return chr(int(found[1], 16)) if found[1] else DECODED.get(found[2], found[2])

    plain = re.sub(ESCAPE[dialect], _character, inner)
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"])) | st.text(st.sampled_from("\\\"'$#{}@`nu0\n\u2028\U000e0001")))
def test_any_text_means_itself(dialect: str, text: str) -> None:
    assert decoded(literal(text, dialect), dialect) == text
    assert decoded(literal(ODD, dialect), dialect) == ODD


def test_values_are_written_as_each_language_wants_them() -> None:
    value = {"a": [1, None, False], "odd name": {}}
    assert {dialect: literal(value, dialect) for dialect in DIALECTS} == {
        "json": '{"a": [1, null, false], "odd name": {}}',
        "python": '{"a": [1, None, False], "odd name": {}}',
        "javascript": '{a: [1, null, false], "odd name": {}}',
        "go": 'map[string]any{"a": []any{1, nil, false}, "odd name": map[string]any{}}',
        "php": '(object) ["a" => [1, null, false], "odd name" => (object) []]',
        "csharp": 'new JsonObject { ["a"] = new JsonArray { 1, null, false }, ["odd name"] = new JsonObject {  } }',
        "ruby": '{a: [1, nil, false], "odd name": {}}',
    }
    assert pairs({"__proto__": 1}, "javascript") == ['["__proto__"]: 1']


PLAIN = {"n", "nx", "o", "p", "w"}
"""Names, operators, brackets and spaces have the colour of the page's text."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_of_word_has_its_colour(language: str) -> None:
    style = (ROOT / "limner/console/static/console.css").read_text("utf-8")
    colours = set(re.findall(r"\.([a-z][a-z0-9]?)(?=[,{ ])", " ".join(re.findall(r"(?m)^\..*--code-.*$", style))))
    for call in SETTINGS.values():
        written = code(language, call)
        marked = coloured(written, LANGUAGES[language].lexer)
        used = set(re.findall(r'class="([^"]+)"', marked))
        assert used <= colours | PLAIN
        assert unescape(re.sub(r"<[^>]+>", "", marked)) == written
