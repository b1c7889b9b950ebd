"""From the OpenAPI document to what the reference page shows: groups of operations with their tables and samples."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec

from limner.console.wording import ANSWERS, BASE, BODIES, GROUPS, LEFT_OUT, PLACES, VALUES, meaning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JSON = "application/json"
KEYS = {"bearer": "LIMNER_KEY", "account": "LIMNER_ACCOUNT_TOKEN"}
"""The variable of the environment that samples take the key from, by what the call needs."""
PICTURED = {"Fields", "Edit", "Variation"}
"""The shapes whose parameters have a model's defaults."""
_REF = "#/components/schemas/"
_LIST = re.compile(r"\[\n[^\[\]{}]*\]")


class Parameter(msgspec.Struct, frozen=True):
    """Something a call takes; `place` is path, query, body or header, `default` empty where there is none to tell."""

    name: str
    place: str
    kind: str
    required: bool
    default: str
    meaning: str


class Field(msgspec.Struct, frozen=True):
    """A field of an answer; `within` is the way to it, as in `data[].` before `url`."""

    within: str
    name: str
    kind: str
    always: bool
    meaning: str


class Answer(msgspec.Struct, frozen=True):
    """One kind of answer: its status, what it is, its media type and, where it is JSON, its fields."""

    status: str
    title: str
    media: str
    description: str
    fields: list[Field]


class Failure(msgspec.Struct, frozen=True):
    """What a status of an error means here."""

    status: str
    meanings: list[str]


class Operation(msgspec.Struct, frozen=True):
    """One call, by all the paths that answer it alike (`also` has the second and later ones).

    `secured` names the scheme by which it knows who calls, empty where it need not.
    """

    id: str
    method: str
    path: str
    also: list[str]
    summary: str
    secured: str
    media: list[str]
    parameters: list[Parameter]
    answers: list[Answer]
    failures: list[Failure]
    sample: str
    example: str
    example_language: str


class Group(msgspec.Struct, frozen=True):
    """A section of the reference."""

    id: str
    title: str
    introduction: str
    operations: list[Operation]


class Document:
    """An OpenAPI document that is being read, with what the page adds to it."""

    def __init__(
        self, openapi: dict[str, Any], base: str, examples: Mapping[str, Any], defaults: Mapping[str, str]
    ) -> None:
        """Take examples by the name of a shape and defaults by the name of a parameter; `base` is the server's URL."""
        self._paths: dict[str, dict[str, Any]] = openapi["paths"]
        self._schemas: dict[str, Any] = openapi["components"]["schemas"]
        self._base, self._examples, self._defaults = base, examples, defaults

    def groups(self) -> list[Group]:
        """Give every operation in its group; paths that are answered alike are one operation."""
        found: dict[str, list[Operation]] = {}
        for method, paths, told in self._distinct():
            found.setdefault(_group(paths[0]), []).append(self._operation(method, paths, told))
        return [Group(name, *GROUPS[name], found[name]) for name in GROUPS if name in found]

    def fields(self, shape: str, within: str = "", apart: frozenset[str] = frozenset()) -> Iterator[Field]:
        """Give the fields of a shape and of the shapes within it, except those that are shown `apart`."""
        schema = self._schemas[shape]
        for name, part in schema.get("properties", {}).items():
            said = part.get("description") or meaning(shape, name)
            yield Field(within, name, kind(part), name in schema["required"] or "default" in part, said)
            inner = _inner(part)
            if inner and inner not in apart:
                yield from self.fields(inner, f"{within}{name}{'[]' if part.get('type') == 'array' else ''}.", apart)

    def example(self, schema: dict[str, Any]) -> Any:
        """Make an example of what a schema describes."""
        schema = schema.get("anyOf", [schema])[0]
        if "$ref" in schema:
            shape = schema["$ref"].removeprefix(_REF)
            return self._examples.get(shape) or self.example(self._schemas[shape])
        if schema.get("type") == "array":
            return [self.example(schema["items"])]
        properties = {name: part for name, part in schema.get("properties", {}).items() if name not in LEFT_OUT}
        return {name: self._value(name, part) for name, part in properties.items()}

    def _value(self, name: str, schema: dict[str, Any]) -> Any:
        return VALUES[name] if name in VALUES else schema.get("default") or self.example(schema)

    def _distinct(self) -> list[tuple[str, list[str], dict[str, Any]]]:
        """Give method, paths and description of each operation."""
        found: list[tuple[str, list[str], dict[str, Any]]] = []
        for path, methods in self._paths.items():
            for method, told in methods.items():
                same = next((paths for other, paths, known in found if other == method and known == told), None)
                if same is None:
                    found.append((method, [path], told))
                else:
                    same.append(path)
        return found

    def _operation(self, method: str, paths: list[str], told: dict[str, Any]) -> Operation:
        path, body = paths[0], told.get("requestBody", {}).get("content", {})
        example = ANSWERS.get(f"{method} {path}") or ANSWERS.get(path) or self._answered(told["responses"]["200"])
        return Operation(
            id=_anchor(method, path),
            method=method.upper(),
            path=path,
            also=paths[1:],
            summary=told["summary"],
            secured=_needed(told),
            media=list(body),
            # what a person would write first comes first: address, body, then headers
            parameters=sorted([*self._outside(told), *self._inside(body)], key=lambda one: one.place == "header"),
            answers=list(self._answers(told["responses"])),
            failures=list(_failures(told["responses"])),
            sample=self._sample(method, path, told),
            example=self._written(example),
            example_language="text" if isinstance(example, str) else "json",
        )

    def _outside(self, told: dict[str, Any]) -> Iterator[Parameter]:
        for given in told.get("parameters", []):
            said = given.get("description") or meaning("", given["name"])
            yield Parameter(given["name"], given["in"], kind(given["schema"]), given["required"], "", said)

    def _inside(self, body: dict[str, Any]) -> Iterator[Parameter]:
        if JSON not in body:
            return
        shape = body[JSON]["schema"]["$ref"].removeprefix(_REF)
        schema = self._schemas[shape]
        for name, part in schema["properties"].items():
            said = part.get("description") or meaning(shape, name)
            default = self._defaults.get(name, "") if shape in PICTURED else ""
            yield Parameter(name, "body", kind(part, nullable=False), name in schema["required"], default, said)

    def _answers(self, responses: dict[str, Any]) -> Iterator[Answer]:
        for status, response in responses.items():
            if not _envelope(response):
                content = response.get("content", {})
                schema = next(iter(content.values()))["schema"] if content else {}
                yield from self._variants(status, response["description"], ", ".join(content), schema)

    def _variants(self, status: str, description: str, media: str, schema: dict[str, Any]) -> Iterator[Answer]:
        """Give an answer for each shape it may have."""
        for one in schema.get("anyOf", [schema]):
            shape = one.get("$ref", "").removeprefix(_REF)
            if not shape:
                yield Answer(status, description, media, "", [])
                continue
            fields = list(self.fields(shape, apart=frozenset({"ModelObject"})))
            yield Answer(status, shape, media, self._schemas[shape].get("description", ""), fields)

    def _answered(self, response: dict[str, Any]) -> Any:
        content = response.get("content", {})
        return self.example(content[JSON]["schema"]) if JSON in content else "(the bytes of the picture)"

    def _written(self, example: Any) -> str:
        text = example if isinstance(example, str) else _compact(json.dumps(example, indent=2, ensure_ascii=False))
        return text.replace(BASE, self._base)

    def _sample(self, method: str, path: str, told: dict[str, Any]) -> str:
        """Write the call as a command line."""
        url = self._base + _filled(path, told)
        lines = [f'curl -s "{url}"' if "?" in url else f"curl -s {url}"]
        if needed := _needed(told):
            lines.append(f'  -H "Authorization: Bearer ${KEYS[needed]}"')
        if "requestBody" in told:
            body = (
                BODIES.get(f"{method} {path}")
                or BODIES.get(path)
                or self.example(told["requestBody"]["content"][JSON]["schema"])
            )
            text = json.dumps(body, indent=2, ensure_ascii=False).replace("\n", "\n  ")
            lines += ['  -H "Content-Type: application/json"', f"  -d '{text}'"]
        elif method != "get":
            lines[0] = lines[0].replace("curl -s", f"curl -s -X {method.upper()}")
        return " \\\n".join(lines)


