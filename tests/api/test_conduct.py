"""Prompts shaped and judged, pictures judged and marked: what clients and admins see of it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from PIL import Image

from limner import audit
from limner.engines.sandbox import Sandbox
from limner.settings import Settings
from tests.api.test_images import generate
from tests.conftest import serving
from tests.receivers import answer, receiving
from tests.test_shaping import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from limner.engines.base import Job, Picture, Progress
    from tests.conftest import Live
    from tests.receivers import Receiver

CATALOGUE = """
[models.limner-sandbox]
moderation = ["words", "ours"]
shaping = "chat"
[models.limner-sandbox.prices]
standard = [[16_777_216, 1_000]]
[models.dall-e-2]
shaping = "off"
[moderation.words]
kind = "words"
words = ["nightmare"]
[moderation.ours]
kind = "hook"
url = "HOOK"
"""


class Local(Sandbox):
    """The sandbox, which says where its pictures come from, and counts the previews that are wanted of it."""

    shown = 0

    async def generate(self, job: Job, progress: Progress) -> Picture:
        self.shown += job.partial_images
        picture = await super().generate(job, progress)
        return msgspec.structs.replace(picture, origin="algorithmicMedia", version="cards 1")


@pytest.fixture(scope="module")
def judge() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def server(judge: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("conduct")
    (folder / "models.toml").write_text(CATALOGUE.replace("HOOK", judge.url("/judge")), "utf-8")
    settings = Settings(
        data=str(folder),
        models=str(folder / "models.toml"),
        log_level="error",
        chat_url=judge.url("/v1"),
        chat_model="small",
        chat_timeout=5.0,
    )
    with serving(settings, engines={"sandbox": Local, "illustrator": Local}) as live:
        yield live


@pytest.fixture(autouse=True)
def obliging(judge: Receiver) -> None:
    """Nobody answers as in the test before."""
    judge.on("/judge", answer(200, b'{"allow": true}'))
    judge.on("/v1/chat/completions", said("A red fox, at dusk."))
    judge.deliveries.clear()


def test_a_shaped_prompt_is_told_and_a_failure_leaves_the_users_own(client: httpx.Client, judge: Receiver) -> None:
    assert generate(client).json()["data"][0]["revised_prompt"] == "A red fox, at dusk."
    judge.on("/v1/chat/completions", answer(500))
    assert "test card" in generate(client).json()["data"][0]["revised_prompt"]
    judge.on("/v1/chat/completions", said("fail:api_error"))
    assert generate(client).status_code == 500, "what is painted is what was written anew"
    assert "revised_prompt" not in generate(client, model="dall-e-2").json()["data"][0]


@pytest.mark.parametrize("word", ["own", "shaped"])
def test_a_refused_prompt_costs_nothing_and_is_in_the_audit_log(
    client: httpx.Client, server: Live, judge: Receiver, word: str
) -> None:
    if word == "shaped":
        judge.on("/v1/chat/completions", said("A NIGHTMARE of a fox."))
    refused = generate(client, prompt="a nightmare" if word == "own" else "a n1ghtmare")
    assert refused.status_code == 400
    error = refused.json()["error"]
    assert (error["code"], error["type"], error["param"]) == (
        "moderation_blocked",
        "image_generation_user_error",
        "prompt",
    )
    assert "'words'" in error["message"]
    assert "nightmare" not in error["message"]
    assert refused.headers["x-cost"] == "0"
    task = refused.headers["x-task-id"]
    assert client.get(f"/v1/tasks/{task}").json()["response"]["error"]["code"] == "moderation_blocked"
    newest = server.read(audit.listed, 1)[0]
    assert (newest.actor, newest.act, newest.subject) == ("policy words", "refuse", task)
    assert newest.detail["model"] == "limner-sandbox"


def test_a_refused_picture_is_never_stored_nor_seen_on_its_way(
    client: httpx.Client, server: Live, judge: Receiver
) -> None:
    judge.on("/judge", answer(200, b'{"allow": false, "reason": "Too blue."}'))
    engine = server.services.engines["sandbox"]
    assert isinstance(engine, Local)
    refused = generate(client, headers={"prefer": "previews=3"})
    assert engine.shown == 0
    assert (refused.status_code, refused.headers["x-cost"]) == (400, "0")
    assert "Too blue." in refused.json()["error"]["message"]
    judged = judge.at("/judge")[0].body
    assert Image.open(io.BytesIO(judged)).size == (256, 256)
    folder = Path(server.services.settings.data) / "files"
    assert judged not in [file.read_bytes() for file in folder.rglob("*.png")]


def test_of_several_pictures_only_the_refused_are_missing_and_the_log_says_so(
    client: httpx.Client, server: Live, judge: Receiver
) -> None:
    allow, refuse = answer(200, b'{"allow": true}'), answer(200, b'{"allow": false}')
    judge.on("/judge", allow, refuse, refuse)
    body = generate(client, n=3)
    assert len(body.json()["data"]) == 1
    assert body.headers["x-cost"] == "1000"
    (kept,) = [one for one in server.read(audit.listed, 9) if one.subject == body.headers["x-task-id"]]
    assert kept.actor == "policy ours"


def test_without_a_verdict_the_call_may_be_tried_again(client: httpx.Client, judge: Receiver) -> None:
    judge.on("/judge", answer(503))
    failed = generate(client)
    assert (failed.status_code, failed.json()["error"]["code"]) == (502, "upstream_error")
    assert failed.headers["x-should-retry"] == "true"


def test_pictures_of_local_engines_say_so(client: httpx.Client) -> None:
    url = generate(client).json()["data"][0]["url"]
    info = Image.open(io.BytesIO(client.get(url).content)).info
    assert "digitalsourcetype/algorithmicMedia" in info["XML:com.adobe.xmp"]
    assert "cards 1" in info["XML:com.adobe.xmp"]


def test_admins_see_who_refused(client: httpx.Client, server: Live) -> None:
    generate(client, prompt="a nightmare")
    acts: list[Any] = server.read(audit.listed, 50, who="policy words")
    assert {act.act for act in acts} == {"refuse"}
