"""The backends there are. Each is a module that is imported by name, in a child process only."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from limner.engines.diffusion.backend import Library
    from limner.engines.diffusion.options import Options


class Extra(NamedTuple):
    """A backend's module, and the packages that must be installed for it (all of the extra of the same name)."""

    module: str
    packages: tuple[str, ...]


BACKENDS: dict[str, Extra] = {
    "diffusers": Extra("limner.engines.diffusion.diffusers_backend", ("torch", "diffusers", "transformers")),
    "openvino": Extra("limner.engines.diffusion.openvino_backend", ("openvino", "openvino_genai")),
}


def missing(name: str) -> tuple[str, ...]:
    """Say which packages of a backend are not installed, without importing any."""
    return tuple(package for package in BACKENDS[name].packages if find_spec(package) is None)


def library(name: str) -> Library:
    """Import the module of a backend."""
    return cast("Library", import_module(BACKENDS[name].module))


def chosen(options: Options, *, converted: bool) -> str:
    """Say which backend a model gets: the one it names; else OpenVINO for a folder converted for it, else diffusers."""
    if options.backend != "auto":
        return options.backend
    return "openvino" if converted else "diffusers"
