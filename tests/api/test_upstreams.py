"""A server whose pictures are made by others: money, the story, errors, and another limner as the upstream."""

from __future__ import annotations

import base64
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from limner import audit, tasks
from limner.accounts import by_name
from limner.catalog import Catalogue, CatalogueError
from limner.engines import ENGINES
from limner.engines.sandbox import Sandbox
from limner.settings import Settings
from tests.conftest import serving
from tests.upstreams import picture, upstream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.conftest import Live
    from tests.upstreams import Other

PATH = "/v1/images/generations"
PRICES = "{ low = [[16777216, 1000]], standard = [[16777216, 4000]], hd = [[16777216, 9000]] }"
CATALOGUE = """
[upstreams.a]
url = "{other}"
timeout = 5
[upstreams.limner]
url = "{limner}/v1"
key = "env:LIMNER_TEST_OTHER"
family = "limner"

[models.gateway]
engine = "openai_images"
prices = {prices}
tokens = {{ input_text = 1_000_000, input_image = 1_000_000, output_image = 2_000_000 }}
[[models.gateway.options.upstreams]]
upstream = "a"
model = "gpt-image-1"

[models.batched]
engine = "openai_images"
batch = 4
prices = {prices}
[[models.batched.options.upstreams]]
upstream = "a"
model = "gpt-image-1"

[models.second-hand]
engine = "openai_images"
prices = {prices}
capabilities = {{ seed = true }}
[[models.second-hand.options.upstreams]]
upstream = "limner"
model = "limner-sandbox"
"""


@pytest.fixture(scope="module")
def other() -> Iterator[Other]:
    with upstream() as running:
        yield running