def _compact(text: str) -> str:
    """Put lists of plain values on one line each."""
    return _LIST.sub(lambda found: " ".join(found[0].split()).replace("[ ", "[").replace(" ]", "]"), text)


def kind(schema: dict[str, Any], *, nullable: bool = True) -> str:
    """Name the type that a schema describes, in words."""
    if "anyOf" in schema:
        kinds = [kind(part) for part in schema["anyOf"] if nullable or part.get("type") != "null"]
        return " or ".join(kinds)
    if "$ref" in schema:
        return "object"
    if "enum" in schema:
        return "string" if all(isinstance(value, str) for value in schema["enum"]) else "value"
    if schema.get("type") == "array":
        return f"list of {kind(schema.get('items') or {})}s" if schema.get("items") else "list"
    return str(schema.get("type", "any"))


def _inner(schema: dict[str, Any]) -> str:
    """Name the shape that a field holds, one or many; empty for none."""
    return str(schema.get("$ref", (schema.get("items") or {}).get("$ref", ""))).removeprefix(_REF)


def _envelope(response: dict[str, Any]) -> bool:
    schema = response.get("content", {}).get(JSON, {}).get("schema", {})
    return bool(schema.get("$ref") == f"{_REF}ErrorEnvelope")


def _failures(responses: dict[str, Any]) -> Iterator[Failure]:
    for status, response in responses.items():
        if _envelope(response):
            # The document joins the codes of a status with "; `"; the texts themselves hold semicolons too
            yield Failure(status, response["description"].replace("; `", "\n`").split("\n"))


def _needed(told: dict[str, Any]) -> str:
    """Name the scheme by which a call knows who calls; empty for a call that anybody may make."""
    return next((name for scheme in told.get("security", []) for name in scheme), "")


def _group(path: str) -> str:
    if path.startswith("/api/v1/"):
        return "management"
    parts = path.split("/")
    return parts[2] if len(parts) > 2 and parts[2] in GROUPS else "server"


def _anchor(method: str, path: str) -> str:
    return "-".join([method, *path.replace("{", "").replace("}", "").replace(".", "-").strip("/").split("/")])


def _filled(path: str, told: dict[str, Any]) -> str:
    """Put examples into a path's places and into its query; where there are some, they are the whole query."""
    places, query = PLACES.get(path, {}), []
    for given in told.get("parameters", []):
        name = given["name"]
        value = places.get(name, name.upper())
        path = path.replace("{" + name + "}", value)
        query += [f"{name}={value}"] if given["in"] == "query" and (name in places or not places) else []
    return path + ("?" + "&".join(query) if query else "")
