"""Hatchling's build hook: makes the illustrator's art pack before a wheel or an editable install is put together."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ArtPackHook(BuildHookInterface[Any]):
    """Calls `artpack/build.py`; `[tool.hatch.build.hooks.custom]` finds it here."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pack when it is missing or out of date, and see that it is packed although git ignores it."""
        del version
        root = Path(self.root)
        source = root / "artpack/build.py"
        spec = importlib.util.spec_from_file_location("artpack_build", source)
        if spec is None or spec.loader is None:
            message = f"cannot load {source}"
            raise RuntimeError(message)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        pack: Path = module.build(root)
        build_data["artifacts"].append("/" + pack.relative_to(root).as_posix())