@pytest.fixture(scope="module")
def server(other: Other, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server with models of upstreams, one of which is another limner."""
    folder = tmp_path_factory.mktemp("gateway")
    behind = Settings(data=str(folder / "behind"), workers=1, log_level="error")
    engines = ENGINES | {"illustrator": Sandbox}
    with serving(behind, engines=engines) as limner, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIMNER_TEST_OTHER", limner.acquire().key)
        tables = CATALOGUE.format(other=other.url(), limner=limner.url, prices=PRICES)
        (folder / "models.toml").write_text(tables)
        settings = Settings(
            data=str(folder / "front"), models=str(folder / "models.toml"), workers=1, log_level="error"
        )
        with serving(settings, engines=engines) as live:
            yield live


def ask(client: httpx.Client, prompt: str, **more: Any) -> httpx.Response:
    return client.post(PATH, json={"model": "gateway", "prompt": prompt, "size": "64x64"} | more)


def story_of(server: Live, name: str, task: str) -> list[dict[str, Any]]:
    found = server.read(tasks.find, server.read(by_name, name).id, task)
    told: list[dict[str, Any]] = server.read(tasks.story, found)
    return told


def test_it_costs_what_was_counted_and_never_more_than_was_held(
    client: httpx.Client, server: Live, account: Any
) -> None:
    # 30 tokens in at 1 micro-credit each, 1,000 out at 2
    answer = ask(client, "counted", response_format="b64_json")
    assert (answer.status_code, answer.headers["x-cost"]) == (200, "2030")
    told = answer.json()
    assert base64.b64decode(told["data"][0]["b64_json"]) == picture(64, 64)
    assert told["data"][0]["revised_prompt"] == "A test card, as it was asked for."
    assert told["usage"]["output_tokens"] == 1000
    assert ask(client, "capped", quality="low").headers["x-cost"] == "1000"
    assert ask(client, "a:free by the table").headers["x-cost"] == "4000"
    events = story_of(server, account.account, answer.headers["x-task-id"])
    (call,) = [event["detail"] for event in events if event["kind"] == "called"]
    assert (call["upstream"], call["outcome"], call["status"]) == ("a", "ok", 200)


def test_several_are_asked_for_in_one_call(client: httpx.Client, other: Other) -> None:
    answer = ask(client, "five together", model="batched", n=5)
    assert (len(answer.json()["data"]), answer.headers["x-cost"]) == (5, "20000")
    assert sorted(call.fields.get("n", 1) for call in other.asked("five together")) == [1, 4]


def test_a_refusal_is_told_kept_and_not_charged(client: httpx.Client, server: Live) -> None:
    answer = ask(client, "a:refuse")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "moderation_blocked")
    assert (answer.headers["x-cost"], answer.headers["x-balance"]) == ("0", "5000000")
    entry = server.read(audit.listed, most=1, act="refuse")[0]
    assert (entry.actor, entry.subject) == ("policy a", answer.headers["x-task-id"])


@pytest.mark.parametrize(
    ("cue", "status", "code", "retry"),
    [
        ("a:hangup", 502, "upstream_error", "false"),
        ("a:504", 504, "timeout", "false"),
        ("a:500", 502, "upstream_error", "true"),
        ("a:401", 502, "upstream_error", "true"),
        ("a:badsize", 400, "bad_request", None),
    ],
)
def test_an_error_says_whether_a_retry_may_be_billed(
    client: httpx.Client, cue: str, status: int, code: str, retry: str | None
) -> None:
    answer = ask(client, cue)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.headers.get("x-should-retry") == retry
    assert answer.headers["x-balance"] == "5000000"


def test_a_wrong_size_is_told_in_a_warning(client: httpx.Client) -> None:
    told = ask(client, "a:wrongsize").json()
    assert "size" in [warning["param"] for warning in told["warnings"]]


def test_another_limner_is_an_upstream(client: httpx.Client, server: Live) -> None:
    more = {"model": "second-hand", "seed": 11, "size": "96x64"}
    first = ask(client, "a red fox", response_format="b64_json", **more)
    linked = ask(client, "a red fox", response_format="url", **more)
    assert first.status_code == linked.status_code == 200
    data = base64.b64decode(first.json()["data"][0]["b64_json"])
    assert data == picture(96, 64, 11) == client.get(linked.json()["data"][0]["url"]).content
    assert Image.open(io.BytesIO(data)).size == (96, 64)
    receipts = [receipt(client, found.json()["data"][0]["url"]) for found in (linked, ask(client, "a card"))]
    assert [told["seed"] for told in receipts] == [11, None]  # what has no part in a picture is not said to
    refused = ask(client, "fail:moderation_blocked", **more)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "moderation_blocked")
    failed = ask(client, "fail:timeout", **more)
    assert (failed.status_code, failed.headers["x-should-retry"]) == (502, "true")
    assert client.get("/readyz").json()["checks"]["engine:openai_images"] == "ok"


def test_what_another_limner_streams_is_passed_on_as_it_comes(client: httpx.Client) -> None:
    body = {"model": "second-hand", "prompt": "a fox", "size": "64x64", "stream": True, "partial_images": 2, "seed": 3}
    with client.stream("POST", PATH, json=body) as answer:
        frames = [line.removeprefix("data: ") for line in answer.iter_lines() if line.startswith("data: ")]
    told = [json.loads(frame) for frame in frames]
    kinds = ["image_generation.partial_image"] * 2 + ["image_generation.completed"]
    assert [one["type"] for one in told] == kinds
    assert base64.b64decode(told[-1]["b64_json"]) == picture(64, 64, 3)


def receipt(client: httpx.Client, link: str) -> dict[str, Any]:
    path, _, query = link.partition("?")
    told: dict[str, Any] = client.get(f"{path}/receipt?{query}").json()["receipt"]
    return told


def test_a_model_without_prices_or_upstreams_is_refused_and_not_free(tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    file.write_text('[models.free]\nengine = "openai_images"\noptions = { upstreams = [] }\n')
    with pytest.raises(CatalogueError, match=r"\[models.free\]: prices.* must reach"):
        Catalogue.load(file)
    file.write_text(f'[models.none]\nengine = "openai_images"\nprices = {PRICES}\n')
    with pytest.raises(CatalogueError, match=r"\[models.none.options\]: upstreams must be there"):
        Catalogue.load(file)
