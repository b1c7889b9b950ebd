"""Storages for tests: a folder, memory, and a bucket of a real S3 server (moto) that listens on 127.0.0.1."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest
from moto.server import ThreadedMotoServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STORES = ("disk", "memory", "s3")
SECRET = "s3cret"  # noqa: S105 - a word for a server that takes any
REGION = "eu-central-1"


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    """Give the URL of an empty storage; an object store is told by the environment, as an operator would."""
    if kind == "s3":
        with bucket() as url:
            yield url
    else:
        yield {"disk": f"file://{folder / 'files'}", "memory": "memory://"}[kind]


@contextmanager
def bucket() -> Iterator[str]:
    """Make a bucket and give its URL with a prefix in it; the environment names the server while it lasts."""
    name = f"pictures-{uuid4()}"
    with s3(endpoint()):
        httpx.put(f"{endpoint()}/{name}").raise_for_status()
        yield f"s3://{name}/limner/files"


@contextmanager
def s3(at: str) -> Iterator[None]:
    """Set the environment for an S3 server at this address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", at)
        patch.setenv("AWS_ALLOW_HTTP", "true")
        patch.setenv("AWS_ACCESS_KEY_ID", "limner")
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        patch.setenv("AWS_REGION", REGION)
        yield


@cache
def endpoint() -> str:
    """Start the server, once per process, in a thread that ends with it; its address."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    return f"http://{host}:{port}"
