"""LiteLLM and LangChain's image wrapper make pictures: `python -m tests.api.python_clients URL KEY`.

In a process of their own, because they take seconds to import. What they made is printed as one JSON object: bytes in
base64, or a link, under the name of who made it.
"""

from __future__ import annotations

import base64
import io
import json
import sys

import litellm
from langchain_community.utilities.dalle_image_generator import DallEAPIWrapper


def made(url: str, key: str) -> dict[str, str]:
    """Generate and edit with either."""
    model = {"model": "openai/gpt-image-1", "api_base": f"{url}/v1", "api_key": key}  # one whose parameters it knows
    asked = {"prompt": "a fox", "size": "64x64"}
    generated = litellm.image_generation(**model, **asked).data[0].b64_json
    file = io.BytesIO(base64.b64decode(generated))
    file.name = "fox.png"
    edited = litellm.image_edit(image=file, **model, **asked).data[0].b64_json
    wrapper = DallEAPIWrapper(base_url=f"{url}/v1", api_key=key, model="limner-sandbox", size="64x64")
    return {"litellm generates": generated, "litellm edits": edited, "langchain generates": wrapper.run("a fox")}


if __name__ == "__main__":
    print(json.dumps(made(*sys.argv[1:])))  # noqa: T201 - who started this reads it
