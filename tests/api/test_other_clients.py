"""Clients that many programs are written with, unmodified, against a live server: each generates and edits.

The official client of Python is tried in `test_clients.py`, `test_edits.py` and `test_streaming.py`.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from limner.settings import Settings
from tests.conftest import serving
from tests.console.blocks import MODULES, NODE, ROOT
from tests.pictures import measure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Live


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server whose gpt-image-1, a name that clients know things of, is the sandbox."""
    folder: Path = tmp_path_factory.mktemp("clients")
    (folder / "models.toml").write_text('[models.gpt-image-1]\nengine = "sandbox"')
    with serving(Settings(data=str(folder), models=str(folder / "models.toml"), log_level="error")) as live:
        yield live


def told(*command: str) -> dict[str, str]:
    """Run a program that prints what it made."""
    environment = os.environ | {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}  # else it is fetched from afar
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    made: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return made


def is_picture(value: str) -> bool:
    data = httpx.get(value).content if value.startswith("http") else base64.b64decode(value)
    return measure(data) == ("png", 64, 64)


def test_litellm_and_langchain(server: Live, key: str) -> None:
    made = told(sys.executable, "-m", "tests.api.python_clients", server.url, key)
    assert list(made) == ["litellm generates", "litellm edits", "langchain generates"]
    assert all(map(is_picture, made.values()))


@pytest.mark.skipif(not MODULES.is_dir(), reason="the npm packages of tests/javascript are not installed")
def test_the_official_client_of_node_and_the_ai_sdk(server: Live, key: str) -> None:
    made = told(str(NODE), str(MODULES.parent / "clients.mjs"), server.url, key)
    assert made.pop("refused") == "BadRequestError 400 moderation_blocked"
    assert list(made) == [
        "openai generates",
        "openai edits",
        "openai streams generate: image_generation.partial_image",
        "openai streams generate: image_generation.completed",
        "openai streams edit: image_edit.partial_image",
        "openai streams edit: image_edit.completed",
        *(
            f"{sdk} {does}"
            for sdk in ("ai-sdk", "ai-sdk compatible")
            for does in ("generates", "generates two", "edits")
        ),
    ]
    assert all(map(is_picture, made.values()))
