"""The engine that has its pictures made by others: by whatever speaks OpenAI's Images dialect (docs/upstreams.md).

From a job to a picture: `options` is what the operator wrote, `families` what kinds of models take, `asking` writes the
request, `upstream` makes one call, `answers` (with `events`) reads what comes back, `failures` translates
what goes wrong, `routing` says whom to ask next, and `engine` joins them.
"""

from __future__ import annotations

from limner.engines.openai_images.engine import OpenAIImages

__all__ = ["OpenAIImages"]
