"""Where tests find diffusion models: a few megabytes with random weights, in the layout that real ones have."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image, ImageChops

LACKING = [name for name in ("torch", "diffusers", "transformers", "peft") if find_spec(name) is None]
REASON = f"{', '.join(LACKING)} not installed: pip install 'limner[diffusers]'"
needed = pytest.mark.skipif(bool(LACKING), reason=REASON)
"""Marks tests that run diffusers."""
BUILDER = Path(__file__).with_name("tiny_models.py")


def near(one: bytes, other: bytes) -> bool:
    """Whether two pictures differ by no more than a rounding, as they may when one was made together with another."""
    difference = ImageChops.difference(*(Image.open(io.BytesIO(data)) for data in (one, other)))
    return max(difference.tobytes()) <= 2


def pipelines() -> Path:
    """Give a folder with all models of `tiny_models.py`, built in a process of its own, once for each version of it.

    Skips the test where diffusers is not installed.
    """
    if LACKING:
        pytest.skip(REASON)
    made_of = BUILDER.read_bytes() + "".join(map(version, ("torch", "diffusers", "transformers"))).encode()
    folder = Path(tempfile.gettempdir()) / f"limner-tiny-models-{hashlib.sha256(made_of).hexdigest()[:12]}"
    if not folder.exists():
        fresh = Path(tempfile.mkdtemp(prefix="limner-tiny-models-"))
        subprocess.run([sys.executable, str(BUILDER), str(fresh)], check=True, timeout=300, stderr=subprocess.DEVNULL)
        try:
            fresh.rename(folder)  # whole or not at all; another test process may have been quicker
        except OSError:
            shutil.rmtree(fresh)
    return folder
