"""The official `openai` client, `openai-pro-cli` and the `acedatacloud` SDK, unmodified, against a live server."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import acedatacloud
import httpx
import openai
import pytest
from acedatacloud._runtime import errors as ace_errors

from tests.pictures import measure

if TYPE_CHECKING:
    from limner.acquire import Acquired
    from tests.conftest import Live

SIZES = {
    "dall-e-2": ("256x256", "512x512", "1024x1024"),
    "dall-e-3": ("1024x1024", "1792x1024", "1024x1792"),
    "gpt-image-1": ("1024x1024", "1536x1024", "1024x1536"),
    "gpt-image-1.5": ("1536x1024",),
    "gpt-image-2": ("1280x720",),
}
once = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


@pytest.fixture
def official(server: Live, key: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0)


def pixels(size: str) -> tuple[int, int]:
    width, _, height = size.partition("x")
    return int(width), int(height)


@once
@pytest.mark.parametrize(("model", "size"), [(model, size) for model, sizes in SIZES.items() for size in sizes])
def test_openai_every_size(official: openai.OpenAI, model: str, size: Any) -> None:
    answer = official.images.generate(model=model, prompt="a lighthouse by the sea", size=size, quality="low")
    assert answer.data is not None
    picture = answer.data[0]
    data = base64.b64decode(picture.b64_json) if picture.b64_json else httpx.get(picture.url or "").content
    assert measure(data) == ("png", *pixels(size))
    assert picture.revised_prompt
    assert isinstance(answer.created, int)


@pytest.mark.parametrize("response_format", ["url", "b64_json"])
def test_openai_two_pictures_in_both_formats(official: openai.OpenAI, response_format: Any) -> None:
    answer = official.images.generate(
        model="limner-sandbox", prompt="a fox", n=2, size="256x256", response_format=response_format
    )
    assert answer.data is not None
    assert len(answer.data) == 2
    assert all((picture.url is None) == (response_format == "b64_json") for picture in answer.data)


async def test_openai_async(server: Live, key: str) -> None:
    async with openai.AsyncOpenAI(base_url=f"{server.url}/openai", api_key=key, max_retries=0) as client:
        answer = await client.images.generate(model="limner-sandbox", prompt="a fox", response_format="b64_json")
        assert answer.data is not None
        assert measure(base64.b64decode(answer.data[0].b64_json or "")) == ("png", 256, 256)
        with pytest.raises(openai.AuthenticationError) as caught:
            await client.with_options(api_key="lim_wrong").images.generate(model="limner-sandbox", prompt="a fox")
        assert caught.value.code == "invalid_token"


ERRORS: list[tuple[dict[str, Any], type[openai.APIStatusError], str]] = [
    ({"prompt": "fail:moderation_blocked"}, openai.BadRequestError, "moderation_blocked"),
    ({"prompt": "fail:api_error"}, openai.InternalServerError, "api_error"),
    ({"prompt": "fail:timeout"}, openai.InternalServerError, "timeout"),
    ({"prompt": "x", "size": "0x0"}, openai.BadRequestError, "bad_request"),
    ({"prompt": "x", "model": "nope"}, openai.NotFoundError, "not_found"),
    ({"prompt": "x", "stream": True, "n": 2}, openai.BadRequestError, "bad_request"),
]


@pytest.mark.parametrize(("change", "kind", "code"), ERRORS)
def test_openai_typed_errors(
    official: openai.OpenAI, change: dict[str, Any], kind: type[openai.APIStatusError], code: str
) -> None:
    with pytest.raises(kind) as caught:
        official.images.generate(**{"model": "limner-sandbox"} | change)
    assert caught.value.code == code
    assert caught.value.request_id
    body: Any = caught.value.body
    assert set(body) == {"code", "message", "type", "param"}


def test_openai_more_typed_errors(server: Live, official: openai.OpenAI) -> None:
    poor = official.with_options(api_key=server.acquire(free_credits=0).key)
    with pytest.raises(openai.PermissionDeniedError) as used_up:
        poor.images.generate(model="dall-e-3", prompt="x")
    assert used_up.value.code == "used_up"
    slow = official.with_options(api_key=server.acquire(images_per_minute=1).key)
    slow.images.generate(model="limner-sandbox", prompt="x")
    with pytest.raises(openai.RateLimitError) as limited:
        slow.images.generate(model="limner-sandbox", prompt="x")
    assert limited.value.code == "too_many_requests"
    assert int(limited.value.response.headers["retry-after"]) >= 1


def test_openai_models(official: openai.OpenAI) -> None:
    listed = official.models.list().data
    assert [model.id for model in listed][:2] == ["limner-illustrator", "dall-e-3"]
    model: Any = official.models.retrieve("dall-e-3")
    assert model.engine == "illustrator"
    assert model.capabilities["max_images"] == 10


@pytest.fixture
def ace(server: Live, account: Acquired) -> acedatacloud.AceDataCloud:
    return acedatacloud.AceDataCloud(
        account.key, base_url=server.url, platform_base_url=server.url, timeout=60, max_retries=0
    )


@pytest.mark.parametrize("response_format", ["url", "b64_json"])
def test_ace_generates(ace: acedatacloud.AceDataCloud, response_format: str) -> None:
    answer = ace.openai.images.generate(
        model="limner-sandbox", prompt="a fox", size="320x240", n=2, response_format=response_format
    )
    assert answer["success"] is True
    assert len(answer["data"]) == 2
    for picture in answer["data"]:
        data = httpx.get(picture["url"]).content if response_format == "url" else base64.b64decode(picture["b64_json"])
        assert measure(data) == ("png", 320, 240)


def test_ace_retrieves_a_task(ace: acedatacloud.AceDataCloud) -> None:
    answer = ace.openai.images.generate(model="limner-sandbox", prompt="a fox", trace_id="mine")
    record = ace.openai.tasks.retrieve(id=answer["task_id"])
    assert record["response"]["data"] == answer["data"]
    assert ace.openai.tasks.retrieve(trace_id="mine")["id"] == answer["task_id"]
    assert ace.openai.tasks.retrieve(id="unknown") == {}


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [
        ("fail:moderation_blocked", ace_errors.ValidationError),
        ("fail:api_error", ace_errors.APIError),
        ("fail:timeout", ace_errors.APIError),
    ],
)
def test_ace_typed_errors(ace: acedatacloud.AceDataCloud, prompt: str, kind: type[ace_errors.APIError]) -> None:
    with pytest.raises(kind) as caught:
        ace.openai.images.generate(model="limner-sandbox", prompt=prompt)
    assert caught.value.code == prompt.partition(":")[2]
    assert caught.value.trace_id


def test_ace_account_errors(server: Live) -> None:
    for key, kind in [
        (server.acquire(free_credits=0).key, ace_errors.InsufficientBalanceError),
        (server.acquire(scopes=("tasks.read",)).key, ace_errors.TokenMismatchError),
        ("lim_wrong", ace_errors.AuthenticationError),
    ]:
        client = acedatacloud.AceDataCloud(key, base_url=server.url, max_retries=0)
        with pytest.raises(kind):
            client.openai.images.generate(model="dall-e-3", prompt="x")


def openai_cli(server: Live, key: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"ACEDATACLOUD_API_BASE_URL": server.url, "ACEDATACLOUD_API_TOKEN": key}
    command = [sys.executable, "-m", "openai_cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@once
def test_openai_pro_cli(server: Live, key: str) -> None:
    made = openai_cli(server, key, "image", "a fox in the snow", "-m", "dall-e-3", "-s", "256x256", "-n", "2", "--json")
    assert made.returncode == 0, made.stderr
    answer = json.loads(made.stdout)
    assert [measure(httpx.get(picture["url"]).content) for picture in answer["data"]] == [("png", 256, 256)] * 2
    asked = openai_cli(server, key, "tasks", "retrieve", "--id", answer["task_id"], "--json")
    assert json.loads(asked.stdout)["response"]["data"] == answer["data"]
    assert "dall-e-3" in openai_cli(server, key, "models").stdout


@once
def test_openai_pro_cli_async_and_errors(server: Live, key: str) -> None:
    accepted = openai_cli(server, key, "image", "a fox", "-m", "dall-e-2", "-s", "256x256", "--async", "--json")
    assert json.loads(accepted.stdout)["task_id"], accepted.stderr
    refused = openai_cli(server, key, "image", "a fox", "-m", "dall-e-3", "-s", "1x1")
    assert refused.returncode == 1
    assert "64 to 3840" in refused.stdout + refused.stderr
    stranger = openai_cli(server, "lim_wrong", "image", "a fox")
    assert "Invalid API token" in stranger.stdout + stranger.stderr


def test_many_clients_at_once(official: openai.OpenAI) -> None:
    def one(seed: int) -> str | None:
        answer = official.images.generate(model="limner-sandbox", prompt="a fox", extra_body={"seed": seed})
        assert answer.data is not None
        return answer.data[0].url

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(one, range(64)))) == 64
