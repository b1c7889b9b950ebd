"""Moderation: the policies that a model's prompts and pictures must pass, by tables of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Moderation:
    """Judges prompts before they are painted and pictures before they are stored; built once in `bootstrap`."""

    def __init__(self, policies: Mapping[str, Mapping[str, Any]]) -> None:
        """`policies` are the catalogue's tables below `moderation`, by their names."""
        self._policies = policies

    async def judge_prompt(self, policies: tuple[str, ...], prompt: str) -> None:
        """Raise `ModerationBlocked` where one of these policies refuses the prompt."""

    async def judge_picture(self, policies: tuple[str, ...], data: bytes, content_type: str) -> None:
        """Raise `ModerationBlocked` where one of these policies refuses the picture."""
