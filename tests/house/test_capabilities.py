"""No parameter without an effect: what a client may say reaches an engine, and the engine reads it."""

from __future__ import annotations

import ast

from limner.catalog import Capabilities, Request
from limner.engines.base import Job
from tests.house.source import ROOT, modules, tree

# parameters that the illustrator does not read, and why that is right
UNREAD_BY_ILLUSTRATOR = {
    "options": "a model's own table for engines that need one; the illustrator has nothing to set",
    "model": "which of its models is meant, for engines that have several",
    "input_fidelity": "not offered: what is kept of a picture is said in its plan",
    "asked_quality": "for upstreams, which have words of their own",
    "moderation": "for upstreams that know it",
    "user": "for upstreams that want to know",
    "n": "for engines that make several at once",
    "operation": "it edits nothing yet",
    "images": "it edits nothing yet",
    "mask": "it edits nothing yet",
}
# parts of a request that no engine needs to know
NOT_FOR_ENGINES = {
    "size": "width and height of the job",
    "response_format": "how the answer carries the picture",
    "callback_url": "where the courier tells of the end",
}


def read_of(names: set[str], folder: str) -> set[str]:
    """Every attribute that the files in a folder read from variables of these names."""
    return {
        node.attr
        for file in modules(folder)
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names
    }


def test_the_illustrator_reads_every_field_of_a_job() -> None:
    read = read_of({"job"}, "limner/engines/illustrator")
    assert set(Job.__struct_fields__) - read == UNREAD_BY_ILLUSTRATOR.keys()


def test_every_parameter_of_a_request_reaches_the_job() -> None:
    assert set(Request.__struct_fields__) - set(Job.__struct_fields__) == NOT_FOR_ENGINES.keys()


def test_every_capability_is_consulted() -> None:
    files = (ROOT / "limner/catalog.py", ROOT / "limner/checking.py")
    read = {node.attr for file in files for node in ast.walk(tree(file)) if isinstance(node, ast.Attribute)}
    assert set(Capabilities.__struct_fields__) - read == set()
