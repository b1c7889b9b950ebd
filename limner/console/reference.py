"""From the OpenAPI document to what the reference page shows."""
from __future__ import annotations
from typing import Any
def groups(openapi: dict[str, Any], base: str, examples: dict[str, Any]) -> list[Any]:
    return []
