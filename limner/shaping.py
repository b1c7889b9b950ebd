"""Prompt shaping: who writes a prompt anew before it is painted, for `revised_prompt`.

`off` nobody, `engine` the engine in its own words, `chat` any chat model that speaks OpenAI's dialect.
"""

from __future__ import annotations

from typing import Literal

Manner = Literal["off", "engine", "chat"]


class Shaper:
    """Writes prompts anew; built once in `bootstrap`."""

    def __init__(self, manner: Manner = "engine") -> None:
        """`manner` is that of models which say nothing of their own."""
        self._manner = manner

    def manner(self, own: Manner | None) -> Manner:
        """Say how a model's prompts are shaped, given its own word on it."""
        return own or self._manner

    async def shape(self, prompt: str, own: Manner | None) -> str | None:
        """Write a prompt anew; None where it is to be painted as it is."""
        return None
